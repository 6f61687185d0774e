"""Reads the 评分 sheet: what is scored, for how many points, by which rule.

In two steps: `read_rubric` needs nothing but the sheet, for the form prints what it says;
`check_rubric` holds it against the fields that the form has then.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarations.sheets.catalogue import CONTEXT, INDICATORS, KEYS, LISTS, SCORES
from declarations.sheets.expressions import Expression, ExpressionError
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.listing import MOST_COLUMNS, MOST_ROWS, Line, read_lines
from declarations.sheets.rubric_lines import Lines, ParameterError
from declarations.sheets.rubric_methods import METHODS, Method, needed_inputs, own_inputs
from declarations.sheets.tags import NOT_IN_FORM, TagError, misplaced_sums, parse_path
from scoring.methods_choices import Discretion
from scoring.methods_counts import Bonus
from scoring.numbers import MONEY_UNITS, NotANumberError, read_number
from scoring.rubric import (
    FAR_ABOVE,
    INAPPLICABLE,
    NO,
    YES,
    Input,
    InputKind,
    Parameters,
    Rubric,
    RubricItem,
)
from scoring.wording import points as in_points

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from declarations.sheets.form import Block

RubricProblem = tuple[str, str, str]
"""Sheet, cell and message."""
Wrong = tuple[str, str]
"""Heading and message."""

COLUMNS = (
    "编码",
    "一级指标",
    "二级指标",
    "名称",
    "分值",
    "指标解释",
    "评分标准",
    "方法",
    "数据",
    "参数",
    "可不适用",
)
"""Headings of the 评分 sheet, in any order."""
FAR_ABOVE_SETTING = "超额说明线"
"""Stands above the heading row, with its value beside it."""
ROW_COLUMNS = ("weight", "target", "actual")
"""What a list of indicators must have to be scored."""

_NEEDED = "方法"
_WANTED = ("编码", "名称", "分值")
_MOST_POINTS = Decimal(1000)
_MOST_FAR = Decimal(10)
_KEY = re.compile(KEYS)
_DATUM = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*)\s*[：:]\s*(?P<label>[^=＝]+?)\s*(?:[=＝]\s*(?P<formula>.+))?"
)
_UNIT = re.compile(r"(?P<label>.+?)[（(](?P<unit>[^（）()]+)[)）]")
_INAPPLICABLE = Input(INAPPLICABLE, "本项不适用", InputKind.CHOICE, choices=(YES, NO))


def read_rubric(sheet: "Worksheet | None") -> tuple[Rubric, list[RubricProblem]]:
    """The rubric of the 评分 sheet in its order, and everything that is wrong with it by itself."""
    if sheet is None:
        return Rubric(), []
    found = read_lines(sheet, COLUMNS, _NEEDED)
    if found is None:
        said = f"找不到写有“{_NEEDED}”的表头行"
        return Rubric(is_whole=False), [(sheet.title, "", said)]
    lines = list(found)
    if lines and (missing := [h for h in _WANTED if h not in lines[0].columns]):
        return Rubric(is_whole=False), [
            (sheet.title, "", f"表头行中没有“{heading}”一栏") for heading in missing
        ]
    far_above, problems = _far_above(sheet)
    items: dict[str, RubricItem] = {}
    levels = ("", "")
    is_whole = True
    for line in lines:
        level1, level2 = line.text("一级指标"), line.text("二级指标")
        levels = (level1, level2) if level1 else (levels[0], level2 or levels[1])
        item, wrong = _read_line(line, *levels)
        problems += [(sheet.title, line.cell(heading), message) for heading, message in wrong]
        if item is None:
            is_whole = False
            continue
        if item.key in items:
            message = f"编码“{item.key}”写了两行，请改成不同的编码"
            problems.append((sheet.title, line.cell("编码"), message))
        items.setdefault(item.key, item)
    return Rubric(tuple(items.values()), far_above, is_whole), problems


def check_rubric(
    sheet: "Worksheet | None", rubric: Rubric, fields: Mapping[str, Field], root: "Block"
) -> list[RubricProblem]:
    """What of a rubric does not fit the form: lists, columns and tags that are not there."""
    lines = read_lines(sheet, COLUMNS, _NEEDED) if sheet is not None else None
    if sheet is None or lines is None:
        return []
    places = {line.text("编码"): line for line in lines}
    lists = {block.list_path for block in root.walk()}
    problems: list[RubricProblem] = []
    for item in rubric.items:
        line = places[item.key]
        if item.is_list:
            wrong = [("编码", message) for message in _wrong_list(item, fields, lists)]
        else:
            wrong = [("数据", m) for i in item.inputs for m in _wrong_formula(i, fields)]
        problems += [(sheet.title, line.cell(heading), message) for heading, message in wrong]
    return problems


def rubric_fields(rubric: Rubric) -> dict[str, Field]:
    """The fields in which the data of the rules are filled in, by tag: ``score.KEY.input.NAME``."""
    return {
        tag: Field(
            tag,
            Kind(given.kind),
            given.label,
            choices=given.choices,
            unit=given.unit if given.kind in (InputKind.MONEY, InputKind.NUMBER) else "",
            negative_allowed=given.kind is InputKind.MONEY,
            format=_FORMATS.get(given.kind, NumberFormat()),
        )
        for item in rubric.items
        for given in item.inputs
        if not given.expression
        for tag in [f"{SCORES}.{item.key}.input.{given.name}"]
    }


def said_of_inputs(rubric: Rubric) -> dict[str, dict[str, Any]]:
    """The same for those that have a cell in the form, by tag and column of the 字段 sheet."""
    return {
        tag: {"名称": f.label, "类型": f.kind, "选项": f.choices, "单位": f.unit}
        for tag, f in rubric_fields(rubric).items()
    }


_FORMATS = {
    InputKind.MONEY: NumberFormat(decimals=2, thousands=True),
    InputKind.PERCENT: NumberFormat(percent=True),
}


@lru_cache(maxsize=4096)
def formula(source: str) -> Expression:
    """The expression of an input. Raises ExpressionError."""
    return Expression.parse(source)


def _read_line(line: Line, level1: str, level2: str) -> tuple[RubricItem | None, list[Wrong]]:
    """The item and what is wrong, each with its heading. None without a key; where only the rule
    is wrong the item is there, so that nobody misses it besides.
    """
    wrong: list[Wrong] = []
    key, method = line.text("编码"), METHODS.get(line.text("方法"))
    is_list = key.split(".")[-1] == INDICATORS
    if not is_list and (not _KEY.fullmatch(key) or key in LISTS):
        said = f"编码“{key}”应是小写英文字母、数字和下划线，或指标清单，例如 tasks.indicators"
        return None, [("编码", said if key else "请写编码，例如 disclosure")]
    if not line.text("名称") and not is_list:
        wrong.append(("名称", "请写名称"))
    if method is None:
        known = "、".join(METHODS)
        said = f"没有方法“{line.text('方法')}”，可用：{known}" if line.text("方法") else ""
        wrong.append(("方法", said or f"请写明方法，可用：{known}"))
    elif method.for_rows and not is_list:
        wrong.append(("方法", f"方法“{method.name}”只用于指标清单"))
    elif is_list and not method.for_rows:
        said = f"方法“{method.name}”不能用于指标清单，指标清单用“指标完成”"
        wrong.append(("方法", said))
    may_not_apply = _yes_or_no(line, wrong)
    if may_not_apply and is_list:
        wrong.append(("可不适用", "指标清单的各行都计分，这里请留空或填“否”"))
    points = _points(line, wrong, is_list=is_list)
    item = RubricItem(
        key,
        level1,
        level2,
        line.text("名称") or level2 or level1,
        points or Decimal(0),
        line.text("指标解释"),
        line.text("评分标准"),
        line.text("方法"),
        Discretion(),
        may_be_inapplicable=may_not_apply,
        is_list=is_list,
    )
    if method is None or points is None or wrong:
        return item, wrong
    try:
        return _with_rule(item, method, line)
    except ParameterError as error:
        return item, [("参数", str(error))]


def _with_rule(item: RubricItem, method: Method, line: Line) -> tuple[RubricItem, list[Wrong]]:
    """The item with its rule and what it asks for. Raises ParameterError."""
    lines = tuple(part.strip() for part in line.text("参数").splitlines() if part.strip())
    parameters = method.read(Lines(item.name, item.points, lines))
    is_bonus = isinstance(parameters, Bonus)
    if not item.points and not item.is_list and not is_bonus:
        return item, [("分值", "分值应大于 0")]
    inputs, wrong = _inputs(line.text("数据"), method, parameters)
    if item.may_be_inapplicable:
        inputs = (*inputs, _INAPPLICABLE)
    least = parameters.low if isinstance(parameters, Bonus) else Decimal(0)
    item = replace(item, parameters=parameters, inputs=inputs, is_bonus=is_bonus, settings=lines)
    return replace(item, least=least), [("数据", message) for message in wrong]


def _yes_or_no(line: Line, wrong: list[Wrong]) -> bool:
    text = line.text("可不适用") or NO
    if text not in (YES, NO):
        wrong.append(("可不适用", f"应填“是”或“否”，现为“{text}”"))
    return text == YES


def _points(line: Line, wrong: list[Wrong], *, is_list: bool) -> Decimal | None:
    """The points of an item; nothing for a list, whose rows have their own."""
    text = line.text("分值")
    if is_list:
        if text:
            wrong.append(("分值", "指标清单的分值取自各行的“分值”，这里请留空"))
        return Decimal(0)
    try:
        number = read_number(text)
    except NotANumberError:
        wrong.append(("分值", f"分值应是数，例如 2，现为“{text}”" if text else "请写明分值"))
        return None
    if number.unit not in ("", "分") or not 0 <= number.value <= _MOST_POINTS:
        most = in_points(_MOST_POINTS)
        wrong.append(("分值", f"分值应大于 0，不超过 {most}，现为“{text}”"))
        return None
    return number.value


def _inputs(
    text: str, method: Method, parameters: Parameters
) -> tuple[tuple[Input, ...], list[str]]:
    """What a rule asks for: what 数据 defines, and what the method asks for by itself."""
    wrong: list[str] = []
    own = {given.name: given for given in own_inputs(parameters)}
    given: dict[str, Input] = {}
    for row in text.splitlines():
        if not row.strip():
            continue
        try:
            datum = _datum(row.strip(), method, own)
        except ParameterError as error:
            wrong.append(str(error))
            continue
        if datum.name in given:
            wrong.append(f"数据 {datum.name} 写了两行")
        given.setdefault(datum.name, datum)
    sets = needed_inputs(parameters)
    if not wrong and sets and not any(given.keys() >= set(names) for names in sets):
        choices = "，或 ".join("、".join(names) for names in sets)
        wrong.append(f"方法“{method.name}”需要数据 {choices}")
    usable = set(own) | {name for names in sets for name in names}
    wrong += [f"按这里的参数用不到数据 {name}" for name in given if name not in usable]
    return tuple((own | given).values()), wrong


def _datum(row: str, method: Method, own: Mapping[str, Input]) -> Input:
    """One line of 数据: ``rate：预算完成率（%） = …``. Raises ParameterError."""
    match = _DATUM.fullmatch(row)
    if match is None:
        raise ParameterError(f"“{row}”应写成：名称：标签（单位），或 名称：标签（单位） = 算式")
    name = match["name"]
    if name not in method.data:
        known = f"可用：{'、'.join(method.data)}" if method.data else "这种方法不用写数据"
        raise ParameterError(f"方法“{method.name}”没有数据 {name}，{known}")
    labelled = _UNIT.fullmatch(match["label"])
    label, unit = (labelled["label"], labelled["unit"]) if labelled else (match["label"], "")
    if name in own and own[name].kind is not InputKind.NUMBER:
        if match["formula"]:
            raise ParameterError(f"数据 {name} 由部门填写，不能写算式")
        kept = own[name]
        return Input(name, match["label"], kept.kind, kept.unit, choices=kept.choices)
    kind = _kind_of(name, unit)
    return Input(name, label, kind, "" if kind is InputKind.PERCENT else unit, _source(match))


def _kind_of(name: str, unit: str) -> InputKind:
    """Money by its unit; a rate is a percentage, whatever is said of it."""
    if name == "rate" or unit in ("%", "％"):
        return InputKind.PERCENT
    return InputKind.MONEY if unit in MONEY_UNITS else InputKind.NUMBER


def _source(match: re.Match[str]) -> str:
    """The formula of a line of 数据, as it is kept. Raises ParameterError."""
    source = (match["formula"] or "").strip()
    if source:
        try:
            formula(source)
        except ExpressionError as error:
            raise ParameterError(str(error)) from None
    return source


def _wrong_list(
    item: RubricItem, fields: Mapping[str, Field], lists: set[tuple[str, ...]]
) -> Iterator[str]:
    """A list that the form does not have, or has without what is needed."""
    if item.list_path not in lists:
        yield f"清单 {item.key} {NOT_IN_FORM}"
        return
    for column in ROW_COLUMNS:
        if f"{item.key}.{column}" not in fields:
            yield f"按指标评分要用到 {item.key}.{column}，它{NOT_IN_FORM}"


def _wrong_formula(given: Input, fields: Mapping[str, Field]) -> Iterator[str]:
    """Names that the form does not have, that hold no numbers, or that mean no single row."""
    if not given.expression:
        return
    expression = formula(given.expression)
    unknown = False
    for name in sorted(expression.uses - {"year"}):
        if message := _wrong_name(name, fields):
            unknown = True
            yield message
    if unknown:
        return
    for name in sorted(expression.names):
        if name != "year" and parse_path(name).list_path:
            yield f"算式用到的 {name} 有许多行，请写成 sum({name}) 这样的汇总"
    yield from misplaced_sums(expression.lists, ())
    money = {tag for tag, field in fields.items() if field.kind is Kind.MONEY}
    if expression.is_money(money.__contains__) != (given.kind is InputKind.MONEY):
        units = "、".join(MONEY_UNITS)
        yield f"数据 {given.name} 的单位与算式不符：算式得出金额的，单位应是 {units} 之一，否则不是"


def _wrong_name(name: str, fields: Mapping[str, Field]) -> str:
    """Why a tag cannot be used in a formula; "" where it can."""
    try:
        parse_path(name)
    except TagError as error:
        return str(error)
    if name in CONTEXT:
        return f"算式中不能使用“{name}”，它不是数字"
    if name not in fields:
        return f"算式用到的 {name} {NOT_IN_FORM}"
    if not fields[name].numeric:
        return f"算式用到的 {name} 不是数字，请在“字段”中把它的类型设为金额、数值或百分比"
    return ""


def _far_above(sheet: "Worksheet") -> tuple[Decimal, list[RubricProblem]]:
    """From which share of its target on what was reached wants a reason: ``130%`` is 1.3."""
    rows = sheet.iter_rows(
        max_row=min(sheet.max_row, MOST_ROWS), max_col=min(sheet.max_column, MOST_COLUMNS)
    )
    for row in rows:
        texts = ["" if c.value is None else str(c.value).strip() for c in row]
        if _NEEDED in texts:
            break
        for text, cell, beside in zip(texts, row[1:], texts[1:], strict=False):
            if text.rstrip("：:") == FAR_ABOVE_SETTING:
                try:
                    return _share(beside), []
                except ValueError:
                    message = (
                        f"“{FAR_ABOVE_SETTING}”应是大于 100% 的百分比，例如 130%，现为“{beside}”"
                    )
                    return FAR_ABOVE, [(sheet.title, cell.coordinate, message)]
    return FAR_ABOVE, []


def _share(text: str) -> Decimal:
    """``130%``, or the 1.3 that a cell with a percentage in it holds. Raises ValueError."""
    number = read_number(text)
    share = number.value / 100 if number.unit == "%" else number.value
    if number.unit not in ("", "%") or not 1 < share <= _MOST_FAR:
        raise ValueError(text)
    return share
