"""From the approval to a citizen who verifies what was downloaded: nobody trusts anybody's word."""

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from declarations.models import Declaration, EventKind, User
from tests import factories
from tests.publishing import publisher_of

WORD = "康复"
GOAL = f"残疾人{WORD}服务覆盖全区，由张三负责，咨询13812345678。"

DROP = """
    ([name, content]) => {
        const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
        const given = new DataTransfer();
        given.items.add(new File([bytes], name, {type: "application/pdf"}));
        const form = document.querySelector("[data-drop]");
        for (const kind of ["dragenter", "dragover", "drop"]) {
            form.dispatchEvent(new DragEvent(kind, {dataTransfer: given, bubbles: true}));
        }
    }
"""


def drop(page: Page, name: str, content: bytes) -> None:
    """Drops a file on the page that verifies, as from a folder."""
    expect(page.get_by_text("把文件拖到这里")).to_be_visible()  # its script has run
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])


@pytest.mark.django_db(transaction=True)
def test_what_was_approved_is_published_found_and_verified(
    filer: User, reviewer: User, declaration: Declaration, person: Any, tmp_path: Path
) -> None:
    factories.type_into(filer, declaration, **{"text.overall_goal": GOAL})
    factories.submitted(filer, declaration)

    review = person(reviewer).go(f"/declarations/{declaration.pk}/")
    review.get_by_role("button", name="审核通过").click()
    review.get_by_role("button", name="确定").click()
    expect(review.locator(".messages")).to_contain_text("已审核通过")
    assert factories.reread(declaration).approved is not None

    office = person(publisher_of(declaration.round.bureau)).page
    office.get_by_role("link", name=declaration.department.name).first.click()
    masked = office.get_by_role("region", name="公开内容")
    expect(masked).to_contain_text("138****5678")
    for confirmed in office.get_by_role("checkbox").all():
        confirmed.check()
    office.get_by_role("button", name="审查通过").click()
    office.get_by_role("button", name="公开", exact=True).click()
    expect(office.get_by_text("核验码：")).to_be_visible()

    citizen = person()
    page = citizen.go("/public/")
    page.get_by_label("搜索公开内容").fill(WORD)
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="绩效目标申报表").first.click()
    expect(page.get_by_role("table").first).to_contain_text(WORD)
    expect(page.locator("main")).not_to_contain_text("13812345678")
    with page.expect_download() as download:
        page.evaluate("document.querySelector('a[href$=\"/pdf/\"]').setAttribute('download', '')")
        page.get_by_role("link", name="PDF").click()
    download.value.save_as(tmp_path / "form.pdf")
    content = (tmp_path / "form.pdf").read_bytes()

    page.get_by_role("link", name="核验文件").click()
    drop(page, "form.pdf", content)
    expect(page.get_by_role("heading", name="与公开的文件一致", exact=True)).to_be_visible()

    middle = len(content) // 2
    altered = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    page.get_by_role("link", name="核验文件").click()
    drop(page, "form.pdf", altered)
    expect(page.get_by_role("heading", name="不一致")).to_be_visible()
    assert citizen.context.cookies() == []

    kinds = [EventKind.APPROVED, EventKind.PUBLICATION_CHECKED, EventKind.PUBLISHED]
    happened = declaration.events.filter(kind__in=kinds).order_by("at", "pk")
    assert [event.kind for event in happened] == kinds
