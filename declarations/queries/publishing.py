"""What is to be published, what was, and what of a declaration would be now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import TruncDate
from django.utils import timezone

from declarations import permissions
from declarations.models import (
    CheckOutcome,
    Declaration,
    Publication,
    PublicationCheck,
    Revision,
    User,
)
from declarations.queries.disclosure_settings import masking_of
from declarations.queries.forms import form_for
from declarations.queries.lists import named
from declarations.queries.published import content_to_publish
from declarations.queries.scores import with_printed_scores
from declarations.sheets.bind import bind
from declarations.sheets.masking import Change, Masking, Suspicion, masked, suspected
from declarations.sheets.records import Records, content_hash
from declarations.sheets.table import Table
from declarations.workflow.publishing import (
    OPEN,
    Disclosure,
    disclosure_state,
    due_date,
    why_not_checkable,
    why_not_exempt,
    why_not_publishable,
)

OVERDUE = "overdue"
"""Beside the states, what lists are filtered by."""
_LARGE = ("content", "shown", "masking")
"""Columns of publications that are read only where they are shown."""


@dataclass(frozen=True)
class Prepared:
    """What would be published of a declaration now.

    records: masked, with what the form shows of the scores. content: `content_to_publish` of
    them; sha256: its `content_hash`, which `domain.publishing.check` takes as what was looked at.
    shown: as `Publication.shown` keeps it. changes: what was masked. suspected: what looks personal and
    stays. findings: the hints that stood at submission, each with the department's explanation;
    they are not published.
    """

    declaration: Declaration
    revision: Revision
    masking: Masking
    records: Records
    content: dict[str, Any]
    sha256: str
    shown: dict[str, str | None]
    changes: tuple[Change, ...]
    suspected: list[Suspicion]
    findings: list[dict[str, Any]]

    @cached_property
    def table(self) -> Table:
        """The form as it would be published."""
        return bind(form_for(self.declaration.round), self.records)


def prepared(declaration: Declaration) -> Prepared:
    """What would be published now: what is in force, masked by the rules of its round.

    Raises ValueError where nothing is in force.
    """
    revision = declaration.approved
    if revision is None:
        raise ValueError("only what is in force is published")
    form = form_for(declaration.round)
    masking = masking_of(declaration.round)
    outcome = masked(with_printed_scores(declaration, form, revision), form, masking)
    records = outcome.records
    printed = {e.anchor for e in bind(form, records, merging=False, strips=False).entries()}
    records.shown = {anchor: v for anchor, v in records.shown.items() if anchor in printed}
    content = content_to_publish(records)
    return Prepared(
        declaration,
        revision,
        masking,
        records,
        content,
        content_hash(content),
        content.get("shown", {}),
        outcome.changes,
        suspected(records, form),
        revision.findings,
    )


@dataclass(frozen=True, slots=True)
class DisclosureOf:
    """Where the disclosure of a declaration stands, and what can be done.

    state: None where it has none. check: the latest of the revision in force. publications: all
    of them, the latest first, without their content. why_not_…: "" where it is possible.
    needs_reason: whether publishing it now has to say why, because it was published before.
    """

    state: Disclosure | None
    due: date | None
    is_overdue: bool
    check: PublicationCheck | None
    publications: list[Publication]
    why_not_checkable: str
    why_not_exempt: str
    why_not_publishable: str

    @property
    def current(self) -> Publication | None:
        """The latest publication, also where it is withdrawn."""
        return self.publications[0] if self.publications else None

    @property
    def earlier_public(self) -> list[Publication]:
        """Those before the latest that can still be read, the latest of them first."""
        return [p for p in self.publications[1:] if p.is_public]

    @property
    def is_exempt(self) -> bool:
        """Whether the latest check says that what is in force is not published."""
        return self.check is not None and self.check.outcome == CheckOutcome.EXEMPT

    @property
    def needs_reason(self) -> bool:
        return bool(self.publications)

    @property
    def is_published_as_checked(self) -> bool:
        """Whether the latest check was followed: what can be seen is what was cleared last."""
        current, check = self.current, self.check
        return (
            current is not None
            and check is not None
            and current.publication_check_id == check.pk
            and current.withdrawn_at is None
        )


def disclosure_of(declaration: Declaration) -> DisclosureOf:
    """Two queries."""
    check = latest_check(declaration.approved_id)
    publications = list(
        Publication.objects.filter(declaration=declaration)
        .defer(*_LARGE)
        .select_related("revision", "published_by", "withdrawn_by")
        .defer("revision__content", "revision__findings")
        .order_by("-number")
    )
    current = publications[0] if publications else None
    state = disclosure_state(declaration, check, current)
    due = due_date(declaration)
    return DisclosureOf(
        state,
        due,
        is_overdue=_is_overdue(state, due, timezone.localdate()),
        check=check,
        publications=publications,
        why_not_checkable=why_not_checkable(declaration),
        why_not_exempt=why_not_exempt(declaration, current),
        why_not_publishable=why_not_publishable(declaration, check, current),
    )


def latest_check(revision_id: int | None) -> PublicationCheck | None:
    """The check of a revision that counts."""
    if revision_id is None:
        return None
    return (
        PublicationCheck.objects.filter(revision=revision_id).select_related("checked_by").first()
    )


def latest_publication(declaration: Declaration) -> Publication | None:
    """The publication of a declaration that no later one takes the place of."""
    return Publication.objects.filter(declaration=declaration, superseded_at=None).first()


Disclosables = QuerySet[Any, Any]
"""Declarations with the annotations of `with_disclosure`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A declaration as publishers' lists show it. checked_at: when what is in force was checked;
    published_at, code: of the latest publication, also where it was withdrawn since."""

    declaration: Declaration
    state: Disclosure
    due: date | None
    is_overdue: bool
    checked_at: datetime | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    code: str

    @property
    def can_publish(self) -> bool:
        """Whether it was cleared and can be published without further ado."""
        return self.state == Disclosure.CLEARED


SORTS: dict[str, tuple[str, ...]] = {
    "department": ("department__code",),
    "round": ("round__year", "round__name"),
    "state": ("rank",),
    "due": ("due_on",),
    "published": ("published_at",),
}
"""What lists of publishers can be sorted by, and the columns behind it."""
_TIES = ("urgency", "due_on", "-round__year", "department__code", "pk")
"""What is overdue first, then by the day it is due; what is done last."""


def disclosable(user: User, today: date | None = None) -> Disclosables:
    """The declarations of a publisher's bureau that have a state of disclosure; for nobody else.

    Each with ``disclosure``, ``due_on``, ``overdue`` and what `rows` needs; to be narrowed.
    """
    found = Declaration.objects.filter(round__bureau=user.bureau_id)
    if not permissions.can_publish(user, user.bureau):
        found = found.none()
    return with_disclosure(found, today)


def with_disclosure(declarations: QuerySet[Declaration], today: date | None = None) -> Disclosables:
    """Those of them that have a state of disclosure, annotated: `disclosure_state` in SQL."""
    checks = PublicationCheck.objects.filter(revision=OuterRef("approved"))
    latest = checks.order_by("-checked_at", "-id")
    return (
        declarations.filter(approved__isnull=False)
        .annotate(
            current=FilteredRelation(
                "publications", condition=Q(publications__superseded_at__isnull=True)
            ),
            published_at=F("current__published_at"),
            withdrawn_at=F("current__withdrawn_at"),
            code=F("current__code"),
            check_id=Subquery(latest.values("id")[:1]),
            check_outcome=Subquery(latest.values("outcome")[:1]),
            checked_at=Subquery(latest.values("checked_at")[:1]),
        )
        .filter(Q(round__disclosed=True) | Q(current__isnull=False))
        .annotate(disclosure=_STATE, due_on=_DUE)
        .annotate(overdue=_overdue(today or timezone.localdate()), rank=_RANK, urgency=_URGENCY)
    )


def narrowed(declarations: Disclosables, wanted: Mapping[str, Any]) -> Disclosables:
    """Those that agree with every filter: ``state`` (a `Disclosure`, or "overdue"), ``year``,
    ``round``, ``kind``, ``group``, ``department`` (words, all in its name or code); one that is
    missing or blank lets all through."""
    for name, path in (
        ("year", "round__year"),
        ("round", "round"),
        ("kind", "round__template__kind"),
        ("group", "department__group"),
    ):
        if value := wanted.get(name):
            declarations = declarations.filter(**{path: value})
    if state := wanted.get("state"):
        of = {"overdue": True} if state == OVERDUE else {"disclosure": Disclosure(state)}
        declarations = declarations.filter(**of)
    if words := (wanted.get("department") or "").split():
        declarations = declarations.filter(department__in=named(words))
    return declarations


def in_order(declarations: Disclosables, column: str = "") -> Disclosables:
    """Sorted by one of SORTS, with ``-`` before it the other way round; by anything else: what
    is most urgent first."""
    orders = [
        F(key).desc(nulls_last=True) if column.startswith("-") else F(key).asc(nulls_last=True)
        for key in SORTS.get(column.removeprefix("-"), ())
    ]
    return declarations.order_by(*orders, *_TIES)


def rows(declarations: Disclosables) -> list[Row]:
    """What lists show of `disclosable` declarations; one query."""
    found = (
        declarations.select_related(None)
        .select_related("department__group", "round__template")
        .defer(None)
        .defer("round__template__workbook", "round__waiting", "round__review_sheet")
    )
    return [
        Row(
            d,
            Disclosure(d.disclosure),
            d.due_on if d.round.disclosed else None,
            is_overdue=d.overdue,
            checked_at=d.checked_at,
            published_at=d.published_at,
            withdrawn_at=d.withdrawn_at,
            code=d.code or "",
        )
        for d in found
    ]


def counts(declarations: Disclosables) -> dict[str, int]:
    """How many of `disclosable` declarations are in each state, and "overdue"; one query."""
    found = dict.fromkeys((*Disclosure.values, OVERDUE), 0)
    counted = declarations.order_by().values("disclosure", "overdue").annotate(n=Count("pk"))
    for row in counted:
        found[row["disclosure"]] += row["n"]
        found[OVERDUE] += row["n"] if row["overdue"] else 0
    return found


def _is_overdue(state: Disclosure | None, due: date | None, today: date) -> bool:
    return state in OPEN and due is not None and due < today


_PUBLIC = Q(current__isnull=False, current__withdrawn_at__isnull=True)
_EXEMPT = Q(check_outcome=CheckOutcome.EXEMPT)
_CHECKED = Q(check_id__isnull=False) & (
    Q(current__isnull=True) | Q(checked_at__gt=F("current__withdrawn_at"))
)
_STATE = Case(
    When(
        _PUBLIC & (Q(current__revision=F("approved")) | _EXEMPT), then=Value(Disclosure.PUBLISHED)
    ),
    When(_PUBLIC, then=Value(Disclosure.OUTDATED)),
    When(_CHECKED & _EXEMPT, then=Value(Disclosure.EXEMPT)),
    When(_CHECKED, then=Value(Disclosure.CLEARED)),
    When(current__isnull=True, then=Value(Disclosure.TO_CHECK)),
    default=Value(Disclosure.WITHDRAWN),
    output_field=CharField(),
)
_DUE = ExpressionWrapper(
    TruncDate("approved_at", tzinfo=timezone.get_default_timezone()) + F("round__publish_days"),
    output_field=DateField(),
)
"""`due_date` in SQL, where the round is disclosed."""


def _overdue(today: date) -> Q:
    """`_is_overdue` in SQL."""
    return Q(disclosure__in=OPEN, round__disclosed=True, due_on__lt=today)


_RANK = Case(
    *(When(disclosure=state, then=Value(n)) for n, state in enumerate(Disclosure)),
    output_field=IntegerField(),
)
_URGENCY = Case(
    When(overdue=True, then=Value(0)),
    When(disclosure__in=OPEN, then=Value(1)),
    When(disclosure=Disclosure.WITHDRAWN, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)
