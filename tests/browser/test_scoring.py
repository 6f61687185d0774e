"""Scoring in the browser: the filer's strips, what the rules give live, the reviewer's scores."""

import pytest
from playwright.sync_api import expect

from declarations.domain.scoring import set_review_score
from declarations.models import Declaration, ReviewScore
from tests.browser.conftest import check_accessible
from tests.factories import reread, type_into
from tests.scored import FIGURES, add_indicators, handed_in, scored_for

SELF = '[name="score/execution/self_score"]'
EXECUTION = '[data-verdict="score/execution"]'
RULES = '[data-verdict="score/rules"]'


@pytest.fixture
def draft(filer, department) -> Declaration:
    declaration = scored_for(department)
    add_indicators(
        filer, declaration, ("≥100人", "120人", "40", "40"), ("≥100人", "50人", "30", "25")
    )
    type_into(filer, declaration, **FIGURES)
    return declaration


def open_page(someone, declaration):
    return someone.go(f"/declarations/{declaration.pk}/")


def test_what_the_rule_gives_follows_what_is_filled_in(person, filer, draft) -> None:
    page = open_page(person(filer), draft)
    expect(page.locator(EXECUTION)).to_contain_text("尚未自评")
    page.locator(SELF).fill("19")
    page.keyboard.press("Tab")
    expect(page.locator(EXECUTION)).to_contain_text("自评比规则多9分")
    expect(page.locator("#score-totals")).to_contain_text("2 项有差异")
    page.get_by_label("全年执行数（元）").fill("1000")
    page.keyboard.press("Tab")
    expect(page.locator(EXECUTION)).to_contain_text("自评比规则少1分")
    page.get_by_label("制度完整").select_option("不符合")
    expect(page.locator(RULES)).to_contain_text("第1项不符合")
    check_accessible(page)
    assert draft.score_items.get(key="rules").inputs["s1"] == "不符合"


def test_the_rules_score_is_taken_over_and_given_back(person, filer, draft) -> None:
    type_into(filer, draft, **{"score.execution.self_score": "19"})
    page = open_page(person(filer), draft)
    page.locator(EXECUTION).get_by_role("button", name="采用规则得分").press("Enter")
    expect(page.locator(EXECUTION)).to_contain_text("与规则一致")
    expect(page.locator(SELF)).to_be_focused()
    assert draft.score_items.get(key="execution").self_score == 10
    page.locator("#toasts").get_by_role("button", name="撤销").click()
    expect(page.locator(EXECUTION)).to_contain_text("自评比规则多9分")
    expect(page.locator(SELF)).to_be_focused()
    assert draft.score_items.get(key="execution").self_score == 19


def test_only_what_differs_is_shown_and_all_again(person, filer, draft) -> None:
    type_into(filer, draft, **{"score.execution.self_score": "10", "score.rules.self_score": "8"})
    page = open_page(person(filer), draft)
    spans = "() => [...document.querySelectorAll('#sheet td, #sheet th')].map(c => c.rowSpan)"
    before = page.evaluate(spans)
    only = page.get_by_label("只看有差异的项")
    only.focus()
    page.keyboard.press("Space")
    expect(page.locator("#filtered")).to_have_text("只显示有差异的 2 项")  # one row, the bonus
    expect(only).to_be_focused()
    expect(page.locator(SELF)).to_be_hidden()
    expect(page.get_by_label("第2行 得分")).to_be_visible()
    expect(page.get_by_label("第1行 得分")).to_be_hidden()
    check_accessible(page)
    page.get_by_label("第2行 得分").fill("15")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    expect(page.get_by_label("第2行 得分")).to_be_visible()  # not taken from under one's hands
    only.uncheck()
    expect(page.locator(SELF)).to_be_visible()
    assert page.evaluate(spans) == before


def test_a_finding_leads_to_a_cell_that_is_hidden(person, filer, draft) -> None:
    page = open_page(person(filer), draft)
    page.get_by_label("只看有差异的项").check()
    expect(page.get_by_label("全年预算数（元）")).to_be_hidden()
    page.evaluate(
        """() => {
            const link = document.createElement("a");
            link.href = "#cell-funding-all-budget";
            link.dataset.jump = "funding/all/budget";
            link.textContent = "到预算数";
            document.getElementById("findings").append(link);
        }"""
    )
    page.get_by_text("到预算数").click()
    expect(page.get_by_label("全年预算数（元）")).to_be_focused()
    expect(page.get_by_label("只看有差异的项")).not_to_be_checked()


