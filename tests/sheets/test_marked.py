"""The user's own workbook back: cells marked, everything listed, the rest as it was."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from declarations.sheets import marked as marked_module
from declarations.sheets.incoming import UnreadableWorkbookError
from declarations.sheets.marked import LISTING, can_be_marked, mark_workbook
from declarations.sheets.problems import CellProblem
from tests.incoming.filings import PANYU_CONTEXT, panyu_filing, part, read, with_parts
from tests.sheets import panyu
from tests.sheets.workbooks import saved

RED, YELLOW = "FFF4C7C3", "FFFFE9A8"


def theirs() -> Workbook:
    """A department's workbook: two sheets, a formula, a note, a format, a merged cell."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "申报'表"
    sheet["A1"] = "标题"
    sheet.merge_cells("A1:C1")
    sheet["B2"] = "大约五百万"
    sheet["B2"].comment = Comment("请财务核对", "某人")
    sheet["B3"] = "=1+1"
    sheet["B4"] = "=不是公式"
    sheet["B4"].data_type = "s"
    sheet["B4"].font = Font(bold=True)
    sheet["C2"].fill = PatternFill("solid", fgColor="FF00FF00")
    book.create_sheet("底稿")["A1"] = "其他内容"
    return book


def marked(problems: list[CellProblem], warnings: list[CellProblem]) -> Workbook:
    return opened(mark_workbook(saved(theirs()), problems, warnings))


def opened(workbook: bytes | None) -> Workbook:
    assert workbook is not None
    return load_workbook(BytesIO(workbook))


def test_cells_are_filled_and_noted() -> None:
    book = marked(
        [CellProblem("申报'表", "B2", "不是数字"), CellProblem("申报'表", "B1", "标题有误")],
        [CellProblem("申报'表", "B2", "另请核对"), CellProblem("申报'表", "B4", "请核对")],
    )
    sheet = book["申报'表"]
    assert sheet["B2"].fill.fgColor.rgb == RED
    assert sheet["B2"].comment.text == "问题：不是数字\n提示：另请核对\n请财务核对"
    assert sheet["B4"].fill.fgColor.rgb == YELLOW
    assert sheet["A1"].comment.text == "问题：标题有误"  # what covers B1
    assert sheet["A1"].fill.fgColor.rgb == RED


def test_everything_is_listed_in_front() -> None:
    book = marked(
        [CellProblem("申报'表", "B2", "不是数字"), CellProblem("没有这张表", "A1", "=1+1")],
        [CellProblem("申报'表", "", "还有一张同样的表")],
    )
    assert book.sheetnames == [LISTING, "申报'表", "底稿"]
    rows = [[c.value for c in row] for row in book[LISTING].iter_rows()]
    assert rows == [
        ["工作表", "单元格", "类别", "说明"],
        ["申报'表", "B2", "问题", "不是数字"],
        ["没有这张表", "A1", "问题", "=1+1"],
        ["申报'表", None, "提示", "还有一张同样的表"],
    ]
    assert book[LISTING]["D3"].data_type == "s"
    assert book[LISTING]["B2"].hyperlink.location == "'申报''表'!B2"


def test_what_else_is_there_stays() -> None:
    sheet = marked([CellProblem("申报'表", "B2", "不是数字")], [])["申报'表"]
    assert sheet["B2"].value == "大约五百万"
    assert (sheet["B3"].value, sheet["B3"].data_type) == ("=1+1", "f")
    assert (sheet["B4"].value, sheet["B4"].data_type) == ("=不是公式", "s")
    assert sheet["B4"].font.bold
    assert sheet["C2"].fill.fgColor.rgb == "FF00FF00"
    assert [str(r) for r in sheet.merged_cells.ranges] == ["A1:C1"]


def test_marking_again_replaces_the_list() -> None:
    once = mark_workbook(saved(theirs()), [CellProblem("申报'表", "B2", "不是数字")], [])
    assert once is not None
    book = opened(mark_workbook(once, [], []))
    assert book.sheetnames == [LISTING, "申报'表", "底稿"]
    assert book[LISTING].max_row == 1


def test_a_workbook_that_is_too_large_is_not_marked(monkeypatch) -> None:
    workbook = saved(theirs())
    assert can_be_marked(workbook)
    monkeypatch.setattr(marked_module, "LARGEST_EXPANDED", 1_000)
    assert not can_be_marked(workbook)


STYLES = "xl/styles.xml"


@pytest.mark.parametrize(
    "damaged",
    [
        {STYLES: part(panyu_filing(), STYLES).replace("</cellXfs>", "", 1)},
        {STYLES: part(panyu_filing(), STYLES).replace("<fill>", "<fill/><fill>", 1)[:-20]},
        {STYLES: part(panyu_filing(), STYLES).replace("<fonts", "<x", 1)},
        {"[Content_Types].xml": None},
        {"docProps/core.xml": "<x"},
        {"xl/theme/theme1.xml": None, STYLES: None},
    ],
)
def test_what_openpyxl_cannot_open_is_no_failure(damaged: dict[str, str | None]) -> None:
    """Our own reader goes without such parts; marking gives nothing, or a workbook that opens."""
    workbook = with_parts(panyu_filing(), dict(damaged))
    try:
        incoming = read(panyu.FORM, workbook, PANYU_CONTEXT)
    except UnreadableWorkbookError:
        return
    assert incoming.records.lists["tasks"]
    copy = mark_workbook(workbook, [CellProblem(incoming.sheet, "E5", "不是数字")], [])
    assert copy is None or opened(copy)[incoming.sheet]["E5"].comment


def test_a_workbook_that_cannot_be_opened_gives_no_copy() -> None:
    workbook = with_parts(panyu_filing(), {"[Content_Types].xml": None})
    assert read(panyu.FORM, workbook, PANYU_CONTEXT).problems == []
    assert mark_workbook(workbook, [CellProblem("表", "E5", "不是数字")], []) is None
