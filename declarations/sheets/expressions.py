"""Computed cells: ``{{= funding.general.budget + sum(tasks.amount) }}``, evaluated safely.

simpleeval does the evaluating; names are tags. Blank counts as zero, but a result
of nothing but blanks is blank. Money is in 元. A division by zero is blank; use
``rate(a, b)`` where the form prints zero then.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval

AGGREGATES = ("sum", "count", "average")
"""Functions over all rows of a list; anywhere else a list's tag means the row one is in."""

LONGEST = 500
"""Characters in one formula; also keeps its nesting within what can be evaluated."""

_FULL_WIDTH = str.maketrans("（），＋－×÷＊／＞＜", "(),+-*/*/><")
_NODES = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.BoolOp,
    ast.IfExp,
    ast.Call,
    ast.Name,
    ast.Constant,
    ast.Load,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
    ast.boolop,
)

Number = Decimal | None
Lookup = Callable[[str], Number]
"""The value of a tag in the row one is in."""
ListLookup = Callable[[str], Sequence[Number]]
"""The values of a tag in every row of its list."""


class ExpressionError(ValueError):
    """The expression cannot be used; the message says why, in Chinese."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression. `names` are the tags it uses, `lists` those inside aggregates."""

    source: str
    node: ast.expr
    names: frozenset[str]
    lists: frozenset[str]

    @classmethod
    def parse(cls, source: str) -> "Expression":
        """Raises ExpressionError for what is no formula of ours."""
        text = source.strip().translate(_FULL_WIDTH)
        if len(text) > LONGEST:
            raise ExpressionError(f"公式过长，最多 {LONGEST} 个字符")
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError(f"公式“{source.strip()}”写法有误") from None
        namer = _Namer()
        node = namer.visit(tree.body)
        return cls(text, node, frozenset(namer.names), frozenset(namer.lists))

    def evaluate(self, lookup: Lookup, list_lookup: ListLookup) -> Number:
        """The result, or None where it is blank or cannot be computed."""
        seen_value = False

        def name(node: ast.Name) -> Any:
            nonlocal seen_value
            if node.id.endswith("[]"):
                values = list_lookup(node.id[:-2])
                seen_value = seen_value or any(v is not None for v in values)
                return values
            value = lookup(node.id)
            seen_value = seen_value or value is not None
            return Decimal(0) if value is None else value

        evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=name)
        try:
            result = evaluator.eval(self.source, previously_parsed=self.node)
        except (ArithmeticError, InvalidExpression):
            return None
        if not seen_value and self.names | self.lists:
            return None
        return Decimal(result)

    @cached_property
    def uses(self) -> frozenset[str]:
        """Every tag that its result depends on."""
        return self.names | self.lists

    @cached_property
    def is_ratio(self) -> bool:
        """Whether money cancels out: a rate or a count, not an amount."""
        return _money_power(self.node) == 0


class _Namer(ast.NodeTransformer):
    """Turns dotted tags into single names, and refuses all that is not arithmetic."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.lists: set[str] = set()
        self._in_aggregate = False

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Attribute | ast.Name):
            return self._name(node)
        if not isinstance(node, _NODES):
            raise ExpressionError("公式中只能使用标签、数字、四则运算、比较和规定的函数")
        return super().visit(node)

    def _name(self, node: ast.expr) -> ast.Name:
        tag = ast.unparse(node)
        if not all(part.isidentifier() for part in tag.split(".")):
            raise ExpressionError(f"公式中的“{tag}”不是标签")
        (self.lists if self._in_aggregate else self.names).add(tag)
        return ast.Name(id=tag + "[]" if self._in_aggregate else tag, ctx=ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS or node.keywords:
            raise ExpressionError(f"没有函数“{ast.unparse(node.func)}”，可用：{'、'.join(_FUNCTIONS)}")
        aggregate = node.func.id in AGGREGATES
        if aggregate and not all(isinstance(a, ast.Attribute) for a in node.args):
            raise ExpressionError(f"{node.func.id}() 中应写清单中的一列，例如 sum(tasks.amount)")
        self._in_aggregate = aggregate
        node.args = [self.visit(a) for a in node.args]
        self._in_aggregate = False
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ExpressionError("公式中只能使用数字，不能使用文字")
        return ast.Constant(Decimal(str(node.value)))


def _money_power(node: ast.expr) -> int:
    """1 for an amount, 0 for a rate or count. Any tag counts as money here: a form's
    own cell format says how a plain number is shown."""
    match node:
        case ast.Constant():
            return 0
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _money_power(left) - _money_power(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _money_power(left) + _money_power(right)
        case ast.BinOp(left=left):
            return _money_power(left)
        case ast.UnaryOp(operand=operand):
            return _money_power(operand)
        case ast.IfExp(body=body):
            return _money_power(body)
        case ast.Call(func=ast.Name(id="rate" | "count")):
            return 0
        case ast.Call(args=[first, *_]):
            return _money_power(first)
        case _:
            return 1


def _sum(*columns: Sequence[Number]) -> Decimal:
    return sum((v for column in columns for v in column if v is not None), Decimal(0))


def _count(column: Sequence[Number]) -> Decimal:
    return Decimal(sum(v is not None for v in column))


def _average(column: Sequence[Number]) -> Decimal:
    return _sum(column) / _count(column)


def _rate(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole if whole else Decimal(0)


def _round(number: Decimal, decimals: Decimal = Decimal(0)) -> Decimal:
    return round(number, int(decimals))


_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "sum": _sum,
    "count": _count,
    "average": _average,
    "rate": _rate,
    "round": _round,
    "abs": abs,
    "min": min,
    "max": max,
}
_OPERATORS = {k: v for k, v in DEFAULT_OPERATORS.items() if k is not ast.Pow}