def test_rows_and_pastes_keep_clear_of_the_strips(person, filer, draft) -> None:
    someone = person(filer)
    page = open_page(someone, draft)
    page.get_by_label("第1行 得分").focus()
    someone.copy([["38"], ["14"]])
    someone.paste()
    expect(page.get_by_label("第2行 得分")).to_have_value("14")
    expect(page.get_by_label("第1行 得分")).to_have_value("38")
    expect(page.get_by_text("已粘贴 2 格")).to_be_visible()  # one act at a time
    page.get_by_label("第2行 得分").focus()
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.get_by_label("第3行 得分")).to_have_value("")
    last = page.locator('tr[data-scored^="indicator/"] .verdict').last
    expect(last).to_contain_text("没有填写分值")


def test_on_a_small_screen_a_strip_is_read_without_scrolling_aside(person, filer, draft) -> None:
    page = open_page(person(filer), draft)
    page.set_viewport_size({"width": 360, "height": 800})
    box = page.locator(f".strip-box:has({RULES})")
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 360


def test_a_reviewer_scores_without_leaving_the_page(person, filer, reviewer, department) -> None:
    declaration = handed_in(filer, scored_for(department))
    page = open_page(person(reviewer), declaration)
    expect(page.locator(EXECUTION)).to_contain_text("自评 19分")
    check_accessible(page)
    page.locator(EXECUTION).get_by_text("复核评分").click()
    page.locator(EXECUTION).get_by_label("复核得分").fill("21")
    page.locator(EXECUTION).get_by_label("复核理由").fill("按区间计算")
    page.locator(EXECUTION).get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("没有保存：复核得分应在0分至20分之间")
    expect(page.locator(EXECUTION).get_by_label("复核得分")).to_be_focused()
    expect(page.locator(EXECUTION).get_by_label("复核理由")).to_have_value("按区间计算")
    check_accessible(page)
    page.locator(EXECUTION).get_by_label("复核得分").fill("10")
    page.locator(EXECUTION).get_by_role("button", name="保存").dblclick()
    expect(page.locator(EXECUTION)).to_contain_text("复核 10分")
    expect(page.locator(EXECUTION).get_by_text("修改复核得分")).to_be_focused()
    expect(page.locator("#score-totals")).to_contain_text("复核后 85.5分")
    expect(page.locator("#score-outcome")).to_contain_text("得分 85.5分，等级 良")
    assert reread(declaration).events.filter(kind="review_scored").count() == 1
    page.locator(EXECUTION).get_by_text("修改复核得分").click()
    page.locator(EXECUTION).get_by_role("button", name="撤回复核得分").click()
    expect(page.locator(EXECUTION).get_by_text("复核评分")).to_be_focused()
    expect(page.locator("#score-totals")).not_to_contain_text("复核后")
    assert not ReviewScore.objects.exists()
    page.get_by_label("只看有差异的项").check()
    expect(page.locator(RULES)).to_be_hidden()
    expect(page.locator(EXECUTION)).to_be_visible()


def test_what_another_gave_meanwhile_is_told(person, filer, reviewer, department) -> None:
    declaration = handed_in(filer, scored_for(department))
    page = open_page(person(reviewer), declaration)
    expect(page.locator(EXECUTION)).to_contain_text("自评 19分")
    set_review_score(
        reviewer,
        declaration_id=declaration.pk,
        anchor="score/execution",
        score="9",
        reason="在另一个窗口评的",
    )
    page.locator(EXECUTION).get_by_text("复核评分").click()
    page.locator(EXECUTION).get_by_label("复核得分").fill("10")
    page.locator(EXECUTION).get_by_label("复核理由").fill("按区间计算")
    page.locator(EXECUTION).get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("已评9分，理由：在另一个窗口评的")
    page.locator(EXECUTION).get_by_role("button", name="保存").click()
    expect(page.locator(EXECUTION)).to_contain_text("复核 10分")


def test_thresholds_of_grades(person, administrator) -> None:
    page = person(administrator).go("/rounds/")
    page.get_by_role("link", name="自评等级标准").click()
    expect(page.get_by_label("“优”的最低分")).to_have_value("90.00")
    check_accessible(page)
    page.get_by_label("“优”的最低分").fill("85")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("自评等级标准已保存")).to_be_visible()
