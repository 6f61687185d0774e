"""What a declaration's page says and offers beside its state and the next step."""

from dataclasses import dataclass
from datetime import datetime

from declarations import permissions, workflow
from declarations.models import (
    Declaration,
    Event,
    EventKind,
    Revision,
    RevisionKind,
    State,
    User,
)
from declarations.queries.disclosure_line import DisclosureLine, disclosure_line


@dataclass(frozen=True, slots=True)
class Aside:
    """recall, adjust, give_up, correct: what the person may do now beside the next step.

    in_force: the revision that counts while another is on its way to replace it; reason: why.
    corrected: the act by which the bureau corrected what is in force. extended: the act that
    gave the department more time. disclosure: where that of what is in force stands.
    """

    recall: bool = False
    adjust: bool = False
    give_up: bool = False
    correct: bool = False
    in_force: Revision | None = None
    reason: str = ""
    corrected: Event | None = None
    extended: Event | None = None
    disclosure: DisclosureLine | None = None


def aside_for(user: User, declaration: Declaration, now: datetime) -> Aside:
    """At most five queries, none for a first draft."""
    fills_in = permissions.can_fill_in(user, declaration)
    approved = declaration.approved
    replaced = approved is not None and declaration.state != State.APPROVED
    return Aside(
        recall=fills_in and not workflow.why_not_recallable(declaration),
        adjust=fills_in and not workflow.why_not_adjustable(declaration, now),
        give_up=fills_in and not workflow.why_not_given_up(declaration),
        correct=not workflow.why_not_correctable(declaration)
        and permissions.can_correct(user, declaration),
        in_force=approved if replaced else None,
        reason=declaration.adjustment_reason,
        corrected=_last(declaration, EventKind.CORRECTED)
        if approved is not None and approved.kind == RevisionKind.CORRECTION
        else None,
        extended=_last(declaration, EventKind.EXTENDED)
        if declaration.extended_until is not None
        else None,
        disclosure=disclosure_line(user, declaration),
    )


def _last(declaration: Declaration, kind: EventKind) -> Event | None:
    return declaration.events.filter(kind=kind).select_related("actor", "revision").first()
