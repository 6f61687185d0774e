"""A report is written like a document: passages, their guidance, drafts, points that come and go."""

import re

import pytest
from playwright.sync_api import Page, expect

from declarations.models import Declaration
from tests.browser.conftest import check_accessible
from tests.reports import evaluation_for, report_for

CONCLUSION = '[name="text/conclusion"]'
DRAFT = "起草初稿：（一）自评结论"


@pytest.fixture
def report(department, filer) -> Declaration:
    evaluation_for(department, filer)
    return report_for(department)


def test_a_draft_is_written_corrected_and_taken_back(person, filer, report) -> None:
    page: Page = person(filer).go(f"/declarations/{report.pk}/")
    expect(page.get_by_text("写明得分。（最多 200 字）")).to_be_visible()
    page.get_by_role("button", name=DRAFT).click()
    expect(page.locator("#toasts")).to_contain_text("请核对修改")
    expect(page.locator(CONCLUSION)).to_have_value(pattern("预算完成率93.27%"))
    expect(page.locator("#finding-list")).to_contain_text("是系统起草的初稿")
    check_accessible(page)
    page.locator(CONCLUSION).fill("预算完成率95%。")
    page.locator('[name="text/problems"]').focus()
    expect(page.locator("#finding-list")).to_contain_text("“预算完成率”是 93.27%，请核对")
    expect(page.locator("#finding-list")).not_to_contain_text("系统起草的初稿")


def test_a_draft_over_ones_own_words_is_asked_for_first(person, filer, report) -> None:
    page: Page = person(filer).go(f"/declarations/{report.pk}/")
    page.locator(CONCLUSION).fill("自己写的。")
    page.get_by_role("button", name=DRAFT).click()
    page.locator("#confirm").get_by_role("button", name="取消").click()
    expect(page.locator(CONCLUSION)).to_have_value("自己写的。")
    page.get_by_role("button", name=DRAFT).click()
    expect(page.locator("#confirm")).to_contain_text("用初稿替换原有内容吗")
    page.locator("#confirm").get_by_role("button", name="确定").click()
    expect(page.locator(CONCLUSION)).to_have_value(pattern("草稿"))
    page.locator("#undo").click()
    expect(page.locator("#toasts")).to_contain_text("已撤销初稿")
    expect(page.locator(CONCLUSION)).to_have_value("自己写的。")


def test_points_are_added_moved_and_removed_by_keyboard(person, filer, report) -> None:
    page: Page = person(filer).go(f"/declarations/{report.pk}/")
    page.get_by_label("第1行 小标题").fill("康复")
    page.get_by_label("第1行 内容").fill("覆盖率98%。")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.get_by_label("第2行 小标题")).to_be_focused()
    page.get_by_label("第2行 小标题").fill("就业")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_label("第1行 小标题")).to_have_value("就业")
    expect(page.get_by_label("第2行 内容")).to_have_value("覆盖率98%。")
    page.keyboard.press("Alt+Delete")
    expect(page.get_by_label("第2行 小标题")).to_have_count(0)
    expect(page.get_by_label("第1行 小标题")).to_have_value("康复")


def test_downloads_offer_word(person, filer, report) -> None:
    page: Page = person(filer).go(f"/declarations/{report.pk}/")
    page.get_by_text("下载", exact=True).first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word 文档").click()
    assert download.value.suggested_filename.endswith("2023年自评报告（草稿）.docx")


def pattern(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
