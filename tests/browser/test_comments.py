"""Said of a cell, a row and a section, answered, mended, seen beside the change, and settled."""

import re

from playwright.sync_api import expect

from declarations.models import Comment, CommentState, Declaration
from tests import factories
from tests.browser.conftest import check_accessible
from tests.factories import type_into

GOAL = "text/overall_goal"


def test_comments_from_the_first_word_to_the_last(person, filer, reviewer, declaration):
    type_into(filer, declaration, **{GOAL: "为残疾人提供康复服务。"})
    factories.submitted(filer, declaration)
    row = factories.anchors(declaration, "indicators.target")[0].rpartition("/")[0]
    say_it(person(reviewer).go(f"/declarations/{declaration.pk}/"), row)
    answer_and_mend(person(filer), declaration, row)
    see_and_settle(person(reviewer), declaration)
    go_from_change_to_change(person(reviewer), declaration)
    assert {c.state for c in Comment.objects.filter(parent=None)} == {CommentState.RESOLVED}


def say_it(page, row: str) -> None:
    page.locator(f'a.cell[data-anchor="{GOAL}"]').click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("radio", name="这一格")).to_be_checked()
    expect(panel.get_by_role("textbox", name="批注")).to_be_focused()
    page.keyboard.type("请写明服务对象。")
    panel.get_by_role("button", name="添加批注").click()
    expect(panel).to_contain_text("请写明服务对象。")
    # a row, by keyboard alone
    cell = page.locator(f'a.cell[data-anchor="{row}/target"]')
    cell.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name=re.compile("年度指标值"))).to_be_visible()
    radio = panel.get_by_role("radio", name="这一格")
    radio.focus()
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_role("radio", name="这一行：绩效指标 第1行")).to_be_checked()
    panel.get_by_role("textbox", name="批注").focus()
    page.keyboard.type("这一行没有依据。")
    check_accessible(page)
    panel.get_by_role("button", name="添加批注").click()
    expect(panel).to_contain_text("这一行没有依据。")
    # a section
    panel.get_by_role("link", name="全部批注").click()
    panel.get_by_text("对整份申报或某一部分批注").click()
    panel.get_by_label("批注对象").select_option("这一部分：预算整体情况")
    panel.get_by_role("textbox", name="批注").fill("请与部门预算核对。")
    panel.get_by_role("button", name="添加批注").click()
    expect(panel.locator(".comment")).to_have_count(3)
    expect(page.locator("#sheet .badge")).to_have_count(3)
    check_accessible(page)
    page.get_by_role("button", name=re.compile("^退回")).click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已退回")


def answer_and_mend(someone, declaration: Declaration, row: str) -> None:
    page = someone.go("/comments/")
    check_accessible(page)
    of_section = page.locator(".comment", has_text="请与部门预算核对。")
    of_section.locator("summary").click()
    of_section.get_by_label("回复内容").fill("已核对，一致。")
    of_section.get_by_role("button", name="发送回复").click()
    expect(page.locator(".comment", has_text="已核对，一致。")).to_contain_text("部门已回复")
    page.get_by_role("link", name="绩效指标 第1行").click()
    cell = page.locator(f'[name="{row}/target"]')
    cell.fill("不少于200人")
    page.keyboard.press("Tab")
    page.locator(f'[name="{GOAL}"]').fill("为残疾儿童提供康复服务。")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="对比修改").click()
    expect(page.get_by_role("heading", name=re.compile("^正在填写的内容与第1版"))).to_contain_text(
        "2 格"
    )
    check_accessible(page)
    page.get_by_role("link", name="返回申报").click()
    page.get_by_role("link", name="重新提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已于")


def see_and_settle(someone, declaration: Declaration) -> None:
    page = someone.go(f"/declarations/{declaration.pk}/")
    panel = page.locator("#panel")
    of_cell = panel.locator(".comment", has_text="请写明服务对象。")
    expect(of_cell).to_contain_text("部门已修改")
    expect(of_cell.locator("del")).to_contain_text("人")
    expect(of_cell.locator("ins")).to_contain_text("儿童")
    of_row = panel.locator(".comment", has_text="这一行没有依据。")
    expect(of_row).to_contain_text("部门已修改 1 格")
    expect(of_row.locator("ins")).to_contain_text("不少于200人")
    of_section = panel.locator(".comment", has_text="请与部门预算核对。")
    expect(of_section).to_contain_text("尚未修改")
    expect(of_section).to_contain_text("已核对，一致。")
    check_accessible(page)
    for left in (2, 1, 0):
        panel.get_by_role("button", name=re.compile("^标为已解决")).first.click()
        expect(panel.get_by_role("button", name=re.compile("^标为已解决"))).to_have_count(left)
    panel.get_by_text("已解决的批注").click()
    expect(panel.locator(".comment")).to_have_count(3)
    check_accessible(page)
    panel.get_by_role("button", name=re.compile("^重新打开")).first.click()
    panel.get_by_role("button", name=re.compile("^标为已解决")).click()
    expect(panel.get_by_role("button", name=re.compile("^标为已解决"))).to_have_count(0)


def go_from_change_to_change(someone, declaration: Declaration) -> None:
    page = someone.go(f"/declarations/{declaration.pk}/compare/?from=1&to=2")
    check_accessible(page)
    changed = page.locator("#sheet .cell.changed")
    expect(changed).to_have_count(2)
    page.keyboard.press("Alt+ArrowDown")
    expect(changed.nth(0)).to_be_focused()
    expect(page.locator("#step")).to_have_text("第 1 处，共 2 处")
    page.keyboard.press("Alt+ArrowDown")
    expect(changed.nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(changed.nth(0)).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(changed.nth(1)).to_be_focused()
    page.get_by_role("link", name="总体绩效目标").click()
    expect(changed.nth(0)).to_be_focused()
    page.get_by_label("原版本").select_option("第2版（审核中）")
    page.get_by_label("新版本").select_option("第1版（已退回）")
    page.get_by_role("button", name="对比").click()
    expect(page.get_by_role("heading", name=re.compile("^第1版（已退回）与第2版"))).to_be_visible()
    page.goto(f"{someone.server}/declarations/{declaration.pk}/history/?cell={GOAL}")
    expect(page.locator(".milestone")).to_have_count(2)
    check_accessible(page)
    page.goto(f"{someone.server}/declarations/{declaration.pk}/comments/all/")
    expect(page.locator(".comment")).to_have_count(3)
    check_accessible(page)
