"""What the pages show: a declaration's table with what is said about its cells."""

from collections.abc import Iterable

from declarations.models import Declaration, Revision, User
from declarations.queries.comments import Thread
from declarations.queries.findings import FindingView
from declarations.queries.forms import form_of
from declarations.queries.records import load_records, revision_records
from declarations.queries.scores import scored_draft, scored_revision, shows_scores
from declarations.sheets.bind import bind
from declarations.sheets.diff import Changes, compare
from declarations.sheets.form import Form
from declarations.sheets.html import Mark
from declarations.sheets.records import Records
from declarations.sheets.table import Table
from declarations.workflow.opened import closed_tags, opened_labels


def editor_table(declaration: Declaration) -> Table:
    """What is filled in now, to be edited; what a limited return left closed is locked."""
    form = form_of(declaration.round.template)
    closed = closed_tags(form, declaration.opened_sections)
    return bind(form, _drafted(declaration, form), editing=True, locked=closed)


def opened_names(declaration: Declaration) -> list[str] | None:
    """The sections that a limited return opened, None where all is open."""
    if declaration.opened_sections is None:
        return None
    return opened_labels(form_of(declaration.round.template), declaration.opened_sections)


def draft_table(declaration: Declaration, *, compared: bool = False) -> Table:
    """What is filled in now, to be read; to be compared, equal neighbours stay apart."""
    form = form_of(declaration.round.template)
    return bind(form, _drafted(declaration, form), merging=not compared, strips=True)


def revision_table(
    revision: Revision,
    declaration: Declaration,
    *,
    compared: bool = False,
    user: User | None = None,
) -> Table:
    """A frozen revision, to be read; to be compared, equal neighbours stay apart.

    user: who reads what its form shows of the scores; for nobody it shows none.
    """
    form = form_of(declaration.round.template)
    records = revision_records(revision)
    if user is not None and shows_scores(form):
        scored = scored_revision(user, declaration, revision)
        records.shown = scored.shown() if scored else {}
    return bind(form, records, merging=not compared, strips=True)


def _drafted(declaration: Declaration, form: Form) -> Records:
    records = load_records(declaration, form)
    if shows_scores(form) and (scored := scored_draft(declaration, form, records)):
        records.shown = scored.shown()
    return records


def changes_since(previous: Revision | None, table: Table) -> Changes:
    """What differs from the previous revision; nothing where there is none."""
    return compare(revision_records(previous), table) if previous else Changes()


def marks(
    threads: Iterable[Thread],
    changes: Changes | None = None,
    findings: Iterable[FindingView] = (),
) -> dict[str, Mark]:
    """What is to be drawn at each cell; what is said of a row or a section, at its first."""
    found: dict[str, Mark] = {}
    for view in findings:
        for anchor in view.finding.anchors:
            found.setdefault(anchor, Mark()).findings += 1
    for thread in threads:
        if thread.cell and not thread.resolved:
            found.setdefault(thread.cell, Mark()).comments += 1
    for anchor, mark in change_marks(changes).items() if changes else ():
        found.setdefault(anchor, Mark()).before = mark.before
        found[anchor].row = mark.row
    return found


def change_marks(changes: Changes) -> dict[str, Mark]:
    """What changed, at each cell; what became of a row, at its first."""
    found = {anchor: Mark(before=before) for anchor, before in changes.before.items()}
    for rows, what in ((changes.added, "新增行"), (changes.moved, "移动的行")):
        for row in rows:
            if row in changes.starts:
                found.setdefault(changes.starts[row], Mark()).row = what
    return found
