"""The demo's self-evaluations: what Liwan and Huadu published for 2021."""

import re
from collections import Counter
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.checks import Level, run_checks
from declarations.models import State
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_for
from declarations.queries.pages import editor_table
from declarations.queries.scores import scored_now

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


HUADU = "huadu-dpf/2021/huadu-self-evaluation"
HUADU_FIGURES = [
    *("37,749,994.89", "33,828,375.60", "9,901,966.37", "8,598,240.56", "27,848,028.52"),
    *("25,230,135.04", "89.61%", "86.83%", "90.60%", "0.00%", "99.08"),
    *("89.61%×4=3.5844", "(3455560.23/4138427.79)×100%=83.50%"),
    *("455451.05/583092.57×100%=78.1%", "(28007.62/116000)×100%=24%"),
]
HUADU_INDICATORS = [
    *(
        "聘请康复资助工作人员工资1.001人1人1.00无",
        "贫困精神病人住院出车费1.00≥70人8人1.00家属自驾接送病人",
    ),
    *("社交康乐活动人次1.00≥100023691.00无", "服务对象(含家属)满意度2.0085%或以上100%2.00无"),
    "入户探访、电话探访、小组服务人次1.00≥400人次、≥480人次、≥420人次450人次、698人次、556人次1.00",
    *("是否促进残疾学生学习1.00显著显著1.00", "是否在当年12月31日前完成1.00是是1.00"),
    "发放残疾学前儿童生活补助1.00≥35人481.00因年初指标值设定明显偏低造成的",
    *("维护社会稳定认可度1.0080%及以上100%1.00", "残疾矫治手术2.002人10人2.00无"),
    *("残疾辅助器具适配1.00200例448例1.00", "精神障碍患者住院治疗资助1.005人217人1.00"),
]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


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


@pytest.mark.usefixtures("demo")
def test_huadus_draft_carries_every_figure_and_is_scored_by_its_own_rules() -> None:
    declaration = by_reference(HUADU)
    assert declaration.state == State.DRAFT
    pdf = document_of(declaration, "pdf")
    in_pdf = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    assert [f for f in HUADU_FIGURES if f not in in_pdf] == []
    in_html = squeezed(unescape(re.sub("<[^>]+>", "", document_of(declaration, "html").decode())))
    wanted = HUADU_FIGURES + HUADU_INDICATORS
    assert [w for w in wanted if w not in in_html] == []
    table = editor_table(declaration)
    assert sum(e.anchor.endswith("/level3") for e in table.entries()) == 42
    assert [e.anchor for e in table.entries() if e.field.required and e.is_blank] == []
    scored = scored_now(declaration)
    assert scored is not None
    assert (scored.scoring.self_score, scored.scoring.rule_score) == (
        Decimal("99.08"),
        Decimal("89.61"),
    )
    assert scored.rule_grade == "良"
    found = Counter(f.code for f in findings_now(declaration, form_for(declaration.round)))
    assert found == {
        "target_far_exceeded_unexplained": 8,
        "score_differs": 3,
        "bonus_without_evidence": 1,
    }


@pytest.mark.usefixtures("demo")
def test_panyus_target_is_carried_into_huadus_form_scored_reviewed_and_graded() -> None:
    declaration = by_reference("panyu-dpf/2023/huadu-self-evaluation")
    target = by_reference("panyu-dpf/2023/panyu-target")
    assert declaration.based_on == target.approved
    assert declaration.state == State.APPROVED
    carried = declaration.indicators.exclude(approved_from=None)
    assert set(carried.values_list("approved_from", "level3", "target")) == set(
        target.indicators.values_list("id", "level3", "target")
    )
    assert declaration.approved is not None
    result = declaration.approved.result
    assert (result.self_score, result.rule_score, result.total, result.grade) == (
        Decimal("94.16"),
        Decimal("94.02"),
        Decimal("94.02"),
        "优",
    )
    (reviewed,) = result.lines.exclude(review_score=None)
    assert (reviewed.self_score, reviewed.rule_score, reviewed.review_score) == (
        Decimal("6.25"),
        Decimal("6.11"),
        Decimal("6.11"),
    )
