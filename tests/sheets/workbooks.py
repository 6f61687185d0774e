"""Small tagged workbooks for tests, written the way an official would make them in Excel."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Border, Side
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.parse import FormError, parse_form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.table import Table

THIN = Side(style="thin")
BOX = Border(top=THIN, right=THIN, bottom=THIN, left=THIN)

Cells = Mapping[str, str | int | float]
"""``{"B3": "{{department.name}}", "A4:A6": "a merged label"}``."""


def workbook(
    cells: Cells,
    *,
    fields: Sequence[Sequence[str | int]] = (),
    rules: Sequence[Sequence[str | int]] = (),
    rubric: Sequence[Sequence[str | int]] = (),
    formats: Mapping[str, str] | None = None,
    lines: Sequence[int] = (),
) -> bytes:
    """A workbook with 表样 and, where they have rows (the first its heading), 字段, 校验, 评分.

    Every cell has borders but those of the rows in `lines`: titles and notes.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "表样"
    for place, text in cells.items():
        left, top, right, bottom = range_boundaries(place)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if row not in lines:
                    sheet.cell(row, column).border = BOX
        sheet.cell(top, left).value = text
        if ":" in place:
            sheet.merge_cells(place)
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    for title, rows in (("字段", fields), ("校验", rules), ("评分", rubric)):
        if rows:
            about = book.create_sheet(title)
            for texts in rows:
                about.append(list(texts))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def form(cells: Cells, **kwargs: object) -> Form:
    """The parsed form of such a workbook."""
    return parse_form(workbook(cells, **kwargs))  # type: ignore[arg-type]


def problems(cells: Cells, **kwargs: object) -> list[str]:
    """What is wrong with such a workbook, each as ``表样!B2：…``."""
    try:
        parse_form(workbook(cells, **kwargs))  # type: ignore[arg-type]
    except FormError as error:
        return [str(p) for p in error.problems]
    return []


def task(number: int, *indicators: Item, **values: Value) -> Item:
    """A task's row."""
    lists = {"indicators": list(indicators)} if indicators else {}
    return Item("task", number, dict(values), lists)


def indicator(number: int, **values: Value) -> Item:
    """An indicator's row."""
    return Item("indicator", number, dict(values))


def bound(form_: Form, *, editing: bool = False, **records: object) -> Table:
    """The form bound to records made of the keyword arguments of `Records`."""
    return bind(form_, Records(**records), editing=editing)  # type: ignore[arg-type]


def printed(table: Table) -> list[list[str]]:
    """The texts of each row's own cells: what is covered by a span from above is not there."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def spans(table: Table) -> list[list[tuple[str, int, int]]]:
    """Each row's cells as (text, rowspan, colspan)."""
    return [[(c.text, c.rowspan, c.colspan) for c in row.cells] for row in table.rows]
