"""The history of cells, as the triggers wrote it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db import models
from django.utils import timezone

from declarations.models import Declaration, EventKind
from declarations.queries.records import MODELS, SINGLE, row_id
from declarations.queries.revisions import Known
from declarations.sheets.catalogue import json_column
from declarations.sheets.fields import Field


@dataclass(frozen=True, slots=True)
class CellChange:
    """One change of a cell: who, when, from what to what, as the form shows them.

    way: the act that it was a part of, ``粘贴``, "" where it was typed.
    """

    person: str
    at: datetime
    before: str
    after: str
    way: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A submission between the changes of a cell: ``第2版提交``."""

    person: str
    at: datetime
    milestone: str


def last_change(row: models.Model, column: str) -> tuple[str, str]:
    """Who changed this column of a row last, and when (``10:32``); "" where nobody did."""
    events = list(_events(type(row), row.pk))
    for newer, older in zip(events, [*events[1:], None], strict=True):
        if older is None or _value(newer, column) != _value(older, column):
            return _person(newer), timezone.localtime(newer.pgh_created_at).strftime("%H:%M")
    return "", ""


def cell_history(
    declaration: Declaration, anchor: str, field: Field, until: datetime | None = None
) -> list[CellChange]:
    """The changes of one cell, newest first, also of a row that is gone.

    Empty where the anchor names none of this declaration.
    """
    kind, key, column = _split(anchor)
    model = MODELS.get(kind)
    if model is None:
        return []
    of_row = {"key": key} if kind in SINGLE else {"pgh_obj_id": row_id(key)}
    found = model.pgh_event_model.objects.filter(declaration=declaration, **of_row)  # type: ignore[attr-defined]
    if until:
        found = found.filter(pgh_created_at__lte=until)
    events = list(found.order_by("-pgh_id"))
    changes = []
    for newer, older in zip_longest(events, events[1:]):
        after = field.show(_value(newer, column))
        before = field.show(_value(older, column)) if older is not None else ""
        if before != after:
            at = newer.pgh_created_at
            changes.append(CellChange(_person(newer), at, before, after, _way(newer)))
    return changes


def timeline(
    changes: Sequence[CellChange], revisions: Iterable[Known]
) -> list[CellChange | Milestone]:
    """Changes and the submissions of these revisions among them, newest first.

    None where nothing was ever changed.
    """
    if not changes:
        return []
    milestones = [
        Milestone(r.submitted_by.name, r.submitted_at, f"第{r.number}版{known.kind or '提交'}")
        for known in revisions
        for r in [known.revision]
    ]
    return sorted([*changes, *milestones], key=lambda entry: entry.at, reverse=True)


def _split(anchor: str) -> tuple[str, str, str]:
    parts = anchor.split("/")
    if len(parts) == 2 and parts[0] == "text":
        return "text", parts[1], "text"
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")


def _events(model: type[models.Model], pk: Any) -> Any:
    return model.pgh_event_model.objects.filter(pgh_obj_id=pk).order_by("-pgh_id")  # type: ignore[attr-defined]


def _value(event: Any, column: str) -> Any:
    if kept := json_column(column):
        field, key = kept
        return getattr(event, field).get(key, "")
    return getattr(event, column, "")


def _person(event: Any) -> str:
    return str((event.pgh_context or {}).get("name", "系统"))


def _way(event: Any) -> str:
    act = (event.pgh_context or {}).get("act")
    return EventKind(act).label if act in EventKind.values else ""
