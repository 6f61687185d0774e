"""Liwan's form: rates of funding, tasks with indicators, and tasks that cross a page."""

from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from declarations.checks import Level, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.pdf import render_pdf
from tests.sheets.liwan import FORM, published
from tests.sheets.workbooks import spans

RATES = {
    "computed/C6": "2681.97",
    "computed/D6": "964.60",
    "computed/E6": "3401.08",
    "computed/F6": "93.27%",
    "computed/H6": "35.97%",
    "computed/F7": "92.92%",
    "computed/H7": "29.25%",
    "computed/F8": "100.00%",
    "computed/H8": "0.00%",
}
TARGETS = [
    *("100%100.00%", "称职以上均称职以上", "90%以上100.00%", "400人400人", "85%以上91.76%"),
    *("80分以上中期88.27分末期90.10分", "90%以上96.74%", "90%以上100.00%"),
    *("6枚或以上因疫情取消所有比赛活动", "80%以上100.00%"),
]
IN_THE_TEXT = [
    *("92%以上", "95%以上", "80分以上", "93.27%", "100.00%", "98.28分", "400名", "170人", "3期"),
    *("218人", "214人", "548人", "933辆", "2021年11月", "10.00万元", "至少配备1名"),
]


def squeezed(text: str) -> str:
    return "".join(text.split())


def pages() -> list[str]:
    pdf = render_pdf(bind(FORM, published()), title="荔湾")
    return [squeezed(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def test_totals_and_rates_are_computed_as_published() -> None:
    shown = {e.anchor: e.text for e in bind(FORM, published()).entries()}
    assert {a: t for a, t in shown.items() if a.startswith("computed/")} == RATES


def test_a_task_spans_its_indicators() -> None:
    rows = [cells for cells in spans(bind(FORM, published())) if cells]
    tasks = [cells for cells in rows if cells[0][0].startswith("任务")]
    assert [cells[0][0].strip() for cells in tasks] == ["任务1", "任务2", "任务3"]
    assert [cells[0][1] for cells in tasks] == [3, 3, 4]
    assert [cells[-1][:2] for cells in tasks] == [("830.91", 3), ("2293.49", 3), ("276.68", 4)]


def test_every_figure_is_in_the_pdf() -> None:
    text = "".join(pages())
    assert [f for f in (*RATES.values(), *TARGETS, *IN_THE_TEXT) if f not in text] == []
    for figure in ("784.60", "3221.08", "180.00", "830.91", "2293.49", "276.68"):
        assert figure in text


def test_the_cells_of_a_task_that_crosses_a_page_are_printed_again() -> None:
    first, second, *_ = pages()
    again = ("任务2", "制订并实施残疾人康复工作计划", "辅助性就业需求得到满足", "2293.49")
    assert [text for text in again if text not in first or text not in second] == []
    assert "寄宿托养人数完成率" in first
    assert "寄宿托养人数完成率" not in second
    assert "社区精神康复服务中" in second


def test_nothing_must_be_corrected() -> None:
    assert [f.message for f in run_checks(bind(FORM, published())) if f.level is Level.MUST] == []


def test_the_tasks_must_come_to_what_was_spent() -> None:
    records = published()
    records.lists["tasks"][2].values["amount"] = Decimal(2776800)
    assert [f.message for f in run_checks(bind(FORM, records)) if f.level is Level.MUST] == [
        (
            "各项任务涉及资金的合计应等于整体年度实际支出数：“任务涉及资金”合计 3,402.08万元，"
            "“一般公共预算 实际支出数”＋“政府性基金 实际支出数” 3,401.08万元，相差 1.00万元"
        )
    ]


def test_rounding_to_ten_thousands_is_no_contradiction() -> None:
    records = published()
    records.lists["tasks"][2].values["amount"] = Decimal(2766900)  # 276.69 for 276.68
    assert [f for f in run_checks(bind(FORM, records)) if f.level is Level.MUST] == []
