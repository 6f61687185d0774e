"""Reviewing: comments, and the decision to return or to approve."""

from django.db import transaction

from declarations.domain.acting import lock, record, require_reviewable
from declarations.domain.errors import RefusedError
from declarations.models import Comment, Declaration, EventKind, State, User
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind

LONGEST_COMMENT = 2_000


def add_comment(actor: User, *, declaration_id: int, anchor: str, text: str) -> Comment:
    """Comments on a cell of the revision under review, or on the whole ("" as anchor).

    The department sees it when the revision is returned or approved.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        text = text.strip()
        if not text:
            raise RefusedError("请填写批注内容")
        if len(text) > LONGEST_COMMENT:
            raise RefusedError(f"批注最多 {LONGEST_COMMENT} 字，现有 {len(text)} 字")
        if anchor and not _has_cell(declaration, anchor):
            raise RefusedError("表中没有这个单元格，请刷新页面")
        comment = Comment.objects.create(
            declaration=declaration, revision=revision, anchor=anchor, text=text, author=actor
        )
        record(
            EventKind.COMMENTED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            anchor=anchor,
            text=text,
        )
        return comment


def delete_comment(actor: User, *, declaration_id: int, comment_id: int) -> None:
    """Takes back one's own comment, as long as nothing is decided. Twice is once."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        comment = Comment.objects.filter(revision=revision, pk=comment_id).first()
        if comment is None:
            return
        if comment.author_id != actor.pk:
            raise RefusedError("只能删除自己写的批注")
        record(
            EventKind.COMMENT_DELETED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            anchor=comment.anchor,
            text=comment.text,
        )
        comment.delete()


def return_for_correction(actor: User, *, declaration_id: int, opinion: str = "") -> None:
    """Sends the declaration back to the department.

    `opinion` becomes a comment on the whole. Raises RefusedError unless there is
    an opinion or at least one comment: returned means told why.
    """
    _decide(actor, declaration_id, opinion, State.RETURNED, EventKind.RETURNED)


def approve(actor: User, *, declaration_id: int, opinion: str = "") -> None:
    """Approves the revision under review; `opinion`, if any, becomes a comment on the whole."""
    _decide(actor, declaration_id, opinion, State.APPROVED, EventKind.APPROVED)


def _decide(actor: User, declaration_id: int, opinion: str, state: State, kind: EventKind) -> None:
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        if opinion.strip():
            add_comment(actor, declaration_id=declaration_id, anchor="", text=opinion)
        if state is State.RETURNED and not revision.comments.exists():
            raise RefusedError("退回前请写明原因：填写退回意见，或在单元格上批注")
        declaration.state = state
        declaration.save(update_fields=["state"])
        record(kind, actor=actor, declaration=declaration, revision=revision)


def _has_cell(declaration: Declaration, anchor: str) -> bool:
    assert declaration.revision is not None
    table = bind(form_for(declaration.round), revision_records(declaration.revision))
    return any(entry.anchor == anchor for entry in table.entries())
