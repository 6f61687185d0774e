"""A third form, unlike the two that are shipped, from its workbook to the approved document.

Operator, value and unit of an indicator stand in columns of their own, funding by level of
government as planned, received and spent: nothing in the code knows of it.
"""

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.domain.review import pass_on
from declarations.domain.rounds import open_round
from declarations.domain.rows import add_row
from declarations.domain.submission import submit
from declarations.domain.templates import install_template
from declarations.models import Declaration, DeclarationKind, Department, User
from declarations.queries.documents import document_of, fillable_of
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from declarations.sheets.trial import different_tags
from tests import factories
from tests.contract.filling import bring

WORKBOOK = Path(__file__).parents[1] / "forms" / "levels-target.xlsx"
D = Decimal
"""Amounts as typed, in 万元."""
FUNDING = {
    "central": ("320.5", "320.5", "118.06"),
    "province": ("180", "150", "75.32"),
    "city": ("96.4", "96.4", "40"),
    "district": ("1245.88", "830.25", "702.19"),
    "other_income": ("0", "0", "0"),
}
TASKS = (
    ("残疾人康复服务", "为有需求的残疾人提供康复训练和辅具适配。", "862.3", "康复科"),
    ("就业培训与岗位补贴", "举办培训班，按月发放岗位补贴。", "540.48", "就业科"),
    ("困难残疾人补贴", "按标准发放生活补贴和护理补贴。", "440", "权益科"),
)
INDICATORS = (
    ("产出指标", "数量指标", "康复服务人数", "≥", "1920", "人", "15", "每少1%扣0.5分。"),
    ("产出指标", "数量指标", "培训期数", "＝", "8", "期", "15", "每少一期扣2分。"),
    ("产出指标", "质量指标", "补贴发放准确率", "＝", "100", "％", "10", "未达到不得分。"),
    ("产出指标", "时效指标", "审批时限", "≤", "15", "工作日", "10", "每超一日扣1分。"),
    ("成本指标", "经济成本指标", "人均培训成本", "＜", "3500", "元", "20", "超出不得分。"),
    ("效益指标", "社会效益指标", "就业稳定程度", "定性", "稳步提高", "", "20", "分三档评定。"),
    ("满意度指标", "服务对象满意度指标", "服务对象满意度", "＞", "95", "％", "10", "按比例得分。"),
)
COLUMNS = (
    *("level1", "level2", "level3", "extra.operator", "target", "extra.unit"),
    *("weight", "extra.standard"),
)
TEXTS = {
    "text.fill_date": "2024-03-05",
    "text.division": "社会保障科",
    "text.overall_goal": "有需求的残疾人得到康复服务，就业更稳定，补贴按时足额发放。",
    "text.difficulties": "基层康复人员不足。",
    "text.filer": "填报人甲",
    "text.phone": "020-00000000",
}
COMPUTED = {
    *("1,842.78", "1,397.15", "935.57"),  # planned, received, spent
    *("75.82%", "50.77%"),  # received and spent of what was planned
    *("100.00%", "83.33%", "66.64%", "36.84%", "41.84%", "41.49%", "56.36%"),  # by level
    *("46.79%", "29.33%", "23.88%"),  # shares of the tasks
    "100",
}


@pytest.fixture
def declaration(department: Department) -> Declaration:
    """On the third form, installed and opened as a bureau does it."""
    template = install_template(
        None,
        bureau=department.bureau,
        code="levels-target",
        kind=DeclarationKind.TARGET,
        workbook=WORKBOOK.read_bytes(),
    )
    now = timezone.now()
    round_ = open_round(
        None,
        template=template,
        year=2024,
        opens_at=now - timedelta(days=1),
        deadline=now + timedelta(days=9),
        correction_deadline=now + timedelta(days=19),
        departments=[department],
    )
    return factories.reread(round_.declarations.get())


def typed(filer: User, declaration: Declaration) -> None:
    """Every cell filled in as in the browser, row by row."""
    for name, column, rows in (("tasks", "name", TASKS), ("indicators", "level3", INDICATORS)):
        present = len(factories.anchors(declaration, f"{name}.{column}"))
        for _ in range(len(rows) - present):
            add_row(filer, declaration_id=declaration.pk, list_anchor=name)
    texts = dict(TEXTS)
    for key, amounts in FUNDING.items():
        for column, amount in zip(("budget", "received", "executed"), amounts, strict=True):
            texts[f"funding/{key}/{column}"] = amount
    for tag, number in (("carried_over", "12.5"), ("carried_over_fiscal", "10")):
        texts[f"funding/{tag}/budget"] = number
    for column, place in (("name", 0), ("content", 1), ("amount", 2), ("extra.office", 3)):
        for anchor, row in zip(
            factories.anchors(declaration, f"tasks.{column}"), TASKS, strict=True
        ):
            texts[anchor] = row[place]
    for place, column in enumerate(COLUMNS):
        found = factories.anchors(declaration, f"indicators.{column}")
        texts |= {a: row[place] for a, row in zip(found, INDICATORS, strict=True)}
    factories.type_into(filer, declaration, **texts)


