"""Caidian's form: blocks of goals with headings and indicators of their own, shares computed."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from declarations.sheets.bind import bind
from declarations.sheets.parse import parse_form
from declarations.sheets.pdf import render_pdf
from declarations.sheets.records import Item, Records
from tests.sheets.workbooks import indicator, spans, task

D = Decimal
FORMS = Path(__file__).parents[2] / "declarations" / "forms"
FORM = parse_form((FORMS / "caidian-target.xlsx").read_bytes())


def goal(number: int, name: str, *rows: Item) -> Item:
    return task(number, *rows, name=name)


def records() -> Records:
    """The published figures, with the amounts that give its shares."""
    rows = [
        indicator(
            1, level1="产出指标", level2="数量指标", level3="残疾人乘车持卡人数", target="5000人"
        ),
        indicator(2, level1="产出指标", level2="质量指标", level3="补贴到位率", target="100%"),
        indicator(3, level1="效益指标", level2="社会效益指标", level3="残疾人精准康复服务率"),
    ]
    return Records(
        context={"department.name": "武汉市蔡甸区残疾人联合会", "year": "2023"},
        funding={
            "fiscal": {"budget": D(14_857_300), "prior2": D(26_990_000), "prior1": D(15_067_600)},
            "other_income": {"budget": D(0)},
            "basic": {"budget": D(5_864_200)},
            "project": {"budget": D(8_993_100)},
        },
        lists={"goals": [goal(1, "年度残联发展专项目标", *rows), goal(2, "……")]},
    )


def test_shares_and_totals_are_computed() -> None:
    shown = {e.anchor: e.text for e in bind(FORM, records()).entries()}
    assert shown["computed/E9"] == "1485.73"
    assert shown["computed/F7"] == "100.00%"
    assert shown["computed/F10"] == "39.47%"
    assert shown["computed/F11"] == "60.53%"
    assert shown["computed/F12"] == "100.00%"


def test_the_two_years_before_are_named() -> None:
    assert {"2021年", "2022年"} <= {c.text for c in bind(FORM, records()).cells()}


def test_each_goal_repeats_with_its_headings_and_indicators() -> None:
    table = bind(FORM, records())
    rows = [cells for cells in spans(table) if cells]
    heads = [i for i, cells in enumerate(rows) if cells[0][0].startswith("年度目标")]
    first, second = heads
    assert rows[first][:2] == [("年度目标1：", 7, 1), ("年度残联发展专项目标", 1, 7)]
    assert rows[second][:2] == [("年度目标2：", 5, 1), ("……", 1, 7)]
    assert [cells[0] for cells in rows if cells[0][0] == "一级指标"] == [("一级指标", 3, 1)] * 2
    assert ("产出指标", 2, 1) in rows[first + 4]


def test_every_figure_is_in_the_pdf() -> None:
    pdf = render_pdf(bind(FORM, records()), title="蔡甸", draft=True)
    text = "".join("".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split())
    for figure in ("1485.73", "2699.00", "1506.76", "586.42", "899.31", "39.47%", "60.53%"):
        assert figure in text
    assert "5000人" in text
