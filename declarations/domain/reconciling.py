"""Carrying out a plan: many cells and rows of a locked declaration in a few queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from declarations.domain.cells import Change, Status, apply_changes
from declarations.domain.errors import RefusedError
from declarations.domain.opening import within_opened
from declarations.domain.rows import (
    Row,
    anchor_of,
    filled_row,
    line_up,
    rows_of,
    save_positions,
    take_rows,
)
from declarations.models import Declaration, Indicator, Task
from declarations.queries.forms import form_for
from declarations.queries.records import row_id
from declarations.sheets.alignment import is_blank_row
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.reconcile import ChangedCell, Plan, RowOfList
from declarations.sheets.records import Item


def carry_out(declaration: Declaration, plan: Plan, *, by_target: bool = False) -> dict[str, Any]:
    """Writes what a plan says; returns what `undo` needs to take it back, JSON-ready.

    by_target: that the plan is what the approved target says, and nobody's own words.
    The number of queries does not depend on that of the rows, but for one more with each
    hundred that are removed.
    """
    form = form_for(declaration.round)
    with within_opened(declaration, form):
        rows = take_rows(declaration, (r.item.anchor() for r in (*plan.removed, *plan.blank)))
        added, positions = _arrange(declaration, form, plan) if plan.orders else ([], {})
        nested = _add_nested(form, added)
        after = {anchor: text for row in (*added, *nested) for anchor, text in row.texts()}
        after |= _change_cells(declaration, form, plan.changed, by_target=by_target)
    return {
        "before": {c.anchor: c.field.edit_text(c.before) for c in plan.changed},
        "after": after,
        "added": [anchor_of(row.row) for row in added],
        "rows": rows,
        "positions": positions,
    }


@dataclass(frozen=True, slots=True)
class _Added:
    """A new row, filled in; stored once it has an id."""

    row: Row
    item: Item
    fields: Sequence[Field]

    @classmethod
    def make(cls, form: Form, path: tuple[str, ...], item: Item, **place: Any) -> "_Added":
        return cls(filled_row(form, path, item, **place), item, form.fields_of(path))

    def texts(self) -> Iterator[tuple[str, str]]:
        """What is filled in, by anchor, as one edits it."""
        for form_field in self.fields:
            if text := form_field.edit_text(self.item.values.get(form_field.column)):
                yield f"{anchor_of(self.row)}/{form_field.column}", text


def _arrange(
    declaration: Declaration, form: Form, plan: Plan
) -> tuple[list[_Added], dict[str, list[int]]]:
    """Adds rows and brings lists into their order.

    Also says which rows got another position: by anchor, the one before and the one now.
    """
    stored = {anchor_of(row): row for rows in rows_of(declaration).values() for row in rows}
    before = {anchor: row.position for anchor, row in stored.items()}
    added: list[_Added] = []
    moved: list[Row] = []
    for order in plan.orders.values():
        rows: list[Row] = []
        for entry in order:
            if isinstance(entry, str):
                rows.append(stored[entry])
            else:
                added.append(_new_row(declaration, form, entry))
                rows.append(added[-1].row)
        moved += [row for row in line_up(rows) if row.pk is not None]
    save_positions(moved)
    _create(added)
    positions = {a: [before[a], row.position] for row in moved for a in [anchor_of(row)]}
    return added, positions


def _new_row(declaration: Declaration, form: Form, entry: RowOfList) -> _Added:
    place: dict[str, Any] = {"declaration": declaration, "position": 0}
    if entry.list_path[-1] != INDICATORS:
        place["block"] = entry.list_path[-1]
    elif len(entry.list_path) > 1:
        place["task_id"] = row_id(entry.list_anchor.split("/")[1])
    return _Added.make(form, entry.list_path, entry.item, **place)


def _add_nested(form: Form, added: Sequence[_Added]) -> list[_Added]:
    """Adds what is nested in new rows; a blank row where nothing is, to be filled in.

    A task from the target has the indicators that it has there, which may be none.
    """
    lists = {block.list_path for block in form.blocks()}
    nested = []
    for outer in added:
        if isinstance(outer.row, Task) and (path := (outer.row.block, INDICATORS)) in lists:
            brought = [i for i in outer.item.lists.get(INDICATORS, []) if not is_blank_row(i)]
            blank = [Item("indicator", 0)] if outer.item.source is None else []
            for position, item in enumerate(brought or blank):
                place = {"declaration": outer.row.declaration, "task": outer.row}
                nested.append(_Added.make(form, path, item, position=position, **place))
    _create(nested)
    return nested


def _create(added: Sequence[_Added]) -> None:
    """Stores new rows; they get their ids. One query per kind."""
    for model in (Task, Indicator):
        if rows := [a.row for a in added if isinstance(a.row, model)]:
            model._default_manager.bulk_create(rows)  # type: ignore[arg-type]


def _change_cells(
    declaration: Declaration, form: Form, changed: Sequence[ChangedCell], *, by_target: bool
) -> dict[str, str]:
    """Writes other values into cells; what is stored then, by anchor, as one edits it."""
    changes = [Change(c.anchor, c.field.edit_text(c.after), None) for c in changed]
    outcomes, _ = apply_changes(declaration, form, changes, by_target=by_target)
    for cell, outcome in zip(changed, outcomes, strict=True):
        if outcome.status is not Status.SAVED:  # the form's limits are not those it was read by
            raise RefusedError(f"{cell.field.label}：{outcome.message}")
    return {outcome.anchor: outcome.text for outcome in outcomes}
