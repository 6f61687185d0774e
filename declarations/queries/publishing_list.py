"""The publishers' list: its states with how many each has, and the first of it for the home page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from declarations.models import Declaration, User
from declarations.queries import publishing
from declarations.queries.home import MOST
from declarations.queries.publishing import OVERDUE, DisclosureOf, Row
from declarations.workflow.publishing import OPEN, Disclosure

SOON = "soon"
"""Beside the states and `publishing.OVERDUE`: what is due within `SOON_DAYS`."""
SOON_DAYS = 5
LABELS: dict[str, str] = {
    OVERDUE: "逾期未公开",
    SOON: f"{SOON_DAYS} 天内到期",
    **dict(Disclosure.choices),
}
"""What a list can be of, in the order in which its tabs stand."""

TONES = {
    **dict.fromkeys(OPEN, "todo"),
    Disclosure.WITHDRAWN: "wait",
    Disclosure.PUBLISHED: "done",
    Disclosure.EXEMPT: "wait",
}
"""How the states are drawn."""


@dataclass(frozen=True, slots=True)
class Due:
    """By when something is to be published. days: left, or past where it is overdue. is_open:
    whether it still has to be."""

    on: date
    days: int
    is_open: bool
    is_overdue: bool


def due_of(of: Row | DisclosureOf, today: date) -> Due | None:
    """The time limit in words' parts; None where there is none."""
    if of.due is None:
        return None
    return Due(of.due, abs((of.due - today).days), of.state in OPEN, of.is_overdue)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the publishers' list. choosable: whether it can be checked with others."""

    row: Row
    tone: str
    due: Due | None
    choosable: bool


def listed(rows: Iterable[Row], today: date) -> list[Listed]:
    """The rows as pages show them."""
    return [Listed(r, TONES[r.state], due_of(r, today), r.state in OPEN) for r in rows]


def of_state(declarations: QuerySet[Declaration], state: str, today: date) -> QuerySet[Declaration]:
    """Those of `publishing.disclosable` that one of LABELS is about; "": all."""
    if state == SOON:
        return declarations.filter(_is_due_soon(today))
    return publishing.narrowed(declarations, {"state": state})


def still_open(declarations: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `publishing.disclosable` with which there is something to do."""
    return declarations.filter(disclosure__in=OPEN)


def counts(declarations: QuerySet[Declaration], today: date) -> dict[str, int]:
    """How many of `publishing.disclosable` each of LABELS has; two queries."""
    soon = declarations.filter(_is_due_soon(today)).count()
    return {**publishing.counts(declarations), SOON: soon}


@dataclass(frozen=True, slots=True)
class ToPublish:
    """What a publisher has to do. tiles: of LABELS what wants something done: its name, its
    label, how many, and how it is drawn. first: the most urgent; total: how many wait in all."""

    tiles: list[tuple[str, str, int, str]]
    first: list[Listed]
    total: int


def to_publish(user: User, today: date) -> ToPublish:
    """What waits in the person's bureau; three queries."""
    found = publishing.disclosable(user)
    numbers = counts(found, today)
    tiles = [(name, LABELS[name], numbers[name], _TILES[name]) for name in _TILES]
    waiting = publishing.in_order(still_open(found))
    first = listed(publishing.rows(waiting[:MOST]), today)
    return ToPublish(tiles, first, sum(numbers[state] for state in OPEN))


_TILES: dict[str, str] = {
    OVERDUE: "late",
    SOON: "todo",
    Disclosure.TO_CHECK: "",
    Disclosure.CLEARED: "",
    Disclosure.OUTDATED: "",
}


def _is_due_soon(today: date) -> Q:
    soon = (today, today + timedelta(days=SOON_DAYS))
    return Q(disclosure__in=OPEN, round__disclosed=True, due_on__range=soon)
