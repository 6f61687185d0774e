"""Self scores against the rules, and what has to be explained: on Huadu's form as published."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from declarations.checks import Around, Finding, Level, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.records import Item, Records
from tests.checks.looking import found, indicator_form, one, rows
from tests.sheets import huadu, liwan

FAR_ABOVE = "target_far_exceeded_unexplained"
MISSED = "target_missed_unexplained"
UNCLEAR = "target_unclear"
PLAIN = indicator_form("level3", "target", "actual")
REASONED = indicator_form("level3", "target", "actual", "reason")


def findings(
    records: Records, evidence: dict[str, int] | None = None, **facts: object
) -> list[Finding]:
    known = replace(huadu.BEFORE_THE_DEADLINE, **facts)  # type: ignore[arg-type]
    return run_checks(bind(huadu.FORM, records, editing=True), Around(known, evidence))


def of(code: str, all_: list[Finding]) -> list[Finding]:
    return [finding for finding in all_ if finding.code == code]


def indicator_called(records: Records, name: str) -> Item:
    return next(i for i in records.items() if i.values.get("level3") == name)


def test_every_known_contradiction_of_huadu_is_found_and_nothing_else() -> None:
    all_ = findings(huadu.published(), evidence={})
    must = [f for f in all_ if f.level is Level.MUST]
    assert {f.code for f in must} == {FAR_ABOVE}
    pairs = [
        ("≥1000", "2369"), ("2人", "10人"), ("130人", "239人"), ("200例", "448例"),
        ("5人", "217人"), ("120人", "203人"), ("460人", "808人"), ("130人", "283人"),
    ]  # fmt: skip
    assert len(must) == len(pairs)
    for finding, (target, actual) in zip(must, pairs, strict=True):
        assert f"目标{target}，实际{actual}" in finding.message
        assert "请在“" in finding.message
        assert finding.anchors[0].endswith("/reason")
    hints = {f.message.partition("自评")[0] for f in of("score_differs", all_)}
    assert hints == {
        "预算完成率：",
        "履职效能第1项第5行：“贫困精神病人住院出车费”",
        "工作受表彰或批评：",
    }
    assert [f.code for f in all_ if f.level is Level.HINT and f.code != "score_differs"] == [
        "bonus_without_evidence"
    ]


def test_a_claim_that_the_rule_does_not_give_names_both_with_their_figures() -> None:
    (finding,) = [
        f
        for f in of("score_differs", findings(huadu.published()))
        if f.anchors == ("score/budget_execution/self_score",)
    ]
    assert finding.message.startswith("预算完成率：自评3.58分，按规则得0分，多3.58分：")
    assert "89.61%" in finding.message
    assert "90%" in finding.message


def test_claiming_less_than_the_rule_gives_is_said_as_well() -> None:
    records = huadu.published()
    row = indicator_called(records, "第三方机构监管率")
    row.values["self_score"] = Decimal("0.5")
    messages = [f.message for f in of("score_differs", findings(records))]
    assert any("自评0.5分，按规则得1分，少0.5分" in message for message in messages)


@pytest.mark.parametrize("score", [Decimal("4.01"), Decimal("-0.01")])
def test_more_points_than_there_are_cannot_be_claimed(score: Decimal) -> None:
    records = huadu.published()
    records.set_cell("score.budget_execution.self_score", score)
    (finding,) = of("score_out_of_range", findings(records))
    assert finding.level is Level.MUST
    assert "应在0分至4分之间" in finding.message


def test_a_bonus_may_be_negative_within_its_points() -> None:
    records = huadu.published()
    records.set_cell("score.commendation.self_score", Decimal(-5))
    assert of("score_out_of_range", findings(records)) == []
    records.set_cell("score.commendation.self_score", Decimal("-5.5"))
    assert of("score_out_of_range", findings(records))


def test_a_bonus_may_be_as_low_as_its_own_rule_gives() -> None:
    """Whatever its points are: an item that only takes points away has none to add."""
    items = [
        replace(i, least=Decimal(-10)) if i.key == "commendation" else i
        for i in huadu.FORM.rubric.items
    ]
    form = replace(huadu.FORM, rubric=replace(huadu.FORM.rubric, items=tuple(items)))
    records = huadu.published()
    records.set_cell("score.commendation.self_score", Decimal(-10))
    around = Around(huadu.BEFORE_THE_DEADLINE)
    assert of("score_out_of_range", run_checks(bind(form, records, editing=True), around)) == []


def test_a_claim_without_the_data_of_its_rule_cannot_be_checked() -> None:
    records = huadu.published()
    for line in records.funding.values():
        line["budget"] = None
    (finding,) = of("score_not_computed", findings(records))
    assert finding.level is Level.HINT
    assert finding.message.startswith("预算完成率：自评3.58分，无法计算：")


def test_a_bonus_wants_a_file() -> None:
    records = huadu.published()
    assert of("bonus_without_evidence", findings(records, evidence={}))
    assert of("bonus_without_evidence", findings(records, evidence={"score/commendation": 1})) == []
    assert of("bonus_without_evidence", findings(records, evidence=None)) == []


def test_what_does_not_apply_wants_a_word_why() -> None:
    items = [
        replace(i, may_be_inapplicable=i.key == "budget_execution") for i in huadu.FORM.rubric.items
    ]
    form = replace(huadu.FORM, rubric=replace(huadu.FORM.rubric, items=tuple(items)))
    records = huadu.published()
    records.set_cell("score.budget_execution.input.inapplicable", "是")

    def found_now() -> list[Finding]:
        all_ = run_checks(bind(form, records, editing=True), Around(huadu.BEFORE_THE_DEADLINE))
        return of("inapplicable_unexplained", all_)

    records.set_cell("score.budget_execution.basis", "无")
    (finding,) = found_now()
    assert finding.message.startswith("预算完成率：标为不适用，4分由其余各项换算")
    records.set_cell("score.budget_execution.basis", "本年度没有安排预算")
    assert found_now() == []


def test_handing_in_late_costs_the_points_for_being_in_time() -> None:
    records = huadu.published()
    late = huadu.NOW + timedelta(days=31)
    messages = [f.message for f in of("score_differs", findings(records, now=late))]
    assert any("尚未提交" in message for message in messages)


@pytest.mark.parametrize("reason", ["", "无", "无。", "—", "暂无", " / "])
def test_no_reason_is_none(reason: str) -> None:
    records = huadu.published()
    row = indicator_called(records, "发放残疾学生教育奖励")
    row.values["reason"] = reason
    assert any("发放残疾学生教育奖励" in f.message for f in of(FAR_ABOVE, findings(records)))
    row.values["actual"] = "6人"
    (finding,) = of(MISSED, findings(records))
    assert "目标≥12人，实际6人" in finding.message
    row.values["reason"] = "报名人数减少；下年按实有人数设定指标值。"
    assert of(MISSED, findings(records)) == []


def test_where_the_form_has_no_column_for_reasons_it_is_a_hint() -> None:
    lists = {"indicators": rows({"level3": "服务人数", "target": "≥100人", "actual": "50人"})}
    assert one(MISSED, PLAIN, lists=lists).level is Level.HINT
    lists = {"indicators": rows({"level3": "服务人数", "target": "≥100人", "actual": "130人"})}
    assert one(FAR_ABOVE, PLAIN, lists=lists).level is Level.HINT


@pytest.mark.parametrize(
    ("target", "actual"), [("≥100人", "129人"), ("不超过120万元", "20万元"), ("100%", "100%")]
)
def test_what_is_met_wants_no_word(target: str, actual: str) -> None:
    lists = {"indicators": rows({"level3": "服务人数", "target": target, "actual": actual})}
    for code in (MISSED, FAR_ABOVE, UNCLEAR):
        assert found(code, REASONED, lists=lists) == []


def test_a_form_sets_its_own_line_for_far_above() -> None:
    rubric = replace(huadu.FORM.rubric, far_above=Decimal(50))
    table = bind(replace(huadu.FORM, rubric=rubric), huadu.published(), editing=True)
    assert of(FAR_ABOVE, run_checks(table, Around(huadu.BEFORE_THE_DEADLINE))) == []


def test_what_cannot_be_compared_is_said() -> None:
    lists = {"indicators": rows({"level3": "满意程度", "target": "显著", "actual": "较好"})}
    finding = one(UNCLEAR, PLAIN, lists=lists)
    assert finding.level is Level.HINT
    assert finding.message.startswith("绩效指标第1行：“满意程度”无法判断是否完成：")


def test_of_liwans_indicators_only_the_cancelled_competitions_cannot_be_told() -> None:
    all_ = run_checks(bind(liwan.FORM, liwan.published(), editing=True))
    assert [f.code for f in all_ if f.code in (MISSED, FAR_ABOVE)] == []
    assert ["奖牌" in f.message for f in of(UNCLEAR, all_)] == [True]
