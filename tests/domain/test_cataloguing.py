"""The catalogue's lines follow what is published."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain.cataloguing import catalogue, recatalogue
from declarations.models import Activation, CatalogueEntry, Declaration, Department
from declarations.queries.catalogue import entries
from tests import factories
from tests.catalogued import approved_in, entry_of, published, publisher_in, withdrawn


@pytest.fixture
def approved(declaration: Declaration) -> Declaration:
    return approved_in(declaration)


def test_a_line_says_what_the_publication_says(approved: Declaration) -> None:
    publication = published(approved, "扶持残疾人就业", title="番禺区残联绩效目标")
    entry = entry_of(publication)
    round_ = approved.round
    assert (entry.publication, entry.bureau) == (publication, round_.bureau)
    assert (entry.year, entry.kind, entry.slug) == (2023, "target", "panyu-target")
    assert (entry.title, entry.department_name) == (
        "番禺区残联绩效目标",
        "广州市番禺区残疾人联合会",
    )
    assert entry.published_at == publication.published_at <= entry.changed_at
    assert not entry.withdrawn
    assert [row.entry.pk for row in entries(words="就业").rows] == [entry.pk]


def test_nothing_published_has_no_line(approved: Declaration) -> None:
    catalogue(approved)
    assert not CatalogueEntry.objects.exists()


def test_the_department_is_called_as_when_it_was_published(approved: Declaration) -> None:
    publication = published(approved)
    Department.objects.update(name="改了名的部门")
    catalogue(approved)
    assert entry_of(publication).department_name == "广州市番禺区残疾人联合会"


def test_a_correction_takes_the_line_and_keeps_the_address(approved: Declaration) -> None:
    first = published(approved, "康复训练", at=timezone.now() - timedelta(days=3))
    before = entry_of(first)
    second = published(approved, "就业培训")
    after = entry_of(second)
    assert (after.pk, after.slug, after.publication) == (before.pk, before.slug, second)
    assert after.changed_at >= second.published_at > before.changed_at
    assert not entries(words="康复").rows
    assert len(entries(words="培训").rows) == 1


def test_what_is_withdrawn_is_not_found_but_has_its_line(approved: Declaration) -> None:
    publication = published(approved, "康复训练", at=timezone.now() - timedelta(days=3))
    withdrawn(publication)
    entry = entry_of(publication)
    assert entry.withdrawn
    assert entry.changed_at > entry.published_at
    assert not entries(words="康复").rows
    assert not entries().rows


def test_withdrawing_an_earlier_version_is_a_change(approved: Declaration) -> None:
    first = published(approved, at=timezone.now() - timedelta(days=3))
    second = published(approved, at=timezone.now() - timedelta(days=2))
    withdrawn(first)
    entry = entry_of(second)
    assert not entry.withdrawn
    assert entry.changed_at > second.published_at


def another_version(declaration: Declaration) -> Declaration:
    """Of a form with the same code in the same year."""
    Activation.objects.all().delete()  # as it is once the first round is over
    workbook = load_workbook(factories.PANYU_FORM)
    workbook.worksheets[0]["A1"].value = "另一版的目标表"
    file = BytesIO()
    workbook.save(file)
    return factories.declaration_for(declaration.department, file.getvalue())


def test_two_forms_of_one_code_in_a_year_have_two_addresses(approved: Declaration) -> None:
    first = published(approved)
    again = published(approved_in(another_version(approved)))
    assert [entry_of(first).slug, entry_of(again).slug] == ["panyu-target", "panyu-target-2"]
    catalogue(first.declaration)
    assert entry_of(first).slug == "panyu-target"


def test_only_the_masked_content_is_searched(approved: Declaration) -> None:
    assert approved.approved is not None
    texts = [text for text in approved.approved.content["texts"].values() if len(text) > 1]
    assert texts
    published(approved, "此处已隐去")
    assert len(entries(words="已隐去").rows) == 1
    assert not entries(words=texts[0]).rows


def test_all_lines_can_be_made_anew(approved: Declaration) -> None:
    publication = published(approved, "康复训练")
    other = published(approved_in(another_version(approved)), "就业")
    first, second = entry_of(publication), entry_of(other)
    CatalogueEntry.objects.update(words=None, title="")
    assert list(recatalogue(publisher_in(approved).bureau)) == [2]
    assert entry_of(publication).title == first.title
    assert len(entries(words="康复").rows) == 1
    CatalogueEntry.objects.all().delete()
    assert list(recatalogue()) == [2]
    assert [entry_of(publication).slug, entry_of(other).slug] == [first.slug, second.slug]
    assert list(recatalogue(factories.BureauFactory.create())) == []
