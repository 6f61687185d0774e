"""Sheets that describe the form line by line, 字段 and 校验: columns go by their headings."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 1000
MOST_COLUMNS = 60
"""What is read of such a sheet: formats far below and to the right are not content."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. texts: by heading, stripped, for the columns that the sheet has."""

    row: int
    texts: dict[str, str]
    columns: dict[str, int]

    def text(self, heading: str) -> str:
        return self.texts.get(heading, "")

    def cell(self, heading: str) -> str:
        """``C4``; column A where the sheet has no such column."""
        return f"{get_column_letter(self.columns.get(heading, 1))}{self.row}"


def read_lines(sheet: "Worksheet", headings: Collection[str], needed: str) -> Iterator[Line] | None:
    """The lines below the first row that has the heading `needed`, blank ones left out.

    None where no row has it. Columns under other headings are ignored.
    """
    rows = sheet.iter_rows(
        values_only=True,
        max_row=min(sheet.max_row, MOST_ROWS),
        max_col=min(sheet.max_column, MOST_COLUMNS),
    )
    texts = [[_plain(v) for v in row] for row in rows]
    top = next((i for i, row in enumerate(texts) if needed in row), None)
    if top is None:
        return None
    columns = {name: i for i, name in enumerate(texts[top], start=1) if name in headings}
    lines = (
        Line(number, {name: row[i - 1] for name, i in columns.items()}, columns)
        for number, row in enumerate(texts[top + 1 :], start=top + 2)
    )
    return (line for line in lines if any(line.texts.values()))


def _plain(value: Any) -> str:
    return "" if value is None else str(value).strip()
