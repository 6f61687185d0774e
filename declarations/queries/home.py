"""What each role's home page lists: first what this person has to do.

However many declarations there are, a group shows a few and says how many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from declarations import workflow
from declarations.models import Comment, CommentState, Declaration, Role, State, User
from declarations.queries.comments import seen_by
from declarations.queries.declarations import visible_to
from declarations.queries.phases import CLOSING
from declarations.workflow.standing import Standing, standing

MOST = 5
"""Rows that a group shows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A declaration and where it stands for the person who looks. comments: open ones, where
    it was returned."""

    declaration: Declaration
    standing: Standing
    comments: int = 0


@dataclass(slots=True)
class Group:
    """A titled list of the first few. total: how many there are. state: of the list of all,
    "" where that is no state. empty: what is said where there is nothing ("": it is left out)."""

    title: str
    state: str = ""
    empty: str = ""
    rows: list[Listed] = field(default_factory=list)
    total: int = 0


def groups_for(user: User, now: datetime) -> list[Group]:
    """A department's declarations by what is to be done with them; at most four queries."""
    groups = _head_groups() if user.role == Role.HEAD else _filer_groups()
    keys, places = [], {}
    for key, name, total in _first_of_each(visible_to(user), _sorting(user, now)):
        keys.append(key)
        places[key] = name
        groups[name].total = total
    for row in listed(user, keys, now):
        groups[places[row.declaration.pk]].rows.append(row)
    return [group for group in groups.values() if group.rows or group.empty]


def listed(user: User, keys: Sequence[int], now: datetime) -> list[Listed]:
    """These declarations, in this order, as the person sees them; three queries."""
    declarations = (
        visible_to(user)
        .select_related("revision")
        .prefetch_related("stage__reviewers")
        .defer("revision__content", "revision__findings", "round__template__workbook")
        .in_bulk(keys)
    )
    comments = _open_comments(user, keys)
    return [
        Listed(found, standing(user, found, now), comments.get(key, 0))
        for key in keys
        if (found := declarations.get(key))
    ]


def _filer_groups() -> dict[str, Group]:
    return {
        "open": Group("需要填报", empty="现在没有需要填报的表。"),
        "submitted": Group("等待审核", State.SUBMITTED),
        "approved": Group("已通过", State.APPROVED),
        "closed": Group("不在填报时间内"),
    }


def _head_groups() -> dict[str, Group]:
    return {
        "to_pass": Group("等待您审核", empty="没有等待您审核的申报。"),
        "open": Group("本部门填报中"),
        "submitted": Group("财政局审核中", State.SUBMITTED),
        "approved": Group("已通过", State.APPROVED),
        "closed": Group("不在填报时间内"),
    }


def _sorting(user: User, now: datetime) -> Case:
    """The name of the group that a declaration belongs to, in SQL."""
    open_now = Q(state__in=workflow.EDITABLE, round__opens_at__lte=now, closing__gte=now)
    to_pass = [When(stage__by_head=True, then=Value("to_pass"))] if user.role == Role.HEAD else []
    return Case(
        *to_pass,
        When(state=State.SUBMITTED, then=Value("submitted")),
        When(state=State.APPROVED, then=Value("approved")),
        When(open_now, then=Value("open")),
        default=Value("closed"),
        output_field=CharField(),
    )


def _first_of_each(
    declarations: QuerySet[Declaration], sorting: Case
) -> QuerySet[Declaration, tuple[int, str, int]]:
    """Keys of the first few of each group, the group's name, and how many it has; one query.

    What was returned comes first, then what closes first; what is done with, latest first.
    """
    returned_first = Case(When(state=State.RETURNED, then=Value(0)), default=Value(1))
    waits = Case(When(state__in=workflow.EDITABLE, then=F("closing")))
    order: list[Any] = [
        returned_first,
        waits.asc(nulls_last=True),
        "-round__year",
        "round__deadline",
        "pk",
    ]
    return (
        declarations.annotate(closing=CLOSING)
        .annotate(sorted_into=sorting)
        .annotate(
            place=Window(RowNumber(), partition_by="sorted_into", order_by=order),
            together=Window(Count("pk"), partition_by="sorted_into"),
        )
        .filter(place__lte=MOST)
        .order_by("place")
        .values_list("pk", "sorted_into", "together")
    )


def _open_comments(user: User, keys: Iterable[int]) -> dict[int, int]:
    """How many comments on the current revision of each still want an answer."""
    threads = Comment.objects.filter(
        seen_by(user),
        declaration__in=keys,
        declaration__state=State.RETURNED,
        revision=F("declaration__revision"),
        parent__isnull=True,
        state=CommentState.OPEN,
    )
    return dict(threads.values_list("declaration").annotate(count=Count("pk")).order_by())
