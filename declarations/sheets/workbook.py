"""A bound form as an Excel workbook, in the styling of the template it came from."""

import re
from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.styles.cell_style import StyleArray
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidationList
from openpyxl.worksheet.header_footer import HeaderFooter
from openpyxl.worksheet.pagebreak import ColBreak, RowBreak

from declarations.sheets.form import Form
from declarations.sheets.imprint import Imprint
from declarations.sheets.kinds import Kind
from declarations.sheets.linebreaks import break_lines, printable
from declarations.sheets.list_workbook import FORMULA_STARTS
from declarations.sheets.parse import FIELDS_SHEET, form_sheet, open_workbook
from declarations.sheets.row_map import Cuts, MappedRow, RowMap, row_map_pieces
from declarations.sheets.table import Cell, Entry, Table
from declarations.sheets.tags import Tag
from declarations.sheets.timeless import timeless, undated

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

APPARATUS = (FIELDS_SHEET, "校验", "评分", "报告")
"""Sheets that say how a form works; a filled form goes without them."""

FILLED, TO_FILL_IN = "_jixiao_filled", "_jixiao_to_fill_in"
"""Hidden names that tell whoever reads the workbook back that it is ours: blank is blank there,
where in what people draw up themselves a blank cell may stand for the one above it."""

TINT = "FFFFFBE6"
"""The ground of what is to be filled in."""

