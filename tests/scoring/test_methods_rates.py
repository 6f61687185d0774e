"""Rules about rates and counts: Huadu's items of 2021, their edges, and what always holds."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.methods_rates import (
    Above,
    Band,
    Condition,
    Deduction,
    How,
    Measure,
    Ratio,
    Threshold,
    Tier,
    Tiers,
)
from scoring.rubric import Input, InputKind, Parameters
from tests.scoring.cases import money, result, score, why


def d(text: str) -> Decimal:
    return Decimal(text)


COMPLETION = Band(d("0.9"), d("1"))
DIFFERENCE = Deduction(d("0.05"), d("0.5"), Measure(how=How.DIFFERENCE))
CARRIED_OVER = Tiers(
    (
        Tier(Condition("≤", d("0.1")), d("2")),
        Tier(Condition("≤", d("0.2")), d("1")),
        Tier(Condition("≤", d("0.3")), d("0.5")),
    )
)
ASSETS = Tiers(
    (
        Tier(Condition("≥", d("0.9")), d("2")),
        Tier(Condition("≥", d("0.75")), d("1.5")),
        Tier(Condition("≥", d("0.6")), d("1")),
    )
)
CONTROL = Threshold(Condition("≤", d("1")))
PROCUREMENT = Ratio(Above.NOTHING)
ALL = (
    Ratio(),
    Ratio(Above.ERROR),
    PROCUREMENT,
    COMPLETION,
    DIFFERENCE,
    CARRIED_OVER,
    ASSETS,
    CONTROL,
)

INPUTS = (money("numerator", "全年执行数"), money("denominator", "全年预算数"))
RATE = Input("rate", "预算完成率", InputKind.PERCENT)


@pytest.mark.parametrize(
    ("rule", "points", "rate", "expected"),
    [
        # rate × points
        (Ratio(), 4, "0.8961", "3.58"),
        (Ratio(), 2, "1", "2"),
        (Ratio(), 2, "1.2", "2"),
        (Ratio(), 2, "0", "0"),
        (Ratio(), 2, "0.0025", "0.01"),  # 0.005 goes up
        # not above the plan
        (PROCUREMENT, 2, "1", "2"),
        (PROCUREMENT, 2, "0.96", "1.92"),
        (PROCUREMENT, 2, "1.0001", "0"),
        # the band between 90% and 100%
        (COMPLETION, 4, "0.8961", "0"),
        (COMPLETION, 4, "0.899999", "0"),
        (COMPLETION, 4, "0.9", "0"),
        (COMPLETION, 4, "0.95", "2"),
        (COMPLETION, 4, "1", "4"),
        (COMPLETION, 4, "1.05", "4"),
        (Band(d("0.9"), d("1"), Above.NOTHING), 4, "1.05", "0"),
        # each full 5% takes 0.5
        (DIFFERENCE, 2, "0", "2"),
        (DIFFERENCE, 2, "0.0499", "2"),
        (DIFFERENCE, 2, "0.05", "1.5"),
        (DIFFERENCE, 2, "0.0999", "1.5"),
        (DIFFERENCE, 2, "0.1", "1"),
        (DIFFERENCE, 2, "0.2", "0"),
        (DIFFERENCE, 2, "5", "0"),
        (DIFFERENCE, 2, "-0.05", "1.5"),  # its absolute value
        # ≤10% 2, ≤20% 1, ≤30% 0.5, above 0
        (CARRIED_OVER, 2, "0.1", "2"),
        (CARRIED_OVER, 2, "0.100001", "1"),
        (CARRIED_OVER, 2, "0.2", "1"),
        (CARRIED_OVER, 2, "0.3", "0.5"),
        (CARRIED_OVER, 2, "0.31", "0"),
        # ≥90% 2, ≥75% 1.5, ≥60% 1, below 0
        (ASSETS, 2, "0.9", "2"),
        (ASSETS, 2, "0.8999", "1.5"),
        (ASSETS, 2, "0.8350", "1.5"),
        (ASSETS, 2, "0.75", "1.5"),
        (ASSETS, 2, "0.6", "1"),
        (ASSETS, 2, "0.5999", "0"),
        # at most 100%, or nothing
        (CONTROL, 2, "0.781", "2"),
        (CONTROL, 2, "1", "2"),
        (CONTROL, 2, "1.000001", "0"),
    ],
)
def test_a_rate_gives(rule: Parameters, points: int, rate: str, expected: str) -> None:
    assert score(rule, points, rate=rate) == Decimal(expected)


def test_a_rate_of_two_amounts_is_not_rounded_before_it_counts() -> None:
    amounts = {"numerator": "33828375.60", "denominator": "37749994.89"}
    assert score(Ratio(), 4, **amounts) == Decimal("3.58")
    assert score(Ratio(), 4000, **amounts) == Decimal("3584.46")
    assert score(COMPLETION, 4, numerator="90", denominator="100") == 0
    assert score(COMPLETION, 4, numerator="89.999999", denominator="100") == 0
    assert score(ASSETS, 2, numerator="2", denominator="3") == 1


def test_a_difference_is_computed_of_both_amounts() -> None:
    assert score(DIFFERENCE, 2, numerator="95", denominator="100") == Decimal("1.5")
    assert score(DIFFERENCE, 2, numerator="112", denominator="100") == 1
    assert score(DIFFERENCE, 2, numerator="-5", denominator="100") == 0
    assert why(DIFFERENCE, 2, inputs=INPUTS, numerator="95", denominator="100") == (
        "本项5%（|95.00元－100.00元|÷100.00元），每满5%扣0.5分，共扣0.5分，得1.5分"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "未填写全年执行数、全年预算数，也未填写预算完成率"),
        ({"numerator": "5"}, "未填写全年预算数，也未填写预算完成率"),
        ({"numerator": "5", "denominator": "0"}, "全年预算数为0"),
        ({"numerator": "0", "denominator": "0"}, "全年预算数为0"),
        ({"numerator": "5", "denominator": "-3"}, "全年预算数为负数（-3.00元）"),
        ({"numerator": "-5", "denominator": "3"}, "全年执行数为负数（-5.00元）"),
        ({"rate": "-0.5"}, "预算完成率为负数（-50%）"),
        (
            {"numerator": "80", "denominator": "100", "rate": "0.9"},
            "填写的预算完成率90%与80.00元÷100.00元=80%不一致",
        ),
    ],
)
@pytest.mark.parametrize("rule", [r for r in ALL if r is not DIFFERENCE])
def test_what_has_no_rate_is_said(rule: Parameters, data: dict[str, str], said: str) -> None:
    found = result(rule, inputs=(*INPUTS, RATE), name="预算完成率", **data)
    assert (found.score, found.low, found.high) == (None, 0, 2)
    assert found.explanation == f"无法计算：{said}"


def test_an_item_with_the_rate_alone_asks_for_it() -> None:
    assert why(Ratio(), inputs=(RATE,)) == "无法计算：未填写预算完成率"
    assert why(Ratio(), inputs=INPUTS) == "无法计算：未填写全年执行数、全年预算数"


@pytest.mark.parametrize(
    ("typed", "agrees"),
    [
        ("0.8961", True),
        ("0.896", True),
        ("0.9", True),
        ("0.90", True),
        ("0.89", False),
        ("0.8960", True),
        ("0.8963", False),
    ],
)
def test_a_typed_rate_agrees_within_its_own_rounding(typed: str, *, agrees: bool) -> None:
    found = score(Ratio(), 4, numerator="33828375.60", denominator="37749994.89", rate=typed)
    assert found == (Decimal("3.58") if agrees else None)


@pytest.mark.parametrize(
    ("rule", "data", "said"),
    [
        (Ratio(), {"rate": "0.8961"}, "预算完成率89.61%，得分89.61%×2分=1.79分"),
        (Ratio(), {"rate": "1.25"}, "预算完成率125%，超过100%，按满分计2分"),
        (PROCUREMENT, {"rate": "1.25"}, "预算完成率125%，超过100%，按规则得0分"),
        (Ratio(Above.ERROR), {"rate": "1.25"}, "无法计算：预算完成率125%，不应超过100%，请核对"),
        (COMPLETION, {"rate": "0.95"}, "预算完成率95%，在90%～100%之间，按区间比例得1分"),
        (COMPLETION, {"rate": "0.899999"}, "预算完成率89.9999%，低于90%，按规则得0分"),
        (DIFFERENCE, {"rate": "0.03"}, "预算完成率3%，不满5%，得满分2分"),
        (DIFFERENCE, {"rate": "3"}, "预算完成率300%，每满5%扣0.5分，已扣完，得0分"),
        (CARRIED_OVER, {"rate": "0.05"}, "预算完成率5%，属于≤10%一档，得2分"),
        (CARRIED_OVER, {"rate": "0.4"}, "预算完成率40%，属于>30%一档，得0分"),
        (ASSETS, {"rate": "0.8"}, "预算完成率80%，属于≥75%且<90%一档，得1.5分"),
        (CONTROL, {"rate": "1.000001"}, "预算完成率100.0001%，不符合≤100%的要求，按规则得0分"),
        (CONTROL, {"rate": "0.24"}, "预算完成率24%，符合≤100%的要求，得满分2分"),
    ],
)
def test_an_explanation_holds_the_figures(
    rule: Parameters, data: dict[str, str], said: str
) -> None:
    assert why(rule, inputs=(RATE,), **data) == said


def test_a_change_may_be_below_zero() -> None:
    change = Measure(how=How.CHANGE)
    no_more = Threshold(Condition("≤", d("0")), change)
    amounts = (money("numerator", "本年数"), money("denominator", "上年数"))
    assert why(no_more, inputs=amounts, numerator="90", denominator="100", name="变动率") == (
        "变动率-10%（(90.00元－100.00元)÷100.00元），符合≤0%的要求，得满分2分"
    )
    assert score(no_more, numerator="100", denominator="100") == 2
    assert score(no_more, numerator="100.01", denominator="100") == 0
    assert score(no_more, rate="-0.1") == 2
    assert score(no_more, numerator="90", denominator="100", rate="0.1") is None
    assert score(no_more, numerator="-90", denominator="100") is None
    saved = Tiers(
        (Tier(Condition("≤", d("-0.05")), d("2")), Tier(Condition("≤", d("0")), d("1"))),
        measure=change,
    )
    assert [score(saved, rate=r) for r in ("-0.05", "-0.04", "0.01")] == [2, 1, 0]
    rising = Deduction(d("0.05"), d("0.5"), change)
    assert [score(rising, rate=r) for r in ("-0.5", "0.04", "0.1")] == [2, 2, 1]


def test_counts_have_steps_and_tiers_too() -> None:
    counted = Measure(is_count=True)
    breaches = (Input("value", "发现问题数", InputKind.NUMBER, "起"),)
    each = Deduction(Decimal(1), Decimal("0.5"), counted)
    assert (
        why(each, inputs=breaches, value="3") == "发现问题数3起，每满1起扣0.5分，共扣1.5分，得0.5分"
    )
    assert score(each, value="0") == 2
    assert score(each, value="99999999999999") == 0
    assert why(each, inputs=breaches) == "无法计算：未填写发现问题数"
    assert why(each, inputs=breaches, value="-1") == "无法计算：发现问题数为负数（-1起）"
    tiers = Tiers((Tier(Condition("≥", d("10")), d("2")),), measure=counted)
    assert (score(tiers, value="10"), score(tiers, value="9.5")) == (2, 0)


@pytest.mark.parametrize("rule", ALL)
@pytest.mark.parametrize(
    "data",
    [
        {"rate": "9" * 40},
        {"rate": "1E-30"},
        {"numerator": "9" * 16, "denominator": "0.01"},
        {"numerator": "0.01", "denominator": "9" * 16},
        {"numerator": "NaN", "denominator": "3"},
        {"rate": "Infinity"},
        {"rate": "不知道"},
    ],
)
def test_absurd_figures_have_an_answer(rule: Parameters, data: dict[str, str]) -> None:
    found = result(rule, **data)
    assert found.explanation
    assert found.score is None or 0 <= found.score <= 2
    assert (found.score is None) == found.explanation.startswith("无法计算：")


RATES = st.decimals(min_value=0, max_value=10**7, places=6)
RISING = (Ratio(), COMPLETION, ASSETS)
FALLING = (DIFFERENCE, CARRIED_OVER, CONTROL)


@given(rate=RATES, points=st.decimals(min_value="0.5", max_value=100, places=2))
def test_a_score_is_within_the_points(rate: Decimal, points: Decimal) -> None:
    for rule in (Ratio(), PROCUREMENT, COMPLETION, DIFFERENCE, CONTROL):
        found = result(rule, points, rate=rate)  # type: ignore[arg-type]
        assert found.score is not None
        assert 0 <= found.score <= points
        assert found.score == found.low == found.high == round(found.score, 2)


@given(RATES, RATES)
@example(Decimal("0.899999"), Decimal("0.9"))
def test_more_gives_no_less_and_where_less_is_better_no_more(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    for rule in RISING:
        assert (score(rule, rate=low) or 0) <= (score(rule, rate=high) or 0)
    for rule in FALLING:
        assert (score(rule, rate=low) or 0) >= (score(rule, rate=high) or 0)


@given(
    part=st.decimals(min_value=0, max_value=10**12, places=2),
    whole=st.decimals(min_value="0.01", max_value=10**12, places=2),
)
def test_a_rate_and_its_two_amounts_give_the_same(part: Decimal, whole: Decimal) -> None:
    for rule in (Ratio(), COMPLETION, CARRIED_OVER, ASSETS, CONTROL):
        assert score(rule, numerator=part, denominator=whole) == score(rule, rate=part / whole)
