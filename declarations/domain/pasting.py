"""Pasting a block of cells copied from Excel or WPS into the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.cells import (
    CARRIED,
    MOST_CHANGES,
    Change,
    Outcome,
    Status,
    apply_changes,
)
from declarations.domain.errors import RefusedError
from declarations.domain.opening import PartClosedError
from declarations.domain.rows import anchor_of, new_rows
from declarations.models import Declaration, Event, EventKind, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.table import Access, Cell, Entry, Row, Table
from declarations.workflow.opened import closed_tags, why_closed

Block = Sequence[Sequence[str]]
"""Rows of cell texts, as copied."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted block; the event can be given to `undo`."""

    outcomes: list[Outcome]
    texts: dict[str, str]  # by anchor, what was pasted there
    added_rows: int
    left_over: int  # cells of the block that fell outside the fillable cells
    event: Event | None


def paste(actor: User, *, declaration_id: int, anchor: str, block: Block) -> Pasted:
    """Writes a block into the cells from `anchor` to the right and down.

    In a list, missing rows are added. What the block overwrites is kept in the
    event. Raises RefusedError where nothing can be pasted at all.
    """
    if sum(map(len, block)) > MOST_CHANGES:
        raise RefusedError(f"一次最多粘贴 {MOST_CHANGES} 个单元格，请分几次粘贴")
    with transaction.atomic(), acting(actor, EventKind.PASTED):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        table = _table(declaration, form)
        _require_fillable(declaration, table, anchor)
        added: list[str] = []
        missing = len(block) - len(_target_rows(table, anchor))
        if missing > 0 and (list_anchor := _list_of(table, anchor)):
            rows = new_rows(declaration, form, list_anchor, missing)
            added = [anchor_of(row) for row in rows]
            table = _table(declaration, form)
        targets, left_over = _targets(table, anchor, block)
        before = {entry.anchor: entry.field.edit_text(entry.value) for entry, _ in targets}
        changes = [Change(entry.anchor, text, version=None) for entry, text in targets]
        outcomes, touched = apply_changes(declaration, form, changes)
        event = None
        if touched or added:
            touch(actor, declaration)
            saved = {o.anchor: o.text for o in outcomes if o.status is Status.SAVED}
            event = record(
                EventKind.PASTED,
                actor=actor,
                declaration=declaration,
                before={a: text for a, text in before.items() if a in saved},
                after=saved,
                added=added,
            )
        texts = {entry.anchor: text for entry, text in targets}
        return Pasted(outcomes, texts, len(added), left_over, event)


def _table(declaration: Declaration, form: Form) -> Table:
    closed = closed_tags(form, declaration.opened_sections)
    return bind(form, load_records(declaration, form), editing=True, locked=closed)


def _require_fillable(declaration: Declaration, table: Table, anchor: str) -> None:
    """Raises PartClosedError that says why a cell cannot be changed although others can."""
    found = next((e for e in table.entries() if e.anchor == anchor), None)
    if found is not None and found.access is Access.LOCKED:
        raise PartClosedError(why_closed(table.form, declaration.opened_sections))
    if found is not None and found.access is Access.CARRIED:
        raise PartClosedError(CARRIED)


def _position(table: Table, anchor: str) -> tuple[int, Cell]:
    for index, row in enumerate(table.rows):
        for cell in row.cells:
            if any(e.anchor == anchor for e in _fillable(cell)):
                return index, cell
    raise RefusedError("要粘贴的单元格已不存在，请刷新页面")


def _list_of(table: Table, anchor: str) -> str:
    """The list that the anchor's row belongs to, as `new_rows` wants it; "" outside lists."""
    index, _ = _position(table, anchor)
    owner = anchor.rpartition("/")[0]
    handle = next(
        (h for r in table.rows[: index + 1] for h in r.handles if h.anchor == owner), None
    )
    if handle is None:
        return ""
    ending = handle.list_path[-1]
    for row in table.rows[index:]:
        if row.add_to.rpartition("/")[2] == ending:
            return row.add_to
    return ""


