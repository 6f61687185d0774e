"""按时公开: what rules know of the publication of the target that an evaluation is held against."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.publishing import publish
from declarations.models import Declaration, DeclarationKind, Publication, Round, State, User
from declarations.queries.around import facts_of
from declarations.queries.scores import scored_now
from tests import evaluations, factories
from tests.factories import reread
from tests.publishing import REASON, checked, published, publisher_of
from tests.sheets.workbooks import workbook
from tests.test_queries import counted

DISCLOSURE = workbook(
    {
        "A1:C1": "自评表",
        "A2": "总体目标",
        "B2:C2": "{{text.overall_goal}}",
        "A3": "{{score.disclosure.name}}",
        "B3": "{{score.disclosure.points}}",
        "C3": "{{score.disclosure.self_score}}",
    },
    lines=[1],
    rubric=[
        ["编码", "一级指标", "二级指标", "名称", "分值", "方法", "数据", "参数"],
        ["disclosure", "管理效率", "信息公开", "绩效信息公开", 2, "按时得分", "", "事实：按时公开"],
    ],
)


@pytest.fixture
def publisher(department) -> User:
    return publisher_of(department.bureau)


@pytest.fixture
def target(filer, reviewer, department) -> Declaration:
    return evaluations.approved_target(filer, reviewer, department)


@pytest.fixture
def evaluation(target) -> Declaration:
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(target.round.bureau, DISCLOSURE, "scored", kind)
    round_ = factories.round_for(template, target.department)
    return reread(round_.declarations.get())


def known(evaluation: Declaration) -> tuple[date | None, date | None]:
    facts = facts_of(reread(evaluation))
    return facts.published, facts.due


TODAY = timezone.localdate
WITHIN = timedelta(days=20)


def test_the_day_of_the_first_publication_and_the_last_day_for_it(
    filer, reviewer, publisher, target, evaluation
) -> None:
    due = TODAY() + WITHIN
    assert known(evaluation) == (None, due)
    published(filer, reviewer, publisher, target)
    assert known(evaluation) == (TODAY(), due)
    scored = scored_now(reread(evaluation))
    assert scored is not None
    assert "按时，得满分2分" in scored.lines[0].rule.explanation


def test_late_is_late_whatever_is_typed(
    monkeypatch, filer, reviewer, publisher, target, evaluation
) -> None:
    factories.type_into(filer, evaluation, **{"score/disclosure/input.in_time": "是"})
    checked(publisher, target)
    later = timezone.now() + timedelta(days=21)
    monkeypatch.setattr(timezone, "now", lambda: later)
    publish(publisher, declaration_id=target.pk)
    monkeypatch.undo()
    scored = scored_now(reread(evaluation))
    assert scored is not None
    assert "逾期，按规则得0分" in scored.lines[0].rule.explanation


def test_what_is_not_published_here_is_the_departments_to_say(filer, evaluation) -> None:
    factories.type_into(
        filer, evaluation, **{"score/disclosure/input.date": str(TODAY() + timedelta(days=21))}
    )
    scored = scored_now(reread(evaluation))
    assert scored is not None
    assert "完成，期限" in scored.lines[0].rule.explanation
    assert scored.lines[0].rule.score == 0


def test_corrections_change_neither_day(filer, reviewer, publisher, target, evaluation) -> None:
    published(filer, reviewer, publisher, target)
    before = known(evaluation)
    correct(
        reviewer,
        declaration_id=target.pk,
        changes=[Change("text/overall_goal", "更正后的目标", None)],
        reason=REASON,
        base=1,
    )
    Declaration.objects.filter(pk=target.pk).update(approved_at=timezone.now() + timedelta(days=3))
    checked(publisher, target)
    publish(publisher, declaration_id=target.pk, reason=REASON)
    assert Publication.objects.filter(declaration=target).count() == 2
    assert known(evaluation) == before


def test_what_is_published_after_the_evaluation_was_approved_changes_nothing_of_it(
    filer, reviewer, publisher, target, evaluation
) -> None:
    factories.type_into(filer, evaluation, **{"score/disclosure/input.in_time": "是"})
    factories.approved(filer, reviewer, evaluation)
    published(filer, reviewer, publisher, target)
    assert reread(evaluation).state == State.APPROVED
    assert known(evaluation)[0] is None


def test_a_round_that_is_not_disclosed_says_nothing(target, evaluation) -> None:
    Round.objects.filter(pk=target.round_id).update(disclosed=False)
    assert known(evaluation) == (None, None)


def test_only_forms_with_such_a_rule_ask_for_it(department, target, evaluation) -> None:
    other = evaluations.evaluation_for(department)
    facts_of(other)
    for declaration, more in ((other, 0), (reread(evaluation), 1)):
        with counted() as queries:
            facts_of(declaration)
        assert len(queries) == more


def test_another_years_target_is_another(filer, reviewer, publisher, department, target) -> None:
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(target.round.bureau, DISCLOSURE, "scored", kind)
    later = factories.round_for(template, department, year=2024).declarations.get()
    published(filer, reviewer, publisher, target)
    assert known(later) == (None, None)
