"""A small published world, for tests of what citizens see."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from benchmarks.many import LIVE, plant
from declarations.domain.publishing import withdraw
from declarations.models import (
    CatalogueEntry,
    CheckOutcome,
    Declaration,
    Publication,
    PublicationCheck,
    Role,
    State,
    User,
)
from tests import evaluations
from tests.factories import type_into
from tests.publishing import published, publisher_of

WHY = "数据有误，撤回核对"
"""Why `withdrawn` withdraws."""
WORD = "康复"
"""In the content of `published_target`, in no title."""


def published_target(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    """Panyu's form with a word that can be searched for, approved and published."""
    type_into(filer, declaration, **{"text.overall_goal": f"让残疾人{WORD}有保障"})
    return published(filer, reviewer, publisher_of(declaration.round.bureau), declaration)


def corrected(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    """The same, adjusted and published again, its goal another."""

    def change() -> None:
        type_into(filer, declaration, **{"text.overall_goal": "让残疾人就业有保障"})

    adjusted = evaluations.adjusted(filer, reviewer, declaration, change)
    return published(filer, reviewer, publisher_of(declaration.round.bureau), adjusted)


def address_of(declaration: Declaration, number: int | None = None) -> str:
    """Of its public page, or of one of its versions."""
    entry = CatalogueEntry.objects.get(declaration=declaration)
    where: list[Any] = [entry.bureau.code, entry.year, entry.department.code, entry.slug]
    if number is None:
        return reverse("public-form", args=where)
    return reverse("public-form-version", args=[*where, number])


def addresses(declaration: Declaration) -> dict[str, str]:
    """Every address of the public site but those that look a file up, by name, so that there is
    something of a published declaration."""
    entry = CatalogueEntry.objects.get(declaration=declaration)
    template = declaration.round.template
    known = {
        "bureau": entry.bureau.code,
        "department": entry.department.code,
        "year": entry.year,
        "slug": entry.slug,
        "number": 1,
        "part": 1,
        "template": template.pk,
        "sha256": template.sha256,
        "code": entry.publication.code,
        "format": "json",
    }
    found = {}
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        wanted = pattern.pattern.converters
        route = str(pattern.pattern)
        if (route.startswith("public/") or route == "robots.txt") and set(wanted) <= set(known):
            arguments = {name: known[name] for name in wanted}
            found[str(pattern.name)] = reverse(str(pattern.name), kwargs=arguments)
    return found


def many_published(publication: Publication, count: int) -> list[CatalogueEntry]:
    """So many publications of another bureau, without files, the oldest first: of two years,
    every other one called a report."""
    template = publication.declaration.round.template
    many = plant(template, publication.content, rounds=LIVE + 2, departments=count // 2 + 4)
    publisher, now = many.people[Role.PUBLISHER], timezone.now()
    approved = Declaration.objects.filter(state=State.APPROVED, round__bureau=many.bureau)
    return [
        _written(declaration, publication, publisher, now + timedelta(minutes=number))
        for number, declaration in enumerate(
            approved.select_related("department", "round").order_by("round__year", "pk")[:count]
        )
    ]


def _written(
    declaration: Declaration, like: Publication, publisher: User, at: Any
) -> CatalogueEntry:
    check = PublicationCheck.objects.create(
        revision=declaration.approved,
        outcome=CheckOutcome.CLEARED,
        confidentiality=True,
        personal_data=True,
        completeness=True,
        sha256=like.sha256,
        checked_at=at,
        checked_by=publisher,
    )
    publication = Publication.objects.create(
        declaration=declaration,
        revision=declaration.approved,
        publication_check=check,
        number=1,
        code=f"{declaration.pk:012}",
        verify_url="",
        title=f"{declaration}",
        content=like.content,
        sha256=like.sha256,
        published_at=at,
        published_by=publisher,
    )
    return CatalogueEntry.objects.create(
        declaration=declaration,
        publication=publication,
        bureau=declaration.round.bureau,
        department=declaration.department,
        year=declaration.round.year,
        kind="report" if declaration.pk % 2 else "target",
        slug="form",
        title=publication.title,
        department_name=declaration.department.name,
        published_at=at,
        changed_at=at,
    )


def page(client: Client, address: str) -> str:
    """A public page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def withdrawn(publication: Publication) -> None:
    """Takes it back, and no other version."""
    publisher = publisher_of(publication.declaration.round.bureau)
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
