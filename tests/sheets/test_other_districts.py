"""What is read from the forms of other districts, and what their makers get wrong."""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from declarations.sheets.bind import bind
from declarations.sheets.html import render_editor, render_read_only
from declarations.sheets.parse import parse_form
from declarations.sheets.samples import sample_records
from declarations.sheets.trial import try_out
from tests import odd_forms
from tests.sheets.workbooks import Cells, form, problems, saved, workbook
from tests.small_forms import NESTED


def labels(content: bytes) -> dict[str, str]:
    return {f.tag: f.label for f in parse_form(content).fields.values()}


def test_a_label_beside_several_rows_says_their_unit() -> None:
    fields = parse_form(odd_forms.PROJECT).fields
    amounts = ("computed.F4", "funding.fiscal.budget", "funding.other_income.budget")
    assert {fields[tag].unit for tag in amounts} == {"万元"}


def test_a_label_names_only_the_value_beside_it() -> None:
    found = form(
        {
            "A1": "总投资（万元）",
            "B1": "{{funding.total.budget}}",
            "C1": "本年投资",
            "D1": "{{funding.fiscal.budget}}",
        }
    ).fields
    assert found["funding.total.budget"].unit == "万元"
    assert found["funding.fiscal.budget"].unit == "元"
    assert labels(odd_forms.PROJECT)["funding.fiscal.budget"] == "其中：财政拨款"


def test_texts_beside_the_same_label_are_told_apart_by_their_headings() -> None:
    found = labels(odd_forms.PROJECT)
    assert found["text.period_goal"] == "总体目标 实施期目标"
    assert found["text.goal"] == "总体目标 年度目标"


def test_in_a_block_the_label_beside_a_cell_names_it() -> None:
    found = labels(odd_forms.NESTED_TWICE)
    assert found["projects.name"] == "项目名称"
    assert found["projects.content"] == "概况"
    assert found["projects.amount"] == "本年安排"
    assert found["projects.indicators.level3"] == "指标名称"
    assert found["computed.A13"] == "项目支出合计"


def test_a_word_between_two_values_names_neither() -> None:
    cells = {"A1": "起止时间", "B1": "{{text.start}}至{{text.finish}}"}
    assert form(cells).fields["text.finish"].label == "起止时间"


def test_headings_as_wide_as_the_table_are_its_sections() -> None:
    parsed = parse_form(odd_forms.BANNERS)
    assert [(s.label, s.first_row, s.last_row) for s in parsed.sections] == [
        ("项目名称", 3, 3),
        ("一、项目概况", 4, 5),
        ("二、项目资金", 6, 8),
        ("三、支出明细", 9, 12),
        ("四、绩效指标", 13, 15),
    ]


def test_blanks_that_set_words_in_or_apart_are_shown() -> None:
    parsed = form({"A1": "  其中：", "B1": "{{text.a}}", "A2": "甲    乙", "B2": "{{text.b}}"})
    html = render_read_only(bind(parsed, sample_records(parsed)))
    assert ">\N{NO-BREAK SPACE} 其中：<" in html
    assert f">甲{3 * chr(0xA0)} 乙<" in html


def test_a_result_amid_words_does_not_break_the_line() -> None:
    parsed = parse_form(odd_forms.NESTED_TWICE)
    html = render_editor(bind(parsed, sample_records(parsed), editing=True), {})
    assert '共<output class="computed" id="cell-computed-A13"' in html
    assert '<output class="computed alone" id="cell-computed-H13"' in html


def test_a_percentage_in_a_formula_is_a_share_of_a_hundred() -> None:
    parsed = form(
        {
            "A1": "甲",
            "B1": "{{funding.a.budget}}",
            "C1": "{{= funding.a.budget * 20% + funding.a.budget×５％}}",
        }
    )
    records = sample_records(parsed)
    records.funding["a"]["budget"] = Decimal(1000)
    (cell,) = [c for c in bind(parsed, records).cells() if c.template_column == 3]
    assert cell.text == "250"


@pytest.mark.parametrize("formula", ["{} ^ 2", "{} % 20", "{} // 3", "{} | 2", "~{}", "{0} in {0}"])
def test_only_the_signs_of_the_document_are_understood(formula: str) -> None:
    written = formula.format("funding.a.budget")
    assert problems({"A1": "{{funding.a.budget}}", "B1": f"{{{{= {written}}}}}"}) == [
        "表样!B1：公式中只能使用标签、数字、四则运算、比较和规定的函数"
    ]


@pytest.mark.parametrize("condition", ["{{funding.a.budget}} >= 20%", "funding.a.budget≥２０％"])
def test_a_condition_may_have_braces_and_percentages(condition: str) -> None:
    cells = {"A1": "{{funding.a.budget}}"}
    assert problems(cells, rules=[["条件"], [condition]]) == []


def test_a_condition_is_no_excel_formula() -> None:
    found = problems({"A1": "{{funding.a.budget}}"}, rules=[["条件"], ["=funding.a.budget=3"]])
    assert found == ["校验!A2：条件不要以等号开头，写成“左边 比较 右边”"]


TOTAL_IN_THE_LIST: Cells = {
    "A1": "任务",
    "B1": "说明",
    "C1": "金额",
    "A2": "{{tasks.name}}",
    "B2": "",
    "C2": "{{tasks.amount}}",
    "A3": "合计",
    "B3": "{{tasks.expected}}",
    "C3": "{{= sum(tasks.amount)}}",
}


def test_a_total_amid_the_rows_of_its_list_is_refused() -> None:
    assert problems(TOTAL_IN_THE_LIST) == [
        (
            "表样!C3：这一格在清单 tasks 重复的行（第 2 至 3 行）中间，却不随它重复，"
            "请移到清单的上面或下面，或合并成跨这几行的一格"
        )
    ]


def test_lists_side_by_side_are_refused_with_their_rows() -> None:
    assert problems({"A1": "{{indicators.level3}}", "B1": "{{goals.name}}"}) == [
        "表样!A1：清单 indicators（第 1 行）与 goals（第 1 行）的行重叠，同一行只能属于一个清单"
    ]


def test_names_that_are_the_same_are_told() -> None:
    content = workbook(
        {
            "A1": "指标",
            "B1": "指标值",
            "C1": "指标值",
            "A2": "{{indicators.level3}}",
            "B2": "{{indicators.period_target}}",
            "C2": "{{indicators.target}}",
        }
    )
    assert "表样!C2：与 B2 的名称相同，都是“指标值”，请在“字段”中各写一个名称" in [
        str(p) for p in try_out(parse_form(content), content)
    ]


def test_a_sheet_that_nothing_is_read_from_is_told() -> None:
    book = load_workbook(BytesIO(NESTED))
    book.create_sheet("勾稽关系")
    book.create_sheet("校验 ").append(["条件"])
    content = saved(book)
    assert [str(p) for p in try_out(parse_form(content), content)] == [
        "勾稽关系：这张工作表不会用到；填表说明、校验和评分规则写在名为“字段”“校验”“评分”的工作表里"
    ]


def test_what_the_system_fills_in_is_not_described() -> None:
    cells = {"A1": "{{department.name}}", "A2": "{{tasks.number}}", "B2": "{{tasks.name|merge}}"}
    rows = [["标签"], ["department.name"], ["tasks.number"], ["{{tasks.name|merge}}"]]
    said = "由系统填写，不用在“字段”中说明"
    assert problems(cells, fields=rows) == [
        f"字段!A2：标签 department.name {said}",
        f"字段!A3：标签 tasks.number {said}",
    ]
