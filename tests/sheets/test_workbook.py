"""The filled form as a workbook, read back with openpyxl."""

from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.pages import DRAFT
from declarations.sheets.parse import FormError, parse_form
from declarations.sheets.records import Item, Records
from declarations.sheets.table import Table
from declarations.sheets.workbook import render_workbook
from tests.sheets import panyu
from tests.sheets.workbooks import saved, task, workbook

TITLE = "番禺区残联2023年部门整体预算绩效目标申报表"


def filled(table: Table, template: bytes = panyu.TEMPLATE, *, mark: str = "") -> Worksheet:
    """The sheet that an official opens."""
    book = load_workbook(BytesIO(render_workbook(table, template, title=TITLE, mark=mark)))
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def template_sheet(template: bytes = panyu.TEMPLATE) -> Worksheet:
    return load_workbook(BytesIO(template))["表样"]


def places(table: Table) -> dict[tuple[int, int], str]:
    """Where each text of the table belongs, by row and column of the sheet."""
    rows = [[cell] for cell in table.head]
    rows += [row.cells for row in table.rows]
    rows += [[cell] for cell in table.foot]
    return {(n, c.column): c.text for n, cells in enumerate(rows, start=1) for c in cells}


def simple(text: str, *, kind: str = "{{text.note}}", number_format: str = "General") -> Worksheet:
    """A form with one value, filled with a text."""
    template = workbook({"A1": "说明", "B1": kind}, formats={"B1": number_format})
    table = bind(parse_form(template), Records(texts={"note": text}))
    return filled(table, template)


# Content


def test_every_value_and_label_is_in_its_place() -> None:
    table = panyu.table()
    sheet = filled(table)
    for (row, column), text in places(table).items():
        value = sheet.cell(row, column).value
        if isinstance(value, int | float):
            assert f"{value:,.2f}" == text
        else:
            assert (value or "") == text


def test_amounts_are_numbers_in_the_forms_unit() -> None:
    sheet = filled(panyu.table())
    cell = sheet["E5"]
    assert cell.value == 483.09
    assert cell.data_type == "n"
    assert cell.number_format == "#,##0.00"
    assert [sheet.cell(row, 5).value for row in range(12, 20)] == [
        float(amount) for amount in panyu.TASKS.values()
    ]


def test_a_blank_amount_is_blank() -> None:
    sheet = filled(bind(panyu.FORM, Records()))
    assert sheet["E5"].value is None
    assert sheet["G5"].value is None


def test_rates_are_fractions_shown_as_percent() -> None:
    rate = "{{= funding.fiscal.executed / funding.fiscal.budget}}"
    cells = {"A1": "财政拨款（元）", "B1": "{{funding.fiscal.budget}}"}
    cells |= {"C1": "{{funding.fiscal.executed}}", "A2": "完成率", "B2": rate}
    template = workbook(cells, formats={"B2": "0.00%"})
    funding: dict[str, dict[str, Decimal | str | None]] = {
        "fiscal": {"budget": Decimal("37749994.89"), "executed": Decimal("33828375.60")}
    }
    sheet = filled(bind(parse_form(template), Records(funding=funding)), template)
    assert sheet["B1"].value == 37749994.89
    assert sheet["B2"].value == pytest.approx(0.8961, abs=0.0001)
    assert sheet["B2"].number_format == "0.00%"


def test_amounts_among_words_are_text() -> None:
    sheet = filled(panyu.table())
    assert "拟投入资金：157.00（万元）" in str(sheet["B20"].value)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://127.0.0.1","x")',
        "+86",
        "-5",
        "@SUM(A1)",
        "#N/A",
        "007",
        "2023-01-05",
        "85%",
        "  前后有空格  ",
        "\t=1+1",
        "一\n二",
    ],
)
def test_text_stays_the_text_it_is(text: str) -> None:
    cell = simple(text)["B1"]
    assert cell.value == text
    assert cell.data_type == "s"
    assert bool(cell.quotePrefix) == text.startswith(("=", "+", "-", "@"))


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    assert simple("康复\x00\x01\x0b\x1b服务\ud800\ufffe")["B1"].value == "康复服务"


def test_no_formula_is_written_whatever_was_typed() -> None:
    table = panyu.table(name="=1+1", content="=cmd|' /C calc'!A0", expected="@x")
    content = render_workbook(table, panyu.TEMPLATE, title=TITLE)
    with ZipFile(BytesIO(content)) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        assert not any(b"<f>" in archive.read(n) for n in sheets)


def test_ten_thousand_characters_are_kept() -> None:
    content = panyu.prose(300)[:10_000]
    assert filled(panyu.table(content=content))["C12"].value == content


# Form


def test_the_sheet_is_called_after_the_form_and_alone() -> None:
    content = render_workbook(panyu.table(), panyu.TEMPLATE, title=TITLE)
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["部门整体预算绩效目标申报表"]
    assert book.properties.title == TITLE


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("一、A/B:[表]*?\\", "一、AB表"),
        ("申报表" * 20, ("申报表" * 20)[:31]),
        ("[]", "申报表"),
        ("'申报表'", "申报表"),
    ],
)
def test_a_sheets_name_is_one_that_excel_takes(title: str, name: str) -> None:
    cells = {"A1:B1": title, "A2": "名称", "B2": "{{text.note}}"}
    template = workbook(cells, lines=[1])
    assert filled(bind(parse_form(template), Records()), template).title == name


