"""Finding declarations, by keyboard as well; reminding; and back to the list as it was."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from benchmarks.many import plant
from declarations.models import Declaration, Notice, NoticeKind, Role
from tests import factories
from tests.browser.conftest import check_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(filer: Any, declaration: Declaration) -> Any:
    """A bureau with a round of 120 departments in every state."""
    revision = factories.submitted(filer, declaration).revision
    assert revision is not None
    planted = plant(declaration.round.template, revision.content, rounds=1, departments=120)
    for user in planted.people.values():
        user.set_password(factories.PASSWORD)
        user.save()
    return planted


def test_every_home_page_can_be_read_by_everybody(person, many) -> None:
    for user in many.people.values():
        page = person(user).page
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check_accessible(page)


def test_a_list_is_filtered_and_sorted_by_keyboard(person, many) -> None:
    page = person(many.people[Role.REVIEWER]).go("/declarations/")
    check_accessible(page)
    page.get_by_label("部门", exact=True).focus()
    page.keyboard.type("街道 11")
    page.keyboard.press("Enter")
    expect(page.get_by_text("符合条件的 11 份")).to_be_visible()
    heading = page.get_by_role("columnheader", name="部门")
    heading.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    heading.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("rowheader").first).to_contain_text("第119街道办事处")
    assert page.url.endswith("?department=%E8%A1%97%E9%81%93+11&sort=-department")
    check_accessible(page)
    page.get_by_label("状态", exact=True).select_option("adjusting")
    page.get_by_role("button", name="筛选").press("Enter")
    expect(page).to_have_url(re.compile("state=adjusting"))
    page.get_by_label("部门", exact=True).fill("没有这样的")
    page.get_by_role("button", name="筛选").press("Enter")
    expect(page.get_by_text("没有符合条件的申报。")).to_be_visible()
    check_accessible(page)
    page.get_by_role("main").get_by_role("link", name="清除筛选").last.click()
    expect(page.get_by_text("共 120 份")).to_be_visible()


def test_from_a_round_to_a_declaration_and_back_to_the_list_as_it_was(person, many) -> None:
    page = person(many.people[Role.SYSTEM]).page
    page.get_by_role("link", name=many.latest.name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(many.latest.name)
    check_accessible(page)
    page.get_by_role("link", name="已提交").click()
    expect(page).to_have_url(re.compile(r"\?state=submitted"))
    page.get_by_role("columnheader", name="部门").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"\?state=submitted&sort=department"))
    left = page.url
    page.locator("table.declarations").get_by_role("rowheader").get_by_role("link").nth(12).click()
    expect(page).to_have_url(re.compile(r"/declarations/\d+/"))
    page.get_by_role("link", name="批次进度").click()
    expect(page).to_have_url(left)


def test_chosen_departments_are_reminded_after_a_question(person, many) -> None:
    page = person(many.people[Role.PUBLISHER]).go(f"/rounds/{many.latest.pk}/?state=not_started")
    boxes = page.get_by_role("checkbox")
    for n in (0, 2):
        boxes.nth(n).press("Space")
    page.get_by_role("button", name="催办所选").press("Enter")
    expect(page.get_by_role("heading", name="催办 2 个部门")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="催办").click()
    expect(page.get_by_text("已催办 2 个部门。")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?state=not_started$"))
    reminders = Notice.objects.filter(kind=NoticeKind.REMINDER)
    assert reminders.values("declaration").distinct().count() == 2


def test_the_list_is_taken_as_a_workbook_twice(person, many) -> None:
    """A download leaves the page, whose button works again."""
    page = person(many.people[Role.SYSTEM]).go("/declarations/?state=approved")
    for _ in range(2):
        with page.expect_download() as download:
            page.get_by_role("button", name="导出 Excel").click()
        assert download.value.suggested_filename.endswith(".xlsx")
