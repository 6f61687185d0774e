"""What Excel makes of what people type: numbers, dates, percentages, formulas, spaces, units."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.incoming import Incoming
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.workbook import render_workbook
from tests.incoming.filings import (
    CAIDIAN,
    PANYU_CONTEXT,
    caidian,
    edited,
    find,
    panyu_filing,
    part,
    problems,
    read,
    warnings,
    with_parts,
)
from tests.sheets import panyu
from tests.sheets.workbooks import task
from tests.small_forms import EVERY_KIND

D = Decimal
FORM = parse_form(EVERY_KIND)
SHEET = "xl/worksheets/sheet1.xml"
BLANK = render_workbook(
    bind(FORM, Records(lists={"tasks": [task(1, name="甲")]})), EVERY_KIND, title="表"
)


def typed(place: str, value: Any, number_format: str = "General") -> Incoming:
    """The form with every kind of value, with one of them typed into a cell."""

    def enter(sheet: Worksheet) -> None:
        sheet[place].value = value
        sheet[place].number_format = number_format

    return read(FORM, edited(BLANK, enter), {})


def raw(place: str, cell: str, **parts: str) -> Incoming:
    """The same, with the cell's own XML."""
    import re

    sheet = part(BLANK, SHEET)
    sheet = re.sub(
        rf'<c r="{place}"( s="\d+")?[^>]*?(?:/>|></c>)',  # with lxml, or without
        lambda m: cell.replace("<c", f'<c r="{place}"{m[1]}', 1),
        sheet,
    )
    assert cell[3:] in sheet
    return read(FORM, with_parts(BLANK, {SHEET: sheet, **parts}), {})


LINE, LONG, DAY, CHOICE, BUDGET, ADJUSTMENT = "B2", "B3", "B4", "B5", "B6", "B7"
WEIGHT, OFFICE, PEOPLE, RATE, SUBSIDY = "B10", "C10", "D10", "E10", "F10"


def line(incoming: Incoming) -> str:
    return incoming.records.texts["line"]


def budget(incoming: Incoming) -> object:
    return incoming.records.funding["general"]["budget"]


def first(incoming: Incoming, column: str) -> object:
    return incoming.records.lists["tasks"][0].values[column]


# Money and numbers


@pytest.mark.parametrize(
    ("value", "yuan"),
    [
        (1485.73, "14857300.00"),
        (1485.7300000000002, "14857300.00"),
        (0.1 + 0.2, "3000.00"),
        (0, "0.00"),
        ("1,485.73", "14857300.00"),
        ("１，４８５．７３", "14857300.00"),
        (" 1485.73\u00a0", "14857300.00"),
        ("1485.73万元", "14857300.00"),
        ("3000元", "3000.00"),
        ("¥12", "120000.00"),
        ("0.5\n", "5000.00"),
    ],
)
def test_money_in_the_forms_unit(value: object, yuan: str) -> None:
    incoming = typed(BUDGET, value)
    assert problems(incoming) == []
    assert budget(incoming) == D(yuan)


def test_a_negative_in_brackets_is_an_adjustment() -> None:
    assert typed(ADJUSTMENT, "（12.5）").records.funding["general"]["adjustment"] == D("-125000.00")


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (-5, "General", "负数"),
        (0.5, "0%", "百分数 50%"),
        (44931, "yyyy-mm-dd", "日期 2023年1月5日"),
        ("约12万", "General", "约12万"),
        ("12 34", "General", "12 34"),
        (True, "General", "TRUE"),
        (10**17, "General", "过大"),
        ("#REF!", "General", "#REF!"),
    ],
)
def test_what_is_no_amount_is_a_problem_that_quotes_it(
    value: object, number_format: str, words: str
) -> None:
    incoming = typed(BUDGET, value, number_format)
    assert budget(incoming) is None
    assert any(p.startswith(f"{BUDGET}：") and words in p for p in problems(incoming))


