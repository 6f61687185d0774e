"""Whether percentages and weights are within what they can be."""

import re
from collections.abc import Iterator
from decimal import Decimal

from declarations.checks.content import Content, ListRow
from declarations.checks.measures import (
    PERCENT,
    kind_of,
    measure,
    percentages,
    stated_unit,
    values_of,
)
from declarations.checks.registry import Found, Level, check
from declarations.checks.wording import figure
from declarations.sheets.kinds import Kind

SOURCE = "比率的含义：部分不超过全部"

_PART_OF_WHOLE = re.compile(
    r"满意[度率]|占比|比重|(?:覆盖|合格|及时|出勤|到位|通过|达标|知晓|准确|优良|参与|普及|入学|巩固|就业"
    r"|发放|办结|受益|签约|入住|回收|响应|稳定|安全|规范|公开|按时.{0,6}|按期.{0,6})率"
)
_RATE = re.compile(r"[^效频功速汇]率|满意度|占比|比例|比重")
_MAY_EXCEED = re.compile(
    r"增长|增幅|增速|增加|提高|提升|上升|下降|降低|减少|同比|环比|变动|偏差|差异|涨|回报|收益|负债|杠杆|周转|倍"
)


@check(
    "percentage_impossible",
    Level.MUST,
    "百分比超出范围",
    about="满意度、占比和覆盖率、合格率、及时率、到位率、出勤率这类部分占全部的比率，值大于 100% 或小于 0。"
    "增长率、降幅、变动率等可以超出，不算。",
    source=SOURCE,
)
def check_percentage_impossible(content: Content) -> Iterator[Found]:
    """A share above 100% or below 0."""
    for row, column, value, share in content.shared(_rates):
        if value < 0 or (share and value > 100):
            yield _found(row, column, value, "应在 0 至 100% 之间")


@check(
    "percentage_high",
    Level.HINT,
    "比率超过 100%",
    about="完成率、执行率、使用率等其他比率大于 100%。确有可能的，请说明。",
    source=SOURCE,
)
def check_percentage_high(content: Content) -> Iterator[Found]:
    """Another rate above 100%."""
    for row, column, value, share in content.shared(_rates):
        if value > 100 and not share:
            yield _found(row, column, value, "超过了 100%，请核对")


@check(
    "weight_impossible",
    Level.MUST,
    "权重超出范围",
    about="一项的分值、权重大于 100 或小于 0。",
    source="分值、权重以 100 为满分",
)
def check_weight_impossible(content: Content) -> Iterator[Found]:
    """A weight above the full hundred or below nothing."""
    for row in content.rows:
        value = row.value("weight")
        if isinstance(value, Decimal):
            weight = value * 100 if row.fields["weight"].kind is Kind.PERCENT else value
            if not 0 <= weight <= 100:
                yield Found(
                    f"{row.where}：“{row.label('weight')}”是 {row.shown('weight')}，应在 0 至 100 之间",
                    (row.anchor("weight"),),
                )


def _rates(content: Content) -> Iterator[tuple[ListRow, str, Decimal, bool]]:
    """Every percentage outside 0 to 100 of an indicator that is called a rate: its row, column,
    value in hundredths, and whether it is the share that something has of a whole.
    """
    for row in content.indicators:
        name = row.text("level3")
        for column, text in values_of(row):
            odd = [value for value in _values(row, text) if not 0 <= value <= 100]
            about = name if odd and _RATE.search(name) else text
            if odd and _RATE.search(about) and not _MAY_EXCEED.search(name + text):
                share = bool(_PART_OF_WHOLE.search(about))
                yield from ((row, column, value, share) for value in odd)


def _values(row: ListRow, text: str) -> list[Decimal]:
    """In hundredths; a bare number where the row states % as its unit."""
    if "%" in text or "百分点" in text:
        return percentages(text)
    single = measure(text) if kind_of(stated_unit(row)[0]) == PERCENT else None
    return [*single.numbers] if single and not single.unit else []


def _found(row: ListRow, column: str, value: Decimal, why: str) -> Found:
    name = row.text("level3") or row.label(column)
    return Found(
        f"{row.where}：“{name}”的“{row.label(column)}”是 {figure(value, decimals=0)}%，{why}",
        row.anchors(column, "level3"),
    )
