"""A form's computed cells as formulas that Excel and WPS compute while somebody types.

What Excel cannot be told raises UntranslatableError: such a cell is computed once the
workbook is uploaded. Blank counts as zero, a result of nothing but blanks is blank, and so
is one that cannot be computed, as in `expressions`.
"""

import ast
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.utils import get_column_letter

from declarations.sheets.expressions import Expression
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind, NumberFormat
from scoring.numbers import MONEY_UNITS

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.And: "AND",
    ast.Or: "OR",
}
_FUNCTIONS = {"round": "ROUND", "abs": "ABS", "min": "MIN", "max": "MAX"}
_AGGREGATES = {"sum": "SUM", "count": "COUNT", "average": "AVERAGE"}
_LONGEST = 8000  # Excel's own limit is 8192 characters
_MOST_ARGUMENTS = 250
_LONGEST_TEXT = 250  # of one text in a formula


class UntranslatableError(ValueError):
    """Excel has no formula for this one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: in a cell of its own, or in a text between two words of it."""

    row: int
    column: int
    rows: int
    field: Field
    before: str = ""
    after: str = ""

    @property
    def address(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def alone(self) -> bool:
        return not (self.before or self.after)

    @property
    def unit(self) -> Decimal:
        return MONEY_UNITS[self.field.unit] if self.field.kind is Kind.MONEY else Decimal(1)

    def number(self, otherwise: str) -> str:
        """The number as an Excel expression; `otherwise` where a text holds none."""
        if self.alone:
            return self.address
        start = f"FIND({quoted(self.before)},{self.address})+{len(self.before)}"
        end = f"FIND({quoted(self.after)},{self.address},{start})" if self.after else "9999"
        return f"IFERROR(VALUE(MID({self.address},{start},{end}-({start}))),{otherwise})"


Find = Callable[[str], Place | Decimal]
"""The place of a tag as seen from the formula's row, or its value where it has no cell."""
FindAll = Callable[[str], Sequence[Place]]
"""The places of a tag in every row of its list."""


def formula(expression: Expression, field: Field, find: Find, find_all: FindAll) -> str:
    """The formula, without the equals sign. `field`: the computed one, for its unit.

    Raises UntranslatableError.
    """
    places = {name: find(name) for name in sorted(expression.names)}
    lists = {name: find_all(name) for name in sorted(expression.lists)}
    translator = _Translator(expression.node, places, lists, field)
    body = translator.write(expression.node)
    if not translator.plain and field.kind is Kind.MONEY:
        body = f"{body}/{MONEY_UNITS[field.unit]}"
    own = [p for p in places.values() if isinstance(p, Place)]
    decisive = own or [p for column in lists.values() for p in column]
    if decisive and len(own) == len(places):  # the year is never blank
        body = f'IF(COUNT({_arguments(decisive, blank=True)})=0,"",{body})'
    body = f'IFERROR({body},"")'
    if len(body) > _LONGEST:
        raise UntranslatableError
    return body


def shown(body: str, number_format: NumberFormat) -> str:
    """A formula's result as text, the way the form prints it."""
    if number_format.decimals is None:
        return f"({body})"
    whole = "#,##0" if number_format.thousands else "0"
    decimals = "." + "0" * number_format.decimals if number_format.decimals else ""
    return f'TEXT({body},"{whole}{decimals}{"%" if number_format.percent else ""}")'


def quoted(text: str) -> str:
    """A text as Excel writes one in a formula; line ends and long ones in pieces."""
    pieces: list[str] = []
    for number, line in enumerate(text.split("\n")):
        pieces += ["CHAR(10)"] if number else []
        chunks = [line[i : i + _LONGEST_TEXT] for i in range(0, len(line), _LONGEST_TEXT)]
        pieces += ['"' + chunk.replace('"', '""') + '"' for chunk in chunks]
    return "&".join(pieces) or '""'


class _Translator:
    """Writes one expression. `plain`: in the form's unit of money throughout."""

    def __init__(
        self,
        node: ast.expr,
        places: Mapping[str, Place | Decimal],
        lists: Mapping[str, Sequence[Place]],
        field: Field,
    ) -> None:
        self.places = places
        self.lists = lists
        named = {n: p for n, p in places.items() if isinstance(p, Place)}
        named |= {n: column[0] for n, column in lists.items() if column}
        money = {n: p for n, p in named.items() if p.field.kind is Kind.MONEY}
        units = {p.unit for p in money.values()}
        if field.kind is Kind.MONEY:
            units.add(MONEY_UNITS[field.unit])
        # Amounts of one unit that are added and divided by one another need not become 元 first.
        self.plain = len(units) <= 1 and _scales(node, money)

    def write(self, node: ast.expr) -> str:
        """One part of the expression. Raises UntranslatableError."""
        match node:
            case ast.Constant(value=value):
                return str(value)
            case ast.Name(id=name):
                return self._reference(name)
            case ast.BinOp(left=left, op=op, right=right):
                return f"({self.write(left)}{_operator(op)}{self.write(right)})"
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as op, operand=operand):
                return f"({_operator(op)}{self.write(operand)})"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"IF({self._condition(test)},{self.write(body)},{self.write(orelse)})"
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args)
        raise UntranslatableError

    def _condition(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                return f"{_operator(op)}({','.join(map(self._condition, values))})"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return f"{self.write(left)}{_operator(op)}{self.write(right)}"
        raise UntranslatableError

    def _reference(self, name: str) -> str:
        place = self.places[name]
        if isinstance(place, Decimal):
            return f"{place:f}"
        return self._in_yuan(place.number("0"), place)

    def _call(self, name: str, args: list[ast.expr]) -> str:
        if name == "rate":
            part, whole = map(self.write, args)
            return f"IF({whole}=0,0,{part}/{whole})"
        if name in _FUNCTIONS:
            written = [self.write(a) for a in args]
            if name == "round" and len(args) == 1:
                written.append("0")
            return f"{_FUNCTIONS[name]}({','.join(written)})"
        if name == "average" and len(args) > 1:
            raise UntranslatableError
        totals = []
        for arg in args:
            assert isinstance(arg, ast.Name)
            column = self.lists[arg.id.removesuffix("[]")]
            if not column:
                continue
            if name == "average" and not all(p.alone for p in column):
                raise UntranslatableError
            total = f"{_AGGREGATES[name]}({_arguments(column, blank=name == 'count')})"
            totals.append(total if name == "count" else self._in_yuan(total, column[0]))
        return f"({'+'.join(totals)})" if totals else "0"

    def _in_yuan(self, written: str, place: Place) -> str:
        return written if self.plain or place.unit == 1 else f"({written}*{place.unit})"


def _operator(op: ast.AST) -> str:
    try:
        return _OPERATORS[type(op)]
    except KeyError:
        raise UntranslatableError from None


def _arguments(column: Sequence[Place], *, blank: bool) -> str:
    """What SUM or COUNT is given for these cells: ranges where they adjoin.

    blank: a text without a number shall not count.
    """
    written: list[str] = []
    first: Place | None = None
    last: Place | None = None
    for place in column:
        if not place.alone:
            written.append(place.number('""' if blank else "0"))
            first = last = None
            continue
        if first and last and (place.column, place.row) == (last.column, last.row + last.rows):
            written[-1] = f"{first.address}:{place.address}"
        else:
            written.append(place.address)
            first = place
        last = place
    if len(written) > _MOST_ARGUMENTS:
        raise UntranslatableError
    return ",".join(written)


class _MixedError(Exception):
    """Amounts and plain numbers are added or compared."""


def _scales(node: ast.expr, money: Container[str]) -> bool:
    """Whether the expression gives the same amount, or rate, in every unit of money."""
    try:
        _degree(node, money)
    except _MixedError:
        return False
    return True


def _degree(node: ast.expr, money: Container[str]) -> int | None:
    """The power of money in a result; None of a zero, which fits all. Raises _MixedError."""

    def of(part: ast.expr) -> int:
        return _degree(part, money) or 0

    match node:
        case ast.Name(id=name):
            return int(name.removesuffix("[]") in money)
        case ast.Constant(value=value):
            return 0 if value else None
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return of(left) + of(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return of(left) - of(right)
        case ast.Call(func=ast.Name(id="rate"), args=[part, whole]):
            return of(part) - of(whole)
        case ast.Call(func=ast.Name(id="count")):
            return 0
        case ast.Call(func=ast.Name(id="round"), args=[number, *_]) if of(number):
            raise _MixedError  # rounded in 元, not in the form's unit
    return _degree_in_common(node, money)


def _degree_in_common(node: ast.expr, money: Container[str]) -> int | None:
    """Of what adds, compares or chooses from several parts, which must be alike."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            _degree(test, money)
            parts = [body, orelse]
        case ast.BoolOp(values=values):
            return max(_degree(value, money) or 0 for value in values)
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.Compare(left=left, comparators=others):
            parts = [left, *others]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.Call(args=args):
            parts = args
        case _:
            raise _MixedError
    degrees = {d for part in parts if (d := _degree(part, money)) is not None}
    if len(degrees) > 1:
        raise _MixedError
    return degrees.pop() if degrees else None
