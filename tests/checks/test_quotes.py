"""Figures that a text quotes, against the table."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.checks import Around, Beside, Level, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.evaluation import Evaluation
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.scores import Line, Scoring
from scoring.grades import Thresholds
from scoring.rubric import RuleResult
from tests import reports
from tests.checks.looking import found, one
from tests.sheets import panyu
from tests.sheets.caidian import FORM as CAIDIAN
from tests.sheets.workbooks import form, task


def about(text: str) -> Any:
    """What is found in Panyu's declaration with this overall goal."""
    records = panyu.records()
    kept = {"funding": records.funding, "lists": records.lists, "context": records.context}
    return found("figure_quoted", panyu.FORM, texts={"overall_goal": text}, **kept)


@pytest.mark.parametrize(
    ("text", "name", "quoted", "shown"),
    [
        ("基本支出500万元，", "基本支出", "500万元", "483.09万元"),
        ("2023年项目支出2,453.26万元。", "项目支出", "2,453.26万元", "2,453.62万元"),
        ("其中：项目支出为 2453.26 万元", "项目支出", "2453.26万元", "2,453.62万元"),
        (
            "安排财政拨款收入5,195万元以内；财政拨款51.95亿元",
            "财政拨款",
            "51.95亿元",
            "5,195.12万元",
        ),
        ("收入合计5195.21万元", "收入合计", "5195.21万元", "5,195.12万元"),
        ("基本支出483.09万元、项目支出24536200.5元", "项目支出", "24536200.5元", "2,453.62万元"),
        ("残疾人康复服务安排资金83.08万元", "残疾人康复服务", "83.08万元", "833.08万元"),
        ("基本支出４８３．９万元", "基本支出", "483.9万元", "483.09万元"),
    ],
)
def test_another_figure_than_the_tables(text: str, name: str, quoted: str, shown: str) -> None:
    (finding,) = about(text)
    assert finding.level is Level.HINT
    assert f"“总体绩效目标”中写的是“{name}{quoted}”" in finding.message
    assert f"是 {shown}，请核对" in finding.message
    assert finding.anchors[0] == "text/overall_goal"


def test_both_cells_are_named() -> None:
    (finding,) = about("项目支出2,453.26万元")
    assert finding.anchors == ("text/overall_goal", "funding/project/budget")


def test_each_quote_is_said_once() -> None:
    (finding,) = about("基本支出500万元。再说一遍，基本支出500万元。")
    assert finding.message.count("500万元") == 1


@pytest.mark.parametrize(
    "text",
    [
        "项目支出2,453.62万元",
        "项目支出2453.6万元",
        "项目支出0.25亿元",
        "项目支出24,536,200元",
        "项目支出24536.2千元",
        "基本支出483.09万元、项目支出2,453.62万元，财政拨款共5,195.12万元",
        "基本支出和项目支出2936.71万元",
        "基本支出、项目支出2936.71万元",
        "2022年项目支出2,100万元",
        "上年项目支出2,100万元",
        "项目支出比上年增加300万元",
        "同比增长的项目支出300万元",
        "项目支出约2,500万元",
        "项目支出超过2,400万元",
        "项目支出2,400万元以上",
        "项目支出2,500万元左右",
        "康复项目支出120万元",
        "镇街基本支出120万元",
        "项目支出中用于康复的120万元",
        "项目支出占47.2%",
        "项目支出300人",
        "项目支出",
        "2453.62万元",
        "残疾人康复服务20个",
        "每人每月320.50元",
        "",
    ],
)
def test_what_agrees_or_is_about_something_else(text: str) -> None:
    assert about(text) == []


def test_a_rate_agrees_with_any_line_that_has_it() -> None:
    form_ = form(
        {
            "A1": "资金来源",
            "B1": "预算数（万元）",
            "C1": "支出数（万元）",
            "D1": "预算完成率",
            "A2": "一般公共预算",
            "B2": "{{funding.general.budget}}",
            "C2": "{{funding.general.executed}}",
            "D2": "{{= rate(funding.general.executed, funding.general.budget)}}",
            "A3": "政府性基金",
            "B3": "{{funding.funds.budget}}",
            "C3": "{{funding.funds.executed}}",
            "D3": "{{= rate(funding.funds.executed, funding.funds.budget)}}",
            "A4": "情况",
            "B4:D4": "{{text.note}}",
        },
        formats={"D2": "0.00%", "D3": "0.00%"},
    )
    funding = {
        "general": {"budget": Decimal(10_000), "executed": Decimal("9327.4")},
        "funds": {"budget": Decimal(10_000), "executed": Decimal(10_000)},
    }

    def quoted(text: str) -> list[str]:
        findings = found("figure_quoted", form_, funding=funding, texts={"note": text})
        return [f.message for f in findings]

    assert (
        quoted("预算完成率93.27%") == quoted("预算完成率为100%") == quoted("预算完成率达93%") == []
    )
    assert quoted("本年预算完成率93.72%") == [
        "“情况”中写的是“预算完成率93.72%”，表中“一般公共预算 预算完成率”是 93.27%，请核对"
    ]


