"""What each role's home page lists: first what this person has to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from declarations.models import (
    OF_DEPARTMENTS,
    Activation,
    Bureau,
    Declaration,
    FormTemplate,
    State,
    User,
)
from declarations.queries.declarations import visible_to
from declarations.queries.templates import not_started
from declarations.workflow import EDITABLE
from declarations.workflow.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Listed:
    """A declaration and where it stands for the person who looks."""

    declaration: Declaration
    standing: Standing


@dataclass(frozen=True, slots=True)
class Group:
    """A titled list; `empty` is said where it has nothing ("": it is then left out)."""

    title: str
    rows: list[Listed]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """What an administrator has to do before departments can file.

    has_forms: whether any form is in use. waiting: versions chosen for a year that have no
    round yet.
    """

    has_forms: bool
    waiting: list[Activation]


def _in(state: State) -> Callable[[Listed], bool]:
    return lambda row: row.declaration.state == state


def _can_be_filled_in(row: Listed) -> bool:
    return row.standing.action == "fill"


def _is_out_of_time(row: Listed) -> bool:
    return row.declaration.state in EDITABLE and not row.standing.action


_Groups = Sequence[tuple[str, Callable[[Listed], bool], str]]

_BUREAU_GROUPS: _Groups = (
    ("等待审核", _in(State.SUBMITTED), "没有等待审核的申报。"),
    ("已退回，等待部门修改", _in(State.RETURNED), ""),
    ("部门填报中", _in(State.DRAFT), ""),
    ("已通过", _in(State.APPROVED), "还没有审核通过的申报。"),
)
_FILER_GROUPS: _Groups = (
    ("需要填报", _can_be_filled_in, "现在没有需要填报的表。"),
    ("等待审核", _in(State.SUBMITTED), ""),
    ("已通过", _in(State.APPROVED), ""),
    ("不在填报时间内", _is_out_of_time, ""),
)


def groups_for(user: User, now: datetime) -> list[Group]:
    """The person's declarations by what is to be done with them; one query.

    The latest year first, and in a year what closes first.
    """
    declarations = (
        visible_to(user)
        .select_related("revision")
        .prefetch_related("stage__reviewers")
        .defer("revision__content")
        .order_by("-round__year", "round__deadline", "department__code")
    )
    rows = [Listed(d, standing(user, d, now)) for d in declarations]
    groups = _FILER_GROUPS if user.role in OF_DEPARTMENTS else _BUREAU_GROUPS
    found = [
        Group(title, [row for row in rows if belongs(row)], empty)
        for title, belongs, empty in groups
    ]
    return [group for group in found if group.rows or group.empty]


def setting_up(bureau: Bureau) -> SettingUp:
    """Where a bureau stands with its forms and rounds; two queries."""
    in_use = FormTemplate.objects.filter(bureau=bureau, retired_at__isnull=True)
    return SettingUp(in_use.exists(), list(not_started(bureau)))
