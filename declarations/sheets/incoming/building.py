"""The values of recognised rows, put together as the records of a form."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from declarations.sheets.catalogue import FUNDING_COLUMNS, INDICATORS, columns_of
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, Form
from declarations.sheets.incoming.amounts import Reading, read_cell, read_typed
from declarations.sheets.incoming.columns import Located, LocatedRow, Spot
from declarations.sheets.incoming.grid import Area, CellKind, Grid, Place, SheetCell, coordinate
from declarations.sheets.incoming.labels import key_of
from declarations.sheets.incoming.report import CellProblem
from declarations.sheets.incoming.together import take_apart
from declarations.sheets.incoming.units import Units
from declarations.sheets.kinds import NUMERIC_KINDS
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.tags import Tag
from declarations.sheets.values import Chain
from declarations.sheets.workbook import FILLED

_MOST_PIECES = 12
_TOTALS = frozenset({"合计", "小计", "总计", "共计", "累计"})


@dataclass(slots=True)
class Computed:
    """A computed cell of the upload: what stands there, and where."""

    tag: Tag
    rows: Chain
    text: str
    cell: SheetCell
    unit: str


@dataclass
class Built:
    """Records and what was met on the way. read: places whose content was used."""

    records: Records
    places: dict[str, str] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    read: set[Place] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)  # tags that the upload has a place for
    computed: list[Computed] = field(default_factory=list)


def build(form: Form, grid: Grid, located: Located, context: dict[str, str]) -> Built:
    """Reads every recognised value; rows in which nothing is filled in are left out."""
    builder = _Builder(form, grid, located, context)
    for row in located.rows:
        builder.add(row)
    return builder.finish()


@dataclass(eq=False)
class _Open:
    """A list's row that is being read. last: the template row it was last seen in. outer: the
    row that it is nested in."""

    item: Item
    block: Block
    row: int
    last: int
    outer: Item | None = None
    spots: dict[str, tuple[Place, str]] = field(default_factory=dict)


class _Builder:
    def __init__(self, form: Form, grid: Grid, located: Located, context: dict[str, str]) -> None:
        self.form = form
        self.grid = grid
        self.units = Units(form, grid)
        self.built = Built(_blank_records(form, context))
        self.blocks = {b.list_path: b for b in form.blocks()}
        self.open: list[_Open] = []
        self.all_open: list[_Open] = []
        self.words = located.words
        self.merged_down = _merged_down(grid, located)

    def add(self, row: LocatedRow) -> None:
        if row.pair.row.path:
            if self._is_total(row):
                self._warn_total(row)
                return
            self._enter(row)
        for spot in row.spots:
            self._read(row, spot)

    def finish(self) -> Built:
        self.built.warnings[:0] = self.units.warnings.values()
        if not self.grid.origin:
            self._fill_down()
        kept = _without_blank(self.built.records)
        for number, item in enumerate(kept, start=1):
            item.id = number
        for opened in self.all_open:
            if any(opened.item is item for item in kept):
                for column, (_, cell) in opened.spots.items():
                    self.built.places[opened.item.anchor(column)] = cell
        return self.built

    def _fill_down(self) -> None:
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
            opened = [o for o in self.all_open if o.block is block]
            for above, below in pairwise(opened):
                if above.outer is below.outer:
                    self._continue([t.column for t in tags], above, below)

    def _continue(self, columns: list[str], above: "_Open", below: "_Open") -> None:
        if not any(v not in (None, "") for v in below.item.values.values()):
            return
        for column in columns:
            value = above.item.values.get(column)
            if not value or below.item.values.get(column) not in (None, "", value):
                return
            if below.item.values.get(column) != value and column in below.spots:
                below.item.values[column] = value
                self._warn(below.spots[column][0], f"空白，按上一行读作“{value}”")

    # Rows of lists

    def _enter(self, row: LocatedRow) -> None:
        """Opens the rows of lists that begin in a row of the upload."""
        number, path = row.pair.row.number, row.pair.row.path
        for depth in range(len(path)):
            block = self.blocks[path[: depth + 1]]
            current = self.open[depth] if depth < len(self.open) else None
            if current and current.block.list_path != block.list_path:
                current = None
            innermost = depth == len(path) - 1
            if current and self._goes_on(row, block, current, innermost=innermost):
                current.last = number
                continue
            del self.open[depth:]
            self.open.append(self._opened(block, row))

    def _goes_on(self, row: LocatedRow, block: Block, current: _Open, *, innermost: bool) -> bool:
        """Whether a row of the upload still belongs to the list's row that is open."""
        number = row.pair.row.number
        if innermost:
            return number > current.last
        if number != block.first_row:
            return True
        if number < current.last:
            return False
        return self._same_outer(row, block, current)

    def _same_outer(self, row: LocatedRow, block: Block, current: _Open) -> bool:
        """Of rows with a task and its indicators side by side: whether the task is the one above.

        Its cells are merged over its indicators, or blank below the first, or repeated.
        """
        spots = [s for s in row.spots if _own(s, block.list_path) and s.area]
        number = row.pair.sheet_row
        areas = [s.area for s in spots if s.area]
        if any(a.top == number and a.bottom > number for a in areas):
            return False
        if any(a.top < number and a.top >= current.row for a in areas):
            return True
        if self.grid.origin == FILLED:
            return False
        filled = [s for s in spots if s.cell and s.cell.row == number]
        if not filled:
            return bool(spots)
        if self.grid.origin or block.list_path in self.merged_down:
            return False
        return self._repeats(filled, current)

    def _repeats(self, filled: list[Spot], current: _Open) -> bool:
        """Whether the same is written again: at least a name, and nothing that differs."""
        texts = {t.path: key_of(s.cell.text) for s in filled if s.cell for t in s.planned.fillable}
        above = {
            t.path: self.grid.at(*place)
            for t in (t for s in filled for t in s.planned.fillable)
            if (place := current.spots.get(t.column, (None, ""))[0])
        }
        same = all((cell := above.get(p)) and key_of(cell.text) == k for p, k in texts.items())
        if same and any(s.cell and s.cell.number is None for s in filled):
            first = filled[0].cell
            assert first
            self._warn(
                first.place, "与上一行内容相同，读作同一项的下一条指标；不是同一项的，请修改名称"
            )
        return same

    def _opened(self, block: Block, row: LocatedRow) -> _Open:
        item = _blank_item(self.form, block)
        outer = self.open[-1].item if self.open else None
        lists = outer.lists if outer else self.built.records.lists
        lists.setdefault(block.name, []).append(item)
        opened = _Open(item, block, row.pair.sheet_row, row.pair.row.number, outer)
        self.all_open.append(opened)
        return opened

    def _is_total(self, row: LocatedRow) -> bool:
        """Whether a row in a list is a total that the form does not have there: it is called
        so, and its numbers are the sums of those above."""
        filled = [s for s in row.spots if s.cell and s.cell.row == row.pair.sheet_row]
        names = [s for s in filled if s.cell and key_of(s.cell.text[:10]) in _TOTALS]
        numbers = [s for s in filled if s.cell and s.cell.number is not None]
        if not names or not numbers or len(filled) != len(names) + len(numbers):
            return False
        above = [i for rows in self._rows_above(row) for i in rows]
        return len(above) > 1 and all(self._is_sum(spot, above) for spot in numbers)

    def _rows_above(self, row: LocatedRow) -> Iterator[list[Item]]:
        lists = self.built.records.lists
        path = row.pair.row.path
        outer = lists.get(path[0], [])
        yield from [outer] if len(path) == 1 else (i.lists.get(path[1], []) for i in outer)

    def _is_sum(self, spot: Spot, above: list[Item]) -> bool:
        tag = next(iter(spot.planned.fillable), None)
        if tag is None or spot.cell is None:
            return tag is None
        form_field = self.form.fields[tag.path]
        said = read_cell(form_field, spot.cell, self.units.of(form_field, spot)).value
        values = [i.values.get(tag.column) for i in above]
        return said == sum((v for v in values if isinstance(v, Decimal)), Decimal(0))

    def _warn_total(self, row: LocatedRow) -> None:
        cells = [s.cell for s in row.spots if s.cell and s.cell.row == row.pair.sheet_row]
        for cell in cells:
            self.built.read.add(cell.place)
        self._warn(cells[0].place, "表样在这里没有合计行，这一行没有读入；合计由系统计算")

    # Values

    def _read(self, row: LocatedRow, spot: Spot) -> None:
        tags = [t for t in spot.planned.cell.tags if not (t.is_context or t.is_number)]
        if spot.area is None:
            return
        self.built.seen |= {t.path for t in tags}
        cell = self._own_cell(row, spot)
        if cell:
            self.built.read.add(cell.place)
        if len(spot.planned.cell.parts) == 1:
            for tag in tags:
                self._read_alone(tag, spot, cell)
        else:
            self._read_together(tags, spot, cell)

    def _own_cell(self, row: LocatedRow, spot: Spot) -> SheetCell | None:
        """The cell of a value; what a range merged downwards says holds for each of its rows,
        but an amount is counted once."""
        cell, number = spot.cell, row.pair.sheet_row
        if cell is None or cell.row >= number or not row.pair.row.path:
            return cell
        depth = len(spot.planned.fillable[0].list_path) if spot.planned.fillable else 0
        opened = self.open[depth - 1] if 0 < depth <= len(self.open) else None
        if opened is None or opened.row <= cell.row:
            return cell
        fields = [self.form.fields[t.path] for t in spot.planned.fillable]
        if any(f.numeric for f in fields):
            self._warn(cell.place, "合并的单元格跨了几行，其中的数只读入第一行")
            return None
        return cell

    def _read_alone(self, tag: Tag, spot: Spot, cell: SheetCell | None) -> None:
        form_field = self.form.fields[tag.path]
        unit = self.units.of(form_field, spot)
        if tag.expression:
            if cell:
                self._note_computed(tag, cell.text, cell, spot, unit)
            return
        reading = read_cell(form_field, cell, unit)
        assert spot.area
        self._store(tag, form_field, reading, cell.place if cell else _first(spot.area))

    def _read_together(self, tags: list[Tag], spot: Spot, cell: SheetCell | None) -> None:
        assert spot.area
        place = cell.place if cell else _first(spot.area)
        if cell and cell.kind in (CellKind.UNCOMPUTED, CellKind.ERROR):
            for tag in tags:
                if tag.expression is None:
                    self._store(
                        tag,
                        self.form.fields[tag.path],
                        read_cell(self.form.fields[tag.path], cell, ""),
                        place,
                    )
            return
        texts = take_apart(self.form, spot.planned.cell.parts, cell.text) if cell else {}
        pieces: dict[str, Place] = {}
        if cell and not any((texts or {}).get(t.path, "").strip() for t in tags):
            texts, pieces = self._across(spot, cell, texts)
        if texts is None:
            names = "、".join(self.form.fields[t.path].label for t in tags if not t.expression)
            if names:
                self._problem(
                    place, f"无法分清这一格中的{names}，请保留表样中的文字，把内容填在它们后面"
                )
            texts = {}
        for tag in tags:
            text = texts.get(tag.path, "")
            form_field = self.form.fields[tag.path]
            unit = self.units.of(form_field, spot)
            if tag.expression:
                if cell and text.strip():
                    self._note_computed(tag, text, cell, spot, unit)
                continue
            own_place = pieces.get(text.strip(), place)
            self._store(tag, form_field, read_typed(form_field, text, unit), own_place)

    def _across(
        self, spot: Spot, cell: SheetCell, texts: dict[str, str] | None
    ) -> tuple[dict[str, str] | None, dict[str, Place]]:
        """Where the words have their cell and the values theirs: those of the row together, and
        the places by their texts."""
        others = [
            c
            for c in self.grid.rows[cell.row]
            if c.column > cell.column and c.place not in self.words | self.built.read
        ]
        if not others or len(others) > _MOST_PIECES:
            return texts, {}
        whole = "　".join(c.text for c in [cell, *others])
        found = take_apart(self.form, spot.planned.cell.parts, whole)
        if not found or not any(found.get(t.path, "").strip() for t in spot.planned.fillable):
            return texts, {}
        self.built.read |= {c.place for c in others}
        return found, {c.text.strip(): c.place for c in others}

    def _store(self, tag: Tag, form_field: Field, reading: Reading, place: Place) -> None:
        if reading.problem:
            self._problem(place, f"{form_field.label}：{reading.problem}")
        if reading.warning:
            self._warn(place, f"{form_field.label}：{reading.warning}")
        value = _fitting(tag, reading.value)
        if tag.list_path:
            opened = self.open[len(tag.list_path) - 1]
            if tag.column not in opened.spots or value not in (None, ""):
                opened.item.values[tag.column] = value
                opened.spots[tag.column] = (place, coordinate(place))
            return
        anchor = tag.path.replace(".", "/")
        self.built.places[anchor] = coordinate(place)
        if tag.path.startswith("funding."):
            _, key, column = tag.path.split(".")
            self.built.records.funding[key][column] = value
        else:
            self.built.records.texts[tag.column] = str(value or "")

    def _note_computed(self, tag: Tag, text: str, cell: SheetCell, spot: Spot, unit: str) -> None:
        rows = tuple(o.item for o in self.open)[: spot.planned.cell.depth]
        self.built.computed.append(Computed(tag, rows, text, cell, unit))

    def _problem(self, place: Place, message: str) -> None:
        self.built.problems.append(CellProblem(self.grid.name, coordinate(place), message))

    def _warn(self, place: Place, message: str) -> None:
        warning = CellProblem(self.grid.name, coordinate(place), message)
        if warning not in self.built.warnings[-20:]:
            self.built.warnings.append(warning)


