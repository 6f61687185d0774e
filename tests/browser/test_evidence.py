"""Evidence files in the browser: opened beside the table, added, removed and brought back."""

import re
from base64 import b64encode

from playwright.sync_api import Page, expect

from declarations.models import Evidence
from tests import factories
from tests.browser.conftest import check_accessible
from tests.evidence import ITEM, add, pdf, picture, scored_for


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def link(page: Page, count: int, item: str = "预算完成率"):
    return page.get_by_role("link", name=re.compile(f"佐证材料（{count}）.*{item}"))


def test_files_are_added_beside_the_table_by_keyboard(person, filer, department):
    declaration = scored_for(department)
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    link(page, 0).focus()
    place = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="佐证材料：预算完成率")).to_be_focused()
    assert page.evaluate("scrollY") == place  # the table stays where it was
    check_accessible(page)
    choose = page.get_by_label("选择文件（可以多选），或把文件拖到这里")
    choose.set_input_files(
        [file("一.pdf", pdf("1")), file("坏.pdf", b"<html>"), file("二.png", picture())]
    )
    choose.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = page.locator(".evidence-said")
    expect(said).to_contain_text("已上传“一.pdf”")
    expect(said).to_contain_text("“坏.pdf”没有上传：这种格式的文件系统不接收")
    expect(said).to_contain_text("已上传“二.png”")
    expect(page.locator(".evidence > .files > li")).to_have_count(2)
    expect(link(page, 2)).to_be_visible()
    check_accessible(page)

    page.get_by_role("button", name=re.compile("删除.*一.pdf")).focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("已删除“一.pdf”，提交前可以恢复")
    expect(said).to_be_focused()
    expect(link(page, 1)).to_be_visible()
    page.get_by_text("本次删除的（1）").click()
    page.get_by_role("button", name=re.compile("恢复.*一.pdf")).click()
    expect(said).to_contain_text("已恢复“一.pdf”")
    expect(link(page, 2)).to_be_visible()
    assert Evidence.objects.filter(removed_at=None).count() == 2


def test_a_file_is_dropped_and_one_too_large_is_not_even_sent(person, filer, department, settings):
    settings.EVIDENCE_LARGEST = 2**20
    declaration = scored_for(department)
    page = person(filer).go(f"/declarations/{declaration.pk}/evidence/?at={ITEM}")
    expect(page.get_by_role("heading", name="佐证材料：预算完成率")).to_be_visible()
    drop(page, "大.pdf", bytes(2**21))
    expect(page.locator(".evidence-said")).to_contain_text("文件 2 MB，超过 1 MB")
    drop(page, "好.pdf", pdf())
    expect(page.locator(".evidence-said")).to_contain_text("已上传“好.pdf”")
    check_accessible(page)
    page.get_by_role("link", name="全部佐证材料").click()
    expect(page.get_by_role("heading", name="佐证材料", exact=True)).to_be_visible()
    expect(page.get_by_text("共 1 个文件")).to_be_visible()
    check_accessible(page)


def test_a_reviewer_opens_and_downloads_what_was_handed_in(person, filer, reviewer, department):
    declaration = scored_for(department)
    add(filer, declaration, "图.png", picture(size=(300, 200)))
    add(filer, declaration, "表.pdf", pdf())
    factories.submitted(filer, declaration)
    someone = person(reviewer)
    page = someone.go(f"/declarations/{declaration.pk}/")
    link(page, 2).click()
    expect(page.get_by_role("heading", name="佐证材料：预算完成率")).to_be_visible()
    assert "evidence" not in page.url  # it is beside the table
    check_accessible(page)
    with someone.context.expect_page() as opened:
        page.get_by_role("link", name="图.png").click()
    shown = opened.value
    shown.wait_for_load_state()
    assert shown.evaluate("document.images[0].naturalWidth") == 300
    shown.close()
    page.get_by_role("link", name="全部佐证材料").click()
    expect(page.get_by_text("共 2 个文件")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="全部下载（ZIP）").click()
    assert waiting.value.suggested_filename.endswith("佐证材料.zip")


def test_without_scripts_it_is_an_ordinary_form(person, filer, department):
    declaration = scored_for(department)
    someone = person(filer, java_script_enabled=False)
    page = someone.go(f"/declarations/{declaration.pk}/evidence/?at={ITEM}")
    page.get_by_label("选择文件").set_input_files([file("一.pdf", pdf("1")), file("坏.pdf", b"x")])
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".messages")).to_contain_text("已上传“一.pdf”")
    expect(page.locator(".messages")).to_contain_text("“坏.pdf”没有上传")
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".messages")).to_contain_text("已删除“一.pdf”")


def drop(page: Page, name: str, content: bytes) -> None:
    """Drops a file onto the field."""
    transfer = page.evaluate_handle(
        """([name, text]) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "application/pdf" }));
          return transfer;
        }""",
        [name, b64encode(content).decode()],
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": transfer})
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer})
