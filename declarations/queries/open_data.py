"""What open data are made of: publications as rows, read a few hundred at a time.

Everything comes from what was published (`Publication`), nothing from revisions or from what is
being filled in.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.urls import reverse
from django.utils import timezone

from declarations.models import Bureau, FormTemplate, Publication, PublishedFile
from declarations.queries.forms import form_of
from declarations.sheets import open_datasets
from declarations.sheets.codes import shown_code
from declarations.sheets.evaluation import funding_total
from declarations.sheets.form import Form
from declarations.sheets.list_workbook import Value as Cell
from declarations.sheets.open_data import Row
from declarations.sheets.open_datasets import CORRECTED, CURRENT, PUBLISHED, SUPERSEDED, WITHDRAWN
from declarations.sheets.records import Records
from declarations.sheets.scores import score
from scoring.rubric import Facts

_CHUNK = 200
"""Publications read at once."""
_ROUND = "declaration__round__"
_TEMPLATE = f"{_ROUND}template"
IN_FORCE = Q(superseded_at__isnull=True, withdrawn_at__isnull=True)
"""The publications that count."""

_WHO = {
    "bureau_code": F(f"{_ROUND}bureau__code"),
    "department_code": F("declaration__department__code"),
    "department": KeyTextTransform("department.name", KeyTransform("context", "content")),
    "year": F(f"{_ROUND}year"),
    "kind": F(f"{_ROUND}template__kind"),
    "form_code": F("declaration__catalogued__slug"),
    "form": F(f"{_ROUND}template__name"),
}
"""What a row says of the form it is about, under its columns' names."""
_PDF = PublishedFile.objects.filter(publication=OuterRef("pk"), format="pdf")
_FIGURES = {
    "form_version": F(f"{_ROUND}template__version"),
    "content_sha256": F("sha256"),
    "pdf_sha256": Subquery(_PDF.values("file__sha256")[:1]),
    "claimed": KeyTextTransform("total/self", "shown"),
    "score": KeyTextTransform("total/review", "shown"),
    "grade": KeyTextTransform("total/grade", "shown"),
}
_MONEY = ("budget", "adjustment", "executed")
_IN_ORDER = ("department_code", "year", "form_code", "number")
_ACTS = ("title", "published_at", "superseded_at", "withdrawn_at", "reason", "withdrawal_reason")


