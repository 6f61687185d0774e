"""The notices one got, the number at the top of every page, and the bureau's outbox."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.domain.notifying import Message, notify_all
from declarations.models import Declaration, Notice, NoticeKind, Role, User
from declarations.queries.notices import MANY, MOST_ATTEMPTS
from declarations.views.notices import AT_ONCE
from tests import factories
from tests.test_queries import assert_count, queries_of

INDEX, OUTBOX = "/notices/", "/outbox/"


def tell(*people: User, count: int = 1, **more: Any) -> list[Notice]:
    words = {"kind": NoticeKind.RETURNED, "title": "已退回，请修改", "text": "请补充依据。"}
    return notify_all(
        Message(people, **{**words, "title": f"第{n}条：已退回", **more}) for n in range(count)
    )


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(html: str) -> list[str]:
    """The headings of the notices on a page, without what is said of their state."""
    found = re.findall(r'<h[23] id="(?:notice|mail)-\d+">(.*?)</h', html)
    return [re.sub(r"<span.*?</span>\s*", "", title) for title in found]


@pytest.fixture
def with_email(filer: User) -> User:
    filer.email = "filer@example.com"
    filer.save()
    return filer


def test_the_number_of_unread_ones_is_on_every_page(as_user, filer) -> None:
    client = as_user(filer)
    assert "条未读" not in page(client, "/")
    tell(filer, count=3)
    assert '通知 <span class="badge">3</span><span class="unseen"> 条未读</span>' in page(
        client, "/"
    )
    tell(filer, count=MANY)
    assert f'<span class="badge">{MANY - 1}+</span>' in page(client, "/")


def test_unread_ones_come_first_and_the_others_on_demand(as_user, filer) -> None:
    client = as_user(filer)
    (old,) = tell(filer, title="读过的")
    tell(filer, title="没有读过的")
    client.post(reverse("notice-read", args=[old.pk]))
    assert titles(page(client, INDEX)) == ["没有读过的"]
    assert titles(page(client, INDEX + "?all=")) == ["没有读过的", "读过的"]


def test_without_unread_ones_all_are_shown(as_user, filer) -> None:
    tell(filer, title="读过的")
    Notice.objects.update(read_at=timezone.now())
    assert titles(page(as_user(filer), INDEX)) == ["读过的"]


def test_opening_the_declaration_reads_the_notice(as_user, filer, declaration) -> None:
    (notice,) = tell(filer, declaration=declaration)
    client = as_user(filer)
    answer = client.post(reverse("notice-read", args=[notice.pk]), {"then": "open"})
    assert answer.url == reverse("declaration", args=[declaration.pk])
    notice.refresh_from_db()
    read_at = notice.read_at
    assert read_at is not None
    client.post(reverse("notice-read", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == read_at, "twice is once"


def test_marking_one_leads_back_to_the_same_page(as_user, filer) -> None:
    (notice,) = tell(filer)
    address = reverse("notice-read", args=[notice.pk]) + "?all=&page=2"
    assert as_user(filer).post(address).url == "/notices/?all=&page=2"


def test_what_came_since_the_page_was_loaded_stays_unread(as_user, filer, colleague) -> None:
    seen = tell(filer, count=2)
    (colleagues,) = tell(colleague)
    later = tell(filer, title="后来的")
    client = as_user(filer)
    client.post(reverse("notices-read"), {"until": seen[-1].pk})
    assert list(Notice.objects.filter(read_at=None)) == [*reversed(later), colleagues]
    assert client.post(reverse("notices-read"), {"until": "x"}).status_code == 404


def test_nobody_reads_anothers(as_user, filer, colleague) -> None:
    (notice,) = tell(filer)
    client = as_user(colleague)
    assert titles(page(client, INDEX)) == []
    assert client.post(reverse("notice-read", args=[notice.pk])).status_code == 404
    client.post(reverse("notices-read"), {"until": notice.pk})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_declaration_that_is_no_longer_ones_own_is_not_offered(
    as_user, filer, declaration
) -> None:
    tell(filer, declaration=declaration)
    client = as_user(filer)
    assert "打开申报" in page(client, INDEX)
    other = factories.DepartmentFactory.create(bureau=filer.bureau)
    User.objects.filter(pk=filer.pk).update(department=other)
    html = page(client, INDEX)
    assert titles(html)[0] == "第0条：已退回"
    assert "打开申报" not in html
    notice = filer.notices.get(kind=NoticeKind.RETURNED)
    answer = client.post(reverse("notice-read", args=[notice.pk]), {"then": "open"})
    assert answer.url == INDEX


def test_notices_are_filtered_by_kind_and_paged(as_user, filer) -> None:
    tell(filer, count=AT_ONCE + 1)
    tell(filer, kind=NoticeKind.REMINDER, title="提醒")
    client = as_user(filer)
    assert titles(page(client, INDEX + "?kind=reminder")) == ["提醒"]
    first = page(client, INDEX + "?kind=returned")
    assert len(titles(first)) == AT_ONCE
    assert "?kind=returned&amp;page=2" in first
    assert titles(page(client, INDEX + "?kind=returned&page=2")) == ["第0条：已退回"]
    for nonsense in ("?kind=x", "?page=x", "?page=0", "?page=99999999999999999999"):
        assert len(titles(page(client, INDEX + nonsense))) == AT_ONCE


def test_what_is_quoted_is_text(as_user, filer) -> None:
    tell(filer, text="<b>粗</b>", title="<i>斜</i>")
    html = page(as_user(filer), INDEX)
    assert "&lt;b&gt;粗&lt;/b&gt;" in html
    assert "<i>" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, AT_ONCE])
def test_queries_of_the_pages(as_user, with_email, administrator, declaration, count: int) -> None:
    tell(with_email, count=count, declaration=declaration)
    assert_count(queries_of(as_user(with_email), INDEX), 5)
    assert_count(queries_of(as_user(administrator), OUTBOX), 4)


# The outbox


def test_the_outbox_shows_what_would_be_sent(as_user, with_email, colleague, administrator) -> None:
    tell(with_email, colleague)
    html = page(as_user(administrator), OUTBOX)
    assert titles(html) == ["第0条：已退回"], "the colleague has no address"
    assert "filer@example.com" in html
    assert "请补充依据。" in html
    assert "没有配置邮件服务器" in html
    assert "未发送" in html
    assert "重新发送" not in html


def test_another_bureaus_e_mails_are_not_shown(as_user, with_email) -> None:
    (notice,) = tell(with_email)
    stranger = factories.UserFactory.create(role=Role.SYSTEM)
    client = as_user(stranger)
    assert titles(page(client, OUTBOX)) == []
    assert client.post(reverse("mail-resend", args=[notice.pk])).status_code == 404


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.SYSTEM])
def test_the_outbox_is_the_system_administrators(as_user, department, role: Role) -> None:
    of = department if role in (Role.FILER, Role.HEAD) else None
    user = factories.UserFactory.create(bureau=department.bureau, department=of, role=role)
    client = as_user(user)
    for address, method in ((OUTBOX, "get"), (reverse("outbox-resend"), "post")):
        assert getattr(client, method)(address).status_code == 404
    assert client.get(INDEX).status_code == 200


def test_what_stays_in_the_department_is_withheld(as_user, with_email, administrator) -> None:
    tell(with_email, internal=True, text="内部意见")
    html = page(as_user(administrator), OUTBOX)
    assert "内部意见" not in html
    assert "只在本部门内可见" in html
    assert "内部意见" in page(as_user(with_email), INDEX)


def test_e_mails_are_found_by_words_and_by_what_became_of_them(
    as_user, settings, with_email, administrator
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    tell(with_email, title="发出的")
    Notice.objects.update(sent_at=timezone.now(), attempts=1)
    tell(with_email, title="还在等的")
    tell(with_email, title="再试的")
    Notice.objects.filter(title="再试的").update(attempts=2, error="550 no such user")
    tell(with_email, title="放弃的")
    Notice.objects.filter(title="放弃的").update(attempts=MOST_ATTEMPTS, error="无法连接")
    client = as_user(administrator)
    found = {
        "sent": "发出的",
        "waiting": "还在等的",
        "retrying": "再试的",
        "failed": "放弃的",
    }
    for delivery, title in found.items():
        assert titles(page(client, f"{OUTBOX}?delivery={delivery}")) == [title]
    assert "已尝试 2 次。550 no such user" in page(client, f"{OUTBOX}?delivery=retrying")
    for words, count in (("filer@", 4), ("填报人甲", 4), ("放弃", 1), ("没有的", 0)):
        assert len(titles(page(client, f"{OUTBOX}?words={words}"))) == count
    assert len(titles(page(client, f"{OUTBOX}?kind=reminder"))) == 0


def test_a_failed_one_is_sent_again(as_user, settings, with_email, administrator) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    (notice,) = tell(with_email)
    Notice.objects.update(attempts=MOST_ATTEMPTS, error="无法连接")
    client = as_user(administrator)
    address = reverse("mail-resend", args=[notice.pk])
    assert address in page(client, OUTBOX)
    assert client.post(address + "?delivery=failed").url == "/outbox/?delivery=failed"
    notice.refresh_from_db()
    assert (notice.attempts, notice.error) == (0, "")
    assert client.post(reverse("outbox-resend")).url == OUTBOX


def test_sending_again_without_a_mail_server_is_refused(as_user, with_email, administrator) -> None:
    (notice,) = tell(with_email)
    client = as_user(administrator)
    client.post(reverse("mail-resend", args=[notice.pk]))
    assert "还没有配置邮件服务器" in page(client, OUTBOX)


def test_a_declarations_notice_leads_to_what_it_is_about(
    as_user, filer: User, reviewer: User, declaration: Declaration
) -> None:
    """From the act to the page, as people go."""
    factories.returned(filer, reviewer, declaration)
    html = page(as_user(filer), INDEX)
    assert titles(html)[0] == f"“{declaration.round}”已退回，请修改"
    assert "1. 整份申报：请补充依据。" in html
