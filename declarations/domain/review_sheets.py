"""审核评分表: a reviewer's points for what is under review."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from declarations.domain.acting import begin_review, lock, record, require_reviewable
from declarations.domain.errors import RefusedError
from declarations.models import EventKind, ReviewSheet, Revision, Stage, User
from scoring.review_sheet import PointsError, Sheet, read_points, shown, total_of

LONGEST_OPINION = 2_000


class SheetProblemsError(RefusedError):
    """Some of what was typed cannot be kept; nothing was. problems: by the keys of criteria."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(problems.values()))


def save_sheet(
    actor: User, *, declaration_id: int, points: Mapping[str, str], opinion: str = ""
) -> ReviewSheet:
    """Keeps points as they were typed, by the keys of criteria, and an opinion: complete or not.

    The grade is "" until every criterion has points. Raises RefusedError where the stage has
    no sheet or the person may not decide at it, SheetProblemsError where points cannot be.
    Saving the same twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        revision = require_reviewable(actor, declaration)
        stage = declaration.stage
        assert stage is not None
        if not stage.with_sheet:
            raise RefusedError("这个环节不填写审核评分表")
        sheet = Sheet.from_json(declaration.round.review_sheet)
        given = _read(sheet, points)
        opinion = opinion.strip()
        if len(opinion) > LONGEST_OPINION:
            raise RefusedError(f"审核意见最多 {LONGEST_OPINION} 字，现有 {len(opinion)} 字")
        kept = ReviewSheet.objects.filter(revision=revision, stage=stage).first()
        stored = {key: shown(value) for key, value in given.items()}
        if kept and (kept.points, kept.opinion, kept.reviewer_id) == (stored, opinion, actor.pk):
            return kept
        begin_review(actor, declaration)
        kept = kept or ReviewSheet(revision=revision, stage=stage)
        kept.reviewer, kept.points, kept.opinion = actor, stored, opinion
        kept.total = total_of(given.values())
        kept.grade = "" if sheet.missing(given) else sheet.grade_of(kept.total)
        kept.save()
        record(
            EventKind.SHEET_FILLED_IN,
            actor=actor,
            declaration=declaration,
            revision=revision,
            stage=stage.name,
            points=stored,
            total=shown(kept.total),
            grade=kept.grade,
        )
        return kept


def require_sheet(revision: Revision, stage: Stage) -> None:
    """Raises RefusedError where the stage wants a review sheet that is not wholly filled in."""
    sheet = Sheet.from_json(stage.round.review_sheet)
    if not stage.with_sheet or not sheet.criteria:
        return
    kept = revision.review_sheets.filter(stage=stage).first()
    if kept is None:
        raise RefusedError("请先填写审核评分表")
    missing = sheet.missing(kept.points)
    if missing:
        names = "、".join(c.name for c in missing)
        raise RefusedError(f"审核评分表还没有填完：{names}")


def _read(sheet: Sheet, points: Mapping[str, str]) -> dict[str, Decimal]:
    given, problems = {}, {}
    for criterion in sheet.criteria:
        try:
            value = read_points(points.get(criterion.key, ""), criterion)
        except PointsError as error:
            problems[criterion.key] = str(error)
        else:
            if value is not None:
                given[criterion.key] = value
    if problems:
        raise SheetProblemsError(problems)
    return given
