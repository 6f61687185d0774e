"""Working in the table: keys, rows, totals, the panel, and small screens."""

import re

import pytest
from playwright.sync_api import expect

from declarations.domain.commenting import add_comment
from declarations.domain.review import return_for_correction
from declarations.domain.submission import submit
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from tests import factories
from tests.browser.conftest import check_accessible


def open_editor(someone, declaration):
    return someone.go(f"/declarations/{declaration.pk}/")


def names(declaration) -> list[str]:
    found = factories.reread(declaration)
    records = load_records(found, form_of(found.round.template))
    return [str(item.values["name"]) for item in records.lists["tasks"]]


def type_tasks(page, *texts: str) -> None:
    for number, text in enumerate(texts, start=1):
        if number > 1:
            page.get_by_role("button", name="增加一行：年度重点工作任务").click()
        cell = page.get_by_label(f"第{number}行 任务名称")
        expect(cell).to_be_visible()
        cell.fill(text)
        page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")


def test_rows_are_added_moved_removed_and_restored(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    type_tasks(page, "甲", "乙", "丙")
    page.get_by_label("第3行 任务名称").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_label("第2行 任务名称")).to_have_value("丙")
    expect(page.get_by_label("第2行 任务名称")).to_be_focused()
    assert names(declaration) == ["甲", "丙", "乙"]
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.get_by_label("第3行 任务名称")).to_have_value("")
    expect(page.get_by_label("第3行 任务名称")).to_be_focused()
    assert names(declaration) == ["甲", "丙", "", "乙"]
    page.keyboard.press("Alt+Delete")
    expect(page.get_by_label("第3行 任务名称")).to_have_value("乙")
    page.locator("tr", has=page.get_by_label("第1行 任务名称")).hover()
    page.get_by_role("button", name="删除第1行").first.click()
    expect(page.get_by_label("第1行 任务名称")).to_have_value("丙")
    assert names(declaration) == ["丙", "乙"]
    page.locator("#undo").click()
    expect(page.get_by_label("第1行 任务名称")).to_have_value("甲")
    assert names(declaration) == ["甲", "丙", "乙"]
    page.locator("#undo").click()
    expect(page.get_by_label("第3行 任务名称")).to_have_value("")
    expect(page.locator("#undo")).to_be_disabled()


