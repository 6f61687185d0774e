"""A form and records to one Table: rows repeat, labels grow, formulas are computed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.form import Block, CellStyle, Form, TemplateCell
from declarations.sheets.records import Item, Records
from declarations.sheets.strips import StripPlace, strip_places
from declarations.sheets.table import Access, Cell, Entry, Row, RowHandle, Table
from declarations.sheets.tags import Tag
from declarations.sheets.values import Chain, Values, anchor_of

_INNERMOST = 2
"""Deeper than any list: rows nest in rows of a task, and no further."""


@dataclass(slots=True)
class _OutputRow:
    """A template row in one of its repetitions."""

    template_row: int
    chain: tuple[Item | None, ...]  # None: a list without rows still prints one blank one
    handles: list[RowHandle] = field(default_factory=list)
    list_name: str = ""
    add_to: str = ""
    add_list: str = ""
    strip: StripPlace | None = None


def bind(
    form: Form,
    records: Records,
    *,
    editing: bool = False,
    merging: bool = True,
    strips: bool | None = None,
    locked: Collection[str] = (),
) -> Table:
    """Fills the form with the records.

    While editing, each list ends with a row that offers another one, empty lists
    show none, and equal neighbours stay apart; otherwise cells tagged ``merge``
    become one with equal neighbours, unless `merging` is off: to compare, every
    cell must be there. strips: whether each scored item and indicator is followed by what it
    needs beside its cells; None: while editing, and to compare. locked: the fields (``tasks.amount``) and lists (``tasks``) that
    cannot be changed although others can.
    """
    binder = _Binder(form, records, editing=editing, merging=merging and not editing)
    binder.locked = frozenset(locked)
    if strips if strips is not None else editing or not merging:
        binder.strips = strip_places(form)
    return binder.table()


class _Binder:
    def __init__(self, form: Form, records: Records, *, editing: bool, merging: bool) -> None:
        self.form = form
        self.records = records
        self.editing = editing
        self.merging = merging
        self.values = Values(form, records)
        self.by_row: dict[int, list[TemplateCell]] = {}
        for cell in form.cells:
            for row in range(cell.row, cell.last_row + 1):
                self.by_row.setdefault(row, []).append(cell)
        for cells in self.by_row.values():
            cells.sort(key=lambda c: c.column)
        self.numbers = dict(_numbered(records))
        self.locked: frozenset[str] = frozenset()
        self.strips: list[StripPlace] = []

    def table(self) -> Table:
        apart = {*self.form.head_rows, *self.form.foot_rows}
        output = [r for r in self._expand(self.form.root, ()) if r.template_row not in apart]
        rows = self._place(output)
        if self.merging:
            _merge_neighbours(self.form, rows)
        head = [self._line(row) for row in self.form.head_rows]
        title = max(head, key=lambda c: c.style.size).text if head else self.form.title
        foot = [self._line(row) for row in self.form.foot_rows]
        return Table(self.form, self.records, title, head, rows, foot)

    def _expand(self, block: Block, chain: tuple[Item | None, ...]) -> Iterator[_OutputRow]:
        row = block.first_row
        children = {child.first_row: child for child in block.children}
        while row <= block.last_row:
            child = children.get(row)
            if child is None:
                yield _OutputRow(row, chain, list_name=block.name)
                for strip in self.strips:
                    if strip.last_row == row and strip.is_for(chain):
                        yield _OutputRow(row, chain, list_name=block.name, strip=strip)
                row += 1
                continue
            yield from self._repeat(child, chain)
            row = child.last_row + 1

    def _repeat(self, block: Block, chain: tuple[Item | None, ...]) -> Iterator[_OutputRow]:
        parent = chain[-1] if chain else None
        source = self.records.lists if not chain else parent.lists if parent else {}
        items: list[Item | None] = list(source.get(block.name, []))
        depth = len(chain)
        closed = ".".join(block.list_path) in self.locked
        for number, item in enumerate(items or ([] if self.editing else [None]), start=1):
            for index, row in enumerate(self._expand(block, (*chain, item))):
                if index == 0 and item is not None:
                    fixed = closed or item.source is not None
                    handle = RowHandle(
                        item.anchor(), block.list_path, number, len(items), depth, fixed=fixed
                    )
                    row.handles.insert(0, handle)
                yield row
        if self.editing and not closed:
            owner = f"{parent.anchor()}/{block.name}" if parent else block.name
            yield _OutputRow(block.last_row, chain, add_to=owner, add_list=block.name)

    def _place(self, output: list[_OutputRow]) -> list[Row]:
        """Puts each template cell into its output rows; repeated ones grow over them."""
        rows: list[Row] = []
        open_cells: dict[tuple[int, int, tuple[int, ...]], Cell] = {}
        for out in output:
            row = Row(
                out.template_row,
                handles=out.handles,
                section=self.form.section_at(out.template_row),
                list_name=out.list_name,
                add_to=out.add_to,
                scored=self._scored(out),
            )
            templates = self.by_row[out.template_row]
            if out.add_to:
                templates = [t for t in templates if t.depth <= len(out.chain)]
            elif out.strip:
                templates = [t for t in templates if out.strip.is_beside(t)]
            identity = tuple(map(id, out.chain))
            for template in templates:
                key = (template.row, template.column, identity[: template.depth])
                if cell := open_cells.get(key):
                    cell.rowspan += 1
                else:
                    open_cells[key] = cell = self._cell(template, out.chain)
                    row.cells.append(cell)
            if out.add_to:
                self._offer_row(row, out, templates)
            elif out.strip:
                row.cells += self._strip_cells(out.strip, out, templates)
            rows.append(row)
        return rows

    def _offer_row(self, row: Row, out: _OutputRow, grown: list[TemplateCell]) -> None:
        """The cell with the button that adds a row, and blank ones in what else is free."""
        row.add_label = "指标" if out.add_list == INDICATORS else self._section_label(row)
        style = next(c.style for c in self.by_row[out.template_row] if c.depth > len(out.chain))
        row.cells += self._free_cells(grown, style)
        row.cells.sort(key=lambda cell: cell.column)
        next(c for c in row.cells if not c.template_row).offers_row = True

    def _strip_cells(
        self, strip: StripPlace, out: _OutputRow, grown: list[TemplateCell]
    ) -> list[Cell]:
        """The strip of an item in the widest place that is free, with its inputs."""
        cells = self._free_cells(grown, self.by_row[out.template_row][0].style)
        if cells:
            widest = max(cells, key=lambda cell: cell.colspan)
            widest.strip = strip.anchor(out.chain)
            widest.parts = [self._part(tag, out.chain) for tag in strip.inputs]
        return cells

    def _free_cells(self, taken: list[TemplateCell], style: CellStyle) -> list[Cell]:
        """A blank cell for each run of columns that no other cell grows over."""
        filled = {c for t in taken for c in range(t.column, t.last_column + 1)}
        columns = range(self.form.first_column, self.form.last_column + 1)
        free = [c for c in columns if c not in filled]
        first = [c for c in free if c - 1 not in free]
        last = [c for c in free if c + 1 not in free]
        return [
            Cell(start, end - start + 1, 1, [], style)
            for start, end in zip(first, last, strict=True)
        ]

    def _scored(self, out: _OutputRow) -> str:
        """The item that a row, or the strip below it, belongs to."""
        if out.strip:
            return out.strip.anchor(out.chain)
        found = (s for s in self.strips if not out.add_to and s.covers(out.template_row))
        return next((s.anchor(out.chain) for s in found if s.is_for(out.chain)), "")

    def _cell(self, template: TemplateCell, chain: tuple[Item | None, ...]) -> Cell:
        inside = chain[: template.depth]
        return Cell(
            template.column,
            template.colspan,
            1,
            [p if isinstance(p, str) else self._part(p, inside) for p in template.parts],
            template.style,
            self.form.scopes.get((template.row, template.column), ""),
            template.row,
            template.column,
        )

    def _line(self, row: int) -> Cell:
        return next(self._cell(c, ()) for c in self.by_row[row] if c.parts)

    def _part(self, tag: Tag, chain: tuple[Item | None, ...]) -> str | Entry:
        field = self.form.fields.get(tag.path)
        if field is None:
            return self._literal(tag, chain)
        number = self._number(chain)
        items: Chain = tuple([i for i in chain if i is not None])
        if len(items) < len(tag.list_path):
            return Entry("", field, None, Access.LOCKED)
        value = self.values.value(tag, items)
        access = Access.FILLABLE
        if tag.is_computed:
            access = Access.COMPUTED
        elif tag.path in self.locked:
            access = Access.LOCKED
        elif _is_carried(tag, items):
            access = Access.CARRIED
        return Entry(anchor_of(tag, items), field, value, access, number)

    def _literal(self, tag: Tag, chain: tuple[Item | None, ...]) -> str:
        """What is no field: the system's own words, and the number of a row."""
        if tag.is_number:
            return str(self._number(chain[: len(tag.list_path)]) or "")
        return self.values.shown(tag)

    def _number(self, chain: tuple[Item | None, ...]) -> int:
        """The innermost row's place in its list; 0 outside lists."""
        return self.numbers.get(id(chain[-1]), 0) if chain else 0

    def _section_label(self, row: Row) -> str:
        return self.form.sections[row.section].label if row.section >= 0 else ""


