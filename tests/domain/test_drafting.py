"""Drafts of a report's passages: what they say, where they go, and how they are taken back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from declarations.checks import Level
from declarations.domain.adjusting import begin_adjustment
from declarations.domain.drafting import Drafted, draft
from declarations.domain.errors import (
    HasFindingsError,
    NotPermittedError,
    RefusedError,
)
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import (
    Declaration,
    Department,
    Event,
    EventKind,
    Role,
    Round,
    User,
)
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_of
from declarations.sheets.report import DRAFT_MARK
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import text_of, type_into
from tests.reports import YEAR, evaluation_for, evaluation_template, report_for

CONCLUSION = "text/conclusion"


@pytest.fixture
def report(department: Department) -> Declaration:
    return report_for(department)


@pytest.fixture
def evaluation(department: Department, filer: User) -> Declaration:
    return evaluation_for(department, filer)


def write(
    actor: User, declaration: Declaration, text: str = "", *, replace: bool = False
) -> Drafted:
    """Drafts the conclusion, having looked at this text."""
    return draft(
        actor,
        declaration_id=declaration.pk,
        anchor=CONCLUSION,
        version=version_of(text),
        replace=replace,
    )


pytestmark = pytest.mark.django_db


# What it says


@pytest.mark.usefixtures("evaluation")
def test_the_figures_are_those_of_the_self_evaluation(filer, report) -> None:
    drafted = write(filer, report)
    assert drafted.text.startswith(DRAFT_MARK)
    assert "全年预算3646.57万元，实际支出3401.08万元，预算完成率93.27%" in drafted.text
    assert "共设绩效指标2个，其中达到目标值1个，部分达到1个" in drafted.text
    assert "出车次数（目标≥70次，实际8次，原因：家属自行接送）" in drafted.text
    assert "得分" not in drafted.text  # nothing is scored on this form
    assert text_of(report, CONCLUSION) == drafted.text


def test_what_is_approved_goes_before_what_is_being_changed(
    filer, reviewer, report, evaluation
) -> None:
    Round.objects.update(adjustments_until=timezone.now() + timedelta(days=30))
    factories.approved(filer, reviewer, evaluation)
    begin_adjustment(filer, declaration_id=evaluation.pk, reason="补记年末支出的一笔款项")
    type_into(filer, evaluation, **{"funding.general.executed": "3500"})
    assert "实际支出3401.08万元" in write(filer, report).text


def test_a_year_without_self_evaluation_has_no_draft(filer, report) -> None:
    with pytest.raises(RefusedError, match="没有找到本部门2023年度的绩效自评表"):
        write(filer, report)
    assert text_of(report, CONCLUSION) == ""


def test_another_year_or_department_does_not_count(filer, report, department) -> None:
    template = evaluation_template(department)
    neighbour = factories.DepartmentFactory.create(bureau=department.bureau)
    factories.round_for(template, neighbour, year=YEAR)
    factories.round_for(template, department, year=YEAR - 1)
    with pytest.raises(RefusedError, match="没有找到"):
        write(filer, report)


def test_a_blank_self_evaluation_gives_no_draft(filer, report, department) -> None:
    factories.round_for(evaluation_template(department), department, year=YEAR)
    with pytest.raises(RefusedError, match="还没有填写数字"):
        write(filer, report)


# Where it goes


@pytest.mark.usefixtures("evaluation")
def test_what_is_written_stays_unless_it_is_to_be_replaced(filer, report) -> None:
    type_into(filer, report, **{CONCLUSION: "自己写的。"})
    with pytest.raises(RefusedError, match="已经填写"):
        write(filer, report, "自己写的。")
    assert text_of(report, CONCLUSION) == "自己写的。"
    drafted = write(filer, report, "自己写的。", replace=True)
    assert text_of(report, CONCLUSION) == drafted.text


@pytest.mark.usefixtures("evaluation")
def test_what_somebody_else_wrote_meanwhile_is_never_replaced(filer, report) -> None:
    type_into(filer, report, **{CONCLUSION: "同事写的。"})
    for replace in (False, True):
        with pytest.raises(RefusedError, match="刚被修改过"):
            write(filer, report, replace=replace)
    assert text_of(report, CONCLUSION) == "同事写的。"


@pytest.mark.usefixtures("evaluation")
def test_a_second_click_drafts_nothing(filer, report) -> None:
    first = write(filer, report)
    with pytest.raises(RefusedError, match="刚被修改过"):
        write(filer, report)
    assert text_of(report, CONCLUSION) == first.text
    assert Event.objects.filter(declaration=report, kind=EventKind.DRAFTED).count() == 1


@pytest.mark.usefixtures("evaluation")
@pytest.mark.parametrize("anchor", ["text/problems", "text/none", "task/1/content", ""])
def test_other_passages_have_no_draft(filer, report, anchor: str) -> None:
    with pytest.raises(RefusedError, match="没有可用的初稿"):
        draft(filer, declaration_id=report.pk, anchor=anchor, version=None)


def test_other_forms_have_no_draft(filer, declaration) -> None:
    with pytest.raises(RefusedError, match="没有可用的初稿"):
        draft(filer, declaration_id=declaration.pk, anchor="text/overall_goal", version=None)


@pytest.mark.usefixtures("evaluation")
def test_only_who_fills_it_in_may(report, reviewer, department) -> None:
    head = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD
    )
    for person in (reviewer, head):
        with pytest.raises(NotPermittedError):
            write(person, report)


# A draft is no report yet


@pytest.mark.usefixtures("evaluation")
def test_a_draft_cannot_be_submitted_as_it_is(filer, report) -> None:
    drafted = write(filer, report)
    musts = [
        f for f in findings_now(report, form_of(report.round.template)) if f.code == "placeholder"
    ]
    assert [f.level for f in musts] == [Level.MUST]
    assert "是系统起草的初稿" in musts[0].message
    assert "【请补充：本年度的主要成效】" in musts[0].message
    with pytest.raises(HasFindingsError):
        submit(filer, declaration_id=report.pk)
    edited = re.sub("【[^】]+】", "", drafted.text)
    type_into(filer, report, **{CONCLUSION: edited})
    codes = {f.code for f in findings_now(report, form_of(report.round.template))}
    assert codes == {"required"}  # what else is blank; the figures agree with the table


@pytest.mark.usefixtures("evaluation")
def test_it_is_undone_and_on_record(filer, report) -> None:
    type_into(filer, report, **{CONCLUSION: "原来的。"})
    drafted = write(filer, report, "原来的。", replace=True)
    assert drafted.event.kind == EventKind.DRAFTED
    assert drafted.event.actor == filer
    said = undo(filer, declaration_id=report.pk, event_id=drafted.event.pk)
    assert said == "已撤销初稿"
    assert text_of(report, CONCLUSION) == "原来的。"


@pytest.mark.usefixtures("evaluation")
def test_what_was_changed_in_a_draft_since_is_kept(filer, report) -> None:
    drafted = write(filer, report)
    type_into(filer, report, **{CONCLUSION: "改好的。"})
    said = undo(filer, declaration_id=report.pk, event_id=drafted.event.pk)
    assert "予以保留" in said
    assert text_of(report, CONCLUSION) == "改好的。"


# Figures in the text against the self-evaluation


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("预算完成率93.72%", "2023年"),
        ("部门整体预算执行率为90%", "是 93.27%"),
        ("总支出3410.08万元", "“实际支出合计”是 3401.08万元"),
        ("全年实际支出0.34亿元，", None),
        ("全年预算3646.57万元，实际支出3401.08万元，预算完成率93.27%", None),
        ("上年预算完成率88%", None),
        ("预算完成率达到90%以上", None),
        ("一般公共预算年初预算2681.97万元", None),
    ],
)
def test_figures_are_compared_with_the_self_evaluation(
    filer, report, evaluation, text: str, said: str | None
) -> None:
    type_into(filer, report, **{CONCLUSION: f"{YEAR}年度{text}。"})
    found = [
        f for f in findings_now(report, form_of(report.round.template)) if f.code == "figure_quoted"
    ]
    assert len(found) == (said is not None), found
    for finding in found:
        assert finding.level is Level.HINT
        assert finding.anchors == (CONCLUSION,)
        assert said in finding.message
        assert "（一）自评结论" in finding.message


def test_without_a_self_evaluation_nothing_is_compared(filer, report) -> None:
    type_into(filer, report, **{CONCLUSION: "预算完成率93.72%。"})
    found = findings_now(report, form_of(report.round.template))
    assert "figure_quoted" not in {f.code for f in found}
