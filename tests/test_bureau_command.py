"""manage.py bureau: how an empty server begins, and a bureau without administrators goes on."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from declarations.models import Bureau, Event, EventKind, Role, User
from tests.keeping import everything_recorded

ARGUMENTS = {
    "name": "广州市花都区财政局",
    "system": "huadu-admin",
    "security": "huadu-security",
    "auditor": "huadu-auditor",
}


def add(code: str = "huadu", **changed: str) -> str:
    out = StringIO()
    call_command("bureau", "add", code, stdout=out, **{**ARGUMENTS, **changed})
    return out.getvalue()


@pytest.mark.django_db
def test_a_bureau_begins_with_its_three_posts(client: Any) -> None:
    out = add()
    bureau = Bureau.objects.get()
    assert (bureau.code, bureau.name) == ("huadu", "广州市花都区财政局")
    people = {user.username: user for user in bureau.users.all()}
    assert {u.role for u in people.values()} == {Role.SYSTEM, Role.SECURITY, Role.AUDITOR}
    found = re.findall(r"(huadu-\w+)  (\S+)\n", out)
    assert {name for name, _ in found} == people.keys()
    for username, password in found:
        assert people[username].check_password(password)
        assert people[username].password_changed_at is None
        assert password not in everything_recorded()
        answer = client.post(reverse("login"), {"username": username, "password": password})
        assert answer.status_code == 302
        client.logout()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "Hua du"}, "编码"),
        ({"code": "taken"}, "编码"),
        ({"system": "a b"}, "用户名"),
        ({"auditor": "huadu-admin"}, "不同的账号"),
        ({"auditor": "somebody"}, "已经有人使用"),
        ({"name": ""}, "不能为空|此字段"),
    ],
)
def test_a_mistake_leaves_nothing_behind(changed: dict[str, str], said: str) -> None:
    other = Bureau.objects.create(code="taken", name="别的财政局")
    User.objects.create_user("somebody", "x", name="某人", role=Role.SYSTEM, bureau=other)
    events = Event.objects.count()
    with pytest.raises(CommandError, match=said):
        add(**changed)
    assert Bureau.objects.count() == 1
    assert User.objects.count() == 1
    assert Event.objects.count() == events


def appoint(code: str = "old", **posts: str) -> str:
    out = StringIO()
    call_command("bureau", "appoint", code, stdout=out, **posts)
    return out.getvalue()


@pytest.fixture
def old(db: None) -> Bureau:
    """A bureau from before there were three posts: its administrator became the system's."""
    bureau = Bureau.objects.create(code="old", name="原有财政局")
    User.objects.create_user("somebody", "x", name="某人", role=Role.SYSTEM, bureau=bureau)
    return bureau


def test_posts_that_an_existing_bureau_lacks(old: Bureau, client: Any) -> None:
    out = appoint(security="old-security", auditor="old-auditor")
    assert "原有财政局" in out
    roles = dict(old.users.values_list("username", "role"))
    assert roles == {
        "somebody": Role.SYSTEM,
        "old-security": Role.SECURITY,
        "old-auditor": Role.AUDITOR,
    }
    found = dict(re.findall(r"(old-\w+)  (\S+)\n", out))
    answer = client.post(
        reverse("login"), {"username": "old-security", "password": found["old-security"]}
    )
    assert answer.status_code == 302
    kinds = Event.objects.filter(bureau=old).values_list("kind", flat=True)
    assert EventKind.USER_ADDED in kinds


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "至少写一个"),
        ({"security": "somebody"}, "已经有人使用"),
        ({"security": "new", "auditor": "somebody"}, "已经有人使用"),
        ({"security": "new", "auditor": "new"}, "不同的账号"),
        ({"code": "unknown", "security": "new"}, "现有：old"),
    ],
)
def test_a_mistake_in_appointing_leaves_nothing_behind(
    old: Bureau, arguments: dict[str, str], said: str
) -> None:
    events = Event.objects.count()
    with pytest.raises(CommandError, match=said):
        appoint(**arguments)
    assert old.users.count() == 1
    assert Event.objects.count() == events
