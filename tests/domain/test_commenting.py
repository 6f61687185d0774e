"""Threads: who answers, who settles, who is told, and what the record keeps."""

from typing import Any

import pytest
from django.utils import timezone

from declarations.domain.commenting import (
    add_comment,
    answer_comment,
    delete_comment,
    reopen_comment,
    resolve_comment,
)
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.recalling import recall
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import (
    Comment,
    CommentState,
    Declaration,
    EventKind,
    Notice,
    NoticeKind,
    Role,
    User,
)
from declarations.queries.bulk_passing import summaries
from declarations.queries.comments import changes_since, situate, threads_of
from declarations.queries.pages import editor_table
from tests import factories
from tests.factories import reread

CELL = "funding/basic/budget"


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def told(reviewer: User, submitted: Declaration) -> Comment:
    """A comment, after the return that it was for."""
    comment = add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    Notice.objects.all().delete()
    return comment


def answer(actor: User, comment: Comment, text: str = "已核对。") -> Comment:
    return answer_comment(
        actor, declaration_id=comment.declaration_id, comment_id=comment.pk, text=text
    )


def resolve(actor: User, comment: Comment) -> None:
    resolve_comment(actor, declaration_id=comment.declaration_id, comment_id=comment.pk)


def reopen(actor: User, comment: Comment) -> None:
    reopen_comment(actor, declaration_id=comment.declaration_id, comment_id=comment.pk)


def state(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).state


def people_told() -> list[User]:
    notices = Notice.objects.filter(kind=NoticeKind.COMMENTED)
    return [n.recipient for n in notices.order_by("recipient__name")]


def test_back_and_forth(filer, reviewer, told) -> None:
    answer(filer, told)
    assert state(told) == CommentState.ANSWERED
    answer(reviewer, told, "依据呢？")
    assert state(told) == CommentState.OPEN
    answer(filer, told, "见附表。")
    resolve(reviewer, told)
    assert state(told) == CommentState.RESOLVED
    reopen(reviewer, told)
    assert state(told) == CommentState.ANSWERED
    kinds = list(told.declaration.events.values_list("kind", flat=True)[:5])
    assert kinds == [
        EventKind.COMMENT_REOPENED,
        EventKind.COMMENT_RESOLVED,
        *[EventKind.COMMENT_ANSWERED] * 3,
    ]
    assert [a.text for a in told.answers.all()] == ["已核对。", "依据呢？", "见附表。"]


def test_twice_is_once(filer, reviewer, told) -> None:
    assert answer(filer, told) == answer(filer, told)
    for act in (resolve, reopen):
        act(reviewer, told)
        act(reviewer, told)
    events = told.declaration.events
    assert events.filter(kind=EventKind.COMMENT_ANSWERED).count() == 1
    assert events.filter(kind=EventKind.COMMENT_RESOLVED).count() == 1
    assert events.filter(kind=EventKind.COMMENT_REOPENED).count() == 1


def test_the_same_comment_twice_is_once(reviewer, submitted) -> None:
    ids = {
        add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text=text).pk
        for text in ("请核对。", " 请核对。 ")
    }
    assert len(ids) == 1


@pytest.mark.parametrize("act", [resolve, reopen], ids=["resolve", "reopen"])
def test_the_department_does_not_settle(filer, told, act: Any) -> None:
    with pytest.raises(NotPermittedError):
        act(filer, told)


@pytest.mark.parametrize("act", [answer, resolve, reopen], ids=["answer", "resolve", "reopen"])
@pytest.mark.parametrize("who", ["stranger", "outsider", "administrator"])
def test_others_have_no_say(request, told, who: str, act: Any) -> None:
    with pytest.raises(RefusedError):
        act(request.getfixturevalue(who), told)
    assert state(told) == CommentState.OPEN
    assert not told.answers.exists()


def test_its_author_settles_it_in_another_post(reviewer, told) -> None:
    reviewer.role = Role.PUBLISHER
    reviewer.save()
    resolve(reviewer, told)
    assert state(told) == CommentState.RESOLVED


def test_what_is_settled_is_not_answered(filer, reviewer, told) -> None:
    resolve(reviewer, told)
    with pytest.raises(RefusedError, match="已标为已解决"):
        answer(filer, told)


@pytest.mark.parametrize("text", ["", "  ", "字" * 2_001], ids=["nothing", "blank", "long"])
def test_what_is_no_answer(filer, told, text: str) -> None:
    with pytest.raises(RefusedError):
        answer(filer, told, text)


def test_an_answer_is_not_answered(filer, reviewer, told) -> None:
    first = answer(filer, told)
    with pytest.raises(RefusedError):
        answer(reviewer, first, "再问")


def test_the_department_answers_what_it_was_not_told_not(filer, reviewer, submitted) -> None:
    comment = add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")
    with pytest.raises(RefusedError):
        answer(filer, comment)


