"""Comments as a person may see them: threads, where they stand, and what changed there since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, Q, QuerySet

from declarations import permissions
from declarations.models import Comment, CommentState, Declaration, Revision, Role, State, User
from declarations.queries.declarations import visible_to
from declarations.queries.forms import form_of
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind
from declarations.sheets.diff import Changes, compare
from declarations.sheets.places import Spot, containers, is_cell, places_of, section_anchor
from declarations.sheets.table import Table

MOST_DIFFERENCES = 5
"""Changed cells shown beside one comment."""

UNRESOLVED = (CommentState.OPEN, CommentState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that changed. prose: words, compared character by character."""

    place: str
    anchor: str
    before: str
    after: str
    prose: bool


@dataclass(slots=True)
class Thread:
    """A comment with its answers, where it stands, and what the person may do with it.

    place: what to call it. cell: its first cell in the table, to be jumped to, "" where there
    is none. covers: the anchors of all its cells. changed: whether the department has changed
    anything there since, None: on the whole, or nothing to compare with. cells: how many.
    """

    comment: Comment
    answers: list[Comment] = field(default_factory=list)
    place: str = "整份申报"
    cell: str = ""
    covers: list[str] = field(default_factory=list)
    changed: bool | None = None
    cells: int = 0
    differences: list[Difference] = field(default_factory=list)
    may_answer: bool = False
    may_settle: bool = False

    @property
    def resolved(self) -> bool:
        return self.comment.state == CommentState.RESOLVED

    @property
    def answered(self) -> bool:
        return self.comment.state == CommentState.ANSWERED

    @property
    def untouched(self) -> bool:
        """Whether the department has neither changed anything there nor answered."""
        return self.comment.state == CommentState.OPEN and self.changed is not True

    @property
    def left_out(self) -> int:
        """Changed cells that are not shown."""
        return self.cells - len(self.differences)


def seen_by(user: User) -> Q:
    """Of the comments on declarations that a person sees, those that are theirs to read.

    What a department says among its own people the bureau never sees. What reviewers say, the
    department sees once it is decided on; what its head says, its filers likewise.
    """
    if user.department_id is None:
        return Q(internal=False)
    undecided = Q(declaration__state=State.SUBMITTED, revision=F("declaration__revision"))
    visible = ~(undecided & Q(author__department=None))
    if user.role == Role.FILER:
        with_head = Q(internal=True, declaration__stage__by_head=True)
        visible &= ~(undecided & with_head & ~Q(author__role=Role.FILER))
    return visible


def visible_comments(user: User, declaration: Declaration) -> QuerySet[Comment]:
    """The comments and answers on a declaration that this person may read."""
    return Comment.objects.filter(seen_by(user), declaration=declaration)


def hidden_from_department(comment: Comment, declaration: Declaration) -> bool:
    """Whether its filers do not see what a reviewer said yet, because nothing is decided."""
    undecided = (
        declaration.state == State.SUBMITTED and comment.revision_id == declaration.revision_id
    )
    by_head = declaration.stage is not None and declaration.stage.by_head
    return undecided and (not comment.internal or by_head)


def threads_of(user: User, declaration: Declaration, until: Revision | None = None) -> list[Thread]:
    """All threads that this person may read, the oldest first; one query, none for a first draft.

    until: only those on this revision and the ones before it.
    """
    if declaration.revision_id is None:  # a first submission that was recalled had none, either
        return []
    found = visible_comments(user, declaration)
    if until is not None:
        found = found.filter(Q(revision__number__lte=until.number) | Q(parent__isnull=False))
    comments = list(_with_authors(found))
    for comment in comments:
        comment.declaration = declaration
    return _threads(user, comments)


def changes_since(
    threads: Iterable[Thread], table: Table, shown: Revision | None, known: Mapping[int, Changes]
) -> dict[int, Changes]:
    """What changed in a table since each revision on which something unresolved was said.

    shown: the revision that the table shows, None: what is being filled in. The table must
    have all its cells (`bind` without merging). known: what was compared before, by the id of
    the revision. At most one query. Where all was said of single cells, only their columns
    are compared.
    """
    current = shown.pk if shown else None
    waiting = [t.comment for t in threads if t.comment.anchor and not t.resolved]
    missing = {c.revision_id for c in waiting} - {current} - known.keys()
    if not missing:
        return {**known}
    anchors = {c.anchor for c in waiting}
    only = {e.field.tag for e in table.entries() if e.anchor in anchors}
    tags = only if all(map(is_cell, anchors)) else None
    revisions = Revision.objects.filter(pk__in=missing)
    return {**known, **{r.pk: compare(revision_records(r), table, tags) for r in revisions}}


def situate(
    threads: Iterable[Thread], table: Table, since: Mapping[int, Changes] | None = None
) -> list[Thread]:
    """Names the place of each thread in a table, and what changed there (`changes_since`).

    In the order of the form, those on the whole first.
    """
    threads = list(threads)
    if not threads:
        return []
    map_ = _Map(table)
    for thread in threads:
        changes = (since or {}).get(thread.comment.revision_id)
        map_.situate(thread, None if thread.resolved else changes)
    order = {anchor: index for index, anchor in enumerate(map_.spots)}
    return sorted(threads, key=lambda t: order.get(t.comment.anchor, -1))


