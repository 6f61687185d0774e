"""Passing several at once: what is worth knowing of each before, and which cannot be passed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from declarations.models import (
    Comment,
    CommentState,
    Declaration,
    Event,
    EventKind,
    ReviewSheet,
    Revision,
    Role,
    Stage,
    User,
)
from declarations.queries.comments import seen_by
from declarations.queries.findings import FindingView, revision_findings
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.queries.review_queue import queue_of
from declarations.sheets.bind import bind
from declarations.sheets.diff import compare
from declarations.sheets.kinds import Kind
from declarations.sheets.table import Entry
from scoring.review_sheet import Sheet

MOST = 50
"""As many as a page of the queue has."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A declaration that somebody is about to pass unread.

    why_not: why it cannot be passed, "" where it can. changes: ``修改 3 格`` since the revision
    before, None where there is none. totals: its computed amounts outside lists. following: the
    stage it goes on to, None: it is approved.
    """

    declaration: Declaration
    revision: Revision
    why_not: str
    open_comments: int
    hints: list[FindingView]
    changes: str | None
    totals: list[Entry]
    following: Stage | None


def summaries(user: User, chosen: Iterable[int], now: datetime) -> list[Summary]:
    """Those of the chosen that are in this person's queue, in its order.

    A constant number of queries, but each declaration is bound to its form.
    """
    found = list(
        queue_of(user, now)
        .filter(pk__in=list(chosen)[:MOST])
        .order_by("arrived_at", "pk")
        .prefetch_related("round__stages")
    )
    revisions = Revision.objects.in_bulk([d.revision_id for d in found])
    known = _Known(revisions, _decided_before(user, found), _open_comments(user, revisions), {})
    sheets = ReviewSheet.objects.filter(revision__in=revisions)
    known.sheets.update({(s.revision_id, s.stage_id): s for s in sheets})
    return [_summary(user, declaration, known) for declaration in found]


@dataclass(frozen=True, slots=True)
class _Known:
    """revisions: by key. before: by declaration, the one to compare with. open_comments: by
    revision. sheets: by revision and stage."""

    revisions: dict[int, Revision]
    before: dict[int, Revision]
    open_comments: Counter[int]
    sheets: dict[tuple[int, int], ReviewSheet]


def _summary(user: User, declaration: Declaration, known: _Known) -> Summary:
    revision = known.revisions[declaration.revision_id or 0]
    stage = declaration.stage
    assert stage is not None
    previous = known.before.get(declaration.pk)
    table = bind(form_for(declaration.round), revision_records(revision), merging=False)
    following = [s for s in declaration.round.stages.all() if s.position > stage.position]
    return Summary(
        declaration,
        revision,
        _why_not(user, declaration, stage, known.sheets.get((revision.pk, stage.pk))),
        known.open_comments[revision.pk],
        revision_findings(revision, table, previous),
        compare(revision_records(previous), table).counts if previous else None,
        [e for e in table.entries() if _is_total(e)],
        following[0] if following else None,
    )


def _why_not(user: User, declaration: Declaration, stage: Stage, sheet: ReviewSheet | None) -> str:
    if declaration.reviewer is not None and declaration.reviewer != user:
        return f"{declaration.reviewer} 正在审核"
    if not stage.with_sheet:
        return ""
    if sheet is None:
        return "没有填写审核评分表"
    missing = Sheet.from_json(declaration.round.review_sheet).missing(sheet.points)
    return "审核评分表还没有填完" if missing else ""


def _is_total(entry: Entry) -> bool:
    """An amount that the form computes, and not for each row of a list."""
    computed = entry.field.tag.startswith("computed.")
    return computed and entry.field.kind is Kind.MONEY and not entry.row_number


def _decided_before(user: User, found: Sequence[Declaration]) -> dict[int, Revision]:
    """By declaration, the revision that this person's side decided on last."""
    decided = Event.objects.filter(
        declaration__in=found,
        kind__in=[EventKind.RETURNED, EventKind.APPROVED, EventKind.CORRECTED],
    )
    latest = {
        event.declaration_id: event.revision_id
        for event in decided.order_by("at", "pk")
        if user.role == Role.HEAD or not event.data.get("by_head")
    }
    revisions = Revision.objects.in_bulk([pk for pk in latest.values() if pk])
    return {r.declaration_id: r for r in revisions.values()}


def _open_comments(user: User, revisions: Iterable[int]) -> Counter[int]:
    remarks = Comment.objects.filter(seen_by(user), revision__in=list(revisions), parent=None)
    unsettled = remarks.exclude(state=CommentState.RESOLVED)
    return Counter(unsettled.values_list("revision", flat=True))
