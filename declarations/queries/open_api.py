"""What the API answers with, as rows under the columns of `views.api_definition`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from declarations.models import Bureau, CatalogueEntry, Department, Publication, PublishedFile
from declarations.queries import open_data, public
from declarations.queries.published import form_of_publication
from declarations.sheets.codes import shown_code
from declarations.sheets.open_data import Row


def address_of(name: str, *arguments: object) -> str:
    """The whole address of a page."""
    return settings.ADDRESS + reverse(name, args=arguments)


def bureau_row(bureau: Bureau, declarations: int, changed_at: datetime) -> Row:
    """A bureau that has published something. declarations: what can be read of it now."""
    return {
        "bureau_code": bureau.code,
        "bureau": bureau.name,
        "declarations": declarations,
        "changed_at": timezone.localtime(changed_at),
        "contact": bureau.public_contact,
        "address": address_of("public-bureau", bureau.code),
        "data": address_of("public-data", bureau.code),
    }


def department_named(code: str) -> Department | None:
    """A department that has published something; codes are unique in the whole system."""
    published = CatalogueEntry.objects.filter(department=OuterRef("pk"))
    return Department.objects.filter(Exists(published), code=code).first()


def entry_named(department: str, year: int, slug: str) -> CatalogueEntry | None:
    """What stands in the catalogue by its id, read or withdrawn."""
    return (
        CatalogueEntry.objects.filter(department__code=department, year=year, slug=slug)
        .select_related("bureau", "department", "declaration")
        .defer("words")
        .first()
    )


def departments(bureau: Bureau | None, after: str, number: int) -> list[Row]:
    """Departments that have published something, by their codes, so many after one of them;
    called as they were when they did so last."""
    entries = CatalogueEntry.objects.filter(department__code__gt=after)
    if bureau is not None:
        entries = entries.filter(bureau=bureau)
    latest = CatalogueEntry.objects.filter(department=OuterRef("department"))
    found = (
        entries.order_by("department__code")
        .values("department__code")
        .annotate(
            count=Count("pk", filter=Q(withdrawn=False)),
            last=Max("changed_at"),
            name=Subquery(latest.order_by("-changed_at").values("department_name")[:1]),
        )
        .values_list("bureau__code", "department__code", "name", "count", "last")[:number]
    )
    return [
        {
            "bureau_code": code,
            "department_code": department,
            "department": name,
            "declarations": count,
            "changed_at": timezone.localtime(changed_at),
            "address": address_of("public-department", code, department),
            "api": f"{address_of('public-api-declarations')}?department={department}",
        }
        for code, department, name, count, changed_at in found
    ]


def declaration_rows(entries: Iterable[CatalogueEntry]) -> list[Row]:
    """A row for each of these, in their order; one query."""
    by_code = {shown_code(entry.publication.code): entry for entry in entries}
    keys = [entry.publication_id for entry in by_code.values()]
    rows = open_data.declaration_rows(Publication.objects.filter(pk__in=keys))
    found = {str(row["code"]): row for row in rows}
    return [_with_entry(found[code], entry) for code, entry in by_code.items()]


def _with_entry(row: Row, entry: CatalogueEntry) -> Row:
    form = (entry.department.code, entry.year, entry.slug)
    return {
        **row,
        "changed_at": timezone.localtime(entry.changed_at),
        "api": address_of("public-api-declaration", *form),
    }


def detail(entry: CatalogueEntry, publication: Publication) -> tuple[Row, dict[str, Any]]:
    """A publication of an entry: its row, and its content with what the form calls its parts.

    Of what is withdrawn there is no content.
    """
    (row,) = open_data.declaration_rows(Publication.objects.filter(pk=publication.pk))
    if not publication.is_public:
        return _with_entry(row, entry), {"labels": {}, "content": None}
    fields = form_of_publication(publication).fields.values()
    labels = {field.tag: field.label for field in fields if field.label}
    return _with_entry(row, entry), {"labels": labels, "content": publication.content}


def file_rows(publication: Publication) -> list[Row]:
    """Its files; of what is withdrawn none."""
    files = public.files_of(publication) if publication.is_public else []
    return [_file_row(publication, file) for file in files]


def _file_row(publication: Publication, file: PublishedFile) -> Row:
    return {
        "format": file.format,
        "name": file.name,
        "bytes": file.file.size,
        "sha256": file.file.sha256,
        "address": address_of("public-file", publication.code, file.format),
    }


def version_rows(entry: CatalogueEntry) -> list[Row]:
    """All that was published at its address, the latest first."""
    form = (entry.department.code, entry.year, entry.slug)
    rows = [*open_data.declaration_rows(entry.declaration.publications.all())]
    return [
        {**row, "api": address_of("public-api-version", *form, row["version"])}
        for row in reversed(rows)
    ]
