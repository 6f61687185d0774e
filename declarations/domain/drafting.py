"""起草: a first draft of a report's passage, made of the figures of the self-evaluation."""

from dataclasses import dataclass

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.cells import Change, Status, apply_changes
from declarations.domain.errors import RefusedError
from declarations.models import Event, EventKind, User
from declarations.queries.forms import form_for
from declarations.queries.self_evaluations import evaluation_beside
from declarations.sheets.kinds import DEFAULT_LENGTH
from declarations.sheets.report_drafts import write_draft
from declarations.sheets.table import version_of


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text that was written; the event can be given to `undo`. source: what it is made of."""

    text: str
    source: str
    event: Event


def draft(
    actor: User, *, declaration_id: int, anchor: str, version: str | None, replace: bool = False
) -> Drafted:
    """Writes the draft of a passage: into a blank one, or over the text that has this version.

    version: None where whatever is there may go. replace: that the person wants it to go.
    Raises RefusedError where the declaration cannot be edited, the passage has no draft,
    holds another text by now, or the department has no self-evaluation of the year.
    """
    with transaction.atomic(), acting(actor, EventKind.DRAFTED):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        key = anchor.removeprefix("text/")
        kind = form.report.drafts.get(f"text.{key}") if form.report else None
        if kind is None:
            raise RefusedError("这一段没有可用的初稿，请自行填写")
        before = str(
            declaration.passages.filter(key=key).values_list("text", flat=True).first() or ""
        )
        if version not in (None, version_of(before)):
            raise RefusedError("这一段刚被修改过，请核对后再起草")
        if before.strip() and not replace:
            raise RefusedError("这一段已经填写，起草会替换原有内容，请确认后再试")
        evaluation = evaluation_beside(declaration)
        if evaluation is None:
            year = declaration.round.year
            raise RefusedError(f"没有找到本部门{year}年度的绩效自评表，无法起草，请自行填写")
        if evaluation.is_blank:
            raise RefusedError(f"{evaluation.name}还没有填写数字，无法起草")
        field = form.fields[f"text.{key}"]
        text = write_draft(kind, evaluation, field.length or DEFAULT_LENGTH[field.kind])
        (outcome,), _ = apply_changes(declaration, form, [Change(anchor, text, None)])
        if outcome.status is not Status.SAVED:
            raise RefusedError(outcome.message)
        touch(actor, declaration)
        event = record(
            EventKind.DRAFTED,
            actor=actor,
            declaration=declaration,
            before={anchor: before},
            after={anchor: outcome.text},
            draft=kind,
        )
        return Drafted(outcome.text, evaluation.name, event)