def test_the_department_answers_while_it_is_reviewed(filer, reviewer, told) -> None:
    submit(filer, declaration_id=told.declaration_id)
    answer(filer, told)
    assert people_told() == [reviewer]
    # its own words are no reason for a return
    with pytest.raises(RefusedError, match="退回前请写明原因"):
        return_for_correction(reviewer, declaration_id=told.declaration_id)


def test_what_a_reviewer_answers_while_reviewing_is_told_with_the_decision(
    filer, reviewer, told
) -> None:
    submit(filer, declaration_id=told.declaration_id)
    Notice.objects.all().delete()
    answer(reviewer, told, "仍未改。")
    assert people_told() == []
    (thread,) = threads_of(filer, reread(told.declaration))
    assert thread.answers == []
    return_for_correction(reviewer, declaration_id=told.declaration_id, opinion="请修改。")
    thread = threads_of(filer, reread(told.declaration))[0]
    assert [a.text for a in thread.answers] == ["仍未改。"]


def test_an_answer_under_review_can_be_taken_back(filer, reviewer, told) -> None:
    answer(filer, told)
    submit(filer, declaration_id=told.declaration_id)
    said = answer(reviewer, told, "看错了")
    assert state(told) == CommentState.OPEN
    delete_comment(reviewer, declaration_id=told.declaration_id, comment_id=said.pk)
    assert state(told) == CommentState.ANSWERED


def test_a_comment_that_was_answered_stays(reviewer, submitted) -> None:
    comment = add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")
    answer(reviewer, comment, "补充一点")
    with pytest.raises(RefusedError, match="已有回复"):
        delete_comment(reviewer, declaration_id=submitted.pk, comment_id=comment.pk)


def test_who_is_told(filer, colleague, reviewer, told) -> None:
    answer(filer, told)
    assert people_told() == [reviewer]
    Notice.objects.all().delete()
    answer(reviewer, told, "依据呢？")
    assert people_told() == [colleague, filer]
    notice = Notice.objects.filter(recipient=filer).get()
    assert "请核对。" in notice.text
    assert "依据呢？" in notice.text


def test_one_e_mail_until_it_is_read(filer, reviewer, told) -> None:
    reviewer.email = "reviewer@example.com"
    reviewer.save()
    for number in range(3):
        answer(filer, told, f"第{number}次")
    assert sorted(n.email for n in Notice.objects.all()) == ["", "", "reviewer@example.com"]


def test_after_a_recall_threads_go_on(filer, reviewer, told) -> None:
    submit(filer, declaration_id=told.declaration_id)
    recall(filer, declaration_id=told.declaration_id)
    answer(filer, told)
    assert state(told) == CommentState.ANSWERED


def test_a_row_and_a_section_count_what_changed_in_them(filer, reviewer, submitted) -> None:
    anchors = factories.anchors(submitted, "indicators.target")
    row = anchors[0].rpartition("/")[0]
    table = editor_table(reread(submitted))
    section = next(r.section for r in table.rows for e in r.entries() if e.anchor == anchors[0])
    for place in (row, f"section/{section}", "section/0"):
        add_comment(reviewer, declaration_id=submitted.pk, anchor=place, text=f"看{place}")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    factories.type_into(filer, submitted, **{f"{row}/target": "200人", f"{row}/level3": "改名"})
    now = reread(submitted)
    table = editor_table(now)
    threads = threads_of(filer, now)
    views = situate(threads, table, changes_since(threads, table, None, {}))
    assert {(v.comment.anchor, v.changed, v.cells) for v in views} == {
        (row, True, 2),
        (f"section/{section}", True, 2),
        ("section/0", False, 0),
    }
    assert {v.place for v in views} >= {"绩效指标", "绩效指标 第1行"}


# The department among itself


def test_nothing_of_what_the_head_says_reaches_the_bureau(
    filer, reviewer, department, declaration
) -> None:
    head = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD, email="h@example.com"
    )
    declaration.round.stages.update(position=2)
    declaration.round.stages.create(position=1, name="部门审核", by_head=True)
    factories.submitted(filer, declaration)
    pk = declaration.pk
    said = add_comment(head, declaration_id=pk, anchor=CELL, text="内部的话")
    assert threads_of(filer, reread(declaration)) == []
    return_for_correction(head, declaration_id=pk)
    answer(filer, said, "内部的回复")
    answer(head, said, "内部的追问")
    with pytest.raises(RefusedError):
        answer(reviewer, said)
    submit(filer, declaration_id=pk)
    pass_on(head, declaration_id=pk)
    assert threads_of(reviewer, reread(declaration)) == []
    (thread,) = threads_of(filer, reread(declaration))
    assert [a.text for a in thread.answers] == ["内部的回复", "内部的追问"]
    resolve(head, said)
    (summary,) = summaries(reviewer, [pk], timezone.now())
    assert summary.open_comments == 0
    assert not any("内部的" in str(event.data) for event in declaration.events.all())
    assert not Notice.objects.filter(recipient=reviewer, text__contains="内部的").exists()
    told = Notice.objects.filter(text__contains="内部的").exclude(email="")
    assert all(notice.internal for notice in told)
    assert told.exists()
