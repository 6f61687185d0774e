"""Caidian's form: blocks of goals with headings and indicators of their own, shares computed."""

from io import BytesIO

from pypdf import PdfReader

from declarations.sheets.bind import bind
from declarations.sheets.pages import DRAFT
from declarations.sheets.pdf import render_pdf
from tests.sheets.caidian import FORM, corrected, published
from tests.sheets.workbooks import spans


def test_shares_and_totals_are_computed() -> None:
    shown = {e.anchor: e.text for e in bind(FORM, corrected()).entries()}
    assert shown["computed/E9"] == "1485.73"
    assert shown["computed/F7"] == "100.00%"
    assert shown["computed/F10"] == "39.47%"
    assert shown["computed/F11"] == "60.53%"
    assert shown["computed/F12"] == "100.00%"


def test_the_two_years_before_are_named() -> None:
    assert {"2021年", "2022年"} <= {c.text for c in bind(FORM, corrected()).cells()}


def test_without_amounts_there_are_no_shares() -> None:
    shown = {e.anchor: e.text for e in bind(FORM, published()).entries()}
    assert (shown["computed/F7"], shown["computed/F10"]) == ("100.00%", "")


def test_each_goal_repeats_with_its_headings_and_indicators() -> None:
    rows = [cells for cells in spans(bind(FORM, published())) if cells]
    heads = [i for i, cells in enumerate(rows) if cells[0][0].startswith("年度目标")]
    first, second, third = heads
    assert rows[first][:2] == [("年度目标1：", 15, 1), ("年度残联发展专项目标", 1, 7)]
    assert rows[second][:2] == [("年度目标2：", 5, 1), ("……", 1, 7)]
    assert rows[third][:2] == [("年度目标3：", 5, 1), ("……", 1, 7)]
    assert [cells[0] for cells in rows if cells[0][0] == "一级指标"] == [("一级指标", 3, 1)] * 3
    assert ("产出指标", 8, 1) in rows[first + 4]


def test_every_figure_is_in_the_pdf() -> None:
    pdf = render_pdf(bind(FORM, corrected()), title="蔡甸", mark=DRAFT)
    text = "".join("".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split())
    for figure in ("1485.73", "2699.00", "1506.76", "586.42", "899.31", "39.47%", "60.53%"):
        assert figure in text
    assert "5000人" in text
