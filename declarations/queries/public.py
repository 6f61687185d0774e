"""What the public site shows: bureaus, what was published in them, and its versions.

Everything goes by the catalogue, so nothing that was not published is ever read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.aggregates import StringAgg
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import MD5

from declarations.models import (
    Bureau,
    CatalogueEntry,
    Department,
    FormTemplate,
    Publication,
    PublishedFile,
)
from declarations.queries.catalogue import PAGE, Page, Row
from declarations.queries.published import PUBLIC_FORMATS
from declarations.sheets.words import marked, wanted

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Changed(TypedDict):
    """When something of it was published, corrected or withdrawn last; None: never."""

    changed_at: datetime | None


class Bureaus(Changed):
    """names_of_forms: a digest of what its forms are called, as open data say."""

    names_of_forms: str | None


class Named(Bureaus):
    """names_of_departments: a digest of what they are called now."""

    names_of_departments: str | None


class Withdrawn(TypedDict):
    """When any of its publications, also an earlier one, was withdrawn last."""

    withdrawn_at: datetime | None


LATEST = 10
"""Publications listed on the first page."""
IN_FEED = 50
"""Changes that a feed holds."""

_FROZEN = ("content", "shown", "masking")
"""Of a publication: what is large, and read only where it is shown."""


def bureaus() -> "list[WithAnnotations[Bureau, Bureaus]]":
    """Every bureau that has published something; one query."""
    return [bureau for bureau in _changed(Bureau.objects.order_by("code")) if bureau.changed_at]


def bureau_of(code: str) -> "WithAnnotations[Bureau, Named] | None":
    """A bureau, also one that has published nothing yet; one query."""
    found = _changed(Bureau.objects.filter(code=code))
    return found.annotate(names_of_departments=_names(Department)).first()


def _changed(found: QuerySet[Bureau]) -> "QuerySet[WithAnnotations[Bureau, Bureaus]]":
    entries = CatalogueEntry.objects.filter(bureau=OuterRef("pk")).order_by("-changed_at")
    return found.annotate(
        changed_at=Subquery(entries.values("changed_at")[:1]),
        names_of_forms=_names(FormTemplate),
    )


def _names(model: type[Department | FormTemplate]) -> Subquery:
    """A digest of the names of all of a bureau."""
    return Subquery(
        model._default_manager.filter(bureau=OuterRef("pk"))
        .order_by()
        .values("bureau")
        .annotate(names=MD5(StringAgg("name", Value("\n"), order_by="pk")))
        .values("names")
    )


def department_of(bureau: str, code: str) -> "WithAnnotations[Department, Changed] | None":
    """A department that has published something, with its bureau; one query."""
    entries = CatalogueEntry.objects.filter(department=OuterRef("pk")).order_by("-changed_at")
    return (
        Department.objects.filter(bureau__code=bureau, code=code)
        .annotate(changed_at=Subquery(entries.values("changed_at")[:1]))
        .filter(changed_at__isnull=False)
        .select_related("bureau")
        .first()
    )


def listed() -> QuerySet[CatalogueEntry]:
    """What can be read, with what a list shows of it."""
    found = CatalogueEntry.objects.filter(withdrawn=False)
    return found.select_related("bureau", "department").defer("words")


SORTS = {
    "": ("最近公开的在前", ("-published_at", "-pk")),
    "year": ("按年度", ("-year", "department_name", "pk")),
    "department": ("按部门", ("department_name", "-year", "pk")),
}
"""How a bureau's list can be sorted: what that is called, and by what."""


def page_of(
    bureau: Bureau,
    *,
    year: int | None = None,
    kind: str = "",
    department: Department | None = None,
    sort: str = "",
    page: int = 1,
) -> Page:
    """What can be read of a bureau, narrowed and sorted; unlike a search it goes to the end.

    sort: one of SORTS. page: is brought to where there is something. Two queries.
    """
    wanted_by = {"year": year, "kind": kind or None, "department": department}
    found = listed().filter(bureau=bureau, **{k: v for k, v in wanted_by.items() if v is not None})
    shown = Paginator(found.order_by(*SORTS[sort][1]), PAGE).get_page(page)
    nothing = wanted("")
    rows = (Row(e, marked(e.title, nothing), marked(e.department_name, nothing)) for e in shown)
    pages = shown.paginator
    return Page(tuple(rows), pages.count, False, shown.number, pages.num_pages, nothing)


