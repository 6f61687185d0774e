"""Comments: what reviewers say of a revision, and what the department answers."""

from django.db import transaction

from declarations.domain.acting import begin_review, lock, record, require_reviewable
from declarations.domain.errors import RefusedError
from declarations.models import Comment, Declaration, EventKind, User
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
        begin_review(actor, declaration)
        text = text.strip()
        if not text:
            raise RefusedError("请填写批注内容")
        if len(text) > LONGEST_COMMENT:
            raise RefusedError(f"批注最多 {LONGEST_COMMENT} 字，现有 {len(text)} 字")
        if anchor and not _has_cell(declaration, anchor):
            raise RefusedError("表中没有这个单元格，请刷新页面")
        assert declaration.stage is not None
        comment = Comment.objects.create(
            declaration=declaration,
            revision=revision,
            anchor=anchor,
            text=text,
            author=actor,
            internal=declaration.stage.by_head,
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


def _has_cell(declaration: Declaration, anchor: str) -> bool:
    assert declaration.revision is not None
    table = bind(form_for(declaration.round), revision_records(declaration.revision))
    return any(entry.anchor == anchor for entry in table.entries())