def _is_carried(tag: Tag, chain: Chain) -> bool:
    """Whether a cell holds what the approved target says."""
    return bool(tag.list_path) and tag.column in chain[len(tag.list_path) - 1].carried


def _numbered(records: Records) -> Iterator[tuple[int, int]]:
    for rows in records.lists.values():
        for number, item in enumerate(rows, start=1):
            yield id(item), number
            for nested in item.lists.values():
                yield from ((id(i), n) for n, i in enumerate(nested, start=1))


def _merge_neighbours(form: Form, rows: list[Row]) -> None:
    """Makes equal cells tagged ``merge`` one, within what the columns left of them share."""
    merging = {(c.row, c.column): c.depth for c in form.cells if c.merges}
    groups: dict[int, tuple[Cell, int]] = {}  # column: its open cell, the row where that ends
    for index, row in enumerate(rows):
        kept: list[Cell] = []
        broken = False
        outermost = min((h.depth for h in row.handles), default=_INNERMOST)
        for cell in row.cells:
            depth = merging.get((cell.template_row, cell.template_column))
            if depth is None:
                kept.append(cell)
                continue
            broken = broken or outermost < depth - 1  # a new outer row begins here
            group, end = groups.get(cell.column, (None, -1))
            if group and end == index and not broken and _equal(group, cell):
                group.rowspan += cell.rowspan
                groups[cell.column] = (group, index + cell.rowspan)
            else:
                broken = True
                groups[cell.column] = (cell, index + cell.rowspan)
                kept.append(cell)
        row.cells = kept


def _equal(above: Cell, cell: Cell) -> bool:
    """Whether two cells come from one cell of the template and say the same."""
    return bool(cell.text) and (above.template_row, above.text) == (cell.template_row, cell.text)
