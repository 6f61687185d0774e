"""A citizen reads: with scripts off, by keyboard, on any screen, on paper."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from declarations.domain.publishing import withdraw
from declarations.models import Declaration, Publication, User
from tests import evaluations, factories, reports
from tests.browser.conftest import check_accessible
from tests.public import WORD, address_of, addresses, corrected, published_target
from tests.publishing import published, publisher_of

SCREENS = (320, 360, 768, 1280, 1920)
"""The narrowest is 1,280 at 400 %, as WCAG 1.4.10 asks; 200 % is between."""


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


@pytest.fixture
def everything(
    filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> list[str]:
    """The addresses of all kinds of pages, in all their states."""
    publisher = publisher_of(declaration.round.bureau)
    corrected(filer, reviewer, declaration)
    report = reports.report_for(declaration.department)
    published(filer, reviewer, publisher, report)
    evaluation = evaluations.evaluation_for(declaration.department)
    actual, *_ = factories.anchors(evaluation, "tasks.indicators.actual")
    texts = {actual: "98%"}
    money = {"funding.fiscal.budget": "900", "funding.fiscal.executed": "450"}
    factories.type_into(filer, evaluation, **texts, **money)
    gone = published(filer, reviewer, publisher, evaluation)
    client = Client()
    pages = [
        address
        for address in addresses(declaration).values()
        if client.get(address)["Content-Type"].startswith("text/html")
    ]
    pages += [address_of(report), address_of(evaluation), "/public/nothing/"]
    pages += [f"{reverse('public-search')}?q={word}" for word in (WORD, "鹮鸮", "，")]
    withdraw(publisher, publication_id=publication.pk, reason="含有不应公开的内容")
    assert gone.is_public
    return pages


def test_a_citizen_finds_reads_and_downloads_without_scripts(
    person: Any, declaration: Declaration, publication: Publication, tmp_path: Path
) -> None:
    citizen = person(java_script_enabled=False)
    page: Page = citizen.go(reverse("public-home"))
    page.get_by_label("搜索公开内容").fill(WORD)
    page.get_by_role("button", name="搜索").click()
    expect(page.locator("mark")).to_have_text(WORD)
    page.get_by_label("年度").select_option(f"{declaration.round.year}年")
    page.get_by_role("button", name="搜索").click()
    assert WORD in page.get_by_label("部门名称").input_value()
    page.get_by_role("link", name=publication.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(publication.title)
    expect(page.get_by_role("table", name="部门整体预算绩效目标申报表")).to_contain_text(WORD)
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    download.value.save_as(tmp_path / "form.pdf")
    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="历年目标与完成情况对照").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(declaration.department.name)
    page.get_by_role("link", name=declaration.round.bureau.name).click()
    page.get_by_label("次序").select_option("按部门")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("link", name=publication.title)).to_be_visible()
    assert "sort=department" in page.url
    assert citizen.context.cookies() == []


def test_the_keyboard_reaches_the_text_first(person: Any, publication: Publication) -> None:
    page: Page = person().go(address_of(publication.declaration))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    person: Any, everything: list[str]
) -> None:
    citizen = person()
    for address in everything:
        page: Page = citizen.go(address)
        check_accessible(page)
        for width in SCREENS:
            page.set_viewport_size({"width": width, "height": 800})
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, f"{address} at {width}"
    assert citizen.context.cookies() == []


def test_on_paper_there_is_the_form_and_nothing_around_it(
    person: Any, publication: Publication
) -> None:
    page: Page = person().go(address_of(publication.declaration))
    page.emulate_media(media="print")
    for around in (".site", ".foot", ".crumbs", ".downloads", "h1"):
        expect(page.locator(around)).to_be_hidden()
    expect(page.get_by_role("table")).to_be_visible()
    page.set_viewport_size({"width": 700, "height": 1000})  # about A4 within its margins
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
