"""Explaining hints: why the department leaves what a check noticed as it is.

An explanation holds as long as its hint reads as it did. When two people explain the same
hint, the later is shown what the other wrote, as with cells; the events keep every text.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from declarations.checks import Finding, Level
from declarations.domain.acting import lock, record, require_editable
from declarations.domain.cells import Change, Outcome, Status
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, EventKind, Explanation, User
from declarations.queries.findings import (
    covers,
    explanation_anchor,
    explanations_of,
    findings_now,
)
from declarations.queries.forms import form_for
from declarations.sheets.kinds import InvalidValueError, read_text
from declarations.sheets.table import version_of

LONGEST_EXPLANATION = 1_000


def explain(actor: User, *, declaration_id: int, key: str, text: str) -> None:
    """Explains the hint that `Finding.key` names, whatever was said before; "" withdraws it.

    Raises RefusedError where there is no such hint now, or the text is too long.
    """
    change = Change(explanation_anchor(key), text, version=None)
    (outcome,) = explain_hints(actor, declaration_id=declaration_id, changes=[change])
    if outcome.status is not Status.SAVED:
        raise RefusedError(outcome.message)


def explain_hints(actor: User, *, declaration_id: int, changes: Sequence[Change]) -> list[Outcome]:
    """Saves explanations, each by itself as `save_cells` does; anchors are ``explanation/KEY``.

    Raises RefusedError where the declaration cannot be edited at all.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        findings = findings_now(declaration, form_for(declaration.round))
        return apply_explanations(actor, declaration, findings, changes)


def apply_explanations(
    actor: User, declaration: Declaration, findings: Iterable[Finding], changes: Sequence[Change]
) -> list[Outcome]:
    """Writes explanations of a locked declaration, for the findings that stand now."""
    if not changes:
        return []
    hints = {explanation_anchor(f.key): f for f in findings if f.level is Level.HINT}
    known = explanations_of(declaration)
    outcomes = []
    for change in {c.anchor: c for c in changes}.values():
        hint = hints.get(change.anchor)
        if hint is None:
            message = "这条提示已不存在，不需要说明"
            outcomes.append(Outcome(change.anchor, Status.GONE, message=message))
        else:
            outcomes.append(_write(actor, declaration, hint, known.get(hint.key), change))
    return outcomes


def _write(
    actor: User,
    declaration: Declaration,
    hint: Finding,
    known: Explanation | None,
    change: Change,
) -> Outcome:
    current = known.text if known else ""
    stored = (current, version_of(current))
    try:
        text = read_text(change.text, length=LONGEST_EXPLANATION, multiline=True)
    except InvalidValueError as error:
        return Outcome(change.anchor, Status.INVALID, *stored, message=str(error))
    if change.version not in (None, version_of(current)) and text != current:
        return Outcome(
            change.anchor,
            Status.CONFLICT,
            *stored,
            message="这条说明刚被修改过，请选择保留哪一个",
            changed_by=known.author.name if known else "",
            changed_at=timezone.localtime(known.written_at).strftime("%H:%M") if known else "",
        )
    if text != current or (text and not covers(known, hint)):
        _store(actor, hint, known or Explanation(declaration=declaration, key=hint.key), text)
        record(
            EventKind.EXPLAINED,
            actor=actor,
            declaration=declaration,
            key=hint.key,
            code=hint.code,
            message=hint.message,
            text=text,
            before=current,
        )
    return Outcome(change.anchor, Status.SAVED, text, version_of(text))


def _store(actor: User, hint: Finding, explanation: Explanation, text: str) -> None:
    if not text:
        explanation.delete()
        return
    explanation.code, explanation.message = hint.code, hint.message
    explanation.text, explanation.author = text, actor
    explanation.save()
