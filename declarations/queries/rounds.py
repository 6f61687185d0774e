"""A round's settings, as they are read for a page and compared before they are changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from declarations.models import (
    Activation,
    Bureau,
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    Role,
    Round,
    Stage,
    State,
    User,
)
from declarations.queries.workers import LONG_WAIT, a_worker_lives

COLUMNS = (
    "name",
    "opens_at",
    "deadline",
    "correction_deadline",
    "adjustments_until",
    "remind_before",
    "remind_after",
    "review_sheet",
)
"""The columns of a round that its administrators set."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the opening of a round is. started, total: departments."""

    started: int
    total: int

    @property
    def waiting(self) -> int:
        return self.total - self.started

    @property
    def percent(self) -> int:
        return 100 * self.started // self.total if self.total else 100


def stages_of(round_: Round) -> list[Stage]:
    """The stages with their reviewers; two queries."""
    return list(round_.stages.prefetch_related("reviewers"))


def digest_of(round_: Round) -> str:
    """Names the state of a round's settings, to see that somebody changed them meanwhile."""
    stages = [
        [s.name, s.by_head, s.days, s.with_sheet, sorted(u.pk for u in s.reviewers.all())]
        for s in stages_of(round_)
    ]
    settings = [getattr(round_, column) for column in COLUMNS]
    return sha256(json.dumps([settings, stages], default=str).encode()).hexdigest()[:16]


def opening_of(round_: Round) -> Opening:
    """How many departments have their declaration; one query."""
    waiting = len(round_.waiting)
    started = round_.declarations.count()
    return Opening(started, started + waiting)


def last_change(round_: Round) -> Event | None:
    """Who changed the settings last, and what."""
    changes = Event.objects.filter(
        bureau=round_.bureau_id,
        kind=EventKind.ROUND_CHANGED,
        data__round=round_.pk,
        data__has_key="changes",
    )
    return changes.select_related("actor").first()


def nobody_opens(round_: Round) -> bool:
    """Whether departments wait and no worker of the queue seems to see to it."""
    if not round_.waiting:
        return False
    asked = Event.objects.filter(
        bureau=round_.bureau_id,
        kind__in=[EventKind.ROUND_OPENED, EventKind.DEPARTMENTS_ADDED],
        data__round=round_.pk,
    )
    latest = asked.first()
    return not a_worker_lives() or latest is None or timezone.now() - latest.at > LONG_WAIT


def without_people(departments: Sequence[Department], *, by_head: bool) -> list[Department]:
    """Of these, the ones where nobody can fill in, or (by_head) nobody can pass; two queries."""
    active = User.objects.filter(department__in=departments, is_active=True)
    filers = set(active.filter(role=Role.FILER).values_list("department", flat=True))
    heads = set(active.filter(role=Role.HEAD).values_list("department", flat=True))
    return [d for d in departments if d.pk not in filers or (by_head and d.pk not in heads)]


def round_before(activation: Activation) -> Round | None:
    """The latest round of the same form in a year before, to copy from."""
    return (
        Round.objects.filter(
            bureau=activation.bureau_id, template__code=activation.code, year__lt=activation.year
        )
        .order_by("-year", "-opens_at")
        .first()
    )


def callable_departments(bureau: Bureau) -> QuerySet[Department]:
    """Who a new round can call on."""
    return Department.objects.filter(bureau=bureau, is_active=True).order_by("code")


def groups_with_departments(bureau: Bureau) -> QuerySet[DepartmentGroup]:
    """The groups that a round can call on."""
    callable_ = callable_departments(bureau).filter(group=OuterRef("pk"))
    return DepartmentGroup.objects.filter(Exists(callable_), bureau=bureau)


def departments_in(round_: Round) -> QuerySet[Department]:
    """Who is called on in a round, whether the declaration was started or waits to be."""
    started = Q(pk__in=round_.declarations.values("department"))
    return Department.objects.filter(started | Q(pk__in=round_.waiting), bureau=round_.bureau_id)


def removable(round_: Round) -> QuerySet[Declaration]:
    """Declarations that nobody has done anything with yet, so that they can be taken out."""
    return (
        round_.declarations.filter(
            state=State.DRAFT,
            edited_at__isnull=True,
            events__isnull=True,
            revisions__isnull=True,
            uploads__isnull=True,
        )
        .select_related("department")
        .order_by("department__code")
    )


def reviewers_of(bureau: Bureau) -> QuerySet[User]:
    """Who can be named at a stage."""
    return User.objects.filter(bureau=bureau, role=Role.REVIEWER, is_active=True).order_by("name")
