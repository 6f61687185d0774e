"""Review in stages: taking on, passing on, returning, with races on real connections."""

from functools import partial
from typing import Any

import pytest

from declarations.domain.commenting import add_comment
from declarations.domain.errors import (
    HeldByAnotherError,
    NotPermittedError,
    RefusedError,
    WrongStateError,
)
from declarations.domain.recalling import recall
from declarations.domain.review import LookedAt, claim, pass_on, release, return_for_correction
from declarations.domain.review_sheets import save_sheet
from declarations.domain.submission import submit
from declarations.models import (
    Declaration,
    EventKind,
    Notice,
    NoticeKind,
    Revision,
    State,
    User,
)
from tests import factories
from tests.factories import reread
from tests.races import at_once
from tests.reviewing import FIRST, FULL, HEAD, LAST, head_of, reviewer_of, staged

CELL = "funding/basic/budget"


@pytest.fixture
def head(department: Any) -> User:
    return head_of(department)


@pytest.fixture
def second(department: Any) -> User:
    return reviewer_of(department, "审核人乙")


@pytest.fixture
def submitted(filer: User, department: Any) -> Declaration:
    """At the first of two stages of the bureau, the last with a review sheet."""
    return factories.submitted(filer, staged(department, FIRST, LAST))


@pytest.fixture
def with_head(filer: User, department: Any) -> Declaration:
    return factories.submitted(filer, staged(department, HEAD, FIRST))


def looked_at(declaration: Declaration) -> LookedAt:
    now = reread(declaration)
    assert now.revision_id is not None
    assert now.stage_id is not None
    return LookedAt(now.revision_id, now.stage_id)


def count(declaration: Declaration, kind: EventKind) -> int:
    return declaration.events.filter(kind=kind).count()


# Stage by stage


def test_it_goes_from_stage_to_stage_until_it_is_approved(filer, head, reviewer, department):
    declaration = factories.submitted(filer, staged(department, HEAD, FIRST, LAST))
    assert reread(declaration).handed_in is None
    assert pass_on(head, declaration_id=declaration.pk) == State.SUBMITTED
    at_first = reread(declaration)
    assert at_first.stage is not None
    assert (at_first.stage.name, at_first.handed_in) == (FIRST.name, at_first.revision)
    pass_on(reviewer, declaration_id=declaration.pk)
    save_sheet(reviewer, declaration_id=declaration.pk, points=FULL)
    assert pass_on(reviewer, declaration_id=declaration.pk) == State.APPROVED
    done = reread(declaration)
    assert (done.state, done.approved, done.stage) == (State.APPROVED, done.revision, None)
    passed = declaration.events.filter(kind__in=[EventKind.PASSED, EventKind.APPROVED])
    assert [(e.kind, e.data["stage"], e.data["by_head"]) for e in reversed(passed)] == [
        (EventKind.PASSED, HEAD.name, True),
        (EventKind.PASSED, FIRST.name, False),
        (EventKind.APPROVED, LAST.name, False),
    ]


@pytest.mark.parametrize("who", ["filer", "colleague", "reviewer", "administrator", "outsider"])
def test_only_the_departments_head_decides_at_the_heads_stage(request, with_head, who: str):
    for act in (pass_on, return_for_correction, claim):
        with pytest.raises(NotPermittedError):
            act(request.getfixturevalue(who), declaration_id=with_head.pk)


def test_the_head_of_another_department_does_not(with_head, stranger):
    other = head_of(stranger.department, username="other-head")
    with pytest.raises(NotPermittedError):
        pass_on(other, declaration_id=with_head.pk)


def test_where_reviewers_are_named_the_others_do_not_decide(filer, reviewer, second, department):
    plan = FIRST.__class__(FIRST.name, reviewers=[second])
    declaration = factories.submitted(filer, staged(department, plan, LAST))
    with pytest.raises(NotPermittedError, match="由该环节的审核人处理"):
        pass_on(reviewer, declaration_id=declaration.pk)
    pass_on(second, declaration_id=declaration.pk)


