"""A citizen downloads open data: with scripts off, on any screen."""

from pathlib import Path
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from declarations.models import Department, User
from tests.browser.conftest import check_accessible
from tests.open_data import published_year
from tests.publishing import REASON


def test_tables_are_found_downloaded_and_explained_without_scripts(
    person: Any, filer: User, reviewer: User, department: Department, tmp_path: Path
) -> None:
    published_year(filer, reviewer, department)
    page: Page = person(java_script_enabled=False).go(reverse("public-home"))
    page.get_by_role("link", name=department.bureau.name).first.click()
    page.get_by_role("link", name="开放数据").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载2023年绩效指标（CSV）").click()
    assert download.value.suggested_filename == f"{department.bureau.name}2023年绩效指标.csv"
    download.value.save_as(tmp_path / "indicators.csv")
    assert (tmp_path / "indicators.csv").read_bytes().startswith(b"\xef\xbb\xbfindicator_id,")
    page.get_by_text("绩效指标 indicators").click()
    expect(page.get_by_role("table", name="绩效指标的字段")).to_contain_text("target_value")
    page.get_by_role("link", name="查看最近的变更").click()
    expect(page.get_by_role("table")).to_contain_text(REASON)


def test_its_pages_are_accessible_and_fit_every_screen(
    person: Any, filer: User, reviewer: User, department: Department
) -> None:
    published_year(filer, reviewer, department)
    code = department.bureau.code
    citizen = person()
    for name in ("public-data", "public-changes"):
        page: Page = citizen.go(reverse(name, args=[code]))
        for summary in page.locator("summary").all():
            summary.click()
        check_accessible(page)
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert citizen.context.cookies() == []
