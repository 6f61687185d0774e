"""What must never be false of scores, results and evidence, whoever writes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from config.embedded_postgres import APPLICATION
from declarations.models import (
    Bureau,
    Declaration,
    Evidence,
    Result,
    ResultLine,
    ReviewScore,
    Revision,
    ScoreItem,
    User,
)
from tests import factories
from tests.models.raw import refused, run


@pytest.fixture
def revision(filer: User, reviewer: User, declaration: Declaration) -> Revision:
    factories.fill_in(filer, declaration)
    revision = factories.approved(filer, reviewer, declaration).approved
    assert revision is not None
    return revision


@pytest.fixture
def result(revision: Revision) -> Result:
    return Result.objects.create(revision=revision, points=100, self_score=99, rule_score=90)


@pytest.fixture
def line(result: Result) -> ResultLine:
    return ResultLine.objects.create(
        result=result, position=0, anchor="score/budget", name="预算完成率", points=4, self_score=4
    )


def decide(result: Result) -> None:
    Result.objects.filter(pk=result.pk).update(total=90, grade="优", decided_at=timezone.now())


@pytest.fixture(params=["the application", "the owner"])
def anybody(db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whose rights the rest of the test has."""
    if request.param == "the application":
        yield
        return
    run("RESET ROLE")
    yield
    run("SET ROLE {}", names=[APPLICATION])


@pytest.fixture
def evidence(declaration: Declaration, filer: User) -> Evidence:
    return Evidence.objects.create(
        declaration=declaration,
        anchor="score/budget",
        name="材料.pdf",
        content=b"%PDF-",
        size=5,
        media_type="application/pdf",
        sha256="0" * 64,
        added_by=filer,
    )


@pytest.fixture
def elsewhere(declaration: Declaration, reviewer: User) -> Revision:
    """Another department's in the same round."""
    department = factories.DepartmentFactory.create(bureau=reviewer.bureau)
    other = Declaration.objects.create(round=declaration.round, department=department)
    return Revision.objects.create(
        declaration=other,
        number=1,
        content={},
        sha256="0" * 64,
        submitted_at=timezone.now(),
        submitted_by=reviewer,
    )


def test_an_item_is_scored_once(declaration: Declaration) -> None:
    ScoreItem.objects.create(declaration=declaration, key="budget")
    with refused("score_item_once"):
        ScoreItem.objects.create(declaration=declaration, key="budget")


def test_every_change_of_a_scored_item_is_kept(declaration: Declaration) -> None:
    item = ScoreItem.objects.create(declaration=declaration, key="budget")
    ScoreItem.objects.filter(pk=item.pk).update(self_score=3)
    kept = ScoreItem.pgh_event_model.objects.filter(pgh_obj_id=item.pk).order_by("pgh_id")  # type: ignore[attr-defined]
    assert [e.self_score for e in kept] == [None, Decimal(3)]


def test_a_review_score_has_a_reason_and_is_given_once(revision: Revision, reviewer: User) -> None:
    given: dict[str, Any] = {
        "declaration": revision.declaration,
        "anchor": "score/budget",
        "score": 3,
        "revision": revision,
        "author": reviewer,
    }
    with refused("review_score_has_a_reason"):
        ReviewScore.objects.create(**given, reason="")
    ReviewScore.objects.create(**given, reason="低于九成")
    with refused("review_score_once"):
        ReviewScore.objects.create(**given, reason="再评一次")


def test_a_review_score_is_on_a_revision_of_its_declaration(
    declaration: Declaration, elsewhere: Revision, reviewer: User
) -> None:
    with refused("different owners"):
        ReviewScore.objects.create(
            declaration=declaration,
            anchor="score/budget",
            score=3,
            reason="低于九成",
            revision=elsewhere,
            author=reviewer,
        )


def test_a_self_evaluation_is_based_on_its_own_departments_target(
    declaration: Declaration, elsewhere: Revision
) -> None:
    with refused("different owners"):
        Declaration.objects.filter(pk=declaration.pk).update(based_on=elsewhere)


def test_a_result_is_graded_when_it_is_decided(result: Result) -> None:
    with refused("result_graded_where_decided"):
        Result.objects.filter(pk=result.pk).update(grade="优")
    with refused("result_graded_where_decided"):
        Result.objects.filter(pk=result.pk).update(total=90, decided_at=timezone.now())
    decide(result)


@pytest.mark.usefixtures("anybody")
def test_a_decided_result_is_frozen(result: Result, line: ResultLine) -> None:
    decide(result)
    with refused("Cannot update"):
        Result.objects.filter(pk=result.pk).update(grade="差")
    with refused("Cannot update"):
        run("UPDATE declarations_result SET total = 99 WHERE id = %s", result.pk)
    with refused("what was decided is not changed"):
        run("UPDATE declarations_resultline SET review_score = 4 WHERE id = %s", line.pk)


@pytest.mark.usefixtures("anybody")
def test_results_and_their_lines_are_never_deleted(result: Result, line: ResultLine) -> None:
    with refused("Cannot delete|permission denied"):
        run("DELETE FROM declarations_result WHERE id = %s", result.pk)
    with refused("what was decided is not changed"):
        run("DELETE FROM declarations_resultline WHERE id = %s", line.pk)


def test_until_it_is_decided_a_result_takes_the_reviewers_scores(line: ResultLine) -> None:
    ResultLine.objects.filter(pk=line.pk).update(review_score=3)
    line.refresh_from_db()
    assert line.review_score == 3


def test_evidence_is_not_exchanged(evidence: Evidence) -> None:
    for column, value in (("content", b"other"), ("name", "另一份.pdf"), ("anchor", "score/x")):
        with refused("read-only|Cannot update"):
            Evidence.objects.filter(pk=evidence.pk).update(**{column: value})


def test_evidence_is_removed_by_somebody_and_stays_on_record(
    evidence: Evidence, filer: User
) -> None:
    with refused("Cannot delete|permission denied"):
        evidence.delete()
    with refused("evidence_removed_by_somebody"):
        Evidence.objects.filter(pk=evidence.pk).update(removed_at=timezone.now())
    Evidence.objects.filter(pk=evidence.pk).update(removed_at=timezone.now(), removed_by=filer)


@pytest.mark.parametrize(
    ("excellent", "good", "fair"), [(80, 80, 60), (101, 80, 60), (90, 60, 80), (90, 80, 0)]
)
def test_thresholds_of_grades_go_down(filer: User, excellent: int, good: int, fair: int) -> None:
    with refused("bureau_grades_in_order"):
        Bureau.objects.filter(pk=filer.bureau_id).update(
            grade_excellent=excellent, grade_good=good, grade_fair=fair
        )
