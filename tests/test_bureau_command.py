"""manage.py bureau: how an empty server begins."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from declarations.models import Bureau, Event, Role, User
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
        ({"auditor": "huadu-admin"}, "三个不同的账号"),
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
