"""From the act to the person: the number at the top, the notice, its declaration; the outbox."""

from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from declarations.domain.notifying import notify
from declarations.domain.review import return_for_correction
from declarations.models import Declaration, Notice, NoticeKind, User
from declarations.queries.notices import MOST_ATTEMPTS
from tests import factories
from tests.browser.conftest import check_accessible


def test_from_the_number_to_the_declaration_by_keyboard(
    person: Any, filer: User, reviewer: User, declaration: Declaration
) -> None:
    factories.submitted(filer, declaration)
    Notice.objects.all().delete()
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请补充依据。")
    someone = person(filer)
    page = someone.page
    check_accessible(page)
    page.get_by_role("link", name="通知 1 条未读").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="通知", exact=True)).to_be_visible()
    notice = page.get_by_role("article", name="已退回，请修改")
    expect(notice).to_contain_text("1. 整份申报：请补充依据。")
    check_accessible(page)
    notice.get_by_role("button", name="打开申报").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/declarations/{declaration.pk}/")
    expect(page.get_by_role("link", name="通知", exact=True)).to_be_visible()
    page.get_by_role("link", name="通知", exact=True).click()
    page.get_by_text("查看内容").click()
    expect(page.get_by_text("整份申报：请补充依据。")).to_be_visible()
    check_accessible(page)


def test_all_are_marked_as_read(person: Any, filer: User) -> None:
    for number in range(3):
        notify([filer], kind=NoticeKind.REMINDER, title=f"提醒{number}", text="请及时提交。")
    page = person(filer).go("/notices/")
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("已将 3 条通知标为已读。")).to_be_visible()
    expect(page.get_by_text("条未读")).to_have_count(0)


def test_the_outbox_says_what_failed_and_sends_it_again(
    person: Any, settings: Any, filer: User, administrator: User
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    filer.email = "filer@example.com"
    filer.save()
    for title, columns in {
        "发出的": {"sent_at": timezone.now(), "attempts": 1},
        "在等的": {},
        "再试的": {"attempts": 1, "error": "无法连接邮件服务器：[Errno 111] Connection refused"},
        "放弃的": {"attempts": MOST_ATTEMPTS, "error": "邮件服务器不接受这个地址：550"},
    }.items():
        notify([filer], kind=NoticeKind.REMINDER, title=title, text="请及时提交。")
        Notice.objects.filter(title=title).update(**columns)
    page = person(administrator).go("/outbox/")
    check_accessible(page)
    page.get_by_label("状态").select_option("发送失败")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("article")).to_have_count(1)
    check_accessible(page)
    page.get_by_role("button", name="全部重新发送").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已将 1 封邮件重新排队发送")).to_be_visible()
    waiting = page.get_by_role("article", name="放弃的")
    expect(waiting).to_contain_text("等待发送")
