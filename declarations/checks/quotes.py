"""Whether the figures that a text quotes are those of the table."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from declarations.checks.content import Around, Content
from declarations.checks.reading import plain
from declarations.checks.registry import Found, Level, check
from declarations.sheets.evaluation import Evaluation
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.values import anchor_of
from scoring.numbers import MONEY_UNITS

_SHORTEST_NAME = 3
_LONGEST_NAME = 60
_FIGURE = re.compile(
    r"(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<unit>亿元|万元|千元|元|%|分)"
    r"(?!左右|以上|以下|多|余|钟|之)"
)
_MAY_QUOTE = re.compile(r"\d[元万千亿%分]")
_BETWEEN = re.compile(
    r"(?:收入|支出|预算数?|决算数?|经费|资金|金额|总额|数|合计|共计|总计|共|为|是|达到|达|拟投入|投入|安排)"
    r"{0,4}[:,]?"
)
_AFTER_A_FIGURE = re.compile(r"[元%分](?:[,、;和及与]|以及|其中)*$")
_AFTER_ANOTHER_NAME = re.compile(r"[、和及与以+至到]$")
_BEGINS = re.compile(
    r"(?:^|[,.;:。!?()\[\]“”\"'《》〔〕]|其中|年|年度|全年|部门|单位|整体|安排|实现|完成|预计|我会|我局|我区|我镇)$"
)
_OTHER_TIME = re.compile(r"上年|去年|前年|往年|历年|上一年|明年|比上|同比|增加|减少|增长|下降|以前")
_YEAR = re.compile(r"(\d{4})年")
_CLAUSE_END = re.compile(r"[。;]")
_WINDOW = 40
"""Characters before a name that are looked at, for what else it may belong to."""


_TOTAL_SPENT = ("总支出", "支出总额", "实际支出", "全年支出", "全年执行数")
_TOTAL_BUDGET = ("预算总额", "全年预算", "全年预算数", "调整后预算", "调整后预算数")
_TOTAL_RATE = ("预算完成率", "预算执行率", "支出完成率", "总支出完成率")
_ADJUSTMENT_RATE = ("预算调整率",)
_OWN_SCORE = (
    *("自评得分", "自评总分", "自评总得分", "绩效自评得分", "绩效自评总分"),
    *("支出绩效自评得分", "支出自评得分"),
)
"""What a report calls the figures that a self-evaluation comes to."""
_SAME_RATE = ("预算完成率", "预算执行率")
"""Two names of one thing: what a table calls by one, a text may call by the other."""


class Shown(NamedTuple):
    """A figure by the name that a text would call it. anchor: "" where it is on another form,
    whose name is `source` then."""

    label: str
    field: Field
    value: Decimal
    anchor: str
    source: str = ""


@check(
    "figure_quoted",
    Level.HINT,
    "文字与表中数字不一致",
    about="文字中紧跟在一个名称（收支、合计、任务或项目、自动计算的比率）后面的金额或百分比，与表中这个名称的"
    "数字不同，例如“项目支出2,453.62万元”。换算单位、按所写位数四舍五入后相同的，不提示；"
    "往年的、增减的、几项合写的和“约”“以上”的，不查。自评报告与本部门同年度的绩效自评表对照，"
    "总支出、预算完成率、自评得分也查。",
    source="文字说明应与表中数字一致",
)
def check_figure_quoted(content: Content) -> Iterator[Found]:
    """A text that puts another figure behind a name than the table does."""
    names: dict[str, list[Shown]] | None = None
    year = content.records.context.get("year", "")
    for text in content.texts_with(_MAY_QUOTE, prose=True):
        names = names if names is not None else _names(content)
        told = set()
        for match in _FIGURE.finditer(text.plain):
            name = _name_before(text.plain, match.start(), names, year)
            if name is None or (name, match[0]) in told:
                continue
            told.add((name, match[0]))
            shown = [s for s in names[name] if _same_kind(s.field, match["unit"])]
            if shown and not any(_agrees(s, match["number"], match["unit"]) for s in shown):
                first = shown[0]
                unit = "" if match["unit"] == "%" else first.field.unit
                yield Found(
                    f"{text.place}“{text.field.label}”中写的是“{name}{match[0]}”，"
                    f"{first.source or '表'}中“{first.label}”是 "
                    f"{first.field.show(first.value)}{unit}，请核对",
                    tuple(filter(None, (text.anchor, first.anchor))),
                )


def _names(content: Content) -> dict[str, list[Shown]]:
    """The figures of the table, and of the forms beside it, by each of their names, without
    spaces, longest name first."""
    found = _names_in(content)
    for other in content.around.beside:
        source = other.evaluation.name
        names = _totals_of(other.evaluation)
        for name, shown in _names_in(Content(other.table, Around())).items():
            names.setdefault(name, []).extend(shown)
        for name, figures in names.items():
            apart = [s._replace(anchor="", source=source) for s in figures]
            found.setdefault(name, []).extend(apart)
    for name, other_name in (_SAME_RATE, _SAME_RATE[::-1]):
        if name in found:
            found.setdefault(other_name, found[name])
    return {name: found[name] for name in sorted(found, key=len, reverse=True)}


def _totals_of(evaluation: Evaluation) -> dict[str, list[Shown]]:
    """What a self-evaluation comes to in all, whatever its form calls it."""
    money = Field("", Kind.MONEY, "", unit="万元", format=NumberFormat(2))
    rate = Field("", Kind.PERCENT, "", format=NumberFormat(2, percent=True))
    points = Field("", Kind.NUMBER, "", unit="分")
    figures = (
        (_TOTAL_SPENT, "实际支出合计", money, evaluation.executed),
        (_TOTAL_BUDGET, "调整后预算合计", money, evaluation.whole_budget),
        (_TOTAL_RATE, "预算完成率", rate, evaluation.execution_rate),
        (_ADJUSTMENT_RATE, "预算调整率", rate, evaluation.adjustment_rate),
        (_OWN_SCORE, "自评得分", points, evaluation.self_score),
    )
    return {
        name: [Shown(label, field, value, "")]
        for names, label, field, value in figures
        if value is not None
        for name in names
    }


def _names_in(content: Content) -> dict[str, list[Shown]]:
    """``财政拨款 当年金额`` is also called 财政拨款, ``合计 预算完成率`` also 预算完成率."""
    found: dict[str, list[Shown]] = {}

    def add(name: str, shown: Shown) -> None:
        if _SHORTEST_NAME <= len(name) <= _LONGEST_NAME:
            found.setdefault(name, []).append(shown)

    for tag, list_path in content.form.tags:
        field = content.form.fields.get(tag.path)
        if list_path or field is None or not field.numeric:
            continue
        value = content.values.value(tag, ())
        if not isinstance(value, Decimal):
            continue
        shown = Shown(field.label, field, value, anchor_of(tag, ()))
        words = [plain(word) for word in field.label.split()]
        line_or_rate = words[-1] if field.kind is Kind.PERCENT else words[0]
        for name in dict.fromkeys((plain(field.label), line_or_rate)):
            add(name, shown)
    for row in content.rows:
        value = row.value("amount")
        if isinstance(value, Decimal) and row.text("name"):
            shown = Shown(row.shown("name"), row.fields["amount"], value, row.anchor("amount"))
            add(row.text("name"), shown)
    return found


def _name_before(text: str, end: int, names: dict[str, list[Shown]], year: str) -> str | None:
    """The name that a figure stands directly behind; None where it may be another's."""
    start = max(0, end - _LONGEST_NAME - _WINDOW)
    for name in names:
        at = text.rfind(name, start, end)
        if at >= 0 and _BETWEEN.fullmatch(text, at + len(name), end):
            return name if _stands_alone(text[max(0, at - _WINDOW) : at], year) else None
    return None


def _stands_alone(before: str, year: str) -> bool:
    """Whether a name begins here, and is about the form's year, by what stands before it."""
    clause = _CLAUSE_END.split(before)[-1]
    if _OTHER_TIME.search(clause) or any(y != year for y in _YEAR.findall(clause)):
        return False
    if _AFTER_A_FIGURE.search(before):
        return True
    return not _AFTER_ANOTHER_NAME.search(before) and bool(_BEGINS.search(before))


def _same_kind(field: Field, unit: str) -> bool:
    if unit == "分":
        return field.kind is Kind.NUMBER and (field.unit == unit or field.label.endswith(unit))
    return field.kind is (Kind.PERCENT if unit == "%" else Kind.MONEY)


def _agrees(shown: Shown, number: str, unit: str) -> bool:
    """Whether it is the same figure, to the digits that the text gives."""
    value = shown.value
    if unit != "分":
        value = value * 100 if unit == "%" else value / MONEY_UNITS[unit]
    quoted = Decimal(number.replace(",", ""))
    _, _, decimals = number.partition(".")
    return abs(value - quoted) < Decimal(1).scaleb(-len(decimals))
