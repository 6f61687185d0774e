"""Percentages outside sense, and weights outside a hundred."""

from decimal import Decimal

import pytest

from declarations.checks import Level
from tests.checks.looking import found, indicator_form, one, rows

FORM = indicator_form("level2", "level3", "prior2", "prior1", "target", "weight")
MUST, HINT = "percentage_impossible", "percentage_high"


def row(level3: str, target: str = "", **values):
    return {"indicators": rows({"level3": level3, "target": target, **values})}


@pytest.mark.parametrize(
    ("level3", "target"),
    [
        ("服务对象满意度", "120%"),
        ("受益群众满意率（%）", "满意度达980%"),
        ("残疾人证办理覆盖率", "≥101%"),
        ("补贴到位率", "１５０％"),
        ("审批及时率", "100.5%"),
        ("项目支出占比", "3,300%"),
        ("培训合格率", "-5%"),
        ("出勤情况", "出勤率达190%"),
    ],
)
def test_a_share_cannot_exceed_the_whole(level3: str, target: str) -> None:
    finding = one(MUST, FORM, lists=row(level3, target))
    assert finding.level is Level.MUST
    assert f"“{level3.replace('（', '（')}”".strip("“”").split("（")[0] in finding.message
    assert finding.anchors == ("indicator/1/target", "indicator/1/level3")
    assert found(HINT, FORM, lists=row(level3, target)) == []


def test_the_message_names_the_value() -> None:
    finding = one(MUST, FORM, lists=row("补贴到位率", "150%"))
    assert finding.message == "绩效指标第1行：“补贴到位率”的“指标值”是 150%，应在 0 至 100% 之间"


def test_years_before_count_too() -> None:
    finding = one(MUST, FORM, lists=row("补贴到位率", "100%", prior1="1000%"))
    assert finding.anchors[0] == "indicator/1/prior1"


@pytest.mark.parametrize("level3", ["任务完成率", "预算执行率", "床位使用率", "受助率"])
def test_another_rate_above_the_whole_wants_an_explanation(level3: str) -> None:
    finding = one(HINT, FORM, lists=row(level3, "120%"))
    assert finding.level is Level.HINT
    assert found(MUST, FORM, lists=row(level3, "120%")) == []


@pytest.mark.parametrize(
    ("level3", "target"),
    [
        ("财政收入增长率", "120%"),
        ("发病率同比下降幅度", "-5%"),
        ("预算支出偏差率", "-3%"),
        ("投资回报率", "150%"),
        ("覆盖率", "较上年提高120%"),
        ("服务对象满意度", "100%"),
        ("服务对象满意度", "0%"),
        ("补贴到位率", "95.00%"),
        ("康复人数", "达到上年的150%"),
        ("工作效率", "提升"),
        ("服务频率", "120次"),
        ("覆盖率", "全覆盖"),
        ("补贴到位率", "120人"),
        ("", "150%"),
    ],
)
def test_what_makes_sense(level3: str, target: str) -> None:
    lists = row(level3, target)
    assert found(MUST, FORM, lists=lists) == found(HINT, FORM, lists=lists) == []


def test_a_bare_number_is_read_by_its_unit_column() -> None:
    form_ = indicator_form("level3", "target", "extra.unit")
    lists = {"indicators": rows({"level3": "合格率", "target": "120", "extra.unit": "%"})}
    assert one(MUST, form_, lists=lists)
    lists = {"indicators": rows({"level3": "合格率", "target": "98", "extra.unit": "％"})}
    assert found(MUST, form_, lists=lists) == []


@pytest.mark.parametrize("weight", ["100.01", "-1", "1000"])
def test_a_weight_is_within_a_hundred(weight: str) -> None:
    finding = one("weight_impossible", FORM, lists=row("甲", weight=Decimal(weight)))
    assert finding.anchors == ("indicator/1/weight",)
    assert f"“权重”是 {weight}，应在 0 至 100 之间" in finding.message


@pytest.mark.parametrize("weight", [None, Decimal(0), Decimal(100), Decimal("0.3")])
def test_a_possible_weight(weight: Decimal | None) -> None:
    assert found("weight_impossible", FORM, lists=row("甲", weight=weight)) == []
