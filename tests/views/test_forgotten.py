"""A forgotten password: the same answer for everybody, and a link that works once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from declarations.domain import accounts
from declarations.models import Event, EventKind, Notice, Session, User
from declarations.queries.security import locks_in
from tests.codes import equip
from tests.factories import PASSWORD
from tests.working import jobs, work

NEW = "Another good password"


@pytest.fixture(autouse=True)
def _a_mail_server(settings) -> None:
    settings.EMAIL_HOST = "mail.example.cn"


@pytest.fixture
def mailed(filer) -> User:
    User.objects.filter(pk=filer.pk).update(email="filer@example.cn")
    filer.refresh_from_db()
    return filer


def ask(client: Any, username: str) -> str:
    return client.post(reverse("password-forgotten"), {"username": username}).content.decode()


def waiting() -> int:
    return len(jobs(task_name="declarations.send_password_link"))


def link(user: User) -> str:
    mail.outbox.clear()
    accounts.send_link(user.pk)
    found = re.search(r"https?://\S+", mail.outbox[0].body)
    assert found
    return "/" + found[0].split("/", 3)[3]


def choose(client: Any, address: str, new: str = NEW) -> Any:
    return client.post(address, {"new_password1": new, "new_password2": new})


def test_everybody_is_answered_the_same(client, mailed, colleague) -> None:
    pages = [ask(Client(), name) for name in ("filer", "colleague", "nobody", "x" * 50)]
    assert "如果这个账号登记了电子邮箱" in pages[0]
    plain = {re.sub(r'value="\w{64}"', "", page) for page in pages}
    assert len(plain) == 1
    assert waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_the_queue_sends_it(client, mailed, queue, monkeypatch) -> None:
    ask(client, "filer")
    assert not mail.outbox
    work(monkeypatch)
    assert [m.to for m in mail.outbox] == [["filer@example.cn"]]
    assert jobs(task_name="declarations.send_password_link") == ["succeeded"]


def test_one_link_in_ten_minutes_and_the_person_is_told(client, mailed) -> None:
    for _ in range(3):
        ask(client, "filer")
    assert waiting() == 1
    notice = Notice.objects.get(recipient=mailed)
    assert "http" not in notice.text
    assert notice.email == ""


def test_the_stopped_get_none(client, mailed) -> None:
    User.objects.filter(pk=mailed.pk).update(is_active=False)
    ask(client, "filer")
    accounts.send_link(mailed.pk)
    assert waiting() == 0
    assert not mail.outbox


def test_without_a_mail_server_the_page_says_whom_to_ask(client, settings, mailed) -> None:
    settings.EMAIL_HOST = ""
    page = client.get(reverse("password-forgotten")).content.decode()
    assert "请联系系统管理员" in page
    ask(client, "filer")
    assert waiting() == 0


def test_the_link_leads_to_a_new_password_once(client, mailed) -> None:
    elsewhere = Client()
    elsewhere.force_login(mailed)
    address = link(mailed)
    assert mail.outbox[0].to == ["filer@example.cn"]
    page = client.get(address)
    assert "filer" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert choose(client, address)["Location"] == reverse("login")
    assert elsewhere.get("/").status_code == 302
    assert not Session.objects.filter(user=mailed).exists()
    for answer in (client.get(address), choose(client, address, "Third-password")):
        assert answer.status_code == 404
        assert "链接已失效" in answer.content.decode()
    mailed.refresh_from_db()
    assert mailed.check_password(NEW)
    assert mailed.password_changed_at is not None
    assert Event.objects.get(kind=EventKind.PASSWORD_RESET).actor == mailed


def test_the_rules_hold_for_it(client, mailed) -> None:
    address = link(mailed)
    assert "密码至少 10 个字符" in choose(client, address, "short").content.decode()
    assert "最近 3 次" in choose(client, address, PASSWORD).content.decode()
    assert choose(client, address).status_code == 302


def test_it_works_for_an_hour(client, mailed, monkeypatch) -> None:
    address = link(mailed)
    late = timezone.now() + timedelta(minutes=61)
    monkeypatch.setattr(
        "django.contrib.auth.tokens.PasswordResetTokenGenerator._now",
        lambda _self: late.astimezone().replace(tzinfo=None),
    )
    assert client.get(address).status_code == 404


def test_logging_in_makes_it_useless(client, mailed) -> None:
    address = link(mailed)
    client.post(reverse("login"), {"username": "filer", "password": PASSWORD})
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("name", ["MQ", "x", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "8J-YgA", "LTE"])
def test_a_made_up_link_is_none(client, mailed, name: str) -> None:
    assert client.get(reverse("password-reset", args=[name, "abc-def"])).status_code == 404


def test_it_ends_the_lock_but_not_the_second_factor(client, mailed) -> None:
    for _ in range(5):
        client.post(reverse("login"), {"username": "filer", "password": "wrong"})
    equip(mailed)
    choose(client, link(mailed))
    assert locks_in(mailed.bureau) == []
    answer = client.post(reverse("login"), {"username": "filer", "password": NEW})
    assert answer["Location"] == reverse("login-code")
