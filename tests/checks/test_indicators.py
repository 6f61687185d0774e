"""Indicators beside one another: repeated ones, missing kinds, weights that add up."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.checks import Level
from declarations.sheets.records import Value
from tests.checks.looking import found, indicator_form, look, nested, one, rows
from tests.sheets.workbooks import form, task

FORM = indicator_form("level1", "level2", "level3", "definition", "target")
ONE: dict[str, Value] = {
    "level1": "产出指标",
    "level2": "数量指标",
    "level3": "培训人数",
    "target": "100人",
}


# The same twice


def test_one_indicator_with_two_values() -> None:
    lists = {"indicators": rows(ONE, ONE | {"level3": "办证人数"}, ONE | {"target": "120人"})}
    finding = one("indicator_contradicted", FORM, lists=lists)
    assert finding.level is Level.MUST
    assert finding.message == (
        "绩效指标第3行与第1行都是“培训人数”：第1行“指标值”100人，第3行“指标值”120人；"
        "同一指标有两个不同的值，请核对或合并"
    )
    assert finding.anchors[0] == "indicator/3/target"
    assert "indicator/1/target" in finding.anchors
    assert found("indicator_repeated", FORM, lists=lists) == []


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"level3": " 培训人数。"},
        {"level2": "质量指标"},
        {"definition": "另一种统计口径", "target": "120人"},
        {"target": ""},
    ],
)
def test_the_same_name_again_wants_an_explanation(other: dict[str, Value]) -> None:
    lists = {"indicators": rows(ONE, ONE | other)}
    finding = one("indicator_repeated", FORM, lists=lists)
    assert finding.level is Level.HINT
    assert finding.anchors[0] == "indicator/2/target"
    assert found("indicator_contradicted", FORM, lists=lists) == []


def test_three_times_is_two_findings() -> None:
    assert len(found("indicator_repeated", FORM, lists={"indicators": rows(ONE, ONE, ONE)})) == 2


def test_full_width_and_spaces_make_no_other_name() -> None:
    a, b = ONE | {"level3": "培训（人）"}, ONE | {"level3": "培训 (人)", "target": "200人"}
    assert one("indicator_contradicted", FORM, lists={"indicators": rows(a, b)})


def test_under_different_tasks_it_may_stand_twice() -> None:
    form_ = indicator_form("level3", "target", nested="tasks")
    groups = nested(rows(ONE), rows(ONE | {"target": "120人"}))
    assert found("indicator_contradicted", form_, lists={"tasks": groups}) == []
    assert found("indicator_repeated", form_, lists={"tasks": groups}) == []


@pytest.mark.parametrize("level3", ["", "……", None])
def test_unnamed_ones_are_not_the_same(level3: str | None) -> None:
    lists = {"indicators": rows(ONE | {"level3": level3}, ONE | {"level3": level3})}
    assert found("indicator_repeated", FORM, lists=lists) == []


# Kinds


def kinds(*level2: str, columns: tuple[str, ...] = ("level1", "level2", "level3", "target")) -> Any:
    items = rows(*({"level2": name, "level3": f"第{n}项"} for n, name in enumerate(level2)))
    return found("indicator_kinds", indicator_form(*columns), lists={"indicators": items})


def test_missing_kinds_are_named_once() -> None:
    (finding,) = kinds("数量指标", "时效指标", "数量指标")
    assert finding.level is Level.HINT
    assert finding.message == (
        "没有质量、满意度指标（现有数量、时效指标），请补充，或说明为什么不设"
    )
    assert finding.anchors == ("indicators",)


def test_none_of_them() -> None:
    (finding,) = kinds("社会效益指标")
    assert "没有数量、质量、时效、满意度指标" in finding.message


def test_all_of_them() -> None:
    assert kinds("数量指标", "质量指标", "时效指标", "服务对象满意度指标") == []


def test_other_levels_count() -> None:
    items = rows(
        {"level1": "满意度指标", "level2": "数量", "level3": "审批及时率"},
        {"level1": "产出指标", "level2": "产出", "level3": "培训合格率"},
    )
    assert found("indicator_kinds", FORM, lists={"indicators": items}) == []


def test_nothing_is_missed_where_nothing_is_filled_in() -> None:
    assert kinds() == []
    assert found("indicator_kinds", FORM, lists={"indicators": rows({})}) == []


def test_not_without_second_levels_nor_in_a_self_evaluation() -> None:
    assert kinds("数量指标", columns=("level3", "target")) == []
    assert kinds("数量指标", columns=("level2", "level3", "target", "actual")) == []


def test_only_what_the_choices_offer() -> None:
    form_ = form(
        {"A1": "二级", "B1": "三级", "A2": "{{indicators.level2}}", "B2": "{{indicators.level3}}"},
        fields=[["标签", "选项"], ["indicators.level2", "数量指标、质量指标"]],
    )
    lists = {"indicators": rows({"level2": "数量指标", "level3": "甲"})}
    assert one("indicator_kinds", form_, lists=lists).message.startswith("没有质量指标（")


def test_over_all_goals_together() -> None:
    form_ = indicator_form("level2", "level3", nested="tasks")
    groups = nested(
        rows({"level2": "数量指标", "level3": "甲"}, {"level2": "质量指标", "level3": "乙"}),
        rows({"level2": "时效指标", "level3": "丙"}, {"level2": "满意度指标", "level3": "丁"}),
    )
    assert found("indicator_kinds", form_, lists={"tasks": groups}) == []
    (finding,) = found("indicator_kinds", form_, lists={"tasks": groups[:1]})
    assert finding.anchors == ("tasks",)


# Weights


def weighted(*weights: str | None) -> list[dict[str, Value]]:
    return [
        {"level3": f"第{n}项", "weight": None if w is None else Decimal(w)}
        for n, w in enumerate(weights)
    ]


FLAT = indicator_form("level3", "weight")
NESTED = indicator_form("level3", "weight", nested="tasks")


@pytest.mark.parametrize("weights", [("50", "40"), ("60", "60"), ("99.99",), ("10", None), ("0",)])
def test_weights_that_do_not_add_up(weights: tuple[str | None, ...]) -> None:
    finding = one("weights_total", FLAT, lists={"indicators": rows(*weighted(*weights))})
    assert finding.level is Level.HINT
    total = sum(Decimal(w) for w in weights if w)
    assert finding.message == f"绩效指标：{len(weights)} 行“权重”合计 {total}，应为 100"
    assert finding.anchors == tuple(f"indicator/{i + 1}/weight" for i in range(len(weights)))


@pytest.mark.parametrize(
    "weights", [("50", "50"), ("33.33", "33.33", "33.34"), ("0.4", "0.6"), (None,), ()]
)
def test_weights_that_add_up(weights: tuple[str | None, ...]) -> None:
    assert found("weights_total", FLAT, lists={"indicators": rows(*weighted(*weights))}) == []


def test_over_all_tasks_or_in_each() -> None:
    over_all = nested(rows(*weighted("30", "30")), rows(*weighted("40")))
    in_each = nested(rows(*weighted("30", "70")), rows(*weighted("100")))
    neither = nested(rows(*weighted("30", "30")), rows(*weighted("100")))
    assert found("weights_total", NESTED, lists={"tasks": over_all}) == []
    assert found("weights_total", NESTED, lists={"tasks": in_each}) == []
    assert one("weights_total", NESTED, lists={"tasks": neither}).message.endswith(
        "3 行“权重”合计 160，应为 100"
    )


def test_each_may_make_what_its_task_weighs() -> None:
    tasks = nested(rows(*weighted("20", "20")), rows(*weighted("60")))
    for item, weight in zip(tasks, ("40", "60"), strict=True):
        item.values["weight"] = Decimal(weight)
    assert found("weights_total", NESTED, lists={"tasks": tasks}) == []
    tasks[0].values["weight"] = Decimal(30)
    assert [f.message for f in found("weights_total", NESTED, lists={"tasks": tasks})] == [
        "绩效指标：2 行“任务权重”合计 90，应为 100"
    ]


def test_required_ones_that_are_blank_are_said_first() -> None:
    form_ = form(
        {"A1": "名称", "B1": "权重", "A2": "{{tasks.name}}", "B2": "{{tasks.weight}}"},
        fields=[["标签", "必填"], ["tasks.weight", "是"]],
    )
    tasks = [task(1, name="甲", weight=Decimal(60)), task(2, name="乙")]
    assert [f.code for f in look(form_, lists={"tasks": tasks})] == ["required"]
    tasks[0].values["weight"] = Decimal(90)
    tasks[1].values["weight"] = Decimal(20)
    assert [f.code for f in look(form_, lists={"tasks": tasks})] == ["weights_total"]


def test_the_forms_own_rule_goes_before() -> None:
    form_ = indicator_form(
        "level3",
        "weight",
        rules=[["w", "必须修正", "sum(indicators.weight) = 90", "权重合计应为90"]],
    )
    assert look(form_, lists={"indicators": rows(*weighted("50", "40"))}) == []
    findings = look(form_, lists={"indicators": rows(*weighted("50", "50"))})
    assert [f.code for f in findings] == ["rule.w"]
