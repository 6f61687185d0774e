"""Taking a submission back, before anybody has begun to review it."""

from django.db import transaction

from declarations import permissions, workflow
from declarations.domain.acting import lock, record
from declarations.domain.errors import NotPermittedError, WrongStateError
from declarations.domain.review import leave_review
from declarations.domain.telling import tell_recalled
from declarations.models import Declaration, EventKind, Revision, State, User

_BEGINNINGS = (EventKind.RETURNED, EventKind.ADJUSTMENT_BEGUN)
"""The acts after which a department fills in again; before any it is its first draft."""


def recall(actor: User, *, declaration_id: int) -> None:
    """撤回: the declaration can be filled in again, as it could before it was submitted.

    Raises RefusedError where review has begun, or the person or the state forbid it. What was
    submitted stays as a revision, which only the department sees; an extension stays, too.
    The bureau has what it had before again.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if not permissions.can_fill_in(actor, declaration):
            raise NotPermittedError("只有本部门的填报人可以撤回")
        if reason := workflow.why_not_recallable(declaration):
            raise WrongStateError(reason)
        recalled = declaration.revision
        state, revision = _before(declaration)
        came_to_bureau = declaration.handed_in_id == declaration.revision_id
        tell_recalled(actor, declaration)
        leave_review(
            declaration,
            state,
            revision=revision,
            handed_in=revision if came_to_bureau else declaration.handed_in,
            opened_sections=declaration.opened_sections,
        )
        record(EventKind.RECALLED, actor=actor, declaration=declaration, revision=recalled)


def _before(declaration: Declaration) -> tuple[State, Revision | None]:
    """The state in which it was filled in before it was submitted, and the current revision then."""
    last = declaration.events.filter(kind__in=_BEGINNINGS).select_related("revision").first()
    if last is None:
        return State.DRAFT, None
    if last.kind == EventKind.ADJUSTMENT_BEGUN:
        return State.ADJUSTING, declaration.approved
    return State.RETURNED, last.revision
