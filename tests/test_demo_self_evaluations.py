"""The demo's self-evaluations: what Liwan published for 2021."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.checks import Level, run_checks
from declarations.management.demo.loading import load_demo
from declarations.models import State
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of
from declarations.queries.pages import editor_table

LIWAN = "liwan-dpf/2021/liwan-self-evaluation"
LIWAN_AMOUNTS = [
    *("2681.97", "964.60", "3401.08", "784.60", "3221.08", "0.00", "180.00"),
    *("830.91", "2293.49", "276.68"),
]
LIWAN_RATES = ["93.27%", "35.97%", "92.92%", "29.25%", "100.00%", "0.00%"]
LIWAN_TEXTS = [
    *("广州市荔湾区残疾人联合会(部门)", "（2021年度）", "任务1", "任务2", "任务3"),
    *("在编人员及退休人员待遇保障率", "社区专职委员年度考核情况", "均称职以上"),
    *(
        "社区精神康复服务总人数",
        "寄宿托养人数完成率",
        "85%以上",
        "91.76%",
        "中期88.27分",
        "90.10分",
    ),
    *("入户调查覆盖率", "96.74%", "6枚或以上", "因疫情取消所有比赛活动", "80%以上"),
    *("98.28分", "218人", "214人", "548人", "933辆", "10.00万元", "020-00000000"),
]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture
def demo(db: None) -> None:
    assert load_demo()


@pytest.mark.usefixtures("demo")
def test_liwans_self_evaluation_was_approved_and_carries_every_figure() -> None:
    declaration = by_reference(LIWAN)
    assert declaration.state == State.APPROVED
    assert [f for f in run_checks(editor_table(declaration)) if f.level is Level.MUST] == []
    pdf = document_of(declaration, "pdf")
    in_pdf = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    in_html = squeezed(re.sub("<[^>]+>", "", document_of(declaration, "html").decode()))
    wanted = LIWAN_AMOUNTS + LIWAN_RATES + LIWAN_TEXTS
    assert [w for w in wanted if w not in in_pdf or w not in in_html] == []
    sheet = load_workbook(BytesIO(document_of(declaration, "xlsx"))).worksheets[0]
    values = [c.value for row in sheet.iter_rows() for c in row if c.value is not None]
    in_workbook = squeezed("\n".join(str(v) for v in values))
    numbers = {Decimal(str(v)) for v in values if isinstance(v, int | float)}
    assert [t for t in LIWAN_TEXTS if t not in in_workbook] == []
    assert {Decimal(a) for a in LIWAN_AMOUNTS} <= numbers
