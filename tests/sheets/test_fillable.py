"""The workbook to fill in, as Excel opens it: what is open, what is said, what computes itself."""

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable, with_spare_rows
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Access
from tests.sheets import panyu
from tests.sheets.workbooks import Cells, task, workbook
from tests.small_forms import EVERY_KIND, NESTED

CAIDIAN = (Path(panyu.__file__).parents[2] / "declarations/forms/caidian-target.xlsx").read_bytes()


def opened(template: bytes, records: Records | None = None, *, results: bool = False) -> Worksheet:
    """The sheet to fill in; `results`: with what its formulas show instead of them."""
    form = parse_form(template)
    content = render_fillable(form, records or Records(), template, title="填报表")
    sheet = load_workbook(BytesIO(content), data_only=results).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def small(cells: Cells, records: Records | None = None, **kwargs: object) -> Worksheet:
    return opened(workbook(cells, **kwargs), records)  # type: ignore[arg-type]


def rule_at(sheet: Worksheet, place: str) -> DataValidation:
    found = [v for v in sheet.data_validations.dataValidation if place in v.sqref]
    assert len(found) == 1, place
    return found[0]


def open_cells(sheet: Worksheet) -> Iterator[str]:
    covered = {c for m in sheet.merged_cells.ranges for c in list(m.cells)[1:]}
    for row in sheet.iter_rows():
        for cell in row:
            if not cell.protection.locked and (cell.row, cell.column) not in covered:
                yield cell.coordinate


# What is open, what is protected


def test_exactly_what_may_be_filled_in_is_unlocked() -> None:
    form = parse_form(CAIDIAN)
    records = with_spare_rows(form, sample_records(form))
    cells = list(bind(form, records, merging=False).cells())
    fillable = [c for c in cells if any(e.access is Access.FILLABLE for e in c.entries)]
    sheet = opened(CAIDIAN, sample_records(form))
    assert len(list(open_cells(sheet))) == len(fillable)
    assert sheet.protection.sheet
    assert not sheet.protection.password
    for allowed in ("insertRows", "deleteRows", "formatRows", "formatColumns"):
        assert getattr(sheet.protection, allowed) is False


def test_a_merged_range_is_unlocked_as_a_whole() -> None:
    sheet = small({"A1": "说明", "B1:D2": "{{text.note}}"})
    assert [c.protection.locked for row in sheet["B1:D2"] for c in row] == [False] * 6
    assert sheet["A1"].protection.locked


# Rows to spare


@pytest.mark.parametrize(("present", "rows"), [(0, 10), (3, 10), (8, 13)])
def test_a_list_has_rows_to_spare(present: int, rows: int) -> None:
    filled = panyu.records(tasks=present, indicators=0)
    records = with_spare_rows(panyu.FORM, filled)
    assert len(records.lists["tasks"]) == rows
    assert len(records.lists["indicators"]) == 10
    assert records.lists["tasks"][:present] == filled.lists["tasks"]
    assert len(filled.lists["tasks"]) == present


def test_nested_lists_have_rows_and_blocks_to_spare() -> None:
    form = parse_form(CAIDIAN)
    filled = sample_records(form)
    records = with_spare_rows(form, filled)
    assert [len(g.lists["indicators"]) for g in records.lists["goals"]] == [5, 5, 5, 5]
    assert [len(g.lists["indicators"]) for g in filled.lists["goals"]] == [3, 2]
    anchors = [i.anchor() for i in records.items()]
    assert len(set(anchors)) == len(anchors)


# What Excel says and refuses


def test_a_choice_is_a_list_to_choose_from() -> None:
    rule = rule_at(opened(EVERY_KIND), "B5")
    assert (rule.type, rule.formula1) == ("list", '"甲,乙,丙 类"')
    assert rule.showErrorMessage
    assert "下拉列表" in rule.error


@pytest.mark.parametrize(
    "choices", ["、".join(f"很长的选项之{n}" for n in range(50)), '说"甲"、乙']
)
def test_choices_that_do_not_fit_stand_on_a_hidden_sheet(choices: str) -> None:
    template = workbook(
        {"A1": "依据", "B1": "{{text.basis}}", "A2": "类别", "B2": "{{text.sort}}"},
        fields=[["标签", "选项"], ["text.basis", choices], ["text.sort", choices + "、另一个"]],
    )
    form = parse_form(template)
    book = load_workbook(BytesIO(render_fillable(form, Records(), template, title="表")))
    assert [s.sheet_state for s in book.worksheets] == ["visible", "hidden"]
    for place, tag in (("B1", "text.basis"), ("B2", "text.sort")):
        formula = rule_at(book.worksheets[0], place).formula1
        assert formula.startswith("'选项'!$")
        area = book["选项"][formula.partition("!")[2].replace("$", "")]
        assert tuple(row[0].value for row in area) == form.fields[tag].choices


@pytest.mark.parametrize(
    ("place", "kind", "lowest", "words"),
    [
        ("B6", "decimal", "0", "不能为负数"),
        ("B7", "decimal", "-99999999999999", "只填数字"),
        ("E10", "decimal", "-99999999999999", "例如 85%"),
        ("B4", "date", "DATE(1900,1,1)", "2023-01-31"),
        ("B2", "textLength", "20", "最多 20 字"),
        ("B3", "textLength", "10000", "最多 10000 字"),
    ],
)
def test_what_may_be_typed_is_what_the_field_takes(
    place: str, kind: str, lowest: str, words: str
) -> None:
    rule = rule_at(opened(EVERY_KIND), place)
    assert (rule.type, rule.formula1) == (kind, lowest)
    assert words in rule.error
    assert rule.allow_blank


