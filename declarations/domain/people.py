"""People: adding, changing, stopping. Nobody is ever deleted: the record names them."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from declarations import permissions
from declarations.domain import origin
from declarations.domain.acting import record
from declarations.domain.departments import write_changes
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.sessions import end_all_of
from declarations.domain.templates import one_at_a_time
from declarations.models import (
    ADMINISTRATOR_POSTS,
    Bureau,
    Department,
    Event,
    EventKind,
    Role,
    User,
)
from declarations.queries.people import NO_USERNAME, USERNAME


def add_person(
    actor: User | None,
    *,
    bureau: Bureau,
    username: str,
    name: str,
    role: Role,
    department: Department | None = None,
    email: str = "",
) -> User:
    """Adds a person, who cannot log in before they are given a first password or are invited.

    Raises ValidationError for a user name that is taken or a role without its department,
    RefusedError where the actor does not give this role.
    """
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        user = User(
            bureau=bureau,
            username=User.normalize_username(username),
            name=name,
            role=role,
            department=department,
            email=email,
        )
        user.set_unusable_password()
        _require_manages(actor, user)
        _require_own_department(user)
        _require_new_username(user.username)
        user.full_clean()
        user.save()
        record_person(
            EventKind.USER_ADDED,
            actor,
            user,
            name=name,
            role=role.label,
            department=department.code if department else "",
            email=email,
        )
        return user


def change_person(
    actor: User | None,
    *,
    user_id: int,
    name: str,
    role: Role,
    department: Department | None,
    email: str,
) -> User:
    """Writes what is known of a person. The same again is nothing.

    Raises ValidationError for a role without its department, RefusedError where the actor does
    not give the old or the new role, the person is the actor, or the last one who could do
    something for the bureau.
    """
    with transaction.atomic():
        user = locked(actor, user_id)
        before = user.role = Role(user.role)
        changes = write_changes(
            user, {"name": name, "role": role, "department": department, "email": email}
        )
        if "role" in changes:
            _require_manages(actor, user)
            if actor is not None and actor.pk == user.pk:
                raise RefusedError("不能修改自己的角色")
            if before == Role.SECURITY:
                _require_another_security_administrator(user)
        if "department" in changes:
            _require_own_department(user)
        if changes:
            user.full_clean()
            user.save()
            record_person(EventKind.USER_CHANGED, actor, user, changes=changes)
        return user


def stop_person(actor: User | None, *, user_id: int) -> None:
    """The person can no longer log in, and is logged out everywhere. Twice is once.

    Raises RefusedError for oneself, and for the last security administrator.
    """
    with transaction.atomic():
        user = locked(actor, user_id)
        if not user.is_active:
            return
        if actor is not None and actor.pk == user.pk:
            raise RefusedError("不能停用自己的账号")
        if user.role == Role.SECURITY:
            _require_another_security_administrator(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_all_of([user])
        record_person(EventKind.USER_STOPPED, actor, user)


def resume_person(actor: User | None, *, user_id: int) -> None:
    """The person can log in again, with the password of before. Twice is once."""
    with transaction.atomic():
        user = locked(actor, user_id)
        if not user.is_active:
            user.is_active = True
            user.save(update_fields=["is_active"])
            record_person(EventKind.USER_RESUMED, actor, user)


def locked(actor: User | None, user_id: int) -> User:
    """The person as they stand now, locked, for whoever manages them.

    With the bureau, so that nobody else stops the last but one at the same time. Raises
    User.DoesNotExist, NotPermittedError.
    """
    found = User.objects.get(pk=user_id)
    _require_manages(actor, found)
    one_at_a_time(found.bureau_id)
    people = User.objects.select_for_update(of=("self",))
    user = people.select_related("department", "bureau").get(pk=user_id)
    _require_manages(actor, user)
    return user


def record_person(kind: EventKind, actor: User | None, user: User, **data: Any) -> None:
    """Keeps the record of an act on a person; passwords have no place in it."""
    record(kind, actor=actor, bureau_id=user.bureau_id, username=user.username, **data)


def record_people(kind: EventKind, actor: User | None, people: Iterable[User]) -> None:
    """The same of many, in one query."""
    Event.objects.bulk_create(
        Event(
            bureau_id=user.bureau_id,
            actor=actor,
            kind=kind,
            ip=origin.current().ip,
            data={"username": user.username},
        )
        for user in people
    )


def _require_manages(actor: User | None, user: User) -> None:
    if actor is None or permissions.can_manage_person(actor, user):
        return
    by = Role.SECURITY if user.role in ADMINISTRATOR_POSTS else Role.SYSTEM
    raise NotPermittedError(f"{Role(user.role).label}的账号由本财政局的{by.label}管理")


def _require_new_username(username: str) -> None:
    """Names that differ only in capitals are one to people who read them out."""
    if not re.fullmatch(USERNAME, username):
        raise ValidationError({"username": NO_USERNAME})
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": "这个用户名已经有人使用，请换一个"})


def _require_own_department(user: User) -> None:
    if user.department is not None and user.department.bureau_id != user.bureau_id:
        raise RefusedError("没有这个部门，请刷新页面")


def _require_another_security_administrator(user: User) -> None:
    others = User.objects.filter(bureau=user.bureau_id, role=Role.SECURITY, is_active=True)
    if user.is_active and not others.exclude(pk=user.pk).exists():
        raise RefusedError(
            "这是本财政局最后一位在用的安全管理员。请先增加另一位安全管理员，再停用或更换"
        )
