"""Nothing private leaks: everything that the public can read is read, and searched for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import get_resolver, reverse
from openpyxl import load_workbook

from declarations.models import Declaration
from declarations.queries.files import content_of
from tests.crawling import Crawler
from tests.disclosed import Disclosed, disclosed
from tests.private import (
    CONTACT,
    CORRECTED,
    GOAL,
    HEAD,
    OFFICE_PHONE,
    REASON,
    SECRETS,
    WITHDRAWAL,
)

pytestmark = pytest.mark.django_db
API = "/public/api/v1/"
STARTS = ("/public/", "/robots.txt", "/public", API)
PROBLEM = "application/problem+json"
MEDIA_TYPES = {
    "text/html",
    "text/plain",
    "text/css",
    "text/csv",
    "application/json",
    PROBLEM,
    "application/pdf",
    "application/xml",
    "application/atom+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""What is public at all; another format would have to be looked into, too."""


@dataclass
class Read:
    """What was read of a bureau that publishes. hits: of searching for each secret."""

    world: Disclosed
    crawler: Crawler
    hits: dict[str, int] = field(default_factory=dict)
    workbooks: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def read(django_db_setup: None, django_db_blocker: Any) -> Iterator[Read]:
    """Built and read once; what is written is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Read(disclosed(), Crawler())
        found.crawler.crawl(*STARTS, *_not_linked(found.world))
        _send_files(found)
        _search(found)
        yield found
        transaction.set_rollback(True)


def _not_linked(world: Disclosed) -> Iterator[str]:
    """What somebody would try: every state of a declaration, wrong codes, wrong questions."""
    for publication in world.publications.values():
        for format_ in ("pdf", "xlsx", "docx", "json", "html", "csv"):
            yield reverse("public-file", args=[publication.code, format_])
        yield reverse("public-verify-code", args=[publication.code])
    for declaration in Declaration.objects.select_related("department", "round__template"):
        department, slug = declaration.department.code, declaration.round.template.code
        form = ["panyu", 2023, department, slug]
        yield reverse("public-department", args=["panyu", department])
        yield reverse("public-form", args=form)
        yield reverse("public-api-declaration", args=[department, 2023, slug])
        for number in (1, 2, 3):
            yield reverse("public-form-version", args=[*form, number])
            yield reverse("public-api-version", args=[department, 2023, slug, number])
    yield reverse("public-verify-code", args=["000000000000"])
    yield reverse("public-sitemap-part", args=["panyu", 1])
    for words in ("康复", "残疾人联合会", "惠残", "没有的"):
        yield f"/public/search/?q={words}"
        yield f"{API}declarations/?q={words}"
    for asked in ("year=x", "cursor=x", "people=all"):
        yield f"{API}declarations/?{asked}"
    for limit in (1, 100):
        yield f"{API}declarations/?limit={limit}"
        yield f"{API}changes/?limit={limit}"
    yield from (f"{API}people/", "/public/people/", "/public/bureaus/nobody/")


def _send_files(found: Read) -> None:
    """Lets files be verified: published ones, withdrawn ones, altered ones, others."""
    address = reverse("public-verify")
    for name, publication in found.world.publications.items():
        for file in publication.files.select_related("file"):
            content = content_of(file.file)
            if file.format == "xlsx":
                found.workbooks[name] = content
            for sent in (content, content[:-9] + b"!" + content[-8:]):
                found.crawler.send(address, file=SimpleUploadedFile(f"a.{file.format}", sent))
    found.crawler.send(address, file=SimpleUploadedFile("a.txt", b"text"))


def _search(found: Read) -> None:
    """Asks the search for every secret; the pages repeat the words, so that hits are counted."""
    for what, secret in SECRETS.items():
        answer = found.crawler.client.get(f"{API}declarations/", {"q": secret})
        assert answer.status_code == 200
        found.hits[what] = len(answer.json()["items"])
    answer = found.crawler.client.get(f"{API}declarations/", {"q": CORRECTED})
    assert len(answer.json()["items"]) == 1


def test_every_public_address_and_format_was_read(read: Read) -> None:
    names = {str(p.name) for p in get_resolver().url_patterns if _is_public(str(p.pattern))}
    answers = read.crawler.found.values()
    assert {f.name for f in answers if f.status == 200} == names - {"public-api-unknown"}
    assert {f.media_type for f in answers if f.status == 200} == MEDIA_TYPES - {PROBLEM}
    assert {f.media_type for f in answers} - {""} == MEDIA_TYPES
    assert {f.status for f in answers} >= {200, 400, 404, 410}
    assert not any(f.status >= 500 for f in answers)
    for publication in read.world.publications.values():
        assert all(
            reverse("public-file", args=[publication.code, file.format]) in read.crawler.found
            for file in publication.files.all()
        )


def _is_public(pattern: str) -> bool:
    return pattern.startswith("public/") or pattern == "robots.txt"


def test_no_secret_is_anywhere(read: Read) -> None:
    places = {what: read.crawler.saying(secret) for what, secret in SECRETS.items()}
    assert {what: found[:9] for what, found in places.items() if found} == {}


def test_no_secret_can_be_searched_for(read: Read) -> None:
    assert {what: hits for what, hits in read.hits.items() if hits} == {}


def test_no_cookie_is_set_and_nobody_is_recognised(read: Read) -> None:
    headers = [f.texts["headers"].lower() for f in read.crawler.found.values()]
    assert not any("set-cookie" in told for told in headers)
    assert not any(re.search(r"^vary:.*cookie", told, re.MULTILINE) for told in headers)
    assert not read.crawler.client.cookies


@pytest.mark.parametrize("which", ["superseded", "current", "evaluation", "report"])
def test_what_is_public_is_in_every_format(read: Read, which: str) -> None:
    publication = read.world.publications[which]
    entry = publication.declaration.catalogued
    form = [entry.bureau.code, entry.year, entry.department.code, entry.slug]
    pages = [
        reverse("public-form-version", args=[*form, publication.number]),
        reverse("public-api-version", args=[form[2], form[1], form[3], publication.number]),
        *(
            reverse("public-file", args=[publication.code, f.format])
            for f in publication.files.all()
        ),
    ]
    assert len(pages) == (6 if which == "report" else 5)
    for address in pages:
        found = read.crawler.found[address]
        missing = [text for text in SAID[which] if not found.says(text)]
        assert missing == [], found


SAID = {
    "superseded": [GOAL, HEAD, OFFICE_PHONE, "钟**", "139****0871", "康复救助"],
    "current": [CORRECTED, HEAD, OFFICE_PHONE, "钟**", "139****0871", "康复救助"],
    "evaluation": ["欧阳**", "136****2345", "制度健全", "80人次"],
    "report": [GOAL, HEAD, "钟**", "8478****", "康复救助"],
}
"""What each publication says in every format: what may stay, and what is left of the rest."""


def test_public_data_say_what_is_public(read: Read) -> None:
    for address, text in {
        "/public/bureaus/panyu/": CONTACT,
        "/public/bureaus/panyu/changes/": WITHDRAWAL,
        "/public/bureaus/panyu/changes.csv": REASON,
        f"{API}changes/": WITHDRAWAL,
        "/public/bureaus/panyu/data/2023/indicators.csv": "康复服务人次",
        "/public/bureaus/panyu/data/2023/indicators.xlsx": "康复服务人次",
        "/public/bureaus/panyu/data/2023/indicators.json": "康复服务人次",
        "/public/bureaus/panyu/data/2023/declarations.csv": WITHDRAWAL,
    }.items():
        assert read.crawler.found[address].says(text), address


def test_what_is_withdrawn_is_gone_everywhere(read: Read) -> None:
    gone = read.world.publications["withdrawn"]
    for file in gone.files.all():
        address = reverse("public-file", args=[gone.code, file.format])
        assert read.crawler.found[address].status == 410


def test_workbooks_tell_nothing_of_who_made_the_form(read: Read) -> None:
    for content in read.workbooks.values():
        book = load_workbook(BytesIO(content))
        assert len(book.worksheets) == 1
        assert book.worksheets[0].sheet_state == "visible"
        assert not any(c.comment for row in book.worksheets[0].iter_rows() for c in row)
        assert all(name.startswith("_jixiao") for name in book.defined_names)
        properties = ZipFile(BytesIO(content)).read("docProps/core.xml").decode()
        assert not re.search("creator|lastModifiedBy|keywords", properties)
