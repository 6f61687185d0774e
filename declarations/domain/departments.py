"""Departments and their groups: adding, changing, stopping, and putting into groups."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models, transaction

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.templates import one_at_a_time
from declarations.models import Bureau, Department, DepartmentGroup, EventKind, Role, Round, User


def add_department(
    actor: User | None,
    *,
    bureau: Bureau,
    code: str,
    name: str,
    parent: Department | None = None,
    group: DepartmentGroup | None = None,
) -> Department:
    """Adds a department. Raises ValidationError for a code that is taken or cannot be one."""
    with transaction.atomic():
        _lock(actor, bureau)
        department = Department(bureau=bureau, code=code, name=name, parent=parent, group=group)
        _require_own(department)
        department.full_clean()
        department.save()
        _record(EventKind.DEPARTMENT_ADDED, actor, department, name=name)
        return department


def change_department(
    actor: User | None,
    *,
    department_id: int,
    code: str,
    name: str,
    parent: Department | None,
    group: DepartmentGroup | None,
) -> Department:
    """Writes what a department is called and where it belongs. The same again is nothing.

    Raises ValidationError for a code that is taken or cannot be one, RefusedError where the
    code is in use already, or the department would be above itself.
    """
    with transaction.atomic():
        department = _locked(actor, department_id)
        changes = write_changes(
            department, {"code": code, "name": name, "parent": parent, "group": group}
        )
        _require_own(department)
        if "code" in changes and code_is_used(department):
            raise RefusedError("部门已有申报，编码写在申报的编号里，不能再改")
        if "parent" in changes:
            _require_no_circle(department)
        if changes:
            department.full_clean()
            department.save()
            _record(EventKind.DEPARTMENT_CHANGED, actor, department, changes=changes)
        return department


def stop_department(actor: User | None, *, department_id: int) -> None:
    """New rounds no longer call on it; what it has filed, and its people, stay. Twice is once."""
    _set_active(actor, department_id, active=False)


def resume_department(actor: User | None, *, department_id: int) -> None:
    """New rounds call on it again. Twice is once."""
    _set_active(actor, department_id, active=True)


def add_group(actor: User | None, *, bureau: Bureau, name: str) -> DepartmentGroup:
    """Adds a group. Raises ValidationError where there is one of that name."""
    with transaction.atomic():
        _lock(actor, bureau)
        group = DepartmentGroup(bureau=bureau, name=name)
        group.full_clean()
        group.save()
        _record_group(actor, group, added=True)
        return group


def rename_group(actor: User | None, *, group_id: int, name: str) -> DepartmentGroup:
    """Raises ValidationError where there is another of that name."""
    with transaction.atomic():
        group = _locked_group(actor, group_id)
        if changes := write_changes(group, {"name": name}):
            group.full_clean()
            group.save()
            _record_group(actor, group, changes=changes)
        return group


def delete_group(actor: User | None, *, group_id: int) -> None:
    """Deletes a group; its departments stay, in none. Raises DepartmentGroup.DoesNotExist."""
    with transaction.atomic():
        group = _locked_group(actor, group_id)
        codes = sorted(group.departments.values_list("code", flat=True))
        _record_group(actor, group, deleted=True, departments=codes)
        group.delete()


def assign_group(
    actor: User | None,
    *,
    bureau: Bureau,
    department_ids: Collection[int],
    group: DepartmentGroup | None,
) -> int:
    """Puts departments into a group, None: takes them out of theirs. Returns how many moved."""
    with transaction.atomic():
        _lock(actor, bureau)
        if group is not None and group.bureau_id != bureau.pk:
            raise RefusedError("没有这个分组，请刷新页面")
        chosen = Department.objects.filter(bureau=bureau, pk__in=department_ids)
        if not chosen:
            raise RefusedError("请先选择部门")
        moved = [d for d in chosen.order_by("code") if d.group_id != (group and group.pk)]
        chosen.filter(pk__in=[d.pk for d in moved]).update(group=group)
        if moved:
            record(
                EventKind.GROUP_CHANGED,
                actor=actor,
                bureau_id=bureau.pk,
                group=group.name if group else "",
                departments=[d.code for d in moved],
            )
        return len(moved)


def write_changes(instance: models.Model, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sets the columns on the instance, and returns those that differ: from what, to what.

    As text for the record: departments as their codes, roles as what they are called, "" for none.
    """
    changes = {}
    for name, value in values.items():
        before = getattr(instance, name)
        if before != value:
            changes[name] = [_shown(before), _shown(value)]
            setattr(instance, name, value)
    return changes


def _shown(value: Any) -> str:
    if isinstance(value, Department):
        return value.code
    if isinstance(value, Role):
        return value.label
    return "" if value is None else str(value)


def code_is_used(department: Department) -> bool:
    """Whether the code stands in the REF of a declaration, or will in a moment."""
    waits = Round.objects.filter(bureau=department.bureau_id, waiting__contains=department.pk)
    return department.declarations.exists() or waits.exists()


def _set_active(actor: User | None, department_id: int, *, active: bool) -> None:
    with transaction.atomic():
        department = _locked(actor, department_id)
        if department.is_active != active:
            department.is_active = active
            department.save(update_fields=["is_active"])
            changes = {"is_active": ["停用", "使用中"] if active else ["使用中", "停用"]}
            _record(EventKind.DEPARTMENT_CHANGED, actor, department, changes=changes)


def _require_own(department: Department) -> None:
    for other in (department.parent, department.group):
        if other is not None and other.bureau_id != department.bureau_id:
            raise RefusedError("上级部门和分组必须是本财政局的，请刷新页面")


def _require_no_circle(department: Department) -> None:
    parents = dict(
        Department.objects.filter(bureau=department.bureau_id).values_list("pk", "parent")
    )
    above = department.parent_id
    while above is not None:
        if above == department.pk:
            raise RefusedError(f"“{department.parent}”是“{department}”的下级，不能作它的上级部门")
        above = parents[above]


def _lock(actor: User | None, bureau: Bureau) -> None:
    if actor is not None and not permissions.can_manage_departments(actor, bureau):
        raise NotPermittedError("只有本财政局的系统管理员可以管理部门")
    one_at_a_time(bureau.pk)


def _locked(actor: User | None, department_id: int) -> Department:
    """The department as it stands now. Raises Department.DoesNotExist, NotPermittedError."""
    found = Department.objects.select_related("bureau").get(pk=department_id)
    _lock(actor, found.bureau)
    return Department.objects.select_related("bureau", "parent", "group").get(pk=department_id)


def _locked_group(actor: User | None, group_id: int) -> DepartmentGroup:
    found = DepartmentGroup.objects.select_related("bureau").get(pk=group_id)
    _lock(actor, found.bureau)
    return DepartmentGroup.objects.get(pk=group_id)


def _record(kind: EventKind, actor: User | None, department: Department, **data: Any) -> None:
    record(kind, actor=actor, bureau_id=department.bureau_id, department=department.code, **data)


def _record_group(actor: User | None, group: DepartmentGroup, **data: Any) -> None:
    record(
        EventKind.GROUP_CHANGED, actor=actor, bureau_id=group.bureau_id, group=group.name, **data
    )
