"""A form as a workbook to fill in, blank or with what is already filled in.

What one may fill in is unlocked and tinted; the rest is protected, without a password.
Helps stand in input messages of data validation rather than in cell comments: they show as
soon as a cell is chosen, screen readers read them out, and no red corner hides a figure.
Lists have blank rows to spare, which are dropped when the workbook is read back. What rules
need to know and has no cell in the form stands on a sheet of its own (`inputs_sheet`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.styles import PatternFill, Protection

from declarations.sheets.bind import bind
from declarations.sheets.catalogue import INDICATORS, SCORES
from declarations.sheets.entry_rules import EntryRules
from declarations.sheets.form import Block, Form
from declarations.sheets.formulas import Place, UntranslatableError, formula, quoted, shown
from declarations.sheets.inputs_sheet import add_inputs_sheet
from declarations.sheets.kinds import Kind
from declarations.sheets.linebreaks import printable
from declarations.sheets.records import Item, Records
from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.table import Access, Cell, Entry, Table
from declarations.sheets.tags import Tag, parse_path
from declarations.sheets.values import Chain, Values, anchor_of
from declarations.sheets.workbook import TINT, TO_FILL_IN, Writer, number_format, protect, wrap

SPARE_ROWS, FEWEST_ROWS = 5, 10
"""Blank rows after those of a list, and how many it has at least in all."""
SPARE_BLOCKS, FEWEST_BLOCKS = 2, 3
"""The same of a list whose rows hold rows of another."""
SPARE_INNER, FEWEST_INNER = 2, 5
"""The same of the rows nested in each."""

_TEXT, _DATE = "@", "yyyy-mm-dd"
_HIGHEST_FROZEN = 160  # pt; more would leave too little of a small screen to scroll
_FORMULA_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?</c>', re.DOTALL)
_TYPE = re.compile(r' t="\w+"')


def render_fillable(form: Form, records: Records, template: bytes, *, title: str) -> bytes:
    """The form as XLSX to fill in, the same bytes for the same content.

    records: what it is filled with; only their context for a blank one. template: the workbook
    that the form was parsed from. title: the document's title in its properties. Raises
    FormError where the template cannot be opened.
    """
    table = bind(form, with_spare_rows(form, records), merging=False, strips=False)
    writer = _FillableWriter(table, template)
    writer.write(title=title)
    writer.protect()
    add_inputs_sheet(writer.book, form, records)
    return writer.saved()


def with_spare_rows(form: Form, records: Records) -> Records:
    """The records with blank rows at the end of every list. Those given are not changed."""
    used = [item.id for item in records.items()]
    ids = count(max(used, default=0) + 1)

    def rows(block: Block, present: list[Item], spare: int, fewest: int) -> list[Item]:
        kind = "indicator" if block.name == INDICATORS else "task"
        blank = max(spare, fewest - len(present))
        found = [Item(i.kind, i.id, i.values, dict(i.lists)) for i in present]
        found += [Item(kind, next(ids)) for _ in range(blank)]
        for item in found:
            for inner in block.children:
                nested = item.lists.get(inner.name, [])
                item.lists[inner.name] = rows(inner, nested, SPARE_INNER, FEWEST_INNER)
        return found

    lists = dict(records.lists)
    for block in form.root.children:
        amounts = (SPARE_BLOCKS, FEWEST_BLOCKS) if block.children else (SPARE_ROWS, FEWEST_ROWS)
        lists[block.name] = rows(block, lists.get(block.name, []), *amounts)
    return records.with_lists(lists)


@dataclass(frozen=True, slots=True)
class _Result:
    """What a formula's cell shows until it is computed anew."""

    value: Decimal | str

    def to_xml(self, attributes: str, body: str) -> str:
        if isinstance(self.value, Decimal):
            return f"{attributes}><f>{body}</f><v>{self.value:f}</v></c>"
        return f'{attributes} t="str"><f>{body}</f><v>{escape(self.value)}</v></c>'


