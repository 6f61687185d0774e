"""The main job on real input: Panyu's target declaration, from blank to the approved PDF."""

import json
import re
from io import BytesIO
from pathlib import Path

from playwright.sync_api import expect
from pypdf import PdfReader

from declarations.management.demo.filling import Content
from declarations.models import Declaration, State
from tests.browser.conftest import check_accessible
from tests.factories import reread

PANYU = Content.read("panyu-target")


def test_filed_returned_corrected_approved_downloaded(
    person, filer, reviewer, administrator, declaration
):
    fill_in_by_keyboard_and_paste(person(filer), declaration)
    assert reread(declaration).state == State.SUBMITTED
    return_with_a_comment_on_a_cell(person(reviewer), declaration)
    correct_and_resubmit(person(filer), declaration)
    see_exactly_what_changed_and_approve(person(reviewer), declaration)
    download_the_pdf(person(administrator), declaration)


def fill_in_by_keyboard_and_paste(someone, declaration: Declaration) -> None:
    page = someone.page
    check_accessible(page)
    page.get_by_role("link", name="开始填写").click()
    expect(page.locator("#save-status")).to_be_attached()
    check_accessible(page)

    # The budget block, by keyboard alone: Tab and Enter move as in a spreadsheet.
    page.locator('[name="funding/basic/budget"]').focus()
    for key in ("basic", "fiscal", "project", "other_income"):
        expect(page.locator(f'[name="funding/{key}/budget"]')).to_be_focused()
        page.keyboard.type(PANYU.funding[key]["budget"])
        page.keyboard.press("Tab")
    expect(page.locator('[name="funding/special/budget"]')).to_be_focused()
    page.keyboard.type(PANYU.funding["special"]["budget"])
    page.keyboard.press("Enter")
    expect(page.locator('[name="funding/development/budget"]')).to_be_focused()
    page.keyboard.type(PANYU.funding["development"]["budget"])
    page.keyboard.press("ArrowRight")
    expect(page.locator('[name="funding/transfer/budget"]')).to_be_focused()
    page.keyboard.type(PANYU.funding["transfer"]["budget"])
    page.keyboard.press("ArrowUp")
    expect(page.locator('[name="funding/district/budget"]')).to_be_focused()
    page.keyboard.type(PANYU.funding["district"]["budget"])
    page.locator('[name="text/overall_goal"]').focus()
    page.keyboard.type(PANYU.texts["overall_goal"])
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    expect(page.locator("output", has_text="5,195.12").first).to_be_visible()

    # The lists, as blocks copied from a spreadsheet; missing rows are added.
    paste_list(
        someone,
        "tasks.name",
        [[t["name"], t["content"], t["amount"], t["expected"]] for t in PANYU.lists["tasks"]],
    )
    expect(page.locator("#toasts")).to_contain_text("新增 7 行")
    paste_list(
        someone,
        "indicators.level1",
        [
            [i["level1"], i["level2"], i["level3"], i["period_target"], i["target"]]
            for i in PANYU.lists["indicators"]
        ],
    )
    expect(page.locator("#toasts")).to_contain_text("已粘贴 40 格")

    # The other tasks, typed into a cell with three fields, rows added with the button.
    for number, task in enumerate(PANYU.lists["other_tasks"], start=1):
        if number > 1:
            page.get_by_role("button", name="增加一行：其他需完成的任务").click()
        row = page.get_by_label(f"第{number}行 其他任务名称")
        expect(row).to_be_visible()
        row.focus()
        page.keyboard.type(task["name"])
        page.keyboard.press("Tab")
        page.keyboard.type(task["content"])
        page.keyboard.press("Tab")
        page.keyboard.type(task["amount"])
        page.keyboard.press("Tab")
    expect(page.locator("output", has_text="4,712.03")).to_be_visible()
    explain_what_is_found(page)
    check_accessible(page)
    page.get_by_role("link", name="提交", exact=True).click()
    expect(page.get_by_text("必填内容已全部填写")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    check_accessible(page)


def explain_what_is_found(page) -> None:
    """Panyu's indicators are of quantity, timeliness and satisfaction; nothing else is found."""
    page.get_by_role("link", name=re.compile("提示 1 *：绩效指标")).press("Enter")
    expect(page.locator("#finding-list li")).to_have_count(1)
    page.get_by_role("textbox", name="说明：没有质量指标").focus()
    page.keyboard.type("各项任务按合同约定的标准验收，不另设质量指标。")
    page.keyboard.press("Tab")
    expect(page.locator("#outline li.todo")).to_have_count(0)


def paste_list(someone, tag: str, rows: list[list[str]]) -> None:
    column = tag.split(".")[1]
    kind = "indicator" if tag.startswith("indicators") else "task"
    first = someone.page.locator(f'[name^="{kind}/"][name$="/{column}"]').first
    someone.copy(rows)
    first.focus()
    someone.paste()
    cells = someone.page.locator(f'[name^="{kind}/"][name$="/{column}"]')
    expect(cells.nth(len(rows) - 1)).to_have_value(rows[-1][0])


def return_with_a_comment_on_a_cell(someone, declaration: Declaration) -> None:
    page = someone.page
    check_accessible(page)
    page.get_by_role("link", name="开始审核").click()
    expect(page.locator("#panel")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name=re.compile(r"^第1行 年度指标值：\s*预计资助1920例。")).click()
    page.get_by_role("textbox", name="批注").fill("请写明1920例的测算依据。")
    page.get_by_role("button", name="添加批注").click()
    expect(page.locator("#sheet .badge")).to_have_text("批注 1")
    check_accessible(page)
    page.get_by_role("button", name=re.compile("^退回")).click()
    expect(page.locator("#confirm")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已退回")
    assert reread(declaration).state == State.RETURNED


def correct_and_resubmit(someone, declaration: Declaration) -> None:
    page = someone.page
    expect(page.locator(".card")).to_contain_text("已退回，请修改")
    page.get_by_role("link", name="继续修改").click()
    comment = page.locator("#panel .comment")
    expect(comment).to_contain_text("请写明1920例的测算依据。")
    check_accessible(page)
    expect(comment).to_contain_text("尚未修改")
    comment.get_by_role("link", name="绩效指标 第1行 年度指标值").click()
    cell = page.get_by_label("第1行 年度指标值（有1条批注）")
    expect(cell).to_be_focused()
    cell.fill("预计资助1920例（上年1890例）。")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="重新提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")


def see_exactly_what_changed_and_approve(someone, declaration: Declaration) -> None:
    page = someone.page
    page.get_by_role("link", name="开始审核").click()
    expect(page.get_by_role("heading", name="与第1版相比：修改 1 格")).to_be_visible()
    expect(page.locator("a.cell.changed")).to_have_count(1)
    expect(page.locator("a.cell.changed")).to_contain_text("预计资助1920例")
    expect(page.locator("a.cell.changed ins")).to_contain_text("（上年1890例）")
    expect(page.locator("#panel .comment")).to_contain_text("部门已修改")
    check_accessible(page)
    page.get_by_role("button", name="审核通过").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已审核通过")
    assert reread(declaration).state == State.APPROVED


def download_the_pdf(someone, declaration: Declaration) -> None:
    page = someone.page
    check_accessible(page)
    page.get_by_role("link", name="申报清单", exact=True).click()
    expect(page.get_by_role("heading", name="申报清单", exact=True)).to_be_visible()
    page.get_by_role("link", name=declaration.department.name).click()
    page.get_by_text("下载", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF（打印、盖章）").click()
    download = waiting.value
    assert download.suggested_filename.endswith(".pdf")
    pdf = PdfReader(BytesIO(Path(download.path()).read_bytes()))
    text = "".join("".join(p.extract_text() for p in pdf.pages).split())
    for figure in (*(line["budget"] for line in PANYU.funding.values()), "1920", "873.71", "1,348"):
        assert figure in text
    assert "草稿" not in text
    assert json.dumps(reread(declaration).revision.content, ensure_ascii=False).count("1890") == 1
