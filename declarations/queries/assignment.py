"""Who would review what at a stage: the plan of an assignment (分派) before it is made."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from declarations import workflow
from declarations.models import Assignment, Declaration, Role, Stage, State, User


@dataclass(slots=True)
class Share:
    """What one reviewer gets. had: how many are theirs already and stay so."""

    reviewer: User
    had: int
    new: list[Declaration] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.had + len(self.new)


@dataclass(frozen=True, slots=True)
class Plan:
    """begun: how many of those asked for somebody has begun with, which stay. kept: how many
    were assigned before, and stay."""

    shares: list[Share]
    begun: int
    kept: int

    @property
    def new(self) -> int:
        return sum(len(share.new) for share in self.shares)

    @property
    def digest(self) -> str:
        """Names the plan: one that says the same has the same."""
        said = [(s.reviewer.pk, [d.pk for d in s.new]) for s in self.shares]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def can_be_assigned(stage: Stage) -> QuerySet[Declaration]:
    """The declarations of the round that have not passed the stage: they come to it, or are there."""
    here_or_before = Q(stage__position__lte=stage.position)
    coming = Q(state__in=[State.DRAFT, State.RETURNED, State.ADJUSTING])
    return Declaration.objects.filter(coming | here_or_before, round=stage.round_id)


def reviewers_for(stage: Stage) -> QuerySet[User]:
    """Who can be given something to review at the stage."""
    of_bureau = User.objects.filter(
        bureau=stage.round.bureau_id, role=Role.REVIEWER, is_active=True
    )
    named = stage.reviewers.values("pk")
    return (of_bureau.filter(pk__in=named) if named.exists() else of_bureau).order_by("name", "pk")


def plan_of(
    stage: Stage,
    declarations: Iterable[Declaration],
    reviewers: Sequence[User],
    *,
    redo: bool = False,
) -> Plan:
    """Shares declarations out among reviewers, in the order of the departments' codes.

    Each goes to who has the fewest at the stage, what they have already counted in; from
    nothing, nobody has two more than another. What was assigned before stays, unless it is to
    be done anew; what somebody has begun with stays anyway. Equal input gives equal plans.
    """
    assigned = dict(Assignment.objects.filter(stage=stage).values_list("declaration", "reviewer"))
    asked = sorted(declarations, key=lambda d: (d.department.code, d.pk))
    begun = [d for d in asked if d.stage_id == stage.pk and workflow.begun_here(d)]
    rest = [d for d in asked if d not in begun]
    kept = [] if redo else [d for d in rest if d.pk in assigned]
    todo = [d for d in rest if d not in kept]
    loads = _loads(stage, assigned, without={d.pk for d in todo})
    shares = [Share(reviewer, loads[reviewer.pk]) for reviewer in reviewers]
    for declaration in todo:
        min(shares, key=lambda share: share.total).new.append(declaration)
    return Plan(shares, len(begun), len(kept))


def _loads(stage: Stage, assigned: dict[int, int], without: set[int]) -> Counter[int]:
    """How many declarations each reviewer has at the stage, but for some."""
    theirs = {pk: reviewer for pk, reviewer in assigned.items() if pk not in without}
    taken = Declaration.objects.filter(stage=stage, review_begun_at__gt=F("arrived_at"))
    theirs |= dict(taken.filter(reviewer__isnull=False).values_list("pk", "reviewer"))
    return Counter(theirs.values())
