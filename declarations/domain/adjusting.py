"""调整: changing what was approved, for a reason, through the same review; or giving that up.

Until the adjustment is approved, the revision that was approved stays in force.
"""

from django.db import transaction
from django.utils import timezone

from declarations import permissions, workflow
from declarations.domain.acting import acting, lock, record, touch
from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.evidence import restore_to
from declarations.domain.restoring import restore
from declarations.domain.telling import tell_adjusting, tell_adjustment_given_up
from declarations.models import Declaration, EventKind, State, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records

SHORTEST_REASON, LONGEST_REASON = 5, 1_000


def begin_adjustment(actor: User, *, declaration_id: int, reason: str) -> None:
    """Opens an approved declaration to be adjusted by its department; twice is once.

    Raises RefusedError where the person, the state or the round's time for adjustments
    forbid it, or the reason says too little or too much.
    """
    reason = required_reason(reason, "调整理由")
    with transaction.atomic():
        declaration = lock(declaration_id)
        if not permissions.can_fill_in(actor, declaration):
            raise NotPermittedError("只有本部门的填报人可以申请调整")
        if declaration.state == State.ADJUSTING and _begun_by(declaration, actor, reason):
            return
        if refusal := workflow.why_not_adjustable(declaration, timezone.now()):
            if declaration.state == State.APPROVED:
                raise WindowClosedError(refusal)
            raise WrongStateError(refusal)
        declaration.state = State.ADJUSTING
        declaration.adjustment_reason = reason
        declaration.save(update_fields=["state", "adjustment_reason"])
        record(
            EventKind.ADJUSTMENT_BEGUN,
            actor=actor,
            declaration=declaration,
            revision=declaration.approved,
            reason=reason,
        )
        tell_adjusting(actor, declaration)


def give_up_adjustment(actor: User, *, declaration_id: int) -> None:
    """Puts everything back to what is in force, as if it had not been touched; twice is once.

    It is possible at any time while the department may work on it, also when the time for
    adjusting is over. The event keeps what is given up. Explanations of hints stay as they
    were written last. Raises RefusedError.
    """
    with transaction.atomic(), acting(actor, EventKind.ADJUSTMENT_GIVEN_UP):
        declaration = lock(declaration_id)
        if not permissions.can_fill_in(actor, declaration):
            raise NotPermittedError("只有本部门的填报人可以放弃调整")
        if declaration.state == State.APPROVED and _given_up_by(declaration, actor):
            return
        if refusal := workflow.why_not_given_up(declaration):
            raise WrongStateError(refusal)
        in_force = declaration.approved
        assert in_force is not None
        given_up = load_records(declaration, form_for(declaration.round)).to_json()
        restore(declaration, in_force)
        restore_to(actor, declaration, in_force)
        reason, declaration.adjustment_reason = declaration.adjustment_reason, ""
        declaration.state = State.APPROVED
        declaration.revision = declaration.handed_in = in_force
        declaration.opened_sections = declaration.extended_until = None
        declaration.save()
        touch(actor, declaration)
        record(
            EventKind.ADJUSTMENT_GIVEN_UP,
            actor=actor,
            declaration=declaration,
            revision=in_force,
            reason=reason,
            content=given_up,
        )
        tell_adjustment_given_up(actor, declaration)


def required_reason(text: str, what: str) -> str:
    """The reason, trimmed. Raises RefusedError where it says too little or too much."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) < SHORTEST_REASON:
        raise RefusedError(f"请写明{what}，至少 {SHORTEST_REASON} 个字")
    if len(text) > LONGEST_REASON:
        raise RefusedError(f"{what}最多 {LONGEST_REASON} 字，现有 {len(text)} 字")
    return text


def _begun_by(declaration: Declaration, actor: User, reason: str) -> bool:
    begun = declaration.events.filter(kind=EventKind.ADJUSTMENT_BEGUN).first()
    return begun is not None and begun.actor_id == actor.pk and begun.data["reason"] == reason


def _given_up_by(declaration: Declaration, actor: User) -> bool:
    """Whether the last thing that happened is that this person gave an adjustment up."""
    last = declaration.events.first()
    return (
        last is not None
        and last.kind == EventKind.ADJUSTMENT_GIVEN_UP
        and last.actor_id == actor.pk
    )
