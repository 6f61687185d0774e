"""Comments: what reviewers say of a revision, what the department answers, and when it is settled.

A comment and its answers are a thread, whose state is that of the comment. What is said in the
department alone (`Comment.internal`) is not quoted in the record of acts, which the bureau reads.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from declarations import permissions
from declarations.domain.acting import begin_review, lock, record, require_reviewable
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.notifying import Message, notify_all
from declarations.models import (
    Comment,
    CommentState,
    Declaration,
    EventKind,
    NoticeKind,
    Revision,
    Role,
    State,
    User,
)
from declarations.queries.comments import hidden_from_department, visible_comments
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind
from declarations.sheets.places import places_of

LONGEST_COMMENT = 2_000
_QUOTED = 60
"""Characters of a comment that a notice about an answer quotes."""


def add_comment(
    actor: User, *, declaration_id: int, anchor: str, text: str, settled: bool = False
) -> Comment:
    """Comments on a cell, a row or a section of the revision under review, or on the whole ("").

    The department sees it when the revision is returned or approved. settled: it asks for
    nothing, as the opinion with which something is passed. Saying the same of the same place
    twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        text = _checked(text)
        if anchor and anchor not in _places(declaration):
            raise RefusedError("表中没有这个单元格，请刷新页面")
        said = revision.comments.filter(author=actor, anchor=anchor, text=text, parent=None)
        if again := said.first():
            return again
        begin_review(actor, declaration)
        assert declaration.stage is not None
        comment = Comment.objects.create(
            declaration=declaration,
            revision=revision,
            anchor=anchor,
            text=text,
            author=actor,
            internal=declaration.stage.by_head,
        )
        if settled:
            _set_state(comment, CommentState.RESOLVED, actor)
        _record(EventKind.COMMENTED, actor, declaration, comment)
        return comment


def delete_comment(actor: User, *, declaration_id: int, comment_id: int) -> None:
    """Takes back one's own comment or answer, as long as nothing is decided. Twice is once."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        comment = Comment.objects.filter(revision=revision, pk=comment_id).first()
        if comment is None:
            return
        if comment.author_id != actor.pk:
            raise RefusedError("只能删除自己写的批注")
        if comment.answers.exists():
            raise RefusedError("这条批注已有回复，不能删除；如已解决，请标为已解决")
        _record(EventKind.COMMENT_DELETED, actor, declaration, comment)
        comment.delete()
        if comment.parent is not None and comment.parent.state != CommentState.RESOLVED:
            _set_state(comment.parent, _unresolved(comment.parent))


def answer_comment(actor: User, *, declaration_id: int, comment_id: int, text: str) -> Comment:
    """Answers a comment: the department its reviewer, or the reviewer the department.

    What a reviewer answers while reviewing, the department sees once it is decided on. Raises
    RefusedError where the comment is settled or the person has no say in it. Twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        comment = _thread(actor, declaration, comment_id)
        if not permissions.can_answer(actor, comment):
            raise NotPermittedError("只有本部门的填报人和审核人可以回复")
        text = _checked(text)
        last = comment.answers.last()
        if last is not None and (last.author_id, last.text) == (actor.pk, text):
            return last
        if comment.state == CommentState.RESOLVED:
            raise RefusedError("这条批注已标为已解决，不能再回复；如需继续，请审核人重新打开")
        of_department = permissions.can_fill_in(actor, declaration)
        answer = Comment.objects.create(
            declaration=declaration,
            revision_id=_said_of(comment, declaration, of_department=of_department),
            parent=comment,
            anchor=comment.anchor,
            text=text,
            author=actor,
            internal=comment.internal,
        )
        _set_state(comment, CommentState.ANSWERED if of_department else CommentState.OPEN)
        _record(EventKind.COMMENT_ANSWERED, actor, declaration, answer)
        _tell(actor, answer, f"{actor.name}回复了批注", f"回复：{text}")
        return answer


def resolve_comment(actor: User, *, declaration_id: int, comment_id: int) -> None:
    """标为已解决: nothing more is expected of the department. Twice is once."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        comment = _settling(actor, declaration, comment_id)
        if comment.state == CommentState.RESOLVED:
            return
        _set_state(comment, CommentState.RESOLVED, by=actor)
        _record(EventKind.COMMENT_RESOLVED, actor, declaration, comment)
        _tell(actor, comment, "批注已标为已解决", f"{actor.name}已将这条批注标为已解决。")


def reopen_comment(actor: User, *, declaration_id: int, comment_id: int) -> None:
    """Opens a settled comment again. Twice is once."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        comment = _settling(actor, declaration, comment_id)
        if comment.state != CommentState.RESOLVED:
            return
        _set_state(comment, _unresolved(comment))
        _record(EventKind.COMMENT_REOPENED, actor, declaration, comment)
        _tell(actor, comment, "批注已重新打开", f"{actor.name}重新打开了这条批注。")


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise RefusedError("请填写批注内容")
    if len(text) > LONGEST_COMMENT:
        raise RefusedError(f"批注最多 {LONGEST_COMMENT} 字，现有 {len(text)} 字")
    return text


