"""Which rows of an upload make one row of a list: a task goes on over its indicators."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from declarations.sheets.form import Block, Form
from declarations.sheets.incoming.columns import LocatedRow, Spot
from declarations.sheets.incoming.grid import Grid, Place
from declarations.sheets.incoming.labels import key_of
from declarations.sheets.incoming.shape import blank_item
from declarations.sheets.records import Item, Records
from declarations.sheets.workbook import FILLED


@dataclass(eq=False)
class OpenRow:
    """A list's row that is being read. first, last: the rows of the upload that it is in.
    template_row: the template row it was last seen in. outer: the row that it is nested in.
    spots: by column, where each value stands."""

    item: Item
    block: Block
    first: int
    template_row: int
    outer: Item | None = None
    last: int = 0
    spots: dict[str, Place] = field(default_factory=dict)


class ListRows:
    """Opens and closes the rows of lists as an upload is gone through. `open`: outer first.
    `every`: all that were opened, in order. `warn`: takes a place and what to look at there."""

    def __init__(
        self,
        form: Form,
        grid: Grid,
        records: Records,
        located: Iterable[LocatedRow],
        warn: Callable[[Place, str], None],
    ) -> None:
        self.form = form
        self.grid = grid
        self.records = records
        self.warn = warn
        self.blocks = {b.list_path: b for b in form.blocks()}
        self.open: list[OpenRow] = []
        self.every: list[OpenRow] = []
        self.latest: dict[tuple[str, ...], OpenRow] = {}
        self.merged_down = _merged_down(located)

    def enter(self, row: LocatedRow) -> None:
        """Opens the rows of lists that begin in a row of the upload."""
        number, path = row.pair.row.number, row.pair.row.path
        for depth in range(len(path)):
            block = self.blocks[path[: depth + 1]]
            current = self.open[depth] if depth < len(self.open) else None
            if current and current.block.list_path != block.list_path:
                current = None
            innermost = depth == len(path) - 1
            if depth == 0 and row.pair.begins is not None:
                goes_on = not row.pair.begins
            else:
                goes_on = current is not None and self._goes_on(
                    row, block, current, innermost=innermost
                )
            if current and goes_on:
                current.template_row = number
                continue
            del self.open[depth:]
            self.open.append(self._opened(block, row))
        for opened in self.open:
            opened.last = row.pair.sheet_row

    def _goes_on(self, row: LocatedRow, block: Block, current: OpenRow, *, innermost: bool) -> bool:
        """Whether a row of the upload still belongs to the list's row that is open."""
        number = row.pair.row.number
        if innermost:
            return number > current.template_row
        if number != block.first_row:
            return True
        if number < current.template_row:
            return False
        return self._same_outer(row, block, current)

    def _same_outer(self, row: LocatedRow, block: Block, current: OpenRow) -> bool:
        """Of rows with a task and its indicators side by side: whether the task is the one above.

        Its cells are merged over its indicators, or blank below the first, or repeated.
        """
        spots = [s for s in row.spots if _own(s, block.list_path) and s.area]
        number = row.pair.sheet_row
        areas = [s.area for s in spots if s.area]
        if any(a.top == number and a.bottom > number for a in areas):
            return False
        if any(a.top < number and a.top >= current.first for a in areas):
            return True
        if self.grid.origin == FILLED:
            return False
        filled = [s for s in spots if s.cell and s.cell.row == number]
        if not filled:
            return bool(spots)
        if self.grid.origin or block.list_path in self.merged_down:
            return False
        return self._repeats(filled, current)

    def _repeats(self, filled: list[Spot], current: OpenRow) -> bool:
        """Whether the same is written again: at least a name, and nothing that differs."""
        texts = {t.path: key_of(s.cell.text) for s in filled if s.cell for t in s.planned.fillable}
        above = {
            t.path: self.grid.at(*place)
            for t in (t for s in filled for t in s.planned.fillable)
            if (place := current.spots.get(t.column))
        }
        same = all((cell := above.get(p)) and key_of(cell.text) == k for p, k in texts.items())
        names = [s.cell for s in filled if s.cell and s.cell.number is None]
        if same and names:
            self.warn(
                names[0].place, "与上一行内容相同，读作同一项的下一条指标；不是同一项的，请修改名称"
            )
        return same and bool(names)

    def _opened(self, block: Block, row: LocatedRow) -> OpenRow:
        item = blank_item(self.form, block)
        outer = self.open[-1].item if self.open else None
        lists = outer.lists if outer else self.records.lists
        lists.setdefault(block.name, []).append(item)
        own = [s.area.top for s in row.spots if s.area and _own(s, block.list_path)]
        before = self.latest.get(block.list_path)
        # Its merged cells may begin in blank rows above.
        first = max(min([row.pair.sheet_row, *own]), before.last + 1 if before else 0)
        opened = OpenRow(item, block, first, row.pair.row.number, outer)
        self.every.append(opened)
        self.latest[block.list_path] = opened
        return opened

    def fill_down(self) -> None:
        """In columns that print as one where they are equal, a blank cell is what stands above
        it, unless that was said by merging."""
        for block in self.blocks.values():
            tags = [
                t
                for c in self.form.cells
                for t in c.tags
                if t.list_path == block.list_path and "merge" in t.options
            ]
            if not tags or block.list_path in self.merged_down:
                continue
            opened = [o for o in self.every if o.block is block]
            for above, below in pairwise(opened):
                if above.outer is below.outer:
                    self._continue([t.column for t in tags], above, below)

    def _continue(self, columns: list[str], above: OpenRow, below: OpenRow) -> None:
        if not any(v not in (None, "") for v in below.item.values.values()):
            return
        for column in columns:
            value = above.item.values.get(column)
            if not value or below.item.values.get(column) not in (None, "", value):
                return
            if below.item.values.get(column) != value and column in below.spots:
                below.item.values[column] = value
                self.warn(below.spots[column], f"空白，按上一行读作“{value}”")


def _own(spot: Spot, path: tuple[str, ...]) -> bool:
    return any(t.list_path == path for t in spot.planned.fillable)


def _merged_down(located: Iterable[LocatedRow]) -> set[tuple[str, ...]]:
    """The lists of which some cell is merged over several rows: there a repeated value is no
    way to write that a task goes on."""
    return {
        t.list_path
        for row in located
        for spot in row.spots
        if spot.area and spot.area.bottom > spot.area.top
        for t in spot.planned.fillable
    }
