"""E-mails, over the real queue to a real mail server: once each, tried again, given up, sent again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.mailing import forget_old, resend, resend_failed, send_notices
from declarations.domain.notifying import AT_ONCE, notify
from declarations.models import Declaration, Event, EventKind, Notice, NoticeKind, Role, User
from declarations.queries.notices import MOST_ATTEMPTS, Delivery, posted
from declarations.tasks.mail import WAITS
from tests import factories
from tests.mail_server import MailServer, mail_server
from tests.races import at_once
from tests.working import empty_queue, jobs, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queue")]
SEND = "declarations.send_notices"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    settings.ADDRESS = "https://jixiao.example"
    with mail_server() as running:
        settings.EMAIL_PORT = running.port
        yield running


def people(count: int = 1, **fields: Any) -> list[User]:
    bureau = factories.BureauFactory.create(name="番禺区财政局")
    return [
        factories.UserFactory.create(bureau=bureau, email=f"user{n}@example.com", **fields)
        for n in range(count)
    ]


def tell(recipients: list[User], **more: Any) -> list[Notice]:
    words = {
        "title": "“2023年目标”已退回，请修改",
        "text": "请于三日内修改。\n1. 总体目标：请细化。",
    }
    return notify(recipients, kind=NoticeKind.RETURNED, **{**words, **more})


def time_passes() -> timedelta:
    """Until the job that waits longest may be done; how long that is."""
    waiting = ProcrastinateJob.objects.filter(status="todo", scheduled_at__isnull=False)
    wait = waiting.latest("scheduled_at").scheduled_at - timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    return wait


def test_an_email_says_what_the_notice_says(
    server: MailServer, declaration: Declaration, filer: User, monkeypatch: Any
) -> None:
    User.objects.filter(pk=filer.pk).update(email="filer@example.com")
    filer.refresh_from_db()
    tell([filer], declaration=declaration)
    work(monkeypatch)
    (letter,) = server.letters
    assert letter["To"] == "filer@example.com"
    assert letter["From"] == configured.DEFAULT_FROM_EMAIL
    assert letter["Subject"].strip() == "【绩效申报】“2023年目标”已退回，请修改"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content_charset() == "utf-8"
    assert (
        letter.get_content().replace("\r", "")
        == f"""\
填报人甲：

请于三日内修改。
1. 总体目标：请细化。

查看：https://jixiao.example/declarations/{declaration.pk}/