def _places(declaration: Declaration) -> set[str]:
    assert declaration.revision is not None
    table = bind(form_for(declaration.round), revision_records(declaration.revision), merging=False)
    return set(places_of(table))


def _thread(actor: User, declaration: Declaration, comment_id: int) -> Comment:
    """The comment that began a thread, if the actor may see it."""
    found = visible_comments(actor, declaration).filter(pk=comment_id, parent=None).first()
    if found is None:
        raise RefusedError("这条批注已不存在，请刷新页面")
    found.declaration = declaration
    return found


def _settling(actor: User, declaration: Declaration, comment_id: int) -> Comment:
    comment = _thread(actor, declaration, comment_id)
    if not permissions.can_resolve(actor, comment):
        raise NotPermittedError("只有审核人可以将批注标为已解决，或重新打开")
    return comment


def _said_of(comment: Comment, declaration: Declaration, *, of_department: bool) -> int:
    """The revision that an answer is kept with: of a reviewer's, the one under review there."""
    stage = declaration.stage
    reviewing = stage is not None and stage.by_head == comment.internal
    if of_department or not reviewing or declaration.revision_id is None:
        return comment.revision_id
    return declaration.revision_id


def _unresolved(comment: Comment) -> CommentState:
    """What an unsettled thread waits for: the department, or the reviewer it has answered."""
    last = comment.answers.select_related("author").last()
    answered = last is not None and permissions.can_fill_in(last.author, comment.declaration)
    return CommentState.ANSWERED if answered else CommentState.OPEN


def _set_state(comment: Comment, state: CommentState, by: User | None = None) -> None:
    comment.state = state
    comment.resolved_by = by
    comment.resolved_at = timezone.now() if by else None
    comment.save(update_fields=["state", "resolved_by", "resolved_at"])


def _record(kind: EventKind, actor: User, declaration: Declaration, comment: Comment) -> None:
    said: dict[str, Any] = {"internal": True} if comment.internal else {"text": comment.text}
    record(
        kind,
        actor=actor,
        declaration=declaration,
        revision=Revision(pk=comment.revision_id),
        comment=comment.parent_id or comment.pk,
        anchor=comment.anchor,
        **said,
    )


def _tell(actor: User, comment: Comment, title: str, what: str) -> None:
    """Tells the other side of a thread, unless it is not to see it yet.

    Who has not read the last such notice of this declaration gets no further e-mail.
    """
    declaration = comment.declaration
    root = comment.parent or comment
    people = (
        _reviewers_of(root, declaration)
        if permissions.can_fill_in(actor, declaration)
        else _filers_of(declaration)
        if not hidden_from_department(comment, declaration)
        else []
    )
    people = [person for person in people if person.pk != actor.pk]
    unread = set(
        declaration.notices.filter(
            recipient__in=people, kind=NoticeKind.COMMENTED, read_at=None
        ).values_list("recipient_id", flat=True)
    )
    text = f"批注：{Truncator(root.text).chars(_QUOTED)}\n{what}"
    title = f"{declaration.department.name}：{title}"
    notify_all(
        Message(
            [person],
            kind=NoticeKind.COMMENTED,
            title=title,
            text=text,
            declaration=declaration,
            by_email=person.pk not in unread,
            internal=root.internal,
        )
        for person in people
    )


def _filers_of(declaration: Declaration) -> list[User]:
    return list(User.objects.filter(department=declaration.department_id, role=Role.FILER))


def _reviewers_of(root: Comment, declaration: Declaration) -> list[User]:
    """Who wrote in the thread as a reviewer, and who has the declaration in hand now."""
    wrote = {root.author_id, *root.answers.values_list("author_id", flat=True)}
    if declaration.state == State.SUBMITTED and declaration.reviewer_id is not None:
        wrote.add(declaration.reviewer_id)
    found = User.objects.filter(pk__in=wrote)
    return [person for person in found if permissions.can_resolve(person, root)]
