"""A form's rubric: what is scored, for how many points, by which rule. Read from its 评分 sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

Value = str | Decimal | None
"""Of an input: choices and dates (ISO) as text, amounts in 元, rates as fractions; blank is None or ""."""

FAR_ABOVE = Decimal("1.3")
"""From so many times its target on, what was reached wants a reason, unless the sheet says otherwise."""

INAPPLICABLE = "inapplicable"
"""The input by which an item is said not to apply; it has the choices YES and NO."""
YES, NO = "是", "否"

_HUNDREDTH = Decimal("0.01")


class InputKind(StrEnum):
    """The values are those of a form's kinds of field."""

    MONEY = "金额"
    NUMBER = "数值"
    PERCENT = "百分比"
    CHOICE = "选项"
    DATE = "日期"


@dataclass(frozen=True, slots=True)
class Input:
    """What a rule needs to know. expression: what it is computed from, "" where it is filled in."""

    name: str
    label: str
    kind: InputKind
    unit: str = ""
    expression: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the system knows of a declaration by itself. None: it does not, or not yet.

    now and all of these times are aware, in the time zone in which they are to be shown.
    published and due: the days of the disclosure. quantified: how many targets hold a number.
    """

    now: datetime
    handed_in: datetime | None = None
    deadline: datetime | None = None
    published: date | None = None
    due: date | None = None
    quantified: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An item as one declaration has it, or an indicator. name: what explanations call it.
    data: by the names of the inputs. claimed: the department's own score."""

    name: str
    points: Decimal
    facts: Facts
    inputs: tuple[Input, ...] = ()
    data: Mapping[str, Value] = field(default_factory=dict)
    claimed: Decimal | None = None

    def input(self, name: str) -> Input | None:
        """The input of this name; None where the item has none."""
        return next((i for i in self.inputs if i.name == name), None)

    def label(self, name: str) -> str:
        """What an input is called; what the item is called where it has no such input."""
        found = self.input(name)
        return found.label if found else self.name

    def text(self, name: str) -> str:
        """What was chosen or typed; "" where nothing was."""
        value = self.data.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> Decimal | None:
        """A number that was filled in or computed; None where there is none."""
        value = self.data.get(name)
        return value if isinstance(value, Decimal) and value.is_finite() else None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule gives. score: in hundredths of a point, None where it cannot be computed.
    low..high: what it allows; more than one score only where there is discretion.
    explanation: a sentence with the figures; without a score it says why."""

    score: Decimal | None
    low: Decimal
    high: Decimal
    explanation: str


class NotComputableError(Exception):
    """A rule gives nothing; the message says why, in Chinese. low..high: what it could give,
    all of the item's points where that is not known."""

    def __init__(
        self, message: str, low: Decimal = Decimal(0), high: Decimal | None = None
    ) -> None:
        self.low, self.high = low, high
        super().__init__(message)


class Parameters(Protocol):
    """A kind of rule with what one item sets of it: see the modules `methods_…`."""

    def score(self, case: Case) -> RuleResult:
        """What the rule gives. Raises NotComputableError."""


def apply_rule(parameters: Parameters, case: Case) -> RuleResult:
    """What a rule gives; whatever was filled in, there is an answer."""
    try:
        return parameters.score(case)
    except NotComputableError as error:
        return not_computed(error, case)


def not_computed(error: NotComputableError, case: Case) -> RuleResult:
    """No score, and why."""
    high = case.points if error.high is None else error.high
    return RuleResult(None, error.low, high, f"无法计算：{error}")


@dataclass(frozen=True, slots=True)
class RubricItem:
    """A scored item, or the rule for each row of a list of indicators.

    key: of the item, or the path of the list (``tasks.indicators``), whose rows have their
    points in their weight; `points` is 0 then. method: what the sheet calls the kind of rule.
    standard: the rule in words. inputs: in the order in which they are shown. settings: the
    parameters as they are written, for people. least: the least that can be given, below 0 only
    where a bonus takes points away.
    """

    key: str
    level1: str
    level2: str
    name: str
    points: Decimal
    definition: str
    standard: str
    method: str
    parameters: Parameters
    inputs: tuple[Input, ...] = ()
    may_be_inapplicable: bool = False
    is_list: bool = False
    is_bonus: bool = False  # adds to the rest or takes from it; nothing is scaled to make up for it
    settings: tuple[str, ...] = ()
    least: Decimal = Decimal(0)

    @property
    def list_path(self) -> tuple[str, ...]:
        """The list whose rows it is about; () for a scored item."""
        return tuple(self.key.split(".")) if self.is_list else ()


@dataclass(frozen=True, slots=True)
class Rubric:
    """The items in the order of the sheet. far_above: times its target (1.3: 130%). is_whole:
    False where a line of the sheet could not be read, so that what is missed may be there."""

    items: tuple[RubricItem, ...] = ()
    far_above: Decimal = FAR_ABOVE
    is_whole: bool = True

    def item(self, key: str) -> RubricItem | None:
        """The item of this key; None where there is none."""
        return next((item for item in self.items if item.key == key), None)


def rounded(score: Decimal) -> Decimal:
    """To hundredths of a point, halves up."""
    return score.quantize(_HUNDREDTH, ROUND_HALF_UP)
