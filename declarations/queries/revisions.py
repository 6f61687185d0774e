"""A declaration's revisions: which of them a person may see, and what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from declarations import permissions
from declarations.models import Declaration, Event, EventKind, Revision, RevisionKind, State, User

_ACTS = (
    EventKind.SUBMITTED,
    EventKind.RETURNED,
    EventKind.RECALLED,
    EventKind.APPROVED,
    EventKind.CORRECTED,
    EventKind.ADJUSTMENT_GIVEN_UP,
)
"""The acts that tell what became of a revision."""


@dataclass(frozen=True, slots=True)
class Known:
    """A revision as it is listed, its content not read.

    fate: what became of it, ``现行版本`` or ``已撤回``. previous: the number of the one that it
    is to be compared with: what was returned or in force before it, None for the first.
    """

    revision: Revision
    fate: str
    previous: int | None

    @property
    def number(self) -> int:
        return self.revision.number

    @property
    def kind(self) -> str:
        """``调整`` or ``财政局更正``, "" for what was submitted in the ordinary way."""
        submitted = self.revision.kind == RevisionKind.SUBMISSION
        return "" if submitted else self.revision.get_kind_display()


def revisions_for(user: User, declaration: Declaration) -> list[Known]:
    """The revisions that this person may see, newest first; two queries.

    The department sees all of its own. The bureau sees what came to it: not what the
    department's head returned or has before them, nor what was recalled.
    """
    revisions = {
        r.pk: r
        for r in declaration.revisions.defer("content", "findings").select_related("submitted_by")
    }
    events = list(declaration.events.filter(kind__in=_ACTS).order_by("at", "id"))
    own = permissions.can_see_draft(user, declaration)
    seen = {*revisions} if own else _came_to_bureau(declaration, events)
    fates = _fates(declaration, events)
    previous = _previous(events, seen)
    return [
        Known(revision, fates.get(pk, ""), _number(revisions, previous.get(pk)))
        for pk, revision in sorted(revisions.items(), key=lambda pair: -pair[1].number)
        if pk in seen
    ]


def shown_to(user: User, declaration: Declaration) -> Revision | None:
    """The revision that a declaration's page shows: the department its current one, the bureau
    the latest that came to it."""
    if permissions.can_see_draft(user, declaration):
        return declaration.revision
    return declaration.handed_in


def revision_for(user: User, declaration: Declaration, number: int) -> Revision | None:
    """A revision with its content, None where this person may not see one of this number."""
    known = (k.revision.pk for k in revisions_for(user, declaration) if k.number == number)
    return Revision.objects.filter(pk__in=known).first()


def _came_to_bureau(declaration: Declaration, events: Iterable[Event]) -> set[int]:
    """What is handed in or in force, and whatever the bureau decided on before."""
    decided = (
        e.revision_id
        for e in events
        if e.kind in (EventKind.APPROVED, EventKind.CORRECTED)
        or (e.kind == EventKind.RETURNED and not e.data.get("by_head"))
    )
    now = (declaration.handed_in_id, declaration.approved_id)
    return {pk for pk in (*decided, *now) if pk is not None}


def _fates(declaration: Declaration, events: Iterable[Event]) -> dict[int | None, str]:
    fates: dict[int | None, str] = {}
    for event in events:
        match EventKind(event.kind):
            case EventKind.RETURNED:
                fates[event.revision_id] = (
                    "部门负责人已退回" if event.data.get("by_head") else "已退回"
                )
            case EventKind.RECALLED:
                fates[event.revision_id] = "已撤回"
            case EventKind.APPROVED | EventKind.CORRECTED:
                fates[event.revision_id] = "原现行版本"
    if declaration.state == State.SUBMITTED:
        fates[declaration.revision_id] = "审核中"
    if declaration.approved_id is not None:
        fates[declaration.approved_id] = "现行版本"
    return fates


def _previous(events: Iterable[Event], seen: set[int]) -> dict[int | None, int | None]:
    """Of each revision the one before it that was decided on, among those that are seen."""
    previous: dict[int | None, int | None] = {}
    decided: int | None = None
    for event in events:
        if event.kind in (EventKind.SUBMITTED, EventKind.CORRECTED):
            previous[event.revision_id] = decided
        if event.revision_id in seen and event.kind not in (
            EventKind.SUBMITTED,
            EventKind.RECALLED,
        ):
            decided = event.revision_id
    return previous


def _number(revisions: dict[int, Revision], pk: int | None) -> int | None:
    return None if pk is None else revisions[pk].number
