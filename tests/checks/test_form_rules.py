"""The conditions of a 校验 sheet, compared with what is filled in."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.checks import CHECKS, Finding, Level
from declarations.sheets.form import Form
from tests.checks.looking import look
from tests.sheets.workbooks import form, indicator, task

CELLS = {
    "A1:A4": "收支",
    "B1": "财政拨款",
    "C1": "{{funding.fiscal.budget}}",
    "B2": "其他资金",
    "C2": "{{funding.other_income.budget}}",
    "B3": "支出",
    "C3": "{{funding.project.budget}}",
    "B4": "人数",
    "C4": "{{text.people}}",
    "A5:A6": "任务",
    "B5": "名称",
    "C5": "金额",
    "D5": "总额",
    "E5": "指标",
    "F5": "权重",
    "G5": "完成率",
    "B6": "{{tasks.name}}",
    "C6": "{{tasks.amount}}",
    "D6": "{{tasks.total_amount}}",
    "E6": "{{tasks.indicators.level3}}",
    "F6": "{{tasks.indicators.weight}}",
    "G6": "{{tasks.extra.rate}}",
    "A7": "单位：万元",
}
FIELDS = [["标签", "类型"], ["text.people", "数值"], ["tasks.extra.rate", "百分比"]]
SHOWN = dict.fromkeys(("C1", "C2", "C3", "C6", "D6"), "#,##0.00")
HEADING = ["条件", "编码", "级别", "说明", "允许误差", "逐行"]


def wan(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount) * 10_000


def ruled(condition: str, *rest: str, required: tuple[str, ...] = (), shown: Any = SHOWN) -> Form:
    """A form with one rule: its condition, then code, level, message, allowance, list."""
    fields = [[*row, ""] for row in FIELDS] + [[tag, "", "是"] for tag in required]
    fields[0][2] = "必填"
    return form(CELLS, fields=fields, rules=[HEADING, [condition, *rest]], formats=shown)


def lines(**budgets: str | None) -> dict[str, Any]:
    return {key: {"budget": wan(amount)} for key, amount in budgets.items()}


def check(form_: Form, **records: Any) -> list[Finding]:
    return [f for f in look(form_, **records) if f.code.startswith("rule.")]


BALANCE = "funding.fiscal.budget + funding.other_income.budget = funding.project.budget"


# What is said


def test_levels_are_the_sheets() -> None:
    assert CHECKS["rule"].level is None


def test_both_sides_are_named_with_their_values() -> None:
    form_ = ruled(BALANCE, "balance", "必须修正", "收入合计应等于支出")
    (finding,) = check(form_, funding=lines(fiscal="5195.12", other_income="0", project="5000"))
    assert finding.level is Level.MUST
    assert finding.code == "rule.balance"
    assert finding.message == (
        "收入合计应等于支出：“财政拨款”＋“其他资金” 5,195.12万元，“支出” 5,000.00万元，相差 195.12万元"
    )
    assert finding.anchors == (
        "funding/fiscal/budget",
        "funding/other_income/budget",
        "funding/project/budget",
    )


def test_a_level_of_its_own() -> None:
    (finding,) = check(ruled(BALANCE, "b", "提示"), funding=lines(fiscal="1", project="5"))
    assert finding.level is Level.HINT


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("=", "应等于"),
        ("≠", "不应等于"),
        ("≤", "不应大于"),
        (">=", "不应小于"),
        ("＜", "应小于"),
        (">", "应大于"),
    ],
)
def test_without_a_message_one_is_made_of_both_sides(sign: str, words: str) -> None:
    form_ = ruled(f"funding.fiscal.budget {sign} funding.project.budget")
    amounts = {"=": ("5", "4"), "≠": ("5", "5"), "≤": ("5", "4"), ">=": ("4", "5")}
    fiscal, project = amounts.get(sign, ("5", "5"))
    (finding,) = check(form_, funding=lines(fiscal=fiscal, project=project))
    assert finding.code == "rule.row_2"
    assert finding.message.startswith(f"“财政拨款”{words}“支出”：“财政拨款” {fiscal}.00万元，")


def test_a_number_as_a_side_is_in_the_unit_of_the_other() -> None:
    (finding,) = check(ruled("funding.fiscal.budget >= 10000"), funding=lines(fiscal="0.5"))
    assert finding.message == (
        "“财政拨款”不应小于1.00万元：“财政拨款” 0.50万元，1.00万元，相差 0.50万元"
    )


def test_shares_are_percentages() -> None:
    form_ = ruled("rate(funding.project.budget, funding.fiscal.budget) <= 0.5")
    (finding,) = check(form_, funding=lines(fiscal="3", project="2"))
    assert finding.message == (
        "“支出”占“财政拨款”的比例不应大于50.00%："
        "“支出”占“财政拨款”的比例 66.666667%，50.00%，相差 16.666667%"
    )


def test_plain_numbers_have_no_unit() -> None:
    (finding,) = check(ruled("text.people <= 400"), texts={"people": "1200.5"})
    assert finding.message == "“人数”不应大于400：“人数” 1,200.5，400，相差 800.5"


def test_sums_and_other_functions_in_words() -> None:
    form_ = ruled("sum(tasks.amount) - count(tasks.amount) * 10000 = max(funding.fiscal.budget, 0)")
    tasks = {"tasks": [task(1, amount=wan("3")), task(2, amount=wan("4"))]}
    (finding,) = check(form_, lists=tasks, funding=lines(fiscal="9"))
    assert (
        "“金额”合计－“金额”的个数×10,000 5.00万元，“财政拨款”、0中最大的 9.00万元"
        in finding.message
    )


# Rows


def test_each_row_by_itself() -> None:
    form_ = ruled("tasks.amount <= tasks.total_amount", "part", "", "本年度不能大于总额")
    tasks = [
        task(7, amount=wan("3"), total_amount=wan("5")),
        task(8, amount=wan("6"), total_amount=wan("5")),
    ]
    (finding,) = check(form_, lists={"tasks": tasks})
    assert finding.message == (
        "任务第2项：本年度不能大于总额：“金额” 6.00万元，“总额” 5.00万元，相差 1.00万元"
    )
    assert finding.anchors == ("task/8/amount", "task/8/total_amount")


def test_a_row_against_what_is_nested_in_it() -> None:
    form_ = ruled("sum(tasks.indicators.weight) = tasks.amount / 10000")
    first = task(
        1, indicator(1, weight=Decimal(3)), indicator(2, weight=Decimal(2)), amount=wan("5")
    )
    second = task(2, indicator(3, weight=Decimal(3)), amount=wan("5"))
    (finding,) = check(form_, lists={"tasks": [first, second]})
    assert finding.message.startswith("任务第2项：")
    assert finding.anchors == ("indicator/3/weight", "task/2/amount")


def test_nested_rows_against_the_one_that_they_are_in() -> None:
    form_ = ruled("tasks.indicators.weight <= tasks.extra.rate")
    rows = [indicator(1, weight=Decimal("0.4")), indicator(2, weight=Decimal("0.6"))]
    lists = {"tasks": [task(1, *rows, **{"extra.rate": "0.5"})]}
    (finding,) = check(form_, lists=lists)
    assert finding.message.startswith("任务第1项第2行：")
    assert "60.00%，“完成率” 50.00%" in finding.message


def test_all_nested_rows_or_those_of_each() -> None:
    tasks = [
        task(1, indicator(1, weight=Decimal(60)), indicator(2, weight=Decimal(40))),
        task(2, indicator(3, weight=Decimal(90))),
    ]
    over_all = ruled("sum(tasks.indicators.weight) = 190")
    in_each = ruled("sum(tasks.indicators.weight) = 100", "each", "", "", "", "tasks")
    assert check(over_all, lists={"tasks": tasks}) == []
    (finding,) = check(in_each, lists={"tasks": tasks})
    assert finding.message.startswith("任务第2项：“权重”合计应等于100：“权重”合计 90，100，相差 10")


# Blanks


@pytest.mark.parametrize(
    "funding",
    [
        {},
        {"fiscal": "5"},
        {"fiscal": "5", "other_income": "4"},
        {"project": "5"},
        {"fiscal": None, "other_income": None, "project": "5"},
    ],
)
def test_a_side_that_is_wholly_blank_is_not_compared(funding: dict[str, str | None]) -> None:
    assert check(ruled(BALANCE), funding=lines(**funding)) == []


def test_an_optional_blank_is_zero() -> None:
    assert check(ruled(BALANCE), funding=lines(fiscal="5", project="5")) == []
    assert check(ruled(BALANCE), funding=lines(fiscal="5", project="6"))


def test_an_equation_waits_for_what_is_required() -> None:
    form_ = ruled(BALANCE, required=("funding.other_income.budget",))
    assert check(form_, funding=lines(fiscal="5", project="6")) == []
    assert check(form_, funding=lines(fiscal="5", other_income="0", project="6"))


def test_too_much_is_too_much_whatever_is_still_blank() -> None:
    form_ = ruled(
        "sum(tasks.amount) <= funding.fiscal.budget + funding.other_income.budget",
        required=("funding.other_income.budget", "tasks.amount"),
    )
    lists = {"tasks": [task(1, amount=wan("1938.8")), task(2)]}
    (finding,) = check(form_, funding=lines(fiscal="1485.73"), lists=lists)
    assert "“金额”合计 1,938.80万元" in finding.message
    assert "1,485.73万元，相差 453.07万元" in finding.message


def test_a_division_by_zero_is_not_compared() -> None:
    form_ = ruled("funding.project.budget / funding.fiscal.budget <= 1")
    assert check(form_, funding=lines(fiscal="0", project="5")) == []


# Rounding


def eight(last: str) -> dict[str, Any]:
    amounts = ["1.01"] * 7 + [last]
    return {"tasks": [task(i, amount=wan(a)) for i, a in enumerate(amounts)]}


TOTAL = "sum(tasks.amount) = funding.project.budget"


@pytest.mark.parametrize(
    ("project", "count"),
    [("8.08", 0), ("8.12", 0), ("8.04", 0), ("8.13", 1), ("8.03", 1)],
)
def test_half_of_the_last_digit_for_each_amount(project: str, count: int) -> None:
    """Eight rows and their total are nine amounts: 0.045万元."""
    findings = check(ruled(TOTAL), lists=eight("1.01"), funding=lines(project=project))
    assert len(findings) == count


def test_blank_rows_were_not_rounded() -> None:
    lists = {"tasks": [task(1, amount=wan("1")), *(task(i) for i in range(2, 9))]}
    assert check(ruled(TOTAL), lists=lists, funding=lines(project="1.00")) == []
    assert check(ruled(TOTAL), lists=lists, funding=lines(project="1.01"))


def test_two_amounts_must_be_the_same() -> None:
    form_ = ruled("funding.fiscal.budget = funding.project.budget")
    assert check(form_, funding=lines(fiscal="5.01", project="5.00"))


def test_whole_units_are_rounded_more_coarsely() -> None:
    form_ = ruled(TOTAL, shown=dict.fromkeys(SHOWN, "0"))
    lists = eight("1")
    assert check(form_, lists=lists, funding=lines(project="12")) == []
    assert check(form_, lists=lists, funding=lines(project="13"))


def test_a_general_format_is_taken_for_two_decimals() -> None:
    form_ = ruled(TOTAL, shown={})
    assert check(form_, lists=eight("1.01"), funding=lines(project="8.12")) == []
    assert check(form_, lists=eight("1.01"), funding=lines(project="8.13"))


def test_amounts_to_the_cent_are_exact() -> None:
    cells = {
        "A1": "甲（元）",
        "B1": "{{funding.a.budget}}",
        "A2": "乙（元）",
        "B2": "{{funding.b.budget}}",
    }
    cells |= {"A3": "丙（元）", "B3": "{{funding.c.budget}}"}
    rules = [["条件"], ["funding.a.budget + funding.b.budget = funding.c.budget"]]
    form_ = form(cells, rules=rules, formats={"B1": "0.00", "B2": "0.00", "B3": "0.00"})
    amounts = {k: {"budget": Decimal(v)} for k, v in (("a", "0.01"), ("b", "0.01"), ("c", "0.03"))}
    assert check(form_, funding=amounts)


def test_rates_and_counts_are_exact() -> None:
    form_ = ruled("rate(funding.project.budget, funding.fiscal.budget) = 0.5")
    assert check(form_, funding=lines(fiscal="2", project="1")) == []
    assert check(form_, funding=lines(fiscal="2", project="1.0001"))


def test_inequalities_allow_for_rounding_too() -> None:
    form_ = ruled("sum(tasks.amount) <= funding.project.budget")
    assert check(form_, lists=eight("1.05"), funding=lines(project="8.08")) == []
    assert check(form_, lists=eight("1.06"), funding=lines(project="8.08"))


@pytest.mark.parametrize(
    ("allowance", "count"),
    [("0.5", 0), ("0.3万元", 0), ("3000元", 0), ("0.29", 1), ("0", 1)],
)
def test_a_form_may_say_how_much(allowance: str, count: int) -> None:
    form_ = ruled(TOTAL, "t", "", "", allowance)
    findings = check(form_, lists=eight("1.01"), funding=lines(project="8.38"))
    assert len(findings) == count


def test_absurdly_large_results_are_not_compared() -> None:
    form_ = ruled("funding.fiscal.budget * funding.project.budget <= 5")
    assert check(form_, funding=lines(fiscal="999999999999.99", project="999999999999.99")) == []


# As texts


def test_a_number_kept_as_text_is_compared() -> None:
    assert (
        check(ruled("text.people >= year"), texts={"people": "2024"}, context={"year": "2023"})
        == []
    )
    (finding,) = check(
        ruled("text.people >= year"), texts={"people": "9"}, context={"year": "2023"}
    )
    assert finding.message == "“人数”不应小于年度：“人数” 9，年度 2,023，相差 2,014"
    assert finding.anchors == ("text/people",)