_FORBIDDEN_IN_NAMES = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_LONGEST_NAME = 31
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Begins what the format reads as an escaped character; an underscore may itself be escaped."""
_POINTS_PER_CHARACTER = 5.25  # a column's width in Excel counts digits of the default font
_LINE_HEIGHT = 1.4
_EDGES = 4.0
_DEFAULT_HEIGHT = 15.0
_HIGHEST_ROW = 409.0
_IMPRINT_SIZE = 8
_PAGES = "第 &P 页　共 &N 页"


def render_workbook(
    table: Table, template: bytes, *, title: str, mark: str = "", imprint: Imprint | None = None
) -> bytes:
    """The form as XLSX, the same bytes for the same content.

    template: the workbook that the table's form was parsed from. title: the
    document's title in its properties. mark: stands at the head of each printed
    page. imprint: of what is published; in the properties and at the foot of printed pages, no
    cell says it. Raises FormError where the template cannot be opened.
    """
    writer = Writer(table, template)
    writer.write(title=title, mark=mark)
    if imprint is not None:
        writer.sign(imprint)
    return writer.saved()


class Writer:
    """Writes the rows of a table below each other, styled as their template cells are.

    Raises FormError where the template cannot be opened.
    """

    origin = FILLED

    def __init__(self, table: Table, template: bytes) -> None:
        self.table = table
        self.book = open_workbook(template)
        self.sheet = sheet = form_sheet(self.book)
        self.styles: Mapping[tuple[int, int], StyleArray] = {
            (c.row, c.column): copy(_cell_at(sheet, c.row, c.column)._style)  # type: ignore[attr-defined]  # noqa: SLF001
            for c in table.form.cells
        }
        self.widths = _column_points(sheet, table.form)
        lines = [[cell] for cell in table.head], [[cell] for cell in table.foot]
        self.rows: list[tuple[int, list[Cell]]] = [
            *((cells[0].template_row, cells) for cells in lines[0]),
            *((row.template_row, row.cells) for row in table.rows),
            *((cells[0].template_row, cells) for cells in lines[1]),
        ]
        self.mapped = [
            *(MappedRow(cells[0].template_row) for cells in lines[0]),
            *(MappedRow(r.template_row, r.begins_outermost) for r in table.rows),
            *(MappedRow(cells[0].template_row) for cells in lines[1]),
        ]
        self.templates = {(c.row, c.column): c for c in table.form.cells}
        self.cuts: Cuts = {}
        self.first = table.form.root.first_row
        self.template_rows = {
            number: row for number, (row, _) in enumerate(self.rows, start=self.first)
        }

    def write(self, *, title: str, mark: str = "") -> None:
        """Makes the template the filled form, with the document's title in its properties."""
        for name in APPARATUS:
            if name in self.book.sheetnames and self.book[name] is not self.sheet:
                del self.book[name]
        _empty(self.sheet)
        self._write_rows()
        _set_up_page(self.sheet, self.table.form, self.template_rows, mark)
        self.sheet.title = _sheet_name(self.table.form.title)
        self.book.active = self.sheet
        self.book.defined_names.clear()
        self.book.defined_names.add(DefinedName(self.origin, attr_text="TRUE", hidden=True))
        for name, text in row_map_pieces(self.table.form, RowMap(self.mapped, self.cuts)):
            self.book.defined_names.add(DefinedName(name, attr_text=f'"{text}"', hidden=True))
        self.book.properties.title = printable(title)

    def sign(self, imprint: Imprint) -> None:
        """Says in the properties and at the foot of printed pages how the file is verified.

        Nothing stays of the template that its form does not show: who made it and when, other
        sheets, hidden ones among them, what its author noted in heads and properties.
        """
        for other in [sheet for sheet in self.book.worksheets if sheet is not self.sheet]:
            self.book.remove(other)
        self.book.properties = DocumentProperties(
            creator=None,
            title=self.book.properties.title,
            identifier=imprint.shown_code,
            description=imprint.line,
        )
        self.book.custom_doc_props = CustomPropertyList()  # type: ignore[attr-defined]
        self.sheet.HeaderFooter = HeaderFooter()
        footer: Any = self.sheet.oddFooter
        footer.left.text, footer.left.size = "\n".join(imprint.short_lines), _IMPRINT_SIZE
        footer.center.text = _PAGES

    def saved(self) -> bytes:
        """The workbook's bytes, without the time of writing: equal content is equal bytes."""
        written = BytesIO()
        self.book.save(written)
        return timeless(written.getvalue(), self.finished)

    def finished(self, name: str, content: bytes) -> bytes:
        """A file of the workbook's archive as it is to be kept."""
        return undated(name, content)

    def _write_rows(self) -> None:
        """Writes every cell and sets every row's height."""
        heights = {n: self._least_height(row) for n, row in self.template_rows.items()}
        spanning: list[tuple[int, int, float]] = []
        for number, (_, cells) in enumerate(self.rows, start=self.first):
            for cell in cells:
                height = self._write_cell(number, cell)
                if cell.rowspan == 1:
                    heights[number] = max(heights[number], height)
                else:
                    spanning.append((number, number + cell.rowspan, height))
        for first, end, height in spanning:
            lacking = height - sum(heights[n] or _DEFAULT_HEIGHT for n in range(first, end))
            if lacking > 0:
                for n in range(first, end):
                    heights[n] = (heights[n] or _DEFAULT_HEIGHT) + lacking / (end - first)
        for number, height in heights.items():
            if height:
                self.sheet.row_dimensions[number].height = round(min(height, _HIGHEST_ROW), 2)

    def _write_cell(self, row: int, cell: Cell) -> float:
        """Writes a cell with its spans; returns the height that its text needs, in pt."""
        target = _cell_at(self.sheet, row, cell.column)
        style = self.styles[cell.template_row, cell.template_column]
        target._style = copy(style)  # type: ignore[attr-defined]  # noqa: SLF001
        self.write_value(target, cell)
        self._note_cuts(row, cell)
        if cell.rowspan > 1 or cell.colspan > 1:
            self.sheet.merge_cells(
                start_row=row,
                start_column=cell.column,
                end_row=row + cell.rowspan - 1,
                end_column=cell.column + cell.colspan - 1,
            )
        first = cell.column - self.table.form.first_column
        width = sum(self.widths[first : first + cell.colspan]) - _EDGES
        lines = len(break_lines(cell.text, width / cell.style.size, bold=cell.style.bold))
        if lines == 1:
            return 0.0
        wrap(target)
        return lines * cell.style.size * _LINE_HEIGHT + _EDGES

    def write_value(self, target: ExcelCell, cell: Cell) -> None:
        """Writes what a cell says: one number as a number, all else as text."""
        entry = cell.parts[0] if len(cell.parts) == 1 else None
        if isinstance(entry, Entry) and entry.field.numeric:
            if not entry.is_blank:
                target.value = entry.field.in_display_unit(Decimal(entry.value or 0))
            target.number_format = number_format(entry, target.number_format)
            return
        write_text(target, "".join(map(_printed, cell.parts)))

    def _note_cuts(self, row: int, cell: Cell) -> None:
        """Notes how long each value is where several share a cell."""
        if len(cell.parts) == 1 or all(e.is_blank for e in cell.entries):
            return
        template = self.templates[cell.template_row, cell.template_column]
        lengths = [
            len(_printed(part))
            for part, tag in zip(cell.parts, template.parts, strict=True)
            if isinstance(tag, Tag)
        ]
        if len(lengths) > 1:
            self.cuts[row, cell.column] = tuple(lengths)

    def _least_height(self, template_row: int) -> float:
        return self.table.form.row_heights.get(template_row, 0.0)


