"""Adding, moving, removing and restoring the rows of a list."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import Max, Q

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.cells import fitting
from declarations.domain.errors import RefusedError
from declarations.domain.opening import within_opened
from declarations.models import Declaration, Event, EventKind, Indicator, Task, User
from declarations.queries.forms import form_for
from declarations.queries.records import row_id
from declarations.sheets.alignment import is_blank
from declarations.sheets.catalogue import INDICATORS, TASK_LISTS
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Value

MOST_ROWS = 1_000
"""Rows in one list; far beyond any form, and within what a page can show."""

Row = Task | Indicator
Dump = dict[str, Any]
"""All columns of a row that was removed, JSON-ready."""


class TooManyRowsError(RefusedError):
    """The list is full."""


class RowGoneError(RefusedError):
    """The row is not there any longer."""


class ApprovedRowError(RefusedError):
    """The row, or one nested in it, comes from the approved target."""


def add_row(actor: User, *, declaration_id: int, list_anchor: str, after: str = "") -> str:
    """Adds a blank row at the end of a list, or after a row of it; returns its anchor.

    list_anchor: ``tasks``, or ``task/45/indicators`` for the rows nested in one.
    """
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        with within_opened(declaration, form):
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
        with within_opened(declaration, form_for(declaration.round)):
            _arrange(rows)
        touch(actor, declaration)
        record(EventKind.ROW_MOVED, actor=actor, declaration=declaration, anchor=anchor, by=by)


def remove_row(actor: User, *, declaration_id: int, anchor: str) -> Event:
    """Removes a row with all that is nested in it. The event can be given to `undo`."""
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        _require_own(find_row(declaration, anchor))
        with within_opened(declaration, form_for(declaration.round)):
            kept = take_rows(declaration, [anchor])
        touch(actor, declaration)
        return record(
            EventKind.ROW_REMOVED, actor=actor, declaration=declaration, anchor=anchor, rows=kept
        )


def take_rows(declaration: Declaration, anchors: Iterable[str]) -> list[Dump]:
    """Removes rows of a locked declaration with all that is nested in them.

    Returns what was in them, for `restore_rows`: outer rows first. What is not there
    (any longer) is passed over.
    """
    ids = ids_by_kind(anchors)
    tasks = declaration.tasks.filter(pk__in=ids["task"])
    nested = Q(pk__in=ids["indicator"]) | Q(task__in=ids["task"])
    indicators = declaration.indicators.filter(nested)
    kept = [*map(_dump, tasks), *map(_dump, indicators)]
    if kept:
        indicators.delete()
        tasks.delete()
    return kept


def restore_rows(declaration: Declaration, kept: Sequence[Dump]) -> None:
    """Puts back what `take_rows` took, under the same anchors, so that comments still fit."""
    if not kept:
        return
    rows = [_load(dump, declaration) for dump in kept]
    tasks = [row for row in rows if isinstance(row, Task)]
    indicators = [row for row in rows if isinstance(row, Indicator)]
    if (
        declaration.tasks.filter(pk__in=[t.pk for t in tasks]).exists()
        or declaration.indicators.filter(pk__in=[i.pk for i in indicators]).exists()
    ):
        raise RefusedError("这一行已经恢复")
    owners = {i.task_id for i in indicators if i.task_id} - {t.pk for t in tasks}
    if declaration.tasks.filter(pk__in=owners).count() < len(owners):
        raise RowGoneError("这一行所属的任务已被删除，请先恢复该任务")
    Task.objects.bulk_create(tasks)
    Indicator.objects.bulk_create(indicators)
    _part(declaration, first={anchor_of(row) for row in rows})


def ids_by_kind(anchors: Iterable[str]) -> dict[str, set[int]]:
    """The ids of rows, by the first part of their anchors: ``task`` and ``indicator``."""
    ids: dict[str, set[int]] = {"task": set(), "indicator": set()}
    for anchor in anchors:
        kind, _, key = anchor.partition("/")
        ids[kind].add(int(key))
    return ids


def rows_of(declaration: Declaration) -> dict[str, list[Row]]:
    """Every row that is stored, by the anchor of its list, in order. Two queries."""
    lists: dict[str, list[Row]] = {}
    for task in declaration.tasks.all():
        lists.setdefault(task.block, []).append(task)
    for indicator in declaration.indicators.all():
        owner = f"task/{indicator.task_id}/" if indicator.task_id else ""
        lists.setdefault(f"{owner}{INDICATORS}", []).append(indicator)
    return lists


def line_up(rows: Iterable[Row]) -> list[Row]:
    """Sets positions so that rows stand in this order; returns those that got another one.

    As few as possible do, so that rows removed before come back in their places. Nothing
    is stored.
    """
    changed = []
    free = 0
    for row in rows:
        if row.position < free:
            row.position = free
            changed.append(row)
        free = row.position + 1
    return changed


def save_positions(rows: Iterable[Row]) -> None:
    """Stores the rows' positions; one query per kind."""
    rows = list(rows)
    for model in (Task, Indicator):
        if own := [row for row in rows if isinstance(row, model)]:
            model._default_manager.bulk_update(own, ["position"])  # type: ignore[arg-type]


