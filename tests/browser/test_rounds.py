"""An administrator sets up a round, opens it while a worker runs, and changes it: by keyboard."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from declarations.domain.templates import activate
from declarations.models import Round, User
from tests import factories
from tests.browser.conftest import check_accessible
from tests.working import start_worker

DEPARTMENTS = 20


@pytest.fixture
def worker(queue: None) -> Iterator[None]:
    process = start_worker()
    yield
    process.terminate()
    process.wait()


@pytest.fixture
def page(person: Any, administrator: User, reviewer: User) -> Page:
    """With twenty departments, and a form that is activated for next year."""
    bureau = administrator.bureau
    factories.DepartmentFactory.create_batch(DEPARTMENTS - 1, bureau=bureau)
    template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
    activate(administrator, template_id=template.pk, year=timezone.localdate().year + 1)
    return person(administrator).go("/rounds/new/")


def press(page: Page, label: str, key: str = "Space") -> None:
    """On the control of that name."""
    page.get_by_label(label).first.focus()
    page.keyboard.press(key)


def type_into(page: Page, name: str, text: str) -> None:
    page.locator(f"[name={name}]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


@pytest.mark.usefixtures("worker")
def test_from_the_form_to_departments_that_can_file(page: Page) -> None:
    choose_departments(page)
    say_who_reviews(page)
    correct_what_is_wrong(page)
    look_at_the_summary_and_open(page)
    round_ = Round.objects.get()
    assert round_.declarations.count() == 2
    assert [s.name for s in round_.stages.all()] == ["部门审核", "初审", "审定"]
    assert round_.review_sheet["criteria"][0]["name"] == "格式规范"


def choose_departments(page: Page) -> None:
    expect(page.get_by_label("搜索")).to_be_hidden()
    press(page, "指定部门")
    search = page.get_by_label("搜索")
    search.focus()
    page.keyboard.type("残疾人联合会")
    expect(page.get_by_text("搜到 1 个")).to_be_visible()
    press(page, "全选")
    expect(page.get_by_text(f"已选 1 个，共 {DEPARTMENTS} 个，搜到 1 个")).to_be_visible()
    search.focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.locator("[name=departments]").nth(3).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(f"已选 2 个，共 {DEPARTMENTS} 个")).to_be_visible()
    check_accessible(page)


def say_who_reviews(page: Page) -> None:
    type_into(page, "stages-1-name", "部门审核")
    press(page, "由部门负责人审核")
    for number, name in ((2, "初审"), (3, "审定")):
        type_into(page, f"stages-{number}-name", name)
    type_into(page, "stages-2-days", "5")
    summary = page.locator("details.reviewers summary").nth(2)
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("[name=stages-3-reviewers]").focus()
    page.keyboard.press("Space")
    sheet = page.get_by_role("heading", name="审核评分表")
    expect(sheet).to_be_hidden()
    page.locator("[name=stages-3-with_sheet]").focus()
    page.keyboard.press("Space")
    expect(sheet).to_be_visible()
    page.get_by_label("第1行评分项").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("格式规范")
    check_accessible(page)


def correct_what_is_wrong(page: Page) -> None:
    type_into(page, "remind_before", "七天")
    page.get_by_role("button", name="下一步：核对").focus()
    page.keyboard.press("Enter")
    problem = page.get_by_role("link", name="截止前提醒（天）：请填写天数，例如：7、3、1")
    expect(problem).to_be_visible()
    check_accessible(page)
    problem.focus()
    page.keyboard.press("Enter")
    type_into(page, "remind_before", "7、1")
    page.keyboard.press("Enter")


def look_at_the_summary_and_open(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("请核对")
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="提醒")).to_contain_text("截止前 7、1 天")
    expect(rows.filter(has_text="审核环节")).to_contain_text("审定：审核人甲，填写审核评分表")
    check_accessible(page)
    page.get_by_role("button", name="确认开启").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/opening/*")
    expect(page.get_by_text("已全部完成，2 个部门可以填报")).to_be_visible(timeout=60_000)
    check_accessible(page)
    page.get_by_role("link", name="查看批次进度").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="进度")).to_be_visible()


def test_two_administrators_change_it_at_once(person, administrator, declaration) -> None:
    address = f"/rounds/{declaration.round_id}/settings/"
    first, second = (person(administrator).go(address) for _ in range(2))
    check_accessible(first)
    type_into(first, "name", "甲的名称")
    first.keyboard.press("Enter")
    expect(first.get_by_text("已修改：名称。")).to_be_visible()
    type_into(second, "name", "乙的名称")
    second.keyboard.press("Enter")
    told = second.get_by_role("alert")
    expect(told).to_contain_text("批次设置已被他人修改，您的修改还没有保存")
    expect(told).to_contain_text("改为“甲的名称”")
    expect(second.locator("[name=name]")).to_have_value("乙的名称")
    check_accessible(second)
    second.get_by_role("button", name="保存").last.click()
    expect(second.get_by_text("已修改：名称。")).to_be_visible()
    assert Round.objects.get().name == "乙的名称"


def test_a_department_gets_more_time_from_the_list(person, administrator, declaration) -> None:
    factories.reschedule(declaration, deadline=-1, correction_deadline=-1)
    page = person(administrator).go(f"/rounds/{declaration.round_id}/")
    page.get_by_label("选择广州市番禺区残疾人联合会").check()
    page.get_by_role("button", name="延期所选").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("延期")
    check_accessible(page)
    until = timezone.localtime() + timedelta(days=3)
    page.get_by_label("延期至").fill(until.strftime("%Y-%m-%dT18:00"))
    page.get_by_role("button", name="延期", exact=True).click()
    expect(page.get_by_text("请写明延期的理由")).to_be_visible()
    page.get_by_label("理由").fill("机构改革")
    page.get_by_role("button", name="延期", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("已给 1 个部门延期")
    expect(page.get_by_role("row").filter(has_text="残疾人联合会")).to_contain_text(
        until.strftime("%Y-%m-%d 18:00")
    )
