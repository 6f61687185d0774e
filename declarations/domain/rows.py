"""Adding, moving, removing and restoring the rows of a list."""

from typing import Any

from django.db import models, transaction
from django.db.models import Max

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, Event, EventKind, Indicator, Task, User
from declarations.queries.forms import form_for
from declarations.queries.records import row_id
from declarations.sheets.catalogue import INDICATORS, TASK_LISTS
from declarations.sheets.form import Form

MOST_ROWS = 1_000
"""Rows in one list; far beyond any form, and within what a page can show."""

Row = Task | Indicator


class TooManyRowsError(RefusedError):
    """The list is full."""


class RowGoneError(RefusedError):
    """The row is not there any longer."""


def add_row(actor: User, *, declaration_id: int, list_anchor: str, after: str = "") -> str:
    """Adds a blank row at the end of a list, or after a row of it; returns its anchor.

    list_anchor: ``tasks``, or ``task/45/indicators`` for the rows nested in one.
    """
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        rows = new_rows(declaration, form, list_anchor, 1)
        if after:
            _reorder_behind(declaration, rows[0], after)
        touch(actor, declaration)
        anchor = anchor_of(rows[0])
        record(EventKind.ROW_ADDED, actor=actor, declaration=declaration, anchor=anchor)
        return anchor


def new_rows(declaration: Declaration, form: Form, list_anchor: str, count: int) -> list[Row]:
    """Blank rows at the end of a list of a locked declaration, each with one nested row
    where the form nests a list in it."""
    siblings, blank = _list(declaration, form, list_anchor)
    if siblings.count() + count > MOST_ROWS:
        raise TooManyRowsError(f"每个清单最多 {MOST_ROWS} 行，请减少行数")
    last = siblings.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    rows = [blank(first + i) for i in range(count)]
    type(rows[0])._default_manager.bulk_create(rows)
    if isinstance(rows[0], Task) and f"{list_anchor}.{INDICATORS}" in _nested(form):
        Indicator.objects.bulk_create(
            Indicator(declaration=declaration, task_id=row.pk, position=0) for row in rows
        )
    return rows


def move_row(actor: User, *, declaration_id: int, anchor: str, by: int) -> None:
    """Moves a row up (negative) or down among its list's rows; stops at the ends."""
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        row = find_row(declaration, anchor)
        rows = list(_siblings(row))
        index = next(i for i, r in enumerate(rows) if r.pk == row.pk)
        target = max(0, min(len(rows) - 1, index + by))
        if target == index:
            return
        rows.insert(target, rows.pop(index))
        _arrange(rows)
        touch(actor, declaration)
        record(EventKind.ROW_MOVED, actor=actor, declaration=declaration, anchor=anchor, by=by)


def remove_row(actor: User, *, declaration_id: int, anchor: str) -> Event:
    """Removes a row with all that is nested in it. The event can be given to `undo`."""
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        row = find_row(declaration, anchor)
        nested = list(row.indicators.all()) if isinstance(row, Task) else []
        kept = [_dump(row), *map(_dump, nested)]
        row.delete()
        touch(actor, declaration)
        return record(
            EventKind.ROW_REMOVED, actor=actor, declaration=declaration, anchor=anchor, rows=kept
        )


def restore_rows(declaration: Declaration, event: Event) -> None:
    """Puts back what a removal took, under the same anchors, so that comments still fit."""
    first, *nested = event.data["rows"]
    if _model(first)._default_manager.filter(pk=first["values"]["id"]).exists():
        raise RefusedError("这一行已经恢复")
    task_id = first["values"].get("task_id")
    if task_id is not None and not declaration.tasks.filter(pk=task_id).exists():
        raise RowGoneError("这一行所属的任务已被删除，请先恢复该任务")
    row = _load(first, declaration)
    rows = [r for r in _siblings(row) if r.pk != row.pk]
    place = sum(r.position < row.position for r in rows)
    if any(r.position == row.position for r in rows):  # taken since
        row.position = rows[-1].position + 1
        _arrange([*rows[:place], row, *rows[place:]])
    for kept in nested:
        _load(kept, declaration)


def find_row(declaration: Declaration, anchor: str) -> Row:
    """Raises RowGoneError where the declaration has no such row."""
    kind, _, key = anchor.partition("/")
    model = {"task": Task, "indicator": Indicator}.get(kind)
    if model is not None:
        row = model._default_manager.filter(declaration=declaration, pk=row_id(key)).first()
        if row is not None:
            return row  # type: ignore[return-value]
    raise RowGoneError("这一行已被删除，请刷新页面")


def anchor_of(row: Row) -> str:
    """``task/45``."""
    return f"{'task' if isinstance(row, Task) else 'indicator'}/{row.pk}"


def _list(declaration: Declaration, form: Form, list_anchor: str) -> Any:
    """The rows of a list, and how to make a blank one at a position."""
    paths = {".".join(b.list_path) for b in form.blocks()}
    if list_anchor in paths and list_anchor in TASK_LISTS:
        return declaration.tasks.filter(block=list_anchor), lambda position: Task(
            declaration=declaration, block=list_anchor, position=position
        )
    if list_anchor == INDICATORS and list_anchor in paths:
        return declaration.indicators.filter(task=None), lambda position: Indicator(
            declaration=declaration, position=position
        )
    owner_anchor, _, name = list_anchor.rpartition("/")
    if name == INDICATORS and owner_anchor:
        owner = find_row(declaration, owner_anchor)
        if isinstance(owner, Task) and f"{owner.block}.{INDICATORS}" in paths:
            return owner.indicators.all(), lambda position: Indicator(
                declaration=declaration, task=owner, position=position
            )
    raise RowGoneError("表中没有这个清单，请刷新页面")


def _nested(form: Form) -> set[str]:
    return {".".join(b.list_path) for b in form.blocks() if len(b.list_path) > 1}


def _siblings(row: Row) -> "models.QuerySet[Any]":
    if isinstance(row, Task):
        return row.declaration.tasks.filter(block=row.block)
    return row.declaration.indicators.filter(task=row.task_id)


def _reorder_behind(declaration: Declaration, row: Row, after: str) -> None:
    before = find_row(declaration, after)
    rows = [r for r in _siblings(row) if r.pk != row.pk]
    if before not in rows:
        raise RowGoneError("这一行不在同一个清单中，请刷新页面")
    rows.insert(rows.index(before) + 1, row)
    _arrange(rows)


def _arrange(rows: list[Any]) -> None:
    """Shares the rows' positions out anew in this order. Those of removed rows stay free,
    so that these come back in their places."""
    positions = sorted(row.position for row in rows)
    moved = []
    for row, position in zip(rows, positions, strict=True):
        if row.position != position:
            row.position = position
            moved.append(row)
    if moved:
        type(moved[0])._default_manager.bulk_update(moved, ["position"])


def _dump(row: Row) -> dict[str, Any]:
    """All columns of a row, JSON-ready."""
    values = {
        f.attname: f.value_to_string(row)
        if isinstance(f, models.DecimalField) and getattr(row, f.attname) is not None
        else getattr(row, f.attname)
        for f in row._meta.concrete_fields
    }
    return {"model": type(row).__name__, "values": values}


def _model(kept: dict[str, Any]) -> Any:
    return {"Task": Task, "Indicator": Indicator}[kept["model"]]


def _load(kept: dict[str, Any], declaration: Declaration) -> Row:
    assert kept["values"]["declaration_id"] == declaration.pk
    row: Row = _model(kept)(**kept["values"])
    row.save(force_insert=True)
    return row
