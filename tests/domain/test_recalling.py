"""撤回: taking a submission back before anybody has begun to review it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.errors import NotPermittedError, WrongStateError
from declarations.domain.recalling import recall
from declarations.domain.review import claim, pass_on, release, return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.domain.submission import submit
from declarations.models import Declaration, EventKind, Revision, Role, State, User
from declarations.queries.revisions import revisions_for
from tests import factories
from tests.factories import reread, type_into
from tests.races import at_once

GOAL = "text/overall_goal"


@pytest.fixture
def head(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, name="负责人", role=Role.HEAD
    )


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


def stands(declaration: Declaration) -> tuple[str, int | None, int | None]:
    """State, current revision, and the one that the bureau sees."""
    now = reread(declaration)
    return (
        now.state,
        now.revision.number if now.revision else None,
        now.handed_in.number if now.handed_in else None,
    )


def fates(user: User, declaration: Declaration) -> list[tuple[int, str]]:
    return [(k.number, k.fate) for k in revisions_for(user, reread(declaration))]


def test_a_first_submission_becomes_the_draft_it_was(filer, reviewer, submitted) -> None:
    revision = submitted.revision
    recall(filer, declaration_id=submitted.pk)
    assert stands(submitted) == (State.DRAFT, None, None)
    event = submitted.events.get(kind=EventKind.RECALLED)
    assert (event.actor, event.revision) == (filer, revision)
    type_into(filer, submitted, **{GOAL: "改过"})
    assert Revision.objects.get().content == revision.content
    assert fates(filer, submitted) == [(1, "已撤回")]
    assert fates(reviewer, submitted) == []


def test_what_is_submitted_anew_is_the_next_revision(filer, reviewer, submitted) -> None:
    recall(filer, declaration_id=submitted.pk)
    submit(filer, declaration_id=submitted.pk)
    assert stands(submitted) == (State.SUBMITTED, 2, 2)
    assert fates(filer, submitted) == [(2, "审核中"), (1, "已撤回")]
    assert fates(reviewer, submitted) == [(2, "审核中")]
    assert [k.previous for k in revisions_for(filer, reread(submitted))] == [None, None]


def test_a_resubmission_becomes_the_return_it_was(filer, reviewer, submitted) -> None:
    return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请补充。")
    Declaration.objects.filter(pk=submitted.pk).update(opened_sections=[1])
    submit(filer, declaration_id=submitted.pk)
    assert stands(submitted) == (State.SUBMITTED, 2, 2)
    recall(filer, declaration_id=submitted.pk)
    assert stands(submitted) == (State.RETURNED, 1, 1)
    assert reread(submitted).opened_sections == [1]
    assert fates(reviewer, submitted) == [(1, "已退回")]


def test_an_extension_survives(filer, declaration) -> None:
    until = timezone.now() + timedelta(days=15)
    factories.submitted(filer, declaration)
    Declaration.objects.filter(pk=declaration.pk).update(extended_until=until)
    recall(filer, declaration_id=declaration.pk)
    factories.reschedule(declaration, deadline=-1)
    assert reread(declaration).extended_until == until
    type_into(filer, declaration, **{GOAL: "还来得及"})
    submit(filer, declaration_id=declaration.pk)


def test_an_adjustment_becomes_the_adjustment_it_was(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    begin_adjustment(filer, declaration_id=declaration.pk, reason="预算追加，目标需要调整")
    type_into(filer, declaration, **{GOAL: "调整后的目标"})
    submit(filer, declaration_id=declaration.pk)
    recall(filer, declaration_id=declaration.pk)
    assert stands(declaration) == (State.ADJUSTING, 1, 1)
    assert reread(declaration).adjustment_reason == "预算追加，目标需要调整"
    submit(filer, declaration_id=declaration.pk)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="再想想")
    submit(filer, declaration_id=declaration.pk)
    recall(filer, declaration_id=declaration.pk)
    assert stands(declaration) == (State.RETURNED, 3, 3)
    assert fates(filer, declaration) == [
        (4, "已撤回"),
        (3, "已退回"),
        (2, "已撤回"),
        (1, "现行版本"),
    ]
    assert fates(reviewer, declaration) == [(3, "已退回"), (1, "现行版本")]


def test_what_is_before_the_head_was_never_the_bureaus(filer, head, reviewer, department) -> None:
    stages = (StagePlan("部门审核", by_head=True), StagePlan("财政局审核"))
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    assert stands(declaration) == (State.SUBMITTED, 1, None)
    assert fates(reviewer, declaration) == []
    assert fates(head, declaration) == [(1, "审核中")]
    recall(filer, declaration_id=declaration.pk)
    assert stands(declaration) == (State.DRAFT, None, None)
    submit(filer, declaration_id=declaration.pk)
    pass_on(head, declaration_id=declaration.pk)
    assert stands(declaration) == (State.SUBMITTED, 2, 2)
    with pytest.raises(WrongStateError, match="审核已经开始"):
        recall(filer, declaration_id=declaration.pk)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请补充。")
    submit(filer, declaration_id=declaration.pk)
    return_for_correction(head, declaration_id=declaration.pk, opinion="再核对。")
    submit(filer, declaration_id=declaration.pk)
    recall(filer, declaration_id=declaration.pk)
    assert stands(declaration) == (State.RETURNED, 3, 2)
    assert fates(reviewer, declaration) == [(2, "已退回")]
    assert fates(filer, declaration)[:2] == [(4, "已撤回"), (3, "部门负责人已退回")]


def test_not_once_review_has_begun_but_again_when_it_is_put_back(
    filer, reviewer, submitted
) -> None:
    claim(reviewer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match="审核已经开始，不能撤回；如需修改，请联系审核人退回"):
        recall(filer, declaration_id=submitted.pk)
    release(reviewer, declaration_id=submitted.pk)
    recall(filer, declaration_id=submitted.pk)
    assert reread(submitted).state == State.DRAFT


def test_recalling_twice_is_refused_in_plain_words(filer, submitted) -> None:
    recall(filer, declaration_id=submitted.pk)
    with pytest.raises(WrongStateError, match="申报不在待审核状态，不能撤回"):
        recall(filer, declaration_id=submitted.pk)
    assert submitted.events.filter(kind=EventKind.RECALLED).count() == 1


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider", "head"])
def test_only_its_filers_recall(request, submitted, who: str) -> None:
    with pytest.raises(NotPermittedError, match="只有本部门的填报人可以撤回"):
        recall(request.getfixturevalue(who), declaration_id=submitted.pk)
    assert reread(submitted).state == State.SUBMITTED


def test_a_colleague_may_recall(colleague, submitted) -> None:
    recall(colleague, declaration_id=submitted.pk)
    assert reread(submitted).state == State.DRAFT


@pytest.mark.django_db(transaction=True)
def test_a_return_and_a_recall_at_once(filer, reviewer, submitted) -> None:
    results = at_once(
        lambda: recall(filer, declaration_id=submitted.pk),
        lambda: return_for_correction(reviewer, declaration_id=submitted.pk, opinion="请补充。"),
    )
    refused = [r for r in results if isinstance(r, Exception)]
    assert [type(r) for r in refused] == [WrongStateError]
    last = submitted.events.filter(kind__in=[EventKind.RECALLED, EventKind.RETURNED]).get()
    wanted = State.DRAFT if last.kind == EventKind.RECALLED else State.RETURNED
    assert reread(submitted).state == wanted
