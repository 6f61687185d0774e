"""A self-evaluation and its target: what is approved is there, and follows when it is adjusted."""

import pytest
from playwright.sync_api import expect

from declarations.models import Declaration
from tests import evaluations
from tests.browser.conftest import check_accessible


@pytest.fixture
def evaluation(department, filer, reviewer) -> Declaration:
    """It started before its target was adjusted."""
    target = evaluations.approved_target(filer, reviewer, department)
    evaluation = evaluations.evaluation_for(department)
    evaluations.adjusted(filer, reviewer, target)
    return evaluation


def test_the_filer_brings_it_up_to_the_target_in_force(person, filer, evaluation) -> None:
    page = person(filer).go(f"/declarations/{evaluation.pk}/")
    note = page.get_by_role("region", name="绩效目标", exact=True)
    expect(note).to_contain_text("绩效目标又有变动：现行的是第2版，这份自评仍按第1版填列。")
    reached = page.get_by_label("第1行 实际完成值")
    reached.fill("128人")
    reached.press("Tab")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "saved")
    target = page.get_by_label("第1行 年度指标值（来自已批准的绩效目标，不能修改）")
    expect(target).to_have_text("120人")
    check_accessible(page)
    note.get_by_role("link", name="改按现行目标").click()
    expect(page.get_by_role("heading", name="改按现行目标")).to_be_visible()
    expect(page.get_by_role("row", name="年度指标值")).to_contain_text("130人")
    check_accessible(page)
    page.get_by_role("button", name="改按现行目标").click()
    expect(page.get_by_text("已改按现行目标：修改 1 格。")).to_be_visible()
    expect(target).to_have_text("130人")
    expect(reached).to_have_value("128人")
    expect(page.get_by_text("年内调整", exact=True).first).to_be_visible()
    page.get_by_text("绩效目标批准后变动过 1 次").click()
    expect(note).to_contain_text("理由：上级下达的任务有变化")
    check_accessible(page)
