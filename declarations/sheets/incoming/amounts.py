"""A cell of an upload to the value that a field stores."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from declarations.sheets.fields import Field
from declarations.sheets.incoming.grid import CellKind, SheetCell
from declarations.sheets.incoming.shown import as_moment
from declarations.sheets.kinds import InvalidValueError, Kind
from declarations.sheets.records import Value
from scoring.numbers import MONEY_UNITS

_DASHES = frozenset("-—–－/／\\无")
_EXACT_DIGITS = 15
_MOST_DIGITS = 18
"""Before the point: more than any field takes, whatever its unit."""
_STEP = {Kind.MONEY: Decimal("0.01"), Kind.NUMBER: Decimal("0.000001")}
_PERCENT_STEP = Decimal("0.000001")  # of the fraction
_PERCENT = Decimal("0.01")
_BRACKETED_UNIT = re.compile(r"[（(]\s?(亿元|万元|千元|元)\s?[）)]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff\u200b]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell gave. problem: why nothing could be read; warning: what to look at."""

    value: Value
    problem: str = ""
    warning: str = ""


def read_cell(field: Field, cell: SheetCell | None, unit: str) -> Reading:
    """The stored value of a cell. unit: that of the upload, for a number of money without one."""
    if cell is None:
        return Reading(blank(field))
    match cell.kind:
        case CellKind.UNCOMPUTED:
            return Reading(blank(field), "公式没有计算结果，请在 Excel 或 WPS 中打开，保存后再上传")
        case CellKind.ERROR:
            return Reading(blank(field), f"公式出错，结果为 {cell.raw[:20]}，请改正后再上传")
        case CellKind.NUMBER:
            return _read_number(field, cell, unit)
    return read_typed(field, cell.text, unit)


def blank(field: Field) -> Value:
    """Nothing, as the field stores it."""
    return None if field.numeric else ""


def read_typed(field: Field, text: str, unit: str) -> Reading:
    """The stored value of a text."""
    if field.numeric and text.strip() and set("".join(text.split())) <= _DASHES:
        return Reading(None, warning=f"“{text.strip()[:20]}”读作没有填写")
    if field.numeric or field.kind in (Kind.DATE, Kind.CHOICE):
        text = _BRACKETED_UNIT.sub(r"\1", _SPACES.sub(" ", text))
    try:
        if field.kind is Kind.MONEY and unit != field.unit:
            return Reading(_in_unit(field, unit).read(text))
        value = field.read(text)
        return Reading(value, warning=_doubtful(field, text, value))
    except InvalidValueError as error:
        return Reading(blank(field), _said(text, error))


def _doubtful(field: Field, text: str, value: Value) -> str:
    """What to look at where a rate was perhaps meant as a fraction: 0.85 for 85%."""
    if field.kind is not Kind.PERCENT or not isinstance(value, Decimal):
        return ""
    if "%" in unicodedata.normalize("NFKC", text) or not 0 < abs(value) <= _PERCENT:
        return ""
    return f"“{_shortened(text)}”没有写百分号，读作 {_plain(value * 100)}%"


def _said(text: str, error: InvalidValueError) -> str:
    """What is wrong, with what stands there."""
    message = " ".join(str(error).split())
    return message if "“" in message else f"“{_shortened(text)}”：{message}"


def _in_unit(field: Field, unit: str) -> Field:
    return Field(
        field.tag, field.kind, field.label, unit=unit, negative_allowed=field.negative_allowed
    )


def _read_number(field: Field, cell: SheetCell, unit: str) -> Reading:
    number = cell.number
    if number is None:
        return Reading(blank(field), f"“{_shortened(cell.raw)}”不是数字")
    if not field.numeric:
        return _read_shown(field, cell, number)
    if number.adjusted() > _MOST_DIGITS:
        return Reading(None, f"“{_shortened(cell.raw)}”过大，请核对单位和位数")
    percent = cell.text.endswith("%")
    if cell.is_date or percent != (field.kind is Kind.PERCENT and percent):
        what = "日期" if cell.is_date else "百分数"
        return Reading(None, f"这里是{what} {cell.text}，应填{_wanted(field)}")
    if field.kind is Kind.PERCENT:
        fraction = number if percent else number / 100
        doubtful = not percent and 0 < abs(number) <= 1
        return _checked(
            field,
            cell,
            fraction.quantize(_PERCENT_STEP, ROUND_HALF_UP),
            f"{_plain(number)} 没有设为百分比格式，读作 {_plain(number)}%" if doubtful else "",
        )
    scale = MONEY_UNITS[unit] if field.kind is Kind.MONEY else Decimal(1)
    exact = number * scale
    stored = exact.quantize(_STEP[field.kind], ROUND_HALF_UP)
    rounded = ""
    if stored != exact and not cell.formula:
        shown = _plain(stored / scale)
        rounded = f"{_plain(number)} 的小数位数过多，读作 {shown}"
    return _checked(field, cell, stored, rounded)


def _checked(field: Field, cell: SheetCell, value: Decimal, warning: str) -> Reading:
    """The value, if the field would take it when typed; else what is wrong with the cell's."""
    typed = Field(
        field.tag, field.kind, field.label, unit="元", negative_allowed=field.negative_allowed
    )
    text = f"{value * 100:f}%" if field.kind is Kind.PERCENT else f"{value:f}"
    try:
        return Reading(typed.read(text), warning=warning)
    except InvalidValueError as error:
        shown = cell.text if cell.text.endswith("%") else _plain(cell.number or Decimal(0))
        return Reading(None, _said(shown, error))


def _read_shown(field: Field, cell: SheetCell, number: Decimal) -> Reading:
    """A number where text belongs: as Excel shows it."""
    if field.kind is Kind.DATE:
        moment = as_moment(number, from_1904=cell.from_1904) if cell.is_date else None
        if moment:
            return Reading(moment.date().isoformat())
        return read_typed(field, _plain(number), "")
    reading = read_typed(field, cell.text, "")
    digits = len(number.as_tuple().digits) if number == number.to_integral_value() else 0
    if number.adjusted() >= _EXACT_DIGITS and digits and not reading.problem:
        return Reading(
            reading.value,
            warning=f"超过 {_EXACT_DIGITS} 位的数字在 Excel 中会丢失末尾几位，请核对，并把单元格设为文本格式",
        )
    return reading


def _wanted(field: Field) -> str:
    return {Kind.MONEY: "金额", Kind.NUMBER: "数字", Kind.PERCENT: "百分比"}[field.kind]


def _plain(number: Decimal) -> str:
    text = f"{number.normalize():f}"
    return "0" if text in ("-0", "") else text


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 20 else line[:20] + "…"
