"""Review sheets (审核评分表) as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from declarations import permissions
from declarations.models import Declaration, ReviewSheet, Revision, Stage, State, User
from scoring.review_sheet import MEANINGS, Criterion, Sheet, shown


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion with what was given for it, "" where nothing was. rows: how many lines its
    aspect has, 0 where it is not the first of them."""

    criterion: Criterion
    given: str
    rows: int

    @property
    def most(self) -> str:
        return shown(self.criterion.points)


@dataclass(frozen=True, slots=True)
class SheetView:
    """A stage's review sheet, filled in or not. missing: the names of criteria without points."""

    stage: Stage
    kept: ReviewSheet | None
    lines: Sequence[Line]
    total: str
    most: str
    grade: str
    missing: Sequence[str]

    @property
    def meaning(self) -> str:
        """What the grade stands for, "" where there is none or it is the bureau's own."""
        return MEANINGS.get(self.grade, "")


def sheet_view(declaration: Declaration, stage: Stage, kept: ReviewSheet | None) -> SheetView:
    """The sheet of a declaration's round with what was kept of it."""
    sheet = Sheet.from_json(declaration.round.review_sheet)
    points = kept.points if kept else {}
    lines = [
        Line(criterion, points.get(criterion.key, ""), 0 if number else len(criteria))
        for _, criteria in sheet.aspects()
        for number, criterion in enumerate(criteria)
    ]
    return SheetView(
        stage,
        kept,
        lines,
        shown(kept.total) if kept else "0",
        shown(sheet.most),
        kept.grade if kept else "",
        [c.name for c in sheet.missing(points)],
    )


def sheets_on(user: User, declaration: Declaration, revision: Revision) -> list[SheetView]:
    """The sheets on a revision that this person may read, by stage; one query.

    The department reads those of what is decided on.
    """
    if not declaration.round.review_sheet:
        return []
    undecided = declaration.state == State.SUBMITTED and revision.pk == declaration.revision_id
    if undecided and permissions.can_see_draft(user, declaration):
        return []
    kept = revision.review_sheets.select_related("stage", "reviewer").order_by("stage__position")
    return [sheet_view(declaration, sheet.stage, sheet) for sheet in kept]
