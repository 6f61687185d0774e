"""After approval, in a browser: recalled, adjusted, given up, corrected; everybody is told."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from declarations.models import Declaration, Notice, NoticeKind, State, User
from tests import factories
from tests.browser.conftest import check_accessible
from tests.factories import reread

GOAL = "text/overall_goal"
REASON = "年中追加预算 50 万元，资助人数相应提高。"


def approved(filer: User, reviewer: User, declaration: Declaration) -> None:
    factories.fill_in(filer, declaration)
    factories.type_into(filer, declaration, **factories.balanced("10"))
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)


def confirm(page: Page) -> None:
    page.locator("#confirm").get_by_role("button", name="确定").click()


def type_goal(page: Page, text: str) -> None:
    page.locator(f'[name="{GOAL}"]').fill(text)
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")


def submit(page: Page) -> None:
    page.locator("#submit").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")


def begin(page: Page) -> None:
    page.get_by_role("link", name="申请调整").click()
    expect(page.get_by_label("调整理由")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="开始调整").click()
    expect(page.get_by_text("请写明调整理由")).to_be_visible()
    check_accessible(page)
    page.get_by_label("调整理由").fill(REASON)
    page.get_by_role("button", name="开始调整").click()
    expect(page.locator(".notes")).to_contain_text("本页是调整稿，尚未生效")


def test_adjusted_recalled_returned_approved(
    person: Any, filer: User, reviewer: User, declaration: Declaration
) -> None:
    approved(filer, reviewer, declaration)
    mine, theirs = person(filer), person(reviewer)
    page = mine.go(f"/declarations/{declaration.pk}/")
    begin(page)
    check_accessible(page)
    type_goal(page, "调整后的目标")
    submit(page)
    check_accessible(page)
    page.get_by_role("button", name="撤回").click()
    confirm(page)
    expect(page.locator(".messages")).to_contain_text("已撤回")
    assert reread(declaration).state == State.ADJUSTING
    type_goal(page, "再改一次的目标")
    submit(page)

    review = theirs.go(f"/declarations/{declaration.pk}/")
    expect(review.locator(".notes")).to_contain_text("现行版本是第1版")
    expect(review.locator(".notes")).to_contain_text(REASON)
    expect(review.get_by_role("heading", name=re.compile("与第1版相比：修改 1 格"))).to_be_visible()
    check_accessible(review)
    review.get_by_role("button", name="审核通过").click()
    confirm(review)
    expect(review.locator(".messages")).to_contain_text("通过")
    now = reread(declaration)
    assert (now.state, now.approved.number) == (State.APPROVED, 3)
    page.reload()
    expect(page.locator(".standing")).to_contain_text("现行版本为调整后的第3版")
    check_accessible(page)


def test_given_up_by_keyboard(
    person: Any, filer: User, reviewer: User, declaration: Declaration
) -> None:
    approved(filer, reviewer, declaration)
    before = reread(declaration).approved.content["texts"]["overall_goal"]
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    begin(page)
    type_goal(page, "不该这样改")
    page.get_by_role("link", name="放弃调整").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="放弃调整")).to_be_visible()
    expect(page.locator("main")).to_contain_text("修改 1 格")
    check_accessible(page)
    page.get_by_role("button", name="放弃调整").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("内容恢复为现行版本")
    expect(page.locator(".standing")).to_contain_text("已通过")
    assert factories.value_of(declaration, GOAL) == before


def test_corrected_by_the_bureau(
    person: Any, filer: User, reviewer: User, declaration: Declaration
) -> None:
    approved(filer, reviewer, declaration)
    page = person(reviewer).go(f"/declarations/{declaration.pk}/?cell={GOAL}")
    page.get_by_role("link", name="更正这一格").click()
    expect(page.get_by_label("更正为")).to_be_visible()
    check_accessible(page)
    page.get_by_label("更正为").fill("更正后的目标")
    page.get_by_label("名称或内容").fill("基本支出")
    page.keyboard.press("Enter")
    page.locator(".results button", has_text="基本支出").click()
    expect(page.get_by_label("更正为").first).to_have_value("更正后的目标")
    budget = page.locator('[name="value/funding/basic/budget"]')
    budget.fill("很多")
    page.get_by_label("更正理由").fill("与部门预算批复不一致")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.locator(".invalid-feedback")).to_be_visible()
    check_accessible(page)
    budget.fill("12")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.locator("main")).to_contain_text("不能更正，请返回修改")
    expect(page.get_by_role("button", name="确认更正")).to_have_count(0)
    check_accessible(page)
    page.get_by_role("button", name="返回修改").click()
    page.get_by_role("button", name=re.compile(r"不更正这一格\s*：.*基本支出")).click()
    expect(budget).to_have_count(0)
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.locator("main")).to_contain_text("将更正 1 格")
    check_accessible(page)
    page.get_by_role("button", name="确认更正").click()
    expect(page.locator(".messages")).to_contain_text("已更正")

    notice = Notice.objects.get(kind=NoticeKind.CORRECTED)
    assert notice.recipient == filer
    assert "改为“更正后的目标”" in notice.text
    mine = person(filer).go(f"/declarations/{declaration.pk}/")
    note = mine.locator(".notes summary")
    expect(note).to_contain_text("财政局更正过现行版本")
    note.click()
    expect(mine.locator(".notes")).to_contain_text("与部门预算批复不一致")
    check_accessible(mine)
    mine.get_by_role("link", name="在表上查看更正前后的差别").click()
    expect(mine).to_have_url(re.compile(r"/revisions/\d+/\?changes=1"))
    expect(mine.locator("main")).to_contain_text("更正后的目标")
    check_accessible(mine)
