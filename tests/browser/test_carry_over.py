"""带入上年: last year's content comes into the table, and goes again."""

import pytest
from playwright.sync_api import Page, expect

from declarations.management.demo.filling import Content, fill
from declarations.models import Declaration
from tests import factories
from tests.browser.conftest import check_accessible
from tests.sheets.caidian import TEMPLATE

PROJECT = "城乡居民最低生活保障经费"


@pytest.fixture
def declaration(department, filer, reviewer) -> Declaration:
    """The second year on Caidian's form; the first was approved."""
    last = factories.declaration_for(department, TEMPLATE, year=2022)
    fill(filer, last, Content.read("caidian-civil-affairs"))
    factories.approved(filer, reviewer, last)
    return factories.declaration_for(department, TEMPLATE, year=2023)


def bring(page: Page) -> None:
    page.get_by_text("上年", exact=True).first.click()
    page.get_by_role("button", name="带入上年内容").click()
    expect(page.locator("#confirm")).to_contain_text("带入2022年审核通过的内容吗？")
    page.locator("#confirm").get_by_role("button", name="确定").click()
    expect(page.locator("#toasts")).to_contain_text("已带入2022年的内容")


def test_last_year_is_brought_beside_what_is_typed_and_taken_back(person, filer, declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    expect(page.locator('[name="funding/fiscal/prior1"]')).to_have_value("3860.40")
    page.locator('[name="text/filer"]').fill("填报人乙")  # still open when the menu is used
    bring(page)
    expect(page.locator('[name="text/filer"]')).to_have_value("填报人乙")
    expect(page.get_by_label("第1行 项目名称")).to_have_value(PROJECT)
    expect(page.get_by_label("第1行 上年指标值").first).to_have_value("3020人")
    expect(page.get_by_label("第1行 预期当年实现值").first).to_have_value("")
    check_accessible(page)
    page.locator("#undo").click()
    expect(page.locator("#toasts")).to_contain_text("已撤销带入上年")
    expect(page.get_by_label("第1行 项目名称")).to_have_value("")
    expect(page.locator('[name="text/filer"]')).to_have_value("填报人乙")


def test_a_second_time_there_is_nothing_to_bring(person, filer, declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    bring(page)
    page.reload()
    page.get_by_text("上年", exact=True).first.click()
    page.get_by_role("button", name="带入上年内容").click()
    page.locator("#confirm").get_by_role("button", name="取消").click()
    expect(page.locator("#toasts")).to_be_empty()
    page.get_by_text("上年", exact=True).first.click()
    page.get_by_role("button", name="带入上年内容").click()
    page.locator("#confirm").get_by_role("button", name="确定").click()
    expect(page.locator("#toasts")).to_contain_text("2022年的内容都已经在表中")


def test_last_years_declaration_can_be_looked_at(person, filer, declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    page.get_by_text("上年", exact=True).first.click()
    page.get_by_role("link", name="查看2022年的申报").click()
    expect(page.locator(".bar .state")).to_have_text("已通过")