def test_what_the_head_returns_never_came_to_the_bureau(filer, head, with_head):
    return_for_correction(head, declaration_id=with_head.pk, opinion="请补充。")
    found = reread(with_head)
    assert (found.state, found.handed_in) == (State.RETURNED, None)
    assert found.comments.get().internal


# Taking on


def test_what_a_colleague_has_must_be_taken_over(reviewer, second, submitted):
    claim(reviewer, declaration_id=submitted.pk)
    for act in (
        partial(claim, second),
        partial(pass_on, second),
        partial(return_for_correction, second, opinion="意见"),
        partial(release, second),
        partial(add_comment, second, anchor=CELL, text="？"),
    ):
        with pytest.raises(HeldByAnotherError, match="审核人甲 正在审核这份申报"):
            act(declaration_id=submitted.pk)
    claim(second, declaration_id=submitted.pk, take_over=True)
    assert reread(submitted).reviewer == second
    event = submitted.events.filter(kind=EventKind.CLAIMED).first()
    assert event is not None
    assert (event.actor, event.data["taken_from"]) == (second, "审核人甲")
    assert Notice.objects.get(recipient=reviewer, kind=NoticeKind.ASSIGNED).declaration == submitted


def test_taking_on_twice_is_once(reviewer, submitted):
    for take_over in (False, False, True):
        claim(reviewer, declaration_id=submitted.pk, take_over=take_over)
    assert count(submitted, EventKind.CLAIMED) == 1


def test_what_is_put_back_can_be_recalled_where_nothing_was_said(filer, reviewer, submitted):
    claim(reviewer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match="审核已经开始，不能撤回"):
        recall(filer, declaration_id=submitted.pk)
    for _ in range(2):
        release(reviewer, declaration_id=submitted.pk)
    assert count(submitted, EventKind.RELEASED) == 1
    recall(filer, declaration_id=submitted.pk)
    assert reread(submitted).state == State.DRAFT


def test_what_is_put_back_with_a_comment_cannot(filer, reviewer, second, submitted):
    add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="？")
    release(reviewer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match="审核已经开始"):
        recall(filer, declaration_id=submitted.pk)
    claim(second, declaration_id=submitted.pk)
    assert reread(submitted).reviewer == second


def test_passing_on_without_a_word_ends_recalling(filer, head, with_head):
    pass_on(head, declaration_id=with_head.pk)
    with pytest.raises(WrongStateError, match="审核已经开始"):
        recall(filer, declaration_id=with_head.pk)


def test_at_the_next_stage_it_is_nobodys(reviewer, second, submitted):
    claim(reviewer, declaration_id=submitted.pk)
    pass_on(reviewer, declaration_id=submitted.pk)
    assert reread(submitted).reviewer is None
    claim(second, declaration_id=submitted.pk)
    release(second, declaration_id=submitted.pk)
    assert reread(submitted).reviewer is None
    assert reread(submitted).review_begun_at is not None


# Returning from a later stage


def test_what_an_earlier_stage_said_is_no_reason_to_return(reviewer, second, submitted):
    pass_on(reviewer, declaration_id=submitted.pk, opinion="同意。")
    with pytest.raises(RefusedError, match="退回前请写明原因"):
        return_for_correction(second, declaration_id=submitted.pk)
    return_for_correction(second, declaration_id=submitted.pk, opinion="不同意。")
    assert reread(submitted).state == State.RETURNED


def test_sections_that_an_earlier_stage_commented_on_are_opened_too(reviewer, second, submitted):
    add_comment(reviewer, declaration_id=submitted.pk, anchor="section/1", text="请细化。")
    pass_on(reviewer, declaration_id=submitted.pk)
    add_comment(second, declaration_id=submitted.pk, anchor=CELL, text="请核对。")
    return_for_correction(second, declaration_id=submitted.pk, only_commented=True)
    assert reread(submitted).opened_sections == [0, 1]


def test_a_department_keeps_its_extension_to_correct(filer, reviewer, submitted):
    later = submitted.round.correction_deadline.replace(year=2099)
    Declaration.objects.filter(pk=submitted.pk).update(extended_until=later)
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")
    factories.reschedule(submitted, opens_at=-9, deadline=-8, correction_deadline=-7)
    factories.type_into(filer, submitted, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=submitted.pk)


