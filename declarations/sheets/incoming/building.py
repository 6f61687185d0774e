"""The values of recognised rows, put together as the records of a form."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.incoming.amounts import Reading, read_cell, read_typed
from declarations.sheets.incoming.columns import Located, LocatedRow, Spot
from declarations.sheets.incoming.grid import Area, CellKind, Grid, Place, SheetCell, coordinate
from declarations.sheets.incoming.labels import key_of
from declarations.sheets.incoming.rows import ListRows
from declarations.sheets.incoming.shape import blank_records, fitting, without_blank
from declarations.sheets.incoming.together import Parts, cut_at, take_apart
from declarations.sheets.incoming.units import Units, values_among
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Item, Records, anchor_of_path
from declarations.sheets.tags import Tag
from declarations.sheets.values import Chain

_MOST_PIECES = 12
_FEWEST_ADDENDS = 2
_MOST_TOTALS = 100
"""Rows that may be totals and are added up to see."""
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


class _Builder:
    def __init__(self, form: Form, grid: Grid, located: Located, context: dict[str, str]) -> None:
        self.form = form
        self.grid = grid
        self.units = Units(form, grid, values_among(located.rows))
        self.built = Built(blank_records(form, context))
        self.words = located.words
        self.exact, self.cuts = located.exact, located.cuts
        self.totals = 0
        self.lists = ListRows(form, grid, self.built.records, located.rows, self._warn)

    def add(self, row: LocatedRow) -> None:
        if row.pair.row.path:
            if self._is_total(row):
                self._warn_total(row)
                return
            self.lists.enter(row)
        for spot in row.spots:
            self._read(row, spot)

    def finish(self) -> Built:
        self.built.warnings[:0] = self.units.warnings()
        if not self.grid.origin:
            self.lists.fill_down()
        kept = without_blank(self.built.records)
        for number, item in enumerate(kept, start=1):
            item.id = number
        for opened in self.lists.every:
            if opened.item.id:
                for column, place in opened.spots.items():
                    self.built.places[opened.item.anchor(column)] = coordinate(place)
        return self.built

    def _is_total(self, row: LocatedRow) -> bool:
        """Whether a row in a list is a total that the form does not have there: it is called
        so, and its numbers are the sums of those above."""
        filled = [s for s in row.spots if s.cell and s.cell.row == row.pair.sheet_row]
        names = [s for s in filled if s.cell and key_of(s.cell.text[:10]) in _TOTALS]
        numbers = [s for s in filled if s.cell and s.cell.number is not None]
        if not names or not numbers or len(filled) != len(names) + len(numbers):
            return False
        self.totals += 1
        if self.totals > _MOST_TOTALS:
            return False
        above = [i for rows in self._rows_above(row) for i in rows]
        if len(above) < _FEWEST_ADDENDS or not all(self._is_sum(s, above) for s in numbers):
            return False
        if self.grid.origin and names[0].cell:  # whoever fills in ours has named a row so
            self._warn(names[0].cell.place, "这一行像是合计，已作为一项读入；如是合计，请删除")
            return False
        return True

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
        tags = _valued(spot)
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
            self._read_together(row, spot, cell)

    def _own_cell(self, row: LocatedRow, spot: Spot) -> SheetCell | None:
        """The cell of a value; what a range merged downwards says holds for each of its rows,
        but an amount is counted once."""
        cell, number = spot.cell, row.pair.sheet_row
        if cell is None or cell.row >= number or not row.pair.row.path:
            return cell
        depth = len(spot.planned.fillable[0].list_path) if spot.planned.fillable else 0
        opened = self.lists.open[depth - 1] if 0 < depth <= len(self.lists.open) else None
        if opened is None or opened.first <= cell.row:
            return cell
        if self.exact and spot.planned.cell.merges:
            return cell  # equal neighbours, which we have made one
        fields = [self.form.fields[t.path] for t in spot.planned.fillable]
        if any(f.numeric for f in fields):
            self._warn(cell.place, "合并的单元格跨了几行，其中的数只读入第一行")
            return None
        return cell

    def _read_alone(self, tag: Tag, spot: Spot, cell: SheetCell | None) -> None:
        form_field = self.form.fields[tag.path]
        unit = self.units.of(form_field, spot)
        if tag.is_computed:
            if cell:
                self._note_computed(tag, cell.text, cell, spot, unit)
            return
        reading = read_cell(form_field, cell, unit)
        assert spot.area
        self._store(tag, form_field, reading, cell.place if cell else _first(spot.area))

    def _read_together(self, row: LocatedRow, spot: Spot, cell: SheetCell | None) -> None:
        assert spot.area
        tags = _valued(spot)
        place = cell.place if cell else _first(spot.area)
        if cell and cell.kind in (CellKind.UNCOMPUTED, CellKind.ERROR):
            for tag in (t for t in tags if not t.is_computed):
                form_field = self.form.fields[tag.path]
                self._store(tag, form_field, read_cell(form_field, cell, ""), place)
            return
        texts = self._texts(spot.planned.cell.parts, cell) if cell else {}
        pieces: dict[str, Place] = {}
        alone = cell and not any((texts or {}).get(t.path, "").strip() for t in tags)
        if cell and alone and not spot.planned.cell.depth:
            texts, pieces = self._across(row, spot, cell, texts)
        if texts is None:
            names = "、".join(self.form.fields[t.path].label for t in tags if not t.is_computed)
            if names:
                self._problem(
                    place, f"无法分清这一格中的{names}，请保留表样中的文字，把内容填在它们后面"
                )
            texts = {}
        for tag in tags:
            text = texts.get(tag.path, "")
            form_field = self.form.fields[tag.path]
            unit = self.units.of(form_field, spot)
            if cell:
                unit = self.units.beside(form_field, text, cell) or unit
            if tag.is_computed:
                if cell and text.strip():
                    self._note_computed(tag, text, cell, spot, unit)
                continue
            own_place = pieces.get(text.strip(), place)
            self._store(tag, form_field, read_typed(form_field, text, unit), own_place)

    def _texts(self, parts: Parts, cell: SheetCell) -> dict[str, str] | None:
        """The values among words in a cell: of the lengths that we wrote, or found by the words."""
        found = cut_at(self.form, parts, self.cuts.get(cell.place, ()), cell.text)
        return found or take_apart(self.form, parts, cell.text)

    def _across(
        self, row: LocatedRow, spot: Spot, cell: SheetCell, texts: dict[str, str] | None
    ) -> tuple[dict[str, str] | None, dict[str, Place]]:
        """Where the words have their cell and the values theirs: those of the row together, and
        the places by their texts."""
        taken = self.words | {s.cell.place for s in row.spots if s.cell}
        others = [
            c for c in self.grid.rows[cell.row] if c.column > cell.column and c.place not in taken
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
        value = fitting(tag, reading.value)
        if tag.list_path:
            opened = self.lists.open[len(tag.list_path) - 1]
            if tag.column not in opened.spots or value not in (None, ""):
                opened.item.values[tag.column] = value
                opened.spots[tag.column] = place
            return
        self.built.places[anchor_of_path(tag.path)] = coordinate(place)
        self.built.records.set_cell(tag.path, value)

    def _note_computed(self, tag: Tag, text: str, cell: SheetCell, spot: Spot, unit: str) -> None:
        """What a formula's cell says; what is worked out elsewhere is not compared."""
        if tag.shown:
            return
        rows = tuple(o.item for o in self.lists.open)[: spot.planned.cell.depth]
        self.built.computed.append(Computed(tag, rows, text, cell, unit))

    def _problem(self, place: Place, message: str) -> None:
        self.built.problems.append(CellProblem(self.grid.name, coordinate(place), message))

    def _warn(self, place: Place, message: str) -> None:
        warning = CellProblem(self.grid.name, coordinate(place), message)
        if warning not in self.built.warnings[-20:]:
            self.built.warnings.append(warning)


def _valued(spot: Spot) -> list[Tag]:
    """The tags that are filled in or computed."""
    return [t for t in spot.planned.cell.tags if not (t.is_context or t.is_number)]


def _first(area: Area) -> Place:
    return area.top, area.left
