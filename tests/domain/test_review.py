"""Reviewing: comments, and one decision, with reasons."""

from functools import partial
from typing import Any

import pytest

from declarations.domain.cells import save_cells
from declarations.domain.commenting import LONGEST_COMMENT, add_comment, delete_comment
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import Comment, Declaration, EventKind, Role, State, User
from declarations.queries.comments import threads_of
from declarations.queries.pages import editor_table
from tests import factories
from tests.factories import reread
from tests.races import at_once

CELL = "funding/basic/budget"


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, name="审核人乙", role=Role.REVIEWER
    )


def comment_on(actor: User, declaration: Declaration, anchor: str, text: str) -> Comment:
    return add_comment(actor, declaration_id=declaration.pk, anchor=anchor, text=text)


def visible_texts(declaration: Declaration) -> list[str]:
    """What the department sees."""
    filer = User.objects.filter(department=declaration.department_id, role=Role.FILER)[0]
    return [t.comment.text for t in threads_of(filer, reread(declaration))]


# Comments


def test_a_comment_stands_at_its_cell(reviewer, submitted) -> None:
    comment = comment_on(reviewer, submitted, CELL, " 请核对。\n")
    assert (comment.anchor, comment.text, comment.author) == (CELL, "请核对。", reviewer)
    assert comment.revision == submitted.revision
    event = submitted.events.get(kind=EventKind.COMMENTED)
    assert event.actor == reviewer
    assert event.data == {"comment": comment.pk, "anchor": CELL, "text": "请核对。"}


def test_a_comment_may_be_on_the_whole(reviewer, submitted) -> None:
    assert comment_on(reviewer, submitted, "", "总体清楚。").anchor == ""


def test_a_comment_may_be_on_a_cell_of_a_row_and_on_a_computed_one(reviewer, submitted) -> None:
    for tag in ("tasks.amount", "computed.A16"):
        cell = next(e.anchor for e in editor_table(submitted).entries() if e.field.tag == tag)
        assert comment_on(reviewer, submitted, cell, "依据？").anchor == cell


@pytest.mark.parametrize("text", ["", "  \n\t", "\u3000"])
def test_a_comment_says_something(reviewer, submitted, text: str) -> None:
    with pytest.raises(RefusedError, match="请填写批注内容"):
        comment_on(reviewer, submitted, CELL, text)
    assert not Comment.objects.exists()


def test_a_comment_is_not_endless(reviewer, submitted) -> None:
    comment_on(reviewer, submitted, CELL, "字" * LONGEST_COMMENT)
    with pytest.raises(RefusedError, match="批注最多 2000 字，现有 2001 字"):
        comment_on(reviewer, submitted, CELL, "字" * (LONGEST_COMMENT + 1))
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("anchor", ["nonsense", "task/0/name", "funding/basic", "task/²/name"])
def test_a_comment_needs_a_cell_that_is_there(reviewer, submitted, anchor: str) -> None:
    with pytest.raises(RefusedError, match="表中没有这个单元格，请刷新页面"):
        comment_on(reviewer, submitted, anchor, "这里？")


@pytest.mark.parametrize("who", ["filer", "stranger", "administrator", "outsider"])
def test_only_reviewers_of_the_bureau_comment(request, submitted, who: str) -> None:
    with pytest.raises(NotPermittedError, match="只有本财政局的审核人可以审核"):
        comment_on(request.getfixturevalue(who), submitted, CELL, "我也说一句")
    assert not Comment.objects.exists()


def test_a_draft_cannot_be_commented_on(reviewer, declaration) -> None:
    with pytest.raises(WrongStateError, match="部门尚未提交，不能审核"):
        comment_on(reviewer, declaration, "", "太早")


