"""Huadu's self-evaluation for 2021 as the department's own workbook: the table as it was printed.

Labels, points and figures are those of the published table, rates and the total as it prints
them; the prose is that of `tests.sheets.huadu`.
"""

from collections.abc import Iterator
from itertools import groupby

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.records import Records
from scoring.rubric import RubricItem
from tests.sheets import huadu
from tests.sheets.workbooks import saved

PRINTED_TOTAL = 94.08
CONTEXT = {"department.name": "广州市花都区残疾人联合会", "year": "2021"}

_COLUMNS = ("一级指标", "分值", "二级指标", "分值", "三级指标", "分值")
_ENDING = ("得分/自评分", "评分依据、未达标原因、改进措施", "佐证材料", "备注")
_SCORED = (*_COLUMNS, "指标解释", "评分标准", *_ENDING)
_MEASURED = (*_COLUMNS, "年度指标值", "实际完成指标值", *_ENDING)
_TOTALS = {
    "绩效管理": 15,
    "资金管理": 16,
    "采购管理": 2,
    "信息公开管理": 4,
    "资产管理": 4,
    "成本管理": 4,
}
_AMOUNTS = (
    ("全年预算数", "37,749,994.89", "0.00", "9,901,966.37", "27,848,028.52", "37,749,994.89", "0.00"),
    ("全年执行数", "33,828,375.60", "0.00", "8,598,240.56", "25,230,135.04", "33,828,375.60", "0.00"),
    ("完成率", "89.61%", "0%", "86.83%", "90.6%", "89.61%", "0%"),
)  # fmt: skip


def own_workbook(records: Records, *, words: bool = True) -> bytes:
    """The table with one cell for each figure, nothing of ours in it.

    words: whether the explanations of the indicators and the texts of the rules are there.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    sheet.append(["部门整体支出绩效自评表"])
    sheet.append(["(2021年度)"])
    for row in _beginning(records):
        sheet.append(row)
    sheet.append(_SCORED)
    *efficiency, bonus = [i for i in huadu.FORM.rubric.items if not i.is_list]
    first = sheet.max_row + 1
    for level2, items in groupby(efficiency, lambda item: item.level2):
        for number, item in enumerate(items):
            group = (level2, _TOTALS[level2]) if number == 0 else (None, None)
            level1 = ("管理效率", 45) if sheet.max_row < first else (None, None)
            sheet.append([*level1, *group, *_scored(records, item, words=words)])
    sheet.append(_MEASURED)
    first = sheet.max_row + 1
    for row in _measured(records):
        level1 = ("履职效能", 50) if sheet.max_row < first else (None, None)
        sheet.append([*level1, *row])
    sheet.append(["加减分项", 5, "工作表现加减分", 5, *_scored(records, bonus, words=words)])
    sheet.append(["总分", 100, *[None] * 4, "自评得分", None, PRINTED_TOTAL])
    sheet.append(["注：“履职效能”的任务和指标，取自批复的部门整体绩效目标申报表。"])
    _merge(sheet)
    return saved(book)


def _beginning(records: Records) -> Iterator[list[object]]:
    texts = records.texts
    yield ["单位基本情况"]
    yield ["单位名称", None, CONTEXT["department.name"]]
    yield ["年度整体绩效目标", None, texts["overall_goal"], *[None] * 4, "整体绩效目标完成情况",
           texts["overall_result"], None, "未能完成原因"]  # fmt: skip
    yield [*[None] * 10, texts["overall_reason"]]
    yield ["年度部门整体支出规模(元)", *[None] * 3, "按资金来源", *[None] * 2, "按资金结构",
           *[None] * 2, "按预算级次"]  # fmt: skip
    yield [*[None] * 4, "财政拨款", None, "其他资金", "基本支出", "项目支出", None, "区本级支出",
           "转移支付镇"]  # fmt: skip
    for name, fiscal, other, basic, project, *levels in _AMOUNTS:
        yield [None, None, name, None, fiscal, None, other, basic, project, None, *levels]


def _scored(records: Records, item: RubricItem, *, words: bool) -> list[object]:
    values = records.scores[item.key]
    said = (item.definition, item.standard) if words else (None, None)
    score = values["self_score"]
    filled = float(str(score)), values["basis"] or None, values["evidence"] or None
    return [item.name, float(item.points), *said, *filled]


def _measured(records: Records) -> Iterator[list[object]]:
    for task in records.lists["tasks"]:
        values = task.values
        weight = float(str(values["weight"]))
        shown: list[object] = [f"({values['name']}){values['content']}", weight]
        for indicator in task.lists["indicators"]:
            v = indicator.values
            yield [
                *shown, v["level3"], float(str(v["weight"])), v["target"], v["actual"],
                float(str(v["self_score"])), v["reason"], v["evidence"],
            ]  # fmt: skip
            shown = [None, None]


def _merge(sheet: Worksheet) -> None:
    """As it is printed: titles over the whole width, and the first columns over their rows."""
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=12)
    heads = [c.row for c in sheet["A"] if c.value == "一级指标"]
    ends = [*heads[1:], next(c.row for c in sheet["A"] if c.value == "加减分项")]
    for head, end in zip(heads, ends, strict=True):
        for column in range(1, 5):
            tops = [r for r in range(head + 1, end) if sheet.cell(r, column).value is not None]
            for top, below in zip(tops, [*tops[1:], end], strict=True):
                sheet.merge_cells(
                    start_row=top, start_column=column, end_row=below - 1, end_column=column
                )