@pytest.mark.parametrize("value", ["-", "—", "/", "无", "－－"])
def test_a_dash_for_an_amount_is_blank_and_named(value: str) -> None:
    incoming = typed(BUDGET, value)
    assert problems(incoming) == []
    assert budget(incoming) is None
    assert any(value in w for w in warnings(incoming))


def test_an_amount_with_endless_decimals_is_rounded_to_the_cent_and_named() -> None:
    incoming = typed(BUDGET, 495.2433333333)
    assert budget(incoming) == D("4952433.33")
    assert any("495.243333" in w for w in warnings(incoming))


def test_a_formulas_decimals_are_rounded_silently() -> None:
    incoming = raw(BUDGET, "<c><f>1485.73/3</f><v>495.243333333333</v></c>")
    assert budget(incoming) == D("4952433.33")
    assert incoming.warnings == []


@pytest.mark.parametrize("value", [2.5, "2.5", "2.5分", "２．５"])
def test_plain_numbers(value: object) -> None:
    assert first(typed(WEIGHT, value), "weight") == D("2.500000")


# Percentages


@pytest.mark.parametrize(
    ("value", "number_format", "stored"),
    [
        (0.3947, "0.00%", "0.3947"),
        (0.95, "0%", "0.95"),
        (95, "General", "0.95"),
        ("95%", "General", "0.95"),
        ("９５％", "General", "0.95"),
        ("95", "@", "0.95"),
        (1.2, "0%", "1.2"),
    ],
)
def test_percentages(value: object, number_format: str, stored: str) -> None:
    incoming = typed(RATE, value, number_format)
    assert first(incoming, "extra.rate") == stored
    assert incoming.problems == incoming.warnings == []


def test_a_fraction_without_a_percent_format_is_read_as_typed_and_named() -> None:
    incoming = typed(RATE, 0.95)
    assert first(incoming, "extra.rate") == "0.0095"
    assert any("0.95%" in w for w in warnings(incoming))


# Dates


@pytest.mark.parametrize(
    "value", ["2023-1-5", "2023/1/5", "2023.01.05", "2023年1月5日", "2023年 1月 5日"]
)
def test_dates_as_text(value: str) -> None:
    assert typed(DAY, value).records.texts["day"] == "2023-01-05"


@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "m/d/yyyy h:mm"]
)
def test_dates_as_excel_numbers(code: str) -> None:
    assert typed(DAY, 44931, code).records.texts["day"] == "2023-01-05"


def test_days_from_1904() -> None:
    def date(sheet: Worksheet) -> None:
        sheet.parent.epoch = CALENDAR_MAC_1904
        sheet[DAY] = datetime(2023, 1, 5)  # noqa: DTZ001

    dated = edited(BLANK, date)
    assert "<v>43469</v>" in part(dated, SHEET)
    assert read(FORM, dated, {}).records.texts["day"] == "2023-01-05"


def _enter(sheet: Worksheet, place: str, value: Any, number_format: str) -> None:
    sheet[place].value = value
    sheet[place].number_format = number_format


def test_a_number_is_no_date() -> None:
    assert any("日期" in p for p in problems(typed(DAY, 44931)))


# Text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1920, "General", "1920"),
        (0.92, "0%", "92%"),
        (0.9176, "0.00%", "91.76%"),
        (400, '0"人"', "400人"),
        (1234.5, "#,##0.00", "1,234.50"),
        (44931, "yyyy-mm-dd", "2023年1月5日"),
        (45261, 'yyyy"年"m"月"', "2023年12月"),
        (1e18, "General", "1000000000000000000"),
        (True, "General", "TRUE"),
        ("a\r\nb", "General", "a b"),
        ("  前后 ", "General", "前后"),
        ("_x005F_x000D_", "General", "_x000D_"),
    ],
)
def test_numbers_where_text_belongs_read_as_excel_shows_them(
    value: object, number_format: str, text: str
) -> None:
    assert line(typed(LINE, value, number_format)) == text


