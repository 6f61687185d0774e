"""What a department's approved declarations of the years before say: its prior-year figures."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet

from declarations.models import Declaration, DeclarationKind, Department, FormTemplate, Round
from declarations.queries.forms import form_of
from declarations.sheets.form import Form
from declarations.sheets.records import Records, Value

Amounts = dict[str, dict[str, Value]]
"""By line key: its ``prior1`` and ``prior2`` in 元, None where nothing is known."""

_AT_ONCE = 100
"""Frozen contents held in memory at one time."""


@dataclass(slots=True)
class _Known:
    """One department's amounts by line key. own: what last year's declaration itself says of
    the year before its own."""

    last: dict[str, Value] = field(default_factory=dict)
    before: dict[str, Value] = field(default_factory=dict)
    own: dict[str, Value] = field(default_factory=dict)

    def amounts(self) -> Amounts:
        before = self.own | self.before
        return {
            key: {"prior1": self.last.get(key), "prior2": before.get(key)}
            for key in self.last.keys() | before.keys()
        }


def prior_amounts(departments: Collection[Department], year: int) -> dict[int, Amounts]:
    """What each department's two years before `year` came to, by its id; one query.

    A year's amount is what was spent, as an approved self-evaluation has it; without one
    the adjusted budget, budget + adjustment. (预算法 §32: a budget is drawn up with regard
    to the year before's execution; what is executed is only known once it is evaluated.)
    The year before last is taken from last year's declaration where it has none of its
    own. Lines go by their key, whatever form they were declared on.
    """
    known: dict[int, _Known] = {}
    approved = (
        Declaration.objects.filter(
            department__in=departments,
            approved__isnull=False,
            round__year__in=(year - 1, year - 2),
        )
        .alias(evaluated=Q(round__template__kind=DeclarationKind.SELF_EVALUATION))
        .order_by("-evaluated", "-approved")
        .values_list("department_id", "round__year", "round__template__kind", "approved__content")
    )
    for department_id, declared, kind, content in approved.iterator(chunk_size=_AT_ONCE):
        of_department = known.setdefault(department_id, _Known())
        is_last = declared == year - 1
        for key, line in Records.from_json(content).funding.items():
            _note(
                of_department.last if is_last else of_department.before, key, _came_to(line, kind)
            )
            if is_last:
                _note(of_department.own, key, line.get("prior1"))
    return {department_id: found.amounts() for department_id, found in known.items()}


def declared_last_year(declaration: Declaration) -> Declaration | None:
    """The department's declaration of the year before that is in force, to carry over from.

    The one on the same form, else one of the same kind, else the latest; one query.
    """
    candidates = _declared_last_year(declaration.round, [declaration.department_id])
    like = _like(declaration.round.template)
    return max(candidates, key=like, default=None)


def contents_last_year(
    departments: Collection[Department], round_: Round
) -> dict[int, tuple[Form, Records]]:
    """By department, its declaration of `declared_last_year`: its form and what was approved.

    One query, and one for the round's template where it was not read.
    """
    candidates = _declared_last_year(round_, [department.pk for department in departments])
    like = _like(round_.template)
    found: dict[int, Declaration] = {}
    for declaration in sorted(candidates.select_related("approved"), key=like):
        found[declaration.department_id] = declaration
    return {
        department_id: (form_of(d.round.template), Records.from_json(d.approved.content))
        for department_id, d in found.items()
        if d.approved is not None
    }


def _declared_last_year(round_: Round, departments: Collection[int]) -> QuerySet[Declaration]:
    return (
        Declaration.objects.filter(
            department__in=departments, approved__isnull=False, round__year=round_.year - 1
        )
        .select_related("round__template")
        .defer("round__template__workbook")
    )


def _like(template: FormTemplate) -> Callable[[Declaration], tuple[bool, bool, int]]:
    """How much a declaration is like those on a form, to sort by."""
    return lambda d: (
        d.round.template.code == template.code,
        d.round.template.kind == template.kind,
        d.approved_id or 0,
    )


def _came_to(line: dict[str, Value], kind: str) -> Value:
    """What a line came to: spent, or else the adjusted budget."""
    executed = line.get("executed")
    if kind == DeclarationKind.SELF_EVALUATION and executed is not None:
        return executed
    parts = [Decimal(v) for v in (line.get("budget"), line.get("adjustment")) if v is not None]
    return sum(parts, Decimal(0)) if parts else None


def _note(amounts: dict[str, Value], key: str, amount: Value) -> None:
    """Keeps the first amount that is known: the query brings the most telling one first."""
    if amount is not None:
        amounts.setdefault(key, amount)
