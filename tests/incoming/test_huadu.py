"""Huadu's published self-evaluation, as the department's own workbook and as ours."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.incoming import Incoming
from declarations.sheets.parse import parse_form
from declarations.sheets.samples import sample_records
from declarations.sheets.trial import different_tags
from declarations.sheets.workbook import render_workbook
from tests import small_forms
from tests.incoming.filings import edited, find, problems, read, redraw, unmerge, warnings
from tests.incoming.huadu_table import CONTEXT, own_workbook
from tests.sheets import huadu

FORM = huadu.FORM
DISAGREES = "自评得分 得分/自评分：文件中是 94.08，按各项计算应为 99.08，以计算结果为准"


def assert_read(incoming: Incoming) -> None:
    """Every cell of the form; what is beside it the table does not have."""
    assert problems(incoming) == []
    assert different_tags(FORM, huadu.published(), incoming.records, FORM.beside) == []
    assert incoming.absent == FORM.beside


def of_items(incoming: Incoming, column: str) -> list[object]:
    return [v for values in incoming.records.scores.values() if (v := values.get(column))]


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("words", [True, False], ids=["with-words", "without"])
def test_the_published_table_is_read_whole(*, words: bool, merged: bool) -> None:
    workbook = own_workbook(huadu.published(), words=words)
    incoming = read(FORM, workbook if merged else edited(workbook, unmerge), CONTEXT)
    assert_read(incoming)
    rows = [i for task in incoming.records.lists["tasks"] for i in task.lists["indicators"]]
    assert len(incoming.records.lists["tasks"]) == 6
    assert len(rows) == 42
    assert sum(Decimal(str(i.values["self_score"])) for i in rows) == 50
    assert len(of_items(incoming, "self_score")) == len(of_items(incoming, "basis")) == 21
    assert incoming.records.scores["budget_execution"]["self_score"] == Decimal("3.58")


def test_only_the_printed_total_disagrees_and_is_named_with_both_values() -> None:
    """The rates are printed with two decimals, one or none, and agree."""
    workbook = own_workbook(huadu.published())
    sheet = load_workbook(BytesIO(workbook)).worksheets[0]
    row, _ = find(sheet, "总分")
    incoming = read(FORM, workbook, CONTEXT)
    assert warnings(incoming) == [f"I{row}：{DISAGREES}"]


def test_a_rate_that_is_not_that_of_its_amounts_is_named() -> None:
    def mistype(sheet: Worksheet) -> None:
        row, column = find(sheet, "完成率")
        sheet.cell(row, column + 2).value = "98.61%"

    incoming = read(FORM, edited(own_workbook(huadu.published()), mistype), CONTEXT)
    assert any("98.61%" in w and "89.61" in w for w in warnings(incoming))


def test_points_that_are_not_the_forms_are_named() -> None:
    def change(sheet: Worksheet) -> None:
        row, column = find(sheet, "预算完成率")
        sheet.cell(row, column + 1).value = 5

    incoming = read(FORM, edited(own_workbook(huadu.published()), change), CONTEXT)
    assert any("没有读入" in w and "“5”" in w for w in warnings(incoming))
    assert_read(incoming)


def test_other_words_of_the_rules_move_nothing() -> None:
    """A department's table says the explanations in full, the form in short."""

    def say_more(sheet: Worksheet) -> None:
        for item in FORM.rubric.items:
            if not item.is_list:
                row, column = find(sheet, item.name)
                sheet.cell(row, column + 2).value = f"用以反映和考核部门在“{item.name}”方面的情况"
                sheet.cell(row, column + 3).value = "对上述标准，没有完全符合的，可酌情扣分。" * 8

    incoming = read(FORM, edited(own_workbook(huadu.published()), say_more), CONTEXT)
    assert_read(incoming)