def test_a_lines_bare_name_may_be_any_of_its_years() -> None:
    funding = {
        "fiscal": {
            "budget": Decimal(14_857_300),
            "prior1": Decimal(15_067_600),
            "prior2": Decimal(26_990_000),
        }
    }

    def quoted(text: str) -> int:
        kept: dict[str, Any] = {"funding": funding, "context": {"year": "2023"}}
        return len(found("figure_quoted", CAIDIAN, texts={"functions": text}, **kept))

    assert quoted("财政拨款1485.73万元") == quoted("财政拨款收入1506.76万元") == 0
    assert quoted("财政拨款1458.73万元") == 1


def test_a_row_may_quote_too() -> None:
    records = panyu.records()
    records.lists["tasks"][1].values["content"] = "残疾人康复服务833.80万元。"
    finding = one("figure_quoted", panyu.FORM, lists=records.lists)
    assert finding.message.startswith("年度重点工作任务第2行：“主要实施内容”中写的是")


def test_blank_cells_contradict_nothing() -> None:
    assert found("figure_quoted", panyu.FORM, texts={"overall_goal": "基本支出500万元"}) == []


def test_two_tasks_of_one_name() -> None:
    tasks = [
        task(1, name="康复服务", amount=Decimal(50_000)),
        task(2, name="康复服务", amount=Decimal(70_000)),
    ]
    for text, findings in (("康复服务7万元", 0), ("康复服务5万元", 0), ("康复服务6万元", 1)):
        kept: dict[str, Any] = {"lists": {"tasks": tasks}, "texts": {"overall_goal": text}}
        assert len(found("figure_quoted", panyu.FORM, **kept)) == findings


# Figures of a form beside it


REPORT = parse_form(reports.workbook())


def beside(**own: Decimal) -> Around:
    """Huadu's published figures: 37,749,994.89 yuan, of which 33,828,375.60 were spent."""
    table = bind(form({"A1": "得分", "B1": "{{funding.three.executed}}"}), Records())
    rule = RuleResult(None, Decimal(0), Decimal(0), "")
    lines = [Line("score/a", "a", "", "", "甲", Decimal(100), own.get("score"), rule)]
    evaluation = Evaluation(
        year="2021",
        department="某区残联",
        title="部门整体支出绩效自评表",
        budget=Decimal("37749994.89"),
        adjustment=None,
        executed=Decimal("33828375.60"),
        works=(),
        indicators=(),
        scoring=Scoring(tuple(lines)),
        thresholds=Thresholds(),
    )
    return Around(beside=(Beside(table, evaluation),))


def in_report(text: str, around: Around) -> list[str]:
    records = Records(context={"year": "2021"}, texts={"conclusion": text})
    findings = run_checks(bind(REPORT, records, editing=True), around)
    return [f.message for f in findings if f.code == "figure_quoted"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("自评得分94.08分", "“自评得分”是 99.08分"),
        ("2021年度部门整体支出绩效自评得分为 94.08 分", "“自评得分”是 99.08分"),
        ("预算执行率98.61%", "“预算完成率”是 89.61%"),
        ("总支出3328.84万元", "“实际支出合计”是 3382.84万元"),
    ],
)
def test_another_figure_than_that_of_the_form_beside(text: str, shown: str) -> None:
    (message,) = in_report(f"{text}。", beside(score=Decimal("99.08")))
    assert f"2021年部门整体支出绩效自评表中{shown}，请核对" in message


@pytest.mark.parametrize(
    "text",
    [
        "自评得分99.08分，预算完成率89.61%，总支出3,382.84万元",
        "自评得分99.1分，实际支出0.338亿元",
        "2020年自评得分94.08分",
        "用时90分钟，自评得分90分以上",
    ],
)
def test_the_figures_of_the_form_beside_are_found_right(text: str) -> None:
    assert in_report(f"{text}。", beside(score=Decimal("99.08"))) == []


def test_what_is_not_scored_is_not_compared() -> None:
    assert in_report("自评得分94.08分。", beside()) == []