def _printed(part: str | Entry) -> str:
    return printable(part if isinstance(part, str) else part.full_text)


def _cell_at(sheet: "Worksheet", row: int, column: int) -> ExcelCell:
    """A cell that no merged range covers."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, ExcelCell)
    return cell


def write_text(target: ExcelCell, text: str) -> None:
    """Writes text as text, whatever it begins with; of none the cell stays blank."""
    text = printable(text)
    if not text:
        return
    target.value = _ESCAPE.sub("_x005F_", text)
    target.data_type = "s"  # openpyxl takes "=…" for a formula and "#N/A" for an error
    if text.startswith(FORMULA_STARTS):
        target.quotePrefix = True


def protect(sheet: "Worksheet") -> None:
    """Locks all but what is unlocked; rows may still be inserted and resized."""
    protection = sheet.protection
    protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows"):
        setattr(protection, allowed, False)


def wrap(target: ExcelCell) -> None:
    """Lets a cell's text take several lines."""
    if not target.alignment.wrap_text:
        alignment: Any = copy(target.alignment)
        alignment.wrap_text = True
        target.alignment = alignment


def number_format(entry: Entry, template_format: str) -> str:
    """The template's number format, unless it would show a rate as a number or the reverse."""
    is_rate = entry.field.kind is Kind.PERCENT
    if is_rate == ("%" in template_format):
        return template_format
    decimals = entry.field.format.decimals
    digits = "0" if not decimals else "0." + "0" * decimals
    return f"{digits}%" if is_rate else "General"


def _column_points(sheet: "Worksheet", form: Form) -> list[float]:
    """Each column's width in pt."""
    characters = 8.43 * len(form.column_widths)
    for dimension in sheet.column_dimensions.values():
        column = (dimension.min or 0) - form.first_column
        if dimension.width and 0 <= column < len(form.column_widths):
            characters = float(dimension.width) / form.column_widths[column]
            break
    return [share * characters * _POINTS_PER_CHARACTER for share in form.column_widths]


def _empty(sheet: "Worksheet") -> None:
    """Removes what stands in the template's rows; columns and page set-up stay."""
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(merged.coord)
    sheet.delete_rows(1, sheet.max_row)
    sheet.row_dimensions.clear()
    sheet.conditional_formatting = ConditionalFormattingList()
    sheet.data_validations = DataValidationList()
    sheet.auto_filter.ref = None
    sheet.row_breaks, sheet.col_breaks = RowBreak(), ColBreak()
    sheet.tables.clear()
    sheet.defined_names.clear()
    sheet.print_area = None
    sheet.print_title_rows = None


def _set_up_page(
    sheet: "Worksheet",
    form: Form,
    template_rows: Mapping[int, int],
    mark: str,
) -> None:
    """Print titles where the rows have moved to, any number of pages, and the mark at the head."""
    titles: dict[int, int] = {}
    for number, row in template_rows.items():
        if row in form.heading_rows:
            titles.setdefault(row, number)
    if titles:
        sheet.print_title_rows = f"{min(titles.values())}:{max(titles.values())}"
    if sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage:
        sheet.page_setup.fitToHeight = 0
    if mark:
        sheet.HeaderFooter.differentFirst = sheet.HeaderFooter.differentOddEven = None
        header: Any = sheet.oddHeader
        header.center.text, header.center.size = mark, 22
    footer: Any = sheet.oddFooter
    if not footer.center.text:
        footer.center.text = _PAGES


def _sheet_name(title: str) -> str:
    name = _FORBIDDEN_IN_NAMES.sub("", title).strip("' ")[:_LONGEST_NAME]
    return name.rstrip("' ") or "申报表"
