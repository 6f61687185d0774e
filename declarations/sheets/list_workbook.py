"""Lists as Excel workbooks: a head that stays in sight, cells of their own type."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from declarations.sheets.linebreaks import printable

Value = str | int | Decimal | datetime | None

_HEAD = PatternFill("solid", start_color="FFF0F3EF")
FORMULA_STARTS = ("=", "+", "-", "@")
"""What a text begins with that a spreadsheet takes for a formula."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column. width: in characters of Excel's default font."""

    label: str
    width: float = 12


@dataclass(frozen=True, slots=True)
class Listed:
    """A list for a sheet of its own."""

    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Value]]


def list_workbook(
    title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]
) -> bytes:
    """The rows below their headings, as XLSX. title: of the sheet and the document.

    Numbers and moments (naive, in the bureau's time) keep their type; all else is text,
    also what begins like a formula.
    """
    return lists_workbook(title, [Listed(title, headings, rows)])


def lists_workbook(title: str, lists: Iterable[Listed]) -> bytes:
    """Several lists, each on a sheet, as XLSX; see `list_workbook`."""
    book = Workbook(write_only=True)
    book.properties.title = printable(title)
    for listed in lists:
        _add_sheet(book, listed.title, listed.headings, listed.rows)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _add_sheet(
    book: Workbook, title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]
) -> None:
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = heading.width
    sheet.append(list(_head(sheet, headings)))
    count = 1
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{count}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _head(sheet: WriteOnlyWorksheet, headings: Sequence[Heading]) -> Iterator[Cell]:
    for heading in headings:
        cell = _text(sheet, heading.label)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        yield cell


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, float(value))
        cell.number_format = "0.00"
        return cell
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """Text whatever it looks like: openpyxl takes “=…” for a formula and “#N/A” for an error."""
    cell = WriteOnlyCell(sheet, printable(text))
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell
