"""Where the strips of a scored form go: below each scored item, and each indicator with a weight.

A strip holds what the rule of an item needs and the form has no cell for, and what the rule gives.
It is seen in the editor and by reviewers, never in print.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form, TemplateCell
from declarations.sheets.records import Item
from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.tags import Tag
from scoring.rubric import RubricItem

_IN_LISTS = (SELF_SCORE, "actual")
"""By which column an indicator's own row is found among the rows that repeat with it."""


@dataclass(frozen=True, slots=True)
class StripPlace:
    """The rows of the template in which an item stands; its strip comes after the last.

    column: of its self score. depth: how many lists it repeats with. inputs: the tags of what
    is filled in in the strip. beside: columns kept free, so that all strips begin at one.
    """

    key: str
    first_row: int
    last_row: int
    column: int
    depth: int = 0
    inputs: tuple[Tag, ...] = ()
    beside: frozenset[int] = frozenset()

    def is_for(self, chain: Sequence[Item | None]) -> bool:
        """Whether the strip belongs among these rows; a blank row of print is none."""
        return len(chain) == self.depth and None not in chain

    def anchor(self, chain: Sequence[Item | None]) -> str:
        """``score/KEY``, or the row's: ``indicator/45``."""
        row = chain[-1] if chain else None
        return row.anchor() if row else f"{SCORES}/{self.key}"

    def covers(self, row: int) -> bool:
        """Whether a row of the template is one of the item's."""
        return self.first_row <= row <= self.last_row

    def is_beside(self, cell: TemplateCell) -> bool:
        """Whether a cell of the last row stands for more than the item, and grows over the strip."""
        further = cell.row < self.first_row or cell.last_row > self.last_row
        return cell.depth < self.depth or further or cell.column in self.beside


def strip_places(form: Form) -> list[StripPlace]:
    """Of every item of the rubric that the form shows; none in a narrative report."""
    if not form.rubric.items or form.report:
        return []
    places = [place for item in form.rubric.items if (place := _place(form, item))]
    outer = {
        cell.column
        for place in places
        for cell in form.cells
        if cell.row <= place.last_row <= cell.last_row and place.is_beside(cell)
    }
    return [p if p.column in outer else replace(p, beside=frozenset(outer)) for p in places]


def _place(form: Form, item: RubricItem) -> StripPlace | None:
    cells = {t.path: cell for cell in form.cells for t in cell.tags}
    columns = _IN_LISTS if item.is_list else (SELF_SCORE,)
    prefix = item.key if item.is_list else f"{SCORES}.{item.key}"
    cell = next((cells[path] for c in columns if (path := f"{prefix}.{c}") in cells), None)
    if cell is None:
        return None
    inputs = tuple(tag for tag in _inputs(item) if tag.path in form.fields.keys() - cells.keys())
    return StripPlace(item.key, cell.row, cell.last_row, cell.column, len(item.list_path), inputs)


def _inputs(item: RubricItem) -> Iterator[Tag]:
    for given in item.inputs:
        if not given.expression:
            column = f"input.{given.name}"
            yield Tag(f"{SCORES}.{item.key}.{column}", column=column)
