"""The places of a form that can be spoken of: cells, rows, sections, and where each begins."""

from dataclasses import dataclass

from declarations.sheets.diff import row_of
from declarations.sheets.table import Row, Table


@dataclass(frozen=True, slots=True)
class Spot:
    """A place by its name. cell: its first cell, "" where it has none. section: index, or -1."""

    name: str
    cell: str
    section: int = -1


def section_anchor(index: int) -> str:
    """``section/2``."""
    return f"section/{index}"


def is_cell(anchor: str) -> bool:
    """Whether an anchor is a single cell's, not a row's or a section's."""
    return not anchor.startswith("section/") and row_of(anchor) != anchor


def places_of(table: Table) -> dict[str, Spot]:
    """Every place by its anchor, in the order of the form.

    A section before the rows and cells in it, a row (``task/45``) before its cells.
    """
    spots: dict[str, Spot] = {}
    for cell in table.head:
        spots |= {e.anchor: Spot(e.name, e.anchor) for e in cell.entries if e.anchor}
    for row in table.rows:
        _add_row(table, row, spots)
    for cell in table.foot:
        spots |= {e.anchor: Spot(e.name, e.anchor) for e in cell.entries if e.anchor}
    return spots


def containers(table: Table, spots: dict[str, Spot]) -> dict[str, list[str]]:
    """Of each cell the places it is in, the innermost first: its row, the row around, its section."""
    around = {
        nested.anchor(): item.anchor()
        for item in table.records.items()
        for rows in item.lists.values()
        for nested in rows
    }
    found = {}
    for anchor, spot in spots.items():
        if spot.cell != anchor:
            continue
        row = row_of(anchor)
        section = section_anchor(spot.section) if spot.section >= 0 else ""
        found[anchor] = [place for place in (row, around.get(row, ""), section) if place]
    return found


def _add_row(table: Table, row: Row, spots: dict[str, Spot]) -> None:
    section = row.section
    label = table.form.sections[section].label if section >= 0 else ""
    cells = [entry for entry in row.entries() if entry.anchor]
    if section >= 0:
        known = spots.get(section_anchor(section))
        if known is None or not known.cell:
            first = cells[0].anchor if cells else ""
            spots[section_anchor(section)] = Spot(label, first, section)
    for handle in row.handles:
        first = next((e.anchor for e in cells if row_of(e.anchor) == handle.anchor), "")
        name = f"{label} 第{handle.number}行".strip()
        spots[handle.anchor] = Spot(name, first, section)
    for entry in cells:
        name = entry.name if entry.field.label_with_unit == label else f"{label} {entry.name}"
        spots[entry.anchor] = Spot(name.strip(), entry.anchor, section)
