"""Undoing: an act on rows or on many cells at once is taken back by the event it left."""

from typing import Any

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.cells import Change, Status, apply_changes
from declarations.domain.errors import RefusedError
from declarations.domain.opening import PartClosedError, within_opened
from declarations.domain.rows import (
    Row,
    anchor_of,
    restore_rows,
    rows_of,
    save_positions,
    take_rows,
)
from declarations.models import Declaration, EventKind, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.table import Access

_SAID = {
    EventKind.ROW_REMOVED: "已恢复删除的行",
    EventKind.PASTED: "已撤销粘贴",
    EventKind.IMPORTED: "已撤销导入",
    EventKind.CARRIED_OVER: "已撤销带入上年",
    EventKind.DRAFTED: "已撤销初稿",
}
"""The acts that can be undone, and what is said when they are."""


def undo(actor: User, *, declaration_id: int, event_id: int) -> str:
    """Takes back an act of `_SAID`; returns what to say of it.

    What somebody has changed since then stays. Raises RefusedError.
    """
    with transaction.atomic(), acting(actor, EventKind.UNDONE):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        event = declaration.events.filter(pk=event_id, kind__in=_SAID).first()
        if event is None:
            raise RefusedError("这一步不能撤销")
        if declaration.events.filter(kind=EventKind.UNDONE, data__event=event.pk).exists():
            return "已经撤销过了"
        with within_opened(declaration, form_for(declaration.round)):
            kept = _take_back(declaration, event.data)
        touch(actor, declaration)
        record(EventKind.UNDONE, actor=actor, declaration=declaration, event=event.pk)
        said = _SAID[EventKind(event.kind)]
        return said + (f"，其中 {kept} 格后来又改过，予以保留" if kept else "")


def _take_back(declaration: Declaration, done: dict[str, Any]) -> int:
    """Undoes what the data of an event tells; returns how many cells were changed since.

    before, after: texts of the cells written, by anchor. added: anchors of new rows; one in
    which anything was filled in since stays. rows: what `take_rows` took. positions: of
    rows that were moved, by anchor, the ones before and after; a list in which one has
    moved since keeps its order.
    """
    before, added = done.get("before", {}), set(done.get("added", ()))
    kept, rows_kept = _changed_since(declaration, done.get("after", {}), added)
    take_rows(declaration, added - rows_kept)
    _move_back(declaration, done.get("positions", {}))
    restore_rows(declaration, done.get("rows", ()))
    back = [Change(anchor, text, None) for anchor, text in before.items() if anchor not in kept]
    outcomes, _ = apply_changes(declaration, form_for(declaration.round), back)
    if closed := next((o for o in outcomes if o.status is Status.CLOSED), None):
        raise PartClosedError(closed.message)
    return len(kept)


def _changed_since(
    declaration: Declaration, after: dict[str, str], added: set[str]
) -> tuple[set[str], set[str]]:
    """The written cells that hold something else now, and the added rows that hold any such.

    What has since come from an approved target is not taken back either.
    """
    form = form_for(declaration.round)
    records = load_records(declaration, form)
    outer = {n.anchor(): i.anchor() for i in records.items() for ns in i.lists.values() for n in ns}
    kept: set[str] = set()
    rows_kept: set[str] = set()
    for entry in bind(form, records, editing=True).entries():
        row = entry.anchor.rpartition("/")[0]
        row_added = {row, outer.get(row, "")} & added
        text = entry.field.edit_text(entry.value)
        written = after.get(entry.anchor, "" if row_added else text)
        approved = entry.access is Access.CARRIED and bool(entry.anchor in after or row_added)
        if approved or (entry.access is Access.FILLABLE and text != written):
            kept.add(entry.anchor)
            rows_kept |= row_added
    return kept, rows_kept


def _move_back(declaration: Declaration, positions: dict[str, list[int]]) -> None:
    if not positions:
        return
    back: list[Row] = []
    for rows in rows_of(declaration).values():
        moved = [(row, positions[a]) for row in rows if (a := anchor_of(row)) in positions]
        if all(row.position == after for row, (_, after) in moved):
            for row, (before, _) in moved:
                row.position = before
                back.append(row)
    save_positions(back)
