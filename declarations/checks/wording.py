"""Expressions and figures in the words of a message."""

import ast
from collections.abc import Mapping
from decimal import Decimal

from declarations.sheets.fields import Field

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "＋", ast.Sub: "－", ast.Mult: "×", ast.Div: "÷"}
_FUNCTIONS = {
    "sum": "{}合计",
    "count": "{}的个数",
    "average": "{}的平均",
    "rate": "{}占{}的比例",
    "round": "{}",
    "abs": "{}的绝对值",
    "min": "{}中最小的",
    "max": "{}中最大的",
}
_MOST_DECIMALS = 6


def in_words(node: ast.expr, fields: Mapping[str, Field]) -> str:
    """An expression as an official would say it: ``“基本支出”＋“项目支出”``."""
    match node:
        case ast.Name(id=name):
            path = name.removesuffix("[]")
            return f"“{fields[path].label}”" if path in fields else "年度"
        case ast.Constant(value=Decimal() as value):
            return f"{value:,f}"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return _calculation(left, op, right, fields)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [in_words(arg, fields) for arg in args])
        case ast.UnaryOp(op=op, operand=operand):
            return ("－" if isinstance(op, ast.USub) else "") + in_words(operand, fields)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{in_words(body, fields)}或{in_words(orelse, fields)}"
        case _:
            return "算式"


def figure(number: Decimal, decimals: int = 2) -> str:
    """A number with thousands separators: so many decimals, or as many as it has, at most six."""
    for places in range(decimals, _MOST_DECIMALS):
        written = f"{number:,.{places}f}"
        if Decimal(written.replace(",", "")) == number:
            return written
    return f"{number:,.{_MOST_DECIMALS}f}"


def _calculation(
    left: ast.expr, op: ast.operator, right: ast.expr, fields: Mapping[str, Field]
) -> str:
    sides = [in_words(part, fields) for part in (left, right)]
    if not isinstance(op, ast.Add):
        bracketed = [
            isinstance(part, ast.BinOp)
            and isinstance(part.op, ast.Add | ast.Sub)
            and not (part is left and isinstance(op, ast.Sub))
            for part in (left, right)
        ]
        sides = [f"（{s}）" if b else s for s, b in zip(sides, bracketed, strict=True)]
    return _SIGNS[type(op)].join(sides)


def _call(name: str, args: list[str]) -> str:
    if name == "sum":
        return "＋".join(f"{arg}合计" for arg in args)
    if name in ("rate", "round"):
        return _FUNCTIONS[name].format(*args)
    return _FUNCTIONS[name].format("、".join(args))
