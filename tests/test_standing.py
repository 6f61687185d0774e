"""Until when, and where a declaration stands: for each role, in each state."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from declarations import workflow
from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.domain.submission import submit
from declarations.models import Declaration, Role, Round, User
from declarations.queries.phases import CLOSING
from declarations.workflow.standing import Standing, standing
from tests import factories
from tests.factories import reread, type_into

GOAL = "text/overall_goal"
REASON = "预算追加，目标需要调整"


@pytest.fixture
def head(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, name="负责人", role=Role.HEAD
    )


@pytest.fixture
def publisher(department: Any) -> User:
    return factories.UserFactory.create(bureau=department.bureau, role=Role.PUBLISHER)


def says(user: User, declaration: Declaration) -> Standing:
    return standing(user, reread(declaration), timezone.now())


def adjust(filer: User, declaration: Declaration) -> None:
    factories.reschedule(declaration, adjustments_until=30)
    begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    type_into(filer, declaration, **{GOAL: "调整后的目标"})


# Until when


DRAFT, RETURNED, APPROVED, ADJUSTING, RETURNED_AGAIN = range(5)


def bring(filer: User, reviewer: User, declaration: Declaration, to: int) -> None:
    if to == RETURNED:
        factories.returned(filer, reviewer, declaration)
    elif to >= APPROVED:
        factories.approved(filer, reviewer, declaration)
    if to >= ADJUSTING:
        adjust(filer, declaration)
    if to == RETURNED_AGAIN:
        submit(filer, declaration_id=declaration.pk)
        return_for_correction(reviewer, declaration_id=declaration.pk, opinion="理由不足。")


@pytest.mark.parametrize(
    ("to", "days"),
    [
        # adjustments until, extended until: (no, no) (5, no) (no, 15) (25, 15) (25, 35) (5, 3)
        (DRAFT, [10, 10, 15, 15, 35, 10]),
        (RETURNED, [20, 20, 20, 20, 35, 20]),
        (APPROVED, [10, 5, 15, 25, 35, 5]),
        (ADJUSTING, [10, 5, 15, 25, 35, 5]),
        (RETURNED_AGAIN, [20, 20, 20, 25, 35, 20]),
    ],
)
def test_the_closing_time_in_python_and_in_sql(
    filer, reviewer, declaration, *, to: int, days: list[int]
) -> None:
    bring(filer, reviewer, declaration, to)
    now = timezone.now()
    Round.objects.update(
        deadline=now + timedelta(days=10), correction_deadline=now + timedelta(days=20)
    )
    cases = [(None, None), (5, None), (None, 15), (25, 15), (25, 35), (5, 3)]
    for (adjustments, extension), expected in zip(cases, days, strict=True):
        Round.objects.update(adjustments_until=adjustments and now + timedelta(days=adjustments))
        rows = Declaration.objects.filter(pk=declaration.pk)
        rows.update(extended_until=extension and now + timedelta(days=extension))
        closing = workflow.closing_time(reread(declaration))
        assert closing == now + timedelta(days=expected), (adjustments, extension)
        assert rows.annotate(closing=CLOSING).get().closing == closing


def test_to_the_moment(declaration) -> None:
    found = reread(declaration)
    at = workflow.closing_time(found)
    assert workflow.why_not_editable(found, at) == ""
    assert "截止" in workflow.why_not_editable(found, at + timedelta(microseconds=1))
    assert workflow.why_not_editable(found, found.round.opens_at) == ""
    early = found.round.opens_at - timedelta(microseconds=1)
    assert "开始" in workflow.why_not_editable(found, early)


def test_to_the_moment_of_adjusting(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=5)
    found = reread(declaration)
    at = found.round.adjustments_until
    assert workflow.why_not_adjustable(found, at) == ""
    assert "截止" in workflow.why_not_adjustable(found, at + timedelta(microseconds=1))
    found.extended_until = at + timedelta(days=1)
    assert workflow.why_not_adjustable(found, at + timedelta(days=1)) == ""


# Where it stands


def test_a_draft(filer, head, reviewer, publisher, administrator, declaration) -> None:
    mine = says(filer, declaration)
    assert (mine.label, mine.action, mine.button) == ("填报中", "fill", "开始填写")
    assert mine.sentence.startswith("填报截止 ")
    assert mine.sentence.endswith("（还有 10 天）。尚未开始填写。")
    theirs = says(head, declaration)
    assert theirs.sentence.startswith("填报人正在填写，填报截止 ")
    assert theirs.action == ""
    for user in (reviewer, publisher, administrator):
        seen = says(user, declaration)
        assert (seen.label, seen.tone, seen.action) == ("部门填报中", "wait", "")
        assert seen.sentence.startswith("部门尚未提交，填报截止 ")


def test_a_late_draft_and_an_extended_one(filer, head, reviewer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    assert says(filer, declaration).tone == says(head, declaration).tone == "late"
    assert "如需延期请联系财政局" in says(filer, declaration).sentence
    assert says(reviewer, declaration).sentence == "逾期未提交。"
    until = timezone.now() + timedelta(days=3)
    Declaration.objects.update(extended_until=until)
    assert says(filer, declaration).sentence.startswith("填报已延期至 ")
    assert "部门尚未提交，填报已延期至 " in says(reviewer, declaration).sentence


def test_one_that_opens_later_is_not_late(filer, reviewer, declaration) -> None:
    factories.reschedule(declaration, opens_at=1)
    theirs = says(filer, declaration)
    assert (theirs.label, theirs.tone, theirs.action) == ("未开始", "wait", "")
    assert theirs.sentence.startswith("填报将于 ")
    assert says(reviewer, declaration).tone == "wait"


def test_under_review(filer, head, reviewer, publisher, declaration) -> None:
    factories.submitted(filer, declaration)
    mine = says(filer, declaration)
    assert mine.label == "已提交，等待审核"
    assert "等待“财政局审核”环节审核" in mine.sentence
    assert "审核开始前可以撤回。" in mine.sentence
    assert "撤回" not in says(head, declaration).sentence
    assert says(reviewer, declaration).button == "开始审核"
    assert says(publisher, declaration).action == ""
    claim(reviewer, declaration_id=declaration.pk)
    mine = says(filer, declaration)
    assert mine.label == "已提交，正在审核"
    assert "正在“财政局审核”环节审核" in mine.sentence
    assert "撤回" not in mine.sentence
    assert says(reviewer, declaration).button == "继续审核"
    colleague = factories.UserFactory.create(bureau=reviewer.bureau)
    assert "审核人甲 正在审核。" in says(colleague, declaration).sentence
    assert says(colleague, declaration).action == ""


def test_before_the_head(filer, head, reviewer, department) -> None:
    stages = (StagePlan("部门审核", by_head=True), StagePlan("财政局审核"))
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    assert "等待部门负责人审核" in says(filer, declaration).sentence
    assert (says(head, declaration).action, says(head, declaration).button) == (
        "review",
        "开始审核",
    )
    seen = says(reviewer, declaration)
    assert (seen.label, seen.tone, seen.action) == ("部门内部审核中", "wait", "")
    assert "第1版" not in seen.sentence
    return_for_correction(head, declaration_id=declaration.pk, opinion="再核对。")
    assert "部门负责人已退回，请按批注修改" in says(filer, declaration).sentence
    assert says(reviewer, declaration).label == "部门填报中"
    submit(filer, declaration_id=declaration.pk)
    pass_on(head, declaration_id=declaration.pk)
    assert "等待“财政局审核”环节审核" in says(filer, declaration).sentence
    assert says(head, declaration).action == ""
    assert says(reviewer, declaration).action == "review"


def test_a_return(filer, head, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    mine = says(filer, declaration)
    assert (mine.action, mine.button) == ("fill", "继续修改")
    assert mine.sentence.startswith("请按批注修改后重新提交，补正截止 ")
    assert "填报人正在按批注修改" in says(head, declaration).sentence
    assert "等待部门修改，补正截止 " in says(reviewer, declaration).sentence
    Declaration.objects.update(opened_sections=[0])
    assert "本次只开放了有批注的部分。" in says(filer, declaration).sentence


def test_approved_adjusted_corrected(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    assert says(filer, declaration).sentence == "已审核通过，可以下载正式文件。"
    adjust(filer, declaration)
    mine = says(filer, declaration)
    assert (mine.action, mine.button) == ("fill", "继续调整")
    assert "调整截止 " in mine.sentence
    assert "通过前，现行版本仍为第1版。" in mine.sentence
    assert "部门正在调整，" in says(reviewer, declaration).sentence
    submit(filer, declaration_id=declaration.pk)
    assert says(filer, declaration).sentence.startswith("调整（第2版）已于 ")
    assert "提交调整（第2版）" in says(reviewer, declaration).sentence
    assert "通过前，现行版本仍为第1版。" in says(reviewer, declaration).sentence
    pass_on(reviewer, declaration_id=declaration.pk)
    assert "现行版本为调整后的第2版。" in says(filer, declaration).sentence
    assert "确需调整的，可在 " in says(filer, declaration).sentence
    correct(
        reviewer,
        declaration_id=declaration.pk,
        changes=[Change(GOAL, "更正后的目标", None)],
        reason="与批复不一致",
        base=2,
    )
    for user in (filer, reviewer):
        assert "更正过，现行版本为第3版。" in says(user, declaration).sentence


def test_an_adjustment_out_of_time_is_not_owed(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    adjust(filer, declaration)
    factories.reschedule(declaration, adjustments_until=-1)
    mine = says(filer, declaration)
    assert (mine.tone, mine.action) == ("wait", "")
    assert "调整已于 " in mine.sentence
    assert "现行版本仍为第1版" in mine.sentence
