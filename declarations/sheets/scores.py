"""What the rules of a form's rubric give for what is filled in: every item, every indicator.

Pure: records and the system's facts in, scores with their explanations out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.rubric_sheet import formula
from declarations.sheets.tags import Tag
from declarations.sheets.values import Chain, Values
from scoring.methods_indicators import Proportion
from scoring.rubric import (
    INAPPLICABLE,
    YES,
    Case,
    Facts,
    Input,
    InputKind,
    NotComputableError,
    RubricItem,
    RuleResult,
    apply_rule,
    not_computed,
    rounded,
)
from scoring.values import Met, Outcome, ValueKind, compare_values, read_value

_TYPED_NUMBERS = (InputKind.MONEY, InputKind.NUMBER, InputKind.PERCENT)
_QUANTIFIED = (ValueKind.NUMBER, ValueKind.RANGE, ValueKind.SEVERAL, ValueKind.ZERO)
_NOT_COUNTED = RuleResult(None, Decimal(0), Decimal(0), "本项不适用，不计分，其余各项按比例换算")


@dataclass(frozen=True, slots=True)
class Line:
    """One scored item or indicator of one declaration.

    anchor: ``score/KEY`` or ``indicator/45``. key: of the rubric's item. level2: of an indicator
    in a task, the task. outcome: of indicators, how the target was met. least: see `RubricItem`.
    """

    anchor: str
    key: str
    level1: str
    level2: str
    name: str
    points: Decimal
    self_score: Decimal | None
    rule: RuleResult
    outcome: Outcome | None = None
    is_inapplicable: bool = False
    is_bonus: bool = False
    least: Decimal = Decimal(0)

    @property
    def differs(self) -> bool:
        """Whether what is claimed is not what the rule gives."""
        claimed, given = self.self_score, self.rule.score
        return not (claimed is None or given is None or claimed == given)

    @property
    def met(self) -> Met | None:
        """Whether the target was met; None of other items than indicators."""
        return self.outcome.met if self.outcome else None

    @property
    def ratio(self) -> Decimal | None:
        """Actual ÷ target of an indicator; 1.3 is 130%."""
        return self.outcome.ratio if self.outcome else None


@dataclass(frozen=True)
class Scoring:
    """The lines in the order of the rubric, indicators in the order of their rows."""

    lines: tuple[Line, ...]

    @cached_property
    def points(self) -> Decimal:
        """The most there is, bonus and what does not apply included."""
        return _sum(line.points for line in self.lines)

    @cached_property
    def self_score(self) -> Decimal | None:
        """What the department claims in all; None where it claims nothing yet."""
        return self.total(lambda line: line.self_score)

    @cached_property
    def rule_score(self) -> Decimal | None:
        """What the rules give in all, as far as they can be computed: see `uncomputed`."""
        return self.total(lambda line: line.rule.score)

    @cached_property
    def uncomputed(self) -> tuple[Line, ...]:
        """The lines for which the rule gives no score yet, so that no total is final."""
        return tuple(n for n in self.lines if n.rule.score is None and not n.is_inapplicable)

    def total(self, score_of: Callable[[Line], Decimal | None]) -> Decimal | None:
        """The sum of some score of each line; None where no line has one.

        Where lines do not apply, the others count for more, so that the points are what they
        were: × all points ÷ the points of what applies. A bonus stays as it is.
        """
        given = [(line, score_of(line)) for line in self.lines if not line.is_inapplicable]
        known = [(line, score) for line, score in given if score is not None]
        if not known:
            return None
        regular = _sum(score for line, score in known if not line.is_bonus)
        bonus = _sum(score for line, score in known if line.is_bonus)
        whole = _sum(line.points for line in self.lines if not line.is_bonus)
        applies = _sum(line.points for line, _ in given if not line.is_bonus)
        return rounded((regular * whole / applies if applies else regular) + bonus)


def score(form: Form, records: Records, facts: Facts) -> Scoring:
    """Every item of the form's rubric, and every row with a weight of the lists it scores."""
    if facts.quantified is None:
        facts = replace(facts, quantified=_quantified(records))
    values = Values(form, records)
    return Scoring(tuple(_lines(form, values, facts)))


def _lines(form: Form, values: Values, facts: Facts) -> Iterator[Line]:
    for item in form.rubric.items:
        if item.is_list:
            for chain in values.chains(item.list_path):
                if line := _indicator(item, chain, facts):
                    yield line
        else:
            yield _item(item, values, facts)


def _item(item: RubricItem, values: Values, facts: Facts) -> Line:
    """A scored item with what is filled in of it."""
    stored = values.records.scores.get(item.key, {})
    claimed = _number(stored.get("self_score"))
    is_inapplicable = item.may_be_inapplicable and stored.get(f"input.{INAPPLICABLE}") == YES
    rule = _NOT_COUNTED
    if not is_inapplicable:
        data = {given.name: _datum(given, values, stored) for given in item.inputs}
        case = Case(item.name, item.points, facts, item.inputs, data, claimed)
        rule = apply_rule(item.parameters, case)
    return Line(
        f"{SCORES}/{item.key}",
        item.key,
        item.level1,
        item.level2,
        item.name,
        item.points,
        claimed,
        rule,
        is_inapplicable=is_inapplicable,
        is_bonus=item.is_bonus,
        least=item.least,
    )


def _indicator(item: RubricItem, chain: Chain, facts: Facts) -> Line | None:
    """A row of a list of indicators; None where it has no weight."""
    row = chain[-1]
    points = _number(row.values.get("weight"))
    if not points or points < 0:
        return None
    name, claimed = _name(row), _number(row.values.get("self_score"))
    outcome = compare_values(_text(row, "target"), _text(row, "actual"))
    case = Case(name, points, facts, claimed=claimed)
    assert isinstance(item.parameters, Proportion)
    try:
        rule = item.parameters.judge(outcome, case)
    except NotComputableError as error:
        rule = not_computed(error, case)
    outer = _text(chain[0], "name") if len(chain) > 1 else ""
    return Line(
        row.anchor(),
        item.key,
        item.level1,
        item.level2 or outer or _text(row, "level2"),
        name,
        points,
        claimed,
        rule,
        outcome,
    )


def is_far_above(outcome: Outcome, far_above: Decimal) -> bool:
    """Whether much more was reached than was aimed at; staying far below a limit is no such thing.

    far_above: times the target (1.3: 130%), of the form's rubric.
    """
    above = outcome.ratio is not None and outcome.ratio >= far_above
    return above and outcome.met is Met.MET and not Proportion.is_lower(outcome)


def _datum(given: Input, values: Values, stored: dict[str, Value]) -> Value:
    """An input of a rule, computed or filled in. Numbers are kept as text."""
    if given.expression:
        return values.computed(Tag("", expression=formula(given.expression)), ())
    kept = stored.get(f"input.{given.name}")
    return _number(kept) if given.kind in _TYPED_NUMBERS else kept


def _number(value: Value) -> Decimal | None:
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            return None
    return value


def _text(row: Item, column: str) -> str:
    return str(row.values.get(column) or "").strip()


def _name(row: Item) -> str:
    """What a row is called: its innermost level that is filled in."""
    return next((name for c in ("level3", "level2", "level1") if (name := _text(row, c))), "指标")


def _quantified(records: Records) -> int | None:
    """How many targets of indicators hold a number; None where there is no indicator at all."""
    rows = [item for item in records.items() if item.kind == "indicator"]
    if not rows:
        return None
    return sum(read_value(_text(row, "target")).kind in _QUANTIFIED for row in rows)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0))
