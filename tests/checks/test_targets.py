"""Targets that are none, and targets that cannot be measured."""

import pytest

from declarations.checks import Level
from tests.checks.looking import found, indicator_form, one, rows

FORM = indicator_form("level1", "level2", "level3", "target")
OUTPUTS = ("数量指标", "质量指标", "时效指标", "成本指标")


def row(target: str, level2: str = "数量指标", level3: str = "服务人数", level1: str = "产出指标"):
    return {
        "indicators": rows({"level1": level1, "level2": level2, "level3": level3, "target": target})
    }


@pytest.mark.parametrize("level2", OUTPUTS)
@pytest.mark.parametrize(
    "target", ["时效指标", "数量指标", "质量指标", "产出指标", "服务人数", "绩效指标"]
)
def test_a_heading_is_no_target(target: str, level2: str) -> None:
    finding = one("target_missing", FORM, lists=row(target, level2))
    assert finding.level is Level.MUST
    assert finding.anchors == ("indicator/1/target", "indicator/1/level3")
    assert f"“服务人数”的“指标值”填的是“{target}”" in finding.message


def test_it_is_not_also_called_vague() -> None:
    assert found("target_vague", FORM, lists=row("时效指标", "时效指标")) == []


def test_a_printed_placeholder_is_not_called_so_again() -> None:
    lists = row("指标值")
    assert found("target_missing", FORM, lists=lists) == []
    assert one("placeholder", FORM, lists=lists).anchors == ("indicator/1/target",)


@pytest.mark.parametrize(
    ("level3", "target"),
    [
        ("全年召开4次会议", "全年召开4次会议"),
        ("残疾人零上访", "残疾人零上访"),
        ("按时完成", "按时完成"),
    ],
)
def test_a_name_that_is_a_target_itself_may_be_repeated(level3: str, target: str) -> None:
    assert found("target_missing", FORM, lists=row(target, level3=level3)) == []


def test_effects_may_repeat_their_name() -> None:
    lists = row("提升残疾人幸福感", "社会效益指标", "提升残疾人幸福感", "效益指标")
    assert found("target_missing", FORM, lists=lists) == []


@pytest.mark.parametrize("level2", OUTPUTS)
@pytest.mark.parametrize(
    "target",
    [
        "及时上报",
        "及时完成",
        "较好",
        "显著提高",
        "明显改善",
        "持续推进",
        "有效保障",
        "尽量满足需求",
        "符合要求",
        "保障正常运转",
    ],
)
def test_words_that_measure_nothing_want_an_explanation(target: str, level2: str) -> None:
    finding = one("target_vague", FORM, lists=row(target, level2))
    assert finding.level is Level.HINT
    assert f"是“{target}”，看不出怎样考核" in finding.message


def test_satisfaction_is_counted() -> None:
    lists = row("较满意", "服务对象满意度指标", "服务对象满意度", "满意度指标")
    assert one("target_vague", FORM, lists=lists)


@pytest.mark.parametrize(
    "target",
    [
        "≥99%",
        "85%或以上",
        "80%及以上",
        "90%以上",
        "6枚或以上",
        "预计资助1920例。",
        "出勤率达90%",
        "不超过120万元",
        "5-8次",
        "1.7万名",
        "１００％",
        "2024年12月底前",
        "400人",
        "三次",
        "百分之九十",
        "不少于两场",
        "是",
        "否",
        "完成",
        "全部完成",
        "按时完成",
        "合格",
        "称职以上",
        "均称职以上",
        "控制数",
        "零发生",
        "无事故",
        "不发生",
        "12月底前",
        "年底前",
        "每季度",
        "全覆盖",
        "应保尽保",
        "达到国家标准",
        "验收通过",
        "0",
        "显著提高5个百分点",
        "",
    ],
)
@pytest.mark.parametrize("level2", OUTPUTS)
def test_what_can_be_measured(target: str, level2: str) -> None:
    lists = row(target, level2)
    assert found("target_missing", FORM, lists=lists) == []
    assert found("target_vague", FORM, lists=lists) == []


@pytest.mark.parametrize("target", ["显著", "显著提高", "是", "较好", "逐步完善", "长期有效"])
@pytest.mark.parametrize(
    "level2", ["社会效益指标", "经济效益指标", "可持续影响指标", "生态效益指标"]
)
def test_effects_may_be_described(target: str, level2: str) -> None:
    lists = row(target, level2, level1="效益指标")
    assert found("target_missing", FORM, lists=lists) == []
    assert found("target_vague", FORM, lists=lists) == []


def test_accepted_words_are_never_a_must() -> None:
    for word in ("显著", "是", "完成", "较好", "及时上报", "优", "良", "达标"):
        assert found("target_missing", FORM, lists=row(word)) == []


def test_without_levels_a_target_is_looked_at_all_the_same() -> None:
    form_ = indicator_form("level3", "target")
    lists = {"indicators": rows({"level3": "服务人数", "target": "数量指标"})}
    assert one("target_missing", form_, lists=lists)


def test_in_a_self_evaluation_the_target_was_approved() -> None:
    form_ = indicator_form("level2", "level3", "target", "actual")
    lists = {"indicators": rows({"level2": "质量指标", "level3": "服务质量", "target": "较好"})}
    assert found("target_vague", form_, lists=lists) == []


def test_a_form_without_targets() -> None:
    form_ = indicator_form("level2", "level3")
    lists = {"indicators": rows({"level2": "数量指标", "level3": "服务人数", "target": "数量指标"})}
    assert found("target_missing", form_, lists=lists) == []
