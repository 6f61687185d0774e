"""When who is reminded: which reminder is due at a moment, from dates alone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from declarations import workflow
from declarations.models import Declaration

MORNING = time(9)
"""Reminders go out when people come to work."""
MOST_DAYS = 60
"""The farthest from a deadline that a round can remind."""
LATEST = timedelta(days=7)
"""What could not be sent for longer is not sent any more."""
OVERDUE_MARKS = (0, 7)
"""Days after the last on which a stage should have been decided."""
PUBLISH_MARKS = (5, 1, -1)
"""Days before the last on which something should be published, negative: after it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A reminder on its day. days: before the deadline, negative: after it."""

    at: datetime
    days: int

    @property
    def name(self) -> str:
        return f"before/{self.days}" if self.days > 0 else f"after/{-self.days}"


@dataclass(frozen=True, slots=True)
class OverdueMark:
    """A reminder of what lies at a stage. due_on: its last day; days: how long that is past."""

    due_on: date
    days: int


def reminder_due(declaration: Declaration, told_at: datetime, now: datetime) -> Mark | None:
    """The reminder that a department should have got last, None: none that still matters.

    Of several that came due meanwhile only the latest counts. told_at: when it last heard of
    its time limit; what came before that is no reminder.
    """
    closing = workflow.closing_time(declaration)
    day = timezone.localdate(closing)
    round_ = declaration.round
    days = [*round_.remind_before, *(-d for d in round_.remind_after)]
    marks = [Mark(_morning(day - timedelta(days=d)), d) for d in days]
    last = max((m for m in marks if m.at <= now), key=lambda m: m.at, default=None)
    if last is None or last.at <= told_at or now - last.at > LATEST:
        return None
    return None if last.days > 0 and now > closing else last


def overdue(declaration: Declaration, now: datetime) -> OverdueMark | None:
    """The reminder of a declaration that lies at a stage with a time limit, None: none is due."""
    assert declaration.stage is not None
    assert declaration.arrived_at is not None
    allowed = timedelta(days=declaration.stage.days or 0)
    due_on = timezone.localdate(declaration.arrived_at) + allowed
    for days in reversed(OVERDUE_MARKS):
        at = _morning(due_on + timedelta(days=1 + days))
        if at <= now:
            return OverdueMark(due_on, days) if now - at <= LATEST else None
    return None


def publishing_due(due_on: date, approved_at: datetime, now: datetime) -> Mark | None:
    """The reminder of what is to be published that should have come last, None: none that still
    matters. What would have come before it was approved is no reminder."""
    marks = [Mark(_morning(due_on - timedelta(days=d)), d) for d in PUBLISH_MARKS]
    last = max((m for m in marks if m.at <= now), key=lambda m: m.at, default=None)
    if last is None or last.at <= approved_at or now - last.at > LATEST:
        return None
    return last


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))
