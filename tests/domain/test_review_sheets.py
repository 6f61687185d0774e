"""Filling in the review sheet at a stage that has one."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.domain.errors import HeldByAnotherError, NotPermittedError, RefusedError
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.review_sheets import SheetProblemsError, save_sheet
from declarations.domain.submission import submit
from declarations.models import Declaration, EventKind, ReviewSheet, State, User
from declarations.queries.review_sheets import sheets_on
from tests import factories
from tests.factories import reread
from tests.reviewing import FIRST, FULL, LAST, head_of, reviewer_of, staged


@pytest.fixture
def submitted(filer: User, department: Any) -> Declaration:
    """At the only stage, which wants a sheet."""
    return factories.submitted(filer, staged(department, LAST))


def test_points_total_and_grade_are_kept(reviewer, submitted) -> None:
    points = FULL | {"complete": "5.5", "relevant": "10"}
    sheet = save_sheet(reviewer, declaration_id=submitted.pk, points=points, opinion=" 较好。 ")
    assert (sheet.total, sheet.grade, sheet.opinion) == (Decimal("90.5"), "优", "较好。")
    assert (sheet.revision, sheet.reviewer) == (submitted.revision, reviewer)
    event = submitted.events.get(kind=EventKind.SHEET_FILLED_IN)
    assert (event.data["total"], event.data["points"]["complete"]) == ("90.5", "5.5")


def test_a_draft_is_kept_without_a_grade_and_does_not_pass(reviewer, submitted) -> None:
    sheet = save_sheet(reviewer, declaration_id=submitted.pk, points={"complete": "8"})
    assert (sheet.total, sheet.grade) == (8, "")
    with pytest.raises(RefusedError, match="审核评分表还没有填完：明确清晰、目标相关"):
        pass_on(reviewer, declaration_id=submitted.pk)
    save_sheet(reviewer, declaration_id=submitted.pk, points=FULL)
    assert pass_on(reviewer, declaration_id=submitted.pk) == State.APPROVED
    assert ReviewSheet.objects.get().grade == "优"


def test_without_a_sheet_it_does_not_pass_but_can_be_returned(reviewer, submitted) -> None:
    with pytest.raises(RefusedError, match="请先填写审核评分表"):
        pass_on(reviewer, declaration_id=submitted.pk, opinion="同意。")
    assert not submitted.comments.exists()
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")


def test_what_cannot_be_is_told_all_at_once_and_nothing_is_kept(reviewer, submitted) -> None:
    points = FULL | {"complete": "11", "clear": "好", "funded": "-1"}
    with pytest.raises(SheetProblemsError) as refused:
        save_sheet(reviewer, declaration_id=submitted.pk, points=points)
    assert set(refused.value.problems) == {"complete", "clear", "funded"}
    assert not ReviewSheet.objects.exists()


def test_unknown_criteria_are_passed_over(reviewer, submitted) -> None:
    sheet = save_sheet(reviewer, declaration_id=submitted.pk, points=FULL | {"nonsense": "99"})
    assert sheet.points == FULL


def test_too_long_an_opinion_is_refused(reviewer, submitted) -> None:
    with pytest.raises(RefusedError, match="审核意见最多 2000 字，现有 2001 字"):
        save_sheet(reviewer, declaration_id=submitted.pk, points=FULL, opinion="字" * 2_001)


def test_saving_the_same_twice_is_once(reviewer, submitted) -> None:
    for _ in range(2):
        save_sheet(reviewer, declaration_id=submitted.pk, points=FULL)
    assert submitted.events.filter(kind=EventKind.SHEET_FILLED_IN).count() == 1


def test_only_who_decides_at_the_stage_fills_it_in(filer, administrator, department, submitted):
    for somebody in (filer, administrator, head_of(department)):
        with pytest.raises(NotPermittedError):
            save_sheet(somebody, declaration_id=submitted.pk, points=FULL)


def test_a_colleague_takes_over_first_and_then_the_sheet_is_theirs(
    reviewer, department, submitted
) -> None:
    save_sheet(reviewer, declaration_id=submitted.pk, points=FULL)
    second = reviewer_of(department, "审核人乙")
    with pytest.raises(HeldByAnotherError):
        save_sheet(second, declaration_id=submitted.pk, points=FULL)
    claim(second, declaration_id=submitted.pk, take_over=True)
    assert save_sheet(second, declaration_id=submitted.pk, points=FULL).reviewer == second
    assert ReviewSheet.objects.count() == 1


def test_a_stage_without_a_sheet_takes_none(filer, reviewer, department) -> None:
    declaration = factories.submitted(filer, staged(department, FIRST, LAST))
    with pytest.raises(RefusedError, match="这个环节不填写审核评分表"):
        save_sheet(reviewer, declaration_id=declaration.pk, points=FULL)


def test_each_revision_has_a_sheet_of_its_own(filer, reviewer, submitted) -> None:
    save_sheet(reviewer, declaration_id=submitted.pk, points=FULL)
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请修改。")
    factories.type_into(filer, submitted, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=submitted.pk)
    with pytest.raises(RefusedError, match="请先填写审核评分表"):
        pass_on(reviewer, declaration_id=submitted.pk)


def test_the_department_reads_it_once_it_is_decided_on(filer, reviewer, submitted) -> None:
    save_sheet(reviewer, declaration_id=submitted.pk, points=FULL)
    assert submitted.revision is not None
    assert sheets_on(filer, reread(submitted), submitted.revision) == []
    assert len(sheets_on(reviewer, reread(submitted), submitted.revision)) == 1
    pass_on(reviewer, declaration_id=submitted.pk)
    (view,) = sheets_on(filer, reread(submitted), submitted.revision)
    assert (view.total, view.grade, view.missing) == ("100", "优", [])