def test_numbers_of_more_digits_than_excel_holds_are_named() -> None:
    assert any("15 位" in w for w in warnings(typed(LINE, 440106199001011234)))


def test_text_that_is_too_long_is_a_problem_with_both_lengths() -> None:
    assert any("最多 20 字，现有 30 字" in p for p in problems(typed(LINE, "长" * 30)))


def test_a_choice_that_does_not_exist_is_a_problem_with_those_that_do() -> None:
    (problem,) = problems(typed(CHOICE, "丁"))
    assert "“丁”" in problem
    assert "甲、乙、丙 类" in problem
    assert typed(CHOICE, "丙类 ").records.texts["choice"] == "丙 类"


def test_escapes_line_ends_and_spaces() -> None:
    incoming = raw(
        LONG, '<c t="inlineStr"><is><t xml:space="preserve">一_x000D_\n二\n\u3000</t></is></c>'
    )
    assert incoming.records.texts["long"] == "一\n二"


def test_rich_text_is_whole_and_phonetic_hints_are_left_out() -> None:
    runs = "<is><r><t>东</t></r><r><rPr><b/></rPr><t>京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></is>"
    assert line(raw(LINE, f'<c t="inlineStr">{runs}</c>')) == "东京"


def test_shared_texts_are_read_the_same_way() -> None:
    relations = part(BLANK, "xl/_rels/workbook.xml.rels").replace(
        "</Relationships>",
        '<Relationship Id="s1" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
    )
    texts = "<sst><si><t>别的</t></si><si><r><t>东</t></r><r><t>京_x0021_</t></r><rPh><t>ト</t></rPh></si></sst>"
    incoming = raw(
        LINE,
        '<c t="s"><v>1</v></c>',
        **{"xl/_rels/workbook.xml.rels": relations, "xl/sharedStrings.xml": texts},
    )
    assert line(incoming) == "东京!"


# Formulas and errors


def test_a_formula_without_a_result_is_told_from_a_blank() -> None:
    incoming = raw(BUDGET, "<c><f>1+1</f></c>")
    (problem,) = problems(incoming)
    assert problem.startswith(f"{BUDGET}：")
    assert "公式没有计算结果" in problem
    assert "保存" in problem


def test_a_formula_whose_result_is_no_text_is_blank() -> None:
    assert problems(raw(LINE, '<c t="str"><f>A1&amp;""</f><v></v></c>')) == []


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!"])
def test_errors_are_named(error: str) -> None:
    (problem,) = problems(raw(BUDGET, f'<c t="e"><f>1/0</f><v>{error}</v></c>'))
    assert error in problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet[BUDGET], sheet[CHOICE], sheet[DAY], sheet[SUBSIDY] = "甲", "丁", "昨天", "-3"

    cells = [p.cell for p in read(FORM, edited(BLANK, spoil), {}).problems]
    assert cells == [DAY, CHOICE, BUDGET, SUBSIDY]


# Units


def test_a_sheet_in_yuan_is_converted_and_named() -> None:
    def convert(sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float) and "%" not in cell.number_format:
                    cell.value = cell.value * 10_000
        row, column = find(sheet, "单位：万元")
        sheet.cell(row, column).value = "单位：元"

    incoming = read(CAIDIAN, edited(caidian(), convert))
    assert incoming.records.funding["fiscal"]["budget"] == D("14857300.00")
    assert incoming.records.lists["projects"][2].values["amount"] == D("6628000.00")
    told = warnings(incoming)
    assert any("元" in w and "万元" in w and w.startswith("E2：") for w in told)
    assert not any("应为" in w for w in told)


def test_a_heading_in_yuan_converts_its_own_column_only() -> None:
    def convert(sheet: Worksheet) -> None:
        row, column = find(sheet, "拟投入的资金")
        sheet.cell(row, column).value = "拟投入的资金（元）"
        for r in range(row + 1, row + 9):
            sheet.cell(r, column).value = (sheet.cell(r, column).value or 0) * 10_000  # type: ignore[operator]

    incoming = read(panyu.FORM, edited(panyu_filing(), convert), PANYU_CONTEXT)
    amounts = [i.values["amount"] for i in incoming.records.lists["tasks"]]
    assert amounts == [i.values["amount"] for i in panyu.records().lists["tasks"]]
    assert incoming.records.funding["basic"]["budget"] == D("4830900.00")
    assert [w.cell for w in incoming.warnings] == ["E11"]


