"""What rules and checks know of a declaration besides what is filled in."""

from django.db.models import Min
from django.utils import timezone

from declarations.checks import Around
from declarations.models import Declaration
from declarations.queries.evidence import counts
from declarations.queries.self_evaluations import beside
from declarations.sheets.form import Form
from declarations.sheets.scores import Scoring
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
    """When it was first handed in, and by when it should have been; one query at most.

    What was handed in in time and returned was still handed in in time.
    """
    handed_in = None
    if declaration.revision_id is not None:
        handed_in = declaration.revisions.aggregate(first=Min("submitted_at"))["first"]
    deadline = max(filter(None, (declaration.round.deadline, declaration.extended_until)))
    return Facts(
        now=timezone.localtime(),
        handed_in=timezone.localtime(handed_in) if handed_in else None,
        deadline=timezone.localtime(deadline),
    )
