"""Caidian's declaration, typed into the browser and brought as a workbook of the department's
own making: the same records, and a PDF with every figure."""

import re
from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from declarations.domain.submission import submit
from declarations.models import Declaration, State, User
from declarations.queries.documents import document_of
from declarations.sheets.fields import Field
from declarations.sheets.records import Item, Records
from tests import factories
from tests.browser.conftest import check_accessible
from tests.browser.test_importing import XLSX
from tests.factories import reread
from tests.sheets.caidian import FORM, TEMPLATE, corrected
from tests.sheets.workbooks import saved
from tests.uploads import stored

RECORDS = corrected()
PROJECTS = ("name", "total_amount", "amount", "content")
INDICATORS = ("level1", "level2", "level3", "prior2", "prior1", "target", "basis")


def typed(tag: str, value: object) -> str:
    """A value as one types it."""
    return FORM.fields[tag].edit_text(value)  # type: ignore[arg-type]


def rows(list_name: str, items: list[Item], columns: tuple[str, ...]) -> list[list[str]]:
    return [[typed(f"{list_name}.{c}", i.values.get(c)) for c in columns] for i in items]


@pytest.fixture
def in_browser(department) -> Declaration:
    return factories.declaration_for(department, TEMPLATE)


@pytest.fixture
def by_workbook(in_browser) -> tuple[Declaration, User]:
    """The same form in another bureau, whose department has the same name."""
    department = factories.DepartmentFactory.create(name=in_browser.department.name)
    declaration = factories.declaration_for(department, TEMPLATE)
    return declaration, factories.filer_of(department, name="填报人乙")


def test_typed_or_brought_it_is_the_same(person, filer, in_browser, by_workbook) -> None:
    type_all(person(filer), in_browser)
    brought, its_filer = by_workbook
    bring_all(person(its_filer).page, brought)
    assert said(stored(in_browser)) == said(stored(brought)) == said(RECORDS)
    for someone, declaration in ((filer, in_browser), (its_filer, brought)):
        submit(someone, declaration_id=declaration.pk)
        assert reread(declaration).state == State.SUBMITTED
    assert printed(in_browser) == printed(brought)
    assert [f for f in published_figures() if f not in printed(in_browser)] == []


# In the browser


def type_all(someone, declaration: Declaration) -> None:
    page = someone.go(f"/declarations/{declaration.pk}/")
    for key, line in RECORDS.funding.items():
        for column, amount in line.items():
            fill(page, f"funding/{key}/{column}", typed(f"funding.{key}.{column}", amount))
    for key, text in RECORDS.texts.items():
        fill(page, f"text/{key}", text)
    paste(someone, "task", "content", rows("projects", RECORDS.lists["projects"], PROJECTS))
    (goal,) = RECORDS.lists["goals"]
    names = page.locator('[name^="task/"][name$="/name"]')
    fill(page, names.last.get_attribute("name"), typed("goals.name", goal.values["name"]))
    block = rows("goals.indicators", goal.lists["indicators"], INDICATORS)
    paste(someone, "indicator", "basis", block)
    expect(page.locator("output", has_text="39.47%")).to_be_visible()
    expect(page.locator("#save-status")).to_contain_text("已保存")


def fill(page: Page, anchor: str | None, text: str) -> None:
    cell = page.locator(f'[name="{anchor}"]')
    cell.fill(text)
    cell.blur()


def paste(someone, kind: str, last: str, block: list[list[str]]) -> None:
    page = someone.page
    someone.copy(block)
    first = {"task": "name", "indicator": "level1"}[kind]
    page.locator(f'[name^="{kind}/"][name$="/{first}"]').first.focus()
    someone.paste()
    cells = page.locator(f'[name^="{kind}/"][name$="/{last}"]')
    expect(cells.nth(len(block) - 1)).to_have_value(block[-1][-1])


# As a workbook


def bring_all(page: Page, declaration: Declaration) -> None:
    page.goto(page.url + f"declarations/{declaration.pk}/")
    page.get_by_role("link", name="导入 Excel").click()
    page.get_by_label("选择 Excel 工作簿").set_input_files(
        {"name": "绩效目标.xlsx", "mimeType": XLSX, "buffer": their_own_workbook()}
    )
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="核对导入")).to_be_visible()
    check_accessible(page)
    confirm = page.get_by_label(re.compile("我已核对"))
    if confirm.count():
        confirm.check()
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("已导入")


