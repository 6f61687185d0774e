"""What the pages show: a declaration's table with what is said about its cells."""

from collections.abc import Iterable
from dataclasses import dataclass

from declarations.models import Comment, Declaration, Revision, State
from declarations.queries.findings import FindingView, cell_names
from declarations.queries.forms import form_of
from declarations.queries.records import load_records, revision_records
from declarations.sheets.bind import bind
from declarations.sheets.diff import Changes, compare
from declarations.sheets.html import Mark
from declarations.sheets.table import Table
from declarations.workflow.opened import closed_tags


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment with the name of its cell, and whether the department has changed it since."""

    comment: Comment
    place: str
    changed: bool | None  # None: on the whole, or not yet returned


def editor_table(declaration: Declaration) -> Table:
    """What is filled in now, to be edited; what a limited return left closed is locked."""
    form = form_of(declaration.round.template)
    closed = closed_tags(form, declaration.opened_sections)
    return bind(form, load_records(declaration, form), editing=True, locked=closed)


def draft_table(declaration: Declaration) -> Table:
    """What is filled in now, to be read."""
    form = form_of(declaration.round.template)
    return bind(form, load_records(declaration, form))


def revision_table(
    revision: Revision, declaration: Declaration, *, compared: bool = False
) -> Table:
    """A frozen revision, to be read; to be compared, equal neighbours stay apart."""
    form = form_of(declaration.round.template)
    return bind(form, revision_records(revision), merging=not compared)


def comments_for_department(declaration: Declaration) -> list[Comment]:
    """Comments of decided revisions, of the latest one that has any."""
    if declaration.revision_id is None:
        return []
    decided = declaration.comments.select_related("author", "revision").defer("revision__content")
    if declaration.state == State.SUBMITTED:
        decided = decided.exclude(revision=declaration.revision_id)
    latest = max((c.revision.number for c in decided), default=0)
    return [c for c in decided if c.revision.number == latest]


def comments_on(revision: Revision) -> list[Comment]:
    """All comments on one revision."""
    return list(revision.comments.select_related("author"))


def changes_since(previous: Revision | None, table: Table) -> Changes:
    """What differs from the previous revision; nothing where there is none."""
    return compare(revision_records(previous), table) if previous else Changes()


def describe_comments(
    comments: list[Comment], table: Table, changes: Changes | None
) -> list[CommentView]:
    """Comments with their places named, in the order of the form, those on the whole first."""
    if not comments:
        return []
    names = cell_names(table)
    order = {anchor: index for index, anchor in enumerate(names)}
    views = []
    for comment in comments:
        changed = None
        if comment.anchor and changes is not None:
            changed = comment.anchor in changes.before or comment.anchor not in names
        place = names.get(comment.anchor, "（该行已删除）") if comment.anchor else "整份申报"
        views.append(CommentView(comment, place, changed))
    return sorted(views, key=lambda v: (bool(v.comment.anchor), order.get(v.comment.anchor, -1)))


def marks(
    comments: list[Comment],
    changes: Changes | None = None,
    findings: Iterable[FindingView] = (),
) -> dict[str, Mark]:
    """What is to be drawn at each cell."""
    found: dict[str, Mark] = {}
    for view in findings:
        for anchor in view.finding.anchors:
            found.setdefault(anchor, Mark()).findings += 1
    for comment in comments:
        if comment.anchor:
            found.setdefault(comment.anchor, Mark()).comments += 1
    for anchor, before in (changes.before if changes else {}).items():
        found.setdefault(anchor, Mark()).before = before
    return found