def test_totals_follow_what_is_typed(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    page.get_by_label("第1行 拟投入的资金（万元）").fill("833.08")
    page.keyboard.press("Tab")
    total = page.get_by_label("重点工作任务和其他任务资金合计（万元）（自动计算）")
    expect(total).to_have_text("833.08")
    page.get_by_label("第1行 其他任务拟投入资金（万元）").fill("157")
    page.keyboard.press("Tab")
    expect(total).to_have_text("990.08")


def test_escape_restores_and_arrows_walk(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    factories.type_into(filer, declaration, **{"funding.basic.budget": "1"})
    page.reload()
    basic = page.locator('[name="funding/basic/budget"]')
    basic.fill("999")
    page.keyboard.press("Escape")
    expect(basic).to_have_value("1.00")
    page.keyboard.press("ArrowDown")
    expect(page.locator('[name="funding/project/budget"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[name="funding/other_income/budget"]')).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator('[name="funding/fiscal/budget"]')).to_be_focused()
    goal = page.locator('[name="text/overall_goal"]')
    goal.focus()
    page.keyboard.type("一")
    page.keyboard.press("Enter")
    page.keyboard.type("二")
    expect(goal).to_have_value("一\n二")
    page.keyboard.press("Control+Enter")
    expect(goal).not_to_be_focused()
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert declaration.passages.get(key="overall_goal").text == "一\n二"


def test_long_text_grows_and_helps_are_shown(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    goal = page.locator('[name="text/overall_goal"]')
    before = goal.bounding_box()["height"]
    goal.fill("一段很长的目标。" * 60)
    assert goal.bounding_box()["height"] > before * 2
    expect(page.locator("#help-line")).to_contain_text("概括本部门本年度要达到的总体目标")


def test_progress_lists_what_is_left_and_leads_there(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    expect(page.locator("#outline")).to_contain_text("0/8")
    page.locator('[name="funding/basic/budget"]').fill("1")
    page.keyboard.press("Tab")
    expect(page.locator("#outline")).to_contain_text("1/8")
    page.get_by_role("link", name=re.compile("必须修正 7 *处：预算整体情况")).click()
    expect(page.locator("#finding-list .words a").first).to_be_focused()
    page.get_by_role("link", name="预算整体情况：请填写“项目支出”").press("Enter")
    expect(page.locator('[name="funding/project/budget"]')).to_be_focused()


def test_the_panel_shows_comments_and_history_of_the_chosen_cell(
    person, filer, reviewer, declaration
):
    factories.fill_in(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    add_comment(
        reviewer, declaration_id=declaration.pk, anchor="funding/basic/budget", text="请核对"
    )
    return_for_correction(reviewer, declaration_id=declaration.pk)
    page = open_editor(person(filer), declaration)
    page.locator('[name="funding/basic/budget"]').fill("20")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.locator('[name="funding/basic/budget"]').focus()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="基本支出（万元）")).to_be_visible()
    expect(panel.locator(".history li").first).to_contain_text("0.00")
    expect(panel.locator(".history li").first).to_contain_text("20.00")
    expect(panel.locator(".comment").first).to_contain_text("请核对")
    check_accessible(page)
    page.get_by_role("button", name="校验与批注").click()
    expect(panel).to_be_hidden()


def test_a_single_copied_cell_is_typed_where_one_stands(person, filer, declaration):
    someone = person(filer)
    page = open_editor(someone, declaration)
    someone.copy([["483.09"]])
    page.locator('[name="funding/basic/budget"]').focus()
    someone.paste()
    expect(page.locator('[name="funding/basic/budget"]')).to_have_value("483.09")
    someone.copy([["效益指标"]])
    page.get_by_label("第1行 一级指标").focus()
    someone.paste()
    expect(page.get_by_label("第1行 一级指标")).to_have_value("效益指标")
    expect(page.locator("#save-status")).to_contain_text("已保存")


def test_a_reviewer_walks_the_table_with_arrow_keys(person, filer, reviewer, declaration):
    factories.fill_in(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    page = open_editor(person(reviewer), declaration)
    first = page.locator('a.cell[data-anchor="funding/basic/budget"]')
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator('a.cell[data-anchor="funding/other_income/budget"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="批注")).to_be_focused()
    expect(page.get_by_role("heading", name="其他资金（万元）")).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_but_the_table_scrolls_sideways(person, filer, declaration, width):
    someone = person(filer)
    someone.page.set_viewport_size({"width": width, "height": 800})
    for path in (
        "/",
        f"/declarations/{declaration.pk}/",
        f"/declarations/{declaration.pk}/submit/",
    ):
        page = someone.go(path)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{path} at {width}px"


def test_the_page_of_the_login_and_the_password(person, filer):
    someone = person()
    page = someone.go("/declarations/1/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    check_accessible(page)
    someone.log_in(filer)
    page = someone.go("/password/")
    check_accessible(page)


def test_what_is_typed_before_the_page_has_loaded_is_saved(person, filer, declaration):
    someone = person(filer)
    held = []

    def hold(route):
        held.append(route)

    someone.page.route("**/js/editor.js", hold)
    someone.page.goto(f"{someone.server}/declarations/{declaration.pk}/", wait_until="commit")
    cell = someone.page.get_by_label("第1行 任务名称")
    cell.fill("早到的内容")
    someone.page.get_by_label("第1行 主要实施内容").focus()
    for route in held:
        route.continue_()
    expect(someone.page.locator("#save-status")).to_contain_text("已保存")
    assert names(declaration) == ["早到的内容"]
