"""What the demo's publishers did, and what they left to be done."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from declarations.models import CatalogueEntry, Declaration, Publication, PublishedFile
from declarations.queries.catalogue import entries
from declarations.queries.declarations import by_reference, reference_of
from declarations.workflow.publishing import due_date

pytestmark = [pytest.mark.usefixtures("demo")]
PUBLISHED = {
    "panyu-dpf/2023/panyu-target": 1,
    "panyu-dpf/2023/huadu-self-evaluation": 1,
    "panyu-civil-affairs/2021/panyu-target": 1,
    "panyu-civil-affairs/2021/huadu-self-evaluation": 1,
    "panyu-civil-affairs/2022/panyu-target": 1,
    "panyu-civil-affairs/2022/huadu-self-evaluation": 2,
    "liwan-dpf/2021/liwan-self-evaluation": 1,
    "liwan-dpf/2024/liwan-report": 1,
}
WITHDRAWN = "caidian-civil-affairs/2022/caidian-target"
TO_BE_PUBLISHED = "panyu-health/2022/panyu-target"


def test_what_is_published_and_how_often() -> None:
    found = {
        reference_of(entry.declaration): entry.publication.number
        for entry in CatalogueEntry.objects.filter(withdrawn=False)
    }
    assert found == PUBLISHED
    withdrawn = CatalogueEntry.objects.get(withdrawn=True)
    assert reference_of(withdrawn.declaration) == WITHDRAWN


def test_all_that_is_approved_is_published_but_one() -> None:
    approved = Declaration.objects.exclude(approved=None).exclude(publications__isnull=False)
    assert [reference_of(each) for each in approved] == [TO_BE_PUBLISHED]
    waiting = by_reference(TO_BE_PUBLISHED)
    assert waiting.approved_at is not None
    assert waiting.round.publish_days == 5
    due = due_date(waiting)
    assert due is not None
    assert due - waiting.approved_at.date() <= timedelta(days=6)


def test_citizens_find_it_by_two_characters() -> None:
    def found(words: str) -> set[str]:
        return {reference_of(row.entry.declaration) for row in entries(words=words).rows}

    assert "panyu-dpf/2023/panyu-target" in found("工疗")
    assert found("颐康") == {
        "panyu-civil-affairs/2021/panyu-target",
        "panyu-civil-affairs/2021/huadu-self-evaluation",
        "panyu-civil-affairs/2022/panyu-target",
        "panyu-civil-affairs/2022/huadu-self-evaluation",
    }
    assert WITHDRAWN not in found("民政")


def test_a_correction_says_more_than_what_it_replaced() -> None:
    declaration = by_reference("panyu-civil-affairs/2022/huadu-self-evaluation")
    first, second = declaration.publications.order_by("number")
    assert first.superseded_at == second.published_at
    assert second.reason == "补充长者饭堂的全年数据。"
    before, after = (p.content["texts"]["overall_result"] for p in (first, second))
    assert after == before + "长者饭堂全年配餐39.2万人次，比计划多1.2万人次。"


def test_names_and_telephones_are_masked() -> None:
    declaration = by_reference("liwan-dpf/2021/liwan-self-evaluation")
    publication = declaration.publications.get()
    texts = publication.revision.content["texts"]
    published = publication.content["texts"]
    assert texts["manager"] not in json.dumps(publication.content, ensure_ascii=False)
    assert published["manager_phone"] != texts["manager_phone"]


def test_every_publication_has_its_files() -> None:
    for publication in Publication.objects.all():
        formats = set(publication.files.values_list("format", flat=True))
        expected = {"pdf", "xlsx", "json"}
        assert formats - {"docx"} == expected, publication.title
    for file in PublishedFile.objects.select_related("file"):
        assert default_storage.size(file.file.name) == file.file.size


def test_every_bureau_says_whom_to_ask() -> None:
    for entry in CatalogueEntry.objects.select_related("bureau"):
        assert re.search(r"020-00000000.*演示", entry.bureau.public_contact)
