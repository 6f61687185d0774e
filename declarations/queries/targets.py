"""The approved target that a department's self-evaluation of the year is held against."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from declarations.models import Declaration, DeclarationKind, Department, Revision, Round
from declarations.queries.forms import form_for, form_of, kind_for
from declarations.queries.prior_years import contents_last_year
from declarations.queries.records import load_records, revision_records
from declarations.sheets.form import Form
from declarations.sheets.from_target import asks_for_last_year, from_target, with_last_year
from declarations.sheets.reconcile import ChangedCell
from declarations.sheets.records import Records, content_hash
from declarations.sheets.target_update import Update, bring_up
from declarations.workflow.opened import closed_tags


@dataclass(frozen=True, slots=True)
class Brought:
    """What an evaluation takes over, and from which revision of the target."""

    revision: Revision
    records: Records


def is_evaluation(round_: Round) -> bool:
    """Whether what it calls for is held against a target."""
    return kind_for(round_) == DeclarationKind.SELF_EVALUATION


def brought_for(
    form: Form, round_: Round, departments: Collection[Department]
) -> dict[int, Brought]:
    """What departments' evaluations on a form begin with, by department; see `from_target`.

    Departments without an approved target of the round's year are missing. None where the
    round is for something else. At most three queries.
    """
    if not is_evaluation(round_):
        return {}
    targets = _in_force(round_, [d.pk for d in departments]).select_related("approved")
    brought: dict[int, Brought] = {}
    for target in targets.order_by("approved_id"):  # of several the one approved last
        assert target.approved is not None
        brought[target.department_id] = brought_from(form, target, target.approved)
    if brought and asks_for_last_year(form):
        known = contents_last_year(departments, round_)
        for department_id in brought.keys() & known.keys():
            with_last_year(form, brought[department_id].records, *known[department_id])
    return brought


def brought_from(form: Form, target: Declaration, revision: Revision) -> Brought:
    """What an evaluation on a form takes over from one revision of its target."""
    target_form = form_of(target.round.template)
    return Brought(revision, from_target(form, target_form, revision_records(revision)))


def target_of(declaration: Declaration) -> Declaration | None:
    """The target that is in force for an evaluation, with its revision in force, its large
    columns not read; None where the department has none in the system. One query.

    The one that the evaluation is based on; for one that is not yet, the one approved last.
    """
    targets = targets_for(declaration).select_related("approved")
    return targets.defer(
        "round__template__workbook", "approved__content", "approved__findings"
    ).last()


def targets_for(declaration: Declaration) -> QuerySet[Declaration]:
    """Those that can be the target of an evaluation, the one that is comes last; no query yet."""
    if not is_evaluation(declaration.round):
        return Declaration.objects.none()
    targets = _in_force(declaration.round, [declaration.department_id]).order_by("approved_id")
    if declaration.based_on_id is not None:
        targets = targets.filter(revisions=declaration.based_on_id)
    return targets


@dataclass(frozen=True, slots=True)
class Following:
    """What bringing an evaluation up to its target in force would do now.

    base: names the content and the target that this holds for. current: what is stored.
    """

    revision: Revision
    update: Update
    base: str
    current: Records


def following(declaration: Declaration, target: Declaration) -> Following:
    """Compares an evaluation with its target in force (of `target_of`); at most ten queries."""
    form = form_for(declaration.round)
    current = load_records(declaration, form)
    revision = target.approved
    assert revision is not None
    revision.refresh_from_db(fields=["content"])
    brought = brought_from(form, target, revision).records
    was = None
    if declaration.based_on is not None:
        was = brought_from(form, target, declaration.based_on).records
    if asks_for_last_year(form):
        known = contents_last_year([declaration.department], declaration.round)
        if last := known.get(declaration.department_id):
            with_last_year(form, brought, *last)
    update = bring_up(form, current, brought, was)
    closed = closed_tags(form, declaration.opened_sections)
    update.plan.changed = [c for c in update.plan.changed if not _is_closed_cell(c, closed)]
    base = content_hash(current.to_json() | {"target": revision.pk})
    return Following(revision, update, base, current)


def _is_closed_cell(cell: ChangedCell, closed: frozenset[str]) -> bool:
    """Whether it is a budget or a passage that a limited return left closed: these stay."""
    return cell.field.tag in closed and cell.anchor.partition("/")[0] in ("funding", "text")


def _in_force(round_: Round, departments: Collection[int]) -> QuerySet[Declaration]:
    return (
        Declaration.objects.filter(
            department__in=departments,
            round__year=round_.year,
            round__template__kind=DeclarationKind.TARGET,
            approved__isnull=False,
        )
        .select_related("round__template")
        .defer("round__template__workbook")
    )
