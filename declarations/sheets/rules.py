"""A form's own checks: conditions of the 校验 sheet that must hold of what is filled in.

A condition compares two expressions (`expressions`), so that both sides can be named with
their values. Amounts are in 元. A condition that names columns of a list outside aggregates
must hold of every row of that list.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from declarations.sheets.catalogue import CONTEXT
from declarations.sheets.expressions import LONGEST, Expression, ExpressionError, half_width
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind
from declarations.sheets.listing import Line, read_lines
from declarations.sheets.tags import NOT_IN_FORM, TagError, misplaced_sums, parse_path
from scoring.numbers import MONEY_UNITS, NotANumberError, read_number

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from declarations.sheets.form import Block

RuleProblem = tuple[str, str, str]
"""Sheet, cell and message."""

MUST = "必须修正"
HINT = "提示"
LEVELS = (MUST, HINT)

COLUMNS = ("编码", "级别", "条件", "说明", "依据", "允许误差", "逐行")
"""Headings of the 校验 sheet; only 条件 must be there, in any order."""

COMPARATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "≠",
    ast.LtE: "≤",
    ast.GtE: "≥",
    ast.Lt: "<",
    ast.Gt: ">",
}
"""What may stand between the two sides, and the sign by which a rule keeps it."""

_SIGNS = {
    "＝": "=",
    "﹦": "=",
    "≥": ">=",
    "≧": ">=",
    "=>": ">=",
    "≤": "<=",
    "≦": "<=",
    "=<": "<=",
    "≠": "!=",
    "<>": "!=",
}
_SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_CODE = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class Rule:
    """One line of the 校验 sheet.

    level: one of LEVELS. comparator: one of the signs of COMPARATORS. list_path: the list
    whose every row it must hold of, () where it holds of the form once. allowance: by how
    much the sides may differ, in 元 where they are amounts; None for what rounding explains.
    message: what an official reads, "" for one made of both sides. cell: of its condition.
    """

    code: str
    level: str
    condition: str
    left: Expression
    comparator: str
    right: Expression
    list_path: tuple[str, ...]
    message: str = ""
    source: str = ""
    allowance: Decimal | None = None
    cell: str = ""

    @property
    def uses(self) -> frozenset[str]:
        """Every tag that it depends on."""
        return self.left.uses | self.right.uses


def read_rules(
    sheet: "Worksheet | None", fields: dict[str, Field], root: "Block"
) -> tuple[tuple[Rule, ...], list[RuleProblem]]:
    """The rules of the 校验 sheet in its order, and everything that is wrong with it."""
    if sheet is None:
        return (), []
    lines = read_lines(sheet, COLUMNS, "条件")
    if lines is None:
        return (), [(sheet.title, "", "找不到写有“条件”的表头行")]
    reader = _Reader(fields, frozenset(block.list_path for block in root.walk()))
    rules: dict[str, Rule] = {}
    problems: list[RuleProblem] = []
    for line in lines:
        rule, wrong = reader.read(line)
        problems += [(sheet.title, line.cell(heading), message) for heading, message in wrong]
        if rule is not None:
            if rule.code in rules:
                said = f"编码“{rule.code}”与 {rules[rule.code].cell} 那一条重复"
                problems.append((sheet.title, line.cell("编码"), said))
            rules.setdefault(rule.code, rule)
    return tuple(rules.values()), problems


class ConditionError(Exception):
    """The condition is none; the message says why, in Chinese."""


def split_condition(condition: str) -> tuple[Expression, str, Expression]:
    """Both sides and the sign between them. Raises ConditionError."""
    if condition.startswith(("=", "＝")):
        raise ConditionError("条件不要以等号开头，写成“左边 比较 右边”")
    text = half_width(re.sub(r"[{}]{2}", "", condition))
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = _SINGLE_EQUALS.sub("==", text)
    if len(text) > LONGEST:
        raise ConditionError(f"条件过长，最多 {LONGEST} 个字符")
    try:
        node = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.Compare):
            raise ConditionError("条件要比较两边，例如 sum(tasks.amount) = funding.project.budget")
        left, *others = (ast.unparse(side) for side in (node.left, *node.comparators))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConditionError(f"条件“{condition}”写法有误") from None
    if len(others) > 1:
        raise ConditionError("一个条件只比较一次，请分成几行")
    comparator = COMPARATORS.get(type(node.ops[0]))
    if comparator is None:
        raise ConditionError(f"条件“{condition}”写法有误")
    try:
        return Expression.parse(left), comparator, Expression.parse(others[0])
    except ExpressionError as error:
        raise ConditionError(str(error)) from None


class _Reader:
    """Reads one line at a time, knowing the form's fields and lists."""

    def __init__(self, fields: dict[str, Field], lists: Collection[tuple[str, ...]]) -> None:
        self.fields = fields
        self.lists = lists

    def read(self, line: Line) -> tuple[Rule | None, list[tuple[str, str]]]:
        """The rule, None where it is none, and what is wrong, each with its heading."""
        wrong: list[tuple[str, str]] = []
        level = line.text("级别") or MUST
        if level not in LEVELS:
            wrong.append(("级别", f"级别应是 {'、'.join(LEVELS)} 之一，现为“{level}”"))
        code = line.text("编码") or f"row_{line.row}"
        if not _CODE.fullmatch(code):
            wrong.append(("编码", f"编码“{code}”不能使用：最多 40 个字，不含空格和标点"))
        condition = line.text("条件")
        if not condition:
            return None, [*wrong, ("条件", "请写明条件")]
        try:
            left, comparator, right = split_condition(condition)
        except ConditionError as error:
            return None, [*wrong, ("条件", str(error))]
        if unusable := list(self._unusable(left.uses | right.uses)):
            return None, [*wrong, *(("条件", message) for message in unusable)]
        list_path, misplaced = self._rows(left, right, line.text("逐行"))
        wrong += misplaced
        allowance = None
        if line.text("允许误差"):
            try:
                allowance = self._allowance(line.text("允许误差"), left, right)
            except ValueError as error:
                wrong.append(("允许误差", str(error)))
        rule = Rule(
            code,
            level,
            condition,
            left,
            comparator,
            right,
            list_path,
            line.text("说明").rstrip("。；，"),
            line.text("依据"),
            allowance,
            line.cell("条件"),
        )
        return rule, wrong

    def _unusable(self, names: Iterable[str]) -> Iterator[str]:
        """Names that are no tags, not in the form, or hold no numbers."""
        if not names:
            yield "条件中没有标签"
        for name in sorted(names):
            try:
                parse_path(name)
            except TagError as error:
                yield str(error)
                continue
            if name in CONTEXT:
                if name != "year":
                    yield f"条件中不能使用“{name}”，它不是数字"
            elif name not in self.fields:
                yield f"条件用到的 {name} {NOT_IN_FORM}"
            elif not self.fields[name].numeric:
                yield f"条件用到的 {name} 不是数字，请在“字段”中把它的类型设为金额、数值或百分比"

    def _rows(
        self, left: Expression, right: Expression, per_row: str
    ) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        """The list whose rows the condition is about, and why it cannot be about them."""
        wanted = tuple(per_row.split(".")) if per_row else ()
        if wanted not in self.lists:
            known = "、".join(".".join(path) for path in sorted(self.lists) if path) or "无"
            return (), [("逐行", f"没有清单“{per_row}”，可用：{known}")]
        named = [parse_path(n).list_path for s in (left, right) for n in s.in_order if n in s.names]
        path = max((wanted, *named), key=len)
        if any(p != path[: len(p)] for p in (wanted, *named)):
            lists = "、".join(dict.fromkeys(".".join(p) for p in (wanted, *named) if p))
            message = (
                f"一个条件只能比较一个清单的各行，现有 {lists}，其余的请写成 sum(…) 这样的汇总"
            )
            return path, [("条件", message)]
        misplaced = misplaced_sums(left.lists | right.lists, path)
        return path, [("条件", message) for message in misplaced]

    def _allowance(self, text: str, left: Expression, right: Expression) -> Decimal:
        """In 元 where the sides are amounts; a bare number is in the unit of their first one."""
        try:
            number = read_number(text)
        except NotANumberError as error:
            raise ValueError(str(error)) from None
        unit = number.unit
        if amount := first_amount(self.fields, left, right):
            unit = unit or amount.unit
            if unit not in MONEY_UNITS or number.value < 0:
                raise ValueError(f"允许误差应是金额，例如 0.02万元，现为“{text}”")
            return number.value * MONEY_UNITS[unit]
        if unit not in ("", "%") or number.value < 0:
            raise ValueError(f"允许误差应是数或百分比，现为“{text}”")
        return number.value / 100 if unit else number.value


def first_amount(fields: dict[str, Field], left: Expression, right: Expression) -> Field | None:
    """The first amount that a comparison names; None where it does not compare amounts."""
    money = {tag for tag, field in fields.items() if field.kind is Kind.MONEY}
    if not any(side.is_money(money.__contains__) for side in (left, right)):
        return None
    named = [name for side in (left, right) for name in side.in_order if name in money]
    return fields[named[0]]
