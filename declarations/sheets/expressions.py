"""Computed cells: ``{{= funding.general.budget + sum(tasks.amount) }}``, evaluated safely.

simpleeval does the evaluating; names are tags. Blank counts as zero, but a result
of nothing but blanks is blank. Money is in 元. A division by zero is blank; use
``rate(a, b)`` where the form prints zero then.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, reduce
from inspect import signature
from typing import Any

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval

AGGREGATES = ("sum", "count", "average")
"""Functions over all rows of a list; anywhere else a list's tag means the row one is in."""

LONGEST = 500
"""Characters in one formula."""
DEEPEST = 100
"""Levels of one formula, so that evaluating it stays within Python's stack."""

_LARGEST = Decimal(10) ** 20
"""No amount or rate is as large; what is cannot be shown with its decimals."""
_FULL_WIDTH = str.maketrans("（），＋－×÷＊／＞＜％０１２３４５６７８９", "(),+-*/*/><%0123456789")
_PERCENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*%(?!\s*[\w(])")
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
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.And, ast.Or),
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
        text = half_width(source)
        if len(text) > LONGEST:
            raise ExpressionError(f"公式过长，最多 {LONGEST} 个字符")
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError(f"公式“{source.strip()}”写法有误") from None
        if _depth(tree.body) > DEEPEST:
            raise ExpressionError("公式的层次过多，请改写得简单些")
        namer = _Namer()
        node = namer.visit(tree.body)
        return cls(text, node, frozenset(namer.names), frozenset(namer.lists))

    def evaluate(self, lookup: Lookup, list_lookup: ListLookup) -> Number:
        """The result, or None where it is blank or cannot be computed."""
        seen: list[Number] = []
        seen_in_lists: list[Number] = []

        def name(node: ast.Name) -> Any:
            if node.id.endswith("[]"):
                column = list_lookup(node.id[:-2])
                seen_in_lists.extend(column)
                return column
            value = lookup(node.id)
            seen.append(value)
            return Decimal(0) if value is None else value

        evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=name)
        try:
            result = evaluator.eval(self.source, previously_parsed=self.node)
        except (ArithmeticError, InvalidExpression):
            return None
        decisive = seen or seen_in_lists  # a row's own cells, before what they are shares of
        if self.uses and all(value is None for value in decisive):
            return None
        number = Decimal(result)
        return number if abs(number) < _LARGEST else None

    def written_out(
        self, sums: Mapping[str, Sequence[str]], constants: Mapping[str, Decimal]
    ) -> "Expression":
        """The same with ``sum(…)`` of these names as the sum of other names, and with constants
        in place of these names."""
        if not (self.lists & sums.keys() or self.names & constants.keys()):
            return self
        node = _WriterOut(sums, constants).visit(copy.deepcopy(self.node))
        names = self.names - constants.keys() | {
            n for s in self.lists & sums.keys() for n in sums[s]
        }
        return replace(self, node=node, names=frozenset(names), lists=self.lists - sums.keys())

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """Every tag that it uses, as often as it is written, from left to right."""
        return tuple(_tags_in(self.node))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Every tag that its result depends on."""
        return self.names | self.lists

    def is_money(self, holds_money: Callable[[str], bool]) -> bool:
        """Whether the result is an amount: money that does not cancel out.

        holds_money: whether a tag's field does.
        """
        return _money_power(self.node, holds_money) == 1


def _depth(node: ast.AST) -> int:
    """How many levels an expression has."""
    depth, level = 0, [node]
    while level:
        depth, level = depth + 1, [c for part in level for c in ast.iter_child_nodes(part)]
    return depth


def _tags_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id.removesuffix("[]")
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        yield from _tags_in(child)


def half_width(source: str) -> str:
    """What was typed, with the signs of arithmetic that a Chinese keyboard gives as plain ones.

    A percentage is a share of a hundred: ``20%`` becomes ``(20/100)``.
    """
    return _PERCENT.sub(r"(\1/100)", source.strip().translate(_FULL_WIDTH))


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
            raise ExpressionError(
                f"没有函数“{ast.unparse(node.func)}”，可用：{'、'.join(_FUNCTIONS)}"
            )
        try:
            signature(_FUNCTIONS[node.func.id]).bind(*node.args)
        except TypeError:
            raise ExpressionError(f"函数 {node.func.id}() 中的项数不对") from None
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
        return ast.Constant(Decimal(str(node.value)))  # type: ignore[arg-type]


class _WriterOut(ast.NodeTransformer):
    """Writes sums over scored items out, and constants in."""

    def __init__(self, sums: Mapping[str, Sequence[str]], constants: Mapping[str, Decimal]) -> None:
        self.sums, self.constants = sums, constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = self.constants.get(node.id)
        return node if known is None else ast.Constant(known)  # type: ignore[arg-type]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "sum"):
            return node
        written = [a for a in node.args if isinstance(a, ast.Name) and a.id[:-2] in self.sums]
        node.args = [a for a in node.args if a not in written]
        addends: list[ast.expr] = [node] if node.args else []
        for name in written:
            addends += [ast.Name(n, ast.Load()) for n in self.sums[name.id[:-2]]]
        return reduce(lambda one, other: ast.BinOp(one, ast.Add(), other), addends)


def _money_power(node: ast.expr, holds_money: Callable[[str], bool]) -> int:
    """1 for an amount, 0 for a rate, a count or a plain number."""

    def power(part: ast.expr) -> int:
        return _money_power(part, holds_money)

    match node:
        case ast.Name(id=name):
            return int(holds_money(name.removesuffix("[]")))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return power(left) - power(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return power(left) + power(right)
        case ast.BinOp(left=left, right=right):
            return max(power(left), power(right))
        case ast.UnaryOp(operand=operand):
            return power(operand)
        case ast.IfExp(body=body, orelse=orelse):
            return max(power(body), power(orelse))
        case ast.Call(func=ast.Name(id="round"), args=[number, *_]):
            return power(number)
        case ast.Call(func=ast.Name(id=name), args=args) if name not in ("rate", "count"):
            return max(map(power, args))
        case _:
            return 0


def _sum(column: Sequence[Number], *others: Sequence[Number]) -> Decimal:
    return sum((v for c in (column, *others) for v in c if v is not None), Decimal(0))


def _count(column: Sequence[Number]) -> Decimal:
    return Decimal(sum(v is not None for v in column))


def _average(column: Sequence[Number]) -> Decimal:
    return _sum(column) / _count(column)


def _rate(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole if whole else Decimal(0)


def _round(number: Decimal, decimals: Decimal = Decimal(0)) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)


def _absolute(number: Decimal) -> Decimal:
    return abs(number)


def _least(first: Decimal, second: Decimal, *others: Decimal) -> Decimal:
    return min(first, second, *others)


def _greatest(first: Decimal, second: Decimal, *others: Decimal) -> Decimal:
    return max(first, second, *others)


_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "sum": _sum,
    "count": _count,
    "average": _average,
    "rate": _rate,
    "round": _round,
    "abs": _absolute,
    "min": _least,
    "max": _greatest,
}
_OPERATORS = {k: v for k, v in DEFAULT_OPERATORS.items() if k is not ast.Pow}
