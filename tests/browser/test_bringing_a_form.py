"""An administrator brings a form without us: from a workbook with errors to a department's answer."""

import re
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from declarations.models import FormTemplate, Round
from tests import factories
from tests.browser.conftest import check_accessible
from tests.sheets.workbooks import workbook

CELLS = {
    "A1:C1": "{{year}}年文体活动绩效目标表",
    "A2": "总体目标",
    "B2:C2": "{{text.goal}}",
    "A3": "活动",
    "B3": "名称",
    "C3": "金额（万元）",
    "A4": "",
    "B4": "{{tasks.name}}",
    "C4": "{{tasks.amount}}",
    "A5": "合计",
    "B5:C5": "{{= sum(tasks.amount)}}",
}
FIELDS = [["标签", "说明", "必填"], ["text.goal", "写明全年要达到的目标。", "是"]]
RIGHT = workbook(CELLS, lines=[1], fields=FIELDS)
WRONG = workbook(
    CELLS | {"B2:C2": "{{txt.goal}}", "C4": "{{tasks.amount", "B5:C5": "=SUM(C4)"}, lines=[1]
)


def test_from_a_wrong_workbook_to_a_department_that_files(
    person, administrator, filer, department, tmp_path: Path
) -> None:
    someone = person(administrator)
    page = someone.page
    expect(page.get_by_role("heading", name="还没有表样")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="开始设置").click()
    expect(page.get_by_role("heading", name="表样", exact=True)).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="怎样制作表样").click()
    expect(page).to_have_url(re.compile("/templates/guide/"))
    check_accessible(page)
    page.go_back()
    page.get_by_role("link", name="上传表样").click()
    expect(page.get_by_label("编码")).to_be_visible()
    check_accessible(page)
    see_every_error(page, tmp_path)
    bring_the_mended_one(page, tmp_path)
    look_at_it(page)
    activate_it(page)
    open_a_round(page)
    file_into_it(person(filer).page)


def choose(page: Page, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.get_by_label("工作簿*").set_input_files(path)


def see_every_error(page: Page, tmp_path: Path) -> None:
    choose(page, tmp_path / "文体活动.xlsx", WRONG)
    page.get_by_label("编码").fill("culture-target")
    page.get_by_role("button", name="检查并安装").click()
    expect(page.get_by_role("heading", name="工作簿有 3 处错误，没有安装")).to_be_visible()
    rows = page.locator(".problems tbody tr")
    for index, cell in enumerate(("B2", "C4", "B5")):
        expect(rows.nth(index).locator("td").nth(1)).to_have_text(cell)
    check_accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载标出错误的副本").click()
    assert waiting.value.suggested_filename == "文体活动（标注）.xlsx"
    marked = load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "双花括号不成对" in marked["表样"]["C4"].comment.text
    expect(page.get_by_label("编码")).to_have_value("culture-target")
    assert not FormTemplate.objects.exists()


def bring_the_mended_one(page: Page, tmp_path: Path) -> None:
    choose(page, tmp_path / "文体活动.xlsx", RIGHT)
    page.get_by_role("button", name="检查并安装").click()
    expect(page.locator(".messages")).to_contain_text("已安装为第1版")
    assert FormTemplate.objects.get().code == "culture-target"


def look_at_it(page: Page) -> None:
    check_accessible(page)
    preview = page.get_by_role("region", name="填报页预览，可左右滚动")
    expect(preview.get_by_label("总体目标")).to_be_disabled()
    expect(preview.get_by_label("总体目标")).to_have_value(
        "示例总体目标：第一点说明。\n第二点说明。"
    )
    expect(page.locator("tr", has_text="text.goal")).to_contain_text("写明全年要达到的目标。")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="PDF 示例", exact=True).click()
    opened.value.close()
    page.bring_to_front()


def activate_it(page: Page) -> None:
    """By keyboard alone."""
    page.get_by_role("link", name="启用").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("年度")).to_be_visible()
    check_accessible(page)
    page.get_by_label("年度").fill("24")
    page.keyboard.press("Enter")
    expect(page.get_by_text("年度应在 2000 至 2100 之间")).to_be_visible()
    check_accessible(page)
    page.get_by_label("年度").fill("2024")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("已为 2024年启用第1版")


def open_a_round(page: Page) -> None:
    page.get_by_role("link", name="开启批次").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2024年 文体活动绩效目标表")
    check_accessible(page)
    page.get_by_label("指定部门").check()
    everybody = page.get_by_label("全选").first
    expect(page.get_by_text("已选 0 个，共 1 个")).to_be_visible()
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("link", name="部门：请至少选择一个部门")).to_be_visible()
    check_accessible(page)
    everybody.focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("广州市番禺区残疾人联合会")).to_be_checked()
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_text("指定部门，共 1 个")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="确认开启").dblclick()
    expect(page.locator(".messages")).to_contain_text("已开启“2024年文体活动绩效目标表”")
    check_accessible(page)
    page.get_by_role("button", name="在本页面继续").click()
    expect(page.get_by_role("status").nth(1)).to_contain_text("1 个部门可以填报")
    assert Round.objects.get().year == 2024
    page.go_back()
    page.go_back()
    page.get_by_role("button", name="确认开启").click()
    expect(page.get_by_text("这个年度已经有使用该表样的批次")).to_be_visible()
    assert Round.objects.count() == 1


def file_into_it(page: Page) -> None:
    page.get_by_role("link", name="开始填写").click()
    page.wait_for_url("**/declarations/*/")  # with the editor's script
    page.get_by_label("总体目标").fill("丰富文体生活。")
    page.locator('[name$="/amount"]').fill("12.5")
    page.keyboard.press("Tab")
    expect(page.locator("output.computed")).to_have_text("12.5")
    expect(page.locator("#save-status")).to_contain_text("已保存")


def test_a_version_is_taken_out_of_use_and_back(person, administrator, declaration) -> None:
    page = person(administrator).page
    page.get_by_role("navigation", name="管理").get_by_role("link", name="表样").click()
    page.get_by_role("link", name="第1版").click()
    page.get_by_role("button", name="停用").click()
    expect(page.locator("#confirm")).to_contain_text("正在进行的批次不受影响")
    page.get_by_role("button", name="取消").click()
    page.get_by_role("button", name="停用").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".standing .state")).to_have_text("停用")
    check_accessible(page)
    page.get_by_role("button", name="恢复").click()
    expect(page.locator(".standing .state")).to_have_text("启用")
    page.get_by_role("navigation", name="管理").get_by_role("link", name="批次").click()
    expect(page.locator(".card")).to_contain_text("共 1 个部门：未开始 1。")
    check_accessible(page)


def test_a_further_version_beside_the_first(person, administrator, tmp_path: Path) -> None:
    factories.template_for(administrator.bureau, RIGHT, code="culture-target")
    page = person(administrator).go("/templates/")
    check_accessible(page)
    page.get_by_role("link", name="文体活动绩效目标表 第1版").click()
    page.get_by_role("link", name="上传新版").click()
    choose(
        page,
        tmp_path / "新表.xlsx",
        workbook(CELLS | {"A6": "备注", "B6:C6": "{{text.note}}"}, lines=[1]),
    )
    page.get_by_role("button", name="检查并安装").click()
    expect(page.get_by_role("heading", name="与第1版相比")).to_be_visible()
    expect(page.locator(".changes ins")).to_have_text("备注")
    expect(page.locator(".changes")).to_contain_text(
        "总体目标：说明由“写明全年要达到的目标。”改为（无）"
    )
    check_accessible(page)
