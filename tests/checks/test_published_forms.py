"""What the official forms carry, as it was published: contradictions found, and no false alarm."""

import pytest

from declarations.checks import Finding, Level, run_checks
from declarations.management.demo.filling import Content
from declarations.sheets.bind import bind
from declarations.sheets.records import Records
from tests.sheets import caidian, panyu
from tests.sheets.caidian import corrected, published
from tests.sheets.contents import records_of


def found(records: Records) -> list[Finding]:
    return run_checks(bind(caidian.FORM, records, editing=True))


def messages(records: Records) -> list[str]:
    return [f.message for f in found(records)]


def panyu_records(name: str) -> Records:
    """What the demo types into Panyu's form."""
    content = Content.read(name)
    return records_of(panyu.FORM, content, department="广州市番禺区残疾人联合会", year=2023)


# Caidian, as published


def test_everything_wrong_in_caidians_form_and_nothing_else() -> None:
    assert messages(published()) == [
        "请填写“填报日期”",
        (
            "各项目本年度预算的合计不能超过全年收入：“项目本年度预算”合计 1,938.80万元，"
            "“财政拨款 当年金额”＋“其他资金 当年金额” 1,485.73万元，相差 453.07万元"
        ),
        "部门总体收支情况：请填写“基本支出 当年金额”",
        "部门总体收支情况：请填写“项目支出 当年金额”",
        (
            "年度目标第1项第8行：“项目完成及时率”的“预期当年实现值”填的是“时效指标”，"
            "不是指标值，请填写可以考核的数量、比例或时间"
        ),
        "年度目标第2项只有“……”，没有填写内容，请填写或删除这一项",
        "年度目标第3项只有“……”，没有填写内容，请填写或删除这一项",
    ]


def test_all_of_it_must_be_corrected() -> None:
    assert {f.level for f in found(published())} == {Level.MUST}


def test_each_finding_leads_to_its_cell() -> None:
    table = bind(caidian.FORM, published(), editing=True)
    there = {e.anchor for e in table.entries()} | {r.add_to for r in table.rows}
    for finding in run_checks(table):
        assert finding.anchors
        assert set(finding.anchors) <= there


def test_with_the_amounts_that_give_the_shares_the_projects_are_too_many() -> None:
    records = published()
    amounts = corrected().funding
    records.funding = amounts
    assert [m for m in messages(records) if "项目支出" in m and "1,938.80" in m] == [
        (
            "各项目本年度预算的合计应等于项目支出：“项目本年度预算”合计 1,938.80万元，"
            "“项目支出 当年金额” 899.31万元，相差 1,039.49万元"
        )
    ]


def test_a_corrected_copy_has_nothing() -> None:
    assert found(corrected()) == []


@pytest.mark.parametrize("amount", ["basic", "project"])
def test_income_and_expenditure_are_compared(amount: str) -> None:
    records = corrected()
    records.funding[amount]["budget"] += 10_000
    codes = [f.code for f in found(records)]
    assert "rule.income_and_expenditure" in codes


# Panyu, as published


@pytest.mark.parametrize("records", [panyu.records(), panyu_records("panyu-target")])
def test_panyus_form_adds_up(records: Records) -> None:
    findings = run_checks(bind(panyu.FORM, records, editing=True))
    assert [f.message for f in findings if f.level is Level.MUST] == []
    assert [f.code for f in findings] == ["indicator_kinds"]
    assert findings[0].message.startswith("没有质量指标（现有数量、时效、满意度指标）")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"fiscal": "5195.32"}, "rule.income_and_expenditure"),
        ({"district": "5195.32"}, "rule.expenditure_by_level"),
        ({"project": "2453.32", "development": "2258.71", "special": "0"}, None),
        ({"basic": "482.09", "project": "2454.62"}, "rule.tasks_and_expenditure"),
    ],
)
def test_each_of_its_sums_is_held_to(changed: dict[str, str], code: str | None) -> None:
    records = panyu.records()
    for key, amount in changed.items():
        records.funding[key]["budget"] = panyu.yuan(amount)
    findings = run_checks(bind(panyu.FORM, records, editing=True))
    assert [f.code for f in findings if f.level is Level.MUST] == ([code] if code else [])


def test_rounding_to_ten_thousands_is_no_contradiction() -> None:
    """As the form's own note says: the last digit may differ."""
    records = panyu.records()
    records.funding["fiscal"]["budget"] = panyu.yuan("5195.13")
    findings = run_checks(bind(panyu.FORM, records, editing=True))
    assert [f for f in findings if f.level is Level.MUST] == []


@pytest.mark.parametrize("name", ["panyu-civil-affairs", "panyu-health", "panyu-education"])
def test_the_demos_others_have_no_contradiction(name: str) -> None:
    findings = run_checks(bind(panyu.FORM, panyu_records(name), editing=True))
    must = {f.code for f in findings if f.level is Level.MUST}
    assert must <= ({"required"} if name == "panyu-education" else set())
