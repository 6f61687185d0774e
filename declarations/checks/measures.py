"""What an indicator's value says, as far as checks need it: a figure and its unit.

Texts are taken as `reading.plain` gives them: half-width, without spaces.
"""

import re
from decimal import Decimal

from declarations.checks.content import ListRow
from scoring.values import Value, ValueKind, read_value

_VALUES = ("prior2", "prior1", "target", "actual")

PERCENT = "%"
MONEY = "元"
_FIGURE = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_PERCENTAGE = re.compile(r"(?<![\d.])(-?\d[\d,]*(?:\.\d+)?)(?:%|个?百分点)")
_AMOUNT = re.compile(r"\d(?:[百千万亿]*元)")
_UNIT_IN_NAME = re.compile(r"\((%|[百千万亿]*元)\)$")


def values_of(row: ListRow) -> list[tuple[str, str]]:
    """The columns with an indicator's values, in the order of time, and their texts."""
    return [(column, row.texts[column]) for column in _VALUES if column in row.texts]


def measure(text: str) -> Value | None:
    """The figure of a value that has one: ``≥1100人次``, ``85%以上``. None for others."""
    value = read_value(text)
    return value if value.kind is ValueKind.NUMBER else None


def kind_of(unit: str) -> str:
    """Units that mean the same are of one kind; 万 and the like only count. "" is that of none."""
    value = read_value(f"1{unit}")
    if value.kind is not ValueKind.NUMBER:
        return unit
    return PERCENT if value.unit == "百分点" else value.unit


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
    if not found and (single := measure(text)) and single.unit:
        found.add(kind_of(single.unit))
    return found


def stated_unit(row: ListRow) -> tuple[str, str]:
    """The unit that a row states for all its values, and the column that does; "" if none."""
    column = row.columns.unit
    if unit := row.text(column):
        return unit, column
    match = _UNIT_IN_NAME.search(row.text("level3"))
    return (match[1], "level3") if match else ("", "")
