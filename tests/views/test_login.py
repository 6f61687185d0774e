"""Logging in and out, locking out, and changing the password."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from declarations.models import User
from tests.factories import PASSWORD
from tests.views.asking import FROM_SCRIPT

WRONG = "用户名或密码不正确，请重新输入。连续输错 5 次将锁定 15 分钟。"
NEW_PASSWORD = "Another good test password"


def log_in(client: Any, username: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(reverse("login"), {"username": username, "password": password, **fields})


def log_in_again(client: Any, username: str, password: str = PASSWORD) -> Any:
    """As the editor's script does when the session ended in mid-edit."""
    fields = {"username": username, "password": password}
    return client.post(reverse("login"), fields, headers=FROM_SCRIPT)


def is_logged_in(client: Any) -> bool:
    return client.get(reverse("home")).status_code == 200


# The page


def test_the_page_asks_for_both(client, db) -> None:
    text = client.get(reverse("login")).content.decode()
    assert 'name="username"' in text
    assert 'name="password"' in text
    assert "用户名" in text


def test_the_right_password_leads_home(client, filer) -> None:
    answer = log_in(client, "filer")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_logged_in(client)


def test_one_comes_back_to_where_one_wanted_to_go(client, filer, declaration) -> None:
    wanted = reverse("declaration", args=[declaration.pk])
    assert log_in(client, "filer", next=wanted)["Location"] == wanted


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_one_is_never_sent_elsewhere(client, filer, elsewhere: str) -> None:
    assert log_in(client, "filer", next=elsewhere)["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("filer", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_say_the_same(
    client, filer, username: str, password: str
) -> None:
    answer = log_in(client, username, password)
    assert answer.status_code == 200
    assert WRONG in answer.content.decode()
    assert not is_logged_in(client)


def test_a_disabled_account_stays_out(client, filer) -> None:
    User.objects.filter(pk=filer.pk).update(is_active=False)
    log_in(client, "filer")
    assert not is_logged_in(client)


def test_who_is_disabled_is_out_at_once(client, filer) -> None:
    log_in(client, "filer")
    User.objects.filter(pk=filer.pk).update(is_active=False)
    assert not is_logged_in(client)


def test_who_is_logged_in_is_led_home(as_user, filer) -> None:
    answer = as_user(filer).get(reverse("login"))
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_session_gets_a_new_key_at_login(client, filer) -> None:
    client.get(reverse("login"))
    client.session["something"] = 1
    before = client.session.session_key
    log_in(client, "filer")
    assert client.session.session_key != before


# For a script, in mid-edit


def test_a_script_gets_json(client, filer) -> None:
    answer = log_in_again(client, "filer")
    assert answer.status_code == 200
    assert answer.json() == {"user": filer.pk}
    assert is_logged_in(client)


def test_a_script_is_told_what_is_wrong(client, filer) -> None:
    answer = log_in_again(client, "filer", "wrong")
    assert answer.status_code == 400
    assert answer.json() == {"message": WRONG}
    missing = log_in_again(client, "", "")
    assert missing.status_code == 400
    assert missing.json()["message"]


def test_a_script_may_log_in_although_it_already_is(as_user, filer) -> None:
    assert log_in_again(as_user(filer), "filer").json() == {"user": filer.pk}


# Lockout


def test_five_wrong_passwords_lock_the_account_and_our_page_says_so(client, filer) -> None:
    for _ in range(4):
        assert log_in(client, "filer", "wrong").status_code == 200
    answer = log_in(client, "filer", "wrong")
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "<h1>账号暂时锁定</h1>" in text
    assert "15 分钟" in text
    assert log_in(client, "filer").status_code == 429
    assert not is_logged_in(client)


def test_a_locked_account_does_not_lock_the_others(client, filer, colleague) -> None:
    for _ in range(5):
        log_in(client, "filer", "wrong")
    assert log_in(client, "colleague").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client, filer) -> None:
    for _ in range(4):
        log_in(client, "filer", "wrong")
    assert log_in(client, "filer").status_code == 302
    client.logout()
    for _ in range(4):
        assert log_in(client, "filer", "wrong").status_code == 200


def test_a_script_is_told_of_the_lock(client, filer) -> None:
    for _ in range(5):
        answer = log_in_again(client, "filer", "wrong")
    assert answer.status_code == 429
    assert answer.json() == {"message": "连续输错密码 5 次，账号已锁定 15 分钟，请稍后再试"}


# Logging out


def test_logging_out_ends_the_session(as_user, filer) -> None:
    client = as_user(filer)
    answer = client.post(reverse("logout"))
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert not is_logged_in(client)


def test_a_link_does_not_log_out(as_user, filer) -> None:
    client = as_user(filer)
    assert client.get(reverse("logout")).status_code == 405
    assert is_logged_in(client)


# The password


def change(client: Any, old: str = PASSWORD, new: str = NEW_PASSWORD, again: str = "") -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password"), fields)


def test_ones_password_is_changed(client, filer) -> None:
    log_in(client, "filer")
    answer = change(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "密码已修改。" in client.get("/").content.decode()
    filer.refresh_from_db()
    assert filer.check_password(NEW_PASSWORD)


def test_other_sessions_end_with_the_old_password(filer) -> None:
    here, elsewhere = Client(), Client()
    log_in(here, "filer")
    log_in(elsewhere, "filer")
    change(here)
    assert is_logged_in(here)
    assert not is_logged_in(elsewhere)


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        ("wrong", NEW_PASSWORD, "", "旧密码"),
        (PASSWORD, NEW_PASSWORD, "something else", "不"),
        (PASSWORD, "short", "", "10"),
        (PASSWORD, "1234567890123", "", "还缺少大写字母、小写字母、其他符号中的2种"),
        (PASSWORD, "Password1234", "", "常见"),
        (PASSWORD, "Filer-2024", "", "密码中不能有用户名"),
        (PASSWORD, PASSWORD, "", "最近 3 次"),
        (PASSWORD, "", "", "必填"),
    ],
)
def test_a_password_that_cannot_be_is_refused_with_the_reason(
    client, filer, *, old: str, new: str, again: str, message: str
) -> None:
    log_in(client, "filer")
    answer = change(client, old, new, again)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    filer.refresh_from_db()
    assert filer.check_password(PASSWORD)


def test_the_page_needs_a_login(client, db) -> None:
    assert client.get(reverse("password")).status_code == 302
    assert change(client).status_code == 302
