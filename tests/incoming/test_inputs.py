"""What rules need to know, on a sheet of its own: handed out, filled in, brought back."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.fillable import render_fillable
from declarations.sheets.incoming import Incoming, read_incoming
from declarations.sheets.inputs_sheet import INPUTS_SHEET, inputs_beside
from declarations.sheets.marked import mark_workbook
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from declarations.sheets.trial import different_tags, try_out
from tests.incoming.filings import insert_column, insert_rows, problems, warnings
from tests.incoming.huadu_table import CONTEXT, own_workbook
from tests.sheets import huadu
from tests.sheets.workbooks import saved, workbook

FORM = huadu.FORM
INPUTS = [given.field for given in inputs_beside(FORM)]


def samples() -> Records:
    records = sample_records(FORM)
    records.context = dict(CONTEXT)
    return records


def handed_out(records: Records | None = None) -> bytes:
    return render_fillable(FORM, records or samples(), huadu.TEMPLATE, title="自评表")


def sheet_of(content: bytes) -> Worksheet:
    sheet = load_workbook(BytesIO(content))[INPUTS_SHEET]
    assert isinstance(sheet, Worksheet)
    return sheet


def after(edit: Callable[[Worksheet], object], content: bytes | None = None) -> Incoming:
    """What is read after something was done to the sheet."""
    book = load_workbook(BytesIO(content or handed_out()))
    edit(book[INPUTS_SHEET])
    return read_incoming(FORM, saved(book), CONTEXT)


def row_of(sheet: Worksheet, item: str, label: str) -> int:
    found = [r for r in sheet.iter_rows(min_row=4) if (r[0].value, r[1].value) == (item, label)]
    assert len(found) == 1
    row = found[0][0].row
    assert row
    return row


def fill(item: str, label: str, value: Any, number_format: str = "General") -> Incoming:
    def enter(sheet: Worksheet) -> None:
        cell: Any = sheet.cell(row_of(sheet, item, label), 3)
        cell.value, cell.number_format = value, number_format

    return after(enter)


def typed(incoming: Incoming, key: str, name: str) -> object:
    return incoming.records.scores[key][f"input.{name}"]


RATE = ("绩效目标完成率", "绩效目标完成率")
MONEY = ("固定资产利用率", "所有固定资产总额（元）")
CHOICE = ("资产账务核对情况", "资产账与财务账相符")
DATE = ("绩效信息公开情况", "完成日期")


# Handed out


def test_every_input_without_a_cell_has_its_row_by_item_in_the_order_of_the_rubric() -> None:
    rows = [[c.value for c in row[:2]] for row in sheet_of(handed_out()).iter_rows(min_row=4)]
    wanted = [[g.item.name, g.field.label_with_unit] for g in inputs_beside(FORM)]
    assert rows == wanted
    assert len(rows) == len(FORM.beside) == 55


def test_only_what_is_filled_in_is_open_and_the_head_stays_in_view() -> None:
    sheet = sheet_of(handed_out())
    open_cells = {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked}
    assert open_cells == {f"C{4 + n}" for n in range(len(INPUTS))}
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert sheet.freeze_panes == "A4"


def rule_of(item: str, label: str) -> DataValidation:
    sheet = sheet_of(handed_out())
    place = f"C{row_of(sheet, item, label)}"
    (rule,) = (v for v in sheet.data_validations.dataValidation if place in v.sqref)
    return rule


def test_each_kind_has_its_limits_and_the_text_of_the_rule_as_help() -> None:
    assert rule_of(*CHOICE).formula1 == '"符合,不符合"'
    assert [rule_of(*given).type for given in (RATE, MONEY, DATE)] == ["decimal", "decimal", "date"]
    item = FORM.rubric.item("asset_accounts")
    assert item
    assert item.standard[:20] in str(rule_of(*CHOICE).prompt)
    assert "单位：元" in str(rule_of(*MONEY).prompt)


def test_a_self_score_takes_no_more_than_the_points_and_the_total_is_a_formula() -> None:
    sheet = load_workbook(BytesIO(handed_out())).worksheets[0]
    places = {c.coordinate: c for row in sheet.iter_rows() for c in row}
    (rule,) = (v for v in sheet.data_validations.dataValidation if "I12" in v.sqref)
    assert (rule.formula1, rule.formula2) == ("0", "2")
    assert any("I12+I13" in str(c.value) for c in places.values() if c.data_type == "f")


def test_a_form_without_such_data_has_no_such_sheet() -> None:
    template = workbook({"A1": "名称", "B1": "{{text.name}}"})
    content = render_fillable(parse_form(template), Records(), template, title="表")
    assert load_workbook(BytesIO(content)).sheetnames == ["表样"]


# Brought back


def test_it_comes_back_as_it_went() -> None:
    incoming = after(lambda _: None)
    assert problems(incoming) == warnings(incoming) == []
    assert incoming.absent == frozenset()
    assert different_tags(FORM, samples(), incoming.records) == []


def test_rows_may_be_sorted_and_moved() -> None:
    def sort(sheet: Worksheet) -> None:
        rows = sheet.iter_rows(min_row=4, max_col=3)
        values = [[(c.value, c.number_format) for c in row] for row in rows]
        for number, row in enumerate(reversed(values), start=4):
            for column, (value, format_) in enumerate(row, start=1):
                cell: Any = sheet.cell(number, column)
                cell.value, cell.number_format = value, format_
        insert_rows(sheet, 1, 2)
        insert_column(sheet, 1)

    incoming = after(sort)
    assert problems(incoming) == warnings(incoming) == []
    assert different_tags(FORM, samples(), incoming.records) == []


def test_each_value_says_where_it_stood() -> None:
    incoming = fill(*MONEY, 100)
    place = incoming.places["score/asset_use/input.denominator"]
    row = row_of(sheet_of(handed_out()), *MONEY)
    assert place == f"{INPUTS_SHEET}!C{row}"


def test_without_the_sheet_nothing_is_said_of_its_data() -> None:
    book = load_workbook(BytesIO(handed_out()))
    del book[INPUTS_SHEET]
    incoming = read_incoming(FORM, saved(book), CONTEXT)
    assert incoming.absent == FORM.beside
    assert warnings(incoming) == problems(incoming) == []


def test_a_row_that_is_gone_is_absent_and_a_blank_cell_is_blank() -> None:
    def remove(sheet: Worksheet) -> None:
        sheet.delete_rows(row_of(sheet, *CHOICE))
        sheet.cell(row_of(sheet, *MONEY), 3).value = None

    incoming = after(remove)
    assert incoming.absent == {"score.asset_accounts.input.s1"}
    assert typed(incoming, "asset_use", "denominator") == ""
    assert problems(incoming) == warnings(incoming) == []


def test_a_sheet_of_ones_own_is_read_by_its_words() -> None:
    book = load_workbook(BytesIO(own_workbook(huadu.published())))
    sheet = book.create_sheet(INPUTS_SHEET, 0)
    for row in (
        ["附件3"],
        ["序号", "评分项", "数据", "填写内容", "备注"],
        [1, "固定资产利用率", "实际在用固定资产总额（万元）", 345.556023, "见台账"],
        [2, None, "所有固定资产总额（元）", "4,138,427.79"],
        [3, "绩效信息公开情况", "完成日期", date(2021, 2, 10)],
        [4, "预算绩效", "有没有档案", "有"],
    ):
        sheet.append(row)
    incoming = read_incoming(FORM, saved(book), CONTEXT)
    assert incoming.sheet == "Sheet1"
    assert typed(incoming, "asset_use", "numerator") == "3455560.23"
    assert typed(incoming, "asset_use", "denominator") == "4138427.79"
    assert typed(incoming, "disclosure", "date") == "2021-02-10"
    assert len(incoming.absent) == len(INPUTS) - 3
    said = warnings(incoming)
    assert any("D3：固定资产利用率 · 实际在用固定资产总额：" in w and "万元" in w for w in said)
    assert "D6：没有读入：评分标准没有要填的“预算绩效 有没有档案”" in said


def test_a_sheet_without_its_headings_is_named() -> None:
    incoming = after(lambda sheet: sheet.delete_rows(1, 3))
    assert incoming.absent == FORM.beside
    assert any("找不到表头“评分项”“数据”“填写内容”" in w for w in warnings(incoming))


# What is wrong with it, by cell


@pytest.mark.parametrize(
    ("given", "value", "number_format", "said"),
    [
        (CHOICE, "基本符合", "General", "“基本符合”：请从下列选项中选择：符合、不符合"),
        (RATE, "八成五", "General", "“八成五”"),
        (MONEY, "约400万", "General", "“约400万”"),
        (MONEY, 0.5, "0%", "这里是百分数 50%，应填金额"),
        (MONEY, "=A1/0", "General", "公式没有计算结果"),
        (DATE, "二月底", "General", "日期无法识别"),
    ],
)
def test_what_cannot_be_stored_is_a_problem_in_its_cell(
    given: tuple[str, str], value: object, number_format: str, said: str
) -> None:
    incoming = fill(*given, value, number_format)
    (problem,) = incoming.problems
    assert problem.sheet == INPUTS_SHEET
    assert problem.cell == f"C{row_of(sheet_of(handed_out()), *given)}"
    assert problem.message.startswith(f"{given[0]} · ")
    assert said in problem.message


@pytest.mark.parametrize(
    ("value", "number_format", "stored", "warned"),
    [
        (0.85, "0.00%", "0.85", ""),
        ("85%", "General", "0.85", ""),
        (85, "General", "0.85", ""),
        ("85", "General", "0.85", ""),
        (0.85, "General", "0.0085", "0.85 没有设为百分比格式，读作 0.85%"),
        ("0.85", "@", "0.0085", "“0.85”没有写百分号，读作 0.85%"),
        ("0.85％", "@", "0.0085", ""),
    ],
)
def test_a_rate_is_per_cent_and_what_may_be_a_fraction_is_named(
    value: object, number_format: str, stored: str, warned: str
) -> None:
    incoming = fill(*RATE, value, number_format)
    assert typed(incoming, "goals_achieved", "rate") == stored
    said = [w for w in warnings(incoming) if "绩效目标完成率" in w]
    assert [warned in w for w in said] == ([True] if warned else [])


def test_a_row_that_is_there_twice_is_no_guess() -> None:
    def repeat(sheet: Worksheet) -> None:
        sheet.append(["资产账务核对情况", "资产账与财务账相符", "不符合"])

    incoming = after(repeat)
    assert len(incoming.problems) == 2
    assert all("有 2 行都是“资产账务核对情况" in p for p in problems(incoming))
    assert incoming.absent == {"score.asset_accounts.input.s1"}


def test_many_rows_that_mean_nothing_are_not_all_named() -> None:
    def add(sheet: Worksheet) -> None:
        for number in range(500):
            sheet.append([f"项目{number}", "数目", number])

    said = warnings(after(add))
    assert len(said) == 31
    assert "另有 470 行没有读入" in said[-1]


def test_the_marked_copy_has_it_marked_in_its_own_sheet() -> None:
    book = load_workbook(BytesIO(handed_out()))
    sheet = book[INPUTS_SHEET]
    assert isinstance(sheet, Worksheet)
    row = row_of(sheet, *CHOICE)
    sheet.cell(row, 3).value = "大致符合"
    content = saved(book)
    incoming = read_incoming(FORM, content, CONTEXT)
    marked = mark_workbook(content, incoming.problems, incoming.warnings)
    assert marked
    comment = sheet_of(marked).cell(row, 3).comment
    assert comment
    assert "大致符合" in comment.text


# Rules that ask for the same


def alike(*names: str) -> bytes:
    cells = {"A1": "自评", "A2": "项目", "B2": "自评分"}
    rubric: list[list[str | int]] = [
        ["编码", "一级指标", "名称", "分值", "方法", "参数", "可不适用"]
    ]
    for number, name in enumerate(names, start=3):
        cells |= {
            f"A{number}": f"{name}{number}",
            f"B{number}": f"{{{{score.k{number}.self_score}}}}",
        }
        rubric.append([f"k{number}", "管理", name, 2, "是否得分", "要点：制度健全", "是"])
    return workbook(cells, lines=[1], rubric=rubric)


def test_items_of_one_name_are_told_apart_by_their_order_as_long_as_all_are_there() -> None:
    template = alike("制度", "制度", "公开")
    form = parse_form(template)
    records = sample_records(form)
    for key, said in (("k3", "符合"), ("k4", "不符合"), ("k5", "符合")):
        records.scores[key] |= {"input.s1": said, "input.inapplicable": "否"}
    content = render_fillable(form, records, template, title="表")
    incoming = read_incoming(form, content, dict(records.context))
    assert incoming.problems == []
    assert different_tags(form, records, incoming.records) == []
    assert [str(p) for p in try_out(form, template)] == []

    book: Workbook = load_workbook(BytesIO(content))
    book[INPUTS_SHEET].delete_rows(4)
    incoming = read_incoming(form, saved(book), dict(records.context))
    assert any("无法分清这是哪一个" in p for p in problems(incoming))