# Clicking twice


def test_clicking_twice_does_not_pass_the_next_stage_too(reviewer, submitted):
    seen = looked_at(submitted)
    states = [
        pass_on(reviewer, declaration_id=submitted.pk, opinion="同意。", looked_at=seen)
        for _ in range(2)
    ]
    assert states == [State.SUBMITTED, State.SUBMITTED]
    now = reread(submitted)
    assert now.stage is not None
    assert now.stage.name == LAST.name
    assert (count(submitted, EventKind.PASSED), submitted.comments.count()) == (1, 1)


def test_returning_twice_is_once(reviewer, submitted):
    seen = looked_at(submitted)
    for _ in range(2):
        return_for_correction(
            reviewer, declaration_id=submitted.pk, opinion="请修改。", looked_at=seen
        )
    assert (count(submitted, EventKind.RETURNED), submitted.comments.count()) == (1, 1)


def test_a_page_left_open_decides_nothing_on_what_came_since(filer, reviewer, second, submitted):
    seen = looked_at(submitted)
    pass_on(second, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match=r"^审核人乙 已于 .* 通过，转下一环节，不能重复处理$"):
        return_for_correction(
            reviewer, declaration_id=submitted.pk, opinion="请修改。", looked_at=seen
        )
    return_for_correction(second, declaration_id=submitted.pk, opinion="还要修改。")
    factories.type_into(filer, submitted, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError):
        pass_on(reviewer, declaration_id=submitted.pk, looked_at=seen)
    assert reread(submitted).state == State.SUBMITTED


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_two_who_claim_at_once(reviewer, second, submitted):
    results = at_once(
        partial(claim, reviewer, declaration_id=submitted.pk),
        partial(claim, second, declaration_id=submitted.pk),
    )
    assert sorted(isinstance(r, HeldByAnotherError) for r in results) == [False, True]
    winner = reviewer if results[0] is None else second
    assert reread(submitted).reviewer == winner
    assert [e.actor for e in submitted.events.filter(kind=EventKind.CLAIMED)] == [winner]


@pytest.mark.django_db(transaction=True)
def test_one_who_clicks_twice_at_once_passes_one_stage(reviewer, submitted):
    act = partial(pass_on, reviewer, declaration_id=submitted.pk, looked_at=looked_at(submitted))
    assert at_once(act, act) == [State.SUBMITTED, State.SUBMITTED]
    assert count(submitted, EventKind.PASSED) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_returned_and_recalled_at_once(filer, reviewer, submitted, attempt: int):
    returned, recalled = at_once(
        partial(return_for_correction, reviewer, declaration_id=submitted.pk, opinion="请修改。"),
        partial(recall, filer, declaration_id=submitted.pk),
    )
    state = reread(submitted).state
    if returned is None:
        assert isinstance(recalled, WrongStateError)
        assert (state, count(submitted, EventKind.RECALLED)) == (State.RETURNED, 0)
    else:
        assert isinstance(returned, WrongStateError)
        assert "撤回" in str(returned)
        assert (state, recalled) == (State.DRAFT, None)
        assert count(submitted, EventKind.RETURNED) == submitted.comments.count() == 0


@pytest.mark.django_db(transaction=True)
def test_returned_and_passed_on_at_once_is_one_of_them(reviewer, second, submitted):
    seen = looked_at(submitted)
    results = at_once(
        partial(
            return_for_correction,
            reviewer,
            declaration_id=submitted.pk,
            opinion="请修改。",
            looked_at=seen,
        ),
        partial(pass_on, second, declaration_id=submitted.pk, looked_at=seen),
    )
    assert sum(isinstance(r, WrongStateError) for r in results) == 1
    found = reread(submitted)
    passed = count(submitted, EventKind.PASSED)
    assert passed + count(submitted, EventKind.RETURNED) == 1
    assert found.state == (State.SUBMITTED if passed else State.RETURNED)
    assert Revision.objects.filter(declaration=submitted).count() == 1
