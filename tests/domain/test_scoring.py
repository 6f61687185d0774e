"""Reviewers score what is under review; results are kept at submission and decided at approval."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.errors import (
    HeldByAnotherError,
    NotPermittedError,
    RefusedError,
    WrongStateError,
)
from declarations.domain.grading import change_grades
from declarations.domain.recalling import recall
from declarations.domain.review import claim, pass_on, release, return_for_correction
from declarations.domain.scoring import (
    set_review_score,
    version_of_review,
    withdraw_review_score,
)
from declarations.models import Declaration, EventKind, Notice, Result, ReviewScore, State, User
from declarations.queries.forms import form_for
from declarations.queries.scores import scored_draft, scored_now, scored_revision
from tests import factories, races
from tests.factories import reread, type_into
from tests.reviewing import FIRST, HEAD, StagePlan, head_of, reviewer_of
from tests.scored import handed_in, scored_for

EXECUTION, RULES, BONUS = "score/execution", "score/rules", "score/bonus"
PLAIN = StagePlan("绩效科审定")


@pytest.fixture
def submitted(filer: User, department: Any) -> Declaration:
    return handed_in(filer, scored_for(department))


def give(
    actor: User, declaration: Declaration, anchor: str = EXECUTION, score: str = "10", **given: str
) -> ReviewScore:
    given = {"reason": "按区间计算", "version": "", **given}
    return set_review_score(
        actor, declaration_id=declaration.pk, anchor=anchor, score=score, **given
    )


def test_a_score_is_kept_with_its_reason_and_on_record(reviewer, submitted) -> None:
    kept = give(reviewer, submitted, score=" 10.5分 ", reason=" 按区间计算\n")
    assert (kept.score, kept.reason) == (Decimal("10.50"), "按区间计算")
    assert (kept.author, kept.revision) == (reviewer, submitted.revision)
    event = submitted.events.get(kind=EventKind.REVIEW_SCORED)
    assert (event.data["item"], event.data["before"], event.data["score"]) == (
        "预算完成率",
        None,
        "10.5",
    )
    submitted = reread(submitted)
    assert submitted.reviewer == reviewer
    assert submitted.review_begun_at is not None
    scored = scored_now(submitted)
    assert (scored.scoring.self_score, scored.scoring.rule_score) == (
        Decimal("94.5"),
        Decimal("75.5"),
    )
    assert scored.review_score == Decimal(86)


@pytest.mark.parametrize(
    ("anchor", "score", "reason", "message"),
    [
        (EXECUTION, "", "理由", "请填写复核得分"),
        (EXECUTION, "好", "理由", "不是数字"),
        (EXECUTION, "-1", "理由", "应在0分至20分之间"),
        (EXECUTION, "20.5", "理由", "应在0分至20分之间"),
        (EXECUTION, "5万元", "理由", "应在0分至20分之间"),
        (EXECUTION, "1.234", "理由", "最多两位小数"),
        (EXECUTION, "1", " \n", "请写明复核理由"),
        (EXECUTION, "1", "字" * 1001, "最多 1000 字，现有 1001 字"),
        (BONUS, "-5.5", "理由", "应在-5分至5分之间"),
        ("score/nothing", "1", "理由", "没有这个评分项"),
        ("indicator/999999999", "1", "理由", "没有这个评分项"),
    ],
)
def test_what_cannot_be_is_refused(reviewer, submitted, anchor, score, reason, message) -> None:
    with pytest.raises(RefusedError, match=message):
        give(reviewer, submitted, anchor, score, reason=reason)
    assert not ReviewScore.objects.exists()
    assert not submitted.events.filter(kind=EventKind.REVIEW_SCORED).exists()


def test_a_bonus_can_take_points_and_rows_are_scored(reviewer, submitted) -> None:
    give(reviewer, submitted, BONUS, "-5")
    row = f"indicator/{submitted.indicators.last().pk}"
    give(reviewer, submitted, row, "15")
    assert scored_now(reread(submitted)).review_score == Decimal(77)


def test_the_same_twice_is_once(reviewer, submitted) -> None:
    first = give(reviewer, submitted)
    assert give(reviewer, submitted) == first
    assert submitted.events.filter(kind=EventKind.REVIEW_SCORED).count() == 1


def test_it_is_changed_and_withdrawn_by_who_saw_it(reviewer, submitted) -> None:
    kept = give(reviewer, submitted)
    with pytest.raises(WrongStateError, match=r"审核人甲 已评10分，理由：按区间计算"):
        give(reviewer, submitted, score="12")
    with pytest.raises(WrongStateError, match="审核人甲 已评10分"):
        withdraw_review_score(reviewer, declaration_id=submitted.pk, anchor=EXECUTION)
    seen = version_of_review(kept)
    changed = give(reviewer, submitted, score="12", version=seen)
    assert changed.score == 12
    seen = version_of_review(changed)
    for _ in range(2):
        withdraw_review_score(reviewer, declaration_id=submitted.pk, anchor=EXECUTION, version=seen)
    assert not ReviewScore.objects.exists()
    with pytest.raises(WrongStateError, match="已被撤回"):
        give(reviewer, submitted, score="13", version=seen)
    told = [e.data["score"] for e in submitted.events.filter(kind=EventKind.REVIEW_SCORED)]
    assert told == [None, "12", "10"]


def test_a_colleague_who_took_it_over_sees_what_was_given(reviewer, submitted, department) -> None:
    give(reviewer, submitted)
    other = reviewer_of(department, "审核人乙")
    with pytest.raises(HeldByAnotherError, match="审核人甲 正在审核"):
        give(other, submitted, score="3")
    claim(other, declaration_id=submitted.pk, take_over=True)
    with pytest.raises(WrongStateError, match="审核人甲 已评10分"):
        give(other, submitted, score="3")
    assert ReviewScore.objects.get().score == 10


def test_only_who_decides_scores_and_heads_do_not(filer, reviewer, outsider, department) -> None:
    declaration = scored_for(department, stages=[HEAD, FIRST])
    declaration = handed_in(filer, declaration)
    head = head_of(department)
    with pytest.raises(NotPermittedError, match="部门负责人环节不复核评分"):
        give(head, declaration)
    for other in (filer, outsider):
        with pytest.raises(NotPermittedError):
            give(other, declaration)
    with pytest.raises(NotPermittedError):
        give(reviewer, declaration)
    pass_on(head, declaration_id=declaration.pk)
    give(reviewer, declaration)


def test_nothing_is_scored_once_it_is_decided(reviewer, submitted) -> None:
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")
    with pytest.raises(WrongStateError, match="退回"):
        give(reviewer, submitted)


def test_what_was_scored_cannot_be_recalled(filer, reviewer, submitted) -> None:
    give(reviewer, submitted)
    release(reviewer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match="审核已经开始"):
        recall(filer, declaration_id=submitted.pk)


def test_the_department_sees_it_with_the_decision(filer, reviewer, submitted) -> None:
    give(reviewer, submitted, reason="按区间计算，理由要看得到")
    submitted = reread(submitted)
    assert submitted.revision is not None
    assert not scored_revision(filer, submitted, submitted.revision).reviews
    assert scored_revision(reviewer, submitted, submitted.revision).reviews
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")
    submitted = reread(submitted)
    seen = scored_revision(filer, submitted, submitted.revision).reviews[EXECUTION]
    assert (seen.score, seen.reason) == (10, "按区间计算，理由要看得到")
    draft = scored_draft(submitted, form_for(submitted.round))
    assert draft.reviews[EXECUTION].on == "第1版"
    text = Notice.objects.filter(recipient=filer).latest("pk").text
    assert "预算完成率：自评19分，复核10分，理由：按区间计算，理由要看得到" in text


def test_results_are_kept_at_submission_and_decided_at_approval(reviewer, submitted) -> None:
    result = Result.objects.get()
    assert (result.revision, result.points) == (submitted.revision, 105)
    assert (result.self_score, result.rule_score) == (Decimal("94.5"), Decimal("75.5"))
    assert (result.total, result.grade, result.decided_at) == (None, "", None)
    lines = {line.name: line for line in result.lines.all()}
    assert [line.position for line in result.lines.all()] == [1, 2, 3, 4, 5]
    missed = lines["帮扶困难家庭数量"]
    assert (missed.met, missed.ratio) == ("partly", Decimal("0.5000"))
    assert (missed.target, missed.actual) == ("≥100人", "50人")
    assert (missed.points, missed.self_score, missed.rule_score) == (30, 25, 15)
    assert lines["预算完成率"].met == ""
    assert "95" in lines["预算完成率"].explanation

    give(reviewer, submitted)
    assert pass_on(reviewer, declaration_id=submitted.pk) == State.APPROVED
    result.refresh_from_db()
    assert (result.total, result.grade) == (Decimal("85.5"), "良")
    assert result.decided_at is not None
    line = result.lines.get(anchor=EXECUTION)
    assert (line.review_score, line.review_reason) == (10, "按区间计算")
    assert "自评得分 85.5分，等级为良。" in Notice.objects.latest("pk").text


def test_without_review_scores_the_self_scores_count(reviewer, submitted) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    result = Result.objects.get()
    assert (result.total, result.grade) == (Decimal("94.5"), "优")
    assert scored_now(reread(submitted)).grade == "优"


def test_a_returned_revision_keeps_what_it_was_given(filer, reviewer, submitted) -> None:
    kept = give(reviewer, submitted)
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")
    first = Result.objects.get()
    assert first.lines.get(anchor=EXECUTION).review_score == 10
    assert first.decided_at is None
    type_into(filer, submitted, **{"score.execution.self_score": "12"})
    again = factories.submitted(filer, submitted)
    give(reviewer, again, score="11", version=version_of_review(kept))
    pass_on(reviewer, declaration_id=again.pk)
    assert first.lines.get(anchor=EXECUTION).review_score == 10
    assert Result.objects.get(decided_at__isnull=False).total == Decimal("86.5")


def test_a_correction_is_decided_with_the_scores_given_before(reviewer, submitted) -> None:
    give(reviewer, submitted)
    pass_on(reviewer, declaration_id=submitted.pk)
    changes = [Change("score/rules/self_score", "6", None)]
    correct(
        reviewer,
        declaration_id=submitted.pk,
        changes=changes,
        reason="与原始凭证核对，第二项不符合",
        base=1,
    )
    old, new = Result.objects.order_by("pk")
    assert (old.total, new.total) == (Decimal("85.5"), Decimal("83.5"))
    assert new.lines.get(anchor=EXECUTION).review_score == 10


def test_a_decided_result_is_frozen(reviewer, submitted) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    result = Result.objects.get()
    for change in (
        lambda: Result.objects.update(grade="差"),
        lambda: result.lines.update(self_score=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_thresholds_change_what_is_decided_later(
    administrator, reviewer, filer, department
) -> None:
    declaration = scored_for(department)
    settings = {
        "grade_excellent": Decimal(95),
        "grade_good": Decimal(92),
        "grade_fair": Decimal(60),
    }
    for _ in range(2):
        change_grades(administrator, bureau_id=department.bureau_id, settings=settings)
    declaration = handed_in(filer, reread(declaration))
    pass_on(reviewer, declaration_id=declaration.pk)
    assert Result.objects.get().grade == "中"  # 94.5 of 105 are 90 of 100
    event = administrator.bureau.events.get(kind=EventKind.GRADES_CHANGED)
    assert event.data["changes"]["grade_excellent"] == ["90.00", "95"]
    settings = dict(settings, grade_good=Decimal(80))
    change_grades(administrator, bureau_id=department.bureau_id, settings=settings)
    assert scored_now(reread(declaration)).grade == "中"  # as it was decided


def test_thresholds_are_in_order_and_the_administrators(
    administrator, reviewer, department
) -> None:
    settings = {
        "grade_excellent": Decimal(80),
        "grade_good": Decimal(80),
        "grade_fair": Decimal(60),
    }
    with pytest.raises(ValidationError, match="依次降低"):
        change_grades(administrator, bureau_id=department.bureau_id, settings=settings)
    with pytest.raises(NotPermittedError):
        change_grades(reviewer, bureau_id=department.bureau_id, settings=settings)


def test_a_form_without_a_rubric_has_no_result(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    assert not Result.objects.exists()
    assert scored_now(reread(declaration)) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_is_told_of_the_other(filer, reviewer, department) -> None:
    declaration = handed_in(filer, scored_for(department))
    other = reviewer_of(department, "审核人乙")
    outcomes = races.at_once(
        lambda: give(reviewer, declaration, score="10"),
        lambda: give(other, declaration, score="3"),
    )
    kept = ReviewScore.objects.get()
    (refused,) = (outcome for outcome in outcomes if outcome != kept)
    assert isinstance(refused, HeldByAnotherError)
    assert str(kept.author) in str(refused)
