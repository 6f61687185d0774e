"""Units against values, and values of several years against one another."""

import pytest

from declarations.checks import Level
from tests.checks.looking import found, indicator_form, one, rows

FORM = indicator_form("level3", "prior2", "prior1", "target")
WITH_UNIT = indicator_form("level3", "target", "extra.unit")


def row(**values):
    return {"indicators": rows(values)}


@pytest.mark.parametrize("level3", ["预算执行率", "服务对象满意度", "受益率（%）", "项目支出占比"])
def test_an_amount_is_no_percentage(level3: str) -> None:
    finding = one("unit_conflict", FORM, lists=row(level3=level3, target="28.8万元"))
    assert finding.level is Level.MUST
    assert "是“28.8万元”" in finding.message
    assert finding.anchors[0] == "indicator/1/target"


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("%", "28.8万元"),
        ("％", "120人"),
        ("万元", "98%"),
        ("人", "480万元"),
        ("人次", "98%"),
    ],
)
def test_a_value_against_its_unit_column(unit: str, target: str) -> None:
    lists = row(level3="服务", target=target, **{"extra.unit": unit})
    finding = one("unit_conflict", WITH_UNIT, lists=lists)
    assert finding.anchors == ("indicator/1/target", "indicator/1/extra.unit")
    assert finding.message == (
        f"绩效指标第1行：“指标值”是“{target}”，与“计量单位”写明的单位“{unit.replace('％', '%')}”不符"
    )


def test_a_unit_in_the_name_counts() -> None:
    lists = row(level3="项目支出（万元）", target="98%")
    assert one("unit_conflict", FORM, lists=lists).anchors == (
        "indicator/1/target",
        "indicator/1/level3",
    )


def test_an_amount_in_percent() -> None:
    assert one("unit_conflict", FORM, lists=row(level3="支出", target="28.8万元%"))


@pytest.mark.parametrize(
    ("level3", "target", "unit"),
    [
        ("满意度", "98", "%"),
        ("满意度", "98%以上", "%"),
        ("服务人数", "1.7万名", "人"),
        ("服务人数", "400人", "人"),
        ("项目支出", "480万元", "万元"),
        ("项目支出", "不超过480.5", "万元"),
        ("项目支出", "4800000元", "万元"),
        ("时限", "2024年12月底前", "天"),
        ("完成情况", "完成", "项"),
        ("服务人数", "", "人"),
        ("服务人数", "400人", ""),
    ],
)
def test_values_that_fit_their_unit(level3: str, target: str, unit: str) -> None:
    lists = row(level3=level3, target=target, **{"extra.unit": unit})
    assert found("unit_conflict", WITH_UNIT, lists=lists) == []
    assert found("unit_differs", WITH_UNIT, lists=lists) == []


@pytest.mark.parametrize(
    ("level3", "target"),
    [
        ("单位面积费率", "28.8万元"),
        ("工作效率", "节约28.8万元"),
        ("康复资助年服务量人（次）", "预计资助1920例。"),
        ("预算执行率", "支出480万元，执行率100%"),
        ("预算执行率", "100%"),
    ],
)
def test_what_only_looks_like_a_conflict(level3: str, target: str) -> None:
    assert found("unit_conflict", FORM, lists=row(level3=level3, target=target)) == []


@pytest.mark.parametrize(
    ("prior2", "prior1", "target"),
    [
        ("461万元", "480", "480%"),
        ("461万元", "480万元", "480%"),
        ("461万元", "480万元", "480"),
        ("1100人次", "1100人", "1100人次"),
        ("", "95%", "95"),
        ("4次", "", "4场"),
    ],
)
def test_years_in_different_units_want_an_explanation(
    prior2: str, prior1: str, target: str
) -> None:
    lists = row(level3="资金使用", prior2=prior2, prior1=prior1, target=target)
    finding = one("unit_differs", FORM, lists=lists)
    assert finding.level is Level.HINT
    for label, value in (("前年", prior2), ("上年", prior1), ("指标值", target)):
        assert (f"“{label}”{value}" in finding.message) is bool(value)
    assert finding.anchors[0] == "indicator/1/target"


@pytest.mark.parametrize(
    ("prior2", "prior1", "target"),
    [
        ("1100人次", "1100人次", "≥1100人次"),
        ("461万元", "480万元", "4800000元"),
        ("0", "0起", "0起"),
        ("0", "0", "0"),
        ("95%", "95.00%", "96%以上"),
        ("5000人", "0.5万人", "5000名"),
        ("完成", "100%", "100%"),
        ("", "", "480%"),
        ("中期88.27分 末期90.10分", "80分以上", "80分以上"),
    ],
)
def test_years_in_one_unit(prior2: str, prior1: str, target: str) -> None:
    lists = row(level3="资金使用", prior2=prior2, prior1=prior1, target=target)
    assert found("unit_differs", FORM, lists=lists) == []


def test_another_word_than_the_unit_column_is_a_hint() -> None:
    lists = row(level3="服务", target="400人次", **{"extra.unit": "人"})
    assert one("unit_differs", WITH_UNIT, lists=lists)
    assert found("unit_conflict", WITH_UNIT, lists=lists) == []
