"""The user's own workbook back, with what is wrong marked in its cells."""

from collections.abc import Sequence
from copy import copy
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.linebreaks import printable
from declarations.sheets.problems import CellProblem

LISTING = "导入检查结果"
"""The sheet that lists everything that was found."""

LARGEST_EXPANDED = 40 * 2**20
"""Bytes of a workbook's parts together; marking a larger one would take too long."""

_AUTHOR = "绩效申报"
_PROBLEM = PatternFill("solid", fgColor="FFF4C7C3")
_WARNING = PatternFill("solid", fgColor="FFFFE9A8")


def can_be_marked(workbook: bytes) -> bool:
    """Whether the workbook is small enough; it must be one that could be read."""
    with ZipFile(BytesIO(workbook)) as archive:
        return sum(part.file_size for part in archive.infolist()) <= LARGEST_EXPANDED


def mark_workbook(
    workbook: bytes, problems: Sequence[CellProblem], warnings: Sequence[CellProblem]
) -> bytes | None:
    """The workbook with each cell that has a problem (red) or a warning (yellow) filled and
    noted, and a first sheet that lists them all.

    Whatever else it holds stays, as far as openpyxl keeps it; formulas lose their cached
    results, which Excel and WPS compute again on opening. None where openpyxl cannot take
    the workbook in or write it out: our reader passes over damage that it does not.
    """
    try:
        return _marked(workbook, problems, warnings)
    except Exception:  # noqa: BLE001  (openpyxl fails in many ways, and the list of what is wrong remains)
        return None


def _marked(
    workbook: bytes, problems: Sequence[CellProblem], warnings: Sequence[CellProblem]
) -> bytes:
    book = load_workbook(BytesIO(workbook))
    found = [(p, "问题", _PROBLEM) for p in problems] + [(w, "提示", _WARNING) for w in warnings]
    for problem, kind, fill in reversed(found):  # a cell with both ends up as a problem
        if problem.cell and problem.sheet in book.sheetnames:
            _mark(book[problem.sheet], problem.cell, f"{kind}：{problem.message}", fill)
    _list(book, [(p, kind) for p, kind, _ in found])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _mark(sheet: Any, place: str, text: str, fill: PatternFill) -> None:
    cell = _cell_at(sheet, place)
    if cell is None:
        return
    cell.fill = fill
    known = [cell.comment.text] if cell.comment else []
    comment = Comment("\n".join([printable(text), *known]), _AUTHOR)
    comment.width, comment.height = 320, 120
    cell.comment = comment


def _cell_at(sheet: Any, place: str) -> Cell | None:
    """The cell at ``B12``; of a merged range its first. None on a sheet without cells."""
    if not isinstance(sheet, Worksheet):
        return None
    cell = sheet[place]
    if isinstance(cell, MergedCell):
        merged = next(r for r in sheet.merged_cells.ranges if place in r)
        cell = sheet.cell(merged.min_row, merged.min_col)
    return cell if isinstance(cell, Cell) else None


def _list(book: Workbook, found: Sequence[tuple[CellProblem, str]]) -> None:
    """Writes everything found on a sheet of its own, in front, replacing an earlier one."""
    if LISTING in book.sheetnames:
        del book[LISTING]
    sheet = book.create_sheet(LISTING, 0)
    for column, (head, width) in enumerate(
        (("工作表", 24), ("单元格", 10), ("类别", 8), ("说明", 90)), start=1
    ):
        sheet.cell(1, column, head).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, (problem, kind) in enumerate(found, start=2):
        for column, text in enumerate((problem.sheet, problem.cell, kind, problem.message), 1):
            cell = sheet.cell(row, column)
            cell.value = printable(text) or None
            if cell.value is not None:
                cell.data_type = "s"  # “=1+1” in a message is what somebody typed, no formula
                cell.quotePrefix = True
            alignment = copy(cell.alignment)
            alignment.wrap_text = True
            alignment.vertical = "top"
            cell.alignment = alignment
        if problem.cell:
            target = "'{}'!{}".format(problem.sheet.replace("'", "''"), problem.cell)
            sheet.cell(row, 2).hyperlink = Hyperlink(ref=f"B{row}", location=target)
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    book.active = sheet
