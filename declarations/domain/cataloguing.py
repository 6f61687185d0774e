"""The catalogue of the public site: one line for each declaration that was ever published."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.postgres.search import SearchVectorField
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Cast

from declarations.models import Bureau, CatalogueEntry, Declaration, Department, Publication
from declarations.queries.catalogue import marks_of
from declarations.sheets.records import Records
from declarations.sheets.words import texts_of, vector

AT_ONCE = 50
"""Declarations that are catalogued anew in one transaction."""


def catalogue(declaration: Declaration) -> None:
    """Writes the declaration's line anew, from its current publication; without one, nothing.

    Called in the transaction that publishes or withdraws, which has locked the declaration.
    """
    publication = (
        Publication.objects.filter(declaration=declaration, superseded_at=None)
        .select_related("declaration__round__template", "declaration__department")
        .first()
    )
    if publication is not None:
        _write(publication)


def recatalogue(bureau: Bureau | None = None) -> Iterator[int]:
    """Writes every line anew, or those of a bureau; yields how many are done, now and then.

    A few declarations to a transaction, each locked as by those who publish meanwhile, so that
    nothing newer is overwritten.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic():
            declarations = list(
                _published(bureau).filter(pk__gt=last).select_for_update(of=("self",))[:AT_ONCE]
            )
            for declaration in declarations:
                catalogue(declaration)
        if not declarations:
            return
        done, last = done + len(declarations), declarations[-1].pk
        yield done


def _published(bureau: Bureau | None) -> QuerySet[Declaration]:
    current = Publication.objects.filter(superseded_at=None)
    found = Declaration.objects.filter(pk__in=current.values("declaration")).order_by("pk")
    return found.filter(round__bureau=bureau) if bureau else found


def _write(publication: Publication) -> None:
    declaration = publication.declaration
    round_, department = declaration.round, declaration.department
    Department.objects.select_for_update(of=("self",), no_key=True).get(pk=department.pk)
    before = CatalogueEntry.objects.filter(declaration=declaration).only("slug").first()
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
        changed_at=_changed_at(declaration),
        withdrawn=withdrawn,
    )
    if not withdrawn:
        head = (publication.title, name, f"{round_.year}年")
        found = vector(head, texts_of(records), marks_of(entry))
        entry.words = Cast(Value(found), SearchVectorField())
    if before:
        entry.pk = before.pk
        entry.save(force_update=True)
    else:
        entry.save(force_insert=True)


def _changed_at(declaration: Declaration) -> datetime:
    """When any of its publications came or was withdrawn last."""
    times = declaration.publications.values_list("published_at", "withdrawn_at")
    return max(at for both in times for at in both if at is not None)


def _free_slug(declaration: Declaration) -> str:
    """The template's code, or the first ``code-2``, ``code-3`` … that the department has not yet
    in that year. The department is locked."""
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