def _part(declaration: Declaration, first: Collection[str]) -> None:
    """Parts rows that share a position, so that the order is plain; those of `first` go first."""
    changed: list[Row] = []
    for rows in rows_of(declaration).values():
        rows.sort(key=lambda r: (r.position, anchor_of(r) not in first))
        changed += line_up(rows)
    save_positions(changed)


def find_row(declaration: Declaration, anchor: str) -> Row:
    """Raises RowGoneError where the declaration has no such row."""
    kind, _, key = anchor.partition("/")
    model = {"task": Task, "indicator": Indicator}.get(kind)
    if model is not None:
        row = model._default_manager.filter(declaration=declaration, pk=row_id(key)).first()
        if row is not None:
            return row  # type: ignore[return-value]
    raise RowGoneError("这一行已被删除，请刷新页面")


def filled_row(form: Form, path: tuple[str, ...], item: Item, **place: Any) -> Row:
    """A row of one of the form's lists that holds what an item does, not yet stored.

    place: where it belongs: declaration, position, and block or task.
    """
    model = Indicator if path[-1] == INDICATORS else Task
    columns: dict[str, Value] = {}
    extra: dict[str, Value] = {}
    for form_field in form.fields_of(path):
        column = form_field.column
        value = item.values.get(column)
        if form_field.numeric:  # a JSON holds some numbers as text
            value = None if is_blank(value) else Decimal(value or 0)
        stored = fitting(model, column, value)
        if not column.startswith("extra."):
            columns[column] = stored
        elif stored:
            extra[column.removeprefix("extra.")] = stored
    came = {"approved_from": item.source, "carried": list(item.carried)}
    return model(**place, **columns, extra=extra, **came)


def anchor_of(row: Row) -> str:
    """``task/45``."""
    return f"{'task' if isinstance(row, Task) else 'indicator'}/{row.pk}"


def _require_own(row: Row) -> None:
    """Raises ApprovedRowError for what a self-evaluation has from the approved target."""
    nested = isinstance(row, Task) and row.indicators.filter(approved_from__isnull=False).exists()
    if row.approved_from is not None or nested:
        raise ApprovedRowError("这一行来自已批准的绩效目标，不能删除；确需改动的，请先调整绩效目标")


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


def _dump(row: Row) -> Dump:
    """All columns of a row, JSON-ready."""
    values = {
        f.attname: f.value_to_string(row)
        if isinstance(f, models.DecimalField) and getattr(row, f.attname) is not None
        else getattr(row, f.attname)
        for f in row._meta.concrete_fields
    }
    return {"model": type(row).__name__, "values": values}


def _load(kept: Dump, declaration: Declaration) -> Row:
    """The row that `_dump` wrote down, not yet stored."""
    assert kept["values"]["declaration_id"] == declaration.pk
    models_: dict[str, Any] = {"Task": Task, "Indicator": Indicator}
    row: Row = models_[kept["model"]](**kept["values"])
    return row
