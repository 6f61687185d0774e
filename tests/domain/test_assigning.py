"""分派: evenly, by plan, and what it does to what is there already; 转交 to a colleague."""

from functools import partial
from typing import Any

import pytest

from declarations.domain.assigning import assign, hand_over
from declarations.domain.commenting import add_comment
from declarations.domain.errors import (
    HeldByAnotherError,
    NotPermittedError,
    RefusedError,
    WrongStateError,
)
from declarations.domain.review import claim, pass_on
from declarations.domain.submission import submit
from declarations.models import Assignment, Declaration, EventKind, Notice, NoticeKind, Role, User
from declarations.queries.assignment import plan_of, reviewers_for
from tests import factories
from tests.factories import reread
from tests.races import at_once
from tests.reviewing import FIRST, HEAD, LAST, many, reviewer_of, stage_of, staged


@pytest.fixture
def second(department: Any) -> User:
    return reviewer_of(department, "审核人乙")


def share_out(
    actor: User, found: list[Declaration], stage: str, *reviewers: User, **options: Any
) -> Any:
    return assign(
        actor,
        stage_id=stage_of(found[0], stage).pk,
        declaration_ids=[d.pk for d in found],
        reviewer_ids=[r.pk for r in reviewers],
        **options,
    )


def loads(*reviewers: User) -> list[int]:
    return [Assignment.objects.filter(reviewer=reviewer).count() for reviewer in reviewers]


def test_evenly_and_what_is_there_is_theirs_at_once(administrator, reviewer, second, department):
    found = many(department, 5, FIRST, LAST)
    plan = share_out(administrator, found, FIRST.name, reviewer, second)
    assert sorted(share.total for share in plan.shares) == [2, 3]
    for declaration in found:
        assert reread(declaration).reviewer == declaration.assignments.get().reviewer
        event = declaration.events.get(kind=EventKind.ASSIGNED)
        assert event.data["reviewer"] == reread(declaration).reviewer.name  # type: ignore[union-attr]
    told = Notice.objects.filter(kind=NoticeKind.ASSIGNED)
    assert {n.recipient for n in told} == {reviewer, second}
    assert told.count() == 2


def test_from_nothing_nobody_has_two_more(administrator, department) -> None:
    found = many(department, 7, FIRST)
    people = [reviewer_of(department, f"审核人{n}") for n in range(3)]
    share_out(administrator, found, FIRST.name, *people)
    assert sorted(loads(*people)) == [2, 2, 3]


def test_the_same_question_gets_the_same_plan(reviewer, second, department) -> None:
    found = many(department, 4, FIRST)
    stage = stage_of(found[0], FIRST.name)
    plans = [
        plan_of(stage, order, list(reviewers_for(stage))).digest for order in (found, found[::-1])
    ]
    assert plans[0] == plans[1]


def test_what_was_assigned_stays_unless_it_is_to_be_done_anew(
    administrator, reviewer, second, department
) -> None:
    found = many(department, 4, FIRST)
    share_out(administrator, found, FIRST.name, reviewer)
    plan = share_out(administrator, found, FIRST.name, reviewer, second)
    assert (plan.new, plan.kept, loads(reviewer, second)) == (0, 4, [4, 0])
    share_out(administrator, found, FIRST.name, reviewer, second, redo=True)
    assert loads(reviewer, second) == [2, 2]


def test_what_somebody_has_begun_with_stays_theirs(
    administrator, reviewer, second, department
) -> None:
    found = many(department, 2, FIRST)
    claim(reviewer, declaration_id=found[0].pk)
    plan = share_out(administrator, found, FIRST.name, second, redo=True)
    assert (plan.begun, plan.new) == (1, 1)
    assert reread(found[0]).reviewer == reviewer
    assert reread(found[1]).reviewer == second


def test_it_waits_at_a_stage_to_come(administrator, filer, reviewer, second, department) -> None:
    declaration = staged(department, FIRST, LAST)
    share_out(administrator, [declaration], FIRST.name, second)
    factories.submitted(filer, declaration)
    assert reread(declaration).reviewer == second
    with pytest.raises(HeldByAnotherError):
        claim(reviewer, declaration_id=declaration.pk)
    share_out(administrator, [declaration], LAST.name, reviewer)
    pass_on(second, declaration_id=declaration.pk)
    assert reread(declaration).reviewer == reviewer


def test_what_has_passed_a_stage_is_not_assigned_at_it(
    administrator, reviewer, second, department
) -> None:
    (declaration,) = many(department, 1, FIRST, LAST)
    pass_on(reviewer, declaration_id=declaration.pk)
    plan = share_out(administrator, [declaration], FIRST.name, second)
    assert plan.new == 0
    assert reread(declaration).reviewer is None


