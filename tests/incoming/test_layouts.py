"""Workbooks that departments have worked over: the form is found by its words."""

from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.incoming import UnreadableWorkbookError
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from tests.incoming import filings
from tests.incoming.filings import (
    CAIDIAN,
    PANYU_CONTEXT,
    caidian,
    caidian_records,
    delete_rows,
    edited,
    find,
    insert_column,
    insert_rows,
    panyu_filing,
    problems,
    read,
    redraw,
    said,
    unmerge,
    warnings,
)
from tests.sheets import panyu
from tests.sheets.workbooks import saved
from tests.small_forms import NESTED

NESTED_FORM = parse_form(NESTED)


def assert_caidian(workbook: bytes, *, warned: bool = False) -> None:
    incoming = read(CAIDIAN, workbook)
    assert problems(incoming) == []
    assert said(incoming.records) == said(caidian_records())
    assert incoming.absent == frozenset()
    if not warned:
        assert warnings(incoming) == []


def assert_panyu(workbook: bytes, *, warned: bool = False) -> None:
    incoming = read(panyu.FORM, workbook, PANYU_CONTEXT)
    assert problems(incoming) == []
    assert said(incoming.records) == said(panyu.records())
    assert incoming.absent == frozenset()
    if not warned:
        assert warnings(incoming) == []


def relabel(sheet: Worksheet, old: str, new: str) -> None:
    row, column = find(sheet, old)
    sheet.cell(row, column).value = new


# Rows


def title_rows(sheet: Worksheet) -> None:
    insert_rows(sheet, 1, 2)
    sheet["A1"], sheet["A2"] = "附件2", "蔡财〔2022〕1号"


def blank_rows_everywhere(sheet: Worksheet) -> None:
    for row in range(sheet.max_row, 0, -2):
        insert_rows(sheet, row)


def note_between(sheet: Worksheet) -> None:
    row, _ = find(sheet, "部门职能概述")
    insert_rows(sheet, row)
    sheet.cell(row, 1).value = "说明：以下由各科室填写"


@pytest.mark.parametrize("edit", [blank_rows_everywhere, redraw])
@pytest.mark.parametrize("check", [(caidian, assert_caidian), (panyu_filing, assert_panyu)])
def test_rows_inserted_and_cells_unmerged_lose_nothing(
    check: tuple[Callable[[], bytes], Callable[..., None]], edit: Callable[[Worksheet], None]
) -> None:
    workbook, assert_it = check
    assert_it(edited(workbook(), edit), warned=edit is redraw)


@pytest.mark.parametrize("edit", [title_rows, note_between])
def test_what_is_added_is_named_and_nothing_is_lost(edit: Callable[[Worksheet], None]) -> None:
    workbook = edited(caidian(), edit)
    assert_caidian(workbook, warned=True)
    assert any("没有读入" in w for w in warnings(read(CAIDIAN, workbook)))


def test_the_rows_of_a_list_may_be_any_number() -> None:
    def add(sheet: Worksheet) -> None:
        row, _ = find(sheet, "基层残疾人文化活动经费")
        insert_rows(sheet, row + 1, 3)
        for number in range(3):
            sheet.cell(row + 1 + number, 2).value = f"新项目{number}"
            sheet.cell(row + 1 + number, 6).value = 10 + number

    incoming = read(CAIDIAN, edited(caidian(), add))
    assert [i.values["name"] for i in incoming.records.lists["projects"]][:5] == [
        "基层残疾人文化活动经费", "新项目0", "新项目1", "新项目2", "残疾人就业工作经费",
    ]  # fmt: skip
    assert problems(incoming) == []


def test_a_whole_goal_may_be_added_by_copying_its_block() -> None:
    def add(sheet: Worksheet) -> None:
        first, _ = find(sheet, "年度目标2")
        last = sheet.max_row
        for row in range(first, last + 1):
            for column in range(1, 9):
                value = sheet.cell(row, column).value
                if value is not None:
                    sheet.cell(row + last - first + 1, column).value = value
        sheet.cell(last + 1, 1).value = "年度目标3："
        sheet.cell(last + 1, 2).value = "第三个目标"

    goals = read(CAIDIAN, edited(caidian(), add)).records.lists["goals"]
    assert [g.values["name"] for g in goals] == ["年度残联发展专项目标", "就业目标", "第三个目标"]
    assert [len(g.lists["indicators"]) for g in goals] == [3, 1, 1]


def test_repeated_page_headings_inside_a_list_are_passed_over() -> None:
    def repeat(sheet: Worksheet) -> None:
        row, _ = find(sheet, "补贴到位率")
        insert_rows(sheet, row)
        for column, text in (
            (2, "一级指标"),
            (3, "二级指标"),
            (4, "三级指标"),
            (8, "指标值确定依据"),
        ):
            if type(cell := sheet.cell(row, column)).__name__ == "Cell":
                cell.value = text

    assert_caidian(edited(caidian(), repeat))


