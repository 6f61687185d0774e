"""What each heading of a form heads, its column or its row: for screen readers and for tagged PDF."""

from collections.abc import Collection, Iterable

from declarations.sheets.form import Block, TemplateCell
from declarations.sheets.headings import heading_of_same_shape

Place = tuple[int, int]
"""Row and column."""


def heading_scopes(
    cells: Iterable[TemplateCell], root: Block, apart: Collection[int]
) -> dict[Place, str]:
    """``col`` or ``row`` of each label, by its place. apart: rows outside the table."""
    cells = list(cells)
    columns = _column_headings(cells, root, apart)
    headings = (_place(c) for c in cells if c.is_heading)
    return {p: "col" if p in columns else "row" for p in headings}


def _place(cell: TemplateCell) -> Place:
    """Where a cell begins."""
    return cell.row, cell.column


def _column_headings(
    cells: list[TemplateCell], root: Block, apart: Collection[int]
) -> Collection[Place]:
    """Labels directly above a value, or above narrower headings of columns.

    A label with a value to its right heads that row, whatever is below it; so does
    one that stands tall in the first column.
    """
    first_column = min(c.column for c in cells)
    held = [c for c in cells if c.tags and not c.is_heading and c.row not in apart]
    values = {p: c for c in held for p in _places(c)}
    at = {p: c for c in cells for p in _places(c)}
    shaped = (heading_of_same_shape(c, root, at) for c in held)
    heads = {p: c for c in shaped if c for p in _places(c)}
    for cell in sorted((c for c in cells if c.is_heading), key=lambda c: -c.row):
        tall = cell.column == first_column and cell.rowspan > 1
        if tall or (cell.row, cell.last_column + 1) in values:
            continue
        below = [(cell.last_row + 1, c) for c in range(cell.column, cell.last_column + 1)]
        narrower = [heads[p] for p in below if p in heads and heads[p].colspan <= cell.colspan]
        if narrower or any(values[p].column >= cell.column for p in below if p in values):
            heads.update(dict.fromkeys(_places(cell), cell))
    return {_place(cell) for cell in heads.values()}


def _places(cell: TemplateCell) -> list[Place]:
    """Each row and column that a template cell covers."""
    return [
        (row, column)
        for row in range(cell.row, cell.last_row + 1)
        for column in range(cell.column, cell.last_column + 1)
    ]
