"""How a declaration is scored: by itself, by the rules, and by its reviewer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet

from declarations import permissions
from declarations.models import (
    Declaration,
    Result,
    ReviewScore,
    Revision,
    State,
    User,
)
from declarations.queries.around import facts_of
from declarations.queries.forms import form_for
from declarations.queries.records import load_records, revision_records
from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.records import Records, Value
from declarations.sheets.rubric_sheet import formula
from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.scores import Line, Scoring, score
from declarations.sheets.strip_html import Reviewed, Strip
from declarations.sheets.table import Table
from declarations.workflow import EDITABLE
from declarations.workflow.opened import Opened, closed_tags
from scoring.grades import Thresholds
from scoring.rubric import RubricItem

Reviews = Mapping[str, Reviewed]
"""By the anchors of items and indicators."""
TakesOver = Callable[[Line], bool]
"""Whether the rule's score of an item can be taken over as self score."""

_OF_INDICATORS = {"level1", "level2", "level3", "weight", "target", "actual", "self_score"}
"""The columns of a list of indicators on which its scores depend."""


class Decided(NamedTuple):
    """With what a self-evaluation was approved."""

    total: Decimal
    grade: str


@dataclass(frozen=True)
class Scored:
    """What all items come to. reviews: those that may be seen. decided: the total and the grade
    with which it was approved, whatever the bureau's thresholds are since; None: it is not."""

    scoring: Scoring
    thresholds: Thresholds
    reviews: Reviews
    decided: Decided | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.scoring.lines

    @cached_property
    def total(self) -> Decimal:
        """What counts in the end: the review score of each item, or else its self score."""
        if self.decided:
            return self.decided.total
        return self.scoring.total(self._counting) or Decimal(0)

    @property
    def total_grade(self) -> str:
        return self.decided.grade if self.decided else self.grade_of(self.total)

    @property
    def review_score(self) -> Decimal | None:
        """The same; None as long as nothing is reviewed."""
        return self.total if self.decided or self.reviews else None

    def review_of(self, line: Line) -> Decimal | None:
        """What a reviewer gave for an item; None where nobody gave anything else."""
        review = self.reviews.get(line.anchor)
        return review.score if review else None

    def _counting(self, line: Line) -> Decimal | None:
        review = self.review_of(line)
        return line.self_score if review is None else review

    def grade_of(self, total: Decimal | None) -> str:
        """The grade of a total; "" where there is none."""
        return "" if total is None else self.thresholds.grade_of(total, self.scoring.points)

    @property
    def self_grade(self) -> str:
        return self.grade_of(self.scoring.self_score)

    @property
    def rule_grade(self) -> str:
        return self.grade_of(self.scoring.rule_score)

    @property
    def review_grade(self) -> str:
        return "" if self.review_score is None else self.total_grade

    @property
    def grade(self) -> str:
        """By what was reviewed; until then, by the rules."""
        return self.review_grade or self.rule_grade

    @property
    def differing(self) -> int:
        """For how many items the department claims other than the rule gives."""
        return sum(line.differs for line in self.lines)

    @property
    def unscored(self) -> int:
        """How many items the department has not scored yet."""
        return sum(n.self_score is None and not n.is_inapplicable for n in self.lines)

    def shown(self) -> dict[str, Value]:
        """What the cells of a form may show of it, by their anchors."""
        shown: dict[str, Value] = {
            "total/self": self.scoring.self_score,
            "total/rule": self.scoring.rule_score,
            "total/review": self.review_score,
            "total/grade": self.grade,
        }
        for line in self.lines:
            shown[f"{line.anchor}/rule_score"] = line.rule.score
            shown[f"{line.anchor}/review_score"] = self.review_of(line)
        return shown

    def strip(self, line: Line | None, *, taking: bool = False) -> Strip:
        """What is shown below an item, or a row that has no points. taking: to who fills in, and
        may take the rule's score over."""
        return Strip(line, self.reviews.get(line.anchor) if line else None, taking)

    def strips(self, records: Records, *, taking: TakesOver | None = None) -> dict[str, Strip]:
        """Of all items and rows, by their anchors."""
        rows = (item.anchor() for item in records.items() if item.kind == "indicator")
        found = {anchor: self.strip(None) for anchor in rows}
        for line in self.lines:
            found[line.anchor] = self.strip(line, taking=taking is not None and taking(line))
        return found


def scored_now(declaration: Declaration) -> Scored | None:
    """What is being worked on: what is filled in, or the current revision once it is handed in;
    None where nothing is scored."""
    if declaration.state in EDITABLE or declaration.revision is None:
        return scored_draft(declaration, form_for(declaration.round))
    return scored_revision(None, declaration, declaration.revision)


def scored_draft(
    declaration: Declaration, form: Form, records: Records | None = None
) -> Scored | None:
    """What is filled in now, with what reviewers gave before; None where nothing is scored."""
    if not form.rubric.items:
        return None
    records = load_records(declaration, form) if records is None else records
    reviews = live_reviews(declaration) if declaration.revision_id is not None else {}
    return scored_records(declaration, form, records, reviews)


