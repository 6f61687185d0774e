"""Lists taken out of the system leave a record."""

from collections.abc import Mapping
from typing import Any

from declarations.domain.acting import record
from declarations.models import Event, EventKind, Round, User


def record_export(
    actor: User,
    *,
    title: str,
    filters: Mapping[str, Any],
    rows: int,
    round: Round | None = None,  # noqa: A002
) -> Event:
    """Notes who took which list, how it was filtered, and how many rows it had."""
    return record(
        EventKind.EXPORTED,
        actor=actor,
        bureau_id=actor.bureau_id,
        title=title,
        filters=dict(filters),
        rows=rows,
        round=round.pk if round else None,
        name=round.name if round else "",
    )


def record_taken(actor: User, *, filters: Mapping[str, Any], rows: int) -> Event:
    """Notes who took the record of acts, how it was filtered, and how many acts it had."""
    return record(
        EventKind.RECORD_EXPORTED,
        actor=actor,
        bureau_id=actor.bureau_id,
        filters=dict(filters),
        rows=rows,
    )
