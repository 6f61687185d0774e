"""Whether an indicator's values are in the unit that they should be in."""

import re
from collections.abc import Collection, Iterator

from declarations.checks.content import Content, ListRow
from declarations.checks.measures import (
    MONEY,
    PERCENT,
    kind_of,
    kinds_in,
    measure,
    stated_unit,
    values_of,
)
from declarations.checks.registry import Found, Level, check

SOURCE = "指标值的单位应与指标相符，前后一致"

_RATE_NAME = re.compile(r"(?:[^效频功速汇税费]率|满意度|占比)(?:\(%\))?$")
_AMOUNT_IN_PERCENT = re.compile(r"元%")


@check(
    "unit_conflict",
    Level.MUST,
    "单位与指标不符",
    about="比率类指标的值是金额（例如 28.8万元），或者值的单位与“单位”一栏、指标名称后面括号里的单位"
    "不是一类：一个是百分比，一个是金额或数量。",
    source=SOURCE,
)
def check_unit_conflict(content: Content) -> Iterator[Found]:
    """A value of another kind than its indicator: an amount where a percentage belongs."""
    for row in content.indicators:
        unit, states_it = stated_unit(row)
        for column, text in values_of(row):
            kinds = kinds_in(text)
            if not kinds:
                continue
            value = f"“{row.label(column)}”是“{row.shown(column)}”"
            if states_it and _conflicts(kind_of(unit), kinds):
                name = row.shown("level3") if states_it == "level3" else row.label(states_it)
                why = f"与“{name}”写明的单位“{unit}”不符"
                yield Found(
                    f"{row.where}：{value}，{why}", (row.anchor(column), row.anchor(states_it))
                )
            elif MONEY in kinds and _is_of_a_percentage(row, text, kinds):
                name = f"“{row.shown('level3')}”的" if row.text("level3") else ""
                why = "金额不能作百分比，请核对单位"
                yield Found(f"{row.where}：{name}{value}，{why}", row.anchors(column, "level3"))


@check(
    "unit_differs",
    Level.HINT,
    "几个值的单位不一致",
    about="同一指标的前年、上年、当年指标值（和“单位”一栏）单位不同，例如 461万元、480、480%。"
    "0 可以不写单位，实际完成值不写单位的按目标值的单位；人、名、位当作一样。",
    source=SOURCE,
)
def check_unit_differs(content: Content) -> Iterator[Found]:
    """Values of several years that cannot be compared, because their units differ."""
    for row in content.indicators:
        unit, states_it = stated_unit(row)
        values = {column: measure(text) for column, text in values_of(row)}
        measured = {
            c: m for c, m in values.items() if m and (m.unit or (m.numbers[0] and c != "actual"))
        }
        kinds = {kind_of(m.unit or unit) for m in measured.values()}
        columns = list(reversed(measured))
        if states_it and kinds and not _conflicts(kind_of(unit), kinds):
            kinds.add(kind_of(unit))
            columns.append(states_it)
        if len(kinds) > 1:
            shown = "、".join(f"“{row.label(c)}”{row.shown(c)}" for c in reversed(columns))
            name = f"“{row.shown('level3')}”的" if row.text("level3") else ""
            yield Found(f"{row.where}：{name}{shown}，单位不一致，无法比较", row.anchors(*columns))


def _is_of_a_percentage(row: ListRow, amount: str, kinds: Collection[str]) -> bool:
    """Whether an amount stands with a per cent sign, or alone where a rate belongs."""
    if _AMOUNT_IN_PERCENT.search(amount):
        return True
    return len(kinds) == 1 and bool(_RATE_NAME.search(row.text("level3")))


def _conflicts(stated: str, kinds: Collection[str]) -> bool:
    """Whether values are of a kind that cannot be meant: people are no percentage or amount."""
    return stated not in kinds and (
        stated in (PERCENT, MONEY) or not {PERCENT, MONEY}.isdisjoint(kinds)
    )