def test_styles_are_the_templates() -> None:
    sheet, original = filled(panyu.table()), template_sheet()
    for row, template_row in ((1, 1), (4, 4), (12, 12), (19, 12), (25, 15), (31, 15)):
        for column in range(1, 8):
            cell, source = sheet.cell(row, column), original.cell(template_row, column)
            if type(cell) is not type(source):
                continue  # covered by a merged range in one of them
            assert repr(cell.font) == repr(source.font)
            assert repr(cell.fill) == repr(source.fill)
            assert cell.alignment.horizontal == source.alignment.horizontal
            assert cell.number_format == source.number_format


def test_every_cell_of_the_table_has_its_borders() -> None:
    table = panyu.table()
    sheet = filled(table)
    first, last = len(table.head) + 1, len(table.head) + len(table.rows)
    for row in range(first, last + 1):
        assert sheet.cell(row, 1).border.left.style == "thin"
        assert sheet.cell(row, 7).border.right.style == "thin"
    for column in range(1, 8):
        assert sheet.cell(first, column).border.top.style == "thin"
        assert sheet.cell(last, column).border.bottom.style == "thin"


def test_spans_are_merged_ranges() -> None:
    table = panyu.table()
    merged = {str(r) for r in filled(table).merged_cells.ranges}
    assert {"A1:G1", "A4:A9", "A11:A19", "B10:G10", "F12:G12", "A23:A31", "B24:B30"} <= merged


def test_page_and_columns_are_the_templates() -> None:
    sheet, original = filled(panyu.table()), template_sheet()
    for letter in "ABCDEFG":
        assert sheet.column_dimensions[letter].width == original.column_dimensions[letter].width
    assert sheet.page_setup.paperSize == original.page_setup.paperSize
    assert sheet.page_setup.orientation == original.page_setup.orientation
    assert sheet.page_margins.left == original.page_margins.left
    assert sheet.page_margins.bottom == original.page_margins.bottom


def test_rows_are_as_high_as_in_the_template_or_as_their_text_needs() -> None:
    sheet = filled(panyu.table(content=panyu.prose(1)))
    low = sheet.row_dimensions[12].height
    high = filled(panyu.table(content=panyu.prose(6))).row_dimensions[12].height
    assert low is not None
    assert high is not None
    assert sheet.row_dimensions[1].height == template_sheet().row_dimensions[1].height
    assert 30 < low < high <= 409
    assert filled(panyu.table(content=panyu.prose(200))).row_dimensions[12].height == 409


def test_rows_of_a_tall_spanning_cell_make_room_for_it() -> None:
    cells = {"A1": "{{tasks.name}}", "B1": "{{tasks.indicators.level3}}"}
    template = workbook(cells)
    indicators = [Item("indicator", i, {"level3": f"指标{i}"}) for i in range(3)]
    rows = [task(1, *indicators, name=panyu.prose(3))]
    sheet = filled(bind(parse_form(template), Records(lists={"tasks": rows})), template)
    heights = [sheet.row_dimensions[row].height or 15 for row in (1, 2, 3)]
    assert sum(heights) > 150
    assert heights[0] == heights[1] == heights[2]
    assert sheet["A1"].alignment.wrap_text


def test_print_titles_move_with_their_rows() -> None:
    book = load_workbook(
        BytesIO(
            workbook(
                {"A1": "序号", "B1": "名称"}
                | {
                    "A2": "{{tasks.number}}",
                    "B2": "{{tasks.name}}",
                    "A3": "合计",
                    "B3": "{{text.note}}",
                }
            )
        )
    )
    book["表样"].print_title_rows = "1:1"
    book["表样"].print_area = "A1:B3"
    book["表样"].page_setup.orientation = "landscape"
    template = saved(book)
    rows = [task(i, name="康复") for i in range(40)]
    sheet = filled(bind(parse_form(template), Records(lists={"tasks": rows})), template)
    assert sheet.print_title_rows == "$1:$1"
    assert not sheet.print_area
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.max_row == 42


def test_a_template_fitted_to_one_page_may_take_more() -> None:
    book = load_workbook(BytesIO(workbook({"A1": "名称", "B1": "{{tasks.name}}"})))
    book["表样"].sheet_properties.pageSetUpPr.fitToPage = True
    book["表样"].page_setup.fitToHeight = 1
    template = saved(book)
    sheet = filled(bind(parse_form(template), Records()), template)
    assert sheet.page_setup.fitToHeight == 0


def test_a_template_may_begin_further_down() -> None:
    book = load_workbook(BytesIO(workbook({"C4": "名称", "D4": "{{text.note}}"})))
    book["表样"]["D4"].font = Font(name="楷体", size=14)
    book["表样"]["D4"].alignment = Alignment(vertical="top")
    template = saved(book)
    sheet = filled(bind(parse_form(template), Records(texts={"note": "康复"})), template)
    assert sheet["D4"].value == "康复"
    assert sheet["D4"].font.name == "楷体"
    assert sheet["D4"].alignment.vertical == "top"


def test_only_what_is_marked_says_so_on_each_page() -> None:
    assert filled(panyu.table(), mark=DRAFT).oddHeader.center.text == DRAFT
    assert filled(panyu.table()).oddHeader.center.text is None
    assert filled(panyu.table()).oddFooter.center.text == "第 &P 页　共 &N 页"


def test_equal_content_is_equal_bytes() -> None:
    once = render_workbook(panyu.table(), panyu.TEMPLATE, title=TITLE, mark=DRAFT)
    assert once == render_workbook(panyu.table(), panyu.TEMPLATE, title=TITLE, mark=DRAFT)


def test_five_hundred_rows_are_written() -> None:
    sheet = filled(panyu.table(indicators=500))
    values = [sheet.cell(row, 7).value for row in range(1, sheet.max_row + 1)]
    assert values.count("满意度达98%") == 62


def test_a_broken_template_is_refused() -> None:
    with pytest.raises(FormError):
        render_workbook(panyu.table(), b"no workbook", title=TITLE)