def numbers(change: Callable[[Cell, float], None]) -> bytes:
    def edit(sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and isinstance(cell.value, int | float):
                    change(cell, cell.value)

    return edited(own_workbook(huadu.published()), edit)


def as_printed(cell: Cell, _: float) -> None:
    cell.number_format = "0.00"


def as_text(cell: Cell, number: float) -> None:
    cell.value = f"{number:.2f}"


def with_unit(cell: Cell, number: float) -> None:
    cell.value = f"{number:.2f} 分"


@pytest.mark.parametrize("change", [as_printed, as_text, with_unit])
def test_scores_that_look_like_points_are_no_points(change: Callable[[Cell, float], None]) -> None:
    assert_read(read(FORM, numbers(change), CONTEXT))


def test_scores_are_no_points_where_the_points_are_left_out() -> None:
    def leave_out(sheet: Worksheet) -> None:
        for item in FORM.rubric.items:
            if not item.is_list:
                row, column = find(sheet, item.name)
                sheet.cell(row, column + 1).value = None

    assert_read(read(FORM, edited(numbers(as_printed), leave_out), CONTEXT))


def test_our_filled_workbook_reads_back_with_carried_cells_in_it() -> None:
    """What came from the approved target is no less in the cells for being read-only."""
    records = huadu.published()
    for number, task in enumerate(records.lists["tasks"], start=1):
        task.source, task.carried = number, ("name", "weight")
        for row in task.lists["indicators"]:
            row.source, row.carried = row.id, ("level3", "target", "weight")
    workbook = render_workbook(bind(FORM, records), huadu.TEMPLATE, title="自评表")
    incoming = read(FORM, workbook, CONTEXT)
    assert_read(incoming)
    assert warnings(incoming) == []


# What is typed into scores


def scored(value: object, number_format: str = "General") -> Incoming:
    """The table with another self score of its first item."""

    def enter(sheet: Worksheet) -> None:
        row, column = find(sheet, "绩效指标明确性")
        cell = sheet.cell(row, column + 4)
        cell.value, cell.number_format = value, number_format

    return read(FORM, edited(own_workbook(huadu.published()), enter), CONTEXT)


@pytest.mark.parametrize("value", [1.5, "1.5", "1.5分", "1.50 分", "１．５"])
def test_a_score_may_be_text_and_have_its_unit(value: object) -> None:
    incoming = scored(value)
    assert incoming.records.scores["clarity"]["self_score"] == Decimal("1.5")
    assert problems(incoming) == []


@pytest.mark.parametrize(
    ("value", "number_format", "said"),
    [
        ("100.00%", "General", "“%”"),
        (1, "0.00%", "100.00%"),
        ("得满分", "General", "“得满分”"),
        ("2个", "General", "“个”"),
        ("1.5/2", "General", "“/2”"),
    ],
)
def test_what_is_no_score_is_a_problem_that_quotes_it(
    value: object, number_format: str, said: str
) -> None:
    incoming = scored(value, number_format)
    (problem,) = problems(incoming)
    assert problem.startswith("I13：绩效指标明确性 自评分：")
    assert said in problem
    assert len(of_items(incoming, "self_score")) == 20


@pytest.mark.parametrize("value", [2.5, -1])
def test_a_score_beyond_the_points_is_read_and_named(value: float) -> None:
    incoming = scored(value)
    assert incoming.records.scores["clarity"]["self_score"] == Decimal(str(value))
    assert problems(incoming) == []
    said = f"I13：绩效指标明确性 自评分：{value}分，应在0分至2分之间；可以导入，提交前须改正"
    assert said in warnings(incoming)


def test_an_indicator_that_claims_more_than_its_points_is_named() -> None:
    def enter(sheet: Worksheet) -> None:
        row, column = find(sheet, "第三方机构监管率")
        sheet.cell(row, column + 4).value = 3

    incoming = read(FORM, edited(own_workbook(huadu.published()), enter), CONTEXT)
    assert any("3分，应在0分至1分之间" in w for w in warnings(incoming))


def test_points_taken_off_are_within_the_range() -> None:
    def enter(sheet: Worksheet) -> None:
        row, column = find(sheet, "工作受表彰或批评")
        sheet.cell(row, column + 4).value = -5

    incoming = read(FORM, edited(own_workbook(huadu.published()), enter), CONTEXT)
    assert incoming.records.scores["commendation"]["self_score"] == Decimal(-5)
    assert not any("应在" in w for w in warnings(incoming))


# Points beside a score, with nothing between them


SMALL = parse_form(small_forms.SCORED)


def small(points: object, score: object) -> Incoming:
    """A table of one's own, with these points and this score of its last item."""
    records = sample_records(SMALL)
    records.context = dict(CONTEXT)
    workbook = render_workbook(bind(SMALL, records), small_forms.SCORED, title="自评")

    def enter(sheet: Worksheet) -> None:
        redraw(sheet)
        row, column = find(sheet, "表彰或批评")
        for offset, value in ((1, points), (2, score)):
            cell = sheet.cell(row, column + offset)
            assert isinstance(cell, Cell)
            cell.value = value

    return read(SMALL, edited(workbook, enter), CONTEXT)


@pytest.mark.parametrize("points", [5, "5", "5.00", "5分", 4, "4分"])
@pytest.mark.parametrize("score", [5, "5", "5分", 2.5])
def test_points_are_never_read_as_the_score(points: object, score: float | str) -> None:
    found = small(points, score).records.scores["bonus"]["self_score"]
    assert found == Decimal(str(score).rstrip("分"))


@pytest.mark.parametrize("points", [5, "5", "5.00", "5分"])
def test_points_alone_claim_nothing(points: object) -> None:
    assert small(points, None).records.scores["bonus"]["self_score"] is None
