"""Totals, shares and rates that an upload has typed in, against what its records give."""

import ast
from collections.abc import Iterator
from decimal import Decimal

from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.incoming.building import Built, Computed
from declarations.sheets.incoming.grid import CellKind, Grid
from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.problems import CellProblem
from declarations.sheets.tags import Tag, parse_path
from declarations.sheets.values import Values
from scoring.numbers import MONEY_UNITS, NotANumberError, read_number

_MOST_DECIMALS = 8
_EXACT_DIGITS = 15  # of a number in Excel


def check_computed(form: Form, grid: Grid, built: Built) -> Iterator[CellProblem]:
    """What disagrees, each with both values."""
    values = Values(form, built.records)
    for found in built.computed:
        message = _disagreement(form, values, found)
        if message:
            yield CellProblem(grid.name, found.cell.coordinate, message)


def _disagreement(form: Form, values: Values, found: Computed) -> str:
    field = form.fields[found.tag.path]
    if found.cell.kind in (CellKind.UNCOMPUTED, CellKind.ERROR):
        return ""  # ours takes its place
    if found.tag.expression is None:
        return ""  # what the rules gave when it was written, or a reviewer
    typed = _typed(field, found)
    if typed is None:
        return f"{field.label}由系统计算，“{found.text[:20]}”不是数，没有读入"
    number, decimals = typed
    ours = values.computed(found.tag, found.rows)
    if ours is None:
        return _without_amounts(form, values, field, found, number) if number else ""
    shown = field.in_display_unit(ours)
    if field.kind is Kind.PERCENT:
        shown = shown * 100
    decimals = min(decimals, _decimals_of(field), _EXACT_DIGITS - 2 - shown.adjusted())
    step = Decimal(1).scaleb(-decimals)
    if abs(number - shown) <= step / 2 + Decimal("1e-9"):
        return ""
    unit = field.unit if found.text.rstrip().endswith(tuple(MONEY_UNITS)) else ""
    return f"{field.label}：文件中是 {found.text.strip()}，按各项计算应为 {field.show(ours)}{unit}，以计算结果为准"


def _decimals_of(field: Field) -> int:
    decimals = field.format.decimals
    return _MOST_DECIMALS if decimals is None else decimals


def _typed(field: Field, found: Computed) -> tuple[Decimal, int] | None:
    """The number that stands there, in the form's unit (per cent as per cent), and how many
    decimals of it are shown."""
    cell = found.cell
    percent = False
    if cell.number is not None and found.text == cell.text:
        if cell.is_date:
            return None
        format_ = NumberFormat.from_excel(cell.format)
        percent = format_.percent
        number = cell.number * 100 if percent else cell.number
        unit = found.unit
        decimals = format_.decimals
        if decimals is None:
            decimals = _decimals(number)
    else:
        try:
            read = read_number(found.text)
        except NotANumberError:
            return None
        percent = read.unit == "%"
        number, unit = read.value, read.unit if read.unit in MONEY_UNITS else found.unit
        decimals = _decimals(number)
    if field.kind is Kind.PERCENT and not percent and abs(number) <= 1 and cell.number is not None:
        return number * 100, max(decimals - 2, 0)
    if field.kind is Kind.MONEY and unit != field.unit and unit in MONEY_UNITS:
        scale = MONEY_UNITS[unit] / MONEY_UNITS[field.unit]
        return number * scale, decimals - scale.adjusted()
    return number, decimals


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _without_amounts(
    form: Form, values: Values, field: Field, found: Computed, number: Decimal
) -> str:
    """A total or share is there, and nothing that it could be of."""
    text = found.text.strip()
    said = f"{field.label}：文件中是 {text}，但没有填写用来计算的金额或数值，这个数没有读入"
    if field.kind is not Kind.PERCENT:
        return said
    part = _share_of(found.tag)
    total = _total_beside(form, values, part) if part else None
    if part is None or total is None:
        return said
    label, amount = total
    own = form.fields[part]
    implied = own.show(amount * number / 100)
    return (
        f"{said}。按“{label}”{own.show(amount)}{own.unit}的 {text} 推算，"
        f"“{own.label}”约为 {implied}{own.unit}，请核对后填写"
    )


def _share_of(tag: Tag) -> str | None:
    """The one amount that a share is of: ``a`` of ``a / (a + b)``."""
    node = tag.expression.node if tag.expression else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        part = node.left
    elif isinstance(node, ast.Call) and node.args:
        part = node.args[0]
    else:
        return None
    return part.id if isinstance(part, ast.Name) else None


def _total_beside(form: Form, values: Values, part: str) -> tuple[str, Decimal] | None:
    """A total that is known in the same column as an amount: the nearest above it."""
    at = next((c for c in form.cells if any(t.path == part for t in c.tags)), None)
    if at is None or parse_path(part).list_path:
        return None
    for cell in sorted(form.cells, key=lambda c: -c.row):
        if cell.column != at.column or cell.row >= at.row or cell.depth:
            continue
        for tag in cell.tags:
            field = form.fields.get(tag.path)
            if tag.expression and field and field.kind is Kind.MONEY:
                amount = values.computed(tag, ())
                if amount:
                    return field.label, amount
    return None
