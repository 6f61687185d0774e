"""People: who keeps whom, what may be, stopping, and what is written down."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from declarations.domain import people as domain
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.models import (
    ADMINISTRATOR_POSTS,
    OF_DEPARTMENTS,
    Department,
    Event,
    EventKind,
    Role,
    Session,
    User,
)
from tests import factories
from tests.keeping import everything_recorded, keeper, told
from tests.races import at_once

ORDINARY = [role for role in Role if role not in ADMINISTRATOR_POSTS]


@pytest.fixture
def security(department: Department) -> User:
    return keeper(department.bureau, Role.SECURITY, username="security")


def add(actor: User | None, role: Role, department: Department, **fields: Any) -> User:
    return domain.add_person(
        actor,
        bureau=department.bureau,
        role=role,
        department=department if role in OF_DEPARTMENTS else None,
        **{"username": f"new-{role.value}", "name": "新人", **fields},
    )


def written(user: User, **changed: Any) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": Role(user.role),
        "department": user.department,
        "email": user.email,
        **changed,
    }


@pytest.mark.parametrize("role", Role)
def test_each_administrator_appoints_their_own(
    department: Department, administrator: User, security: User, role: Role
) -> None:
    may, may_not = (
        (security, administrator) if role in ADMINISTRATOR_POSTS else (administrator, security)
    )
    with pytest.raises(NotPermittedError):
        add(may_not, role, department)
    made = add(may, role, department)
    assert (made.role, made.bureau) == (role, department.bureau)
    assert not made.has_usable_password()
    assert made.password_changed_at is None
    assert told(EventKind.USER_ADDED)[0]["username"] == made.username


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SYSTEM, Role.SECURITY)])
def test_nobody_else_appoints_anybody(department: Department, role: Role) -> None:
    someone = keeper(
        department.bureau, role, department=department if role in OF_DEPARTMENTS else None
    )
    for wanted in Role:
        with pytest.raises(NotPermittedError):
            add(someone, wanted, department)
    assert not Event.objects.exists()


def test_people_of_another_bureau_are_untouched(department: Department, outsider: User) -> None:
    strangers = [keeper(outsider.bureau, role) for role in (Role.SYSTEM, Role.SECURITY)]
    people = [add(None, role, department) for role in Role]
    before = list(User.objects.order_by("pk").values())
    for stranger in strangers:
        for user in people:
            with pytest.raises(NotPermittedError):
                domain.change_person(stranger, user_id=user.pk, **written(user, name="改"))
            with pytest.raises(NotPermittedError):
                domain.stop_person(stranger, user_id=user.pk)
            with pytest.raises(NotPermittedError):
                domain.resume_person(stranger, user_id=user.pk)
        with pytest.raises(NotPermittedError):
            add(stranger, Role.REVIEWER, department, username="smuggled")
    assert list(User.objects.order_by("pk").values()) == before


def test_nobodys_department_is_of_another_bureau(administrator: User, outsider: User) -> None:
    foreign = factories.DepartmentFactory.create(bureau=outsider.bureau)
    with pytest.raises(RefusedError):
        domain.add_person(
            administrator,
            bureau=administrator.bureau,
            username="x",
            name="x",
            role=Role.FILER,
            department=foreign,
        )


@pytest.mark.parametrize(
    ("username", "said"),
    [
        ("filer", "已经有人使用"),
        ("FILER", "已经有人使用"),
        ("outsider", "已经有人使用"),
        ("a b", "不能有空格"),
        ("a\x00", "只能用"),
        ("", "只能用"),
        ("x" * 51, "50"),
    ],
)
def test_a_user_name_that_cannot_be(
    administrator: User, filer: User, outsider: User, username: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        add(administrator, Role.REVIEWER, filer.department, username=username)
    assert list(refusal.value.message_dict) == ["username"]
    assert said in "".join(refusal.value.messages)


def test_a_role_goes_with_its_department(administrator: User, department: Department) -> None:
    for role, at_home in ((Role.FILER, None), (Role.HEAD, None), (Role.REVIEWER, department)):
        with pytest.raises(ValidationError, match="必须属于一个部门"):
            domain.add_person(
                administrator,
                bureau=department.bureau,
                username="x",
                name="x",
                role=role,
                department=at_home,
            )
    with pytest.raises(ValidationError):
        add(administrator, Role.REVIEWER, department, email="no address")


def test_changing_says_from_what_to_what(
    administrator: User, filer: User, department: Department
) -> None:
    changed = written(filer, role=Role.REVIEWER, department=None, email="a@example.com")
    for _ in range(2):
        domain.change_person(administrator, user_id=filer.pk, **changed)
    assert told(EventKind.USER_CHANGED) == [
        {
            "username": "filer",
            "changes": {
                "role": ["填报人", "审核人"],
                "department": ["panyu-dpf", ""],
                "email": ["", "a@example.com"],
            },
        }
    ]


def test_nobody_is_promoted_past_who_promotes(
    administrator: User, security: User, reviewer: User
) -> None:
    for post in ADMINISTRATOR_POSTS:
        with pytest.raises(NotPermittedError):
            domain.change_person(administrator, user_id=reviewer.pk, **written(reviewer, role=post))
        with pytest.raises(NotPermittedError):
            domain.change_person(security, user_id=reviewer.pk, **written(reviewer, role=post))
    with pytest.raises(NotPermittedError):
        domain.change_person(
            security, user_id=administrator.pk, **written(administrator, role=Role.REVIEWER)
        )
    with pytest.raises(NotPermittedError):
        domain.change_person(
            administrator, user_id=administrator.pk, **written(administrator, name="改")
        )
    assert not Event.objects.exists()


def test_nobody_changes_their_own_role_or_stops_themselves(security: User) -> None:
    keeper(security.bureau, Role.SECURITY)
    with pytest.raises(RefusedError, match="自己的角色"):
        domain.change_person(security, user_id=security.pk, **written(security, role=Role.SYSTEM))
    with pytest.raises(RefusedError, match="自己的账号"):
        domain.stop_person(security, user_id=security.pk)
    domain.change_person(security, user_id=security.pk, **written(security, name="本名"))
    security.refresh_from_db()
    assert (security.name, security.role, security.is_active) == ("本名", Role.SECURITY, True)


def test_the_last_security_administrator_stays(security: User, outsider: User) -> None:
    keeper(outsider.bureau, Role.SECURITY)
    keeper(security.bureau, Role.SECURITY, is_active=False)
    for actor in (None, security):
        with pytest.raises(RefusedError):
            domain.stop_person(actor, user_id=security.pk)
        with pytest.raises(RefusedError):
            domain.change_person(actor, user_id=security.pk, **written(security, role=Role.AUDITOR))
    second = keeper(security.bureau, Role.SECURITY)
    domain.stop_person(second, user_id=security.pk)
    with pytest.raises(RefusedError):
        domain.stop_person(None, user_id=second.pk)
    assert told(EventKind.USER_STOPPED) == [{"username": "security"}]


@pytest.mark.django_db(transaction=True)
def test_two_security_administrators_stop_each_other_and_one_remains(security: User) -> None:
    second = keeper(security.bureau, Role.SECURITY)
    results = at_once(
        lambda: domain.stop_person(security, user_id=second.pk),
        lambda: domain.stop_person(second, user_id=security.pk),
    )
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "RefusedError"]
    assert User.objects.filter(role=Role.SECURITY, is_active=True).count() == 1


def test_stopping_ends_sessions(as_user: Any, administrator: User, filer: User) -> None:
    client = as_user(filer)
    assert client.get("/").status_code == 200
    other = keeper(filer.bureau, Role.REVIEWER)
    assert Session.objects.filter(user=filer).count() == 1
    domain.stop_person(administrator, user_id=filer.pk)
    assert not Session.objects.filter(user=filer).exists()
    assert client.get("/").status_code == 302
    other.refresh_from_db()
    assert other.is_active


def test_stopping_and_resuming_count_once(administrator: User, filer: User) -> None:
    for act in (domain.stop_person, domain.resume_person):
        for _ in range(2):
            act(administrator, user_id=filer.pk)
    filer.refresh_from_db()
    assert filer.is_active
    assert filer.check_password(factories.PASSWORD)
    assert told(EventKind.USER_STOPPED) == told(EventKind.USER_RESUMED) == [{"username": "filer"}]
    assert filer.password not in everything_recorded()