def _first(area: Area) -> Place:
    return area.top, area.left


def _own(spot: Spot, path: tuple[str, ...]) -> bool:
    return any(t.list_path == path for t in spot.planned.fillable)


def _merged_down(grid: Grid, located: Located) -> set[tuple[str, ...]]:
    """The lists of which some cell is merged over several rows: there a repeated value is no
    way to write that a task goes on."""
    return {
        t.list_path
        for row in located.rows
        for spot in row.spots
        if spot.area and spot.area.bottom > spot.area.top
        for t in spot.planned.fillable
    }


def _fitting(tag: Tag, value: Value) -> Value:
    """A value as its column keeps it: numbers in columns of text, and in `extra`, as text."""
    if tag.path.startswith("funding."):
        kinds = FUNDING_COLUMNS
    else:
        kinds = columns_of(tag.list_path[-1]) if tag.list_path else {}
    if kinds.get(tag.column) in NUMERIC_KINDS:
        return value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value or ""


def _blank_records(form: Form, context: dict[str, str]) -> Records:
    """What a declaration without content has, as it is read from the database."""
    records = Records(context=dict(context))
    lines = [c for c in FUNDING_COLUMNS if c in form.columns]
    for tag in form.fields:
        head, _, rest = tag.partition(".")
        if head == "funding":
            records.funding[rest.partition(".")[0]] = dict.fromkeys(lines)
        elif head == "text":
            records.texts[rest] = ""
    for block in form.root.children:
        records.lists[block.name] = []
    return records


def _blank_item(form: Form, block: Block) -> Item:
    known = columns_of(block.name)
    values: dict[str, Value] = {
        column: None if kind in NUMERIC_KINDS else ""
        for column, kind in known.items()
        if column in form.columns
    }
    values |= {
        f.column: "" for f in form.fields_of(block.list_path) if f.column.startswith("extra.")
    }
    return Item("indicator" if block.name == INDICATORS else "task", 0, values)


def _without_blank(records: Records) -> list[Item]:
    """Takes out the rows in which nothing is filled in; the others in order, outer before inner."""

    def kept(rows: list[Item]) -> Iterator[Item]:
        for item in rows:
            item.lists = {name: list(kept(inner)) for name, inner in item.lists.items()}
            item.lists = {name: inner for name, inner in item.lists.items() if inner}
            if item.lists or any(v not in (None, "") for v in item.values.values()):
                yield item

    for name, rows in records.lists.items():
        records.lists[name] = list(kept(rows))
    return list(records.items())
