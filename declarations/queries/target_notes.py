"""What an evaluation's page says of the approved target: which it is, and what became of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from declarations import permissions
from declarations.models import Declaration, Event, EventKind, Revision, User
from declarations.queries.comparing import Line, lines_of
from declarations.queries.forms import form_of
from declarations.queries.import_preview import named
from declarations.queries.records import BASED_ON, revision_records
from declarations.queries.targets import is_evaluation, target_of
from declarations.sheets.bind import bind
from declarations.sheets.diff import Changes, compare, row_of, starts_of
from declarations.sheets.html import Mark
from declarations.sheets.records import Records
from declarations.sheets.table import Table

ADJUSTED, ORPHANED = "年内调整", "目标中已没有"
"""How rows are marked whose target was changed in the year, and those that lost theirs."""


@dataclass(frozen=True, slots=True)
class Step:
    """A revision of the target that came into force in place of another, and what it changed.

    rows: anchors of the target's rows that it changed or brought.
    """

    revision: Revision
    before: Revision
    lines: list[Line]
    rows: set[str]


@dataclass(frozen=True, slots=True)
class TargetNote:
    """What is said of the target.

    target: the one in force, None where the department has none in the system. based_on: the
    revision whose rows the evaluation shows, None: of none. steps: how it came to be from the
    first that was approved. orphaned: anchors of rows that were the target's and are not now.
    can_follow: whether the person may bring the evaluation up to what is in force.
    """

    target: Declaration | None
    based_on: Revision | None
    steps: list[Step] = field(default_factory=list)
    orphaned: frozenset[str] = frozenset()
    can_follow: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether another target is in force than the evaluation is based on."""
        based_on = self.based_on.pk if self.based_on else None
        return self.target is not None and self.target.approved_id != based_on


def target_note(
    user: User, declaration: Declaration, table: Table, *, editable: bool
) -> TargetNote | None:
    """Of what a table shows, live or frozen; None for what is no evaluation. At most five
    queries."""
    if not is_evaluation(declaration.round):
        return None
    target = target_of(declaration)
    based_on_id = int(table.records.context.get(BASED_ON, 0))
    came = _came_into_force(target) if target is not None and based_on_id else []
    known = [revision.pk for revision in came]
    history = came[: known.index(based_on_id) + 1] if based_on_id in known else []
    return TargetNote(
        target,
        history[-1] if history else None,
        list(_steps(target, history)) if target is not None else [],
        _orphaned(declaration, table.records) if based_on_id else frozenset(),
        can_follow=editable and permissions.can_fill_in(user, declaration),
    )


def mark_rows(marks: dict[str, Mark], table: Table, note: TargetNote | None) -> None:
    """Adds to the marks of a table which rows' targets were changed in the year, or are gone."""
    if note is None or not (note.steps or note.orphaned):
        return
    changed = {row for step in note.steps for row in step.rows}
    notes = {
        item.anchor(): ADJUSTED
        for item in table.records.items()
        if f"{item.kind}/{item.source}" in changed
    }
    notes |= dict.fromkeys(note.orphaned, ORPHANED)
    for row, cell in starts_of(table, notes).items():
        marks.setdefault(cell, Mark()).note = notes[row]


def _came_into_force(target: Declaration) -> list[Revision]:
    """The target's revisions that were in force, the first first; their content is not read."""
    events = (
        Event.objects.filter(declaration=target, kind__in=(EventKind.APPROVED, EventKind.CORRECTED))
        .select_related("revision")
        .defer("data", "revision__content", "revision__findings")
        .order_by("at", "id")
    )
    return [event.revision for event in events if event.revision is not None]


def _steps(target: Declaration, history: list[Revision]) -> Iterator[Step]:
    if len(history) < 2:
        return
    form = form_of(target.round.template)
    pks = [revision.pk for revision in history]
    contents = Revision.objects.only("content").in_bulk(pks)
    for before, after in pairwise(history):
        table = bind(form, revision_records(contents[after.pk]), merging=False)
        changes = compare(revision_records(contents[before.pk]), table)
        yield Step(after, before, [*_named(table, lines_of(table, changes))], _rows(changes))


def _named(table: Table, lines: list[Line]) -> Iterator[Line]:
    """With the names of the rows: the target's table, where one could look, is not beside them."""
    names = {item.anchor(): named(item) for item in table.records.items()}
    for line in lines:
        cell = line.cell.rpartition("/")[0]
        yield replace(line, place=f"{line.place}{names.get(cell, '')}")


def _rows(changes: Changes) -> set[str]:
    return {*map(row_of, changes.before), *changes.added} - {""}


def _orphaned(declaration: Declaration, records: Records) -> frozenset[str]:
    """Rows that lost their source when the target was followed, and are there still."""
    data: Iterable[Mapping[str, Collection[str]]] = declaration.events.filter(
        kind=EventKind.TARGET_UPDATED
    ).values_list("data", flat=True)
    lost = {anchor for done in data for anchor in done.get("orphans", ())}
    own = {item.anchor() for item in records.items() if item.source is None}
    return frozenset(lost & own)