def scored_revision(
    user: User | None, declaration: Declaration, revision: Revision
) -> Scored | None:
    """A revision as this person may see it, None: all of it. What a reviewer gives is the
    department's to see once it is decided. None where nothing is scored."""
    form = form_for(declaration.round)
    if not form.rubric.items:
        return None
    records = revision_records(revision)
    if is_under_review(declaration, revision):
        hidden = user is not None and permissions.can_see_draft(user, declaration)
        return scored_records(
            declaration, form, records, {} if hidden else live_reviews(declaration)
        )
    result = Result.objects.filter(revision=revision).first()
    scored = scored_records(declaration, form, records, kept_reviews(result) if result else {})
    if result is None or result.total is None:
        return scored
    return replace(scored, decided=Decided(result.total, result.grade))


def scored_records(
    declaration: Declaration, form: Form, records: Records, reviews: Reviews
) -> Scored:
    """Any content of a declaration, by the rules of its form."""
    scoring = score(form, records, facts_of(declaration))
    return Scored(scoring, declaration.round.bureau.thresholds, reviews)


def with_printed_scores(declaration: Declaration, form: Form, revision: Revision | None) -> Records:
    """What is filled in now, or a revision, with what its form prints of the scores: what is
    decided, and so nothing that a reviewer still considers."""
    records = load_records(declaration, form) if revision is None else revision_records(revision)
    if shows_scores(form):
        if revision is None:
            scored = scored_draft(declaration, form, records)
        elif is_under_review(declaration, revision):
            scored = scored_records(declaration, form, records, {})
        else:
            scored = scored_revision(None, declaration, revision)
        records.shown = scored.shown() if scored else {}
    return records


def is_under_review(declaration: Declaration, revision: Revision) -> bool:
    """Whether this revision is not decided on yet."""
    return declaration.state == State.SUBMITTED and declaration.revision_id == revision.pk


def live_scores(declaration: Declaration) -> QuerySet[ReviewScore]:
    """What reviewers give as it stands now."""
    found = ReviewScore.objects.filter(declaration=declaration)
    return found.select_related("author", "revision").defer(
        "revision__content", "revision__findings"
    )


def live_reviews(declaration: Declaration) -> dict[str, Reviewed]:
    """The same by anchor; one query."""
    return {
        kept.anchor: Reviewed(
            kept.score, kept.reason, kept.author.name, f"第{kept.revision.number}版"
        )
        for kept in live_scores(declaration)
    }


def kept_reviews(result: Result) -> dict[str, Reviewed]:
    """What reviewers had given when a revision was decided on; one query."""
    lines = result.lines.filter(review_score__isnull=False)
    return {
        anchor: Reviewed(given, reason)
        for anchor, given, reason in lines.values_list("anchor", "review_score", "review_reason")
        if given is not None
    }


def takes_over(form: Form, opened: Opened) -> TakesOver:
    """Where self scores can be filled in now."""
    closed = closed_tags(form, opened)

    def answer(line: Line) -> bool:
        tag = f"{line.key if line.outcome else f'{SCORES}.{line.key}'}.{SELF_SCORE}"
        return tag in form.fields and tag not in closed

    return answer


def strips_to_fill(
    declaration: Declaration, table: Table, scored: Scored | None
) -> dict[str, Strip]:
    """What is shown below the items of a table to fill in."""
    if scored is None:
        return {}
    taking = takes_over(table.form, declaration.opened_sections)
    return scored.strips(table.records, taking=taking)


def shows_scores(form: Form) -> bool:
    """Whether the form has cells for what is worked out or given elsewhere than in it."""
    return any(tag.shown for tag, _ in form.tags)


def concerned(form: Form, touched: Collection[str]) -> Callable[[Line], bool]:
    """Which lines are scored anew where these fields (tags) were changed, their own aside."""
    tags = {*touched}
    keys = {item.key for item in form.rubric.items if _uses(item) & tags}
    targets = any(tag.endswith(".target") for tag in tags)  # of which some rules count the figures
    return lambda line: line.key in keys or (targets and line.outcome is None)


def affects_scores(form: Form, touched: Collection[str]) -> bool:
    """Whether any score depends on one of these fields."""
    return any(
        tag.startswith(f"{SCORES}.") or any(_is_of(item, tag) for item in form.rubric.items)
        for tag in touched
    )


def _is_of(item: RubricItem, tag: str) -> bool:
    if item.is_list:
        path, _, column = tag.rpartition(".")
        return path == item.key and column in _OF_INDICATORS
    return tag in _uses(item)


def _uses(item: RubricItem) -> frozenset[str]:
    """The fields from which the data of a rule are computed."""
    formulas = (formula(given.expression).uses for given in item.inputs if given.expression)
    return frozenset().union(*formulas)