def test_a_help_is_an_input_message_with_what_is_required() -> None:
    sheet = small(
        {"A1": "金额（万元）", "B1": "{{funding.basic.budget}}", "A2": "无", "B2": "{{text.none}}"},
        fields=[
            ["标签", "名称", "说明", "必填"],
            ["funding.basic.budget", "基本支出", "人员和公用经费。" + "多" * 300, "是"],
        ],
    )
    rule = rule_at(sheet, "B1")
    assert rule.showInputMessage
    assert rule.promptTitle == "基本支出"
    assert rule.prompt.startswith("必填。单位：万元。人员和公用经费。")
    assert len(rule.prompt) == 255
    assert not rule_at(sheet, "B2").prompt


def test_a_cell_of_several_values_says_what_to_write_in_it() -> None:
    sheet = opened(panyu.TEMPLATE, panyu.records())
    place = next(c for c in open_cells(sheet) if "拟投入资金" in str(sheet[c].value))
    rule = rule_at(sheet, place)
    assert rule.type is None
    assert rule.prompt.startswith("请保留格中的文字，填写：")


def test_a_rule_is_written_once_for_all_rows() -> None:
    sheet = opened(panyu.TEMPLATE)
    assert len(sheet.data_validations.dataValidation) <= len(panyu.FORM.fields)


# Values


def test_what_is_filled_in_is_there_and_the_rest_is_blank() -> None:
    sheet = opened(panyu.TEMPLATE, panyu.records())
    assert sheet["E5"].value == 483.09
    assert [sheet.cell(row, 5).value for row in (12, 19, 20)] == [833.08, 13.19, None]
    blank = opened(panyu.TEMPLATE)
    values = [blank[c].value for c in open_cells(blank)]
    assert {v for v in values if v and not v.startswith("任务")} == set()


def test_dates_are_dates_and_shares_are_percentages() -> None:
    form = parse_form(EVERY_KIND)
    sheet = opened(EVERY_KIND, sample_records(form))
    assert sheet["B4"].is_date
    assert sheet["B4"].value.date().isoformat() == "2024-01-01"
    assert sheet["E10"].value == pytest.approx(0.1525)
    assert "%" in sheet["E10"].number_format
    assert "%" in sheet["E19"].number_format


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "100%", "2-3", "007"])
def test_text_stays_text_also_when_it_is_typed_again(text: str) -> None:
    cell = small({"A1": "说明", "B1": "{{text.note}}"}, Records(texts={"note": text}))["B1"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


# Formulas


def test_totals_and_shares_are_formulas_with_their_results() -> None:
    form = parse_form(CAIDIAN)
    records = sample_records(form)
    formulas, results = opened(CAIDIAN, records), opened(CAIDIAN, records, results=True)
    assert formulas["E9"].value == '=IFERROR(IF(COUNT(E7:E8)=0,"",(E7+E8)),"")'
    assert formulas["E9"].protection.locked
    assert results["E9"].value == 1995.5
    assert results["F7"].value == pytest.approx(999.25 / 1995.5)
    assert results["G6"].value == "2022年"
    assert opened(CAIDIAN, results=True)["E9"].value in (None, "")


def test_a_sum_reaches_over_the_rows_to_spare() -> None:
    cells = {
        "A1": "{{tasks.name}}",
        "B1": "{{tasks.amount}}",
        "C1": "{{= tasks.amount / sum(tasks.amount)}}",
        "A2": "合计 {{= sum(tasks.amount)}} 元",
    }
    rows = [task(1, name="甲", amount=Decimal(30)), task(2, name="乙", amount=Decimal(10))]
    template = workbook(cells, formats={"A2": "#,##0.00"})
    records = Records(lists={"tasks": rows})
    sheet = opened(template, records)
    assert "SUM(B1:B10)" in sheet["A11"].value
    assert "(B2/(SUM(B1:B10)))" in sheet["C2"].value
    assert opened(template, records, results=True)["A11"].value == "合计 40.00 元"


def test_a_sum_reaches_into_cells_that_hold_words_too() -> None:
    sheet = opened(panyu.TEMPLATE, panyu.records(), results=True)
    last = next(c.value for c in sheet["A"] if str(c.value).startswith("重点"))
    assert last == "重点工作任务和其他任务资金合计：4,712.03万元"
    formulas = opened(panyu.TEMPLATE, panyu.records())
    written = next(c.value for c in formulas["A"] if str(c.value).startswith('="重点'))
    assert written.count('FIND(CHAR(10)&"拟投入资金："') > 10


def test_a_figure_that_could_not_follow_is_left_out() -> None:
    cells = {
        "A1": "{{tasks.name}}花费{{tasks.amount}}元",
        "A2": "平均 {{= average(tasks.amount)}} 元",
    }
    rows = [task(1, name="甲", amount=Decimal(30))]
    sheet = small(cells, Records(lists={"tasks": rows}))
    assert sheet["A11"].value == "平均  元"
    assert sheet["A1"].value == "甲花费30元"


# The whole


def test_equal_content_is_equal_bytes() -> None:
    form = parse_form(NESTED)
    once = [render_fillable(form, sample_records(form), NESTED, title="表") for _ in range(2)]
    assert once[0] == once[1]


def test_the_title_stays_in_view() -> None:
    assert opened(panyu.TEMPLATE).freeze_panes == "A3"
    assert opened(EVERY_KIND).freeze_panes == "A2"
    assert small({"A1": "说明", "B1": "{{text.note}}"}).freeze_panes is None


def test_records_given_are_not_changed() -> None:
    form = parse_form(NESTED)
    records, same = sample_records(form), sample_records(form)
    render_fillable(form, records, NESTED, title="表")
    assert records == same
    assert isinstance(records.lists["tasks"][0], Item)
