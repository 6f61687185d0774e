"""Required cells, blank rows and empty lists."""

import pytest

from declarations.checks import Level
from declarations.sheets.form import Form
from declarations.sheets.records import Records
from tests.checks.looking import codes, found, look, one
from tests.sheets.caidian import FORM as CAIDIAN
from tests.sheets.workbooks import form, indicator, task

FIELDS = [["标签", "必填"], ["text.goal", "是"], ["tasks.name", "是"], ["tasks.amount", "是"]]


@pytest.fixture
def plain() -> Form:
    cells = {
        "A1": "目标",
        "B1:D1": "{{text.goal}}",
        "A2:A3": "任务",
        "B2": "名称",
        "C2": "内容",
        "D2": "金额",
        "B3": "{{tasks.name}}",
        "C3": "{{tasks.content}}",
        "D3": "{{tasks.amount}}",
    }
    return form(cells, fields=FIELDS)


def test_a_blank_cell_is_named_with_its_place(plain: Form) -> None:
    first, second = found("required", plain, lists={"tasks": [task(7, name="甲")]})
    assert first.message == "目标：请填写“目标”"
    assert (second.message, second.anchors) == ("任务第1行：请填写“金额”", ("task/7/amount",))
    assert first.level is second.level is Level.MUST


def test_a_blank_row_is_said_once(plain: Form) -> None:
    filled = task(1, name="甲", amount=1)
    finding = one("required", plain, texts={"goal": "有"}, lists={"tasks": [filled, task(2)]})
    assert (finding.message, finding.anchors) == ("任务第2行是空行，请填写或删除", ("task/2/name",))


def test_what_is_not_required_may_be_blank(plain: Form) -> None:
    assert look(plain, texts={"goal": "有"}, lists={"tasks": [task(1, name="甲", amount=1)]}) == []


def test_a_zero_is_filled_in(plain: Form) -> None:
    assert look(plain, texts={"goal": "有"}, lists={"tasks": [task(1, name="甲", amount=0)]}) == []


def test_a_list_needs_a_row(plain: Form) -> None:
    finding = one("list_empty", plain, texts={"goal": "有"})
    assert (finding.message, finding.anchors) == ("任务至少要有一行", ("tasks",))


def test_a_list_of_optional_columns_may_be_empty() -> None:
    assert look(form({"A1": "任务", "B1": "{{tasks.name}}"})) == []


def test_a_goal_needs_an_indicator() -> None:
    lists = {"goals": [task(5, name="目标甲")]}
    finding = one("list_empty", CAIDIAN, lists=lists | {"projects": [task(6, name="x", amount=1)]})
    assert finding.message == "年度目标第1项至少要有一条指标"
    assert finding.anchors == ("task/5/indicators",)


def test_a_blank_goal_with_a_blank_indicator_is_said_once() -> None:
    findings = look(CAIDIAN, lists={"goals": [task(5, indicator(8))]})
    about_goals = [f for f in findings if f.anchors[0].startswith(("task/5", "indicator/8"))]
    assert [f.message for f in about_goals] == ["年度目标第1项是空行，请填写或删除"]


def test_an_indicators_gap_is_named_with_its_goal() -> None:
    goals = [task(5, indicator(8, level3="甲"), name="一"), task(6, indicator(9), name="二")]
    messages = [f.message for f in found("required", CAIDIAN, lists={"goals": goals})]
    assert "年度目标第1项第1行：请填写“一级指标”" in messages
    assert "年度目标第2项第1行是空行，请填写或删除" in messages


def test_reading_finds_what_editing_finds(plain: Form) -> None:
    from declarations.checks import run_checks
    from declarations.sheets.bind import bind

    records = Records(lists={"tasks": []})
    assert codes(run_checks(bind(plain, records))) == codes(
        run_checks(bind(plain, records, editing=True))
    )