def their_own_workbook() -> bytes:
    """As a department makes it: a title above, labels with other spaces, no empty goals, shares
    and totals typed in, amounts as numbers, the sheet not the first."""
    book = Workbook()
    book.active.title = "说明"  # type: ignore[union-attr]
    book.active["A1"] = "填表说明：金额单位为万元。"  # type: ignore[index]
    sheet = book.create_sheet("2023")
    amount = {key: line["budget"] for key, line in RECORDS.funding.items()}
    prior = RECORDS.funding["fiscal"]
    texts = RECORDS.texts
    lines: list[list[object]] = [
        ["附件2"],
        ["部门整体支出绩效目标申报表"],
        [f"填报日期：{texts['fill_date']}", None, None, None, "单位：万元"],
        ["部门(单位)名称", "广州市番禺区残疾人联合会"],
        ["填报人", texts["filer"], None, None, "联系电话", texts["phone"]],
        ["部门总体收支情况", "总体收支情况", None, None, "当年金额", "占比", "近两年收支金额"],
        [None, None, None, None, None, None, "2021年", "2022年"],
        [
            None,
            "收入构成",
            "财政拨款",
            None,
            wan(amount["fiscal"]),
            "100%",
            wan(prior["prior2"]),
            wan(prior["prior1"]),
        ],
        [None, None, "其他资金", None, wan(amount["other_income"]), "0%"],
        [None, None, "合　计", None, 1485.73, "100%", 2699, 1506.76],
        [None, "支出构成", "基本支出", None, wan(amount["basic"]), "39.47%"],
        [None, None, "项目支出", None, wan(amount["project"]), "60.53%"],
        [None, None, "合　计", None, 1485.73, "100%"],
        ["部门职能概述", texts["functions"]],
        ["年度工作任务", texts["annual_tasks"]],
        [
            "项目支出情况",
            "项目名称",
            None,
            None,
            "项目总预算",
            "项目本年度预算",
            "项目主要支出方向和用途",
        ],
    ]
    for project in RECORDS.lists["projects"]:
        v = project.values
        money = [wan(v["total_amount"]), wan(v["amount"])]
        lines.append([None, v["name"], None, None, *money, v["content"]])
    (goal,) = RECORDS.lists["goals"]
    lines += [
        ["年度目标1：", goal.values["name"]],
        [None, "一级指标", "二级指标", "三级指标", "指标值", None, None, "指标值确定依据"],
        [None, None, None, None, "近两年指标值", None, "预期当年实现值"],
        [None, None, None, None, "前年", "上年"],
    ]
    lines += [
        [None, *(row.values[column] for column in INDICATORS)] for row in goal.lists["indicators"]
    ]
    for line in lines:
        sheet.append(line)
    for merged in ("A6:A13", "E6:E7", "F6:F7", "G6:H6", "B8:B10", "B11:B13", "A16:A22"):
        sheet.merge_cells(merged)
    return saved(book)


def wan(amount: object) -> float:
    """元 as a number of 万元."""
    return float(typed("funding.fiscal.budget", amount).replace(",", ""))


# What came of it


def said(records: Records) -> object:
    """What records say, without the anchors of rows."""

    def value(field: Field, item: Item) -> object:
        return item.values.get(field.column) or None

    def listed(path: tuple[str, ...], items: list[Item]) -> object:
        return [
            (
                [value(f, item) for f in FORM.fields_of(path)],
                [listed((*path, name), inner) for name, inner in item.lists.items()],
            )
            for item in items
        ]

    lists = [listed((name,), items) for name, items in sorted(records.lists.items())]
    return records.funding, records.texts, lists


def printed(declaration: Declaration) -> str:
    """The text of the PDF, without spaces."""
    pdf = PdfReader(BytesIO(document_of(reread(declaration), "pdf")))
    return "".join("".join(page.extract_text() for page in pdf.pages).split())


def published_figures() -> set[str]:
    """Those of the published form, with the amounts that give its shares."""
    money = {"1485.73", "2699.00", "1506.76", "586.42", "899.31"}
    projects = {"120", "80", "73.7", "662.8", "352.3", "650"}
    targets = {"461", "480", "1100", "100", "140", "5000", "4", "100%", "95.00%", "90%"}
    return money | projects | targets | {"39.47%", "60.53%"}
