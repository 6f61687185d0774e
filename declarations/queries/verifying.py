"""What is known of a published document: by its short code, or by the hash of a file."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from declarations.models import Publication, PublishedFile
from declarations.sheets.imprint import code_in

_AROUND = (
    "declaration__department",
    "declaration__round__bureau",
    "declaration__round__template",
    "declaration__catalogued",
)
_LARGE = ("content", "shown", "masking", "declaration__round__template__workbook")
_LARGE_IN_CATALOGUE = ("declaration__catalogued__words",)


@dataclass(frozen=True, slots=True)
class Known:
    """A publication, and the one that counts now in its place.

    current: the latest of its declaration, itself as long as nothing took its place.
    """

    publication: Publication
    current: Publication

    @property
    def is_superseded(self) -> bool:
        return self.current.pk != self.publication.pk

    @property
    def address(self) -> dict[str, Any] | None:
        """The arguments of the address of its page; None before it is in the catalogue."""
        declaration = self.publication.declaration
        entry = getattr(declaration, "catalogued", None)
        if entry is None:
            return None
        return {
            "bureau": declaration.round.bureau.code,
            "year": entry.year,
            "department": declaration.department.code,
            "slug": entry.slug,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file turned out to be. known: the publication that it is of, or says it is of; None:
    none. file: the published file that it equals, None where it equals none."""

    sha256: str
    known: Known | None = None
    file: PublishedFile | None = None


def known_by_code(code: str) -> Known | None:
    """The publication of a code as it is stored; None where there is none."""
    return _known(_publications().filter(code=code).first())


def verdict_on(content: bytes, sha256: str) -> Verdict:
    """What a file is, by its bytes and their SHA-256. Only what was published is ever told:
    the same storage holds files that were not."""
    file = (
        PublishedFile.objects.filter(file__sha256=sha256)
        .order_by("-publication__published_at", "-id")
        .first()
    )
    if file is not None:
        return Verdict(sha256, _known(_publications().get(pk=file.publication_id)), file)
    code = code_in(content)
    return Verdict(sha256, known_by_code(code) if code else None)


def file_of_code(code: str, format_: str) -> PublishedFile | None:
    """A publication's file of a format, with both; one query."""
    return (
        PublishedFile.objects.filter(publication__code=code, format=format_)
        .select_related("file", "publication")
        .defer(*(f"publication__{name}" for name in ("content", "shown", "masking")))
        .first()
    )


def _publications() -> "QuerySet[Publication]":
    found = Publication.objects.select_related(*_AROUND)
    return found.defer(*_LARGE, *_LARGE_IN_CATALOGUE)


def _known(publication: Publication | None) -> Known | None:
    if publication is None:
        return None
    if publication.superseded_at is None:
        return Known(publication, publication)
    of_the_same = Publication.objects.filter(declaration=publication.declaration_id)
    current = of_the_same.defer("content", "shown", "masking").latest("number")
    return Known(publication, current)
