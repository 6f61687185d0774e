"""The self-evaluation beside a report: the department's own, of the same year."""

from django.utils import timezone

from declarations.checks import Beside
from declarations.models import Declaration, DeclarationKind, State
from declarations.queries.forms import form_of
from declarations.queries.records import load_records, revision_records
from declarations.sheets.bind import bind
from declarations.sheets.evaluation import Evaluation, evaluate
from declarations.sheets.form import Form
from declarations.sheets.records import Records
from declarations.workflow import EDITABLE
from scoring.rubric import Facts


def evaluation_beside(declaration: Declaration) -> Evaluation | None:
    """What the department's self-evaluation of the year came to; None where there is none.

    As it was approved, else as it is under review, else as it is filled in now; that only
    while the department fills in the report, too, and not once the bureau has it.
    """
    found = _found(declaration)
    return _evaluation(*found) if found else None


def beside(declaration: Declaration) -> tuple[Beside, ...]:
    """What the figures in a report's text are compared with, as in `evaluation_beside`."""
    found = _found(declaration)
    if found is None:
        return ()
    evaluated, form, records = found
    return (Beside(bind(form, records), _evaluation(evaluated, form, records)),)


def _evaluation(declaration: Declaration, form: Form, records: Records) -> Evaluation:
    thresholds = declaration.round.bureau.thresholds
    return evaluate(form, records, Facts(now=timezone.localtime()), thresholds)


def _found(declaration: Declaration) -> tuple[Declaration, Form, Records] | None:
    """The one that counts most, with its content."""
    candidates = (
        Declaration.objects.filter(
            department=declaration.department_id,
            round__year=declaration.round.year,
            round__template__kind=DeclarationKind.SELF_EVALUATION,
        )
        .select_related("round__template", "round__bureau", "department", "approved", "revision")
        .defer("round__template__workbook")
    )
    best = max(candidates, key=lambda d: (_standing(d), d.pk), default=None)
    if best is None or not (_standing(best) or declaration.state in EDITABLE):
        return None
    form = form_of(best.round.template)
    if best.approved is not None:
        return best, form, revision_records(best.approved)
    if best.state == State.SUBMITTED and best.revision is not None:
        return best, form, revision_records(best.revision)
    return best, form, load_records(best, form)


def _standing(declaration: Declaration) -> int:
    """2 in force, 1 under review, 0 being filled in."""
    if declaration.approved_id is not None:
        return 2
    return int(declaration.state == State.SUBMITTED)
