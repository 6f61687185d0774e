"""Taking a submission back, before anybody has begun to review it."""

from django.db import transaction

from declarations import permissions, workflow
from declarations.domain.acting import lock, record
from declarations.domain.errors import NotPermittedError, WrongStateError
from declarations.domain.review import leave_review
from declarations.models import Declaration, Event, EventKind, Revision, State, User

_DECISIONS = (EventKind.RETURNED, EventKind.APPROVED)


def recall(actor: User, *, declaration_id: int) -> None:
    """撤回: the declaration can be filled in again, as it could before it was submitted.

    Raises RefusedError where review has begun, or the person or the state forbid it. What was
    submitted stays as a revision, but is not the current one any longer.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if not permissions.can_fill_in(actor, declaration):
            raise NotPermittedError("只有本部门的填报人可以撤回")
        if reason := workflow.why_not_recallable(declaration):
            raise WrongStateError(reason)
        recalled = declaration.revision
        state, revision = _before(declaration)
        opened = _opened_sections(declaration) if state is State.RETURNED else None
        leave_review(
            declaration,
            state,
            revision=revision,
            handed_in=_seen(declaration),
            opened_sections=opened,
        )
        record(EventKind.RECALLED, actor=actor, declaration=declaration, revision=recalled)


def _last_decision(declaration: Declaration) -> Event | None:
    return declaration.events.filter(kind__in=_DECISIONS).select_related("revision").first()


def _before(declaration: Declaration) -> tuple[State, Revision | None]:
    """The state before the submission, and the revision that was current then."""
    decided = _last_decision(declaration)
    if decided is not None and decided.kind == EventKind.RETURNED:
        return State.RETURNED, decided.revision
    if declaration.approved is not None:
        return State.ADJUSTING, declaration.approved
    return State.DRAFT, None


def _opened_sections(declaration: Declaration) -> list[int] | None:
    decided = _last_decision(declaration)
    return decided.data.get("opened_sections") if decided else None


def _seen(declaration: Declaration) -> Revision | None:
    """The revision that the bureau saw before: it does not keep one that was taken back."""
    if declaration.handed_in_id != declaration.revision_id:
        return declaration.handed_in
    decided = (
        declaration.events.filter(kind__in=[*_DECISIONS, EventKind.CORRECTED])
        .exclude(data__by_head=True)
        .select_related("revision")
        .first()
    )
    return decided.revision if decided else None