def test_what_is_decided_cannot_be_commented_on(filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    with pytest.raises(WrongStateError, match=r"审核人甲 已于 .* 退回，不能重复处理"):
        comment_on(reviewer, declaration, CELL, "太晚")


def test_the_department_sees_comments_once_they_are_decided_on(filer, reviewer, submitted) -> None:
    comment_on(reviewer, submitted, CELL, "请核对。")
    assert visible_texts(submitted) == []
    return_for_correction(reviewer, declaration_id=submitted.pk)
    assert visible_texts(submitted) == ["请核对。"]
    submit(filer, declaration_id=submitted.pk)
    comment_on(reviewer, submitted, CELL, "仍不清楚。")
    assert visible_texts(submitted) == ["请核对。"]
    return_for_correction(reviewer, declaration_id=submitted.pk)
    assert visible_texts(submitted) == ["请核对。", "仍不清楚。"]


def test_the_department_sees_what_was_said_at_approval(reviewer, submitted) -> None:
    comment_on(reviewer, submitted, CELL, "明年请细化。")
    assert visible_texts(submitted) == []
    pass_on(reviewer, declaration_id=submitted.pk)
    assert visible_texts(submitted) == ["明年请细化。"]


# Taking a comment back


def test_ones_own_comment_can_be_taken_back(reviewer, submitted) -> None:
    comment_id = comment_on(reviewer, submitted, CELL, "请核对。").pk
    delete_comment(reviewer, declaration_id=submitted.pk, comment_id=comment_id)
    assert not Comment.objects.exists()
    event = submitted.events.get(kind=EventKind.COMMENT_DELETED)
    assert event.actor == reviewer
    assert event.data == {"comment": comment_id, "anchor": CELL, "text": "请核对。"}


def test_taking_it_back_twice_is_once(reviewer, submitted) -> None:
    comment = comment_on(reviewer, submitted, CELL, "请核对。")
    for _ in range(2):
        delete_comment(reviewer, declaration_id=submitted.pk, comment_id=comment.pk)
    assert submitted.events.filter(kind=EventKind.COMMENT_DELETED).count() == 1


def test_somebody_elses_comment_stays(reviewer, second_reviewer, submitted) -> None:
    comment = comment_on(reviewer, submitted, CELL, "请核对。")
    claim(second_reviewer, declaration_id=submitted.pk, take_over=True)
    with pytest.raises(RefusedError, match="只能删除自己写的批注"):
        delete_comment(second_reviewer, declaration_id=submitted.pk, comment_id=comment.pk)
    assert Comment.objects.get() == comment


def test_a_comment_that_was_told_stays(reviewer, submitted) -> None:
    comment = comment_on(reviewer, submitted, CELL, "请核对。")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError):
        delete_comment(reviewer, declaration_id=submitted.pk, comment_id=comment.pk)
    assert Comment.objects.get() == comment


def test_a_comment_on_an_earlier_revision_stays(filer, reviewer, submitted) -> None:
    comment = comment_on(reviewer, submitted, CELL, "请核对。")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    submit(filer, declaration_id=submitted.pk)
    delete_comment(reviewer, declaration_id=submitted.pk, comment_id=comment.pk)
    assert Comment.objects.get() == comment


# Returning


def test_a_return_needs_a_comment(reviewer, submitted) -> None:
    with pytest.raises(RefusedError, match="退回前请写明原因：填写退回意见，或在单元格上批注"):
        return_for_correction(reviewer, declaration_id=submitted.pk, opinion="  \n")
    assert reread(submitted).state == State.SUBMITTED
    assert not submitted.events.filter(kind=EventKind.RETURNED).exists()


def test_a_comment_on_a_cell_is_reason_enough(reviewer, submitted) -> None:
    comment_on(reviewer, submitted, CELL, "请核对。")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    assert reread(submitted).state == State.RETURNED
    event = submitted.events.get(kind=EventKind.RETURNED)
    assert (event.actor, event.revision) == (reviewer, submitted.revision)


def test_an_opinion_becomes_a_comment_on_the_whole(reviewer, submitted) -> None:
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请补充依据。")
    comment = Comment.objects.get()
    assert (comment.anchor, comment.text) == ("", "请补充依据。")
    assert reread(submitted).state == State.RETURNED


