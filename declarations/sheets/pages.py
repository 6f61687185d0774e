"""Decides which rows of a bound form go on which page, before anything is laid out.

WeasyPrint breaks a table badly where cells span the break: columns shift and
borders are lost. So the breaks are ours: row heights are estimated, each page is
a table of its own, and cells that span a break are printed again after it, with
the headings of the list they stand in. Lengths are in pt.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from declarations.sheets.form import Form
from declarations.sheets.linebreaks import LINE_HEIGHT, break_lines
from declarations.sheets.table import Cell, Row, Table

DRAFT = "草稿"
"""What every page says of a form that is not submitted yet."""
POINTS_PER_MM = 72 / 25.4
"""CSS and PDF points."""

PADDING_X = 3.5
PADDING_Y = 2.0
RULE = 0.75
TABLE_MARGIN = 4.0
"""The padding of a cell, the thickness of rules, the space above and below the table."""

_EDGES_Y = 2 * PADDING_Y + RULE
_EDGES_X = 2 * PADDING_X + RULE
_ROUNDING = 0.5
_MOST_REPEATED = 1 / 3
"""Headings taller than this share of a page are not printed again."""


@dataclass(slots=True)
class PrintedRow:
    """One row as printed. `strip` names it in `Layout.correct`; None where printed again."""

    row: Row
    cells: list[Cell]
    strip: int | None


@dataclass(slots=True)
class Page:
    """The strips of one page: those printed again, then `first` to `last`."""

    repeated: list[int]
    first: int
    last: int

    @property
    def strips(self) -> Iterable[int]:
        return chain(self.repeated, range(self.first, self.last + 1))


@dataclass(slots=True)
class _Strip:
    """What no page break divides: a row, or a line of a row taller than a page."""

    row: int
    height: float


@dataclass(slots=True)
class _Box:
    """A cell over its strips. `lines` where it is taller than a page and runs on."""

    cell: Cell
    first: int
    last: int
    height: float
    lines: list[str] = field(default_factory=list)

    @property
    def line_height(self) -> float:
        return self.cell.style.size * LINE_HEIGHT


class Layout:
    """The estimated layout of one table: plan its pages, correct by what was measured. below:
    the room that something needs below the table and its lines, on their page."""

    def __init__(self, table: Table, *, below: float = 0.0) -> None:
        self.table = table
        page = table.form.page
        top, right, bottom, left = page.margins
        self.width = (page.width - left - right) * POINTS_PER_MM
        self.height = (page.height - top - bottom) * POINTS_PER_MM
        self.room = self.height - RULE - _ROUNDING
        self.head = sum(self.line_height(c) for c in table.head) + TABLE_MARGIN
        self.foot = sum(self.line_height(c) for c in table.foot) + TABLE_MARGIN + below
        self.headings = _headings(table)
        self._strips: list[_Strip] = []
        self._boxes: list[_Box] = []
        self._divide()
        self._index()

    def plan(self) -> list[Page]:
        """The pages, each as full as it can be without printing much again on the next."""
        bottoms = [bottom for bottom, _ in self._run(range(len(self._strips)))]
        pages: list[Page] = []
        while (first := pages[-1].last + 1 if pages else 0) < len(self._strips):
            pages.append(self._page(first, bottoms))
        return pages

    def height_of(self, page: Page) -> float:
        """How high the page's part of the table is expected to be."""
        *_, (_, closed) = self._run(page.strips)
        return closed

    def foot_fits(self, pages: list[Page]) -> bool:
        """Whether the lines below the table are on the last of these pages."""
        if not pages:
            return True
        head = self.head if len(pages) == 1 else 0.0
        return head + self.height_of(pages[-1]) + self.foot <= self.room

    def rows(self, pages: list[Page]) -> list[list[PrintedRow]]:
        """The rows of each page, with spans ended at its foot and begun again at its head."""
        printed: dict[int, int] = {}
        return [self._rows(page, printed) for page in pages]

    def correct(self, pages: list[Page], measured: Mapping[int, float], head: float) -> None:
        """Replaces estimates by the heights that the rows of a plan were measured to have.

        measured: `PrintedRow.strip` to height. head: the height of the lines above the
        table.
        """
        self.head = head
        for page in pages:
            before = 0.0
            for group, bottom in self._groups_with_bottoms(page):
                estimated, before = bottom - before, bottom
                actual = measured.get(group[0])
                if actual is None or group[0] < page.first:
                    continue
                own = sum(self._strips[s].height for s in group)
                if len(group) > 1 and actual < estimated:
                    continue  # the last lines of a row that runs on
                if estimated <= own + _EDGES_Y:
                    for s in group:
                        self._strips[s].height *= actual / estimated
                else:
                    for box in self._spans[group[-1]]:
                        if box.last == group[-1] or group[-1] == page.last:
                            box.height += actual - estimated

    def line_height(self, cell: Cell) -> float:
        """The height of a line above or below the table."""
        width = self.width / cell.style.size
        lines = len(break_lines(cell.text, width, bold=cell.style.bold))
        return lines * cell.style.size * LINE_HEIGHT + 2 * line_padding(self.table.form, cell)

    # Estimating

    def _divide(self) -> None:
        """Makes strips of the rows and boxes of the cells."""
        rows = self.table.rows
        texts = {id(c): self._lines(c) for row in rows for c in row.cells}
        heights = {
            id(c): len(texts[id(c)]) * c.style.size * LINE_HEIGHT + _EDGES_Y
            for row in rows
            for c in row.cells
        }
        plain = [self._own_height(row, heights) for row in rows]
        ends = {
            id(c): min(i + c.rowspan, len(rows)) - 1
            for i, row in enumerate(rows)
            for c in row.cells
        }
        limits = self._limits(plain)
        running = {id(c) for row in rows for c in row.cells if heights[id(c)] > limits[ends[id(c)]]}
        short = {key: h for key, h in heights.items() if key not in running}
        own = [self._own_height(row, short) for row in rows]
        needs = self._needs(running, heights, ends, own)
        first_strip: list[int] = []
        for index, height in enumerate(own):
            first_strip.append(len(self._strips))
            if index not in needs:
                self._strips.append(_Strip(index, height))
                continue
            need, line = needs[index]
            self._strips += [_Strip(index, line) for _ in range(math.ceil(need / line))]
        first_strip.append(len(self._strips))
        for index, row in enumerate(rows):
            for cell in row.cells:
                last = first_strip[ends[id(cell)] + 1] - 1
                lines = texts[id(cell)] if id(cell) in running else []
                box = _Box(cell, first_strip[index], last, heights[id(cell)], lines)
                self._boxes.append(box)

    def _limits(self, heights: list[float]) -> list[float]:
        """How high each row may be on a page of its own; forgets headings that are too high."""
        limits = []
        for index, headings in enumerate(self.headings):
            above = sum(heights[h] for h in headings)
            if above > self.height * _MOST_REPEATED:
                self.headings[index], above = [], 0.0
            limits.append(self.room - above - (0.0 if index else self.head))
        return limits

    def _needs(
        self,
        running: set[int],
        heights: Mapping[int, float],
        ends: Mapping[int, int],
        own: list[float],
    ) -> dict[int, tuple[float, float]]:
        """Of rows that must be divided: the height they need, and that of a line in them."""
        needs: dict[int, tuple[float, float]] = {}
        for index, row in enumerate(self.table.rows):
            for cell in row.cells:
                if id(cell) not in running:
                    continue
                end = ends[id(cell)]
                line = cell.style.size * LINE_HEIGHT
                before = sum(math.floor(height / line) for height in own[index:end])
                need = heights[id(cell)] - _EDGES_Y - before * line
                known = needs.get(end, (own[end], 0.0))
                needs[end] = (max(known[0], need), max(known[1], line))
        return needs

    def _index(self) -> None:
        self._spans: list[list[_Box]] = [[] for _ in self._strips]
        self._singles: list[list[_Box]] = [[] for _ in self._strips]
        for box in self._boxes:
            if box.first == box.last:
                self._singles[box.first].append(box)
            else:
                for strip in range(box.first, box.last + 1):
                    self._spans[strip].append(box)
        self._first_of_row: dict[int, int] = {}
        for strip, part in enumerate(self._strips):
            self._first_of_row.setdefault(part.row, strip)

    def _lines(self, cell: Cell) -> list[str]:
        form = self.table.form
        first = cell.column - form.first_column
        share = sum(form.column_widths[first : first + cell.colspan])
        width = (self.width * share - _EDGES_X) / cell.style.size
        return break_lines(cell.text, width, bold=cell.style.bold)

    def _own_height(self, row: Row, heights: Mapping[int, float]) -> float:
        """The height of a row by its template and the cells that are in it alone."""
        least = self.table.form.row_heights.get(row.template_row, 0.0)
        return max([least, *(heights.get(id(c), 0.0) for c in row.cells if c.rowspan == 1)])

    # Planning

    def _page(self, first: int, bottoms: list[float]) -> Page:
        repeated = self._repeated(first)
        head = self.head if first == 0 else 0.0
        end = len(self._strips) - 1
        best, best_gain = first, -math.inf
        page = Page(repeated, first, end)
        for strip, (_, closed) in zip(page.strips, self._run(page.strips), strict=False):
            if strip < first:
                continue
            if head + closed + (self.foot if strip == end else 0.0) > self.room:
                break
            if strip == end:
                return page
            gain = bottoms[strip] - self._cost_of_break(strip, bottoms)
            if self._keeps_next(strip):
                gain -= self.height
            if gain >= best_gain:
                best, best_gain = strip, gain
        return Page(repeated, first, best)

    def _cost_of_break(self, strip: int, bottoms: list[float]) -> float:
        """How much higher the rest gets by a break after this strip."""
        again = sum(self._strips[s].height for s in self._repeated(strip + 1))
        stretched = [
            box.height - (bottoms[box.last] - bottoms[strip])
            for box in self._spans[strip]
            if box.last > strip and not box.lines
        ]
        return again + max([0.0, *stretched])

    def _keeps_next(self, strip: int) -> bool:
        """Whether this is a row of labels, which must not be left alone at the foot of a page."""
        row = self.table.rows[self._strips[strip].row]
        return bool(row.cells) and all(c.is_heading or not c.text for c in row.cells)

    def _repeated(self, first: int) -> list[int]:
        """The strips printed again at the top of a page that begins with this one."""
        headings = self.headings[self._strips[first].row]
        return [self._first_of_row[h] for h in headings]

    def _run(self, strips: Iterable[int]) -> Iterator[tuple[float, float]]:
        """Per strip: where it ends if the page goes on, and where if the page ends with it.

        As WeasyPrint does it: what a spanning cell needs more goes to its last row.
        """
        y = 0.0
        tops: dict[int, float] = {}
        for strip in strips:
            bottom = y + self._strips[strip].height
            closed = bottom
            for box in self._spans[strip]:
                top = tops.setdefault(id(box), y)
                end = bottom + _EDGES_Y if box.lines else top + box.height
                if box.last == strip:
                    bottom = max(bottom, end)
                closed = max(closed, end)
            y = bottom
            yield bottom, max(closed, bottom)

    # Printing

    def _groups(self, page: Page) -> list[list[int]]:
        """The page's strips by row."""
        return [list(g) for _, g in groupby(page.strips, key=lambda s: self._strips[s].row)]

    def _groups_with_bottoms(self, page: Page) -> Iterator[tuple[list[int], float]]:
        bottoms = dict(zip(page.strips, self._run(page.strips), strict=True))
        for group in self._groups(page):
            bottom, closed = bottoms[group[-1]]
            yield group, closed if group[-1] == page.last else bottom

    def _rows(self, page: Page, printed: dict[int, int]) -> list[PrintedRow]:
        groups = self._groups(page)
        placed: set[int] = set()
        rows: list[PrintedRow] = []
        for index, group in enumerate(groups):
            cells: list[Cell] = []
            for box in chain(self._singles[group[0]], self._spans[group[0]]):
                if id(box) in placed:
                    continue
                placed.add(id(box))
                span = sum(g[0] <= box.last and g[-1] >= box.first for g in groups[index:])
                cell = replace(box.cell, rowspan=span)
                if box.lines:
                    cell.parts = [self._running_text(box, page, printed)]
                cells.append(cell)
            cells.sort(key=lambda c: c.column)
            row = self.table.rows[self._strips[group[0]].row]
            rows.append(PrintedRow(row, cells, group[0] if group[0] >= page.first else None))
        return rows

    def _running_text(self, box: _Box, page: Page, printed: dict[int, int]) -> str:
        """The lines of a cell taller than a page that go on this page."""
        start = printed.get(id(box), 0)
        first, last = max(box.first, page.first), min(box.last, page.last)
        if last == box.last:
            end = len(box.lines)
        else:
            height = sum(self._strips[s].height for s in range(first, last + 1))
            end = start + max(int(height / box.line_height + 0.01), 1)
        printed[id(box)] = end
        return "".join(box.lines[start:end]).removesuffix("\n")