def unresolved(user: User, declaration: Declaration, table: Table) -> list[Thread]:
    """What is not settled yet, beside what is filled in now; those untouched first."""
    threads = [t for t in threads_of(user, declaration) if not t.resolved]
    situated = situate(threads, table, changes_since(threads, table, None, {}))
    return sorted(situated, key=lambda thread: not thread.untouched)


def listed(
    user: User, *, states: Sequence[str] = UNRESOLVED, round_id: int | None = None
) -> QuerySet[Comment]:
    """The comments that began threads in all declarations that a person sees, by declaration."""
    found = Comment.objects.filter(
        seen_by(user), parent=None, state__in=states, declaration__in=visible_to(user)
    )
    if round_id is not None:
        found = found.filter(declaration__round=round_id)
    return _with_declarations(found).order_by(
        "-declaration__round__year",
        "declaration__round__name",
        "declaration__department__name",
        "declaration",
        "created_at",
        "id",
    )


def described(user: User, comments: Sequence[Comment]) -> list[Thread]:
    """Threads begun by these comments, of any declarations, with their places; two queries."""
    answers = Comment.objects.filter(seen_by(user), parent__in=[c.pk for c in comments])
    threads = _threads(user, [*comments, *_with_declarations(answers)])
    contents = Revision.objects.in_bulk({c.revision_id for c in comments})
    maps = {}
    for thread in threads:
        pk = thread.comment.revision_id
        if pk not in maps:
            form = form_of(thread.comment.declaration.round.template)
            maps[pk] = _Map(bind(form, revision_records(contents[pk]), merging=False))
        maps[pk].situate(thread, None)
    return threads


def rounds_with_comments(user: User) -> list[tuple[int, str]]:
    """The rounds to choose from on the page of all comments, the latest first."""
    found = (
        Comment.objects.filter(seen_by(user), declaration__in=visible_to(user))
        .order_by("-declaration__round__year", "declaration__round__name")
        .values_list("declaration__round", "declaration__round__name")
        .distinct()
    )
    return [(pk, name) for pk, name in found]


def places(table: Table) -> list[tuple[str, str]]:
    """What can be commented on without choosing a cell: the whole, and each section."""
    labels = enumerate(section.label for section in table.form.sections)
    return [("", "整份申报"), *((section_anchor(i), f"这一部分：{label}") for i, label in labels)]


def places_around(table: Table, anchor: str) -> list[tuple[str, str]]:
    """What can be commented on from a cell: itself, its row, its section."""
    spots = places_of(table)
    found = [(anchor, "这一格")]
    for place in containers(table, spots)[anchor]:
        kind = "这一部分" if place.startswith("section/") else "这一行"
        found.append((place, f"{kind}：{spots[place].name}"))
    return found


def _with_authors(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Joined with what is shown of them, without the contents of revisions."""
    return comments.select_related("author", "resolved_by", "revision").defer(
        "revision__content", "revision__findings"
    )


def _with_declarations(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """The same with their declarations, of many; without workbooks."""
    return (
        _with_authors(comments)
        .select_related("declaration__department", "declaration__round__template")
        .defer("declaration__round__template__workbook")
    )


def _threads(user: User, comments: Iterable[Comment]) -> list[Thread]:
    """Comments and answers put together; answers to what is not among them are left out."""
    comments = list(comments)
    threads = {
        c.pk: Thread(
            c,
            may_answer=permissions.can_answer(user, c) and c.state != CommentState.RESOLVED,
            may_settle=permissions.can_resolve(user, c),
        )
        for c in comments
        if c.parent_id is None
    }
    for comment in comments:
        if comment.parent_id in threads:
            threads[comment.parent_id].answers.append(comment)
    return list(threads.values())


class _Map:
    """The places of one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.spots = places_of(table)

    @cached_property
    def covered(self) -> dict[str, list[str]]:
        """The cells of every row and section."""
        covered: dict[str, list[str]] = {}
        for cell, places in containers(self.table, self.spots).items():
            for place in places:
                covered.setdefault(place, []).append(cell)
        return covered

    @cached_property
    def entries(self) -> dict[str, tuple[str, bool]]:
        """By cell: its text, and whether it is words."""
        return {e.anchor: (e.text, e.field.is_prose) for e in self.table.entries()}

    def situate(self, thread: Thread, changes: Changes | None) -> None:
        anchor = thread.comment.anchor
        if not anchor:
            return
        spot = self.spots.get(anchor, Spot("（该行已删除）", ""))
        thread.place, thread.cell = spot.name, spot.cell
        thread.covers = [anchor] if spot.cell == anchor else self.covered.get(anchor, [])
        if changes is None:
            return
        changed = [cell for cell in thread.covers if cell in changes.before]
        gone = [
            row for row in changes.removed if anchor in (row.owner, section_anchor(row.section))
        ]
        thread.changed = bool(changed or gone) or anchor not in self.spots
        thread.cells = len(changed)
        thread.differences = [
            self._difference(cell, changes) for cell in changed[:MOST_DIFFERENCES]
        ]

    def _difference(self, cell: str, changes: Changes) -> Difference:
        after, prose = self.entries[cell]
        return Difference(self.spots[cell].name, cell, changes.before[cell], after, prose)
