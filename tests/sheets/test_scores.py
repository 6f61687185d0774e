"""The rubric of a form applied to records: Huadu's evaluation of 2021 as published, and edges."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.records import Records
from declarations.sheets.scores import Line, Scoring, is_far_above, score
from scoring.grades import Thresholds
from scoring.rubric import FAR_ABOVE, Facts
from scoring.values import Met
from tests.sheets.huadu import BEFORE_THE_DEADLINE as FACTS
from tests.sheets.huadu import FORM, changed, published, scored
from tests.sheets.workbooks import form, indicator

HEADING = ("编码", "一级指标", "名称", "分值", "方法", "数据", "参数")
MAY_DROP_OUT = changed("procurement", 可不适用="是")


def line(scoring: Scoring, key: str) -> Line:
    return next(n for n in scoring.lines if n.anchor == f"score/{key}")


def by_name(scoring: Scoring, name: str) -> Line:
    return next(n for n in scoring.lines if n.name == name)


# As published


@pytest.fixture(scope="module")
def as_published() -> Scoring:
    return scored(published())


def test_huadus_evaluation_comes_to_what_its_own_rules_give(as_published: Scoring) -> None:
    assert as_published.points == 100
    assert as_published.self_score == Decimal("99.08")
    assert as_published.rule_score == Decimal("89.61")
    assert as_published.uncomputed == ()
    assert Thresholds().grade_of(as_published.rule_score) == "良"


def test_its_three_parts_are_as_published(as_published: Scoring) -> None:
    parts: dict[str, Decimal] = {}
    for one in as_published.lines:
        assert one.rule.score is not None
        parts[one.level1] = parts.get(one.level1, Decimal(0)) + one.rule.score
    assert parts == {
        "管理效率": Decimal("40.50"),
        "履职效能": Decimal("49.11"),
        "加减分项": Decimal(0),
    }


def test_what_differs_is_what_the_rules_do_not_give(as_published: Scoring) -> None:
    differing = {n.name: (n.self_score, n.rule.score) for n in as_published.lines if n.differs}
    assert differing == {
        "预算完成率": (Decimal("3.58"), Decimal(0)),
        "贫困精神病人住院出车费": (Decimal(1), Decimal("0.11")),
        "工作受表彰或批评": (Decimal(5), Decimal(0)),
    }
    assert line(as_published, "budget_execution").rule.explanation == (
        "预算完成率89.61%（33,828,375.60元÷37,749,994.89元），低于90%，按规则得0分"
    )
    assert line(as_published, "asset_use").rule.explanation == (
        "固定资产利用率83.50%（3,455,560.23元÷4,138,427.79元），属于≥75%且<90%一档，得1.5分"
    )
    eight = by_name(as_published, "贫困精神病人住院出车费")
    assert eight.rule.explanation == "目标≥70人，实际8人，完成11.43%，得分11.43%×1分=0.11分"
    assert (eight.met, eight.level2) == (Met.PARTLY, "康复经费")


def test_what_is_far_above_its_target_is_found(as_published: Scoring) -> None:
    far = {
        (n.outcome.target.text, n.outcome.actual.text)
        for n in as_published.lines
        if n.outcome and is_far_above(n.outcome, FORM.rubric.far_above)
    }
    assert far == {
        ("5人", "217人"), ("2人", "10人"), ("200例", "448例"), ("130人", "239人"),
        ("130人", "283人"), ("120人", "203人"), ("460人", "808人"), ("≥1000", "2369"),
        ("≥12人", "16人"), ("≥35人", "48"),
    }  # fmt: skip


# By changing the sheet only


def test_reading_it_as_rate_times_points_gives_the_other_total() -> None:
    scoring = score(changed("budget_execution", 方法="比率得分", 参数=""), published(), FACTS)
    assert line(scoring, "budget_execution").rule.score == Decimal("3.58")
    assert scoring.rule_score == Decimal("93.19")


def test_points_and_thresholds_are_those_of_the_sheet() -> None:
    lower = changed("budget_execution", 参数="下限：80%\n上限：100%", 分值=10)
    scoring = score(lower, published(), FACTS)
    # (89.6116 - 80) / 20 × 10
    assert line(scoring, "budget_execution").rule.score == Decimal("4.81")
    tier = changed("asset_use", 参数="≥80%：2分\n≥60%：1分\n其余：0分")
    assert line(score(tier, published(), FACTS), "asset_use").rule.score == 2


def test_from_when_on_a_target_was_far_exceeded_is_of_the_rubric() -> None:
    later = replace(FORM, rubric=replace(FORM.rubric, far_above=Decimal("1.5")))
    scoring = score(later, published(), FACTS)
    outcomes = [n.outcome for n in scoring.lines if n.outcome]
    assert sum(is_far_above(o, later.rubric.far_above) for o in outcomes) == 8


# What is missing, what does not apply


def test_nothing_filled_in_is_nothing_scored() -> None:
    scoring = score(FORM, Records(), Facts(now=datetime(2022, 3, 1, tzinfo=UTC)))
    assert (scoring.self_score, scoring.rule_score) == (None, None)
    assert len(scoring.uncomputed) == len(scoring.lines) == 21
    assert all(n.rule.explanation.startswith("无法计算：") for n in scoring.lines)


def test_what_cannot_be_computed_is_said_beside_the_total() -> None:
    records = published()
    records.scores["three_costs"]["input.denominator"] = "0"
    scoring = score(FORM, records, FACTS)
    assert [n.rule.explanation for n in scoring.uncomputed] == ["无法计算：“三公”经费预算安排数为0"]
    assert scoring.rule_score == Decimal("87.61")


def test_what_does_not_apply_is_left_out_and_the_rest_counts_for_more() -> None:
    records = published()
    records.scores["procurement"] = {"input.inapplicable": "是", "self_score": Decimal(2)}
    scoring = score(MAY_DROP_OUT, records, FACTS)
    left_out = line(scoring, "procurement")
    assert left_out.is_inapplicable
    assert left_out.rule.explanation == "本项不适用，不计分，其余各项按比例换算"
    assert scoring.uncomputed == ()
    # 95 points without the bonus, 93 of them apply: (89.61 - 2) × 95 / 93, and the bonus of 0
    assert scoring.rule_score == Decimal("89.49")
    assert scoring.self_score == Decimal("99.06")  # (94.08 - 2) × 95 / 93, and the bonus of 5


def test_only_items_that_the_sheet_lets_drop_out_do() -> None:
    records = published()
    records.scores["average_execution"]["input.inapplicable"] = "是"
    assert not line(score(FORM, records, FACTS), "average_execution").is_inapplicable


def test_rows_without_points_are_not_scored() -> None:
    records = published()
    records.lists["tasks"][0].lists["indicators"][0].values["weight"] = None
    scoring = score(FORM, records, FACTS)
    assert len(scoring.lines) == 62
    assert scoring.points == 99


def test_a_reviewers_scores_are_totalled_in_the_same_way(as_published: Scoring) -> None:
    given = {"score/budget_execution": Decimal("3.58")}
    total = as_published.total(lambda n: given.get(n.anchor, n.rule.score))
    assert total == Decimal("93.19")
    assert as_published.total(lambda _: None) is None


def test_the_systems_own_dates_win() -> None:
    late = replace(FACTS, handed_in=datetime(2022, 4, 2, 9, tzinfo=UTC))
    found = line(score(FORM, published(), late), "monitoring").rule
    assert found.score == 3
    assert found.explanation == (
        "第4项：2022年4月2日09:00提交，截止2022年3月31日09:00，逾期，第1、2、3项符合，第4项不符合，得3分"
    )


def test_targets_with_numbers_decide_what_is_said_of_them() -> None:
    records = published()
    for row in records.items():
        if row.kind == "indicator":
            row.values["target"] = "显著"
    found = line(score(FORM, records, FACTS), "clarity").rule
    assert found.score == Decimal("1.5")
    assert found.explanation.startswith("第3项：没有可量化的指标，")


def test_staying_far_below_a_limit_is_not_far_above_a_target() -> None:
    rubric = (HEADING, ("indicators", "履职效能", "", "", "指标完成", "", ""))
    names = ("level3", "weight", "target", "actual")
    small = form(
        {f"{c}1": f"{{{{indicators.{n}}}}}" for c, n in zip("ABCD", names, strict=True)},
        rubric=rubric,
    )
    rows = [
        indicator(1, level3="投诉", weight=Decimal(5), target="≤10次", actual="2次"),
        indicator(2, level3="投诉", weight=Decimal(5), target="≤10次", actual="20次"),
    ]
    scoring = score(small, Records(lists={"indicators": rows}), FACTS)
    assert [n.rule.score for n in scoring.lines] == [5, Decimal("2.5")]
    assert not any(is_far_above(n.outcome, FAR_ABOVE) for n in scoring.lines if n.outcome)


@pytest.mark.parametrize(
    ("budget", "adjustment", "executed", "expected", "said"),
    [
        ("100", "-20", "72", "0", "完成率90%（72.00元÷80.00元）"),
        ("100", None, "95", "2", "完成率95%（95.00元÷100.00元）"),
        ("100", "-100", "5", None, "无法计算：调整后预算数为0"),
        ("100", "-130", "5", None, "无法计算：调整后预算数为负数（-30.00元）"),
        ("0", "0", "0", None, "无法计算：调整后预算数为0"),
        (None, None, None, None, "无法计算：未填写执行数、调整后预算数"),
        ("100", "-20", None, None, "无法计算：未填写执行数"),
        (
            "9999999999999999.99",
            "0.01",
            "0.01",
            "0",
            "完成率0%（0.01元÷10,000,000,000,000,000.00元）",
        ),
    ],
)
def test_a_budget_that_was_adjusted(
    budget: str | None,
    adjustment: str | None,
    executed: str | None,
    expected: str | None,
    said: str,
) -> None:
    columns = ("budget", "adjustment", "executed")
    cells = {f"{c}1": f"{{{{funding.all.{n}}}}}" for c, n in zip("ABC", columns, strict=True)}
    data = (
        "numerator：执行数（元） = funding.all.executed\n"
        "denominator：调整后预算数（元） = funding.all.budget + funding.all.adjustment"
    )
    item = ("rate", "", "完成率", 4, "区间得分", data, "下限：90%\n上限：100%")
    adjusted = form(cells | {"D1": "{{score.rate.self_score}}"}, rubric=(HEADING, item))
    amounts = {
        n: Decimal(v) for n, v in zip(columns, (budget, adjustment, executed), strict=True) if v
    }
    (only,) = score(adjusted, Records(funding={"all": dict(amounts)}), FACTS).lines
    assert only.rule.score == (None if expected is None else Decimal(expected))
    assert only.rule.explanation.startswith(said)


KEPT = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ("符合", "部分符合", "不符合", "是", "否", "2022-02-20", "按规定内容、时限和范围公开")
    ),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.decimals(-(10**14), 10**14, places=6).map(str),
)
"""What may be in the store of an input, whatever it was meant for."""
ASKED = [(i.key, f"input.{given.name}") for i in MAY_DROP_OUT.rubric.items for given in i.inputs]


@given(
    st.dictionaries(st.sampled_from(ASKED), KEPT, max_size=len(ASKED)),
    st.one_of(st.none(), st.decimals(-(10**14), 10**14, places=6)),
)
def test_whatever_is_filled_in_every_item_has_an_answer(
    kept: dict[tuple[str, str], str | None], claimed: Decimal | None
) -> None:
    records = Records(scores={i.key: {"self_score": claimed} for i in FORM.rubric.items})
    for (key, column), value in kept.items():
        records.scores[key][column] = value
    scoring = score(MAY_DROP_OUT, records, FACTS)
    for one in scoring.lines:
        assert one.rule.explanation
        if one.rule.score is None:
            assert one.is_inapplicable or one.rule.explanation.startswith("无法计算：")
        else:
            assert one.least <= one.rule.low <= one.rule.score <= one.rule.high <= one.points
    assert scoring.rule_score is None or -5 <= scoring.rule_score <= scoring.points
