"""A year is closed: the approved target is carried into the self-evaluation, what was reached is
scored beside the rule, claims are explained, the reviewer scores, and the results are compared."""

from typing import Any

from playwright.sync_api import Page, expect

from declarations.domain.rounds import StagePlan
from declarations.management.demo.filling import Content, fill, rows_of
from declarations.models import Declaration, DeclarationKind, State, User
from declarations.queries.declarations import with_context
from tests import factories
from tests.browser.conftest import check_accessible
from tests.factories import reread
from tests.results import HUADU_FORM

EXPLANATION = "两个项目已完成，只是验收推迟。"


def test_closing_a_year(person: Any, filer: User, reviewer: User) -> None:
    target = approved_target(filer, reviewer)
    declaration = self_evaluation(filer, reviewer)
    late = rows_of(declaration, "tasks")[-1].lists["indicators"][5].anchor()
    assert declaration.based_on == reread(target).approved

    mine = person(filer)
    page = mine.go(f"/declarations/{declaration.pk}/")
    what_was_approved_is_there_to_read(page, late)
    fill(filer, declaration, Content.read("panyu-self-evaluation"))
    page.reload()
    claim_more_than_the_rule_gives(page, late)
    check_accessible(page)
    explain_and_submit(page)

    theirs = person(reviewer)
    page = theirs.go(f"/declarations/{declaration.pk}/")
    score_as_the_rule_does(page, late)
    check_accessible(page)
    page.get_by_role("button", name="审核通过").first.click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("通过")
    declaration = reread(declaration)
    assert declaration.state == State.APPROVED

    page = mine.go(f"/declarations/{declaration.pk}/")
    expect(page.locator("#score-totals")).to_contain_text("得分 94.02分 优")
    expect(verdict(page, late)).to_contain_text("按完成程度计分")
    page = theirs.go(f"/rounds/{declaration.round_id}/")
    page.get_by_role("link", name="评价结果").click()
    expect(page.get_by_role("heading", name="评价结果")).to_be_visible()
    expect(page.locator("tbody").last).to_contain_text("94.02")
    check_accessible(page)
    page.get_by_role("link", name="按指标").click()
    expect(page.get_by_text("没有完成的（1）")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="按评分项").click()
    page.get_by_role("link", name="预算完成率").click()
    expect(page.get_by_role("heading", name="预算完成率")).to_be_visible()
    check_accessible(page)


def approved_target(filer: User, reviewer: User) -> Declaration:
    declaration = factories.declaration_for(filer.department)
    fill(filer, with_context(Declaration.objects.all()).get(pk=declaration.pk), target_content())
    return factories.approved(filer, reviewer, declaration)


def target_content() -> Content:
    return Content.read("panyu-target")


def self_evaluation(filer: User, reviewer: User) -> Declaration:
    """On another form than the target, blank but for what comes from it."""
    template = factories.template_for(
        filer.bureau, HUADU_FORM, "huadu-self-evaluation", DeclarationKind.SELF_EVALUATION
    )
    stages = [StagePlan("绩效科审定", reviewers=[reviewer])]
    round_ = factories.round_for(template, filer.department, stages=stages)
    return with_context(round_.declarations.all()).get()


def what_was_approved_is_there_to_read(page: Page, late: str) -> None:
    target = page.locator(f'[data-anchor="{late}/target"]')
    expect(target).to_have_text("完成率达90%以上")
    expect(page.locator(f'[name="{late}/target"]')).to_have_count(0)
    expect(page.locator(f'[name="{late}/actual"]')).to_be_editable()


def verdict(page: Page, anchor: str) -> Any:
    return page.locator(f'[data-verdict="{anchor}"]')


def claim_more_than_the_rule_gives(page: Page, late: str) -> None:
    """Beside the claim stands at once what the rule gives, and why."""
    actual = page.locator(f'[name="{late}/actual"]')
    actual.fill("90%")
    page.keyboard.press("Tab")
    expect(verdict(page, late)).to_contain_text("与规则一致")
    actual.fill("88%")
    page.keyboard.press("Tab")
    expect(verdict(page, late)).to_contain_text("规则 6.11分")
    expect(verdict(page, late)).to_contain_text("自评比规则多0.14分")
    expect(page.locator("#score-totals")).to_contain_text("自评 94.16分 优")
    expect(page.locator("#score-totals")).to_contain_text("规则 94.02分 优")
    expect(page.locator("#score-totals")).to_contain_text("1 项有差异")
    page.get_by_label("只看有差异的项").check()
    expect(page.locator('[data-verdict="score/clarity"]')).to_be_hidden()
    expect(verdict(page, late)).to_be_visible()
    page.get_by_label("只看有差异的项").uncheck()


def explain_and_submit(page: Page) -> None:
    """It cannot be handed in unexplained."""
    page.locator("#submit").click()
    for field in page.get_by_label("说明").all():
        if field.is_visible():
            field.fill(EXPLANATION)
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")


def score_as_the_rule_does(page: Page, late: str) -> None:
    box = verdict(page, late)
    expect(box).to_contain_text("自评 6.25分")
    expect(box).to_contain_text("规则 6.11分")
    box.locator("summary").click()
    box.get_by_label("复核得分").fill("6.11")
    box.get_by_role("button", name="保存").click()
    expect(page.locator("#score-totals")).not_to_contain_text("复核后")  # a reason is missing
    box.get_by_label("复核理由").fill("验收未在年内完成，按完成程度计分。")
    box.get_by_role("button", name="保存").dblclick()
    expect(box).to_contain_text("复核 6.11分")
    expect(page.locator("#score-totals")).to_contain_text("复核后 94.02分 优")
    expect(page.locator("#score-outcome")).to_contain_text("等级 优")
