"""The sheet 评分数据 of a workbook to fill in: what the rules need to know and the form has no cell for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties

from declarations.sheets.catalogue import SCORES
from declarations.sheets.entry_rules import EntryRules
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.records import Records, Value
from declarations.sheets.workbook import TINT, protect, write_text
from scoring.rubric import RubricItem

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as ExcelCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

INPUTS_SHEET = "评分数据"
ITEM, LABEL, FILLED_IN = "评分项", "数据", "填写内容"
"""Its headings."""

_NOTE = (
    "按评分标准计算得分要用的数据，表上没有格子的在这里填写，不印在表上。浅色的格子可以填写。"
    "同一项中既问数目、又问比率的，填一种即可。"
)
_WIDTHS = {"A": 30, "B": 52, "C": 34}
_HEAD_ROW = 3
_FORMATS = {Kind.MONEY: "#,##0.00", Kind.PERCENT: "0.00%", Kind.NUMBER: "General"}
_THIN, _THICK = Side("thin", "FF999999"), Side("medium", "FF666666")
_GREY = "FF6B6B6B"
_HEADING = PatternFill("solid", fgColor="FFF0F3EF")


@dataclass(frozen=True, slots=True)
class InputOf:
    """A field without a cell, and the scored item whose rule asks for it."""

    item: RubricItem
    field: Field


def inputs_beside(form: Form) -> Iterator[InputOf]:
    """What is filled in beside the form, in the order of the rubric."""
    for item in form.rubric.items:
        for given in item.inputs:
            tag = f"{SCORES}.{item.key}.input.{given.name}"
            if tag in form.beside:
                yield InputOf(item, form.fields[tag])


def add_inputs_sheet(book: "Workbook", form: Form, records: Records) -> None:
    """Adds the sheet behind the first one, filled in as the records are; none without inputs."""
    inputs = list(inputs_beside(form))
    if not inputs:
        return
    sheet: Worksheet = book.create_sheet(INPUTS_SHEET, 1)
    _write_head(sheet)
    rules = EntryRules(book)
    above = ""
    for row, given in enumerate(inputs, start=_HEAD_ROW + 1):
        repeated = given.item.key == above
        above, top = given.item.key, _THIN if repeated else _THICK
        _write_words(sheet, row, (given.item.name, given.field.label_with_unit), top)
        if repeated:
            sheet.cell(row, 1).font = Font(color=_GREY)
        cell: Any = sheet.cell(row, 3)
        _write_value(cell, given.field, records.cell(given.field.tag))
        cell.border = Border(_THIN, _THIN, top, _THIN)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        cell.fill, cell.protection = PatternFill("solid", fgColor=TINT), Protection(locked=False)
        rules.add(cell.coordinate, _with_standard(given))
    rules.write(sheet)
    protect(sheet)
    _set_up(sheet)


def _write_head(sheet: "Worksheet") -> None:
    for row, text, height in ((1, INPUTS_SHEET, 28.0), (2, _NOTE, 32.0)):
        cell: Any = sheet.cell(row, 1)
        write_text(cell, text)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
        sheet.row_dimensions[row].height = height
    sheet["A1"].font = Font(bold=True, size=14)
    _write_words(sheet, _HEAD_ROW, (ITEM, LABEL, FILLED_IN), _THIN)
    for heading in sheet[_HEAD_ROW]:
        heading.font, heading.fill = Font(bold=True), _HEADING


def _write_words(sheet: "Worksheet", row: int, words: tuple[str, ...], top: Side) -> None:
    """An item's name stands in each of its rows, so that a row can be read, and sorted, alone."""
    for column, text in enumerate(words, start=1):
        cell: Any = sheet.cell(row, column)
        write_text(cell, text)
        cell.border = Border(_THIN, _THIN, top, _THIN)
        cell.alignment = Alignment(vertical="center", wrap_text=True)


def _write_value(cell: "ExcelCell", field: Field, value: Value) -> None:
    filled = value not in (None, "")
    if field.kind is Kind.DATE:
        cell.value = date.fromisoformat(str(value)) if filled else None
        cell.number_format = "yyyy-mm-dd"
    elif field.numeric:
        cell.value = field.in_display_unit(Decimal(str(value))) if filled else None
        cell.number_format = _FORMATS[field.kind]
    else:
        if filled:
            write_text(cell, str(value))
        cell.number_format = "@"


def _with_standard(given: InputOf) -> Field:
    """The field with the text of the rule, which the form says beside the item, as its help."""
    standard = given.item.standard
    said = f"评分标准：{standard}" if standard else ""
    return replace(given.field, help=given.field.help or said)


def _set_up(sheet: "Worksheet") -> None:
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.center.text = "第 &P 页　共 &N 页"
