"""A sheet as it was uploaded: its filled cells by place, and what is merged."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cached_property

from openpyxl.utils import get_column_letter

from declarations.sheets.incoming.shown import as_decimal, as_shown, is_date_format

Place = tuple[int, int]
"""Row and column, both from 1."""


class CellKind(Enum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ERROR = "error"
    UNCOMPUTED = "uncomputed"  # a formula that was saved without its result


@dataclass
class SheetCell:
    """A filled cell. raw: the text, or a number as it stands in the file."""

    row: int
    column: int
    kind: CellKind
    raw: str
    format: str = "General"
    formula: bool = False
    from_1904: bool = False

    @property
    def place(self) -> Place:
        return self.row, self.column

    @property
    def coordinate(self) -> str:
        return coordinate(self.place)

    @cached_property
    def number(self) -> Decimal | None:
        """The number of a number's cell, to the fifteen digits that Excel reckons with."""
        return as_decimal(self.raw) if self.kind is CellKind.NUMBER else None

    @property
    def is_date(self) -> bool:
        return self.kind is CellKind.NUMBER and is_date_format(self.format)

    @cached_property
    def text(self) -> str:
        """As Excel shows it."""
        if self.kind is not CellKind.NUMBER:
            return self.raw
        if self.number is None:
            return self.raw
        return as_shown(self.number, self.format, from_1904=self.from_1904)


@dataclass(frozen=True, slots=True)
class Area:
    """A merged range."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


@dataclass
class Grid:
    """A sheet. areas: merged ranges by every place that they cover. origin: FILLED or TO_FILL_IN
    (in `workbook`) where we wrote it. row_map: what it says of its rows (`sheets.row_map`)."""

    name: str
    cells: dict[Place, SheetCell] = field(default_factory=dict)
    areas: dict[Place, Area] = field(default_factory=dict)
    hidden: bool = False
    origin: str = ""
    row_map: str = ""
    beyond: str = ""  # the first cell that was left out for being too far away

    @cached_property
    def rows(self) -> dict[int, list[SheetCell]]:
        """The filled cells of each row from left to right."""
        rows: dict[int, list[SheetCell]] = {}
        for place in sorted(self.cells):
            rows.setdefault(place[0], []).append(self.cells[place])
        return rows

    @cached_property
    def last_column(self) -> int:
        columns = [c for _, c in self.cells] + [c for _, c in self.areas]
        return max(columns, default=0)

    def at(self, row: int, column: int) -> SheetCell | None:
        """The filled cell that is seen at a place: of a merged range its first."""
        area = self.areas.get((row, column))
        return self.cells.get((area.top, area.left) if area else (row, column))

    def area(self, row: int, column: int) -> Area:
        """The merged range at a place, or the place alone."""
        return self.areas.get((row, column)) or Area(row, column, row, column)

    def across(self, row: int, first: int, last: int) -> Iterator[Area]:
        """What is seen in a row from left to right, merged ranges as one."""
        column = first
        while column <= last:
            area = self.area(row, column)
            yield area
            column = area.right + 1


def coordinate(place: Place) -> str:
    """``B12``."""
    return f"{get_column_letter(place[1])}{place[0]}"