def line_padding(form: Form, cell: Cell) -> float:
    """What a line outside the table needs above and below it to be as high as its Excel row."""
    row_height = form.row_heights.get(cell.template_row, 0.0)
    return max(0.0, (row_height - cell.style.size * LINE_HEIGHT) / 2)


def _headings(table: Table) -> list[list[int]]:
    """Per row: which rows above it are printed again on a page that begins with it.

    Those are the print titles of the form, and the headings of the row's list if
    other rows of that list stand between. Where a list has headings of its own, titles that
    head the columns of another part of the table are left out: they would contradict them.
    """
    rows = table.rows
    titles = [i for i, row in enumerate(rows) if row.template_row in table.form.heading_rows]
    found: list[list[int]] = [[] for _ in rows]
    for block in table.form.blocks():  # outer before inner, whose own headings win
        headings: list[int] | None = None
        for index, row in enumerate(rows):
            if not block.first_row <= row.template_row <= block.last_row:
                headings = None
            elif headings is None:
                headings = _labels_above(rows, index)
            elif headings:
                found[index] = headings
    plain = {t for t in titles if not _heads_columns(rows[t])}
    own = [bool(found[i]) or _heads_columns(row) for i, row in enumerate(rows)]
    return [
        sorted({t for t in (plain if own[i] else titles) if t < i}.union(found[i]))
        for i in range(len(rows))
    ]


def _labels_above(rows: list[Row], index: int) -> list[int]:
    first = index
    while first and _heads_columns(rows[first - 1]):
        first -= 1
    return list(range(first, index))


def _heads_columns(row: Row) -> bool:
    return any(c.scope == "col" for c in row.cells) and all(
        c.is_heading or not c.text for c in row.cells
    )
