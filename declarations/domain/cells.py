"""Saving cells: each with the version it was loaded with, so that no edit is lost silently."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import models, transaction

from declarations.domain.acting import acting, lock, require_editable, touch
from declarations.models import (
    Declaration,
    FundingLine,
    Indicator,
    Passage,
    ScoreItem,
    Task,
    User,
)
from declarations.queries.forms import form_for
from declarations.queries.history import last_change
from declarations.queries.records import ALL, load_records, row_id
from declarations.queries.scores import Scored, affects_scores, concerned, scored_draft, takes_over
from declarations.sheets.catalogue import INDICATORS, SCORES, json_column
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.kinds import InvalidValueError
from declarations.sheets.records import Value
from declarations.sheets.strip_html import Strip
from declarations.sheets.table import version_of
from declarations.sheets.texts import all_texts, computed_texts
from declarations.workflow.opened import closed_tags, why_closed

MOST_CHANGES = 10_000
"""Cells in one request: a paste of 500 rows of 20 columns."""


CARRIED = "这一格来自已批准的绩效目标，不能修改"
"""Why a cell of a self-evaluation that came from the target is refused."""


class Status(StrEnum):
    SAVED = "saved"
    INVALID = "invalid"
    CONFLICT = "conflict"
    GONE = "gone"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody typed into a cell. version: None writes over whatever is there."""

    anchor: str
    text: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change. `text` and `version` are what is stored now."""

    anchor: str
    status: Status
    text: str = ""
    version: str = ""
    message: str = ""
    changed_by: str = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcomes in the order of the changes, and the computed cells that depend on them.

    scored: how the whole is scored now, None where that cannot have changed. rescored: what is
    shown of those whose score may be another, by the anchors of items and indicators.
    """

    outcomes: list[Outcome]
    computed: dict[str, str] = field(default_factory=dict)
    scored: Scored | None = None
    rescored: dict[str, Strip] = field(default_factory=dict)


