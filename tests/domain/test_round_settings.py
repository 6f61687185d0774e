"""Changing a round that runs: what may still be changed, what not, and what that does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.extending import extend
from declarations.domain.review import claim
from declarations.domain.round_settings import (
    ChangedMeanwhileError,
    add_departments,
    change_round,
    take_out,
)
from declarations.domain.rounds import StagePlan, start_all_waiting
from declarations.domain.submission import submit
from declarations.domain.telling import tell_opened
from declarations.models import Assignment, Declaration, Event, EventKind, Notice, Round, State
from declarations.queries.rounds import digest_of
from declarations.workflow import moment
from scoring.review_sheet import STANDARD
from tests import factories
from tests.races import at_once

DAY = timedelta(days=1)
TWO = (StagePlan("初审"), StagePlan("审定"))


def in_days(days: float):
    return timezone.now() + days * DAY


@pytest.fixture
def round_(declaration) -> Round:
    """Open since ten days, for ten more."""
    return declaration.round


def change(actor, round_: Round, stages: Any = None, **columns: Any) -> Any:
    return change_round(
        actor, round_id=round_.pk, seen=digest_of(fresh(round_)), columns=columns, stages=stages
    )


def fresh(round_: Round) -> Round:
    return Round.objects.get(pk=round_.pk)


def names(round_: Round) -> list[str]:
    return [stage.name for stage in round_.stages.all()]


# Columns


def test_what_is_changed_is_on_the_record_from_what_to_what(round_, administrator) -> None:
    before, after = round_.deadline, in_days(12)
    change(administrator, round_, deadline=after, name="第一批", remind_before=[5])
    event = Event.objects.get(kind=EventKind.ROUND_CHANGED)
    assert event.actor == administrator
    assert event.data["changes"] == {
        "填报截止": [moment(before), moment(after)],
        "名称": [round_.name, "第一批"],
        "截止前提醒": ["7 天、3 天、1 天", "5 天"],
    }
    assert fresh(round_).name == "第一批"


def test_the_same_again_is_nothing(round_, administrator) -> None:
    assert not change(administrator, round_, deadline=round_.deadline, name=round_.name).told
    assert not Event.objects.filter(kind=EventKind.ROUND_CHANGED).exists()


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ({"opens_at": in_days(1)}, {"opens_at": "已于 .* 开始填报，开始时间不能再改"}),
        ({"deadline": in_days(-1)}, {"deadline": "改后的时间已经过了"}),
        ({"correction_deadline": in_days(5)}, {"correction_deadline": "不能早于填报截止"}),
        ({"deadline": in_days(30)}, {"correction_deadline": "不能早于填报截止"}),
        ({"adjustments_until": in_days(-1)}, {"adjustments_until": "调整截止时间必须晚于"}),
        ({"adjustments_until": in_days(5)}, {"adjustments_until": "调整截止时间必须晚于"}),
        ({"remind_before": [0]}, {"remind_before": "1 至 60"}),
        ({"remind_after": [61]}, {"remind_after": "1 至 60"}),
        ({"remind_before": [3, 3]}, {"remind_before": "天数重复"}),
        ({"remind_before": list(range(1, 8))}, {"remind_before": "最多提醒 6 次"}),
        (
            {"review_sheet": STANDARD.to_json() | {"grades": []}},
            {"review_sheet": "最低的一个从 0 分起"},
        ),
        ({"name": ""}, {"name": "不能为空"}),
    ],
)
def test_what_may_not_be_set_is_said_by_its_column(
    round_, administrator, columns: dict[str, Any], wrong: dict[str, str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        change(administrator, round_, **columns)
    ((column, said),) = wrong.items()
    ((found, messages),) = refused.value.message_dict.items()
    assert found == column
    assert re.search(said, messages[0])
    assert not Event.objects.filter(kind=EventKind.ROUND_CHANGED).exists()


def test_before_it_opens_the_beginning_can_be_moved(round_, administrator) -> None:
    Round.objects.update(opens_at=in_days(1))
    change(administrator, round_, opens_at=in_days(-1))
    assert fresh(round_).opens_at < timezone.now()


def test_a_deadline_that_has_passed_can_stay_or_be_moved_ahead(round_, administrator) -> None:
    Round.objects.update(deadline=in_days(-1))
    change(administrator, round_, name="改名", deadline=fresh(round_).deadline)
    change(administrator, round_, deadline=in_days(2))


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_only_the_bureaus_administrator_changes(request, round_, who: str) -> None:
    actor = request.getfixturevalue(who)
    with pytest.raises(NotPermittedError):
        change(actor, round_, name="改名")
    with pytest.raises(NotPermittedError):
        add_departments(actor, round_id=round_.pk, departments=[])
    with pytest.raises(NotPermittedError):
        take_out(actor, declaration_id=round_.declarations.get().pk)


# Two at once


def test_who_saves_later_sees_that_it_changed_meanwhile(round_, administrator) -> None:
    seen = digest_of(round_)
    change(administrator, round_, name="第一批")
    with pytest.raises(ChangedMeanwhileError):
        change_round(
            administrator, round_id=round_.pk, seen=seen, columns={"name": "第二批"}, stages=None
        )
    assert fresh(round_).name == "第一批"


def test_the_same_by_two_or_a_second_click_is_once(round_, administrator) -> None:
    seen = digest_of(round_)
    for _ in range(2):
        change_round(administrator, round_id=round_.pk, seen=seen, columns={"name": "第一批"})
    assert Event.objects.filter(kind=EventKind.ROUND_CHANGED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_saves(round_, administrator) -> None:
    seen = digest_of(round_)
    outcomes = at_once(
        *[
            lambda n=n: change_round(
                administrator, round_id=round_.pk, seen=seen, columns={"name": n}
            )
            for n in ("甲", "乙")
        ]
    )
    assert sum(isinstance(o, ChangedMeanwhileError) for o in outcomes) == 1
    assert Event.objects.filter(kind=EventKind.ROUND_CHANGED).count() == 1


# Stages and sheet


def test_stages_change_until_somebody_submits(round_, administrator, filer, declaration) -> None:
    change(administrator, round_, stages=TWO)
    assert names(round_) == ["初审", "审定"]
    factories.submitted(filer, declaration)
    with pytest.raises(ValidationError, match="审核环节的名称、次序和办法不能再改"):
        change(administrator, round_, stages=[StagePlan("初审")])
    assert names(round_) == ["初审", "审定"]


def test_the_record_tells_the_stages(round_, administrator, reviewer) -> None:
    stages = [StagePlan("本部门", by_head=True), StagePlan("审定", days=5, reviewers=[reviewer])]
    change(administrator, round_, stages=stages)
    (event,) = Event.objects.filter(kind=EventKind.ROUND_CHANGED)
    assert event.data["changes"]["审核环节"] == [
        "财政局审核（全部审核人）",
        "本部门（部门负责人）→审定（审核人甲（reviewer），5 天）",
    ]


def test_a_sheet_is_needed_where_a_stage_wants_one_and_stays_once_submitted(
    round_, administrator, filer, declaration
) -> None:
    wanting = [StagePlan("审定", with_sheet=True)]
    with pytest.raises(ValidationError, match="请设置评分项和等级"):
        change(administrator, round_, stages=wanting)
    change(administrator, round_, stages=wanting, review_sheet=STANDARD.to_json())
    with pytest.raises(ValidationError, match="请设置评分项和等级"):
        change(administrator, round_, review_sheet={})
    factories.submitted(filer, declaration)
    with pytest.raises(ValidationError, match="审核评分表不能再改"):
        change(administrator, round_, review_sheet={})


def test_reviewers_and_time_limit_change_at_any_time(
    round_, administrator, reviewer, filer, declaration
) -> None:
    factories.submitted(filer, declaration)
    change(administrator, round_, stages=[StagePlan("财政局审核", days=3, reviewers=[reviewer])])
    stage = round_.stages.get()
    assert stage.days == 3
    assert list(stage.reviewers.all()) == [reviewer]
    assert factories.reread(declaration).stage == stage


def test_what_a_removed_reviewer_had_is_anybodys_again(
    round_, administrator, reviewer, filer, declaration, stranger
) -> None:
    colleague = factories.UserFactory.create(bureau=reviewer.bureau)
    factories.submitted(filer, declaration)
    claim(reviewer, declaration_id=declaration.pk)
    stage = round_.stages.get()
    Assignment.objects.create(declaration=declaration, stage=stage, reviewer=reviewer)
    changes = change(administrator, round_, stages=[StagePlan("财政局审核", reviewers=[colleague])])
    assert (changes.released, changes.unassigned) == (1, 1)
    declaration.refresh_from_db()
    assert declaration.reviewer is None
    assert declaration.review_begun_at is not None
    assert not Assignment.objects.exists()


def test_only_active_reviewers_of_the_bureau_are_named(
    round_, administrator, reviewer, filer, outsider
) -> None:
    reviewer.is_active = False
    reviewer.save()
    for person in (reviewer, filer, outsider):
        with pytest.raises(RefusedError, match="不是本财政局使用中的审核人"):
            change(administrator, round_, stages=[StagePlan("审定", reviewers=[person])])
    assert names(round_) == ["财政局审核"]


@pytest.mark.django_db(transaction=True)
def test_whoever_submits_at_the_moment_the_stages_change_meets_one_or_the_other(
    round_, administrator, filer, declaration
) -> None:
    factories.fill_in(filer, declaration)
    seen = digest_of(round_)
    outcomes = at_once(
        lambda: submit(filer, declaration_id=declaration.pk),
        lambda: change_round(administrator, round_id=round_.pk, seen=seen, columns={}, stages=TWO),
    )
    declaration = factories.reread(declaration)
    assert declaration.state == State.SUBMITTED, outcomes
    if isinstance(outcomes[1], ValidationError):
        assert names(round_) == ["财政局审核"]
    else:
        assert names(round_) == ["初审", "审定"], outcomes
    assert declaration.stage == round_.stages.get(position=1)


# Departments


@pytest.fixture
def another(department):
    return factories.DepartmentFactory.create(bureau=department.bureau)


def test_a_department_is_called_on_later(round_, administrator, another, department) -> None:
    chosen = [another.pk, department.pk]
    assert add_departments(administrator, round_id=round_.pk, departments=chosen) == 1
    assert add_departments(administrator, round_id=round_.pk, departments=chosen) == 0
    assert fresh(round_).waiting == [another.pk]
    start_all_waiting(round_.pk)
    assert round_.declarations.filter(department=another).exists()
    event = Event.objects.get(kind=EventKind.DEPARTMENTS_ADDED)
    assert event.data["departments"] == [another.code]


def test_departments_out_of_use_or_foreign_are_not_called_on(
    round_, administrator, another
) -> None:
    another.is_active = False
    another.save()
    for department in (another, factories.DepartmentFactory.create()):
        with pytest.raises(RefusedError, match="已停用或不是本财政局的"):
            add_departments(administrator, round_id=round_.pk, departments=[department.pk])
    assert fresh(round_).waiting == []


def test_nobody_is_called_on_after_the_deadline(round_, administrator, another) -> None:
    Round.objects.update(deadline=in_days(-1))
    with pytest.raises(WrongStateError, match="请先延长截止时间"):
        add_departments(administrator, round_id=round_.pk, departments=[another.pk])


def test_who_has_done_nothing_is_taken_out(filer, administrator, round_, declaration) -> None:
    tell_opened(round_, [declaration.department])
    assert Notice.objects.filter(declaration=declaration).count() == 1
    department = take_out(administrator, declaration_id=declaration.pk)
    assert department == declaration.department
    assert not Declaration.objects.exists()
    assert not Notice.objects.exists()
    event = Event.objects.get(kind=EventKind.ROUND_CHANGED)
    assert event.data["removed"] == department.code


def test_who_has_begun_or_was_given_more_time_stays(
    round_, administrator, filer, declaration, stranger
) -> None:
    factories.type_into(filer, declaration, **{"text/overall_goal": "目标"})
    other = factories.declaration_for(stranger.department, year=2024)
    extend(administrator, declaration_id=other.pk, until=in_days(40), reason="机构改革")
    for one in (declaration, other):
        with pytest.raises(WrongStateError, match="不能移出批次"):
            take_out(administrator, declaration_id=one.pk)
    assert Declaration.objects.count() == 2
