"""How far declarations are, for lists, counts and charts: the states in a few more words.

As SQL, so that ten thousand declarations are counted and sorted where they are stored.
"""

from datetime import datetime

from django.db.models import Case, CharField, DateTimeField, F, Q, TextChoices, Value, When
from django.db.models.functions import Coalesce, Greatest

from declarations.models import Declaration, State


class Phase(TextChoices):
    """A declaration's state, a draft that nobody has begun apart from the others."""

    NOT_STARTED = "not_started", "未开始"
    FILLING = "filling", "填报中"
    RETURNED = State.RETURNED.value, "已退回"
    SUBMITTED = State.SUBMITTED.value, "已提交"
    APPROVED = State.APPROVED.value, "已通过"
    ADJUSTING = State.ADJUSTING.value, "调整中"


LATE = "late"
"""Beside the phases, what lists are filtered by."""

LATE_LABEL = "逾期"

TONES = {
    Phase.NOT_STARTED: "",
    Phase.FILLING: "",
    Phase.RETURNED: "",
    Phase.SUBMITTED: "todo",
    Phase.APPROVED: "done",
    Phase.ADJUSTING: "",
}


def phase_of(declaration: Declaration) -> Phase:
    """The phase of a declaration that was read."""
    if declaration.state == State.DRAFT:
        return Phase.FILLING if declaration.edited_at else Phase.NOT_STARTED
    return Phase(declaration.state)


PHASE = Case(
    When(state=State.DRAFT, edited_at__isnull=True, then=Value(Phase.NOT_STARTED)),
    When(state=State.DRAFT, then=Value(Phase.FILLING)),
    default=F("state"),
    output_field=CharField(),
)
"""`phase_of` in SQL."""


def in_phase(phase: Phase) -> Q:
    """The condition for declarations in a phase."""
    if phase in (Phase.NOT_STARTED, Phase.FILLING):
        return Q(state=State.DRAFT, edited_at__isnull=phase is Phase.NOT_STARTED)
    return Q(state=phase.value)


_OF_ROUND = Case(
    When(
        approved__isnull=False,
        state=State.RETURNED,
        then=Greatest(F("round__adjustments_until"), F("round__correction_deadline")),
    ),
    When(approved__isnull=False, then=F("round__adjustments_until")),
    When(state=State.RETURNED, then=F("round__correction_deadline")),
    default=F("round__deadline"),
    output_field=DateTimeField(),
)

CLOSING = Coalesce(
    Greatest(_OF_ROUND, F("extended_until")), F("round__deadline"), output_field=DateTimeField()
)
"""`workflow.closing_time` in SQL; PostgreSQL's GREATEST passes over what is NULL."""


def is_late(now: datetime) -> Q:
    """The condition for what is owed and out of time: not filed, or returned and not corrected.

    An adjustment that was not handed in in time is not owed: what was approved is in force.
    """
    out_of_time = Q(state=State.DRAFT, round__deadline__lt=now) | Q(
        state=State.RETURNED, round__correction_deadline__lt=now
    )
    not_extended = Q(extended_until__isnull=True) | Q(extended_until__lt=now)
    return Q(approved__isnull=True) & out_of_time & not_extended