def test_a_plan_that_is_another_now_is_not_carried_out(
    administrator, reviewer, second, department
) -> None:
    found = many(department, 2, FIRST)
    stage = stage_of(found[0], FIRST.name)
    digest = plan_of(stage, found, [reviewer, second]).digest
    claim(second, declaration_id=found[0].pk)
    with pytest.raises(WrongStateError, match="请按现在的结果重新核对"):
        share_out(administrator, found, FIRST.name, reviewer, second, digest=digest)
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "filer", "outsider"])
def test_only_system_administrators_assign(request, reviewer, department, who: str) -> None:
    found = many(department, 1, FIRST)
    with pytest.raises(NotPermittedError):
        share_out(request.getfixturevalue(who), found, FIRST.name, reviewer)


def test_only_to_reviewers_of_the_stage(
    administrator, reviewer, second, outsider, department
) -> None:
    stopped = reviewer_of(department, "停用的审核人")
    User.objects.filter(pk=stopped.pk).update(is_active=False)
    found = many(department, 1, FIRST.__class__("初审", reviewers=[second]))
    for wrong in ([], [reviewer], [outsider], [stopped], [second, reviewer], [administrator]):
        with pytest.raises(RefusedError, match="请选择这个环节的审核人"):
            share_out(administrator, found, "初审", *wrong)
    share_out(administrator, found, "初审", second)


def test_the_heads_stage_is_not_assigned(administrator, reviewer, department) -> None:
    found = many(department, 1, HEAD, FIRST)
    with pytest.raises(RefusedError, match="部门负责人审核的环节不需要分派"):
        share_out(administrator, found, HEAD.name, reviewer)


@pytest.mark.django_db(transaction=True)
def test_assigned_and_claimed_at_once_is_one_persons(
    administrator, reviewer, second, department
) -> None:
    (declaration,) = many(department, 1, FIRST)
    at_once(
        partial(share_out, administrator, [declaration], FIRST.name, second),
        partial(claim, reviewer, declaration_id=declaration.pk),
    )
    found = reread(declaration)
    claimed = declaration.events.filter(kind=EventKind.CLAIMED).exists()
    assert found.reviewer == (reviewer if claimed else second)
    assert Assignment.objects.exists() == (not claimed)


def test_who_does_not_review_any_longer_is_not_waited_for(
    administrator, filer, second, department
) -> None:
    declaration = staged(department, FIRST)
    share_out(administrator, [declaration], FIRST.name, second)
    User.objects.filter(pk=second.pk).update(is_active=False)
    factories.submitted(filer, declaration)
    assert reread(declaration).reviewer is None


# Handing over


def test_a_reviewer_hands_over_what_they_have(filer, reviewer, second, department) -> None:
    declaration = factories.submitted(filer, staged(department, FIRST))
    add_comment(reviewer, declaration_id=declaration.pk, anchor="", text="请看。")
    for _ in range(2):
        hand_over(reviewer, declaration_id=declaration.pk, reviewer_id=second.pk)
    assert reread(declaration).reviewer == second
    assert declaration.events.filter(kind=EventKind.ASSIGNED).count() == 1
    assert Notice.objects.get(recipient=second, kind=NoticeKind.ASSIGNED).declaration == declaration


def test_what_comes_back_goes_to_the_colleague(filer, reviewer, second, department) -> None:
    from declarations.domain.review import return_for_correction

    declaration = factories.submitted(filer, staged(department, FIRST))
    hand_over(reviewer, declaration_id=declaration.pk, reviewer_id=second.pk)
    return_for_correction(second, declaration_id=declaration.pk, opinion="请修改。")
    factories.type_into(filer, declaration, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    assert reread(declaration).reviewer == second


def test_what_a_colleague_has_is_not_theirs_to_give(filer, reviewer, second, department) -> None:
    declaration = factories.submitted(filer, staged(department, FIRST))
    claim(second, declaration_id=declaration.pk)
    with pytest.raises(HeldByAnotherError):
        hand_over(reviewer, declaration_id=declaration.pk, reviewer_id=reviewer.pk)


def test_nobody_else_is_handed_anything(filer, reviewer, outsider, department) -> None:
    declaration = factories.submitted(filer, staged(department, FIRST))
    publisher = factories.UserFactory.create(bureau=department.bureau, role=Role.PUBLISHER)
    for wrong in (filer, outsider, publisher):
        with pytest.raises(RefusedError, match="请选择这个环节的审核人"):
            hand_over(reviewer, declaration_id=declaration.pk, reviewer_id=wrong.pk)
