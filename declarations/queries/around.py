"""What rules and checks know of a declaration besides what is filled in."""

from datetime import date, timedelta

from django.db.models import Min, OuterRef, Subquery
from django.utils import timezone

from declarations.checks import Around
from declarations.models import Declaration, Event, EventKind, Publication, State
from declarations.queries.evidence import counts
from declarations.queries.forms import form_for
from declarations.queries.self_evaluations import beside
from declarations.queries.targets import targets_for
from declarations.sheets.form import Form
from declarations.sheets.scores import Scoring
from scoring.asking import asks_for
from scoring.methods_facts import Fact
from scoring.rubric import Facts


def around_of(declaration: Declaration, form: Form, scoring: Scoring | None = None) -> Around:
    """For `run_checks`; no query where nothing of the form depends on it.

    scoring: of the content that is checked, where it is known already.
    """
    if form.report is not None:
        return Around(beside=beside(declaration))
    if not form.rubric.items:
        return Around()
    if scoring is not None:
        return Around(evidence=counts(declaration), scoring=scoring)
    return Around(facts_of(declaration), counts(declaration))


def facts_of(declaration: Declaration) -> Facts:
    """When it was first handed in, and by when it should have been; where a rule asks for it,
    also when the target was published. One query for each at most.

    What was handed in in time and returned was still handed in in time.
    """
    handed_in = None
    if declaration.revision_id is not None:
        handed_in = declaration.revisions.aggregate(first=Min("submitted_at"))["first"]
    deadline = max(filter(None, (declaration.round.deadline, declaration.extended_until)))
    published, due = _disclosed(declaration)
    return Facts(
        now=timezone.localtime(),
        handed_in=timezone.localtime(handed_in) if handed_in else None,
        deadline=timezone.localtime(deadline),
        published=published,
        due=due,
    )


def _disclosed(declaration: Declaration) -> tuple[date | None, date | None]:
    """The day on which the approved target of an evaluation was first published, and the last
    on which it should have been; None of what is not known.

    Both are of its first approval: what was adjusted later was public before. For an evaluation
    that was approved, only what was public by then counts, as it did for who decided.
    """
    if not asks_for(form_for(declaration.round).rubric, Fact.PUBLISHED):
        return None, None
    first = Publication.objects.filter(declaration=OuterRef("pk"), number=1)
    approvals = Event.objects.filter(declaration=OuterRef("pk"), kind=EventKind.APPROVED)
    target = (
        targets_for(declaration)
        .filter(round__disclosed=True)
        .annotate(
            first_published=Subquery(first.values("published_at")),
            first_approved=Subquery(approvals.order_by("at").values("at")[:1]),
        )
        .values_list("first_published", "first_approved", "round__publish_days")
        .last()
    )
    if target is None:
        return None, None
    published_at, approved_at, days = target
    decided_at = declaration.approved_at if declaration.state == State.APPROVED else None
    if published_at and decided_at and published_at > decided_at:
        published_at = None
    due = timezone.localdate(approved_at) + timedelta(days=days) if approved_at else None
    return timezone.localdate(published_at) if published_at else None, due
