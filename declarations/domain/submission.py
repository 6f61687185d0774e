"""Submitting: what is filled in becomes a frozen revision."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.checks import Level, run_checks
from declarations.domain.acting import lock, record, require_editable
from declarations.domain.cells import Change, Status
from declarations.domain.errors import HasFindingsError, NotPermittedError, RefusedError
from declarations.domain.explaining import apply_explanations
from declarations.domain.results import store_result
from declarations.domain.review import arrive
from declarations.domain.telling import tell_to_review
from declarations.models import Declaration, EventKind, Revision, RevisionKind, State, User
from declarations.queries.around import around_of
from declarations.queries.evidence import differs_from
from declarations.queries.findings import explanations_of, frozen_hint, in_the_way
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.records import Records, content_hash


def submit(actor: User, *, declaration_id: int, explanations: Sequence[Change] = ()) -> Revision:
    """Freezes the content as a new revision and hands it in for review, at the first stage.

    Explanations of hints can be handed in with it, as `explain_hints` takes them; they are
    kept even where the submission is then refused. Submitting what is already submitted
    gives the same revision: twice is once.
    Raises HasFindingsError where something must be corrected or explained first, and other
    RefusedErrors where the person, the state or the deadline forbid it.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if declaration.state == State.SUBMITTED and declaration.revision is not None:
            if not permissions.can_fill_in(actor, declaration):
                raise NotPermittedError("只有本部门的填报人可以提交")
            return declaration.revision
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        records = load_records(declaration, form)
        _require_change(declaration, records)
        findings = run_checks(bind(form, records, editing=True), around_of(declaration, form))
        outcomes = apply_explanations(actor, declaration, findings, explanations)
        problems = [o for o in outcomes if o.status in (Status.INVALID, Status.CONFLICT)]
        known = explanations_of(declaration)
        blocking = in_the_way(findings, known)
        if not blocking and not problems:
            hints = [frozen_hint(f, known[f.key]) for f in findings if f.level is Level.HINT]
            return _freeze(actor, declaration, records, hints)
    raise HasFindingsError(blocking, problems)


def _require_change(declaration: Declaration, records: Records) -> None:
    """An adjustment changes something; what is in force need not be reviewed again."""
    in_force = declaration.approved
    if in_force is None or content_hash(records.to_json()) != in_force.sha256:
        return
    if not differs_from(declaration, in_force):
        raise RefusedError("与现行版本相比没有任何修改，不需要提交；不再调整的，请放弃调整")


def _freeze(
    actor: User, declaration: Declaration, records: Records, hints: list[dict[str, Any]]
) -> Revision:
    content = records.to_json()
    adjusted = bool(declaration.adjustment_reason)
    revision = Revision.objects.create(
        declaration=declaration,
        kind=RevisionKind.ADJUSTMENT if adjusted else RevisionKind.SUBMISSION,
        reason=declaration.adjustment_reason,
        number=declaration.revisions.count() + 1,
        content=content,
        sha256=content_hash(content),
        findings=hints,
        submitted_at=timezone.now(),
        submitted_by=actor,
    )
    declaration.revision = revision
    store_result(declaration, revision)
    arrive(declaration, declaration.round.stages.get(position=1))
    record(EventKind.SUBMITTED, actor=actor, declaration=declaration, revision=revision)
    tell_to_review(declaration)
    return revision