def test_a_comment_on_the_revision_before_is_no_reason_now(filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    submit(filer, declaration_id=declaration.pk)
    with pytest.raises(RefusedError, match="退回前请写明原因"):
        return_for_correction(reviewer, declaration_id=declaration.pk)


def test_a_return_with_too_long_an_opinion_is_none(reviewer, submitted) -> None:
    with pytest.raises(RefusedError, match="批注最多 2000 字"):
        return_for_correction(reviewer, declaration_id=submitted.pk, opinion="字" * 2_001)
    assert reread(submitted).state == State.SUBMITTED


def test_after_a_return_the_department_corrects_and_submits_again(
    filer, reviewer, declaration
) -> None:
    factories.returned(filer, reviewer, declaration)
    factories.type_into(filer, declaration, **factories.balanced("20"))
    submit(filer, declaration_id=declaration.pk)
    pass_on(reviewer, declaration_id=declaration.pk)
    now = reread(declaration)
    assert now.revision is not None
    assert (now.state, now.revision.number) == (State.APPROVED, 2)


# Approving


def test_an_approval_freezes(filer, reviewer, submitted) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    assert reread(submitted).state == State.APPROVED
    event = submitted.events.get(kind=EventKind.APPROVED)
    assert (event.actor, event.revision) == (reviewer, submitted.revision)
    for act in (
        lambda: save_cells(filer, declaration_id=submitted.pk, changes=[]),
        lambda: submit(filer, declaration_id=submitted.pk),
        lambda: comment_on(reviewer, submitted, CELL, "还有一点"),
        lambda: return_for_correction(reviewer, declaration_id=submitted.pk, opinion="反悔"),
    ):
        with pytest.raises(WrongStateError):
            act()
    assert reread(submitted).state == State.APPROVED


def test_an_approval_needs_no_comment_but_may_have_one(reviewer, submitted) -> None:
    pass_on(reviewer, declaration_id=submitted.pk, opinion="同意。")
    (said,) = Comment.objects.all()
    assert (said.text, said.state, said.resolved_by) == ("同意。", "resolved", reviewer)


# One decision


@pytest.mark.parametrize(
    ("first", "verb"), [(return_for_correction, "退回"), (pass_on, "审核通过")]
)
@pytest.mark.parametrize("second", [return_for_correction, pass_on])
def test_the_second_reviewer_learns_who_decided(
    reviewer, second_reviewer, submitted, *, first: Any, verb: str, second: Any
) -> None:
    first(reviewer, declaration_id=submitted.pk, opinion="意见")
    with pytest.raises(WrongStateError, match=f"^审核人甲 已于 .* {verb}，不能重复处理$"):
        second(second_reviewer, declaration_id=submitted.pk, opinion="意见")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("act", [return_for_correction, pass_on])
@pytest.mark.parametrize("who", ["filer", "stranger", "administrator", "outsider"])
def test_only_reviewers_of_the_bureau_decide(request, submitted, act: Any, who: str) -> None:
    with pytest.raises(NotPermittedError):
        act(request.getfixturevalue(who), declaration_id=submitted.pk, opinion="意见")
    assert reread(submitted).state == State.SUBMITTED


@pytest.mark.parametrize("act", [return_for_correction, pass_on])
def test_a_draft_cannot_be_decided_on(reviewer, declaration, act: Any) -> None:
    with pytest.raises(WrongStateError, match="部门尚未提交，不能审核"):
        act(reviewer, declaration_id=declaration.pk, opinion="意见")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [return_for_correction, pass_on])
def test_two_reviewers_who_decide_at_once_decide_once(
    reviewer, second_reviewer, submitted, second: Any
) -> None:
    results = at_once(
        partial(pass_on, reviewer, declaration_id=submitted.pk, opinion="甲的意见"),
        partial(second, second_reviewer, declaration_id=submitted.pk, opinion="乙的意见"),
    )
    refused = [isinstance(r, WrongStateError) for r in results]
    assert sorted(refused) == [False, True]
    winner, loser = ("甲", results[1]) if refused[1] else ("乙", results[0])
    assert str(loser).startswith(f"审核人{winner} 已于 ")
    assert [c.text for c in Comment.objects.all()] == [f"{winner}的意见"]
    decisions = submitted.events.filter(kind__in=[EventKind.RETURNED, EventKind.APPROVED])
    assert decisions.count() == 1
    returned = winner == "乙" and second is return_for_correction
    assert reread(submitted).state == (State.RETURNED if returned else State.APPROVED)