def save_cells(actor: User, *, declaration_id: int, changes: Sequence[Change]) -> Saved:
    """Saves what was typed; each cell succeeds or fails by itself, and nothing typed is lost.

    A value that cannot be read, a cell somebody else has changed, and a row that
    is gone come back as outcomes with a message. Raises RefusedError where the
    declaration cannot be edited at all.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        with acting(actor):
            outcomes, touched = apply_changes(declaration, form, changes)
        if touched:
            touch(actor, declaration)
        return _saved(declaration, form, outcomes, touched)


def apply_changes(
    declaration: Declaration, form: Form, changes: Iterable[Change], *, by_target: bool = False
) -> tuple[list[Outcome], set[str]]:
    """Writes the changes of a locked declaration; also says which fields (tags) changed.

    by_target: that they are what the approved target says, and nobody typed them.
    """
    changes = list(changes)
    rows = _Rows(declaration, [c.anchor for c in changes])
    closed = closed_tags(form, declaration.opened_sections)
    outcomes: list[Outcome] = []
    touched: set[str] = set()
    for change in changes:
        found = rows.find(change.anchor)
        form_field = form.fields.get(found.tag) if found else None
        if found is None or form_field is None or form_field.tag.startswith("computed."):
            outcomes.append(
                Outcome(change.anchor, Status.GONE, message="这一行已被删除，您填写的内容未能保存")
            )
            continue
        is_carried = found.is_carried and not by_target
        if form_field.tag in closed or is_carried:
            why = CARRIED if is_carried else why_closed(form, declaration.opened_sections)
            outcomes.append(
                Outcome(
                    change.anchor,
                    Status.CLOSED,
                    form_field.edit_text(found.value),
                    version_of(found.value),
                    message=why,
                )
            )
            continue
        outcome = _write(found, form_field, change)
        outcomes.append(outcome)
        if outcome.status is Status.SAVED and found.changed:
            touched.add(form_field.tag)
    rows.save()
    return outcomes, touched


def _saved(
    declaration: Declaration, form: Form, outcomes: list[Outcome], touched: set[str]
) -> Saved:
    """With what follows from the fields that were touched: computed cells, and the scores."""
    used, rescores = form.used_with(touched), affects_scores(form, touched)
    if not used and not rescores:
        return Saved(outcomes)
    parts = ALL if rescores else {name.split(".")[0] for name in used}
    records = load_records(declaration, form, parts)
    computed = computed_texts(form, records, touched)
    scored = scored_draft(declaration, form, records) if rescores else None
    if scored is None:
        return Saved(outcomes, computed)
    records.shown = scored.shown()
    if shown := {tag.path for tag, _ in form.tags if tag.shown}:
        computed |= all_texts(form, records, shown)
    is_concerned = concerned(form, touched)
    strips = scored.strips(records, taking=takes_over(form, declaration.opened_sections))
    anchors = {line.anchor for line in scored.lines if is_concerned(line)}
    anchors.update("/".join(outcome.anchor.split("/")[:2]) for outcome in outcomes)
    return Saved(outcomes, computed, scored, {a: strips[a] for a in anchors & strips.keys()})


def _write(found: "_Found", form_field: Field, change: Change) -> Outcome:
    current = found.value
    try:
        value = found.fitting(form_field.read(change.text))
    except InvalidValueError as error:
        return Outcome(
            change.anchor,
            Status.INVALID,
            form_field.edit_text(current),
            version_of(current),
            message=str(error),
        )
    if change.version not in (None, version_of(current)) and not _same(value, current):
        person, moment = last_change(found.row, found.column)
        return Outcome(
            change.anchor,
            Status.CONFLICT,
            form_field.edit_text(current),
            version_of(current),
            message="这一格刚被修改过，请选择保留哪一个",
            changed_by=person,
            changed_at=moment,
        )
    found.set(value)
    stored = found.value
    return Outcome(change.anchor, Status.SAVED, form_field.edit_text(stored), version_of(stored))


def fitting(model: type[models.Model], column: str, value: Value) -> Value:
    """A value as its column keeps it: in columns of text, and in `extra`, as text."""
    of_text = json_column(column) is not None or not isinstance(
        model._meta.get_field(column), models.DecimalField
    )
    if not of_text:
        return value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value or ""


def _same(one: Value, other: Value) -> bool:
    return version_of(one) == version_of(other)


@dataclass(slots=True)
class _Found:
    """A cell in the database: its row and column, and the tag it is filled by."""

    row: Any
    column: str
    tag: str
    rows: "_Rows"
    changed: bool = False

    @property
    def value(self) -> Value:
        if kept := json_column(self.column):
            field, key = kept
            return getattr(self.row, field).get(key, "")  # type: ignore[no-any-return]
        return getattr(self.row, self.column)  # type: ignore[no-any-return]

    @property
    def is_carried(self) -> bool:
        """Whether it holds what the approved target says."""
        return self.column in getattr(self.row, "carried", ())

    def fitting(self, value: Value) -> Value:
        return fitting(type(self.row), self.column, value)

    def set(self, value: Value) -> None:
        if _same(self.value, value):
            return
        self.changed = True
        if kept := json_column(self.column):
            field, key = kept
            setattr(self.row, field, {**getattr(self.row, field), key: value})
            self.rows.note(self.row, field)
        else:
            setattr(self.row, self.column, value)
            self.rows.note(self.row, self.column)


class _Rows:
    """The rows that a set of anchors names, read in one query per kind and written at the end."""

    def __init__(self, declaration: Declaration, anchors: Iterable[str]) -> None:
        keys: dict[str, set[str]] = {}
        for anchor in anchors:
            kind, _, rest = anchor.partition("/")
            keys.setdefault(kind, set()).add(rest.partition("/")[0])
        self._columns: dict[tuple[type[models.Model], Any], tuple[models.Model, set[str]]] = {}
        self._found: dict[str, Mapping[str, Any]] = {}
        ids = {kind: [*filter(None, map(row_id, names))] for kind, names in keys.items()}
        if "funding" in keys:
            # All of them, kept with the declaration: totals are made of the others too.
            models.prefetch_related_objects([declaration], "funding_lines")
            self._found["funding"] = {line.key: line for line in declaration.funding_lines.all()}
        if "text" in keys:
            passages = declaration.passages.filter(key__in=keys["text"])
            self._found["text"] = {p.key: p for p in passages}
        if SCORES in keys:
            items = declaration.score_items.filter(key__in=keys[SCORES])
            self._found[SCORES] = {item.key: item for item in items}
        if "task" in keys:
            tasks = declaration.tasks.filter(pk__in=ids["task"])
            self._found["task"] = {str(t.pk): t for t in tasks}
        if "indicator" in keys:
            indicators = declaration.indicators.filter(pk__in=ids["indicator"])
            self._found["indicator"] = {str(i.pk): i for i in indicators.select_related("task")}

    def find(self, anchor: str) -> _Found | None:
        """The cell at an anchor, or None where there is none (any longer)."""
        kind, _, rest = anchor.partition("/")
        key, _, column = rest.partition("/")
        row = self._found.get(kind, {}).get(key)
        match row:
            case FundingLine() | ScoreItem():
                return _Found(row, column, f"{kind}.{key}.{column}", self)
            case Passage() if not column:
                return _Found(row, "text", f"text.{key}", self)
            case Task():
                return _Found(row, column, f"{row.block}.{column}", self)
            case Indicator():
                owner = f"{row.task.block}." if row.task else ""
                return _Found(row, column, f"{owner}{INDICATORS}.{column}", self)
        return None

    def note(self, row: models.Model, column: str) -> None:
        """That a row's column was changed."""
        _, columns = self._columns.setdefault((type(row), row.pk), (row, set()))
        columns.add(column)

    def save(self) -> None:
        """Writes the changed rows: one statement for one row, one per kind for many."""
        by_model: dict[type[models.Model], list[tuple[models.Model, set[str]]]] = {}
        for (model, _), entry in self._columns.items():
            by_model.setdefault(model, []).append(entry)
        for model, entries in by_model.items():
            if len(entries) == 1:
                row, names = entries[0]
                row.save(update_fields=names)
                continue
            columns = sorted(set().union(*(names for _, names in entries)))
            model._default_manager.bulk_update([row for row, _ in entries], columns)