{filer.bureau.name} 绩效申报系统（本邮件由系统自动发送，请勿回复）
"""
    )
    notice = filer.notices.get()
    assert (notice.attempts, notice.error, posted(notice).delivery) == (1, "", Delivery.SENT)
    assert jobs(task_name=SEND) == ["succeeded"]


def test_many_go_over_few_connections(server: MailServer, monkeypatch: Any) -> None:
    tell(people(AT_ONCE + 3))
    assert jobs(task_name=SEND) == ["todo", "todo"]
    work(monkeypatch)
    assert len(set(server.addresses())) == len(server.letters) == AT_ONCE + 3
    assert server.connections == 2


def test_who_has_no_address_is_sent_nothing(server: MailServer) -> None:
    without = factories.UserFactory.create()
    (notice,) = tell([without])
    (other,) = tell(people(), by_email=False)
    assert (notice.email, other.email) == ("", "")
    assert jobs(task_name=SEND) == []


def test_without_a_mail_server_nothing_is_handed_to_the_queue(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    (notice,) = tell(people())
    assert notice.email == "user0@example.com"
    assert posted(notice).label == "未发送"
    assert jobs(task_name=SEND) == []


def test_what_is_rolled_back_is_neither_told_nor_sent(server: MailServer) -> None:
    with transaction.atomic():
        tell(people())
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert jobs(task_name=SEND) == []


def test_a_refused_address_stops_no_other_and_is_tried_again(
    server: MailServer, monkeypatch: Any
) -> None:
    server.unknown = {"user1@example.com"}
    tell(people(3))
    work(monkeypatch)
    assert server.addresses() == ["user0@example.com", "user2@example.com"]
    notice = Notice.objects.get(sent_at=None)
    assert notice.error == "邮件服务器不接受这个地址：550 no such user"
    assert posted(notice).delivery is Delivery.RETRYING
    server.unknown = set()
    work(monkeypatch)
    assert len(server.letters) == 2, "not before its time"
    time_passes()
    work(monkeypatch)
    assert server.addresses()[2:] == ["user1@example.com"], "and only what was not sent"
    assert not Notice.objects.filter(sent_at=None).exists()
    assert jobs(task_name=SEND) == ["succeeded"]


def test_it_is_given_up_after_growing_waits_and_can_be_sent_again(
    server: MailServer, settings: Any, monkeypatch: Any
) -> None:
    (person,) = people()
    tell([person, *people(1, username="second")])
    port, settings.EMAIL_PORT = server.port, 1  # nothing listens there
    waits = []
    work(monkeypatch)
    while jobs(task_name=SEND) == ["todo"]:
        waits.append(round(time_passes().total_seconds()))
        work(monkeypatch)
    assert [w - wait for w, wait in zip(WAITS, waits, strict=True) if w - wait > 5] == []
    assert len(waits) == MOST_ATTEMPTS - 1
    for notice in Notice.objects.all():
        assert posted(notice).delivery is Delivery.FAILED
        assert notice.error.startswith("无法连接邮件服务器：")
        assert notice.attempts == MOST_ATTEMPTS
    settings.EMAIL_PORT = port
    administrator = factories.UserFactory.create(bureau=person.bureau, role=Role.SYSTEM)
    assert resend_failed(administrator) == 1, "the other is another bureau's"
    work(monkeypatch)
    assert server.addresses() == [person.email]
    event = Event.objects.get(kind=EventKind.EMAIL_RESENT)
    assert (event.actor, event.data) == (administrator, {"to": [person.email]})


def test_what_is_sent_is_not_sent_again(server: MailServer, monkeypatch: Any) -> None:
    (person,) = people()
    (notice,) = tell([person])
    work(monkeypatch)
    administrator = factories.UserFactory.create(bureau=person.bureau, role=Role.SYSTEM)
    resend(administrator, notice_id=notice.pk)
    send_notices([notice.pk])
    work(monkeypatch)
    assert len(server.letters) == 1
    assert not Event.objects.filter(kind=EventKind.EMAIL_RESENT).exists()


def test_two_workers_at_once_send_it_once(server: MailServer) -> None:
    notices = [notice.pk for notice in tell(people(20))]
    assert at_once(*[lambda: send_notices(notices)] * 4).count(None) >= 1
    send_notices(notices)
    assert len(set(server.addresses())) == len(server.letters) == 20


def test_only_the_system_administrator_of_the_bureau_sends_again(server: MailServer) -> None:
    (person,) = people()
    (notice,) = tell([person])
    with pytest.raises(NotPermittedError):
        resend(person, notice_id=notice.pk)
    empty_queue()
    resend(factories.UserFactory.create(role=Role.SYSTEM), notice_id=notice.pk)
    assert jobs(task_name=SEND) == [], "another bureau's is out of reach"


def test_it_is_said_that_there_is_no_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    administrator = factories.UserFactory.create(role=Role.SYSTEM)
    with pytest.raises(RefusedError, match="还没有配置邮件服务器"):
        resend_failed(administrator)


def test_what_has_a_key_is_told_once_also_by_four_at_once(server: MailServer) -> None:
    recipients = people(3)
    told = at_once(*[lambda: tell(recipients, key="round/1/opened")] * 4)
    assert sum(len(notices) for notices in told) == 3
    assert Notice.objects.count() == 3


def test_notices_are_kept_for_two_years() -> None:
    old, new = tell(people(2))
    Notice.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=731))
    assert forget_old() == 1
    assert Notice.objects.get() == new