class _FillableWriter(Writer):
    """Writes unlocked cells, formulas and what may be typed into each."""

    origin = TO_FILL_IN

    def __init__(self, table: Table, template: bytes) -> None:
        super().__init__(table, template)
        self.rules = EntryRules(self.book)
        self.results: dict[str, _Result] = {}
        self.ranges = {
            f"{SCORES}.{item.key}.{SELF_SCORE}": (item.least, item.points)
            for item in table.form.rubric.items
            if not item.is_list
        }
        self.seen_from = dict(_seen_from(table))
        self.places = {
            entry.anchor: Place(row, cell.column, cell.rowspan, entry.field, *_around(cell, entry))
            for row, (_, cells) in enumerate(self.rows, start=self.first)
            for cell in cells
            for entry in cell.entries
        }
        self.values = Values(table.form, table.records)

    def write_value(self, target: ExcelCell, cell: Cell) -> None:
        fillable = [e for e in cell.entries if e.access is Access.FILLABLE]
        if fillable:
            super().write_value(target, cell)
            self._open(target, cell, fillable)
        elif not self._write_formula(target, cell):
            super().write_value(target, cell)

    def protect(self) -> None:
        """Locks all but what is to be filled in."""
        protect(self.sheet)
        for merged in self.sheet.merged_cells.ranges:
            first = self.sheet.cell(merged.min_row, merged.min_col)
            if not first.protection.locked:
                for row, column in merged.cells:
                    self.sheet.cell(row, column).protection = Protection(locked=False)
        self.rules.write(self.sheet)
        self._freeze()

    def finished(self, name: str, content: bytes) -> bytes:
        """Puts the formulas' results beside them: openpyxl writes formulas without."""
        if name != self.sheet.path.lstrip("/"):
            return super().finished(name, content)

        def with_result(match: re.Match[str]) -> str:
            place, attributes, body = match.groups()
            attributes = _TYPE.sub("", attributes)
            return f'<c r="{place}"' + self.results[place].to_xml(attributes, body)

        return _FORMULA_CELL.sub(with_result, content.decode()).encode()

    def _open(self, target: ExcelCell, cell: Cell, fillable: list[Entry]) -> None:
        """Makes a cell one to fill in."""
        target.protection = Protection(locked=False)
        if target.fill.fill_type is None:
            target.fill = PatternFill("solid", fgColor=TINT)
        if len(cell.parts) > 1:
            target.number_format = _TEXT
            self.rules.add_shared(target.coordinate, cell)
            return
        field = fillable[0].field
        if field.kind is Kind.DATE:
            target.number_format = _DATE
            if text := fillable[0].text:
                target.value = date.fromisoformat(text)
                target.number_format = _DATE
        elif not field.numeric:
            target.number_format = _TEXT
            wrap(target)
        self.rules.add(target.coordinate, field, self.ranges.get(field.tag))

    def _write_formula(self, target: ExcelCell, cell: Cell) -> bool:
        """Writes a computed cell as a formula with its result; whether it has one."""
        entries = [e for e in cell.entries if e.access is Access.COMPUTED]
        if not entries:
            return False
        try:
            written = [self._written(part, alone=len(cell.parts) == 1) for part in cell.parts]
        except UntranslatableError:
            for entry in entries:  # a figure that does not follow would be wrong soon
                entry.value = None
            return False
        target.value = "=" + "&".join(w for w in written if w != '""')
        if len(cell.parts) == 1:
            number = entries[0].value
            target.number_format = number_format(entries[0], target.number_format)
            unit = entries[0].field.in_display_unit
            value = "" if number is None else unit(Decimal(number))
            self.results[target.coordinate] = _Result(value)
        else:
            self.results[target.coordinate] = _Result(printable(cell.text))
        return True

    def _written(self, part: str | Entry, *, alone: bool) -> str:
        if isinstance(part, str):
            return quoted(printable(part))
        tag, chain_ = self.seen_from[part.anchor]
        if tag.expression is None:  # what rules give, and reviewers
            raise UntranslatableError
        body = formula(
            tag.expression,
            part.field,
            lambda name: self._find(parse_path(name), chain_),
            lambda name: self._find_all(parse_path(name), chain_),
        )
        return body if alone else shown(body, part.field.format)

    def _find(self, tag: Tag, rows: Chain) -> Place | Decimal:
        if tag.is_context:
            return Decimal(str(self.values.stored(tag, rows) or 0))
        return self.places[anchor_of(tag, rows)]

    def _find_all(self, tag: Tag, rows: Chain) -> list[Place]:
        outer = rows[: len(tag.list_path) - 1]
        return [
            self.places[anchor_of(tag, found)] for found in self.values.chains(tag.list_path, outer)
        ]

    def _freeze(self) -> None:
        """Keeps the lines above the table in view, with headings right under them if they fit."""
        form = self.table.form
        rows = [number for number, row in self.template_rows.items() if row in form.head_rows]
        below = max(rows, default=self.first - 1) + 1
        while self.template_rows.get(below) in form.heading_rows:
            below += 1
        heights = (self.sheet.row_dimensions[n].height or 15 for n in range(1, below))
        if below > self.first and sum(heights) <= _HIGHEST_FROZEN:
            self.sheet.freeze_panes = f"A{below}"


def _seen_from(table: Table) -> Iterator[tuple[str, tuple[Tag, Chain]]]:
    """Every value's tag and the list rows it is in, by its anchor."""
    values = Values(table.form, table.records)
    for tag, list_path in table.form.tags:
        for rows in values.chains(list_path):
            yield anchor_of(tag, rows), (tag, rows)


def _around(cell: Cell, entry: Entry) -> tuple[str, str]:
    """The words before and after an entry that shares its cell; "" where it has it to itself."""
    index = next(i for i, part in enumerate(cell.parts) if part is entry)
    before = cell.parts[index - 1] if index else ""
    after = cell.parts[index + 1] if index + 1 < len(cell.parts) else ""
    return (
        printable(before) if isinstance(before, str) else "",
        printable(after) if isinstance(after, str) else "",
    )