def figures() -> set[str]:
    """Everything that was typed, as the form prints it, and what is computed of it."""
    amounts = [a for row in FUNDING.values() for a in row] + [t[2] for t in TASKS] + ["12.5", "10"]
    texts = [*TEXTS.values(), *(c for t in TASKS for c in (t[0], t[1], t[3]))]
    texts += [c for row in INDICATORS for c in row if c]
    return {f"{D(a):,.2f}" for a in amounts} | set(texts) | COMPUTED


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_filed_in_the_browser_every_figure_is_in_its_documents(
    filer, reviewer, declaration: Declaration
) -> None:
    typed(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    pass_on(reviewer, declaration_id=declaration.pk)
    approved = factories.reread(declaration)
    reader = PdfReader(BytesIO(document_of(approved, "pdf")))
    printed = squeezed("".join(page.extract_text() for page in reader.pages))
    html = squeezed(document_of(approved, "html").decode())
    for figure in figures():
        assert squeezed(figure) in printed, figure
        assert squeezed(figure) in html, figure
    sheet = load_workbook(BytesIO(document_of(approved, "xlsx"))).worksheets[0]
    values = {c.value for row in sheet.iter_rows() for c in row}
    assert {1842.78, 1397.15, 935.57, 862.3, 540.48, 440, 12.5, 100, 15} <= values
    assert {"≥", "＝", "≤", "＜", "定性", "＞", "稳步提高", "每少1%扣0.5分。"} <= values
    assert json.loads(document_of(approved, "json"))["state"] == "approved"


def test_filed_by_its_workbook_it_holds_the_same(
    filer, department: Department, declaration: Declaration
) -> None:
    typed(filer, declaration)
    in_browser = load_records(declaration, form_of(declaration.round.template))
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    second = factories.round_for(declaration.round.template, other, year=2023).declarations.get()
    by_workbook = bring(
        factories.filer_of(other), second, filled_by_hand(fillable_of(second, "blank"))
    )
    form = form_of(second.round.template)
    assert different_tags(form, in_browser, load_records(by_workbook, form)) == []


def filled_by_hand(workbook: bytes) -> bytes:
    """The blank workbook with everything typed under its headings, as somebody does in Excel."""
    book = load_workbook(BytesIO(workbook))
    sheet = book.worksheets[0]
    places = {str(c.value): c for row in sheet.iter_rows() for c in row if c.value}
    sheet["A3"] = "填报日期：2024年3月5日"
    sheet["G4"] = TEXTS["text.division"]
    for row, amounts in enumerate(FUNDING.values(), start=7):
        for column, amount in zip("DEG", amounts, strict=True):
            sheet[f"{column}{row}"] = float(amount)
    sheet["D13"], sheet["G13"] = 12.5, 10
    sheet["B14"] = TEXTS["text.overall_goal"]
    for row, (name, content, amount, office) in enumerate(TASKS, start=16):
        sheet[f"B{row}"] = f"{row - 15}.{name}"
        sheet[f"D{row}"], sheet[f"G{row}"], sheet[f"J{row}"] = content, float(amount), office
    first = places["运算符"].row + 1
    for row, indicator in enumerate(INDICATORS, start=first):
        for column, text in zip("BCDEFGHI", indicator, strict=True):
            sheet[f"{column}{row}"] = float(text) if column == "H" else text or None
    difficulties = places["存在困难"].row
    sheet[f"B{difficulties}"] = TEXTS["text.difficulties"]
    signature = sheet[f"A{difficulties + 1}"]
    signature.value = (
        str(signature.value)
        .replace("填报人：", "填报人：填报人甲")
        .replace("联系电话：", "联系电话：020-00000000")
    )
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_form_is_one_that_the_command_takes(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("template", "check", WORKBOOK)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "表样可用：部门整体支出绩效目标表"
    assert "金额 21 个，单位：万元 21 个" in lines
    assert not [line for line in lines if line.startswith("提醒")]
