"""元 or 万元: which unit of money an upload is in, where it says another one than the form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.incoming.columns import LocatedRow, Spot
from declarations.sheets.incoming.grid import Grid, Place
from declarations.sheets.incoming.report import CellProblem
from declarations.sheets.kinds import Kind

_UNIT = r"(?:人民币)?(亿元|万元|千元|元)"
_OF_HEADING = re.compile(rf"[（(](?:金额)?(?:单位[:：]?)?{_UNIT}[）)]")
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
    warnings: dict[str, CellProblem] = field(default_factory=dict)

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
            unit = _stated(_OF_HEADING, cell.text)
            if unit and unit == _stated(_OF_HEADING, planned.cell.text):
                return form_field.unit
            if unit:
                return self._noted(form_field, unit, cell.coordinate)
        if self._of_upload and self._of_upload != self._of_form:
            return self._noted(form_field, self._of_upload, self._cell)
        return form_field.unit

    def _noted(self, form_field: Field, unit: str, cell: str) -> str:
        if unit != form_field.unit:
            self.warnings[cell] = CellProblem(
                self.grid.name,
                cell,
                f"这里写的金额单位是{unit}，表样是{form_field.unit}；金额已按{unit}换算，请核对",
            )
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
