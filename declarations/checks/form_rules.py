"""What a form's own 校验 sheet asks for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from declarations.checks.content import Content
from declarations.checks.registry import Found, Level, check
from declarations.checks.wording import figure, in_words
from declarations.sheets.expressions import Expression
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind
from declarations.sheets.records import Value
from declarations.sheets.rules import Rule, first_amount
from declarations.sheets.tags import Tag, parse_path
from declarations.sheets.values import Chain, anchor_of
from scoring.numbers import MONEY_UNITS

_LEVELS = {level.label: level for level in Level}
_USUAL_DECIMALS = 2
"""Of amounts whose cell shows as many as there are: what rounding is allowed for then."""
_CENT = Decimal("0.01")
_OUGHT = {
    "=": "应等于",
    "≠": "不应等于",
    "≤": "不应大于",
    "≥": "不应小于",
    "<": "应小于",
    ">": "应大于",
}


@dataclass(frozen=True, slots=True)
class Operand:
    """One value that went into a side."""

    field: Field
    anchor: str
    value: Value
    in_list: bool

    @property
    def is_blank(self) -> bool:
        return self.value is None or self.value == ""


@check(
    "rule",
    None,
    "本表自己的校验",
    about="表样“校验”工作表中的条件不成立。编号是 rule. 加该行的编码，级别是该行的级别。"
    "有一边全都没填的，不判断；等式用到的必填格没填完的，先报必填，不判断；其他没填的当作 0。"
    "金额以万元等单位四舍五入的，每一个相加的金额允许差末位的一半。",
    source="表样“校验”工作表，依据见该表“依据”一栏",
)
def check_rules(content: Content) -> Iterator[Found]:
    """The conditions of the 校验 sheet, each once, or once per row of the list it is about."""
    for rule in content.form.rules:
        level, code = _LEVELS[rule.level], f"rule.{rule.code}"
        for chain in content.values.chains(rule.list_path):
            if finding := _compare(content, rule, chain):
                yield Found(*finding, level, code)


def _compare(content: Content, rule: Rule, chain: Chain) -> tuple[str, tuple[str, ...]] | None:
    """The message and the anchors where the condition does not hold."""
    left, right = (_value(content, side, chain) for side in (rule.left, rule.right))
    if left is None or right is None or _holds(rule.comparator, left, right, Decimal(0)):
        return None
    operands = [list(_operands(content, side, chain)) for side in (rule.left, rule.right)]
    both = [*operands[0], *operands[1]]
    if rule.comparator == "=" and any(o.is_blank and o.field.required for o in both):
        return None
    allowance = _rounding(content, rule, operands) if rule.allowance is None else rule.allowance
    if _holds(rule.comparator, left, right, allowance):
        return None
    anchors = [o.anchor for o in sorted(both, key=lambda o: o.in_list)]
    where = content.row_of[chain[-1].anchor()].where + "：" if chain else ""
    return where + _message(content, rule, left, right), tuple(dict.fromkeys(anchors))


def _value(content: Content, side: Expression, chain: Chain) -> Decimal | None:
    return content.values.computed(Tag(side.source, expression=side), chain)


def _holds(comparator: str, left: Decimal, right: Decimal, allowance: Decimal) -> bool:
    """allowance: by how much it may miss; nothing is allowed for where the sides must differ."""
    match comparator:
        case "=":
            return abs(left - right) <= allowance
        case "≤":
            return left - right <= allowance
        case "≥":
            return right - left <= allowance
        case "<":
            return left - right < allowance or left < right
        case ">":
            return right - left < allowance or left > right
        case _:
            return left != right


def _operands(content: Content, side: Expression, chain: Chain) -> Iterator[Operand]:
    """Every value of the form that a side is made of, as often as it goes into it."""
    for name in side.in_order:
        tag = parse_path(name)
        field = content.form.fields.get(tag.path)
        if field is None:  # the year
            continue
        chains = [chain]
        if name in side.lists:
            chains = list(content.values.chains(tag.list_path, chain[: len(tag.list_path) - 1]))
        for rows in chains:
            value = content.values.stored(tag, rows)
            yield Operand(field, anchor_of(tag, rows), value, bool(tag.list_path))


def _rounding(content: Content, rule: Rule, operands: list[list[Operand]]) -> Decimal:
    """What rounding explains: for each amount that went into a sum, half of its last shown digit.

    Two amounts compared with each other are rounded alike, and must agree; and an amount shown to
    the cent was not rounded. In 元.
    """
    if not first_amount(content.form.fields, rule.left, rule.right):
        return Decimal(0)
    filled = [[o.field for o in side if not o.is_blank] for side in operands]
    amounts = [[f for f in side if f.kind is Kind.MONEY] for side in filled]
    if all(len(side) <= 1 for side in amounts):
        return Decimal(0)
    steps = (_last_digit(field) for side in amounts for field in side)
    return sum((step / 2 for step in steps if step > _CENT), Decimal(0))


def _last_digit(field: Field) -> Decimal:
    """What one in the last digit that a field shows is worth, in 元."""
    decimals = field.format.decimals
    shown = _USUAL_DECIMALS if decimals is None else decimals
    return MONEY_UNITS[field.unit].scaleb(-shown)


def _message(content: Content, rule: Rule, left: Decimal, right: Decimal) -> str:
    """What must hold, then both sides with their values, and by how much they differ."""
    fields = content.form.fields
    amount = first_amount(fields, rule.left, rule.right)
    percent = any(_is_rate(side, fields) for side in (rule.left, rule.right))

    def shown(number: Decimal) -> str:
        if amount:
            return f"{figure(number / MONEY_UNITS[amount.unit])}{amount.unit}"
        return f"{figure(number * 100)}%" if percent else figure(number, decimals=0)

    names, sides = [], []
    for side, value in ((rule.left, left), (rule.right, right)):
        name = in_words(side.node, fields)
        is_number = isinstance(side.node, ast.Constant)
        names.append(shown(value) if is_number else name)
        sides.append(shown(value) if is_number else f"{name} {shown(value)}")
    said = rule.message or _OUGHT[rule.comparator].join(names)
    difference = f"，相差 {shown(abs(left - right))}" if left != right else ""
    return f"{said}：{sides[0]}，{sides[1]}{difference}"


def _is_rate(side: Expression, fields: dict[str, Field]) -> bool:
    """Whether a side is a percentage: made of some, or of amounts divided by one another."""
    kinds = {fields[name].kind for name in side.uses if name in fields}
    divides = any(
        isinstance(part, ast.Div) or (isinstance(part, ast.Name) and part.id == "rate")
        for part in ast.walk(side.node)
    )
    return Kind.PERCENT in kinds or (divides and Kind.MONEY in kinds)
