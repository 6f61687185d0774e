"""Reviewing: taking on, and the decision to return, to pass on or to approve."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from declarations import permissions, workflow
from declarations.domain.acting import begin_review, lock, record, require_reviewable
from declarations.domain.commenting import add_comment
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.results import decide_result, keep_reviews
from declarations.domain.review_sheets import require_sheet
from declarations.domain.telling import (
    tell_approved,
    tell_evaluations,
    tell_passed,
    tell_returned,
    tell_taken_over,
)
from declarations.models import (
    Comment,
    Declaration,
    Event,
    EventKind,
    Revision,
    Stage,
    State,
    User,
)
from declarations.queries.assignment import reviewers_for
from declarations.queries.deciding import (
    commented_sections,
    compared_table,
    open_comments,
    stage_after,
)

_VERBS = {
    EventKind.RETURNED: "退回",
    EventKind.PASSED: "通过，转下一环节",
    EventKind.APPROVED: "审核通过",
}


class LookedAt(NamedTuple):
    """What somebody had before them when they decided: that is decided on, or nothing.

    Without it a second click, or a page left open, would decide on the next stage, too.
    """

    revision: int
    stage: int


def claim(actor: User, *, declaration_id: int, take_over: bool = False) -> None:
    """认领 or 接手: the reviewer takes a declaration on; it cannot be recalled any longer.

    Raises HeldByAnotherError where a colleague has it, unless it is taken over. Twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        before = declaration.reviewer
        if take_over:
            declaration.reviewer = None
        revision = require_reviewable(actor, declaration)
        if before == actor and workflow.begun_here(declaration):
            return
        begin_review(actor, declaration)
        record(
            EventKind.CLAIMED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            taken_from=before.name if before and before != actor else "",
        )
        if before is not None and before != actor:
            tell_taken_over(actor, declaration, before)


def release(actor: User, *, declaration_id: int) -> None:
    """放回队列: the reviewer's colleagues can take it on. Twice is once.

    Where nothing was said or scored of it at the first stage, the department can recall it again.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        if declaration.reviewer is None:
            return
        assert declaration.stage is not None
        said = (
            revision.comments.exists()
            or declaration.review_scores.filter(revision=revision).exists()
        )
        untouched = declaration.stage.position == 1 and not said
        declaration.reviewer = None
        # Begun, but not at this stage: nobody is at it, and still it cannot be recalled.
        declaration.review_begun_at = None if untouched else declaration.arrived_at
        declaration.save(update_fields=["reviewer", "review_begun_at"])
        record(EventKind.RELEASED, actor=actor, declaration=declaration, revision=revision)


def return_for_correction(
    actor: User,
    *,
    declaration_id: int,
    opinion: str = "",
    only_commented: bool = False,
    looked_at: LookedAt | None = None,
) -> None:
    """Sends the declaration back to the department.

    `opinion` becomes a comment on the whole. only_commented: opens only the sections of the
    form that were commented on. Raises RefusedError unless there is an opinion or at least
    one open comment of this stage: returned means told why. Twice is once, where `looked_at`
    says of what.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if _has_decided(actor, declaration, looked_at, [EventKind.RETURNED]):
            return
        revision, stage = _deciding(actor, declaration, opinion, looked_at)
        comments = open_comments(revision, stage)
        assert declaration.arrived_at is not None
        if not any(comment.created_at >= declaration.arrived_at for comment in comments):
            raise RefusedError("退回前请写明原因：填写退回意见，或在单元格上批注")
        opened = _sections(declaration, revision, comments) if only_commented else None
        if only_commented and not opened:
            raise RefusedError("没有对某一部分的批注，不能只开放有批注的部分；请选择开放全部内容")
        keep_reviews(declaration, revision)
        leave_review(declaration, State.RETURNED, opened_sections=opened)
        _record(EventKind.RETURNED, actor, declaration, revision, stage, opened_sections=opened)
        tell_returned(actor, declaration, stage, comments)


