"""Excel out and in, in the browser: handed out, filled in, brought, looked at, imported, undone."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import expect

from declarations.models import Declaration, UploadState
from tests.browser.conftest import check_accessible
from tests.factories import text_of, type_into
from tests.uploads import with_a_bad_amount, with_goal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOAL = "text/overall_goal"


def choose(page, name: str, workbook: bytes) -> None:
    page.get_by_label("选择 Excel 工作簿").set_input_files(
        {"name": name, "mimeType": XLSX, "buffer": workbook}
    )


def filled_in(workbook: bytes) -> bytes:
    """The workbook that was handed out, with a goal and a budget written into it."""
    book = load_workbook(BytesIO(workbook), data_only=True)
    sheet = book.worksheets[0]
    sheet["E5"] = 483.09
    sheet["B10"] = "让残疾人得到更及时的康复服务。"
    sheet["B12"] = "任务1：康复资助"
    sheet["E12"] = 833.08
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_form_goes_out_and_comes_back_filled_in(person, filer, declaration: Declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    page.get_by_role("link", name="导入 Excel").click()
    expect(page.get_by_role("heading", name="从 Excel 导入")).to_be_visible()
    check_accessible(page)
    page.get_by_text("可以上传什么样的工作簿").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="空白的").click()
    handed_out = Path(waiting.value.path()).read_bytes()

    choose(page, "申报表.xlsx", filled_in(handed_out))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="核对导入：申报表.xlsx")).to_be_visible()
    expect(page.locator(".message").first).to_contain_text("修改 2 格，新增 1 行")
    check_accessible(page)
    assert text_of(declaration, GOAL) == ""

    # By keyboard alone: down to the button and go.
    page.get_by_role("button", name="导入").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("已导入：修改 2 格，新增 1 行")
    expect(page.locator(f'[name="{GOAL}"]')).to_have_value("让残疾人得到更及时的康复服务。")
    expect(page.locator('[name="funding/basic/budget"]')).to_have_value("483.09")
    check_accessible(page)

    page.locator("#toasts").get_by_role("button", name="撤销").click()
    expect(page.locator("#toasts")).to_contain_text("已撤销导入")
    expect(page.locator(f'[name="{GOAL}"]')).to_have_value("")
    page.get_by_role("link", name="导入 Excel").click()
    expect(page.locator(".card")).to_contain_text("已撤销")
    check_accessible(page)


def test_what_is_wrong_is_listed_and_comes_back_marked(person, filer, declaration: Declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/uploads/")
    choose(page, "申报表.xlsx", with_a_bad_amount(declaration))
    page.get_by_label("选择 Excel 工作簿").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".message.error").first).to_contain_text("有 1 处需要改正")
    expect(page.get_by_role("row", name="E5")).to_contain_text("“大约五百万”不是数字")
    check_accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载标出错误的工作簿").click()
    assert waiting.value.suggested_filename == "（已标注）申报表.xlsx"
    book = load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "大约五百万" in book["部门整体预算绩效目标申报表"]["E5"].comment.text

    choose(page, "网页.xlsx", b"<html>")
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="没有导入：网页.xlsx")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="全部上传记录").click()
    expect(page.locator(".card")).to_have_count(2)


def test_a_file_is_dropped_and_one_too_large_is_not_even_sent(person, filer, declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/uploads/")
    drop(page, "大.xlsx", b"x" * 11_000_000)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("#upload-problem")).to_contain_text("文件 10.5 MB，超过 10 MB")
    check_accessible(page)
    drop(page, "申报表.xlsx", with_goal(declaration))
    expect(page.locator("#upload-problem")).to_be_hidden()
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="核对导入：申报表.xlsx")).to_be_visible()
    page.get_by_role("button", name="放弃").click()
    expect(page.locator(".messages")).to_contain_text("原有内容没有改动")
    assert [u.state for u in declaration.uploads.all()] == [UploadState.SET_ASIDE]


def drop(page, name: str, content: bytes) -> None:
    """Drops a file onto the page."""
    transfer = page.evaluate_handle(
        """([name, text, type]) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type }));
          return transfer;
        }""",
        [name, b64encode(content).decode(), XLSX],
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": transfer})
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})


def test_a_colleague_writes_while_one_looks_and_back_offers_nothing_twice(
    person, filer, colleague, declaration: Declaration
):
    page = person(filer).go(f"/declarations/{declaration.pk}/uploads/")
    choose(page, "申报表.xlsx", with_goal(declaration, "工作簿里的目标"))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("button", name="导入")).to_be_visible()
    type_into(colleague, declaration, **{GOAL: "同事刚写的目标"})
    page.get_by_role("button", name="导入").click()
    expect(page.locator(".messages")).to_contain_text("内容在预览后又被修改过，请重新核对")
    expect(page.locator("td.was")).to_have_text("同事刚写的目标")
    page.get_by_role("button", name="导入").dblclick()
    expect(page.locator(f'[name="{GOAL}"]')).to_have_value("工作簿里的目标")
    page.go_back()
    expect(page.locator("main")).to_contain_text("已导入")
    expect(page.get_by_role("button", name="导入", exact=True)).to_have_count(0)
