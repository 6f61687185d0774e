"""Where in a recognised row each value stands: under its heading, beside its label, or by position."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from declarations.sheets.incoming.alignment import Alignment, Pair
from declarations.sheets.incoming.grid import Area, Grid, Place, SheetCell
from declarations.sheets.incoming.labels import figure_of
from declarations.sheets.incoming.plan import Plan, PlanCell
from declarations.sheets.row_map import Cuts

Heading = tuple[PlanCell, SheetCell]
"""Words of the form and the cell of the upload that they are in."""


@dataclass(slots=True)
class Spot:
    """Where a template cell with values stands in the upload; no area: nowhere.

    headings: the words it was found by.
    """

    planned: PlanCell
    area: Area | None
    cell: SheetCell | None = None
    headings: tuple[Heading, ...] = ()


@dataclass(slots=True)
class LocatedRow:
    """A recognised row and its values."""

    pair: Pair
    spots: list[Spot]


@dataclass(frozen=True, slots=True)
class Substitute:
    """Words in the upload that stand where the form has others."""

    cell: SheetCell
    planned: PlanCell


@dataclass
class Located:
    """rows: from top to bottom. words: places recognised as words of the form."""

    rows: list[LocatedRow] = field(default_factory=list)
    words: set[Place] = field(default_factory=set)
    substitutes: list[Substitute] = field(default_factory=list)
    headings: dict[int, Area] = field(default_factory=dict)
    """By the identity of a cell of the plan: where those words were seen last."""
    exact: bool = False
    cuts: Cuts = field(default_factory=dict)
    """As in Alignment, both."""


def locate(plan: Plan, alignment: Alignment) -> Located:
    """Finds the place of every value in every recognised row."""
    return _Locator(plan, alignment).located()


class _Locator:
    def __init__(self, plan: Plan, alignment: Alignment) -> None:
        self.plan = plan
        self.grid: Grid = alignment.grid
        self.pairs = alignment.pairs
        self.words = alignment.words
        self.exact = alignment.exact
        self.heading_of = plan.headings
        self.figures: set[Place] = set()
        self.latest: dict[int, Area] = {}  # where each heading was last seen
        self.seen_rows: set[int] = set()
        self.result = Located(exact=alignment.exact, cuts=alignment.cuts)
        self.shift = self._most_common_shift()
        self.right = self._right_edge()

    def located(self) -> Located:
        moved = {id(p.only) for p in self.pairs if p.only}
        for pair in self.pairs:
            here = {id(f.planned): self.grid.area(*f.cell.place) for f in pair.found}
            self.latest |= here
            self.seen_rows.add(pair.row.number)
            self._note_words(pair)
            if not self.exact:
                self._substitute(pair, here)
                self._note_figures(pair, here)
            wanted = pair.row.beside(pair.only) if pair.only else pair.row.values
            spots = [
                self._spot(pair, planned, here)
                for planned in wanted
                if pair.only or id(pair.row.label_of(planned)) not in moved
            ]
            said = (f.planned for f in pair.found if f.planned.says_results)
            spots += [self._spot(pair, planned, here) for planned in said]
            self.result.rows.append(LocatedRow(pair, spots))
        self.result.headings = self.latest
        return self.result

    def _most_common_shift(self) -> int:
        """How many columns the upload lies to the right of the form, by most words."""
        shifts = [f.cell.column - f.planned.cell.column for p in self.pairs for f in p.found]
        return max(set(shifts), key=shifts.count) if shifts else 0

    def _right_edge(self) -> int:
        """The last column that belongs to the form."""
        edge = self.plan.form.last_column + self.shift
        for pair in self.pairs:
            for found in pair.found:
                edge = max(edge, self.grid.area(*found.cell.place).right)
        return edge

    def _note_words(self, pair: Pair) -> None:
        self.result.words |= {f.cell.place for f in pair.found if not f.planned.holds_values}

    def _note_figures(self, pair: Pair, here: dict[int, Area]) -> None:
        """Where the form's own figures are, or others in their place: no value is read there."""
        for planned in pair.row.figures:
            area = self._by_position(pair, planned, here)
            cell = self.grid.at(area.top, area.left) if area else None
            if cell and self._is_figure(planned, cell):
                self.figures.add(cell.place)

    def _is_figure(self, planned: PlanCell, cell: SheetCell) -> bool:
        """Below its heading; where it has none, the same, or with more to the right of it."""
        if heading := self.heading_of.get(id(planned)):
            above = self.latest.get(id(heading))
            return above is not None and above.left <= cell.column <= above.right
        rest = (c.place for c in self.grid.rows[cell.row] if c.column > cell.column)
        return figure_of(cell.text) == planned.figure or any(p not in self.words for p in rest)

    def _spot(self, pair: Pair, planned: PlanCell, here: dict[int, Area]) -> Spot:
        if id(planned) in here:
            at = here[id(planned)]
            return Spot(planned, at, self.grid.at(at.top, at.left))
        area = self._area(pair, planned, here)
        if area and not self.exact and self.grid.at(area.top, area.left) is None:
            area = self._beside_heading(planned) or area
        return Spot(
            planned,
            area,
            self.grid.at(area.top, area.left) if area else None,
            tuple(self._headings(pair, planned)),
        )

    def _area(self, pair: Pair, planned: PlanCell, here: dict[int, Area]) -> Area | None:
        if self.exact:
            return self.grid.area(pair.sheet_row, planned.cell.column)
        if planned.cell.depth > 0 and id(planned) in self.heading_of:
            return self._by_heading(pair, planned) or (
                None if self._heading_missing(planned) else self._by_position(pair, planned, here)
            )
        label = pair.row.label_of(planned)
        if label and id(label) not in here and not _stands_beside(label, planned):
            return self._without_label(pair, planned, label, here)
        return self._by_label(pair, planned, here) or self._by_position(pair, planned, here)

    def _without_label(
        self, pair: Pair, planned: PlanCell, label: PlanCell, here: dict[int, Area]
    ) -> Area | None:
        """By position, where the form's label is not there; not where another of its labels is."""
        cell = self.grid.at(pair.sheet_row, max(label.cell.column + self.shift, 1))
        if cell and cell.place in self.words:
            return None
        if cell and cell.row == pair.sheet_row and cell.place not in self.result.words:
            self.result.substitutes.append(Substitute(cell, label))
            self.result.words.add(cell.place)
        return self._by_heading(pair, planned) or self._by_position(pair, planned, here)

    def _headings(self, pair: Pair, planned: PlanCell) -> Iterator[Heading]:
        for words in (self.heading_of.get(id(planned)), pair.row.label_of(planned)):
            area = self.latest.get(id(words)) if words else None
            cell = self.grid.at(area.top, area.left) if area else None
            if words and cell:
                yield words, cell

    def _heading_missing(self, planned: PlanCell) -> bool:
        """Whether the row with a column's heading is there, but without that heading."""
        heading = self.heading_of.get(id(planned))
        return heading is not None and heading.cell.row in self.seen_rows

    def _by_heading(self, pair: Pair, planned: PlanCell) -> Area | None:
        heading = self.heading_of.get(id(planned))
        area = self.latest.get(id(heading)) if heading else None
        if heading is None or area is None:
            return None
        if heading.cell.column == planned.cell.column:
            return self._first_filled(pair.sheet_row, area.left, area.right)
        under = [
            c
            for c in pair.row.values
            if heading.cell.column <= c.cell.column
            and c.cell.last_column <= heading.cell.last_column
        ]
        return self._nth(pair.sheet_row, area.left, area.right, under.index(planned))

    def _beside_heading(self, planned: PlanCell) -> Area | None:
        """To the right of its heading, where people write what the form has below it: the next
        cell, if more stands in that row than the form's words."""
        heading = self.heading_of.get(id(planned))
        area = self.latest.get(id(heading)) if heading else None
        if heading is None or area is None or planned.cell.depth:
            return None
        row = self.plan.rows[self.plan.index[heading.cell.row]]
        headed = [h for h in self.heading_of.values() if h is heading]
        cells = self.grid.rows[area.top]
        if len(headed) > 1 or row.values or len(cells) <= len(row.words):
            return None
        found = next((c for c in cells if c.column > area.right), None)
        if found is None or found.place in self.words | self.result.words:
            return None
        return self.grid.area(*found.place)

    def _by_label(self, pair: Pair, planned: PlanCell, here: dict[int, Area]) -> Area | None:
        """To the right of the words that stand left of it; of several, under their headings."""
        words = pair.row.label_of(planned)
        label = here.get(id(words)) or self.latest.get(id(words)) if words else None
        if words is None or label is None:
            return self._by_heading(pair, planned)
        others = [area.left for area in here.values() if area.left > label.right]
        first, last = label.right + 1, min(others, default=self.right + 1) - 1
        if first > last:
            return None
        next_words = [
            c.cell.column
            for c in pair.row.cells
            if c.is_words and c.cell.column > planned.cell.column
        ]
        end = min(next_words, default=self.plan.form.last_column + 1)
        beside = [c for c in pair.row.beside(words) if c.cell.column < end]
        if len(beside) == 1:
            return self._first_filled(pair.sheet_row, first, last)
        area = self._by_heading(pair, planned)
        if area and first <= area.left <= last:
            return area
        ordinal = beside.index(planned)
        if len(list(self.grid.across(pair.sheet_row, first, last))) == pair.row.places(words, end):
            ordinal = pair.row.places(words, planned.cell.column)
        return self._nth(pair.sheet_row, first, last, ordinal)

    def _by_position(self, pair: Pair, planned: PlanCell, here: dict[int, Area]) -> Area | None:
        shift = self.shift
        words = [f for f in pair.found if f.planned.cell.column <= planned.cell.column]
        if words:
            nearest = max(words, key=lambda f: f.planned.cell.column)
            shift = nearest.cell.column - nearest.planned.cell.column
        column = planned.cell.column + shift
        if column < 1:
            return None
        area = self.grid.area(pair.sheet_row, column)
        return None if area in here.values() else area

    def _first_filled(self, row: int, first: int, last: int) -> Area:
        areas = list(self.grid.across(row, first, last))
        free = [area for area in areas if (area.top, area.left) not in self.figures]
        for area in free:
            if self.grid.at(area.top, area.left) and (area.top, area.left) not in self.result.words:
                return area
        return (free or areas)[0]

    def _nth(self, row: int, first: int, last: int, number: int) -> Area | None:
        areas = list(self.grid.across(row, first, last))
        return areas[number] if number < len(areas) else None

    def _substitute(self, pair: Pair, here: dict[int, Area]) -> None:
        """Headings that read otherwise than the form's, where just as many are unknown
        between two that are known."""
        row = pair.row
        if not here or all(id(c) in here for c in row.words):
            return
        known = {f.cell.place for f in pair.found}
        unknown = [c for c in self.grid.rows[pair.sheet_row] if c.place not in known]
        for lacking, left, right in _runs(row.words, here):
            if any(c.fillable or c.pattern for c in lacking):
                continue
            between = [c for c in unknown if left < c.column < right]
            if len(between) == len(lacking) and self._head_columns(lacking):
                for planned, cell in zip(lacking, between, strict=True):
                    self.latest[id(planned)] = self.grid.area(*cell.place)
                    self.result.words.add(cell.place)
                    self.result.substitutes.append(Substitute(cell, planned))

    def _head_columns(self, lacking: list[PlanCell]) -> bool:
        headings = {id(h) for h in self.heading_of.values()}
        return all(id(c) in headings for c in lacking)


def _stands_beside(label: PlanCell, planned: PlanCell) -> bool:
    """Whether a label is there once for several rows of values."""
    return label.cell.depth < planned.cell.depth or label.cell.row < planned.cell.row


def _runs(
    words: list[PlanCell], here: dict[int, Area]
) -> Iterator[tuple[list[PlanCell], int, float]]:
    """Neighbouring words that are not there, with the columns of the known ones around them."""
    run: list[PlanCell] = []
    left = 0
    for planned in words:
        area = here.get(id(planned))
        if area is None:
            run.append(planned)
            continue
        if run:
            yield run, left, area.left
        run, left = [], area.right
    if run:
        yield run, left, float("inf")
