"""Which headings belong to a cell, written into a PDF's structure.

WeasyPrint counts columns wrongly beside cells that span rows, so a screen reader would read out
another column's heading; and it leaves out the index by which readers find headings at all
(ISO 32000-1, 14.7.2). So the cells of its table are looked at once more, where they really are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint import Document
from weasyprint.formatting_structure import boxes

_ROW, _COLUMN = "row", "col"


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A cell in its grid. scope: of a heading ``row`` or ``col``, "" of what is none."""

    row: int
    column: int
    rows: int
    columns: int
    scope: str = ""
    element: Any = None

    @property
    def across(self) -> tuple[int, int]:
        return self.column, self.columns

    @property
    def down(self) -> tuple[int, int]:
        return self.row, self.rows


def headings_of(cell: Placed, grid: dict[tuple[int, int], Placed]) -> list[Placed]:
    """The headings of a cell, those of its rows first, from the outermost to the nearest."""
    found: dict[Placed, None] = {}
    for row in range(cell.row, cell.row + cell.rows):
        found |= dict.fromkeys(_to_the_left(row, cell, grid))
    over = [_above(column, cell, grid) for column in range(cell.column, cell.column + cell.columns)]
    if all(over):  # labels that only touch the cell's edge head something else
        for headings in over:
            found |= dict.fromkeys(headings)
    return list(found)


def _to_the_left(row: int, cell: Placed, grid: dict[tuple[int, int], Placed]) -> list[Placed]:
    """As HTML has it: of two pairs of label and value in a row, the first label is not the
    second value's; a label that spans more rows is both values'."""
    found: list[Placed] = []
    block: list[Placed] = []
    passed: set[tuple[int, int]] = set()
    for column in range(cell.column - 1, -1, -1):
        other = grid.get((row, column))
        if other is None or other is cell or other in block:
            continue
        if other.scope:
            block.append(other)
            if other.scope == _ROW and other.down not in passed:
                found.append(other)
        else:
            passed.update(heading.down for heading in block)
            block = []
    return found[::-1]


def _above(column: int, cell: Placed, grid: dict[tuple[int, int], Placed]) -> list[Placed]:
    """The nearest headings over the column, as far as cells of the same width lead up to them:
    where the width changes, another part of the form begins."""
    found: list[Placed] = []
    for row in range(cell.row - 1, -1, -1):
        other = grid.get((row, column))
        if other is not None and other in found:
            continue
        if other is not None and other.scope == _COLUMN:
            found.append(other)
        elif found or other is None or other.scope or other.across != cell.across:
            break
    return found[::-1]


def correct_headings(document: Document, pdf: Any) -> None:
    """Names the headings of every cell of every table, and the index of all headings."""
    index: dict[bytes, tuple[Any, Any]] = {}
    for page in document.pages:
        for table in _tables(page._page_box):  # noqa: SLF001  (the only way to the boxes)
            cells = list(_cells(table))
            grid = {
                (row, column): cell
                for cell in cells
                for row in range(cell.row, cell.row + cell.rows)
                for column in range(cell.column, cell.column + cell.columns)
            }
            for cell in cells:
                _describe(cell, [heading.element["ID"] for heading in headings_of(cell, grid)])
                if cell.scope:
                    name = cell.element["ID"]
                    index[name.data] = name, cell.element.reference
    if index:
        names = [part for key in sorted(index) for part in index[key]]
        tree = pydyf.Dictionary({"Names": pydyf.Array(names)})
        pdf.add_object(tree)
        root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
        root["IDTree"] = tree.reference


def _describe(cell: Placed, headings: list[Any]) -> None:
    attributes = cell.element["A"]
    attributes.pop("Headers", None)
    if cell.scope:
        attributes["Scope"] = "/Row" if cell.scope == _ROW else "/Column"
    elif headings:
        attributes["Headers"] = pydyf.Array(headings)


def _tables(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TableBox):
        yield box
    elif isinstance(box, boxes.ParentBox):
        for child in box.children:
            yield from _tables(child)


def _cells(table: Any) -> Iterator[Placed]:
    rows = [row for group in table.children for row in group.children]
    for number, row in enumerate(rows):
        for cell in row.children:
            scope = ""
            if cell.element_tag == "th":
                scope = _ROW if cell.element.attrib.get("scope") == _ROW else _COLUMN
            yield Placed(number, cell.grid_x, cell.rowspan, cell.colspan, scope, cell.mark)
