"""Our own workbook, rows as they were: laid along the form by the map that it carries.

The map is what anybody may have written into a file. It is followed only where the sheet
still looks as the form does when it is written out along it: each label says what it said,
each cell over several rows begins where it began, and nothing stands below. Rows that were
inserted, deleted or sorted do not, unless it makes no difference.
"""

from dataclasses import dataclass, field

from declarations.sheets.incoming.alignment import Alignment, Found, Pair
from declarations.sheets.incoming.grid import Grid
from declarations.sheets.incoming.plan import Plan, PlanCell, PlanRow
from declarations.sheets.linebreaks import printable
from declarations.sheets.row_map import MappedRow, read_row_map
from declarations.sheets.workbook import FILLED


def align_by_map(plan: Plan, grid: Grid) -> Alignment | None:
    """The sheet along the form, as its map says; None where there is none that fits it."""
    if not grid.row_map:
        return None
    row_map = read_row_map(plan.form, grid.row_map)
    first = plan.form.root.first_row
    last_filled = max(grid.rows, default=0)
    if row_map is None or last_filled >= first + len(row_map.rows):
        return None
    tops = _Tops()
    pairs = []
    for number, mapped in enumerate(row_map.rows, start=first):
        index = plan.index.get(mapped.template_row)
        if index is None:
            continue
        row = plan.rows[index]
        if number <= last_filled and not _fits(grid, row, number, tops.of(row, mapped, number)):
            return None
        pairs.append(Pair(number, row, _found(grid, row, number), begins=mapped.begins))
    words = {f.cell.place for p in pairs for f in p.found if f.planned.keys}
    return Alignment(grid, pairs, recall=1.0, words=words, exact=True, cuts=row_map.cuts)


@dataclass
class _Tops:
    """Where each cell of the form begins, as its rows are written out one below the other."""

    item: int = 0
    tops: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the identity of a cell: the outermost list's row that it is in, and where it begins."""

    def of(self, row: PlanRow, mapped: MappedRow, number: int) -> list[tuple[PlanCell, int]]:
        """The cells that a row of the sheet shows, each with the row that it begins in."""
        self.item += mapped.begins
        for cell in row.cells:
            item = self.item if cell.cell.depth else 0
            known = self.tops.get(id(cell))
            again = cell.cell.depth >= len(row.path) or known is None or known[0] != item
            if cell.cell.row == row.number and again:
                self.tops[id(cell)] = item, number
        return [(c, self.tops[id(c)][1]) for c in row.cells if id(c) in self.tops]


def _fits(grid: Grid, row: PlanRow, number: int, cells: list[tuple[PlanCell, int]]) -> bool:
    return len(cells) == len(row.cells) and all(
        _stands(grid, planned, number, top) for planned, top in cells
    )


def _stands(grid: Grid, planned: PlanCell, number: int, top: int) -> bool:
    """Whether a cell of the form is where it belongs and, if it is a label, says what it said."""
    cell = planned.cell
    area = grid.area(number, cell.column)
    # What is equal below each other is one cell where we wrote it to be read.
    joined = cell.merges and grid.origin == FILLED and area.top < top
    if area.left != cell.column or (area.top != top and not joined):
        return False
    if any((number, c) in grid.cells for c in range(area.right + 1, cell.last_column + 1)):
        return False
    if not cell.is_label:
        return True
    seen = grid.at(number, cell.column)
    return _squeezed(seen.text if seen else "") == _squeezed(printable(cell.text))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _found(grid: Grid, row: PlanRow, number: int) -> list[Found]:
    seen = ((planned, grid.at(number, planned.cell.column)) for planned in row.words)
    return [Found(planned, cell, planned.weight) for planned, cell in seen if cell]
