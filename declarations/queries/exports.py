"""What a bulk export is to hold: which declarations, in which formats, under which names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import tee
from typing import Any, Self

from django.db.models import Count, F, Prefetch, QuerySet, TextChoices

from declarations.models import (
    Bureau,
    Declaration,
    FormTemplate,
    Publication,
    PublishedFile,
    Revision,
    State,
)
from declarations.queries.documents import OF_REPORTS
from declarations.queries.forms import form_of
from declarations.queries.published import PUBLIC_FORMATS
from declarations.sheets.file_pattern import apart, path_of


class Content(TextChoices):
    """Which files of the declarations are exported."""

    PUBLISHED = "published", "已公开的文件"
    IN_FORCE = "in_force", "现行版本"
    UNDER_REVIEW = "under_review", "审核中的版本"


STATES = {
    Content.PUBLISHED: "已公开",
    Content.IN_FORCE: "现行",
    Content.UNDER_REVIEW: "审核中",
}
"""What names of files, and the index, say of them."""

MARK = "（内部，未隐去）"
"""Ends the names of files in which nothing is masked."""

INDEX, MANIFEST, SUMS = "目录.xlsx", "manifest.json", "SHA256SUMS"
"""What an archive holds beside the files."""

_ORDER = ("-round__year", "round__name", "round", "department__code", "pk")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which declarations an export is; what is None or empty lets all through.

    round, groups, departments: keys.
    """

    content: Content = Content.PUBLISHED
    year: int | None = None
    round: int | None = None
    groups: tuple[int, ...] = ()
    departments: tuple[int, ...] = ()

    @property
    def is_internal(self) -> bool:
        """Whether it is of files in which nothing is masked."""
        return self.content is not Content.PUBLISHED

    def to_json(self) -> dict[str, Any]:
        """As `Batch.options` and the record keep it."""
        return {
            "content": self.content.value,
            "year": self.year,
            "round": self.round,
            "groups": sorted(self.groups),
            "departments": sorted(self.departments),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(
            Content(kept["content"]),
            kept["year"],
            kept["round"],
            tuple(kept["groups"]),
            tuple(kept["departments"]),
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that an export is to hold. stored: the key of the one that is made already, None
    where it is to be looked for, or made, by the worker. name: its path in the archive."""

    declaration: int
    revision: int
    format: str
    stored: int | None
    name: str


@dataclass(frozen=True, slots=True)
class _Source:
    """A declaration with what is exported of it. files: by format, see `Planned.stored`."""

    declaration: Declaration
    revision: int
    number: int
    files: Mapping[str, int | None]


def meant(bureau: Bureau, wanted: Wanted) -> QuerySet[Declaration]:
    """The bureau's declarations that an export is of."""
    found = Declaration.objects.filter(round__bureau=bureau)
    for path, value in (
        ("round__year", wanted.year),
        ("round", wanted.round),
        ("department__group__in", wanted.groups),
        ("department__in", wanted.departments),
    ):
        if value:
            found = found.filter(**{path: value})
    match wanted.content:
        case Content.PUBLISHED:
            return found.filter(pk__in=_public().values("declaration"))
        case Content.IN_FORCE:
            return found.filter(approved__isnull=False)
        case Content.UNDER_REVIEW:
            return found.filter(state=State.SUBMITTED, handed_in=F("revision"))


def counted(bureau: Bureau, wanted: Wanted, formats: Collection[str]) -> tuple[int, int]:
    """How many declarations it has files of, and how many files; two queries."""
    declarations = meant(bureau, wanted)
    if not wanted.is_internal:
        files = PublishedFile.objects.filter(
            publication__in=_public(),
            publication__declaration__in=declarations,
            format__in=formats,
        )
        found = files.aggregate(of=Count("publication", distinct=True), files=Count("pk"))
        return found["of"], found["files"]
    numbers = dict(declarations.order_by().values_list("round__template").annotate(Count("pk")))
    templates = FormTemplate.objects.defer("workbook").in_bulk(list(numbers))
    files_of = {pk: len(_offered(template, formats)) for pk, template in templates.items()}
    of = sum(number for pk, number in numbers.items() if files_of[pk])
    return of, sum(number * files_of[pk] for pk, number in numbers.items())


def planned(
    bureau: Bureau,
    wanted: Wanted,
    formats: Collection[str],
    pattern: str,
    *,
    most: int | None = None,
) -> list[Planned]:
    """The files of an export in their order, of all declarations or the first `most`.

    formats: of PUBLIC_FORMATS. Raises PatternError where the pattern cannot be used.
    """
    declarations = meant(bureau, wanted).order_by(*_ORDER)[:most]
    named, sources = tee(_sources(declarations, wanted, formats))
    mark = MARK if wanted.is_internal else ""
    taken = [name for full in (INDEX, MANIFEST, SUMS) for name in (full, full.partition(".")[0])]
    stems = apart((path_of(pattern, _values(source, wanted)) for source in named), taken)
    return [
        Planned(source.declaration.pk, source.revision, format_, stored, f"{stem}{mark}.{format_}")
        for stem, source in zip(stems, sources, strict=True)
        for format_, stored in source.files.items()
    ]


def _values(source: _Source, wanted: Wanted) -> dict[str, str]:
    """What the tags of a pattern stand for."""
    department, round_ = source.declaration.department, source.declaration.round
    return {
        "department": department.name,
        "code": department.code,
        "year": str(round_.year),
        "form": round_.template.name,
        "kind": round_.template.get_kind_display(),
        "round": round_.name,
        "revision": str(source.number),
        "state": STATES[wanted.content],
    }


def _sources(
    declarations: QuerySet[Declaration], wanted: Wanted, formats: Collection[str]
) -> Iterator[_Source]:
    """The declarations of which there is a file in one of the formats."""
    found = declarations.select_related("department", "round__template").defer(
        "round__template__workbook", "round__waiting", "round__review_sheet", "round__masking"
    )
    read = _internal(found, wanted, formats) if wanted.is_internal else _published(found, formats)
    return (source for source in read if source.files)


def _published(found: QuerySet[Declaration], formats: Collection[str]) -> Iterator[_Source]:
    files = PublishedFile.objects.filter(format__in=formats).only("publication", "format", "file")
    public = _public().select_related("revision").only("declaration", "revision__number")
    current = public.prefetch_related(Prefetch("files", files))
    for declaration in found.prefetch_related(Prefetch("publications", current)):
        (publication,) = declaration.publications.all()
        made = {file.format: file.file_id for file in publication.files.all()}
        yield _Source(
            declaration,
            publication.revision_id,
            publication.revision.number,
            {format_: made[format_] for format_ in PUBLIC_FORMATS if format_ in made},
        )


def _internal(
    found: QuerySet[Declaration], wanted: Wanted, formats: Collection[str]
) -> Iterator[_Source]:
    column = "approved" if wanted.content is Content.IN_FORCE else "revision"
    frozen = [f"{column}__{name}" for name in ("content", "findings")]
    for declaration in found.select_related(column).defer(*frozen):
        revision = getattr(declaration, column)
        assert isinstance(revision, Revision)
        offered = _offered(declaration.round.template, formats)
        yield _Source(declaration, revision.pk, revision.number, dict.fromkeys(offered))


def _public() -> QuerySet[Publication]:
    """What can be read by everybody now, the current ones."""
    return Publication.objects.filter(superseded_at=None, withdrawn_at=None)


def _offered(template: FormTemplate, formats: Collection[str]) -> list[str]:
    """Those of the wanted formats that the form can be had in."""
    report = form_of(template).report
    return [f for f in PUBLIC_FORMATS if f in formats and (report or f not in OF_REPORTS)]