def in_order(bureau: Bureau) -> QuerySet[CatalogueEntry]:
    """What can be read of a bureau, in an order that stays as it is."""
    return listed().filter(bureau=bureau).order_by("pk")


def latest(number: int = LATEST) -> QuerySet[CatalogueEntry]:
    """What was published last, anywhere."""
    return listed().order_by("-published_at", "-id")[:number]


def published_by_bureau() -> dict[int, int]:
    """How much of each bureau can be read, by its id; one query."""
    rows = CatalogueEntry.objects.filter(withdrawn=False).values_list("bureau")
    return dict(rows.annotate(Count("pk")))


def departments_of(bureau: Bureau) -> QuerySet[Department]:
    """The departments of a bureau of which something can be read, by name."""
    entries = CatalogueEntry.objects.filter(department=OuterRef("pk"), withdrawn=False)
    return Department.objects.filter(Exists(entries), bureau=bureau).order_by("name", "code")


def entry_at(
    bureau: str, year: int, department: str, slug: str
) -> "WithAnnotations[CatalogueEntry, Withdrawn] | None":
    """What stands at a public address, to be read or withdrawn; one query."""
    publications = Publication.objects.filter(
        declaration=OuterRef("declaration"), withdrawn_at__isnull=False
    ).order_by("-withdrawn_at")
    return (
        CatalogueEntry.objects.filter(
            bureau__code=bureau, department__code=department, year=year, slug=slug
        )
        .annotate(withdrawn_at=Subquery(publications.values("withdrawn_at")[:1]))
        .select_related("bureau", "department")
        .defer("words")
        .first()
    )


def publication_of(entry: CatalogueEntry, number: int | None = None) -> Publication | None:
    """The current publication of an entry, or the one of this number, with its form; one query."""
    found = Publication.objects.select_related("declaration__round__template").defer(
        "declaration__round__template__workbook", "masking"
    )
    if number is None:
        return found.get(pk=entry.publication_id)
    return found.filter(declaration=entry.declaration_id, number=number).first()


def versions_of(entry: CatalogueEntry) -> list[Publication]:
    """All that was ever published at an address, the latest first, without what they hold."""
    return list(
        Publication.objects.filter(declaration=entry.declaration_id)
        .defer(*_FROZEN)
        .order_by("-number")
    )


def files_of(publication: Publication) -> list[PublishedFile]:
    """Its files in the order in which they are offered."""
    order = list(PUBLIC_FORMATS)
    files = publication.files.select_related("file")
    return sorted(files, key=lambda f: order.index(f.format) if f.format in order else len(order))


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a feed: what happened last to an entry, and why."""

    entry: CatalogueEntry
    what: str
    reason: str
    at: datetime


def changes(bureau: Bureau | None = None, number: int = IN_FEED) -> list[Change]:
    """What was published, corrected or withdrawn last, the latest first; one query."""
    found = CatalogueEntry.objects.select_related("bureau", "department", "publication")
    if bureau is not None:
        found = found.filter(bureau=bureau)
    found = found.defer("words", *(f"publication__{name}" for name in _FROZEN))
    return [_change(entry) for entry in found.order_by("-changed_at", "-id")[:number]]


def _change(entry: CatalogueEntry) -> Change:
    publication = entry.publication
    if entry.withdrawn:
        return Change(entry, "撤回", publication.withdrawal_reason, entry.changed_at)
    what = "公开" if publication.number == 1 else "更正公开"
    return Change(entry, what, publication.reason, entry.changed_at)


def is_published_on(template: FormTemplate) -> bool:
    """Whether anything was ever published on this form."""
    return Publication.objects.filter(declaration__round__template=template).exists()
