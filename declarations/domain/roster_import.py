"""Importing departments and people from a workbook: all of it, or nothing."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from declarations import permissions
from declarations.domain import origin
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.importing import ChangedSinceError, NothingToImportError
from declarations.domain.templates import one_at_a_time
from declarations.models import Bureau, Department, DepartmentGroup, Event, EventKind, Role, User
from declarations.queries.roster_plan import Planned, RosterPlan, plan_roster
from declarations.sheets.roster import Roster

_ROLES = {role.label: role.value for role in Role}


def import_roster(
    actor: User, *, bureau: Bureau, roster: Roster, base: str, file_name: str
) -> RosterPlan:
    """Adds and changes what the roster says, and returns what was done.

    base: what the preview was of (`RosterPlan.base`). New people have no password yet: making
    one takes a fifth of a second, and they get them with their slips or invitations. Raises
    RefusedError where there is something wrong in it, with ChangedSinceError where something
    was changed since the preview, and NothingToImportError where nothing would change.
    """
    if not permissions.can_manage_departments(actor, bureau):
        raise NotPermittedError("只有本财政局的系统管理员可以导入部门和人员")
    try:
        with transaction.atomic():
            one_at_a_time(bureau.pk)
            plan = plan_roster(actor, bureau, roster)
            if plan.problems:
                raise RefusedError(f"有 {len(plan.problems)} 处错误，没有导入")
            if not plan:
                raise NothingToImportError("工作簿与现有的部门和人员相同，没有要导入的")
            if plan.base != base:
                raise ChangedSinceError("预览以后部门或人员又有变化，请重新核对")
            _carry_out(actor, bureau, plan, file_name)
            return plan
    except IntegrityError:
        # Another bureau took a code or a user name in this very moment.
        raise ChangedSinceError("有编码或用户名刚刚被其他财政局使用，请重新核对") from None


def _carry_out(actor: User, bureau: Bureau, plan: RosterPlan, file_name: str) -> None:
    record(
        EventKind.PEOPLE_IMPORTED,
        actor=actor,
        bureau_id=bureau.pk,
        file_name=file_name,
        summary=plan.summary,
        groups=plan.groups,
    )
    DepartmentGroup.objects.bulk_create(
        DepartmentGroup(bureau=bureau, name=name) for name in plan.groups
    )
    _write_departments(bureau, plan)
    _write_people(bureau, plan)
    Event.objects.bulk_create(
        Event(bureau=bureau, actor=actor, ip=origin.current().ip, kind=kind, data=data)
        for kind, data in _events(plan)
    )


def _write_departments(bureau: Bureau, plan: RosterPlan) -> None:
    groups = {group.name: group for group in DepartmentGroup.objects.filter(bureau=bureau)}
    new = [
        Department(bureau=bureau, code=p.key, name=p.values["name"]) for p in plan.new_departments
    ]
    Department.objects.bulk_create(new)  # first: those to come may be above one another
    stored = {d.code: d for d in Department.objects.filter(bureau=bureau)}
    written = []
    for planned in [*plan.new_departments, *plan.changed_departments]:
        department = stored[planned.key]
        department.name = planned.values["name"]
        department.group = groups.get(planned.values["group"])
        department.parent = stored.get(planned.values["parent"])
        written.append(department)
    Department.objects.bulk_update(written, ["name", "group", "parent"], batch_size=500)


def _write_people(bureau: Bureau, plan: RosterPlan) -> None:
    departments = {d.code: d for d in Department.objects.filter(bureau=bureau)}

    def written(planned: Planned) -> User:
        user: User = planned.existing or User(
            bureau=bureau, username=planned.key, password=make_password(None)
        )
        user.name, user.email = planned.values["name"], planned.values["email"]
        user.role = _ROLES[planned.values["role"]]
        user.department = departments.get(planned.values["department"])
        return user

    User.objects.bulk_create([written(p) for p in plan.new_people], batch_size=500)
    changed = [written(p) for p in plan.changed_people]
    User.objects.bulk_update(changed, ["name", "email", "role", "department"], batch_size=500)


def _events(plan: RosterPlan) -> list[tuple[EventKind, dict[str, Any]]]:
    """One for each department and person, as when they are written one by one."""
    return [
        *(
            (EventKind.DEPARTMENT_ADDED, {"department": p.key, **p.values})
            for p in plan.new_departments
        ),
        *(
            (EventKind.DEPARTMENT_CHANGED, {"department": p.key, "changes": p.changes})
            for p in plan.changed_departments
        ),
        *((EventKind.USER_ADDED, {"username": p.key, **p.values}) for p in plan.new_people),
        *(
            (EventKind.USER_CHANGED, {"username": p.key, "changes": p.changes})
            for p in plan.changed_people
        ),
    ]
