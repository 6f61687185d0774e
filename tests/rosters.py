"""Workbooks of departments and people."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook

from declarations.sheets.roster import COLUMNS, DEPARTMENTS, PEOPLE, Roster, read_roster

Rows = Sequence[Sequence[object]]


def roster_workbook(departments: Rows = (), people: Rows = ()) -> bytes:
    """As a person fills in the template: row 2 is the first."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in ((DEPARTMENTS, departments), (PEOPLE, people)):
        sheet = book.create_sheet(name)
        sheet.append([column.heading for column in COLUMNS[name]])
        for row in rows:
            sheet.append(list(row))
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def roster(departments: Rows = (), people: Rows = ()) -> Roster:
    """The same, read."""
    return read_roster(roster_workbook(departments, people))
