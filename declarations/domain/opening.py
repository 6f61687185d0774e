"""Keeping to what a limited return opened, and opening more where a correction needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from declarations.checks import Level, run_checks
from declarations.domain.acting import lock, record, require_editable
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, EventKind, User
from declarations.queries.around import around_of
from declarations.queries.findings import closed_in_the_way
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.workflow.opened import closed_content, closed_tags, opened_labels, why_closed


class PartClosedError(RefusedError):
    """The return opened other parts of the form only."""


@contextmanager
def within_opened(declaration: Declaration, form: Form) -> Iterator[None]:
    """Refuses what is done inside, with PartClosedError, if it changes a part that is closed.

    For acts on rows and on many cells at once, inside their transaction, which is then rolled
    back: however they write, it is what they leave behind that is looked at.
    """
    closed = closed_tags(form, declaration.opened_sections)
    if not closed:
        yield
        return
    before = closed_content(load_records(declaration, form), closed)
    yield
    if closed_content(load_records(declaration, form), closed) != before:
        raise PartClosedError(why_closed(form, declaration.opened_sections))


def open_what_must_change(actor: User, *, declaration_id: int) -> list[str]:
    """Opens the sections with cells of findings that must be corrected; returns their names.

    A return opened only some sections, and correcting those made another one wrong (a sum
    that no longer agrees): without this the department could neither submit nor correct it.
    The record tells which and why, and the reviewer sees whatever is changed there. Where
    nothing has to be opened, nothing is done: twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        form = form_for(declaration.round)
        table = bind(form, load_records(declaration, form), editing=True)
        found = run_checks(table, around_of(declaration, form))
        more = closed_in_the_way(table, found, declaration.opened_sections)
        if not more:
            return []
        opened = sorted({*(declaration.opened_sections or ()), *more})
        declaration.opened_sections = opened
        declaration.save(update_fields=["opened_sections"])
        record(
            EventKind.SECTIONS_OPENED,
            actor=actor,
            declaration=declaration,
            revision=declaration.revision,
            sections=more,
            opened_sections=opened,
            findings=[f.message for f in found if f.level is Level.MUST],
        )
        return opened_labels(form, more)
