"""What every write does: lock the declaration, know the person, keep the record.

Where the actor may be None, that is the command line: whoever has it may write to the
database anyway, so no permission is asked for, but state and window hold for it too.
"""

from collections.abc import Collection
from typing import Any

import pghistory
from django.utils import timezone

from declarations import permissions, workflow
from declarations.domain import origin
from declarations.domain.errors import (
    HeldByAnotherError,
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.models import Declaration, Event, EventKind, Revision, User


def lock(declaration_id: int) -> Declaration:
    """The declaration, locked until the transaction ends. Writes to one wait for each other.

    Joined only with its round, which does not depend on what the write before this one
    did: after a wait, PostgreSQL reads the locked row anew but not what is joined to it,
    and a revision joined here would be missing just after it was submitted.
    """
    locked = Declaration.objects.select_for_update(of=("self",))
    return locked.select_related("round").get(pk=declaration_id)


def lock_several(declarations: Collection[int]) -> list[Declaration]:
    """The same of several, in one order, so that two who write to the same do not wait for
    each other in a circle; each with its bureau and department. Raises RefusedError for none."""
    locked = list(
        Declaration.objects.select_for_update(of=("self",))
        .filter(pk__in=declarations)
        .select_related("round__bureau", "department")
        .order_by("pk")
    )
    if not locked:
        raise RefusedError("请先选择部门")
    return locked


def acting(actor: User | None, act: EventKind | None = None) -> Any:
    """Names the person in the cell history of everything written inside, and the act that it is
    a part of, where it is not typing."""
    person = {"user": actor.pk, "name": actor.name} if actor else {}
    return pghistory.context(**person, **({"act": act.value} if act else {}))


def record(
    kind: EventKind,
    *,
    actor: User | None,
    declaration: Declaration | None = None,
    bureau_id: int | None = None,
    revision: Revision | None = None,
    succeeded: bool = True,
    **data: Any,
) -> Event:
    """Keeps the record of one act, with the address it came from.

    bureau_id: whose record it is, where it is an act on no declaration.
    """
    if declaration is not None:
        bureau_id = declaration.round.bureau_id
    assert bureau_id is not None
    return Event.objects.create(
        bureau_id=bureau_id,
        declaration=declaration,
        revision=revision,
        actor=actor,
        kind=kind,
        succeeded=succeeded,
        ip=origin.current().ip,
        data=data,
    )


def require_editable(actor: User | None, declaration: Declaration) -> None:
    """Raises the RefusedError that says why this person cannot fill in now."""
    if actor and not permissions.can_fill_in(actor, declaration):
        raise NotPermittedError("只有本部门的填报人可以填写")
    now = timezone.now()
    if reason := workflow.why_not_editable(declaration, now):
        closed = workflow.why_window_closed(declaration, now)
        raise (WindowClosedError if reason == closed else WrongStateError)(reason)


def require_reviewable(actor: User, declaration: Declaration) -> Revision:
    """The revision under review, which this person may decide on now.

    Raises the RefusedError that says why not: it is another's stage, somebody else has taken
    it on, or it is not under review (any longer).
    """
    if not permissions.can_review(actor, declaration):
        raise NotPermittedError("只有本财政局的审核人可以审核")
    if reason := workflow.why_not_reviewable(declaration):
        raise WrongStateError(reason)
    if not permissions.can_decide(actor, declaration):
        raise NotPermittedError(f"申报正在“{declaration.stage}”环节，由该环节的审核人处理")
    holder = declaration.reviewer
    if holder is not None and holder.pk != actor.pk:
        raise HeldByAnotherError(f"{holder} 正在审核这份申报；如需由您处理，请先接手")
    assert declaration.revision is not None
    return declaration.revision


def begin_review(actor: User, declaration: Declaration) -> None:
    """Notes that a reviewer has begun: it is theirs now, and cannot be recalled any longer.

    The declaration is locked, and `require_reviewable` was asked.
    """
    begun = workflow.begun_here(declaration)
    if declaration.reviewer_id == actor.pk and begun:
        return
    declaration.reviewer = actor
    if not begun:
        declaration.review_begun_at = timezone.now()
    declaration.save(update_fields=["reviewer", "review_begun_at"])


def touch(actor: User | None, declaration: Declaration) -> None:
    """Notes who edited last, and when."""
    declaration.edited_at = timezone.now()
    declaration.edited_by = actor
    declaration.save(update_fields=["edited_at", "edited_by"])