def test_rows_of_the_fixed_part_may_stand_in_another_order() -> None:
    def swap(sheet: Worksheet) -> None:
        first, _ = find(sheet, "财政拨款")
        for column in range(3, 9):
            one, other = sheet.cell(first, column), sheet.cell(first + 1, column)
            if "Merged" not in type(one).__name__:
                one.value, other.value = other.value, one.value

    assert_caidian(edited(caidian(), swap))


def test_a_missing_row_is_named_and_what_is_stored_stays() -> None:
    def remove(sheet: Worksheet) -> None:
        delete_rows(sheet, find(sheet, "其他资金")[0])

    incoming = read(CAIDIAN, edited(caidian(), remove))
    assert incoming.absent == {f"funding.other_income.{c}" for c in ("budget", "prior1", "prior2")}
    assert any("其他资金" in told for told in problems(incoming) + warnings(incoming))
    assert (
        incoming.records.funding["fiscal"]["budget"]
        == caidian_records().funding["fiscal"]["budget"]
    )
    assert (
        incoming.records.funding["basic"]["budget"] == caidian_records().funding["basic"]["budget"]
    )


def test_a_total_that_the_form_does_not_have_is_no_row() -> None:
    def add(sheet: Worksheet) -> None:
        row, _ = find(sheet, "年度目标1")
        insert_rows(sheet, row)
        sheet.cell(row, 2).value = "合 计"
        sheet.cell(row, 5).value = sheet.cell(row, 6).value = 862.8

    incoming = read(CAIDIAN, edited(edited(caidian(), redraw), add))
    assert len(incoming.records.lists["projects"]) == 3
    assert any("合计" in w and "没有读入" in w for w in warnings(incoming))
    ours = read(CAIDIAN, edited(caidian(), add))
    assert len(ours.records.lists["projects"]) == 4
    assert any("像是合计" in w for w in warnings(ours))


# Columns


def test_a_column_inserted_anywhere_moves_nothing() -> None:
    for column in range(1, 9):
        assert_caidian(edited(caidian(), lambda s, c=column: insert_column(s, c)))  # type: ignore[misc]
    for column in range(1, 8):
        assert_panyu(edited(panyu_filing(), lambda s, c=column: insert_column(s, c)))  # type: ignore[misc]


def test_columns_of_a_list_may_stand_in_another_order() -> None:
    def swap(sheet: Worksheet) -> None:
        row, _ = find(sheet, "一级指标")
        for r in range(row, sheet.max_row + 1):
            one, other = sheet.cell(r, 6), sheet.cell(r, 7)
            if "Merged" not in type(one).__name__ + type(other).__name__:
                one.value, other.value = other.value, one.value

    assert_panyu(edited(panyu_filing(), swap))


def test_a_missing_column_is_absent_and_the_others_are_read() -> None:
    def remove(sheet: Worksheet) -> None:
        unmerge(sheet)
        row, _ = find(sheet, "一级指标")
        for r in range(row, sheet.max_row + 1):
            sheet.cell(r, 6).value = sheet.cell(r, 7).value
            sheet.cell(r, 7).value = None

    incoming = read(panyu.FORM, edited(panyu_filing(), remove), PANYU_CONTEXT)
    assert incoming.absent == {"indicators.period_target"}
    assert any("实施周期指标值" in p for p in problems(incoming))
    wanted = [i.values["target"] for i in panyu.records().lists["indicators"]]
    assert [i.values["target"] for i in incoming.records.lists["indicators"]] == wanted


def test_a_column_of_no_use_is_named() -> None:
    def add(sheet: Worksheet) -> None:
        row, _ = find(sheet, "项目名称")
        sheet.cell(row, 9).value = "备注"
        sheet.cell(row + 1, 9).value = "已批复"

    incoming = read(CAIDIAN, edited(caidian(), add))
    assert said(incoming.records) == said(caidian_records())
    told = " ".join(warnings(incoming))
    assert "备注" in told
    assert "已批复" in told


# Words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("财政拨款", "财 政 拨 款"),
        ("财政拨款", "1.财政拨款："),
        ("基本支出", "一、基本支出"),
        ("项目名称", "项目\n名称*"),
        ("部门（单位）名称", "部门(单位)名称："),
        ("占比", "占比（%）"),
        ("当年金额", "当年金额（万元）"),
        ("项目主要支出方向和用途", "项目主要支出方向与用途"),
        ("三级指标", "三级指标（自行填写）"),
        ("部门职能概述", "部门职能概叙"),
        ("年度目标1", "年度目标 1"),
        ("填报日期", "填报日期: 2023.1.5"),
    ],
)
def test_words_may_be_spaced_punctuated_and_misspelt(old: str, new: str) -> None:
    assert_caidian(edited(caidian(), lambda s: relabel(s, old, new)))


def test_full_width_digits_and_letters_are_the_same_words() -> None:
    assert_panyu(edited(panyu_filing(), lambda s: relabel(s, "预算金额", "预算金额(万元)")))


