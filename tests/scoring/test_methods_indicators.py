"""Indicators in proportion to what was reached, in the forms that are in use."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.methods_choices import Level, Levels
from scoring.methods_indicators import Lower, Proportion, Unmet
from scoring.rubric import Case, NotComputableError, RuleResult, apply_rule, not_computed
from scoring.values import compare_values
from tests.scoring.cases import NOTHING_KNOWN

PLAIN = Proportion()
LINEAR = Proportion(lower=Lower.LINEAR)
ALL_OR_NOTHING = Proportion(unmet=Unmet.NOTHING)
GRADED = Proportion(
    levels=Levels(
        (
            Level("达成", Decimal("0.8"), Decimal(1)),
            Level("部分达成", Decimal("0.6"), Decimal("0.8")),
            Level("未达成", Decimal(0), Decimal("0.6")),
        )
    )
)


def judged(
    rule: Proportion, target: str, actual: str, points: str = "10", claimed: str | None = None
) -> RuleResult:
    case = Case(
        "指标",
        Decimal(points),
        NOTHING_KNOWN,
        claimed=None if claimed is None else Decimal(claimed),
    )
    try:
        return rule.judge(compare_values(target, actual), case)
    except NotComputableError as error:
        return not_computed(error, case)


@pytest.mark.parametrize(
    ("rule", "target", "actual", "expected"),
    [
        # higher is better
        (PLAIN, "≥99%", "99%", "10"),
        (PLAIN, "≥70人", "8人", "1.14"),
        (PLAIN, "400人", "0人", "0"),
        (PLAIN, "5人", "217人", "10"),
        (ALL_OR_NOTHING, "≥70人", "69人", "0"),
        # lower is better, target ÷ actual
        (PLAIN, "≤100万元", "80万元", "10"),
        (PLAIN, "≤100万元", "125万元", "8"),
        (PLAIN, "≤100万元", "400万元", "2.5"),
        # lower is better, linear down to twice the target
        (LINEAR, "≤100万元", "100万元", "10"),
        (LINEAR, "≤100万元", "125万元", "7.5"),
        (LINEAR, "≤100万元", "200万元", "0"),
        (LINEAR, "≤100万元", "400万元", "0"),
        (LINEAR, "≥70人", "35人", "5"),
        # equal
        (PLAIN, "0", "0", "10"),
        (PLAIN, "0次", "1次", "0"),
        (PLAIN, "显著", "显著", "10"),
    ],
)
def test_an_indicator_gives(rule: Proportion, target: str, actual: str, expected: str) -> None:
    found = judged(rule, target, actual)
    assert found.score == found.low == found.high == Decimal(expected), found.explanation


def test_a_share_is_of_the_indicators_own_points() -> None:
    found = judged(PLAIN, "≥70人", "8人", "1")
    assert found.score == Decimal("0.11")
    assert found.explanation == "目标≥70人，实际8人，完成11.43%，得分11.43%×1分=0.11分"
    assert judged(LINEAR, "≤100万元", "125万元").explanation == (
        "目标≤100万元，实际125万元，是目标的125%，超过目标，到目标的两倍得分减为0，得分75%×10分=7.5分"
    )


@pytest.mark.parametrize(
    ("target", "actual"), [("显著", "较好"), ("", "8人"), ("≥70人", ""), ("5-8次", "若干")]
)
def test_what_cannot_be_compared_is_not_scored(target: str, actual: str) -> None:
    found = judged(PLAIN, target, actual)
    assert (found.score, found.low, found.high) == (None, 0, 10)
    assert found.explanation.startswith("无法计算：目标")


def test_what_is_qualitative_may_have_levels() -> None:
    for actual, claimed, expected in (
        ("显著", "9", "9"), ("达成", "7", "8"), ("部分达成", "7", "7"), ("未达成", "9", "6"),
    ):  # fmt: skip
        assert judged(GRADED, "显著", actual, claimed=claimed).score == Decimal(expected)
    assert judged(GRADED, "≥70人", "8人").score == Decimal("1.14")
    assert judged(GRADED, "显著", "较好", claimed="9").score is None


def test_without_values_there_is_nothing_to_judge() -> None:
    case = Case("指标", Decimal(5), NOTHING_KNOWN)
    assert apply_rule(PLAIN, case).explanation == "无法计算：指标没有可以比较的指标值"


AMOUNTS = st.integers(0, 10**6)


@given(target=st.integers(1, 10**6), one=AMOUNTS, other=AMOUNTS)
def test_more_gives_no_less_and_a_limit_no_more(target: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    less, more = (judged(PLAIN, f"≥{target}人", f"{n}人").score for n in (low, high))
    assert less is not None
    assert more is not None
    assert 0 <= less <= more <= 10
    for rule in (PLAIN, LINEAR):
        less, more = (judged(rule, f"≤{target}人", f"{n}人").score for n in (low, high))
        assert less is not None
        assert more is not None
        assert 10 >= less >= more >= 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_was_written_there_is_an_answer(target: str, actual: str) -> None:
    for rule in (PLAIN, LINEAR, GRADED):
        found = judged(rule, target, actual)
        assert found.explanation
        assert found.score is None or 0 <= found.score <= 10