# Merged values


def test_a_text_merged_over_rows_is_that_of_each_and_an_amount_of_the_first() -> None:
    def merge(sheet: Worksheet) -> None:
        row, _ = find(sheet, "基层残疾人文化活动经费")
        for column in (5, 7):
            if column == 7:
                for r in (row, row + 1):
                    sheet.unmerge_cells(start_row=r, start_column=7, end_row=r, end_column=8)
            sheet.cell(row + 1, column).value = None
            sheet.merge_cells(
                start_row=row, end_row=row + 1, start_column=column, end_column=column
            )

    incoming = read(CAIDIAN, edited(caidian(), merge))
    one, other, _ = incoming.records.lists["projects"]
    assert one.values["content"] == other.values["content"] == "用于基层残疾人文化活动经费。"
    assert (one.values["total_amount"], other.values["total_amount"]) == (D("1200000.00"), None)
    assert any("合并" in w for w in warnings(incoming))


# Computed cells


def compute(place: str, value: Any) -> list[str]:
    return warnings(read(CAIDIAN, edited(caidian(), lambda s: setattr(s[place], "value", value))))


def test_a_total_that_disagrees_is_named_with_both_values() -> None:
    (told,) = compute("E9", 1500)
    assert told.startswith("E9：")
    assert "1500.00" in told
    assert "1485.73" in told


@pytest.mark.parametrize(
    ("place", "value"),
    [("F10", 0.395), ("F10", "39.5%"), ("F10", 0.39468), ("E9", "1,485.73万元"), ("E9", "1485.7")],
)
def test_a_share_or_total_that_is_rounded_agrees(place: str, value: object) -> None:
    if value == 0.395:
        assert len(compute(place, value)) == 1  # shown as 39.50%
        return
    assert compute(place, value) == []


def test_a_share_without_its_amount_is_named_with_what_it_would_be() -> None:
    def publish(sheet: Worksheet) -> None:
        for place in ("E10", "E11", "E12", "F12"):
            sheet[place] = None
        sheet["F10"], sheet["F11"] = 0.3947, 0.6053

    told = warnings(read(CAIDIAN, edited(caidian(), publish)))
    assert len(told) == 2
    assert "60.53%" in told[1]
    assert "1485.73" in told[1]
    assert "899.31" in told[1]
    assert "586.42" in told[0]


# Places


def test_every_value_has_its_place_also_where_it_is_blank() -> None:
    incoming = read(CAIDIAN, caidian())
    assert incoming.places["funding/fiscal/budget"] == "E7"
    assert incoming.places["funding/project/prior1"] == "H11"
    assert incoming.places["text/functions"] == "B13"
    goal = incoming.records.lists["goals"][1]
    assert incoming.places[goal.anchor("name")] == f"B{_row_of('就业目标')}"
    assert incoming.places[goal.lists["indicators"][0].anchor("basis")][0] == "H"


def _row_of(text: str) -> int:
    sheet = load_workbook(BytesIO(caidian())).worksheets[0]
    return find(sheet, text)[0]


def test_rows_have_ids_of_their_own_in_order() -> None:
    ids = [item.id for item in read(CAIDIAN, caidian()).records.items()]
    assert ids == list(range(1, len(ids) + 1))


def test_a_number_that_is_refused_is_named_as_it_stands() -> None:
    def enter(sheet: Worksheet) -> None:
        sheet["E5"].value = -5

    found = problems(read(panyu.FORM, edited(panyu_filing(), enter), PANYU_CONTEXT))
    assert found == ["E5：基本支出：“-5”：金额不能为负数"]
