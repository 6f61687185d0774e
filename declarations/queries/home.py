"""What each role's home page lists: first what this person has to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from declarations.models import Activation, Bureau, Declaration, FormTemplate, Role, State, User
from declarations.queries.declarations import visible_to
from declarations.queries.templates import not_started
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


_BUREAU_GROUPS: Sequence[tuple[str, tuple[State, ...], str]] = (
    ("等待审核", (State.SUBMITTED,), "没有等待审核的申报。"),
    ("已退回，等待部门修改", (State.RETURNED,), ""),
    ("部门填报中", (State.DRAFT,), ""),
    ("已通过", (State.APPROVED,), "还没有审核通过的申报。"),
)
_FILER_GROUPS: Sequence[tuple[str, tuple[State, ...], str]] = (
    ("需要填报", (State.RETURNED, State.DRAFT), "现在没有需要填报的表。"),
    ("等待审核", (State.SUBMITTED,), ""),
    ("已通过", (State.APPROVED,), ""),
)


def groups_for(user: User, now: datetime) -> list[Group]:
    """The person's declarations by what is to be done with them; one query."""
    declarations = (
        visible_to(user)
        .select_related("revision")
        .defer("revision__content")
        .order_by("-round__year", "round__deadline", "department__code")
    )
    rows = [Listed(d, standing(user, d, now)) for d in declarations]
    groups = _FILER_GROUPS if user.role == Role.FILER else _BUREAU_GROUPS
    found = [
        Group(title, [r for r in rows if r.declaration.state in states], empty)
        for title, states, empty in groups
    ]
    return [group for group in found if group.rows or group.empty]


def setting_up(bureau: Bureau) -> SettingUp:
    """Where a bureau stands with its forms and rounds; two queries."""
    in_use = FormTemplate.objects.filter(bureau=bureau, retired_at__isnull=True)
    return SettingUp(in_use.exists(), list(not_started(bureau)))
