"""Forms unlike Panyu's work in the same editor: nested lists, rates, every kind of value."""

from playwright.sync_api import expect

from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from tests import factories
from tests.browser.conftest import check_accessible
from tests.sheets.workbooks import workbook
from tests.small_forms import EVERY_KIND, NESTED

RATES = workbook(
    {
        "A1:D1": "部门资金情况",
        "A2:D2": "单位：万元",
        "A3": "资金来源",
        "B3": "年初预算数",
        "C3": "实际支出数",
        "D3": "预算完成率",
        "A4": "合计",
        "B4": "{{= funding.general.budget + funding.funds.budget}}",
        "C4": "{{= funding.general.executed + funding.funds.executed}}",
        "D4": "{{= (funding.general.executed + funding.funds.executed)"
        " / (funding.general.budget + funding.funds.budget)}}",
        "A5": "一般公共预算",
        "B5": "{{funding.general.budget}}",
        "C5": "{{funding.general.executed}}",
        "D5": "{{= funding.general.executed / funding.general.budget}}",
        "A6": "政府性基金",
        "B6": "{{funding.funds.budget}}",
        "C6": "{{funding.funds.executed}}",
        "D6": "{{= rate(funding.funds.executed, funding.funds.budget)}}",
    },
    formats=dict.fromkeys(("B4", "C4", "B5", "C5", "B6", "C6"), "#,##0.00")
    | dict.fromkeys(("D4", "D5", "D6"), "0.00%"),
    lines=[1, 2],
)


def test_totals_and_rates_follow_each_amount(person, filer, department):
    declaration = factories.declaration_for(department, RATES)
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    outputs = page.locator("output.computed")
    page.locator('[name="funding/general/budget"]').fill("3466.57")
    page.keyboard.press("Tab")
    expect(outputs.nth(0)).to_have_text("3,466.57")
    page.locator('[name="funding/general/executed"]').fill("3221.08")
    page.keyboard.press("Tab")
    expect(outputs.nth(3)).to_have_text("92.92%")
    page.locator('[name="funding/funds/budget"]').fill("0")
    page.locator('[name="funding/funds/executed"]').fill("180")
    page.keyboard.press("Tab")
    expect(outputs.nth(4)).to_have_text("0.00%")
    expect(outputs.nth(1)).to_have_text("3,401.08")
    page.locator('[name="funding/general/budget"]').fill("")
    page.locator('[name="funding/general/executed"]').focus()
    expect(outputs.nth(3)).to_have_text("")
    check_accessible(page)


def test_rows_nested_in_rows(person, filer, department):
    declaration = factories.declaration_for(department, NESTED)
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    page.locator('[name$="/name"]').fill("任务甲")
    page.locator('[name$="/amount"]').fill("100")
    page.locator('[name$="/level3"]').fill("指标一")
    page.get_by_role("button", name="增加一行：指标").click()
    expect(page.locator('[name$="/level3"]')).to_have_count(2)
    expect(page.locator('[name$="/level3"]').nth(1)).to_be_focused()
    page.keyboard.type("指标二")
    page.keyboard.press("Tab")
    page.locator('button[data-list="tasks"]').click()
    expect(page.locator('[name$="/name"]')).to_have_count(2)
    page.locator('[name$="/name"]').nth(1).fill("任务乙")
    page.locator('[name$="/amount"]').nth(1).fill("20.5")
    page.keyboard.press("Tab")
    expect(page.locator("output.computed")).to_have_text("120.5")
    check_accessible(page)

    page.locator('[name$="/name"]').first.focus()
    page.keyboard.press("Alt+Delete")
    expect(page.locator('[name$="/name"]')).to_have_count(1)
    expect(page.locator("output.computed")).to_have_text("20.5")
    page.locator("#undo").click()
    expect(page.locator('[name$="/level3"]')).to_have_count(3)
    found = factories.reread(declaration)
    tasks = load_records(found, form_of(found.round.template)).lists["tasks"]
    assert [t.values["name"] for t in tasks] == ["任务甲", "任务乙"]
    assert [i.values["level3"] for i in tasks[0].lists["indicators"]] == ["指标一", "指标二"]


def test_every_kind_of_value_is_read_or_explained(person, filer, department):
    declaration = factories.declaration_for(department, EVERY_KIND)
    page = person(filer).go(f"/declarations/{declaration.pk}/")

    def type_in(name: str, text: str) -> None:
        page.locator(f'[name$="{name}"]').fill(text)
        page.keyboard.press("Tab")

    type_in("text/day", "2023年1月5日")
    expect(page.locator('[name="text/day"]')).to_have_value("2023-01-05")
    type_in("text/day", "2023-02-30")
    expect(page.locator(".cell-error")).to_contain_text("日期无法识别")
    page.locator('[name="text/day"]').fill("")
    type_in("/extra.rate", "85")
    expect(page.locator('[name$="/extra.rate"]')).to_have_value("85%")
    type_in("/extra.people", "３人")
    expect(page.locator(".cell-error")).to_contain_text("不要带单位“人”")
    type_in("/extra.people", "３")
    expect(page.locator('[name$="/extra.people"]')).to_have_value("3")
    expect(page.locator("output.computed").last).to_have_text("3")
    page.locator('[name="text/choice"]').select_option("丙 类")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    check_accessible(page)
