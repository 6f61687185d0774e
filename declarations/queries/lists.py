"""Lists of declarations: filtered, sorted, a page of them, or all for a workbook."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, OrderBy

from declarations import permissions, workflow
from declarations.models import Declaration, Department, Revision, State, User
from declarations.queries.phases import (
    CLOSING,
    LATE,
    TONES,
    Phase,
    in_phase,
    is_late,
    phase_of,
)

NOBODY = "nobody"
"""The filter for what waits for review and nobody has taken on."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column one can sort by. keys: what it sorts by, ascending."""

    name: str
    label: str
    keys: tuple[str, ...]
    only_bureau: bool = False


COLUMNS = (
    Column("department", "部门", ("department__code",), only_bureau=True),
    Column("round", "批次", ("round__year", "round__name")),
    Column("state", "状态", ("rank",)),
    Column("stage", "审核环节", ("stage__position", "stage__name")),
    Column("reviewer", "审核人", ("reviewer__name",), only_bureau=True),
    Column("closing", "截止时间", ("closing",)),
    Column("handed_in", "提交时间", ("shown__submitted_at",)),
)
_BY_NAME = {column.name: column for column in COLUMNS}
_TIES = ("-round__year", "round__deadline", "department__code", "pk")
"""The order of what is equal, and of everything unless another is asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A declaration as lists show it. label, tone: of its phase. closing: until when the
    department can hand it in, None where it cannot. handed_in: the revision that this
    person may know of, None where there is none. reminded_at: where the list says so."""

    declaration: Declaration
    label: str
    tone: str
    late: bool
    closing: datetime | None
    handed_in: Revision | None
    reminded_at: datetime | None = None

    @property
    def owed(self) -> bool:
        """Whether the department has yet to hand it in, so that it can be reminded."""
        return self.declaration.state in (State.DRAFT, State.RETURNED)

    @property
    def stage(self) -> str:
        return self.declaration.stage.name if self.declaration.stage else ""

    @property
    def reviewer(self) -> str:
        return self.declaration.reviewer.name if self.declaration.reviewer else ""

    @property
    def handed_in_at(self) -> datetime | None:
        return self.handed_in.submitted_at if self.handed_in else None


def narrowed(
    declarations: QuerySet[Declaration], wanted: Mapping[str, Any], now: datetime
) -> QuerySet[Declaration]:
    """Those that agree with every filter: ``year, round, state, stage, group, department,
    reviewer``; one that is missing or blank lets all through.

    state: a `Phase`, or "late". stage: its name. department: words, all of which the name or
    the code has. reviewer: a person's key, or "nobody".
    """
    return declarations.filter(*_conditions(wanted, now))


def _conditions(wanted: Mapping[str, Any], now: datetime) -> Iterator[Q]:
    for name, path in (
        ("year", "round__year"),
        ("round", "round"),
        ("stage", "stage__name"),
        ("group", "department__group"),
    ):
        if value := wanted.get(name):
            yield Q(**{path: value})
    if state := wanted.get("state"):
        yield is_late(now) if state == LATE else in_phase(Phase(state))
    if words := (wanted.get("department") or "").split():
        yield Q(department__in=named(words))
    if reviewer := wanted.get("reviewer"):
        nobody = Q(state=State.SUBMITTED, reviewer__isnull=True)
        yield nobody if reviewer == NOBODY else Q(reviewer=reviewer)


def named(words: Iterable[str]) -> QuerySet[Department]:
    """The departments that have all these words in the name or the code.

    Chinese has no capitals: looked for as it stands, PostgreSQL knows from its statistics how
    many departments have a word, and plans for that many declarations.
    """
    found = Department.objects.all()
    for word in words:
        has_capitals = word.lower() != word.upper()
        name = Q(name__icontains=word) if has_capitals else Q(name__contains=word)
        found = found.filter(name | Q(code__contains=word.lower()))
    return found


def in_order(
    declarations: QuerySet[Declaration], column: str, user: User, now: datetime
) -> QuerySet[Declaration]:
    """Sorted by a column's name, with ``-`` before it the other way round; by anything else:
    the latest year first. Where there is nothing to sort by, last."""
    found = _BY_NAME.get(column.removeprefix("-"))
    if found is None:
        return declarations.order_by(*_TIES)
    computed = {"rank": _rank(now), "closing": CLOSING}
    keys = [_key(key, computed, user) for key in found.keys]
    orders: list[OrderBy] = [
        key.desc(nulls_last=True) if column.startswith("-") else key.asc(nulls_last=True)
        for key in keys
    ]
    return declarations.order_by(*orders, *_TIES)


def _key(key: str, computed: Mapping[str, Any], user: User) -> Any:
    if key in computed:
        return computed[key]
    return F(key.replace("shown__", f"{_seen_by(user)}__"))


def _rank(now: datetime) -> Combinable:
    """What is late first, then by phase in the order of a declaration's way."""
    return Case(
        When(is_late(now), then=Value(-1)),
        *(When(in_phase(phase), then=Value(n)) for n, phase in enumerate(Phase)),
        output_field=IntegerField(),
    )


def rows_by_key(keys: Sequence[int], user: User, now: datetime) -> list[Row]:
    """The rows of these declarations, in this order; sorting has read no more than the keys."""
    found = read(Declaration.objects.filter(pk__in=keys), user).in_bulk()
    return rows([found[key] for key in keys if key in found], user, now)


def rows(declarations: Iterable[Declaration], user: User, now: datetime) -> list[Row]:
    """What lists show of declarations that `read` gave."""
    return [_row(declaration, user, now) for declaration in declarations]


def _row(declaration: Declaration, user: User, now: datetime) -> Row:
    phase = phase_of(declaration)
    editable = declaration.state in workflow.EDITABLE
    closing = workflow.closing_time(declaration) if editable else None
    owed = declaration.approved_id is None
    return Row(
        declaration,
        phase.label,
        TONES[phase],
        late=closing is not None and owed and closing < now,
        closing=closing,
        handed_in=getattr(declaration, _seen_by(user)),
    )


def read(declarations: QuerySet[Declaration], user: User) -> QuerySet[Declaration]:
    """With what `rows` needs of each, and no more: neither workbooks nor frozen content."""
    seen = _seen_by(user)
    return (
        declarations.select_related(None)
        .select_related("department__group", "round", "stage", "reviewer", seen)
        .defer(None)
        .defer(f"{seen}__content", f"{seen}__findings", "round__waiting", "round__review_sheet")
    )


def _seen_by(user: User) -> str:
    """The bureau knows of what came to it; the department of what it submitted."""
    return "handed_in" if user.role in permissions.SEE_HANDED_IN else "revision"
