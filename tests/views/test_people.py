"""people/…: those whom one keeps, their first passwords and invitations."""

import re
from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.inviting import token_of
from declarations.domain.people import add_person, stop_person
from declarations.models import Department, Notice, Role, State, User
from tests import factories
from tests.keeping import keeper

PASSWORD = r"password\">(\w{4}-\w{4}-\w{4})<"


@pytest.fixture
def keeper_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


@pytest.fixture
def newcomer(administrator: User) -> User:
    return add_person(
        administrator,
        bureau=administrator.bureau,
        username="newcomer",
        name="新人",
        role=Role.REVIEWER,
        email="newcomer@example.com",
    )


def page(client: Any, name: str, *arguments: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer: Any) -> str:
    return answer.content.decode()


def new_person(department: Department, **fields: Any) -> dict[str, Any]:
    return {
        "username": "zhang-san",
        "name": "张三",
        "role": "filer",
        "department": department.pk,
        "email": "",
        "give": "later",
        **fields,
    }


# The list


def test_each_administrator_sees_those_they_keep(
    as_user: Any, administrator: User, filer: User, reviewer: User, outsider: User
) -> None:
    security = keeper(filer.bureau, Role.SECURITY, username="the-security", name="安全员")
    for user, seen in (
        (administrator, {"filer", "reviewer"}),
        (security, {"administrator", "the-security"}),
    ):
        text = page(as_user(user), "people")
        names = ("filer", "reviewer", "administrator", "the-security", "outsider")
        assert {n for n in names if re.search(rf"<td[^>]*>{n}</td>", text)} == seen
    assert "安全员" in page(as_user(administrator), "people")  # whom to ask


def test_it_is_searched_and_filtered(
    keeper_client: Any, administrator: User, filer: User, reviewer: User, newcomer: User
) -> None:
    stop_person(administrator, user_id=reviewer.pk)
    for query, found in (
        ("?q=填报人", {filer}),
        ("?q=残疾人", {filer}),
        ("?q=NEWCOMER", {newcomer}),
        ("?role=reviewer", {reviewer, newcomer}),
        ("?role=security", {filer, reviewer, newcomer}),
        ("?state=stopped", {reviewer}),
        ("?state=active", {filer, newcomer}),
        ("?state=without", {newcomer}),
        ("?state=waiting", {newcomer}),
        (f"?department={filer.department_id}", {filer}),
        ("?q=nobody", set()),
    ):
        text = page(keeper_client, "people", query=query)
        people = (filer, reviewer, newcomer)
        assert {p for p in people if re.search(rf"<td[^>]*>{p.username}</td>", text)} == found, (
            query
        )


def test_it_is_paged(keeper_client: Any, department: Department) -> None:
    factories.UserFactory.create_batch(60, bureau=department.bureau)
    first, second = (page(keeper_client, "people", query=f"?page={n}") for n in (1, 2))
    assert (first.count('name="person"'), second.count('name="person"')) == (50, 10)


def test_an_empty_list_says_how_to_begin(as_user: Any, db: None) -> None:
    assert "还没有人员" in page(as_user(factories.UserFactory.create(role="system")), "people")


# Adding and changing


def test_adding_one_shows_the_first_password_once(
    keeper_client: Any, department: Department
) -> None:
    answer = keeper_client.post(reverse("person-add"), new_person(department, give="slip"))
    (password,) = re.findall(PASSWORD, said(answer))
    user = User.objects.get(username="zhang-san")
    assert user.check_password(password)
    assert user.password_changed_at is None
    assert "no-store" in answer["Cache-Control"]
    for words in ("张三", department.name, "http", "zhang-san", "已增加“张三”"):
        assert words in said(answer)
    for name in ("people", "person"):
        arguments = [user.pk] if name == "person" else []
        assert password not in page(keeper_client, name, *arguments)


