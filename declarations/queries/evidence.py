"""Evidence files of a declaration: what they can be added to, and who sees which.

A file is part of a revision if it was there when that was submitted, and what it proves is in
it: nothing has to be frozen, for files are never changed, and what is removed stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Sum

from declarations import permissions
from declarations.models import Declaration, Evidence, Revision, User
from declarations.queries import revisions
from declarations.queries.forms import form_for
from declarations.queries.records import load_records, revision_records
from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records
from declarations.sheets.values import Values
from declarations.workflow import EDITABLE
from declarations.workflow.opened import Opened, is_part_closed

_UNNAMED = "（未填写名称的指标）"


@dataclass(frozen=True, slots=True)
class Place:
    """What files can be added to: a scored item (``score/KEY``) or an indicator
    (``indicator/45``). level: what it belongs to. is_open: whether a return leaves it open."""

    anchor: str
    name: str
    level: str
    is_open: bool = True


@dataclass(slots=True)
class AtPlace:
    """A place with its files, and, while it is filled in, those that can be brought back."""

    place: Place
    files: list[Evidence] = field(default_factory=list)
    removed: list[Evidence] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listing:
    """All of a declaration's evidence as somebody sees it, in the order of the form.

    revision: the one it belongs to, None for what is being filled in. orphans: of rows that
    were removed; they are not handed in. new: ids of what came since the revision before.
    """

    places: list[AtPlace]
    orphans: list[Evidence]
    revision: Revision | None
    new: frozenset[int]

    @property
    def files(self) -> list[Evidence]:
        """Those that are handed in."""
        return [file for at in self.places for file in at.files]

    @property
    def size(self) -> int:
        """Bytes of them."""
        return sum(file.size for file in self.files)

    def at(self, anchor: str) -> AtPlace | None:
        """One of the places."""
        return next((at for at in self.places if at.place.anchor == anchor), None)


def counts(declaration: Declaration) -> dict[str, int]:
    """How many files there are now, by anchor (``score/KEY``, ``indicator/45``); one query."""
    found = live(declaration).order_by().values_list("anchor").annotate(Count("pk"))
    return dict(found)


def counts_in(revision: Revision) -> dict[str, int]:
    """The same of a revision, for its page; one query."""
    found = _at(revision.declaration_id, revision.submitted_at)
    return dict(found.order_by().values_list("anchor").annotate(Count("pk")))


def places(form: Form, records: Records, opened: Opened = None) -> list[Place]:
    """All that files can be added to, in the order of the rubric; [] where the form has none."""
    values = Values(form, records)
    found = []
    for item in form.rubric.items:
        path = item.key if item.is_list else f"{SCORES}.{item.key}"
        is_open = not is_part_closed(form, opened, path)
        level = " · ".join(filter(None, dict.fromkeys((item.level1, item.level2))))
        if not item.is_list:
            found.append(Place(f"{SCORES}/{item.key}", item.name, level, is_open))
            continue
        for chain in values.chains(item.list_path):
            row = chain[-1]
            found.append(Place(row.anchor(), _name(row), _level(chain), is_open))
    return found


def is_place(declaration: Declaration, anchor: str) -> bool:
    """Whether files can be at an anchor, as what is filled in has it now."""
    form = form_for(declaration.round)
    records = load_records(declaration, form, {*_lists(form)})
    return any(place.anchor == anchor for place in places(form, records))


def takes_evidence(declaration: Declaration) -> bool:
    """Whether the form has a rubric."""
    return bool(form_for(declaration.round).rubric.items)


def sees_evidence(user: User, declaration: Declaration) -> bool:
    """Whether `listing_for` has something to show to this person; no query."""
    return (
        permissions.can_see_evidence(user, declaration)
        and takes_evidence(declaration)
        and (permissions.can_see_draft(user, declaration) or declaration.handed_in_id is not None)
    )


def listing_for(user: User, declaration: Declaration, number: int | None = None) -> Listing | None:
    """What this person sees; number: of a revision, None for the one their page shows.

    None where there is nothing to see for them. The department sees what it is filling in
    while it may do so, the bureau what was handed in.
    """
    if not permissions.can_see_evidence(user, declaration) or not takes_evidence(declaration):
        return None
    own = permissions.can_see_draft(user, declaration)
    if own and number is None and declaration.state in EDITABLE:
        return _draft(declaration)
    if number is None:
        current = revisions.shown_to(user, declaration)
        number = current.number if current else None
    known = revisions.revisions_for(user, declaration)
    wanted = next((k for k in known if k.number == number), None)
    if wanted is None:
        return None
    before = next((k.revision for k in known if k.number == wanted.previous), None)
    return _of_revision(declaration, wanted.revision.pk, before)


def file_for(user: User, declaration: Declaration, pk: int) -> Evidence | None:
    """A file with its content, None where this person may not open it.

    The department: what is there, what it can bring back, and what was ever handed in; the
    bureau's reviewers: what belongs to a revision that came to them.
    """
    if not permissions.can_see_evidence(user, declaration):
        return None
    found = declaration.evidence_files.select_related("added_by").filter(pk=pk).first()
    if found is None:
        return None
    if permissions.can_see_draft(user, declaration) and _is_current(declaration, found):
        return found
    known = [k.revision for k in revisions.revisions_for(user, declaration)]
    return found if any(_was_in(found, revision) for revision in known) else None


def files_of(revision: Revision) -> list[Evidence]:
    """The files of a revision, without their content. Two queries."""
    listing = _of_revision(revision.declaration, revision.pk, None)
    return listing.files


def differs_from(declaration: Declaration, revision: Revision) -> bool:
    """Whether other files are there now than belong to a revision."""
    then = _at(declaration.pk, revision.submitted_at).values_list("anchor", "sha256")
    return {*then} != {*live(declaration).values_list("anchor", "sha256")}


def restorable(declaration: Declaration) -> "QuerySet[Evidence]":
    """Removed files that can be brought back.

    What went before the last submission stays gone, for that was handed in without it.
    """
    gone = declaration.evidence_files.filter(removed_at__isnull=False)
    last = declaration.revisions.aggregate(at=Max("submitted_at"))["at"]
    return gone.filter(removed_at__gt=last) if last else gone


def kept(declaration: Declaration) -> tuple[int, int]:
    """Bytes of the files that are there, and of all that were ever added. One query."""
    sums = declaration.evidence_files.aggregate(
        live=Sum("size", filter=Q(removed_at__isnull=True)), ever=Sum("size")
    )
    return sums["live"] or 0, sums["ever"] or 0


def _draft(declaration: Declaration) -> Listing:
    form = form_for(declaration.round)
    records = load_records(declaration, form, {*_lists(form)})
    before = declaration.revision
    files = list(_without_content(live(declaration)))
    at, orphans = _shared_out(places(form, records, declaration.opened_sections), files)
    for file in _without_content(restorable(declaration)):
        if file.anchor in at:
            at[file.anchor].removed.append(file)
    return Listing([*at.values()], orphans, None, _added_since(files, before))


def _of_revision(declaration: Declaration, pk: int, before: Revision | None) -> Listing:
    revision = Revision.objects.get(pk=pk)
    files = list(_without_content(_at(declaration.pk, revision.submitted_at)))
    form = form_for(declaration.round)
    at, _ = _shared_out(places(form, revision_records(revision)), files)
    return Listing([*at.values()], [], revision, _added_since(files, before))


def _shared_out(
    found: Iterable[Place], files: Iterable[Evidence]
) -> tuple[dict[str, AtPlace], list[Evidence]]:
    at = {place.anchor: AtPlace(place) for place in found}
    orphans: list[Evidence] = []
    for file in files:
        (at[file.anchor].files if file.anchor in at else orphans).append(file)
    return at, orphans


def _added_since(files: Iterable[Evidence], before: Revision | None) -> frozenset[int]:
    if before is None:
        return frozenset()
    return frozenset(file.pk for file in files if file.added_at > before.submitted_at)


def live(declaration: Declaration) -> "QuerySet[Evidence]":
    return declaration.evidence_files.filter(removed_at__isnull=True)


def _at(declaration_id: int, moment: datetime) -> "QuerySet[Evidence]":
    """What was there at a moment."""
    still = Q(removed_at__isnull=True) | Q(removed_at__gt=moment)
    return Evidence.objects.filter(still, declaration=declaration_id, added_at__lte=moment)


def _without_content(files: "QuerySet[Evidence]") -> "QuerySet[Evidence]":
    return files.defer("content").select_related("added_by", "removed_by")


def _is_current(declaration: Declaration, found: Evidence) -> bool:
    return found.removed_at is None or restorable(declaration).contains(found)


def _was_in(found: Evidence, revision: Revision) -> bool:
    if found.added_at > revision.submitted_at or (
        found.removed_at is not None and found.removed_at <= revision.submitted_at
    ):
        return False
    return found.pk in {file.pk for file in files_of(revision)}


def _lists(form: Form) -> Iterator[str]:
    """The outermost of the lists that the rubric scores."""
    return (item.list_path[0] for item in form.rubric.items if item.is_list)


def _name(row: Item) -> str:
    return str(row.values.get("level3") or "").strip() or _UNNAMED


def _level(chain: tuple[Item, ...]) -> str:
    """The task of a nested indicator, or its levels."""
    if len(chain) > 1:
        return str(chain[0].values.get("name") or "")
    levels = (str(chain[-1].values.get(column) or "") for column in ("level1", "level2"))
    return " · ".join(filter(None, dict.fromkeys(levels)))
