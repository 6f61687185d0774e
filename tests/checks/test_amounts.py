"""A task's amounts beside each other."""

from decimal import Decimal

import pytest

from declarations.checks import Level
from tests.checks.looking import found, one
from tests.sheets.caidian import FORM as CAIDIAN
from tests.sheets.workbooks import form, task


def test_this_years_part_is_not_more_than_the_whole() -> None:
    project = task(3, name="康复经费", amount=Decimal(6_628_001), total_amount=Decimal(6_628_000))
    finding = one("amount_over_total", CAIDIAN, lists={"projects": [project]})
    assert finding.level is Level.MUST
    assert finding.message == (
        "项目支出情况第1行：“康复经费”的“项目本年度预算”662.8001万元大于“项目总预算”662.8万元"
    )
    assert finding.anchors == ("task/3/amount", "task/3/total_amount")


@pytest.mark.parametrize(("amount", "total"), [(5, 5), (4, 5), (None, 5), (5, None), (0, 0)])
def test_what_fits(amount: int | None, total: int | None) -> None:
    values = {"amount": amount, "total_amount": total}
    project = task(3, **{k: None if v is None else Decimal(v) for k, v in values.items()})
    assert found("amount_over_total", CAIDIAN, lists={"projects": [project]}) == []


def test_a_column_that_the_form_does_not_show_is_not_looked_at() -> None:
    form_ = form({"A1": "任务", "B1": "{{tasks.name}}", "C1": "{{tasks.amount}}"})
    rows = [task(1, amount=Decimal(5), total_amount=Decimal(4))]
    assert found("amount_over_total", form_, lists={"tasks": rows}) == []
