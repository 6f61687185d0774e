"""Huadu's form: what is scored stands in the table as the rubric says it, and adds up."""

from decimal import Decimal
from io import BytesIO
from itertools import pairwise

from pypdf import PdfReader

from declarations.checks import Level, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.pdf import render_pdf
from declarations.sheets.table import Table
from tests.sheets.huadu import FORM, published
from tests.sheets.workbooks import spans

GROUPS = {
    "绩效管理": 15,
    "资金管理": 16,
    "采购管理": 2,
    "信息公开管理": 4,
    "资产管理": 4,
    "成本管理": 4,
}
RATES = ["89.61%", "0.00%", "86.83%", "90.60%", "89.61%", "0.00%"]
SELF_SCORES = [
    *("2.00", "3.00", "2.00", "2.00", "4.00", "2.00", "3.00", "3.58", "2.00", "2.00", "2.00"),
    *("3.00", "2.00", "2.00", "2.00", "1.00", "1.00", "1.50", "2.00", "2.00", "5.00"),
]


def shown(table: Table) -> dict[str, str]:
    return {e.anchor: e.text for e in table.entries()}


def test_the_rubric_has_21_items_and_a_rule_for_the_indicators() -> None:
    items = [item for item in FORM.rubric.items if not item.is_list]
    assert len(items) == len(SELF_SCORES)
    assert [i.key for i in FORM.rubric.items if i.is_list] == ["tasks.indicators"]
    assert [i.level2 for i in items if i.is_bonus] == ["工作表现加减分"]
    assert FORM.rubric.far_above == Decimal("1.3")


def test_the_points_printed_for_groups_are_those_of_their_items() -> None:
    cells = [cells for cells in spans(bind(FORM, published())) if cells]
    printed = {
        name: Decimal(points)
        for row in cells
        for (name, *_), (points, *_) in pairwise(row)
        if name in {*GROUPS, "管理效率", "履职效能", "加减分项", "工作表现加减分", "总分"}
    }
    items = [item for item in FORM.rubric.items if not item.is_list]
    groups = {name: sum(i.points for i in items if i.level2 == name) for name in GROUPS}
    assert groups == GROUPS
    tasks = published().lists["tasks"]
    whole = {
        "管理效率": sum(groups.values()),
        "履职效能": sum(Decimal(t.values["weight"] or 0) for t in tasks),
        "加减分项": 5,
        "工作表现加减分": 5,
        "总分": 100,
    }
    assert printed == groups | whole


def test_the_words_of_the_rubric_are_headings_of_the_table() -> None:
    headings = {c.text for c in bind(FORM, published()).cells() if c.is_heading}
    for item in FORM.rubric.items:
        if not item.is_list:
            assert {item.name, f"{item.points:.2f}", item.definition, item.standard} <= headings


def test_what_was_claimed_adds_up_to_more_than_was_printed() -> None:
    """The published total, 94.08, leaves out the bonus."""
    table = bind(FORM, published())
    texts = shown(table)
    assert [texts[f"score/{i.key}/self_score"] for i in FORM.rubric.items if not i.is_list] == (
        SELF_SCORES
    )
    assert texts["computed/I35"] == "99.08"
    assert [texts[f"computed/{c}10"] for c in "EGHIKL"] == RATES
    indicators = [i for task in published().lists["tasks"] for i in task.lists["indicators"]]
    assert len(indicators) == 42


def test_the_forms_own_sums_hold() -> None:
    findings = run_checks(bind(FORM, published(), editing=True))
    assert [f.code for f in findings if f.code.startswith("rule.") or f.code == "required"] == []


def test_points_that_do_not_add_up_are_found() -> None:
    records = published()
    records.lists["tasks"][0].lists["indicators"][0].values["weight"] = Decimal(2)
    codes = {f.code for f in run_checks(bind(FORM, records, editing=True)) if f.level is Level.MUST}
    assert "rule.indicators_and_task" in codes
    records = published()
    records.lists["tasks"].pop()
    codes = {f.code for f in run_checks(bind(FORM, records, editing=True)) if f.level is Level.MUST}
    assert "rule.tasks_total" in codes


def test_each_page_has_the_headings_of_its_own_part() -> None:
    pdf = render_pdf(bind(FORM, published()), title="花都")
    pages = ["".join(p.extract_text().split()) for p in PdfReader(BytesIO(pdf)).pages]
    first, *others = pages
    assert "广州市花都区残疾人联合会" in first
    for page in others:
        of_items, of_indicators = "评分标准" in page[:60], "实际完成指标值" in page[:60]
        assert of_items != of_indicators
    text = "".join(pages)
    for figure in ("37,749,994.89", "25,230,135.04", "450人次、698人次、556人次", "2369"):
        assert figure in text
