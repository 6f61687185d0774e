"""The catalogue of the public site: one line for each declaration that was ever published."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.postgres.search import SearchVectorField
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from declarations.models import Bureau, CatalogueEntry, Declaration, Publication
from declarations.queries.catalogue import marks_of
from declarations.sheets.records import Records
from declarations.sheets.words import texts_of, vector

AT_ONCE = 50
"""Declarations that are catalogued anew in one transaction."""
_SHOWN = (
    *("publication_id", "bureau_id", "department_id", "year", "kind", "slug"),
    *("title", "department_name", "published_at", "withdrawn"),
)
"""What readers see of a line."""


def catalogue(declaration: Declaration) -> None:
    """Writes the declaration's line anew, from its current publication; without one, nothing.

    Called in the transaction that publishes or withdraws, which has locked the declaration.
    """
    _catalogue(declaration, is_event=True)


def recatalogue(bureau: Bureau | None = None) -> Iterator[int]:
    """Writes every line anew, or those of a bureau; yields how many are done, now and then.

    A few declarations to a transaction, each locked as by those who publish meanwhile, so that
    nothing newer is overwritten. A line of which readers see something else than before has
    changed now, so that no page is taken for what it was; the others changed when they did.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic():
            declarations = list(
                _published(bureau).filter(pk__gt=last).select_for_update(of=("self",))[:AT_ONCE]
            )
            for declaration in declarations:
                _catalogue(declaration, is_event=False)
        if not declarations:
            return
        done, last = done + len(declarations), declarations[-1].pk
        yield done


def _published(bureau: Bureau | None) -> QuerySet[Declaration]:
    current = Publication.objects.filter(superseded_at=None)
    found = Declaration.objects.filter(pk__in=current.values("declaration")).order_by("pk")
    return found.filter(round__bureau=bureau) if bureau else found


def _catalogue(declaration: Declaration, *, is_event: bool) -> None:
    publication = (
        Publication.objects.filter(declaration=declaration, superseded_at=None)
        .select_related("declaration__round__template", "declaration__department")
        .first()
    )
    if publication is not None:
        _write(publication, is_event=is_event)


def _write(publication: Publication, *, is_event: bool) -> None:
    """In a bureau one line after the other: by the time of the latest change pages tell whether
    they show what is there, so it must not be an earlier one than what was seen already."""
    declaration = publication.declaration
    round_, department = declaration.round, declaration.department
    Bureau.objects.select_for_update(of=("self",), no_key=True).get(pk=round_.bureau_id)
    before = CatalogueEntry.objects.filter(declaration=declaration).defer("words").first()
    records = Records.from_json(publication.content)
    name = records.context.get("department.name") or department.name
    withdrawn = publication.withdrawn_at is not None
    entry = CatalogueEntry(
        declaration=declaration,
        publication=publication,
        bureau_id=round_.bureau_id,
        department=department,
        year=round_.year,
        kind=round_.template.kind,
        slug=before.slug if before else _free_slug(declaration),
        title=publication.title,
        department_name=name,
        published_at=publication.published_at,
        changed_at=timezone.now(),
        withdrawn=withdrawn,
    )
    if not is_event:
        entry.changed_at = _changed_at(entry, before)
    if not withdrawn:
        head = (publication.title, name, f"{round_.year}年")
        found = vector(head, texts_of(records), marks_of(entry))
        entry.words = Cast(Value(found), SearchVectorField())
    if before:
        entry.pk = before.pk
        entry.save(force_update=True)
    else:
        entry.save(force_insert=True)


def _changed_at(entry: CatalogueEntry, before: CatalogueEntry | None) -> datetime:
    """When a line changed that is only made anew. Of one that was lost: when any of its
    publications came or was withdrawn last."""
    if before is not None:
        same = all(getattr(entry, name) == getattr(before, name) for name in _SHOWN)
        return before.changed_at if same else entry.changed_at
    times = entry.declaration.publications.values_list("published_at", "withdrawn_at")
    return max(at for both in times for at in both if at is not None)


def _free_slug(declaration: Declaration) -> str:
    """The template's code, or the first ``code-2``, ``code-3`` … that the department has not yet
    in that year. The bureau is locked."""
    code = declaration.round.template.code
    taken = set(
        CatalogueEntry.objects.filter(
            department=declaration.department, year=declaration.round.year
        ).values_list("slug", flat=True)
    )
    number, slug = 1, code
    while slug in taken:
        number += 1
        slug = f"{code}-{number}"
    return slug
