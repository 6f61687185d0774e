"""Reviewing: taking on, and the decision to return, to pass on or to approve."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations.domain.acting import begin_review, lock, record, require_reviewable
from declarations.domain.commenting import add_comment
from declarations.domain.errors import RefusedError
from declarations.models import Comment, Declaration, EventKind, Revision, Stage, State, User
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind


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
        if before == actor and declaration.review_begun_at is not None and not take_over:
            return
        begin_review(actor, declaration)
        record(
            EventKind.CLAIMED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            taken_from=before.name if before and before != actor else "",
        )


def release(actor: User, *, declaration_id: int) -> None:
    """放回队列: the reviewer's colleagues can take it on. Twice is once.

    Where nothing was said of it at the first stage, the department can recall it again.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        if declaration.reviewer is None:
            return
        declaration.reviewer = None
        assert declaration.stage is not None
        if declaration.stage.position == 1 and not revision.comments.exists():
            declaration.review_begun_at = None
        declaration.save(update_fields=["reviewer", "review_begun_at"])
        record(EventKind.RELEASED, actor=actor, declaration=declaration, revision=revision)


def return_for_correction(
    actor: User, *, declaration_id: int, opinion: str = "", only_commented: bool = False
) -> None:
    """Sends the declaration back to the department.

    `opinion` becomes a comment on the whole. only_commented: opens only the sections of the
    form that were commented on. Raises RefusedError unless there is an opinion or at least
    one comment of this stage: returned means told why.
    """
    with transaction.atomic():
        declaration, revision, stage = _deciding(actor, declaration_id, opinion)
        comments = [c for c in revision.comments.all() if c.internal == stage.by_head]
        if not comments:
            raise RefusedError("退回前请写明原因：填写退回意见，或在单元格上批注")
        opened = _commented_sections(declaration, comments) if only_commented else None
        if only_commented and not opened:
            raise RefusedError("没有对某一部分的批注，不能只开放有批注的部分；请选择开放全部内容")
        leave_review(declaration, State.RETURNED, opened_sections=opened, extended_until=None)
        record(
            EventKind.RETURNED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            stage=stage.name,
            by_head=stage.by_head,
            opened_sections=opened,
        )


def pass_on(actor: User, *, declaration_id: int, opinion: str = "") -> State:
    """Passes the revision under review to the next stage, or approves it at the last one.

    `opinion`, if any, becomes a comment on the whole. Returns the state it is in then. Raises
    RefusedError, also where the stage's review sheet is not filled in.
    """
    with transaction.atomic():
        declaration, revision, stage = _deciding(actor, declaration_id, opinion)
        if stage.with_sheet and not revision.review_sheets.filter(stage=stage).exists():
            raise RefusedError("请先填写审核评分表")
        following = declaration.round.stages.filter(position__gt=stage.position).first()
        if following is None:
            leave_review(
                declaration,
                State.APPROVED,
                approved=revision,
                handed_in=revision,
                adjustment_reason="",
                extended_until=None,
            )
            kind = EventKind.APPROVED
        else:
            arrive(declaration, following)
            kind = EventKind.PASSED
        record(kind, actor=actor, declaration=declaration, revision=revision, stage=stage.name)
        return State(declaration.state)


def arrive(declaration: Declaration, stage: Stage) -> None:
    """Puts a locked declaration under review at a stage: with whom it was assigned to, if any."""
    assigned = declaration.assignments.filter(stage=stage).first()
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


def _deciding(
    actor: User, declaration_id: int, opinion: str
) -> tuple[Declaration, Revision, Stage]:
    """Locks what is to be decided, as the actor's, with the opinion kept as a comment."""
    declaration = lock(declaration_id)
    revision = require_reviewable(actor, declaration)
    if opinion.strip():
        add_comment(actor, declaration_id=declaration_id, anchor="", text=opinion)
        declaration.refresh_from_db(fields=["reviewer", "review_begun_at"])
    assert declaration.stage is not None
    return declaration, revision, declaration.stage


def _commented_sections(declaration: Declaration, comments: Iterable[Comment]) -> list[int]:
    """The indices of the form's sections that the comments stand in."""
    assert declaration.revision is not None
    table = bind(form_for(declaration.round), revision_records(declaration.revision))
    at = {e.anchor: row.section for row in table.rows for e in row.entries()}
    rows = {anchor.rpartition("/")[0]: section for anchor, section in at.items()}
    found = set()
    for comment in comments:
        kind, _, index = comment.anchor.partition("/")
        if kind == "section" and index.isdecimal():
            found.add(int(index))
        else:
            found.add(at.get(comment.anchor, rows.get(comment.anchor, -1)))
    return sorted(found - {-1})
