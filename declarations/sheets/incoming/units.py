"""元 or 万元: which unit of money an upload is in, where it says another one than the form."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.incoming.columns import LocatedRow, Spot
from declarations.sheets.incoming.grid import Grid, Place, SheetCell
from declarations.sheets.kinds import Kind
from declarations.sheets.problems import CellProblem
from declarations.sheets.written_units import unit_in

_UNIT = r"(?:人民币)?(亿元|万元|千元|元)"
_AT_END = re.compile(r"[0-9０-９][\s（(]*(亿元|万元|千元|元)[\s）)]*$")
_OF_SHEET = re.compile(rf"单位[:：]{_UNIT}")
_LONGEST = 100


@dataclass
class Units:
    """Reads the units that headings and the line above the table state.

    values: places with what somebody filled in, which says nothing about units.
    """

    form: Form
    grid: Grid
    values: set[Place]
    noted: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """By the unit that is stated and the form's: the cells in which it is."""

    def __post_init__(self) -> None:
        stated = (_stated(_OF_SHEET, c.text) for c in self.form.cells)
        self._of_form = next(filter(None, stated), "")
        self._of_upload, self._cell = "", ""
        for place, cell in self.grid.cells.items():
            if self._of_upload or place in self.values:
                continue
            if unit := _stated(_OF_SHEET, cell.raw):
                self._of_upload, self._cell = unit, cell.coordinate

    def of(self, form_field: Field, spot: Spot) -> str:
        """The unit of a number without one; "" where the field is not money."""
        if form_field.kind is not Kind.MONEY:
            return ""
        for planned, cell in spot.headings:
            unit = _of_heading(cell.text)
            if unit and unit == _of_heading(planned.cell.text):
                return form_field.unit
            if unit:
                return self._noted(form_field, unit, cell.coordinate)
        if self._of_upload and self._of_upload != self._of_form:
            return self._noted(form_field, self._of_upload, self._cell)
        return form_field.unit

    def beside(self, form_field: Field, text: str, cell: SheetCell) -> str:
        """The unit that is written after a number of money among words; "" where none is."""
        match = _AT_END.search(text[-_LONGEST:]) if form_field.kind is Kind.MONEY else None
        return self._noted(form_field, match[1], cell.coordinate) if match else ""

    def warnings(self) -> Iterator[CellProblem]:
        """Of each other unit once, where it is stated."""
        for (unit, ours), cells in self.noted.items():
            others = f"（共 {len(cells)} 处）" if len(cells) > 1 else ""
            yield CellProblem(
                self.grid.name,
                next(iter(cells)),
                f"这里{others}写的金额单位是{unit}，表样是{ours}；金额已按{unit}换算，请核对",
            )

    def _noted(self, form_field: Field, unit: str, cell: str) -> str:
        if unit != form_field.unit:
            self.noted.setdefault((unit, form_field.unit), {})[cell] = None
        return unit


def values_among(rows: Iterable[LocatedRow]) -> set[Place]:
    """The places of what is filled in, but for lines that state a unit themselves."""
    return {
        s.cell.place
        for row in rows
        for s in row.spots
        if s.cell and s.planned.fillable and not _stated(_OF_SHEET, s.planned.cell.text)
    }


def _stated(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search("".join(text.split())) if len(text) <= _LONGEST else None
    return match[1] if match else ""


def _of_heading(text: str) -> str:
    return unit_in("".join(text.split())) if len(text) <= _LONGEST else ""
