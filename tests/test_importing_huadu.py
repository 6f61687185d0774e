"""Huadu's published table into a blank declaration, on the command line, as a department's own."""

from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl.worksheet.worksheet import Worksheet

from declarations.models import Declaration, Department
from declarations.queries.declarations import reference_of
from declarations.queries.documents import working_records
from declarations.queries.forms import form_of
from declarations.sheets.fillable import render_fillable
from declarations.sheets.records import Records
from declarations.sheets.trial import different_tags
from tests import factories
from tests.incoming.filings import edited, find
from tests.incoming.huadu_table import own_workbook
from tests.sheets import huadu

FORM = huadu.FORM
DISAGREES = "自评得分 得分/自评分：文件中是 94.08，按各项计算应为 99.08，以计算结果为准"


@pytest.fixture
def declaration(department: Department) -> Declaration:
    return factories.declaration_for(department, huadu.TEMPLATE)


def brought(declaration: Declaration, path: Path, workbook: bytes, *options: str) -> str:
    path.write_bytes(workbook)
    out = StringIO()
    arguments: list[Any] = ["declaration", "import", reference_of(declaration), str(path), *options]
    call_command(*arguments, stdout=out)
    return out.getvalue()


def stored(declaration: Declaration) -> Records:
    return working_records(factories.reread(declaration))


def test_the_published_table_fills_the_form_and_its_total_is_named(
    declaration: Declaration, tmp_path: Path
) -> None:
    path = tmp_path / "自评表.xlsx"
    published = own_workbook(huadu.published())
    assert brought(declaration, path, published, "--dry-run").startswith("将导入：修改 ")
    assert stored(declaration).scores["clarity"]["self_score"] is None
    told = brought(declaration, path, published)
    assert "新增 48 行" in told.splitlines()[0]
    assert DISAGREES in told
    assert different_tags(FORM, huadu.published(), stored(declaration), FORM.beside) == []

    again = brought(declaration, path, published)
    assert again.startswith("没有变化\n")
    assert DISAGREES in again


def test_the_data_of_its_rules_come_after_it_and_nothing_else_changes(
    declaration: Declaration, tmp_path: Path
) -> None:
    path = tmp_path / "填报表.xlsx"
    brought(declaration, path, own_workbook(huadu.published()))
    records = stored(declaration)
    records.scores["asset_use"] |= {
        "input.numerator": "3455560.23",
        "input.denominator": "4138427.79",
    }
    workbook = render_fillable(
        form_of(declaration.round.template), records, huadu.TEMPLATE, title="自评表"
    )
    told = brought(declaration, path, workbook)
    assert told.splitlines() == [
        "已导入：修改 2 格",
        "管理效率：修改 2 格",
        "  修改 固定资产利用率 · 实际在用固定资产总额（元）：（空） → 3,455,560.23",
        "  修改 固定资产利用率 · 所有固定资产总额（元）：（空） → 4,138,427.79",
    ]
    line = next(
        one for one in huadu.scored(stored(declaration)).lines if one.anchor == "score/asset_use"
    )
    assert line.rule.score == Decimal("1.50")

    # The published table says nothing of them: they stay.
    brought(declaration, path, own_workbook(huadu.published()))
    assert stored(declaration).scores["asset_use"]["input.numerator"] == "3455560.23"


def test_a_score_that_is_none_keeps_all_out(declaration: Declaration, tmp_path: Path) -> None:
    def spoil(sheet: Worksheet) -> None:
        row, column = find(sheet, "结转结余率")
        sheet.cell(row, column + 4).value = "满分"

    path = tmp_path / "自评表.xlsx"
    with pytest.raises(CommandError, match="“满分”不是数字"):
        brought(declaration, path, edited(own_workbook(huadu.published()), spoil))
    assert stored(declaration).scores["clarity"]["self_score"] is None