def _target_rows(table: Table, anchor: str) -> list[int]:
    """Table rows from the anchor's down that have a fillable cell of their own in its column:
    to the end of its list, or of its section outside lists. What is filled in beside the form,
    in strips, is in no column."""
    index, start = _position(table, anchor)
    list_anchor = _list_of(table, anchor)
    found = []
    for number in range(index, len(table.rows)):
        row = table.rows[number]
        if row.add_to == list_anchor and list_anchor:
            break
        if not list_anchor and row.section != table.rows[index].section:
            break
        if _is_strip(row) and number != index:
            continue
        same = (c for c in row.cells if c.column == start.column)
        if any(_fillable(c) for c in same):
            found.append(number)
    return found


def _targets(table: Table, anchor: str, block: Block) -> tuple[list[tuple[Entry, str]], int]:
    """Which entry takes which text, and how many texts find none."""
    _, start = _position(table, anchor)
    rows = _rows_by_place(table, _target_rows(table, anchor), start.column, block)
    wanted = next(e.field.tag for e in start.entries if e.anchor == anchor)
    targets: list[tuple[Entry, str]] = []
    left_over = 0
    for row_index, texts in zip(rows, block, strict=False):
        cells = [c for c in table.rows[row_index].cells if c.column >= start.column]
        by_place = _cells_by_place(cells, start.column, texts)
        for place, text in enumerate(texts):
            cell = by_place.get(place)
            entry = _entry_for(cell, wanted if place == 0 else "")
            if entry is not None:
                targets.append((entry, text))
            elif not _is_label(cell, text):
                left_over += 1
    beyond = [text for texts in block[len(rows) :] for text in texts if text.strip()]
    return targets, left_over + len(beyond)


def _rows_by_place(table: Table, rows: list[int], column: int, block: Block) -> list[int]:
    """Which row each of the block's goes to.

    A block copied from the form itself brings the headings between its rows along, a
    plain column has none. So the block is laid on the rows as they stand where it
    says the same there as our headings do, and on the fillable ones otherwise.
    """
    between = range(rows[0], rows[-1] + 1)
    standing = [n for n in between if n in rows or not _is_strip(table.rows[n])][: len(block)]
    headings = [(i, n) for i, n in enumerate(standing) if n not in rows]
    for i, number in headings:
        heading = next((c.text for c in table.rows[number].cells if c.column == column), "")
        if _squeezed("".join(block[i][:1])) != _squeezed(heading):
            return rows
    return standing if headings else rows


def _cells_by_place(cells: list[Cell], first: int, texts: Sequence[str]) -> dict[int, Cell]:
    """Which cell each text belongs to.

    Excel copies a merged cell as its value and blanks; a plain list has no blanks.
    So the texts are laid on the columns where the blanks fall in with our merged
    cells, and on the cells in their order otherwise.
    """
    on_columns = {c.column - first: c for c in cells}
    hidden = {
        place for c in cells for place in range(c.column - first + 1, c.column - first + c.colspan)
    }
    falls_in = all(not texts[p].strip() for p in hidden if p < len(texts))
    if hidden and falls_in and len(texts) > min(hidden):
        return on_columns
    return dict(enumerate(cells))


def _entry_for(cell: Cell | None, tag: str) -> Entry | None:
    """The field of a cell that takes a text: the one with this tag, or else its first."""
    fillable = _fillable(cell)
    return next((e for e in fillable if e.field.tag == tag), None) or next(iter(fillable), None)


def _fillable(cell: Cell | None) -> list[Entry]:
    return [e for e in cell.entries if e.access is Access.FILLABLE] if cell else []


def _is_strip(row: Row) -> bool:
    return any(cell.strip for cell in row.cells)


def _is_label(cell: Cell | None, text: str) -> bool:
    """Whether a text says nothing that the form does not say there itself."""
    return _squeezed(text) in ("", _squeezed(cell.text if cell else ""))


def _squeezed(text: str) -> str:
    return "".join(text.split())
