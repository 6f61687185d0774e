"""One's account in the pages: what is asked of it first, sessions, the second factor, idling."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from declarations.domain import second_factor
from declarations.models import Bureau, Event, EventKind, SecondFactor, Session, User
from tests.codes import code, equip
from tests.factories import PASSWORD
from tests.test_queries import counted
from tests.views.asking import FROM_SCRIPT, post_json

NEW = "Another good password"


def log_in(client: Any, user: User, **headers: str) -> Any:
    fields = {"username": user.username, "password": PASSWORD}
    return client.post(reverse("login"), fields, headers=headers)


def kinds(user: User) -> list[tuple[str, bool]]:
    found = Event.objects.filter(actor=user).order_by("pk")
    return list(found.values_list("kind", "succeeded"))


def require(user: User, wanted: SecondFactor) -> None:
    Bureau.objects.filter(pk=user.bureau_id).update(second_factor=wanted)


# The record


def test_logging_in_and_out_is_on_record_with_the_address(client, filer) -> None:
    log_in(client, filer)
    client.post(reverse("logout"))
    assert kinds(filer) == [("logged_in", True), ("logged_out", True)]
    assert {e.ip for e in Event.objects.filter(actor=filer)} == {"127.0.0.1"}


def test_wrong_passwords_are_for_known_names_only(client, filer) -> None:
    for name in ("filer", "nobody", PASSWORD):
        client.post(reverse("login"), {"username": name, "password": "wrong"})
    assert kinds(filer) == [("login_failed", False)]
    assert not Event.objects.exclude(actor=filer).exists()
    assert "wrong" not in str(list(Event.objects.values()))


def test_a_lockout_is_told_once(client, filer) -> None:
    for _ in range(7):
        client.post(reverse("login"), {"username": "filer", "password": "wrong"})
    assert kinds(filer).count(("locked_out", False)) == 1
    assert kinds(filer).count(("login_failed", False)) == 7


# What comes first


@pytest.mark.parametrize("days", [None, 90, 91])
def test_who_must_change_the_password_is_led_there_from_everywhere(
    as_user, filer, declaration, days: int | None
) -> None:
    changed = None if days is None else timezone.now() - timedelta(days=days)
    User.objects.filter(pk=filer.pk).update(password_changed_at=changed)
    client = as_user(filer)
    for address in ("/", reverse("declaration", args=[declaration.pk]), reverse("account")):
        assert client.get(address)["Location"] == reverse("password")
    page = client.get(reverse("password")).content.decode()
    assert ("别人给的" in page) is (days is None)
    assert ("已经用了 90 天" in page) is (days is not None)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("password"), fields)["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_day_before_nothing_is_asked(as_user, filer) -> None:
    then = timezone.now() - timedelta(days=89, hours=23)
    User.objects.filter(pk=filer.pk).update(password_changed_at=then)
    assert as_user(filer).get("/").status_code == 200


def test_the_editor_is_told_and_keeps_its_text(as_user, filer, declaration) -> None:
    client = as_user(filer)
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    answer = post_json(client, "cells", declaration, {"changes": []})
    assert answer.status_code == 403
    assert answer.json()["code"] == "password"
    assert "已填写的内容不会丢失" in answer.json()["message"]


def test_one_can_always_log_out(as_user, filer) -> None:
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    assert as_user(filer).post(reverse("logout"))["Location"] == reverse("login")


def test_who_must_have_a_second_factor_is_led_to_set_it_up(as_user, filer) -> None:
    require(filer, SecondFactor.EVERYBODY)
    client = as_user(filer)
    assert client.get("/")["Location"] == reverse("second-factor")
    assert client.get(reverse("account"))["Location"] == reverse("second-factor")
    answer = client.get("/", headers=FROM_SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (403, "second-factor")
    page = client.get(reverse("second-factor")).content.decode()
    assert "要求您的岗位启用动态口令" in page
    key = client.session["second_factor_key"]
    shown = client.post(reverse("second-factor"), {"code": code(key)})
    assert shown.context["codes"]
    assert "no-store" in shown["Cache-Control"]
    assert client.get("/").status_code == 200


def test_the_password_comes_before_the_second_factor(as_user, filer) -> None:
    require(filer, SecondFactor.EVERYBODY)
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    client = as_user(filer)
    assert client.get(reverse("second-factor"))["Location"] == reverse("password")
    assert client.get(reverse("password")).status_code == 200


# Logging in with a code


def test_a_password_alone_is_as_good_as_nothing(client, filer) -> None:
    equip(filer)
    assert log_in(client, filer)["Location"] == reverse("login-code")
    for address in ("/", reverse("account"), reverse("second-factor"), reverse("password")):
        assert client.get(address)["Location"].startswith(reverse("login"))
    assert client.get("/", headers=FROM_SCRIPT).status_code == 401
    assert not Session.objects.filter(user=filer).exists()
    assert not Event.objects.filter(kind=EventKind.LOGGED_IN).exists()


def test_nor_does_it_open_any_address(client, filer) -> None:
    equip(filer)
    log_in(client, filer)
    nobody = Client()
    for pattern in get_resolver().url_patterns:
        if pattern.name in ("login", "login-code"):
            continue
        kinds_ = re.findall(r"<(\w+):", str(pattern.pattern))
        address = reverse(pattern.name, args=[1 if kind == "int" else "x" for kind in kinds_])
        for method in ("get", "post"):
            answers = [getattr(who, method)(address) for who in (client, nobody)]
            found = [(a.status_code, a.get("Location")) for a in answers]
            assert found[0] == found[1], address


def test_the_code_logs_in_to_where_one_wanted_to_go(client, filer, declaration) -> None:
    equip(filer)
    wanted = reverse("declaration", args=[declaration.pk])
    fields = {"username": "filer", "password": PASSWORD, "next": wanted}
    client.post(reverse("login"), fields)
    before = client.session.session_key
    assert client.post(reverse("login-code"), {"code": code()})["Location"] == wanted
    assert client.get(wanted).status_code == 200
    assert client.session.session_key != before
    assert Event.objects.get(kind=EventKind.LOGGED_IN).data == {"code": True}


def test_a_wrong_code_says_so(client, filer) -> None:
    equip(filer)
    log_in(client, filer)
    page = client.post(reverse("login-code"), {"code": "abcdefgh"})
    assert "恢复码不正确" in page.content.decode()
    assert client.get("/").status_code == 302


def test_a_recovery_code_says_how_many_are_left(client, filer) -> None:
    codes = equip(filer)
    log_in(client, filer)
    client.post(reverse("login-code"), {"code": codes[3]})
    assert "还剩 9 个" in client.get("/").content.decode()


def test_without_a_password_before_it_there_is_no_code(client, db) -> None:
    assert client.get(reverse("login-code"))["Location"] == reverse("login")
    answer = client.post(reverse("login-code"), {"code": "123456"}, headers=FROM_SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (400, "password")


@pytest.mark.parametrize("change", ["password", "stopped", "time"])
def test_the_right_password_is_good_for_ten_minutes_and_as_long_as_it_is(
    client, filer, change: str
) -> None:
    equip(filer)
    log_in(client, filer)
    if change == "password":
        filer.set_password(NEW)
        filer.save(update_fields=["password"])
    elif change == "stopped":
        User.objects.filter(pk=filer.pk).update(is_active=False)
    else:
        session = client.session
        session["waiting_for_code"] = session["waiting_for_code"] | {"since": 0}
        session.save()
    assert client.post(reverse("login-code"), {"code": code()})["Location"] == reverse("login")
    assert client.get("/").status_code == 302


def test_a_script_logs_in_with_both(client, filer) -> None:
    equip(filer)
    assert log_in(client, filer, **FROM_SCRIPT).json() == {"code": True}
    wrong = client.post(reverse("login-code"), {"code": "x"}, headers=FROM_SCRIPT)
    assert (wrong.status_code, "恢复码不正确" in wrong.json()["message"]) == (400, True)
    right = client.post(reverse("login-code"), {"code": code()}, headers=FROM_SCRIPT)
    assert right.json() == {"user": filer.pk}
    assert client.get("/").status_code == 200


def test_a_factor_set_up_since_is_asked_for(client, filer, monkeypatch) -> None:
    """Between looking whether there is one and storing the session."""
    equip(filer)
    answers = iter([False, True])
    monkeypatch.setattr(second_factor, "is_set_up", lambda _user: next(answers))
    answer = log_in(client, filer)
    assert answer.status_code == 200
    assert "已启用动态口令，请重新登录" in answer.content.decode()
    assert not Session.objects.filter(user=filer).exists()


# Managing it


def test_the_key_stays_until_it_is_confirmed(as_user, filer) -> None:
    client = as_user(filer)
    first = client.get(reverse("second-factor")).context["key"]
    wrong = client.post(reverse("second-factor"), {"code": "000"})
    assert "动态口令不正确" in wrong.content.decode()
    assert wrong.context["key"] == first
    assert wrong.context["qr"].startswith("data:image/svg+xml")


def test_setting_up_twice_asks_for_the_password(as_user, filer) -> None:
    client = as_user(filer)
    client.get(reverse("second-factor"))
    key = client.session["second_factor_key"]
    client.post(reverse("second-factor"), {"code": code(key)})
    again = client.post(reverse("second-factor"), {"code": code(key)})
    assert again.status_code == 200
    assert "codes" not in again.context
    assert second_factor.recovery_codes_left(filer) == 10


def test_new_recovery_codes_and_removal_want_the_password(as_user, filer) -> None:
    old = equip(filer)
    client = as_user(filer)
    for name in ("recovery-codes", "second-factor-remove"):
        assert "密码不正确" in client.post(reverse(name), {"password": "x"}).content.decode()
    shown = client.post(reverse("recovery-codes"), {"password": PASSWORD})
    assert not set(shown.context["codes"]) & set(old)
    client.post(reverse("second-factor-remove"), {"password": PASSWORD})
    assert not second_factor.is_set_up(filer)


# Sessions


def test_ones_sessions_are_listed_and_ended(filer) -> None:
    here, elsewhere = Client(), Client(headers={"User-Agent": "Mozilla (Windows) Firefox/1"})
    log_in(here, filer)
    log_in(elsewhere, filer)
    views = here.get(reverse("account")).context["sessions"]
    assert [(v.device, v.is_this_one) for v in views] == [
        ("其他浏览器", True),
        ("火狐浏览器，Windows", False),
    ]
    for view, left in ((views[0], 200), (views[1], 302), (views[1], 302)):
        here.post(reverse("session-end"), {"session": view.name})
        assert elsewhere.get("/").status_code == left
    assert here.get("/").status_code == 200


def test_all_others_are_ended_at_once(filer) -> None:
    here, elsewhere = Client(), Client()
    log_in(here, filer)
    log_in(elsewhere, filer)
    here.post(reverse("session-end-others"))
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_nobody_ends_another_persons(as_user, filer, colleague) -> None:
    theirs = Client()
    log_in(theirs, colleague)
    view = theirs.get(reverse("account")).context["sessions"][0]
    as_user(filer).post(reverse("session-end"), {"session": view.name})
    assert theirs.get("/").status_code == 200


# Idling


def idle(minutes: float) -> None:
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=minutes))


def test_who_does_nothing_for_too_long_is_logged_out_and_told(as_user, filer) -> None:
    client = as_user(filer)
    idle(30.5)
    assert client.get("/").status_code == 200
    idle(31.5)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/login/?next=/", 302)]
    assert "您长时间没有操作，已自动退出" in answer.content.decode()
    assert not Session.objects.filter(user=filer).exists()


def test_a_script_is_told_by_401_and_logs_in_again_in_place(as_user, filer, declaration) -> None:
    client = as_user(filer)
    idle(40)
    assert post_json(client, "cells", declaration, {"changes": []}).status_code == 401
    assert log_in(client, filer, **FROM_SCRIPT).json() == {"user": filer.pk}
    assert post_json(client, "cells", declaration, {"changes": []}).status_code == 200


def test_what_a_page_reads_by_itself_keeps_nobody_logged_in(as_user, filer, declaration) -> None:
    client = as_user(filer)
    outline = reverse("outline", args=[declaration.pk])
    for asked, touched in (
        (lambda: client.get(outline, headers={"HX-Request": "true"}), False),
        (lambda: client.post(reverse("session-alive"), headers=FROM_SCRIPT), True),
    ):
        idle(20)
        before = Session.objects.get(user=filer).seen_at
        assert asked().status_code in (200, 204)
        assert (Session.objects.get(user=filer).seen_at > before) is touched


def test_an_ordinary_request_asks_for_the_session_and_the_person_and_no_more(
    as_user, filer
) -> None:
    """Idling, the age of the password and the second factor cost no query of their own."""
    client = as_user(filer)
    require(filer, SecondFactor.OPTIONAL)
    address = reverse("session-alive")
    with counted() as queries:
        client.post(address)
    assert len(queries) == 2, queries
    idle(2)
    with counted() as queries:
        client.post(address)
    assert len(queries) == 3, queries


def test_the_pages_take_the_same_for_one_session_and_twenty(as_user, filer, keeper) -> None:
    found = []
    for _ in range(2):
        for _ in range(10):
            log_in(Client(), filer)
        client = as_user(keeper)
        for name in ("account", "security", "security-accounts", "security-sessions"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse(name)).status_code == 200
            found.append(len(captured))
    assert found[:4] == found[4:]