def test_another_heading_in_the_same_place_is_read_by_position_and_named() -> None:
    workbook = edited(panyu_filing(), lambda s: relabel(s, "实施周期指标值", "三年规划目标"))
    assert_panyu(workbook, warned=True)
    told = warnings(read(panyu.FORM, workbook, PANYU_CONTEXT))
    assert any("三年规划目标" in w and "实施周期指标值" in w for w in told)


def test_another_label_of_a_row_is_read_by_position() -> None:
    workbook = edited(caidian(), lambda s: relabel(s, "其他资金", "自筹收入"))
    incoming = read(CAIDIAN, workbook)
    assert said(incoming.records) == said(caidian_records())
    assert any("自筹收入" in w and "其他资金" in w for w in warnings(incoming))


# Sheets


def test_sheets_may_have_other_names_and_another_order() -> None:
    def rename(sheet: Worksheet) -> None:
        sheet.title = "附表2"
        book: Workbook = sheet.parent
        notes = book.create_sheet("填表说明", 0)
        notes["A1"], notes["A2"] = "填表说明", "1. 财政拨款：按批复数填写"
        book.create_sheet("空白")

    assert_caidian(edited(caidian(), rename))
    assert read(CAIDIAN, edited(caidian(), rename)).sheet == "附表2"


def test_of_two_sheets_with_the_form_one_is_read_and_the_other_named() -> None:
    def copy(sheet: Worksheet) -> None:
        sheet.parent.copy_worksheet(sheet).title = "去年"

    incoming = read(CAIDIAN, edited(caidian(), copy))
    assert any("去年" in w for w in warnings(incoming))


def test_another_form_is_refused() -> None:
    with pytest.raises(UnreadableWorkbookError, match="部门整体预算绩效目标申报表"):
        read(panyu.FORM, caidian())
    with pytest.raises(UnreadableWorkbookError, match="部门整体支出绩效目标申报表"):
        read(CAIDIAN, panyu_filing())


def test_the_tagged_template_is_refused() -> None:
    with pytest.raises(UnreadableWorkbookError, match="表样"):
        read(CAIDIAN, filings.CAIDIAN_TEMPLATE)


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(UnreadableWorkbookError, match="空的"):
        read(CAIDIAN, saved(Workbook()))


def test_another_department_or_year_is_named_with_both() -> None:
    context = {"department.name": "某区教育局", "year": "2024"}
    incoming = read(panyu.FORM, panyu_filing(), context)
    told = " ".join(warnings(incoming))
    assert "广州市番禺区残疾人联合会" in told
    assert "某区教育局" in told
    assert "2023" in told
    assert "2024" in told


# Values among words


def test_values_among_words_may_stand_in_cells_of_their_own() -> None:
    def split(sheet: Worksheet) -> None:
        sheet.unmerge_cells("A2:D2")
        sheet["A2"], sheet["B2"] = "填报日期：", "2023-01-05"

    assert_caidian(edited(caidian(), split))


def test_words_around_a_value_may_be_left_out() -> None:
    def shorten(sheet: Worksheet) -> None:
        row, column = find(sheet, "任务1：精准综合扩招")
        lines = str(sheet.cell(row, column).value).split("\n")
        sheet.cell(row, column).value = "任务1: 精准综合扩招\n" + lines[1] + "\n拟投入资金:157万元"
        row, column = find(sheet, "任务1：残疾人康复服务")
        sheet.cell(row, column).value = "残疾人康复服务"

    assert_panyu(edited(panyu_filing(), shorten))


# Tasks with indicators beside them


def nested(rows: list[list[object]], merged: tuple[str, ...] = ()) -> Records:
    book = load_workbook(filings.BytesIO(NESTED))
    sheet = book["表样"]
    unmerge(sheet)
    sheet.delete_rows(3, 2)
    for number, row in enumerate(rows, start=3):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value  # type: ignore[assignment]
    for place in merged:
        sheet.merge_cells(place)
    return read(NESTED_FORM, saved(book), {}).records


def tasks(records: Records) -> list[tuple[object, object, list[object]]]:
    return [
        (
            t.values["name"],
            t.values["amount"],
            [i.values["level3"] for i in t.lists.get("indicators", [])],
        )
        for t in records.lists["tasks"]
    ]


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([["康复", 5, "甲", 1], [None, None, "乙", 2], ["就业", 7, "丙", 3]], ("A3:A4", "B3:B4")),
        ([["康复", 5, "甲", 1], [None, None, "乙", 2], ["就业", 7, "丙", 3]], ()),
        ([["康复", 5, "甲", 1], ["康复", 5, "乙", 2], ["就业", 7, "丙", 3]], ()),
        ([["康复", 5, "甲", 1], ["康复", None, "乙", 2], ["就业", 7, "丙", 3]], ()),
        ([["康复", 5, "甲", 1], [], [None, None, "乙", 2], [], ["就业", 7, "丙", 3]], ()),
    ],
)
def test_a_task_spans_its_indicators_merged_blank_or_repeated(
    rows: list[list[object]], merged: tuple[str, ...]
) -> None:
    assert tasks(nested(rows, merged)) == [("康复", 5, ["甲", "乙"]), ("就业", 7, ["丙"])]
