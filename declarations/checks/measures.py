"""What an indicator's value says, as far as checks need it: a figure and its unit.

Texts are taken as `reading.plain` gives them: half-width, without spaces.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from declarations.checks.content import ListRow

_VALUES = ("prior2", "prior1", "target", "actual")

PERCENT = "%"
MONEY = "元"
_FIGURE = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_PERCENTAGE = re.compile(r"(?<![\d.])(-?\d[\d,]*(?:\.\d+)?)(?:%|个?百分点)")
_AMOUNT = re.compile(r"\d(?:[百千万亿]*元)")
_BEFORE = (
    r"(?:[≥≤><=≧≦]|不少于|不低于|不小于|不超过|不高于|不大于|大于|小于|等于|超过|至少|最多|约|达到|达"
    r"|预计|共|完成)*"
)
_AFTER = r"(?:[及或含]?(?:以上|以下|以内)|之内|左右|内)?[。.;；]*"
_SIMPLE = re.compile(rf"{_BEFORE}(-?\d[\d,]*(?:\.\d+)?)([^\d.,;；。]{{0,8}}?){_AFTER}")
_MULTIPLIER = re.compile(r"[百千万亿]+")
_MONEY_UNIT = re.compile(r"[百千万亿]*元")
_PEOPLE = frozenset("名人位")
_UNIT_IN_NAME = re.compile(r"\((%|[百千万亿]*元)\)$")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its unit, "" where none is written; of money the unit is 元, 万元 …"""

    value: Decimal
    unit: str

    @property
    def kind(self) -> str:
        """PERCENT, MONEY, another unit, or "" for a bare number."""
        return kind_of(self.unit)


def values_of(row: ListRow) -> list[tuple[str, str]]:
    """The columns with an indicator's values, in the order of time, and their texts."""
    return [(column, row.texts[column]) for column in _VALUES if column in row.texts]


def measure(text: str) -> Measure | None:
    """The figure of a value that is nothing but one: ``≥1100人次``, ``85%以上``. None for others."""
    match = _SIMPLE.fullmatch(text)
    return Measure(Decimal(match[1].replace(",", "")), match[2]) if match else None


def kind_of(unit: str) -> str:
    """Units that mean the same are of one kind; 万 and the like only count."""
    if unit in ("%", "百分点", "个百分点", "百分比"):
        return PERCENT
    if _MONEY_UNIT.fullmatch(unit):
        return MONEY
    rest = _MULTIPLIER.sub("", unit, count=1) if _MULTIPLIER.match(unit) else unit
    return "人" if rest in _PEOPLE else rest


def percentages(text: str) -> list[Decimal]:
    """Every percentage in a text, in hundredths: 85 of ``85%以上``."""
    return [Decimal(number.replace(",", "")) for number in _PERCENTAGE.findall(text)]


def has_figure(text: str) -> bool:
    return bool(_FIGURE.search(text))


def kinds_in(text: str) -> set[str]:
    """Of what kinds the figures in a text are: PERCENT, MONEY, or the unit of a single one."""
    found = {PERCENT} if _PERCENTAGE.search(text) else set()
    if _AMOUNT.search(text):
        found.add(MONEY)
    if not found and (single := measure(text)) and single.kind:
        found.add(single.kind)
    return found


def stated_unit(row: ListRow) -> tuple[str, str]:
    """The unit that a row states for all its values, and the column that does; "" if none."""
    column = row.columns.unit
    if unit := row.text(column):
        return unit, column
    match = _UNIT_IN_NAME.search(row.text("level3"))
    return (match[1], "level3") if match else ("", "")
