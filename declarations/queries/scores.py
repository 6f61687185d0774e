"""How a declaration is scored: by itself, by the rules, and by its reviewer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from declarations import permissions
from declarations.models import (
    Bureau,
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
from declarations.sheets.scores import Line, Scoring, score
from declarations.sheets.strip_html import Reviewed, Strip
from scoring.grades import Thresholds
from scoring.rubric import RubricItem

Reviews = Mapping[str, Reviewed]
"""By the anchors of items and indicators."""

_OF_INDICATORS = {"level1", "level2", "level3", "weight", "target", "actual", "self_score"}
"""The columns of a list of indicators on which its scores depend."""


@dataclass(frozen=True)
class Scored:
    """What all items come to. reviews: of those that may be seen."""

    scoring: Scoring
    thresholds: Thresholds
    reviews: Reviews

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.scoring.lines

    @cached_property
    def review_score(self) -> Decimal | None:
        """What counts in the end: the review score where there is one, else the self score;
        None where there is no review score at all."""
        return self.scoring.total(self.final) if self.reviews else None

    @cached_property
    def total(self) -> Decimal:
        """The same of what is decided; nothing counts as 0."""
        return self.scoring.total(self.final) or Decimal(0)

    def final(self, line: Line) -> Decimal | None:
        """What counts of an item."""
        review = self.reviews.get(line.anchor)
        return review.score if review else line.self_score

    def grade(self, total: Decimal | None) -> str:
        """The grade of a total; "" where there is none."""
        return "" if total is None else self.thresholds.grade_of(total, self.scoring.points)

    @property
    def self_grade(self) -> str:
        return self.grade(self.scoring.self_score)

    @property
    def rule_grade(self) -> str:
        return self.grade(self.scoring.rule_score)

    @property
    def review_grade(self) -> str:
        return self.grade(self.review_score)

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
        counts = self.scoring.self_score if self.review_score is None else self.review_score
        shown: dict[str, Value] = {
            "total/self": self.scoring.self_score,
            "total/rule": self.scoring.rule_score,
            "total/review": self.review_score,
            "total/grade": self.grade(counts),
        }
        for line in self.lines:
            shown[f"{line.anchor}/rule_score"] = line.rule.score
            review = self.reviews.get(line.anchor)
            shown[f"{line.anchor}/review_score"] = review.score if review else None
        return shown

    def strip(self, line: Line, *, taking: bool = False) -> Strip:
        """What is shown below an item. taking: to who fills in, and may take the rule's score."""
        return Strip(line, self.reviews.get(line.anchor), taking)

    def strips(self, records: Records, *, taking: bool = False) -> dict[str, Strip]:
        """Of all items, by their anchors; of rows without points, that they have none."""
        rows = (item.anchor() for item in records.items() if item.kind == "indicator")
        nothing = {anchor: Strip(None) for anchor in rows}
        return nothing | {line.anchor: self.strip(line, taking=taking) for line in self.lines}


def thresholds_of(bureau: Bureau) -> Thresholds:
    """From which totals on the bureau gives its grades."""
    return Thresholds(bureau.grade_excellent, bureau.grade_good, bureau.grade_fair)


def scored_draft(
    declaration: Declaration, form: Form, records: Records | None = None
) -> Scored | None:
    """What is filled in now, with what reviewers gave before; None where nothing is scored."""
    if not form.rubric.items:
        return None
    records = load_records(declaration, form) if records is None else records
    reviews = live_reviews(declaration) if declaration.revision_id is not None else {}
    return _scored(declaration, form, records, reviews)


def scored_revision(
    user: User | None, declaration: Declaration, revision: Revision
) -> Scored | None:
    """A revision as this person may see it, None: all of it. What a reviewer gives is the
    department's to see once it is decided."""
    form = form_for(declaration.round)
    if not form.rubric.items:
        return None
    reviews: Reviews = {}
    if not is_under_review(declaration, revision):
        reviews = kept_reviews(revision)
    elif user is None or not permissions.can_see_draft(user, declaration):
        reviews = live_reviews(declaration)
    return _scored(declaration, form, revision_records(revision), reviews)


def is_under_review(declaration: Declaration, revision: Revision) -> bool:
    """Whether this revision is not decided on yet."""
    return declaration.state == State.SUBMITTED and declaration.revision_id == revision.pk


def live_reviews(declaration: Declaration) -> dict[str, Reviewed]:
    """What reviewers give as it stands now; one query."""
    found = ReviewScore.objects.filter(declaration=declaration)
    return {
        given.anchor: Reviewed(given.score, given.reason, given.author.name, str(given.revision))
        for given in found.select_related("author", "revision").defer(
            "revision__content", "revision__findings"
        )
    }


def kept_reviews(revision: Revision) -> dict[str, Reviewed]:
    """What reviewers had given when a revision was decided on; one query."""
    lines = Result.objects.filter(revision=revision, lines__review_score__isnull=False)
    return {
        anchor: Reviewed(given, reason)
        for anchor, given, reason in lines.values_list(
            "lines__anchor", "lines__review_score", "lines__review_reason"
        )
        if given is not None
    }


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


def _scored(declaration: Declaration, form: Form, records: Records, reviews: Reviews) -> Scored:
    thresholds = thresholds_of(declaration.round.bureau)
    return Scored(score(form, records, facts_of(declaration)), thresholds, reviews)