class Year(NamedTuple):
    """A year of a bureau's open data, with how many rows each of its tables has."""

    year: int
    declarations: int
    indicators: int
    funding: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How many publications there are, and what became of them.

    They never change but by being superseded or withdrawn, once: as long as `key` is the same,
    so is all that is made of them.
    """

    count: int
    superseded: int
    withdrawn: int
    changed_at: datetime | None

    @property
    def key(self) -> tuple[object, ...]:
        return (self.count, self.superseded, self.withdrawn, self.changed_at)


def publications_of(bureau: Bureau, year: int | None = None) -> QuerySet[Publication]:
    """All that a bureau published for a year, or ever."""
    found = Publication.objects.filter(declaration__round__bureau=bureau)
    return found if year is None else found.filter(declaration__round__year=year)


def extent_of(publications: QuerySet[Publication]) -> Extent:
    """How much there is of them, in one query."""
    found = publications.aggregate(
        count=Count("pk"),
        superseded=Count("superseded_at"),
        withdrawn=Count("withdrawn_at"),
        published_at=Max("published_at"),
        superseded_at=Max("superseded_at"),
        withdrawn_at=Max("withdrawn_at"),
    )
    moments = [found.pop(name) for name in ("published_at", "superseded_at", "withdrawn_at")]
    return Extent(**found, changed_at=max(filter(None, moments), default=None))


def years_of(bureau: Bureau) -> list[Year]:
    """The years for which there is anything, the latest first."""
    found = (
        publications_of(bureau)
        .values_list(f"{_ROUND}year")
        .annotate(
            declarations=Count("pk"),
            indicators=_rows_of('$.lists.*[*] ? (@.kind == "indicator")')
            + _rows_of('$.lists.*[*].lists.*[*] ? (@.kind == "indicator")'),
            funding=_rows_of("$.funding.*.* ? (@ != null)"),
        )
        .order_by(f"-{_ROUND}year")
    )
    return [Year(*row) for row in found]


def _rows_of(path: str) -> Sum:
    """How many things the contents in force have at a path of theirs."""
    counted = Func(
        F("content"),
        template=f"jsonb_array_length(jsonb_path_query_array(%(expressions)s, '{path}'))",
        output_field=IntegerField(),
    )
    return Sum(counted, filter=IN_FORCE, default=0)


def declaration_rows(publications: QuerySet[Publication]) -> Iterator[Row]:
    """Rows of `open_datasets.DECLARATIONS`; of what is withdrawn without its figures."""
    forms = _forms(publications)
    for row in _read(publications, _WHO | _FIGURES, (*_ACTS, "content", _TEMPLATE)):
        state = _state(row)
        figures: dict[str, Cell] = dict.fromkeys((*_MONEY, "self_score", "score", "grade"))
        if state != WITHDRAWN:
            records = Records.from_json(row["content"])
            figures = {
                **{column: funding_total(records, column) for column in _MONEY},
                "self_score": _number(row["claimed"]) or _claimed(forms[row[_TEMPLATE]], records),
                "score": _number(row["score"]),
                "grade": row["grade"],
            }
        yield {
            **{column: row[column] for column in ("form_version", "content_sha256", "pdf_sha256")},
            **{column: _local(row[column]) for column in _ACTS},
            **_about(row, of_version=row["superseded_at"] is not None),
            **figures,
            "state": state,
        }


def _claimed(form: Form, records: Records) -> Decimal | None:
    """What the department claims in all, where the form does not print it.

    None of a form without scores, and where an item may not apply: whether it does is not
    always published, and the others would count for more.
    """
    items = form.rubric.items
    if not items or any(item.may_be_inapplicable for item in items):
        return None
    return score(form, records, Facts(now=timezone.now())).self_score


def _forms(publications: QuerySet[Publication]) -> dict[int, Form]:
    """The forms they were filed on, by the ids of these; one query."""
    used = publications.order_by().values(_TEMPLATE)
    templates = FormTemplate.objects.filter(pk__in=used).defer("workbook")
    return {template.pk: form_of(template) for template in templates}


def indicator_rows(publications: QuerySet[Publication]) -> Iterator[Row]:
    """Rows of `open_datasets.INDICATORS`, of what is in force."""
    for row in _read(publications.filter(IN_FORCE), _WHO, ["content"]):
        records = Records.from_json(row["content"])
        yield from open_datasets.indicator_rows(_about(row), records)


def funding_rows(publications: QuerySet[Publication]) -> Iterator[Row]:
    """Rows of `open_datasets.FUNDING`, of what is in force."""
    current = publications.filter(IN_FORCE)
    forms = _forms(current)
    for row in _read(current, _WHO, ["content", _TEMPLATE]):
        records = Records.from_json(row["content"])
        yield from open_datasets.funding_rows(_about(row), records, forms[row[_TEMPLATE]])


def change_rows(publications: QuerySet[Publication]) -> Iterator[Row]:
    """Rows of `open_datasets.CHANGE_LOG`, the latest first."""
    return map(change_row, changes_of(publications).iterator(chunk_size=_CHUNK))


def changes_of(
    publications: QuerySet[Publication],
    *,
    since: datetime | None = None,
    before: tuple[datetime, int] | None = None,
    most: int | None = None,
) -> QuerySet[Publication, dict[str, Any]]:
    """What was done, the latest first; `change_row` makes rows of it.

    since: nothing earlier. before: only what comes after this one, by its `at` and `pk`. most: so
    many of them, which takes the same however many there are.
    """
    first = When(number=1, then=Value(PUBLISHED))
    acts = (
        ("published_at", Case(first, default=Value(CORRECTED)), F("reason")),
        ("withdrawn_at", Value(WITHDRAWN, CharField()), F("withdrawal_reason")),
    )
    columns = ("pk", "at", "change", "why", "title", "number", "code", "superseded_at", *_WHO)
    parts = []
    for moment, change, why in acts:
        done = publications.filter(**{f"{moment}__isnull": False}).order_by()
        if since is not None:
            done = done.filter(**{f"{moment}__gte": since})
        if before is not None:
            at, pk = before
            done = done.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": pk}))
        done = done.annotate(at=F(moment), change=change, why=why, **_WHO)
        latest = done.order_by(f"-{moment}", "-pk") if most else done  # before they are joined
        parts.append(latest.values(*columns)[:most])
    found = parts[0].union(*parts[1:], all=True).order_by("-at", "-pk")[:most]
    return cast("QuerySet[Publication, dict[str, Any]]", found)


def change_row(change: Mapping[str, Any]) -> Row:
    """The row of one of `changes_of`."""
    about = _about(change, of_version=change["superseded_at"] is not None)
    row = {**change, **about, "at": _local(change["at"]), "reason": change["why"]}
    return {column.name: row[column.name] for column in open_datasets.CHANGE_LOG.columns}


def _read(
    publications: QuerySet[Publication], computed: Mapping[str, Any], columns: Collection[str]
) -> Iterator[dict[str, Any]]:
    """The columns of each publication, by their names, in one query."""
    found = publications.annotate(**computed).order_by(*_IN_ORDER)
    rows = found.values("number", "code", *computed, *columns)
    yield from rows.iterator(chunk_size=_CHUNK)


def _about(row: Mapping[str, Any], *, of_version: bool = False) -> dict[str, Cell]:
    """What every table says of the form a row is of. of_version: its address is that of the
    very version, not of the form."""
    form = [row[c] for c in ("bureau_code", "year", "department_code", "form_code")]
    name, arguments = "public-form", form
    if of_version:
        name, arguments = "public-form-version", [*form, row["number"]]
    return {
        **{column: row[column] for column in _WHO},
        "id": reference(row["department_code"], row["year"], row["form_code"]),
        "version": row["number"],
        "code": shown_code(row["code"]),
        "address": settings.ADDRESS + reverse(name, args=arguments),
    }


def reference(department: str, year: int, slug: str) -> str:
    """The id of a declaration in all tables: ``panyu-dpf/2023/panyu-target``."""
    return f"{department}/{year}/{slug}"


def _state(row: Mapping[str, Any]) -> str:
    if row["withdrawn_at"] is not None:
        return WITHDRAWN
    return SUPERSEDED if row["superseded_at"] is not None else CURRENT


def _local(value: Cell) -> Cell:
    """Moments in the time of the bureaus."""
    return timezone.localtime(value) if isinstance(value, datetime) else value


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


ROWS: Mapping[str, Callable[[QuerySet[Publication]], Iterator[Row]]] = {
    "declarations": declaration_rows,
    "indicators": indicator_rows,
    "funding": funding_rows,
    "changes": change_rows,
}
"""How the rows of each of `open_datasets.DATASETS` are read."""
