"""Rules about what somebody judges, and about dates and counts of events."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.methods_choices import (
    Discretion,
    Group,
    Level,
    Levels,
    Option,
    Options,
    Statement,
    Statements,
)
from scoring.methods_counts import Bonus, Each
from scoring.methods_facts import Fact, Timely
from scoring.rubric import Facts
from tests.scoring.cases import NOTHING_KNOWN, result, score, why

HALF = Decimal("0.5")
CLARITY = Statements(tuple(Statement(f"要点{n}", HALF) for n in range(4)), discretion=True)
FIRM = replace(CLARITY, discretion=False)
RULES = Statements(
    tuple(Statement(t, Decimal(w)) for t, w in (("一", "0.9"), ("二", "0.9"), ("三", "1.2"))),
    discretion=True,
)
FINANCE = Statements(tuple(Statement(t) for t in "一二三"), discretion=True)
ASSETS = Statements((Statement("资产账与财务账相符", Decimal(1)),))
BOTH = tuple(
    Option(text, Decimal(worth))
    for text, worth in (
        ("按规定公开", "1"),
        ("公开了但不及时", "0.5"),
        ("没有公开", "0"),
        ("涉密", "0.5"),
    )
)
DISCLOSURE = Options((Group("部门预算公开", BOTH), Group("部门决算公开", BOTH)))
LEVELS = Levels(
    (
        Level("达成", Decimal("0.8"), Decimal(1)),
        Level("部分达成", Decimal("0.6"), Decimal("0.8")),
        Level("未达成", Decimal(0), Decimal("0.6")),
    )
)
BONUS = Bonus(Each(Decimal("2.5"), Decimal(5)), Each(Decimal("2.5"), Decimal(5)))

JUDGEMENTS = ("符合", "部分符合", "不符合")


def said(*judgements: str) -> dict[str, str]:
    """The inputs s1, s2 …"""
    return {f"s{n}": text for n, text in enumerate(judgements, start=1)}


# Statements


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (("符合", "符合", "符合", "符合"), "2"),
        (("符合", "符合", "不符合", "符合"), "1.5"),  # no target quantifiable: nothing for that one
        (("不符合", "不符合", "不符合", "不符合"), "0"),
    ],
)
def test_each_statement_that_holds_gives_its_points(judged: tuple[str, ...], expected: str) -> None:
    for rule in (CLARITY, FIRM):
        found = result(rule, 2, **said(*judged))
        assert found.score == found.low == found.high == Decimal(expected)


def test_shares_are_those_of_the_points() -> None:
    assert score(RULES, 3, **said("符合", "符合", "不符合")) == Decimal("1.80")
    assert score(RULES, 3, **said("符合", "符合", "符合")) == 3


def test_with_discretion_the_claim_counts_within_its_range() -> None:
    judged = said("符合", "符合", "部分符合", "符合")
    for claimed, expected in (
        ("1.8", "1.80"),
        ("2", "2"),
        ("1.5", "1.5"),
        ("3", "2"),
        ("0", "1.5"),
    ):
        found = result(CLARITY, 2, claimed=claimed, **judged)
        assert (found.score, found.low, found.high) == (Decimal(expected), Decimal("1.5"), 2)
    assert why(CLARITY, 2, claimed="1.8", **judged) == (
        "第1、2、4项符合，第3项部分符合，可酌情得1.5～2分，按自评计1.8分"
    )
    assert why(CLARITY, 2, claimed="3", **judged) == (
        "第1、2、4项符合，第3项部分符合，可酌情得1.5～2分，自评3分不在此范围内，按2分计"
    )
    unclaimed = result(CLARITY, 2, **judged)
    assert (unclaimed.score, unclaimed.low, unclaimed.high) == (None, Decimal("1.5"), 2)
    assert unclaimed.explanation.endswith("可酌情得1.5～2分，请填写自评得分")


def test_without_discretion_what_is_partly_met_gives_nothing() -> None:
    assert score(FIRM, 2, **said("符合", "部分符合", "符合", "符合")) == Decimal("1.5")


def test_statements_that_are_only_judged_together() -> None:
    assert score(FINANCE, 3, **said("符合", "符合", "符合")) == 3
    assert score(FINANCE, 3, **said("不符合", "不符合", "不符合")) == 0
    partly = result(FINANCE, 3, claimed="2.5", **said("符合", "不符合", "符合"))
    assert (partly.score, partly.low, partly.high) == (Decimal("2.5"), 0, 3)
    assert score(replace(FINANCE, discretion=False), 3, **said("符合", "不符合", "符合")) == 0


def test_what_was_not_judged_is_named() -> None:
    assert why(CLARITY, 2, **said("符合", "", "不符合")) == "无法计算：未选择第2、4项是否符合"
    assert why(ASSETS, 1) == "无法计算：未选择“资产账与财务账相符”是否符合"
    assert why(ASSETS, 1, s1="不符合") == "“资产账与财务账相符”不符合，得0分"
    assert (
        why(CLARITY, 2, **said("差不多", "符合", "符合", "符合")) == "无法计算：未选择第1项是否符合"
    )


def test_a_fact_decides_a_statement_whatever_was_ticked() -> None:
    rule = Statements(
        (Statement("有可量化的指标", HALF, Fact.QUANTIFIED), Statement("有依据", HALF))
    )
    none = Facts(NOTHING_KNOWN.now, quantified=0)
    assert score(rule, 1, facts=none, **said("符合", "符合")) == HALF
    assert why(rule, 1, facts=none, **said("符合", "符合")) == (
        "第1项：没有可量化的指标，第2项符合，第1项不符合，得0.5分"
    )
    assert score(rule, 1, facts=replace(none, quantified=3), **said("", "符合")) == 1
    assert score(rule, 1, **said("符合", "符合")) == 1  # the system does not know


# Options and levels


@pytest.mark.parametrize(
    ("budget", "accounts", "expected"),
    [
        ("按规定公开", "按规定公开", "2"),
        ("按规定公开", "公开了但不及时", "1.5"),
        ("涉密", "涉密", "1"),
        ("没有公开", "没有公开", "0"),
    ],
)
def test_both_halves_of_the_disclosure_add_up(budget: str, accounts: str, expected: str) -> None:
    assert score(DISCLOSURE, 2, g1=budget, g2=accounts) == Decimal(expected)


def test_a_half_that_was_not_chosen_is_named() -> None:
    assert why(DISCLOSURE, 2, g1="涉密") == "无法计算：未选择“部门决算公开”的情况"
    assert why(DISCLOSURE, 2, g1="涉密", g2="按规定公开") == (
        "部门预算公开：涉密，得0.5分；部门决算公开：按规定公开，得1分；共得1.5分"
    )


@pytest.mark.parametrize(
    ("level", "claimed", "expected"),
    [
        ("达成", "10", "10"),
        ("达成", "5", "8"),
        ("部分达成", "9", "8"),
        ("部分达成", "7", "7"),
        ("未达成", "6.5", "6"),
    ],
)
def test_a_level_allows_a_range(level: str, claimed: str, expected: str) -> None:
    assert score(LEVELS, 10, level=level, claimed=claimed) == Decimal(expected)


def test_a_level_and_free_discretion_want_a_claim() -> None:
    assert why(LEVELS, 10) == "无法计算：未选择本项"
    assert why(LEVELS, 10, level="达成") == (
        "无法计算：达成，按分值的80%～100%计分，可酌情得8～10分，请填写自评得分"
    )
    assert score(Discretion(), 3, claimed="2.25") == Decimal("2.25")
    assert score(Discretion(), 3) is None


# Dates


DUE = datetime(2022, 3, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "expected", "said_so"),
    [
        (
            Facts(DUE, DUE, DUE),
            2,
            "2022年3月31日18:00提交，截止2022年3月31日18:00，按时，得满分2分",
        ),
        (
            Facts(DUE, datetime(2022, 3, 31, 18, 1, tzinfo=UTC), DUE),
            0,
            "2022年3月31日18:01提交，截止2022年3月31日18:00，逾期，按规则得0分",
        ),
        (Facts(DUE, None, DUE), 2, "截止2022年3月31日18:00，截止前提交即为按时，得满分2分"),
        (
            Facts(datetime(2022, 4, 1, tzinfo=UTC), None, DUE),
            0,
            "截止2022年3月31日18:00，尚未提交，按规则得0分",
        ),
    ],
)
def test_handed_in_by_the_systems_own_dates(facts: Facts, expected: int, said_so: str) -> None:
    found = result(Timely(Fact.HANDED_IN), facts=facts, in_time="否", date="2022-12-01")
    assert (found.score, found.explanation) == (expected, said_so)


def test_published_by_the_systems_own_dates_then_typed_then_confirmed() -> None:
    rule = Timely(Fact.PUBLISHED, late=Decimal(1))
    known = Facts(DUE, published=date(2022, 2, 20), due=date(2022, 2, 20))
    assert score(rule, facts=known, in_time="否") == 2
    assert score(rule, facts=replace(known, published=date(2022, 2, 21)), in_time="是") == 1
    only_due = replace(known, published=None)
    assert why(rule, facts=only_due, date="2022-02-21") == (
        "2022年2月21日完成，期限2022年2月20日，逾期，按规则得1分"
    )
    assert score(rule, date="2022-02-21", due="2022-02-21") == 2
    assert why(rule, in_time="是") == "部门填写为按时，得满分2分"
    assert why(rule, in_time="否") == "部门填写为不按时，按规则得1分"


def test_what_is_missing_of_a_date_is_said() -> None:
    assert why(Timely()) == "无法计算：未填写本项，也未填写是否按时"
    assert why(Timely(), date="2022-02-21") == "无法计算：未填写规定期限，也未填写是否按时"
    fixed = Timely(due=date(2022, 3, 1))
    assert score(fixed, date="2022-03-01") == 2
    assert score(fixed, date="2022-13-01") is None
    assert [i.name for i in fixed.inputs()] == ["date", "in_time"]
    assert [i.name for i in Timely().inputs()] == ["date", "due", "in_time"]


# Bonus


@pytest.mark.parametrize(
    ("added", "taken", "expected"),
    [
        ("0", "0", "0"),
        ("1", "0", "2.5"),
        ("2", "0", "5"),
        ("7", "0", "5"),
        ("0", "1", "-2.5"),
        ("0", "9", "-5"),
        ("1", "1", "0"),
        ("99999999999999", "99999999999999", "0"),
    ],
)
def test_a_bonus_and_a_deduction_have_each_their_limit(
    added: str, taken: str, expected: str
) -> None:
    found = result(BONUS, 5, added=added, taken=taken)
    assert found.score == found.low == found.high == Decimal(expected)


def test_a_bonus_is_never_nothing_in_silence() -> None:
    found = result(BONUS, 5, added="1")
    assert (found.score, found.low, found.high) == (None, -5, 5)
    assert found.explanation == "无法计算：未填写本项，没有的填0"
    assert score(BONUS, 5, added="1.5", taken="0") is None
    assert score(BONUS, 5, added="-1", taken="0") is None
    assert score(Bonus(takes=Each(Decimal(1), Decimal(3))), 0, taken="2") == -2


# What always holds


@given(
    st.lists(st.sampled_from(JUDGEMENTS), min_size=4, max_size=4),
    st.decimals(min_value=-(10**9), max_value=10**9, places=6),
)
def test_a_score_is_within_its_range_and_the_points(judged: list[str], claimed: Decimal) -> None:
    for rule in (CLARITY, FIRM):
        found = result(rule, 2, claimed=str(claimed), **said(*judged))
        assert found.score is not None
        assert 0 <= found.low <= found.score <= found.high <= 2


@pytest.mark.parametrize("rule", [CLARITY, FIRM, FINANCE], ids=["discretion", "firm", "together"])
def test_a_better_judgement_never_gives_less(rule: Statements) -> None:
    better = {"不符合": "部分符合", "部分符合": "符合"}
    for judged in product(JUDGEMENTS, repeat=len(rule.statements)):
        before = result(rule, 2, claimed="1", **said(*judged))
        for place, word in enumerate(judged):
            if word in better:
                raised = (*judged[:place], better[word], *judged[place + 1 :])
                after = result(rule, 2, claimed="1", **said(*raised))
                assert after.low >= before.low
                assert after.high >= before.high
                assert (after.score or 0) >= (before.score or 0)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_commendations_never_give_less(added: int, taken: int) -> None:
    now, more = (score(BONUS, 5, added=a, taken=taken) for a in (added, added + 1))
    assert now is not None
    assert more is not None
    assert -5 <= now <= more <= 5
