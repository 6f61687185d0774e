"""Computed cells as Excel formulas: what they read, and that LibreOffice gets the same figures."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from declarations.sheets.fillable import render_fillable
from declarations.sheets.formulas import quoted
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from tests.sheets.workbooks import workbook

FORMULAS = {
    "funding.a.budget + funding.a.executed": "(B2+C2)",
    "rate(funding.a.budget, funding.a.executed)": "IF(C2=0,0,B2/C2)",
    "funding.a.budget * 100 / funding.a.executed": "((B2*100)/C2)",
    "abs(-funding.a.budget)": "ABS((-B2))",
    "min(funding.a.budget, funding.a.executed)": "MIN(B2,C2)",
    "max(tasks.weight, 5)": "MAX(C4,5)",
    "round(tasks.weight / 3)": "ROUND((C4/3),0)",
    "sum(tasks.amount)": "(SUM(B4:B13))",
    "sum(tasks.amount, tasks.amount)": "(SUM(B4:B13)+SUM(B4:B13))",
    "count(tasks.amount)": "(COUNT(B4:B13))",
    "average(tasks.weight)": "(AVERAGE(C4:C13))",
    "tasks.amount / sum(tasks.amount)": "(B4/(SUM(B4:B13)))",
    "year - 1 + tasks.weight": "((2024-1)+C4)",
    "funding.a.budget if funding.a.executed > 0 else 0": "IF(C2>0,B2,0)",
    "1 if tasks.weight >= 5 and tasks.weight != 7 else 0": "IF(AND(C4>=5,C4<>7),1,0)",
    # Plain figures beside amounts are in 元, and so is what is rounded.
    "funding.a.budget + 10000": "((B2*10000)+10000)/10000",
    "funding.a.budget if funding.a.budget > 5000 else 0": (
        "IF((B2*10000)>5000,(B2*10000),0)/10000"
    ),
    "round(funding.a.budget, -4)": "ROUND((B2*10000),(-4))/10000",
    # Other units too.
    "funding.a.budget + funding.b.budget": "((B2*10000)+D2)/10000",
    "rate(sum(tasks.amount), funding.b.budget)": "IF(D2=0,0,((SUM(B4:B13)*10000))/D2)",
}
WITHOUT = ("1 if 0 < tasks.weight < 5 else 0", "tasks.weight > 5")


def template(*expressions: str) -> bytes:
    """A form in 万元, but for one amount in 元, with computed cells in the row of the tasks."""
    cells = {
        "A1": "单位：万元",
        "A2": "金额",
        "B2": "{{funding.a.budget}}",
        "C2": "{{funding.a.executed}}",
        "D2": "{{funding.b.budget}}",
        "A3": "名称",
        "A4": "{{tasks.name}}",
        "B4": "{{tasks.amount}}",
        "C4": "{{tasks.weight}}",
    } | {f"{'EFGHIJKLMNOPQRSTUVWXYZ'[n]}4": f"{{{{= {e}}}}}" for n, e in enumerate(expressions)}
    return workbook(
        cells,
        lines=[1],
        fields=[["标签", "单位"], ["funding.b.budget", "元"]],
    )


def rendered(content: bytes) -> bytes:
    form = parse_form(content)
    return render_fillable(form, sample_records(form), content, title="表")


@pytest.mark.parametrize(("source", "body"), FORMULAS.items())
def test_a_formula_reads_as_one_would_write_it(source: str, body: str) -> None:
    sheet = load_workbook(BytesIO(rendered(template(source)))).worksheets[0]
    written = sheet["E4"].value
    if "year" in source:  # which is never blank
        assert written == f'=IFERROR({body},"")'
        return
    assert written.startswith("=IFERROR(IF(COUNT(")
    assert written.endswith(f')=0,"",{body}),"")')


@pytest.mark.parametrize("source", WITHOUT)
def test_what_excel_has_no_formula_for_is_left_out(source: str) -> None:
    sheet = load_workbook(BytesIO(rendered(template(source)))).worksheets[0]
    assert sheet["E4"].value is None


def test_more_than_a_formula_can_hold_is_left_out() -> None:
    content = workbook(
        {"A1": "{{tasks.name}}花费{{tasks.amount}}元", "A2": "共{{= sum(tasks.amount)}}元"}
    )
    form = parse_form(content)
    records = sample_records(form)
    records.lists["tasks"] *= 40
    book = load_workbook(BytesIO(render_fillable(form, records, content, title="表")))
    assert book.worksheets[0]["A126"].value == "共元"


@pytest.mark.parametrize(
    ("text", "written"),
    [("甲", '"甲"'), ('说"甲"', '"说""甲"""'), ("一\n二", '"一"&CHAR(10)&"二"'), ("", '""')],
)
def test_texts_in_formulas(text: str, written: str) -> None:
    assert quoted(text) == written
    assert len(quoted("长" * 600).split("&")) == 3


def test_the_result_of_nothing_is_nothing() -> None:
    content = template("sum(tasks.amount)", "rate(funding.a.budget, funding.a.executed)")
    book = load_workbook(
        BytesIO(render_fillable(parse_form(content), Records(), content, title="表")),
        data_only=True,
    )
    assert {book.worksheets[0][c].value for c in ("E4", "F4", "E13")} <= {None, ""}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same(tmp_path: Path) -> None:
    ours = rendered(template(*FORMULAS))
    book = load_workbook(BytesIO(ours))
    places = [c.coordinate for row in book.worksheets[0] for c in row if c.data_type == "f"]
    assert len(places) > 3 * len(FORMULAS)
    (tmp_path / "home").mkdir()
    book.save(tmp_path / "form.xlsx")  # by openpyxl: without the results
    for source, target in (("form.xlsx", "ods"), ("form.ods", "xlsx")):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{tmp_path}/home",
                *("--headless", "--convert-to", target, "--outdir", tmp_path, tmp_path / source),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    expected = load_workbook(BytesIO(ours), data_only=True).worksheets[0]
    computed = load_workbook(tmp_path / "form.xlsx", data_only=True).worksheets[0]
    for place in places:
        was = expected[place].value
        assert computed[place].value == (pytest.approx(was) if was else was), place
