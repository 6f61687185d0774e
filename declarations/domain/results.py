"""评分结果: what a revision scores, kept for comparing departments.

Made at submission, with what the department claims and what the rules give; what reviewers give is
added when it is decided on, and at approval the total and the grade.
"""

from decimal import Decimal

from django.utils import timezone

from declarations.models import Declaration, Result, ResultLine, Revision
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.queries.scores import (
    Reviews,
    Scored,
    kept_reviews,
    live_reviews,
    scored_records,
)
from declarations.sheets.records import Item
from declarations.sheets.scores import Line
from scoring.rubric import rounded

_LARGEST_RATIO = Decimal(10) ** 10
"""What is larger is no ratio that tells anything."""


def store_result(declaration: Declaration, revision: Revision) -> None:
    """Keeps what a new revision scores; nothing where the form scores nothing."""
    _store(declaration, revision, {})


def keep_reviews(declaration: Declaration, revision: Revision) -> None:
    """Keeps what reviewers gave with the revision that is returned."""
    result = Result.objects.filter(revision=revision).first()
    if result is not None:
        _add_reviews(result, live_reviews(declaration))


def decide_result(declaration: Declaration, revision: Revision) -> None:
    """The result of an approved revision: the review score of each item, or else its self score,
    and the grade by the bureau's thresholds of today."""
    result = Result.objects.filter(revision=revision).first()
    if result is not None:
        reviews = live_reviews(declaration)
        _add_reviews(result, reviews)
        scored = scored_records(
            declaration, form_for(declaration.round), revision_records(revision), reviews
        )
        _decide(result, scored)


def correct_result(declaration: Declaration, revision: Revision, before: Revision) -> None:
    """The result of a correction by the bureau, decided at once, with the scores that reviewers
    gave to what was in force before it."""
    old = Result.objects.filter(revision=before).first()
    kept = _store(declaration, revision, kept_reviews(old) if old else {})
    if kept is not None:
        _decide(*kept)


def _store(
    declaration: Declaration, revision: Revision, reviews: Reviews
) -> tuple[Result, Scored] | None:
    form = form_for(declaration.round)
    if not form.rubric.items:
        return None
    records = revision_records(revision)
    scored = scored_records(declaration, form, records, reviews)
    if not scored.scoring.points:
        return None  # a list of indicators without a row that has points
    result = Result.objects.create(
        revision=revision,
        points=scored.scoring.points,
        self_score=scored.scoring.self_score,
        rule_score=scored.scoring.rule_score,
    )
    rows = {item.anchor(): item for item in records.items()}
    ResultLine.objects.bulk_create(
        _line(result, position, line, rows.get(line.anchor), reviews)
        for position, line in enumerate(scored.lines, start=1)
    )
    return result, scored


def _line(
    result: Result, position: int, line: Line, row: Item | None, reviews: Reviews
) -> ResultLine:
    review = reviews.get(line.anchor)
    return ResultLine(
        result=result,
        position=position,
        anchor=line.anchor,
        level1=line.level1,
        level2=line.level2,
        name=line.name,
        points=line.points,
        self_score=None if line.self_score is None else rounded(line.self_score),
        rule_score=line.rule.score,
        review_score=review.score if review else None,
        review_reason=review.reason if review else "",
        explanation=line.rule.explanation,
        met=line.met.value if line.met else "",
        ratio=_ratio(line),
        target=str(row.values.get("target") or "") if row else "",
        actual=str(row.values.get("actual") or "") if row else "",
    )


def _ratio(line: Line) -> Decimal | None:
    known = line.ratio is not None and abs(line.ratio) < _LARGEST_RATIO
    return line.ratio.quantize(Decimal("0.0001")) if known and line.ratio is not None else None


def _add_reviews(result: Result, reviews: Reviews) -> None:
    changed = []
    for line in result.lines.filter(anchor__in=reviews):
        review = reviews[line.anchor]
        line.review_score, line.review_reason = review.score, review.reason
        changed.append(line)
    ResultLine.objects.bulk_update(changed, ["review_score", "review_reason"])


def _decide(result: Result, scored: Scored) -> None:
    result.total, result.grade = scored.total, scored.total_grade
    result.decided_at = timezone.now()
    result.save(update_fields=["total", "grade", "decided_at"])
