"""The review queue: what stands at a stage where this person decides, and with whom it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
)

from declarations import workflow
from declarations.models import (
    Declaration,
    DepartmentGroup,
    Event,
    EventKind,
    RevisionKind,
    Role,
    Round,
    Stage,
    State,
    User,
)
from declarations.queries.declarations import visible_to


class Tab(TextChoices):
    """The parts of the queue; but for `OVERDUE` none has what is with a colleague and `OTHERS`."""

    ALL = "all", "全部待办"
    NEW = "new", "新提交"
    AGAIN = "again", "重新提交"
    OVERDUE = "overdue", "逾期"
    MINE = "mine", "我的"
    OTHERS = "others", "他人处理中"


SORTS = {
    "": ("最先到达", ("arrived_at", "pk")),
    "latest": ("最近到达", ("-arrived_at", "pk")),
    "department": ("部门", ("department__code", "arrived_at", "pk")),
}
"""What the queue can be sorted by, what that is called, and the columns."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A declaration in the queue. days: since it came to its stage. again: that it was returned
    before; adjusted: that it is an adjustment of what was approved."""

    declaration: Declaration
    days: int
    overdue: bool
    again: bool
    adjusted: bool
    mine: bool

    @property
    def is_free(self) -> bool:
        return self.declaration.reviewer_id is None

    @property
    def begun(self) -> bool:
        return workflow.begun_here(self.declaration)


def stages_of(user: User) -> QuerySet[Stage]:
    """The stages at which this person decides: the heads' of rounds that called on their
    department, or those of the bureau where they are named or nobody is."""
    if user.role == Role.HEAD:
        called = Declaration.objects.filter(round=OuterRef("round"), department=user.department_id)
        return Stage.objects.filter(Exists(called), by_head=True)
    if user.role != Role.REVIEWER:
        return Stage.objects.none()
    named = Stage.reviewers.through.objects.filter(stage=OuterRef("pk"))
    return Stage.objects.filter(
        ~Exists(named) | Exists(named.filter(user=user)),
        round__bureau=user.bureau_id,
        by_head=False,
    )


def queue_of(user: User, now: datetime) -> QuerySet[Declaration]:
    """All that waits at this person's stages, with ``overdue``, ``again`` and ``adjusted``."""
    returned = Event.objects.filter(
        declaration=OuterRef("pk"),
        kind=EventKind.RETURNED,
        data__by_head=user.role == Role.HEAD,
    )
    allowed = ExpressionWrapper(
        F("stage__days") * Value(timedelta(days=1), DurationField()), DurationField()
    )
    return (
        visible_to(user)
        .filter(state=State.SUBMITTED, stage__in=stages_of(user))
        .annotate(
            overdue=Q(stage__days__isnull=False) & Q(arrived_at__lt=Value(now) - allowed),
            again=Exists(returned),
            adjusted=Q(revision__kind=RevisionKind.ADJUSTMENT),
        )
    )


def narrowed(queue: QuerySet[Declaration], wanted: Mapping[str, Any]) -> QuerySet[Declaration]:
    """What agrees with every filter: ``department`` (words of its name or code), ``round`` and
    ``group`` (keys); what is missing or blank lets all through."""
    if round_ := wanted.get("round"):
        queue = queue.filter(round=round_)
    if group := wanted.get("group"):
        queue = queue.filter(department__group=group)
    for word in (wanted.get("department") or "").split():
        queue = queue.filter(
            Q(department__name__icontains=word) | Q(department__code__icontains=word)
        )
    return queue


def in_tab(tab: Tab, user: User) -> Q:
    """The condition for what a tab shows."""
    others = Q(reviewer__isnull=False) & ~Q(reviewer=user)
    resubmitted = Q(again=True) | Q(adjusted=True)
    return {
        Tab.ALL: ~others,
        Tab.NEW: ~others & ~resubmitted,
        Tab.AGAIN: ~others & resubmitted,
        Tab.OVERDUE: Q(overdue=True),
        Tab.MINE: Q(reviewer=user),
        Tab.OTHERS: others,
    }[tab]


def counts(queue: QuerySet[Any], user: User) -> dict[Tab, int]:
    """How many each tab has; one query."""
    kinds = queue.order_by().values("overdue", "again", "adjusted", "reviewer")
    counted = dict.fromkeys(Tab, 0)
    for kind in kinds.annotate(count=Count("pk")):
        others = kind["reviewer"] not in (None, user.pk)
        resubmitted = kind["again"] or kind["adjusted"]
        within = {
            Tab.ALL: not others,
            Tab.NEW: not others and not resubmitted,
            Tab.AGAIN: not others and resubmitted,
            Tab.OVERDUE: kind["overdue"],
            Tab.MINE: kind["reviewer"] == user.pk,
            Tab.OTHERS: others,
        }
        for tab in Tab:
            counted[tab] += kind["count"] if within[tab] else 0
    return counted


def waiting(declaration: Any, user: User, now: datetime) -> Waiting:
    """A declaration of `queue_of`, as the queue shows it."""
    return Waiting(
        declaration,
        (now - declaration.arrived_at).days,
        declaration.overdue,
        declaration.again,
        declaration.adjusted,
        mine=declaration.reviewer_id == user.pk,
    )


def next_for(user: User, now: datetime, *, after: int | None = None) -> Declaration | None:
    """What this person is best to review next: what is theirs already, then what waits longest.

    after: the declaration they come from, which is not meant.
    """
    queue = queue_of(user, now).filter(in_tab(Tab.ALL, user)).exclude(pk=after or 0)
    return queue.order_by(F("reviewer").asc(nulls_last=True), "arrived_at", "pk").first()


def choices_for(user: User) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The rounds and the groups that this person's queue can be narrowed to."""
    rounds = Round.objects.filter(stages__in=stages_of(user)).distinct()
    groups = DepartmentGroup.objects.filter(bureau=user.bureau_id)
    return (
        list(rounds.order_by("-year", "name").values_list("pk", "name")),
        [] if user.role == Role.HEAD else list(groups.values_list("pk", "name")),
    )
