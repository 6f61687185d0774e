"""What a self-evaluation takes over from a target, between the forms that there are."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from declarations.sheets.form import Form
from declarations.sheets.from_target import MADE, OF_NO_TASK, from_target, with_last_year
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records
from tests.sheets import caidian, liwan, panyu
from tests.sheets.workbooks import form, indicator, task

HUADU = Path(__file__).parents[2] / "declarations/forms/huadu-self-evaluation.xlsx"
NESTED = form(
    {
        "A1:F1": "自评表",
        "A2": "财政拨款（元）",
        "B2:C2": "{{funding.fiscal.budget}}",
        "D2:F2": "{{funding.fiscal.executed}}",
        "A3": "总体目标",
        "B3:F3": "{{text.overall_goal}}",
        "A4": "任务",
        "B4": "涉及资金（元）",
        "C4": "指标",
        "D4": "年度指标值",
        "E4": "实际完成值",
        "F4": "分值",
        "A5": "{{tasks.name}}",
        "B5": "{{tasks.amount}}",
        "C5": "{{tasks.indicators.level3}}",
        "D5": "{{tasks.indicators.target}}",
        "E5": "{{tasks.indicators.actual}}",
        "F5": "{{tasks.indicators.weight}}",
    },
    lines=[1],
)
"""Tasks with indicators nested in each, the usual evaluation."""

FLAT = form(
    {
        "A1:E1": "自评表",
        "A2": "二级",
        "B2": "三级",
        "C2": "前年",
        "D2": "上年",
        "E2": "当年",
        "A3": "{{indicators.level2}}",
        "B3": "{{indicators.level3}}",
        "C3": "{{indicators.prior2}}",
        "D3": "{{indicators.prior1}}",
        "E3": "{{indicators.target}}",
    },
    lines=[1],
)
"""Indicators only, with the years before."""

PROJECTS = form(
    {"A1": "项目", "B1": "金额（万元）", "A2": "{{projects.name}}", "B2": "{{projects.amount}}"}
)
"""A target of nothing but projects."""


def rows(brought: Records, list_name: str, *columns: str) -> list[list[Any]]:
    return [[i.values.get(c) or "" for c in columns] for i in brought.lists.get(list_name, [])]


def nested(item: Item) -> list[Item]:
    return item.lists.get("indicators", [])


def names(items: list[Item], column: str = "level3") -> list[Any]:
    return [item.values[column] for item in items]


def taken(target_form: Form, target: Records, evaluation: Form) -> Records:
    return from_target(evaluation, target_form, target)


# Panyu: tasks and other tasks, indicators of none


def test_tasks_and_other_tasks_of_panyu_are_tasks_of_liwan() -> None:
    target = panyu.records()
    brought = taken(panyu.FORM, target, liwan.FORM)
    tasks = brought.lists["tasks"]
    key, other = target.lists["tasks"], target.lists["other_tasks"]
    assert [t.source for t in tasks] == [*(t.id for t in key), *(t.id for t in other), MADE]
    assert names(tasks[:8], "name") == names(key, "name")
    assert names(tasks[:8], "expected") == names(key, "expected")
    assert tasks[0].carried == ("name", "expected")
    assert brought.texts == {"overall_goal": target.texts["overall_goal"]}


def test_indicators_of_no_task_come_under_a_row_of_their_own() -> None:
    target = panyu.records()
    brought = taken(panyu.FORM, target, liwan.FORM)
    *tasks, apart = brought.lists["tasks"]
    assert not any(map(nested, tasks))
    assert (apart.values["name"], apart.source, apart.carried) == (OF_NO_TASK, MADE, ("name",))
    assert names(nested(apart)) == names(target.lists["indicators"])
    assert names(nested(apart), "target") == names(target.lists["indicators"], "target")
    assert [i.source for i in nested(apart)] == [i.id for i in target.lists["indicators"]]
    assert {i.carried for i in nested(apart)} == {("level3", "target")}


def test_no_planned_amount_is_found_as_spent() -> None:
    brought = taken(panyu.FORM, panyu.records(), liwan.FORM)
    assert all("amount" not in item.values for item in brought.items())
    assert all("executed" not in line for line in brought.funding.values())


def test_budgets_go_by_their_key() -> None:
    target = panyu.records()
    brought = taken(panyu.FORM, target, NESTED)
    assert brought.funding == {"fiscal": {"budget": Decimal("51951200.00")}}


def test_a_row_without_a_name_goes_by_what_it_says() -> None:
    target = Records(lists={"other_tasks": [task(7, content="走访慰问\n困难残疾人")]})
    (row,) = taken(panyu.FORM, target, NESTED).lists["tasks"]
    assert (row.values["name"], row.carried) == ("走访慰问 困难残疾人", ("name",))


# Caidian: goals with indicators, projects beside them


def test_goals_of_caidian_are_tasks_where_an_evaluation_has_none() -> None:
    target = caidian.corrected()
    brought = taken(caidian.FORM, target, liwan.FORM)
    goals = target.lists["goals"]
    assert names(brought.lists["tasks"], "name") == names(goals, "name")
    assert [len(nested(t)) for t in brought.lists["tasks"]] == [len(nested(g)) for g in goals]
    assert brought.lists.keys() == {"tasks"}  # projects are ways to the goals


def test_projects_come_where_nothing_else_does() -> None:
    target = Records(lists={"projects": [task(3, name="康复经费", amount=Decimal(80))]})
    (row,) = taken(PROJECTS, target, NESTED).lists["tasks"]
    assert (row.values, row.source) == ({"name": "康复经费"}, 3)


def test_indicators_of_projects_that_do_not_come_do() -> None:
    both = form(
        {
            "A1": "任务",
            "A2": "{{tasks.name}}",
            "A3": "项目",
            "B3": "指标",
            "A4": "{{projects.name}}",
            "B4": "{{projects.indicators.level3}}",
        }
    )
    project = task(3, indicator(5, level3="救助人数"), name="康复经费")
    target = Records(lists={"tasks": [task(1, name="康复")], "projects": [project]})
    first, apart = taken(both, target, NESTED).lists["tasks"]
    assert (first.values["name"], apart.values["name"]) == ("康复", OF_NO_TASK)
    assert [(i.values["level3"], i.source) for i in nested(apart)] == [("救助人数", 5)]


# From nested to flat, and the same to the same


def test_nested_indicators_stand_in_one_list_where_that_is_all_there_is() -> None:
    target = caidian.corrected()
    brought = taken(caidian.FORM, target, FLAT)
    inner = [i for goal in target.lists["goals"] for i in nested(goal)]
    assert brought.lists.keys() == {"indicators"}
    assert names(brought.lists["indicators"]) == names(inner)
    assert brought.lists["indicators"][1].carried == ("level2", "level3", "target")


def test_what_a_target_says_of_the_years_before_is_offered() -> None:
    brought = taken(caidian.FORM, caidian.corrected(), FLAT)
    second = brought.lists["indicators"][1]
    assert (second.values["prior2"], second.values["prior1"]) == ("1100人次", "1100人次")


def test_the_same_form_takes_all_but_amounts() -> None:
    target = Records(
        lists={
            "tasks": [
                task(4, indicator(9, level3="人数", target="5人"), name="甲", amount=Decimal(9)),
                task(5),  # blank
                task(6, indicator(11), name="乙"),
            ]
        }
    )
    first, second = taken(NESTED, target, NESTED).lists["tasks"]
    assert (first.values, nested(first)[0].values["target"]) == ({"name": "甲"}, "5人")
    assert (second.values, nested(second)) == ({"name": "乙"}, [])


def test_weights_are_offered_and_may_be_changed() -> None:
    weighed = task(4, indicator(9, level3="人数", weight=Decimal(20)), name="甲")
    (row,) = taken(NESTED, Records(lists={"tasks": [weighed]}), NESTED).lists["tasks"]
    assert nested(row)[0].values["weight"] == Decimal(20)
    assert nested(row)[0].carried == ("level3",)


def test_what_the_evaluation_does_not_accept_is_left_to_fill_in() -> None:
    chosen = form(
        {"A1": "二级", "B1": "三级", "A2": "{{indicators.level2}}", "B2": "{{indicators.level3}}"},
        fields=[["标签", "类型", "选项"], ["indicators.level2", "选项", "数量指标、质量指标"]],
    )
    target = Records(lists={"indicators": [indicator(1, level2="生态效益指标", level3="绿化率")]})
    (row,) = taken(FLAT, target, chosen).lists["indicators"]
    assert (row.values["level2"], row.carried) == ("", ("level3",))


# Last year's values


def last_year(**values: str) -> Records:
    return Records(lists={"indicators": [indicator(1, **values)]})


def test_what_was_reached_last_year_goes_before_what_the_target_says_of_it() -> None:
    target = last_year(level2="数量指标", level3="救助人数", target="90人", prior1="80人")
    reached = form(
        {"A1": "三级", "B1": "完成", "A2": "{{indicators.level3}}", "B2": "{{indicators.actual}}"}
    )
    brought = taken(FLAT, target, FLAT)
    with_last_year(FLAT, brought, reached, last_year(level3="救助 人数", actual="84人"))
    assert rows(brought, "indicators", "prior1", "target") == [["84人", "90人"]]
    assert "prior1" not in brought.lists["indicators"][0].carried


def test_what_was_aimed_at_only_fills_a_gap() -> None:
    target = last_year(level2="数量指标", level3="救助人数", target="90人", prior1="80人")
    last = last_year(level2="数量指标", level3="救助人数", target="85人", prior1="70人")
    brought = with_last_year(FLAT, taken(FLAT, target, FLAT), FLAT, last)
    assert rows(brought, "indicators", "prior2", "prior1") == [["70人", "80人"]]


def test_an_indicator_of_another_name_or_level_is_another() -> None:
    target = last_year(level2="数量指标", level3="救助人数")
    last = last_year(level2="质量指标", level3="救助人数", target="85人")
    brought = with_last_year(FLAT, taken(FLAT, target, FLAT), FLAT, last)
    assert rows(brought, "indicators", "prior1") == [[""]]


def test_panyu_on_huadus_form() -> None:
    """Money in 万元 there and in 元 here; tasks with their content, and budgets by key."""
    huadu = parse_form(HUADU.read_bytes())
    target = panyu.records()
    brought = taken(panyu.FORM, target, huadu)
    *tasks, apart = brought.lists["tasks"]
    assert [t.carried for t in tasks] == [("name", "content")] * 11
    assert [i.carried for i in nested(apart)] == [("level3", "target")] * 8
    budgets = {key: line["budget"] for key, line in brought.funding.items()}
    keys = ("fiscal", "other_income", "basic", "project", "district", "transfer")
    assert budgets == {key: target.funding[key]["budget"] for key in keys}


def test_caidian_on_huadus_form() -> None:
    huadu = parse_form(HUADU.read_bytes())
    (goal, *_) = taken(caidian.FORM, caidian.corrected(), huadu).lists["tasks"]
    assert goal.carried == ("name",)
    assert names(nested(goal), "target")[:2] == ["480万元", "1100人次"]
