"""Reads a number as officials type or paste it: ``5,195.12``, ``１２３``, ``1,348万元``, ``85%``."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

MONEY_UNITS = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "亿元": Decimal(100_000_000),
}
"""What one of each unit is in 元."""

_UNIT_SPELLINGS = {"万": "万元", "亿": "亿元", "千": "千元", "人民币元": "元", "圆": "元"}
_CURRENCY_SIGNS = "¥￥"
_PLAIN = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?")
_SPACED = re.compile(r"\d\s+\d")
_SPACED_IN_THREES = re.compile(r"(?<!\d)\d{1,3}(\s\d{3})+(?![\d\s]*\d)")
_NUMBER_THEN_UNIT = re.compile(r"(?P<number>[+-]?[\d,.]*)(?P<unit>.*)", re.DOTALL)


class NotANumberError(ValueError):
    """The text holds no number; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the unit written behind it ("" where there is none)."""

    value: Decimal
    unit: str


def read_number(text: str) -> Number:
    """Reads one number with an optional unit.

    Accepts full-width characters, thousands separators in groups of three, a
    currency sign, an accountant's negative in brackets. Raises NotANumberError for
    anything else: nothing is guessed.
    """
    shown = text.strip()
    if any(unicodedata.category(c) == "No" for c in shown):  # ², ①: normalised they would be digits
        raise _no_number(shown)
    normal = unicodedata.normalize("NFKC", shown)
    if _SPACED.search(normal) and not _SPACED_IN_THREES.search(normal):
        raise NotANumberError(f"“{_shorten(shown)}”像是几个数字，请只填一个")
    compact = "".join(normal.split())
    compact = compact.replace("−", "-").replace("–", "-").replace("、", ",").strip(_CURRENCY_SIGNS)
    negative = compact.startswith("(") and compact.endswith(")")
    if negative:
        compact = compact[1:-1]
    match = _NUMBER_THEN_UNIT.fullmatch(compact)
    digits, unit = (match["number"], match["unit"]) if match else ("", "")
    if not any(c.isdigit() for c in digits) or not _PLAIN.fullmatch(digits):
        raise _no_number(shown)
    value = Decimal(digits.replace(",", ""))
    return Number(-value if negative else value, _UNIT_SPELLINGS.get(unit, unit))


def _no_number(shown: str) -> NotANumberError:
    return NotANumberError(f"“{_shorten(shown)}”不是数字，请只填数字，例如 1234.56")


def _shorten(text: str, length: int = 20) -> str:
    return text if len(text) <= length else text[:length] + "…"
