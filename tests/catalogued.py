"""Publications with texts of one's own, in the catalogue: for tests of lists and searching.

Written without rendering any file, as no page of theirs is opened; `tests.publishing` publishes
in earnest.
"""

import itertools
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations.domain.cataloguing import catalogue
from declarations.models import (
    CatalogueEntry,
    CheckOutcome,
    Declaration,
    Publication,
    PublicationCheck,
    Role,
    User,
)
from declarations.sheets.records import content_hash
from tests import factories

_CODES = itertools.count(1)


def publisher_in(declaration: Declaration) -> User:
    """A publisher of the declaration's bureau."""
    bureau = declaration.round.bureau
    found = User.objects.filter(bureau=bureau, role=Role.PUBLISHER).first()
    return found or factories.UserFactory.create(bureau=bureau, role=Role.PUBLISHER)


def published(
    declaration: Declaration,
    *texts: str,
    title: str = "",
    reason: str = "",
    at: datetime | None = None,
    context: dict[str, str] | None = None,
) -> Publication:
    """The declaration, which is approved, published with these texts in place of its own; in
    place of the publication before, if there is one."""
    by = publisher_in(declaration)
    assert declaration.approved is not None
    revision, now = declaration.approved, at or timezone.now()
    content: dict[str, Any] = revision.content | {
        "texts": {f"text{n}": text for n, text in enumerate(texts)},
        "lists": {},
        "context": revision.content["context"] | (context or {}),
    }
    check = PublicationCheck.objects.create(
        revision=revision,
        outcome=CheckOutcome.CLEARED,
        confidentiality=True,
        personal_data=True,
        completeness=True,
        sha256=content_hash(content),
        checked_at=timezone.now(),
        checked_by=by,
    )
    number = declaration.publications.count() + 1
    code = f"{next(_CODES):012}"
    with transaction.atomic():
        declaration.publications.filter(superseded_at=None).update(superseded_at=now)
        publication = Publication.objects.create(
            declaration=declaration,
            revision=revision,
            publication_check=check,
            number=number,
            code=code,
            verify_url=f"http://localhost/public/verify/{code}/",
            title=title or f"{declaration.department}绩效目标申报表",
            content=content,
            sha256=content_hash(content),
            reason=reason or ("更正" if number > 1 else ""),
            published_at=now,
            published_by=by,
        )
        catalogue(declaration)
    return publication


def withdrawn(publication: Publication) -> None:
    """Takes it back."""
    Publication.objects.filter(pk=publication.pk).update(
        withdrawn_at=timezone.now(), withdrawn_by=publication.published_by, withdrawal_reason="误"
    )
    catalogue(publication.declaration)


def entry_of(publication: Publication) -> CatalogueEntry:
    """Its line in the catalogue."""
    return CatalogueEntry.objects.get(declaration_id=publication.declaration_id)


def approved_in(declaration: Declaration) -> Declaration:
    """The declaration, filled in and approved by people of its own."""
    filer = factories.filer_of(declaration.department)
    reviewer = factories.UserFactory.create(bureau=declaration.round.bureau, role=Role.REVIEWER)
    return factories.approved(filer, reviewer, declaration)
