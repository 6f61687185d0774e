"""Whatever a public page shows that can change makes another ETag: none is taken for what it was."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from declarations.domain.cataloguing import recatalogue
from declarations.domain.publishing import withdraw
from declarations.models import (
    Bureau,
    CatalogueEntry,
    Declaration,
    Department,
    FormTemplate,
    Publication,
    User,
)
from declarations.sheets.open_datasets import BY_YEAR
from declarations.views.public_caching import DRAWN
from tests import catalogued, factories
from tests.public import addresses, corrected, published_target
from tests.publishing import personal, publisher_of

pytestmark = pytest.mark.django_db

DRAWN_FROM_DATA = 20
"""Public addresses at least, that there is something of."""


@pytest.fixture
def first(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


@pytest.fixture
def second(
    first: Publication, filer: User, reviewer: User, declaration: Declaration
) -> Publication:
    """The current one; `first` can still be read."""
    return corrected(filer, reviewer, declaration)


@pytest.fixture
def found(second: Publication, first: Publication, declaration: Declaration) -> dict[str, str]:
    """Every public address; of versions and codes also those of the first publication."""
    shown = addresses(declaration)
    current, earlier = second.code, first.code
    for name in ("public-verify-code", "public-file"):
        shown[f"{name} of the first"] = shown[name].replace(current, earlier)
    entry = CatalogueEntry.objects.get()
    for table in BY_YEAR:
        where = (entry.bureau.code, entry.year, table, "csv")
        shown[f"public-data-file {table}"] = reverse("public-data-file", args=where)
    where = (entry.department.code, entry.year, entry.slug)
    shown["public-api-declaration"] = reverse("public-api-declaration", args=where)
    shown["public-api-version"] = reverse("public-api-version", args=[*where, 1])
    return shown


def seen(found: dict[str, str]) -> dict[str, tuple[str, bytes]]:
    """Of every address its ETag, and what is there if it is drawn now."""
    DRAWN.clear()
    answers = {name: Client().get(address) for name, address in found.items()}
    return {
        name: (answer.get("ETag", ""), answer.getvalue())
        for name, answer in answers.items()
        if "ETag" in answer
    }


def changed_by(found: dict[str, str], act: Callable[[], object]) -> set[str]:
    """The addresses at which there is something else afterwards; each has another ETag."""
    before = seen(found)
    assert len(before) >= DRAWN_FROM_DATA
    act()
    after = seen(found)
    changed = {n for n in after if n not in before or before[n][1] != after[n][1]}
    stale = {n for n in changed if n in before and before[n][0] == after[n][0]}
    assert stale == set()
    return changed


def test_a_department_is_renamed(found: dict[str, str], declaration: Declaration) -> None:
    departments = Department.objects.filter(pk=declaration.department_id)
    changed = changed_by(found, lambda: departments.update(name="改了名的部门"))
    assert changed >= {
        *("public-bureau", "public-department", "public-form", "public-form-version"),
        *("public-verify-code", "public-verify-code of the first"),
    }


def test_a_bureau_is_renamed_and_reached_otherwise(
    found: dict[str, str], declaration: Declaration
) -> None:
    bureaus = Bureau.objects.filter(pk=declaration.round.bureau_id)
    own = {
        *("public-bureau", "public-department", "public-form", "public-form-version"),
        *("public-verify-code", "public-data", "public-changes", "public-api-bureaus"),
    }
    contact = lambda: bureaus.update(public_contact="绩效科 020-12345678")  # noqa: E731
    assert changed_by(found, contact) >= own | {"public-about"}
    renamed = changed_by(found, lambda: bureaus.update(name="改了名的财政局"))
    assert renamed >= own | {"public-home", "public-search", "public-feed", "public-feed-all"}


def test_a_form_is_renamed(found: dict[str, str], declaration: Declaration) -> None:
    templates = FormTemplate.objects.filter(pk=declaration.round.template_id)
    changed = changed_by(found, lambda: templates.update(name="改了名的表"))
    assert changed >= {
        *("public-data-file declarations", "public-api-declarations"),
        *("public-api-declaration", "public-api-version"),
    }


def test_an_earlier_version_is_withdrawn(
    found: dict[str, str], first: Publication, declaration: Declaration
) -> None:
    publisher = publisher_of(declaration.round.bureau)
    reason = "含有不应公开的内容"
    changed = changed_by(found, lambda: withdraw(publisher, publication_id=first.pk, reason=reason))
    assert changed >= {
        *("public-form", "public-form-version", "public-verify-code of the first"),
        *(
            "public-data-file declarations",
            "public-changes",
            "public-api-declaration",
            "public-api-version",
        ),
    }


def test_the_latest_version_is_withdrawn(
    found: dict[str, str], second: Publication, declaration: Declaration
) -> None:
    publisher = publisher_of(declaration.round.bureau)
    changed = changed_by(
        found, lambda: withdraw(publisher, publication_id=second.pk, reason="数据有误，撤回核对")
    )
    assert changed >= {
        *("public-home", "public-bureau", "public-department", "public-form", "public-feed"),
        *("public-verify-code", "public-verify-code of the first", "public-sitemap-part"),
    }


def test_a_line_is_made_anew(found: dict[str, str], declaration: Declaration) -> None:
    """As after a change of how lines are written."""
    CatalogueEntry.objects.update(title="原来的标题", department_name="原来的部门")
    before = CatalogueEntry.objects.get().changed_at
    changed = changed_by(found, lambda: list(recatalogue()))
    assert changed >= {
        *("public-home", "public-bureau", "public-department", "public-form", "public-search"),
        *("public-feed", "public-feed-all", "public-api-departments"),
    }
    assert CatalogueEntry.objects.get().changed_at > before


def test_a_line_that_stays_as_it_is_has_not_changed(
    found: dict[str, str], declaration: Declaration
) -> None:
    CatalogueEntry.objects.update(words=None)
    before = CatalogueEntry.objects.get().changed_at
    assert changed_by(found, lambda: list(recatalogue())) == set()
    assert CatalogueEntry.objects.get().changed_at == before


def test_what_was_drafted_sooner_and_written_later(
    found: dict[str, str], reviewer: User, declaration: Declaration
) -> None:
    """Files take a while: who began first may be the last."""
    department = factories.DepartmentFactory.create(bureau=declaration.round.bureau)
    filer = factories.filer_of(department)
    other = factories.approved(filer, reviewer, personal(filer, department))
    sooner = timezone.now() - timedelta(minutes=1)
    changed = changed_by(found, lambda: catalogued.published(other, at=sooner))
    assert changed >= {"public-bureau", "public-home", "public-sitemap-part", "public-data"}


def test_the_site_moves(found: dict[str, str]) -> None:
    before = seen(found)
    with override_settings(ADDRESS="https://elsewhere.example"):
        after = seen(found)
    shown = {n for n in before if b"elsewhere.example" in after[n][1]}
    assert shown >= {"public-feed", "public-sitemap", "public-data", "public-api", "robots"}
    assert [n for n in shown if before[n][0] == after[n][0]] == []