def pass_on(
    actor: User, *, declaration_id: int, opinion: str = "", looked_at: LookedAt | None = None
) -> State:
    """Passes the revision under review to the next stage, or approves it at the last one.

    `opinion`, if any, becomes a comment on the whole. Returns the state it is in then. Raises
    RefusedError, also where the stage's review sheet is not filled in. Twice is once, where
    `looked_at` says of what.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if _has_decided(actor, declaration, looked_at, [EventKind.PASSED, EventKind.APPROVED]):
            return State(declaration.state)
        revision, stage = _deciding(actor, declaration, opinion, looked_at, passing=True)
        require_sheet(revision, stage)
        following = stage_after(declaration, stage)
        if following is None:
            decide_result(declaration, revision)
            leave_review(
                declaration,
                State.APPROVED,
                approved=revision,
                approved_at=timezone.now(),
                handed_in=revision,
                adjustment_reason="",
                extended_until=None,
            )
            kind = EventKind.APPROVED
        else:
            arrive(declaration, following)
            kind = EventKind.PASSED
        _record(kind, actor, declaration, revision, stage)
        if following is None:
            tell_approved(actor, declaration)
            tell_evaluations(declaration)
        else:
            tell_passed(declaration, stage)
        return State(declaration.state)


def arrive(declaration: Declaration, stage: Stage) -> None:
    """Puts a locked declaration under review at a stage: with whom it was assigned to, if to
    anybody who still reviews there."""
    still = declaration.assignments.filter(stage=stage, reviewer__in=reviewers_for(stage))
    assigned = still.first()
    declaration.state = State.SUBMITTED
    declaration.stage = stage
    declaration.arrived_at = timezone.now()
    declaration.reviewer_id = assigned.reviewer_id if assigned else None
    if not stage.by_head:
        declaration.handed_in = declaration.revision
    declaration.save()


def leave_review(declaration: Declaration, state: State, **columns: Any) -> None:
    """Takes a locked declaration out of its stage into a state, and sets other columns with it."""
    columns = {"opened_sections": None} | columns
    nowhere = {"stage": None, "arrived_at": None, "reviewer": None, "review_begun_at": None}
    for name, value in {"state": state, **nowhere, **columns}.items():
        setattr(declaration, name, value)
    declaration.save()


def _sections(
    declaration: Declaration, revision: Revision, comments: Iterable[Comment]
) -> list[int]:
    return commented_sections(compared_table(declaration, revision), comments)


def _deciding(
    actor: User,
    declaration: Declaration,
    opinion: str,
    looked_at: LookedAt | None,
    *,
    passing: bool = False,
) -> tuple[Revision, Stage]:
    """What is decided on now, as the actor's, with the opinion kept as a comment."""
    if not permissions.can_review(actor, declaration):
        raise NotPermittedError("只有本财政局的审核人可以审核")
    if looked_at and not workflow.why_not_reviewable(declaration):
        _require_unchanged(declaration, looked_at)
    revision = require_reviewable(actor, declaration)
    if opinion.strip():
        add_comment(actor, declaration_id=declaration.pk, anchor="", text=opinion, settled=passing)
        declaration.refresh_from_db(fields=["reviewer", "review_begun_at"])
    begin_review(actor, declaration)
    assert declaration.stage is not None
    return revision, declaration.stage


def _has_decided(
    actor: User,
    declaration: Declaration,
    looked_at: LookedAt | None,
    kinds: Collection[EventKind],
) -> bool:
    """Whether the actor has decided this already on what they looked at: a second click."""
    decided = _decision_on(declaration, looked_at) if looked_at else None
    return decided is not None and decided.actor_id == actor.pk and decided.kind in kinds


def _require_unchanged(declaration: Declaration, looked_at: LookedAt) -> None:
    if looked_at == (declaration.revision_id, declaration.stage_id):
        return
    decided = _decision_on(declaration, looked_at)
    if decided is None:
        raise WrongStateError("申报在您打开页面后有了变化，请按现在的内容重新核对")
    verb = _VERBS[EventKind(decided.kind)]
    raise WrongStateError(
        f"{decided.actor} 已于 {workflow.moment(decided.at)} {verb}，不能重复处理"
    )


def _decision_on(declaration: Declaration, looked_at: LookedAt) -> Event | None:
    return (
        declaration.events.filter(
            kind__in=_VERBS, revision=looked_at.revision, data__stage_id=looked_at.stage
        )
        .select_related("actor")
        .first()
    )


def _record(
    kind: EventKind,
    actor: User,
    declaration: Declaration,
    revision: Revision,
    stage: Stage,
    **data: Any,
) -> None:
    record(
        kind,
        actor=actor,
        declaration=declaration,
        revision=revision,
        stage=stage.name,
        stage_id=stage.pk,
        by_head=stage.by_head,
        **data,
    )
