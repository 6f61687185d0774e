"""Review in stages at a browser: queue, claim, comment, limited return, sheet, several at once."""

import re

from playwright.sync_api import expect

from declarations.domain.rows import add_row
from declarations.models import State
from tests import factories
from tests.browser.conftest import check_accessible
from tests.factories import reread
from tests.reviewing import FIRST, LAST, many, reviewer_of, staged


def test_returned_with_one_section_open_corrected_there_and_passed_with_points(
    person, filer, reviewer, department
):
    declaration = staged(department, FIRST, LAST)
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    first, second = factories.anchors(declaration, "tasks.name")
    factories.type_into(filer, declaration, **{first: "残疾人康复", second: "残疾人就业"})
    factories.submitted(filer, declaration)
    return_from_the_queue(person(reviewer))
    assert reread(declaration).state == State.RETURNED
    correct_only_what_is_open(person(filer), declaration)
    page = person(reviewer).page
    pass_the_first_stage(page)
    pass_the_last_stage_with_points(page)
    assert reread(declaration).state == State.APPROVED


def return_from_the_queue(someone) -> None:
    page = someone.page
    page.get_by_role("navigation").get_by_role("link", name="审核").click()
    expect(page.get_by_role("link", name=re.compile(r"^新提交\W+1"))).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="认领").click()
    expect(page.get_by_text("由您审核")).to_be_visible()
    page.get_by_role("link", name=re.compile("^第1行 任务名称：")).click()
    page.get_by_role("textbox", name="批注").fill("请写明具体任务。")
    page.get_by_role("button", name="添加批注").click()
    page.get_by_role("radio", name="只开放有批注的部分：年度重点工作任务").check()
    check_accessible(page)
    page.get_by_role("button", name="退回部门修改").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已退回")
    expect(page.get_by_text("没有等待您审核的申报")).to_be_visible()


def correct_only_what_is_open(someone, declaration) -> None:
    page = someone.go(f"/declarations/{declaration.pk}/")
    expect(page.get_by_text("本次退回只开放了“年度重点工作任务”")).to_be_visible()
    expect(page.locator("#outline li", has_text="可以修改")).to_have_count(1)
    expect(page.locator("#outline li", has_text="未开放")).to_have_count(4)
    check_accessible(page)
    expect(page.locator('[name="text/overall_goal"]')).to_have_count(0)
    expect(page.get_by_label("总体绩效目标（未开放，不能修改）")).to_be_visible()
    expect(page.get_by_role("button", name="增加一行")).to_have_count(1)
    cell = page.get_by_label(re.compile("^第1行 任务名称"))
    cell.fill("残疾人康复服务")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="重新提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")


def pass_the_first_stage(page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="审核").click()
    page.get_by_role("link", name=re.compile(r"^重新提交\W+1")).click()
    page.get_by_role("button", name="认领").click()
    expect(page.locator("a.cell.changed")).to_have_count(1)
    page.get_by_role("button", name=f"通过并转“{LAST.name}”").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已通过")


def pass_the_last_stage_with_points(page) -> None:
    expect(page.get_by_role("heading", name="下一份")).to_be_visible()
    page.get_by_role("button", name="开始审核").click()
    fields = page.locator("#review-sheet input.points")
    for number, points in enumerate(["10", "9.5", "15", "15", "15", "15", "10", "10"]):
        fields.nth(number).fill(points)
        fields.nth(number).press("Tab")
    expect(page.locator("#sheet-total")).to_contain_text("合计 99.5 分（满分 100 分），等级：优")
    check_accessible(page)
    fields.nth(0).fill("11")
    fields.nth(0).press("Tab")
    expect(page.locator("#sheet-total")).to_contain_text("请填 0 至 10 分")
    fields.nth(0).fill("10")
    fields.nth(0).press("Tab")
    expect(page.locator("#sheet-total")).to_contain_text("等级：优")
    page.get_by_role("button", name="审核通过").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已审核通过")


def test_several_are_passed_after_a_look_at_what_there_is_to_know(person, reviewer, department):
    found = many(department, 3, FIRST)
    page = person(reviewer).go("/review/")
    for declaration in found[:2]:
        page.get_by_label(f"选择{declaration.department.name}，").check()
    page.get_by_role("button", name="批量通过选中的").click()
    expect(page.get_by_role("heading", name="批量通过：核对")).to_be_visible()
    check_accessible(page)
    page.get_by_role("checkbox", name=found[1].department.name).uncheck()
    page.get_by_role("button", name="通过勾选的申报").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("heading", name="批量通过：结果")).to_be_visible()
    check_accessible(page)
    assert [reread(d).state for d in found] == [
        State.APPROVED,
        State.SUBMITTED,
        State.SUBMITTED,
    ]


def test_an_administrator_shares_out_and_a_reviewer_hands_over(
    person, administrator, reviewer, department
):
    (declaration,) = many(department, 1, FIRST)
    reviewer_of(department, "审核人乙")
    page = person(administrator).go(f"/rounds/{declaration.round_id}/assignment/")
    check_accessible(page)
    page.get_by_label(reviewer.name).check()
    page.get_by_role("button", name="看分派结果").click()
    expect(page.get_by_role("heading", name="分派结果，请核对")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="确认分派").click()
    expect(page.locator(".messages")).to_contain_text("已分派 1 份申报")
    page = person(reviewer).go(f"/declarations/{declaration.pk}/")
    page.get_by_role("link", name="转交").click()
    expect(page.get_by_label("转交给")).to_be_visible()
    check_accessible(page)
    page.get_by_label("转交给").select_option(label="审核人乙")
    page.get_by_role("button", name="转交").click()
    expect(page.locator(".messages")).to_contain_text("已转交")