def test_one_logs_in_with_a_first_password_and_must_change_it(
    client: Any, keeper_client: Any, department: Department
) -> None:
    answer = keeper_client.post(reverse("person-add"), new_person(department, give="slip"))
    (password,) = re.findall(PASSWORD, said(answer))
    keeper_client.logout()
    answer = client.post(
        reverse("login"), {"username": "zhang-san", "password": password}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("password")


def test_adding_one_later_or_by_invitation(
    settings: Any, keeper_client: Any, department: Department
) -> None:
    assert "邀请邮件" not in page(keeper_client, "person-add")
    settings.EMAIL_HOST = "mail.example.com"
    assert "邀请邮件" in page(keeper_client, "person-add")
    answer = keeper_client.post(reverse("person-add"), new_person(department))
    first = User.objects.get(username="zhang-san")
    assert answer.url == reverse("person", args=[first.pk])
    assert not first.has_usable_password()
    invited = new_person(department, username="li-si", give="invitation")
    answer = keeper_client.post(reverse("person-add"), invited)
    assert list(answer.context["form"].errors) == ["email"]
    keeper_client.post(reverse("person-add"), invited | {"email": "li@example.com"})
    assert Notice.objects.get().recipient.username == "li-si"


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"username": "filer"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": ""}, "username"),
        ({"name": ""}, "name"),
        ({"role": "security"}, "role"),
        ({"role": ""}, "role"),
        ({"department": ""}, "department"),
        ({"role": "reviewer"}, "department"),
        ({"department": "999999"}, "department"),
        ({"email": "a@"}, "email"),
        ({"give": "x"}, "give"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    keeper_client: Any, filer: User, fields: dict[str, Any], beside: str
) -> None:
    assert filer.department
    before = User.objects.count()
    answer = keeper_client.post(
        reverse("person-add"), new_person(filer.department, give="slip") | fields
    )
    assert list(answer.context["form"].errors) == [beside]
    assert User.objects.count() == before


def test_changing_one(keeper_client: Any, filer: User) -> None:
    address = reverse("person", args=[filer.pk])
    fields = {"name": "新名", "role": "reviewer", "department": "", "email": "a@example.com"}
    answer = keeper_client.post(address, fields, follow=True)
    assert "已保存" in said(answer)
    assert "没有其他在用的填报人" in said(answer)  # what the change leaves behind
    filer.refresh_from_db()
    assert (filer.name, filer.role, filer.department) == ("新名", Role.REVIEWER, None)


def test_nobody_changes_their_own_role(as_user: Any, department: Department) -> None:
    security = keeper(department.bureau, Role.SECURITY)
    client = as_user(security)
    assert "停用" not in page(client, "person", security.pk)
    client.post(
        reverse("person", args=[security.pk]), {"name": "本名", "role": "system", "email": ""}
    )
    security.refresh_from_db()
    assert (security.name, security.role) == ("本名", Role.SECURITY)
    answer = client.post(reverse("person-stop", args=[security.pk]), follow=True)
    assert "不能停用自己的账号" in said(answer)


def test_those_of_others_are_not_found(
    keeper_client: Any, department: Department, outsider: User
) -> None:
    security = keeper(department.bureau, Role.SECURITY)
    for user in (security, outsider):
        assert keeper_client.get(reverse("person", args=[user.pk])).status_code == 404
        for name in ("person-stop", "person-resume", "person-slip"):
            assert keeper_client.post(reverse(name, args=[user.pk])).status_code == 404
        answer = keeper_client.post(reverse("people-slips"), {"person": [user.pk]}, follow=True)
        assert "没有选中" in said(answer)
        user.refresh_from_db()
        assert user.check_password(factories.PASSWORD)


# Stopping


def test_stopping_says_what_it_means(
    keeper_client: Any, filer: User, reviewer: User, declaration: Any
) -> None:
    assert "没有其他在用的填报人" in page(keeper_client, "person-stop", filer.pk)
    submitted = factories.submitted(filer, declaration)
    assert submitted.state == State.SUBMITTED
    submitted.reviewer = reviewer
    submitted.save()
    submitted.stage.reviewers.add(reviewer)
    text = page(keeper_client, "person-stop", reviewer.pk)
    assert "有 1 份申报正由其审核" in text
    assert "只指定了这一位审核人" in text
    submitted.stage.reviewers.add(keeper(filer.bureau, Role.REVIEWER))
    assert "只指定了这一位审核人" not in page(keeper_client, "person-stop", reviewer.pk)


def test_one_is_stopped_and_resumed(keeper_client: Any, filer: User) -> None:
    answer = keeper_client.post(reverse("person-stop", args=[filer.pk]), follow=True)
    assert "已停用“填报人甲”的账号" in said(answer)
    filer.refresh_from_db()
    assert not filer.is_active
    keeper_client.post(reverse("person-resume", args=[filer.pk]))
    filer.refresh_from_db()
    assert filer.is_active


def test_the_last_security_administrator_stays(as_user: Any, department: Department) -> None:
    first, second = (keeper(department.bureau, Role.SECURITY) for _ in range(2))
    client = as_user(first)
    client.post(reverse("person-stop", args=[second.pk]))
    fields = {"name": "x", "role": "auditor", "email": ""}
    client.post(reverse("person", args=[first.pk]), fields)
    first.refresh_from_db()
    assert (first.role, first.is_active) == (Role.SECURITY, True)


# First passwords and invitations


def test_one_who_forgot_gets_a_new_first_password(keeper_client: Any, filer: User) -> None:
    answer = keeper_client.post(reverse("person-slip", args=[filer.pk]))
    (password,) = re.findall(PASSWORD, said(answer))
    filer.refresh_from_db()
    assert filer.check_password(password)
    assert "no-store" in answer["Cache-Control"]


def test_slips_for_the_chosen(keeper_client: Any, filer: User, newcomer: User) -> None:
    answer = keeper_client.post(
        reverse("people-slips"), {"person": [filer.pk, newcomer.pk, "x", 10**30]}
    )
    assert len(re.findall(PASSWORD, said(answer))) == 1
    assert "另有 1 人已自行设置密码" in said(answer)
    filer.refresh_from_db()
    assert filer.check_password(factories.PASSWORD)


def test_slips_for_all_who_are_found(
    keeper_client: Any, administrator: User, department: Department
) -> None:
    for number in range(60):
        add_person(
            administrator,
            bureau=department.bureau,
            username=f"new-{number}",
            name="新人",
            role=Role.FILER,
            department=department,
        )
    text = page(keeper_client, "people", query="?state=without")
    assert "全部 60 人" in text
    answer = keeper_client.post(reverse("people-slips") + "?state=without&q=new-1", {"all": "1"})
    assert len(set(re.findall(PASSWORD, said(answer)))) == 11
    answer = keeper_client.post(reverse("people-slips") + "?state=without", {"all": "1"})
    assert len(set(re.findall(PASSWORD, said(answer)))) == 49


def test_invitations_for_the_chosen(
    settings: Any, keeper_client: Any, filer: User, newcomer: User
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    address = reverse("people-invite")
    answer = keeper_client.post(address, {"person": [filer.pk, newcomer.pk]}, follow=True)
    assert "已向 1 人发送邀请邮件" in said(answer)
    assert "有 1 人没有发送" in said(answer)
    fields = {"person": newcomer.pk, "back": newcomer.pk}
    assert keeper_client.post(address, fields).url == reverse("person", args=[newcomer.pk])
    assert "请先选择人员" in said(keeper_client.post(address, follow=True))


def test_who_is_invited_sets_a_password(client: Any, newcomer: User) -> None:
    address = reverse("invitation", args=[token_of(newcomer)])
    assert "newcomer" in said(client.get(address))
    weak = {"new_password1": "short", "new_password2": "short"}
    assert client.post(address, weak).context["form"].errors
    good = dict.fromkeys(("new_password1", "new_password2"), "Green-Tea-2023")
    answer = client.post(address, good, follow=True)
    assert "密码已设置，请用用户名 newcomer 登录" in said(answer)
    login = client.post(reverse("login"), {"username": "newcomer", "password": "Green-Tea-2023"})
    assert login.url == reverse("home")
    again = client.get(address)
    assert again.status_code == 404
    assert "邀请链接已失效" in said(again)
    assert client.post(address, good).status_code == 404


def test_no_token_is_no_secret(client: Any, db: None) -> None:
    assert client.get(reverse("invitation", args=["a:b:c"])).status_code == 404
