"""What a self-evaluation comes to, whatever form it was made on: for the report beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.scores import Scoring, score
from scoring.grades import Thresholds
from scoring.rubric import Facts
from scoring.values import Met, Outcome, compare_values

_SOURCES = (("general", "funds"), ("fiscal", "other_income"), ("basic", "project"))
"""Lines of a form that add up to all its money, by their usual keys: the first set that it has."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An indicator. outcome: how its target was met. task: the name of the one it belongs to."""

    name: str
    target: str
    actual: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A task with what was done, and its indicators. amount: in 元, None where none is given."""

    name: str
    actual: str
    amount: Decimal | None
    indicators: tuple[Judged, ...]


@dataclass(frozen=True)
class Evaluation:
    """A self-evaluation in figures. title: of its form. Amounts in 元, None where not filled in.

    budget and adjustment: at the beginning of the year, and what changed in it. indicators: all
    of them, those of tasks too. scoring: without lines where the form has no rubric.
    """

    year: str
    department: str
    title: str
    budget: Decimal | None
    adjustment: Decimal | None
    executed: Decimal | None
    works: tuple[Work, ...]
    indicators: tuple[Judged, ...]
    scoring: Scoring
    thresholds: Thresholds

    @property
    def name(self) -> str:
        """``2021年部门整体支出绩效自评表``."""
        return f"{self.year}年{self.title}"

    @property
    def whole_budget(self) -> Decimal | None:
        """The budget as it was adjusted; None where nothing is known of it."""
        if self.budget is None and self.adjustment is None:
            return None
        return (self.budget or Decimal(0)) + (self.adjustment or Decimal(0))

    @property
    def execution_rate(self) -> Decimal | None:
        """What was spent of it, as a fraction; None where it cannot be computed."""
        if self.executed is None or not self.whole_budget:
            return None
        return self.executed / self.whole_budget

    @property
    def adjustment_rate(self) -> Decimal | None:
        """Adjustment ÷ initial budget, as a fraction; None where it cannot be computed."""
        if self.adjustment is None or not self.budget:
            return None
        return self.adjustment / self.budget

    @property
    def self_score(self) -> Decimal | None:
        """Its own score in all; None where nothing is scored."""
        return self.scoring.self_score

    @property
    def grade(self) -> str:
        """The grade of its own score; "" without one."""
        if self.self_score is None:
            return ""
        return self.thresholds.grade_of(self.self_score, self.scoring.points)

    def with_outcome(self, *outcomes: Met) -> list[Judged]:
        """The indicators that turned out so."""
        return [i for i in self.indicators if i.outcome.met in outcomes]

    @property
    def is_blank(self) -> bool:
        """Whether there are no figures in it to write about."""
        return self.executed is None and self.self_score is None and not self.indicators


def evaluate(form: Form, records: Records, facts: Facts, thresholds: Thresholds) -> Evaluation:
    """What a self-evaluation comes to. Indicators without target and actual value do not count."""
    money = _whole(records)
    works = tuple(_work(item) for item in records.items() if item.kind == "task")
    apart = _judged(records.lists.get("indicators", []))
    return Evaluation(
        year=records.context.get("year", ""),
        department=records.context.get("department.name", ""),
        title=form.title,
        budget=_sum(money, "budget"),
        adjustment=_sum(money, "adjustment"),
        executed=_sum(money, "executed"),
        works=works,
        indicators=(*(i for work in works for i in work.indicators), *apart),
        scoring=score(form, records, facts),
        thresholds=thresholds,
    )


def funding_total(records: Records, column: str) -> Decimal | None:
    """All money of one column, counted once, in 元; None where nothing is filled in."""
    return _sum(_whole(records), column)


def _whole(records: Records) -> list[dict[str, Value]]:
    """Lines that add up to everything, counted once."""
    for keys in _SOURCES:
        lines = [records.funding[key] for key in keys if key in records.funding]
        if _sum(lines, "executed") is not None or _sum(lines, "budget") is not None:
            return lines
    return []


def _sum(lines: list[dict[str, Value]], column: str) -> Decimal | None:
    known = [Decimal(v) for line in lines if (v := line.get(column)) not in (None, "")]
    return sum(known, Decimal(0)) if known else None


def _work(task: Item) -> Work:
    amount = task.values.get("amount")
    return Work(
        _text(task, "name"),
        _text(task, "actual"),
        amount if isinstance(amount, Decimal) else None,
        tuple(_judged(task.lists.get("indicators", []))),
    )


def _judged(rows: list[Item]) -> Iterator[Judged]:
    for row in rows:
        target, actual = _text(row, "target"), _text(row, "actual")
        if target or actual:
            name = next((n for c in ("level3", "level2", "level1") if (n := _text(row, c))), "")
            outcome = compare_values(target, actual)
            yield Judged(name, target, actual, outcome, _text(row, "reason"))


def _text(row: Item, column: str) -> str:
    return str(row.values.get(column) or "").strip()
