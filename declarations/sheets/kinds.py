"""The kinds of value a cell may hold: how each is read from typing, shown and limited.

Stored values: text as str, dates as ISO str, money in 元 and numbers as Decimal,
percentages as the fraction (85% is 0.85).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from enum import StrEnum

from scoring.numbers import MONEY_UNITS, NotANumberError, Number, read_number


class Kind(StrEnum):
    """The value is what an official writes in the 类型 column of the 字段 sheet."""

    LINE = "单行文字"
    TEXT = "多行文字"
    MONEY = "金额"
    NUMBER = "数值"
    PERCENT = "百分比"
    CHOICE = "选项"
    DATE = "日期"


NUMERIC_KINDS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT})
DEFAULT_LENGTH = {Kind.LINE: 500, Kind.TEXT: 10_000, Kind.CHOICE: 100, Kind.DATE: 20}
"""How many characters each kind of text may have, unless the 字段 sheet says otherwise."""

MOST_DECIMALS = 6
"""Places after the point that are kept of a number, and shown where the form sets none."""

_LARGEST = Decimal(10) ** 16  # numeric(18, 2): sixteen digits before the point
_EVERY_DIGIT = Context(prec=400)
"""Enough for what Excel holds, and for products of the largest amounts."""
_CENT = Decimal("0.01")
_LARGEST_NUMBER = Decimal(10) ** 14  # numeric(20, 6): fourteen digits before the point, six after
_MILLIONTH = Decimal("0.000001")
_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class InvalidValueError(ValueError):
    """What was typed cannot be stored; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is shown, from an Excel format code such as ``#,##0.00`` or ``0.0%``."""

    decimals: int | None = None  # None: as many as the number has
    thousands: bool = False
    percent: bool = False

    @classmethod
    def from_excel(cls, code: str) -> "NumberFormat":
        """Reads the first section of an Excel number format; General gives the default."""
        section = re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", code.split(";", maxsplit=1)[0])
        if not re.search(r"[0#]", section):
            return cls()
        _, _, decimals = section.partition(".")
        return cls(
            decimals=len(re.findall(r"[0#]", decimals)),
            thousands="," in section,
            percent="%" in section,
        )

    def show(self, number: Decimal) -> str:
        """``1234.5`` as ``1,234.50``, halves rounded away from zero; beyond all figures that
        anybody writes as ``1E+500``."""
        with localcontext(_EVERY_DIGIT):
            if self.percent:
                number = number * 100
            try:
                if self.decimals is not None:
                    number = number.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
                else:
                    number = round(number, MOST_DECIMALS).normalize()
            except InvalidOperation:
                return f"{number:.6E}"
            number = number + 0 if number else abs(number)  # no "-0.00"
            return f"{number:,f}" if self.thousands else f"{number:f}"


def read_money(text: str, unit: str, *, negative_allowed: bool) -> Decimal:
    """Typed money to 元. `unit` is what a bare number means; a written unit wins."""
    number = _number(text)
    written = number.unit or unit
    if written not in MONEY_UNITS:
        raise InvalidValueError(f"金额的单位“{number.unit}”无法识别，请以{unit}为单位填写数字")
    amount = number.value * MONEY_UNITS[written]
    if amount < 0 and not negative_allowed:
        raise InvalidValueError("金额不能为负数")
    if abs(amount) >= _LARGEST:
        raise InvalidValueError("金额过大，请核对单位和位数")
    if amount != amount.quantize(_CENT):
        raise InvalidValueError("金额最多精确到分，请减少小数位数")
    return amount.quantize(_CENT)


def read_plain_number(text: str) -> Decimal:
    """A number without unit (分 is allowed: scores are typed as 2分)."""
    number = _number(text)
    if number.unit not in ("", "分"):
        raise InvalidValueError(f"只填数字，不要带单位“{number.unit}”")
    return _storable(number.value)


def read_percent(text: str) -> Decimal:
    """``85%`` and ``85`` are both 0.85: in a percentage column nobody types fractions."""
    number = _number(text)
    if number.unit not in ("", "%"):
        raise InvalidValueError(f"请填百分比，例如 85%，不要带单位“{number.unit}”")
    return _storable(number.value / 100)


def read_date(text: str) -> str:
    """``2023-1-5``, ``2023.1.5`` or ``2023年1月5日`` to ISO."""
    match = _DATE.fullmatch("".join(text.split()))
    try:
        if match:
            return date(*map(int, match.groups())).isoformat()
    except ValueError:
        pass
    raise InvalidValueError("日期无法识别，请按 2023-01-31 的格式填写")


def read_text(text: str, *, length: int, multiline: bool) -> str:
    """Text as stored: line ends are line feeds, control characters are dropped."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    if not multiline:
        text = " ".join(text.split("\n"))
    text = text.strip()
    if len(text) > length:
        raise InvalidValueError(f"最多 {length} 字，现有 {len(text)} 字，请删减后再保存")
    return text


def _number(text: str) -> Number:
    try:
        return read_number(text)
    except NotANumberError as error:
        raise InvalidValueError(str(error)) from None


def _storable(number: Decimal) -> Decimal:
    if abs(number) >= _LARGEST_NUMBER:
        raise InvalidValueError("数字过大，请核对位数")
    if number != number.quantize(_MILLIONTH):
        raise InvalidValueError("小数位数过多，请减少小数位数")
    return number.quantize(_MILLIONTH)
