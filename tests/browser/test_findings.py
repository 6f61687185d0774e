"""What the checks find: it appears while one fills in, is explained, and goes to the reviewer."""

import pytest
from playwright.sync_api import expect

from declarations.domain.explaining import explain
from declarations.domain.review import return_for_correction
from declarations.domain.submission import submit
from declarations.models import Declaration, State
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_of
from tests import factories
from tests.browser.conftest import check_accessible
from tests.factories import reread, type_into
from tests.small_forms import HINTED

OFFICE, STAFF, TRAVEL = (
    f'[name="funding/{cell}/budget"]' for cell in ("office", "staff", "travel")
)
OUTWEIGHED = "人员经费大于公用经费"


@pytest.fixture
def declaration(department) -> Declaration:
    return factories.declaration_for(department, HINTED)


def outweighed(filer, declaration: Declaration, staff: str = "120") -> str:
    """More for staff than for the office; the key of that hint."""
    type_into(
        filer,
        declaration,
        **{"funding.office.budget": "100", "funding.staff.budget": staff},
    )
    (hint,) = findings_now(reread(declaration), form_of(declaration.round.template))
    return hint.key


def open_editor(someone, declaration: Declaration):
    return someone.go(f"/declarations/{declaration.pk}/")


def texts(declaration: Declaration) -> list[str]:
    return list(declaration.explanations.values_list("text", flat=True))


def test_from_the_first_sight_of_a_hint_to_the_reviewer_by_keyboard(
    person, filer, reviewer, declaration
):
    page = open_editor(person(filer), declaration)
    page.locator(OFFICE).focus()
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    page.keyboard.type("120")
    expect(page.locator("#finding-list .hint")).to_have_count(0)
    page.keyboard.press("Enter")

    # It appears by itself: in the outline, at both cells, and said aloud.
    expect(page.locator("#outline")).to_contain_text("提示 1")
    expect(page.locator(STAFF)).to_have_attribute("data-finding", "hint")
    expect(page.locator(OFFICE)).to_have_attribute("data-finding", "hint")
    expect(page.locator(STAFF)).to_have_accessible_description(
        f"{OUTWEIGHED}：“人员经费” 120.00元，“公用经费” 100.00元，相差 20.00元"
    )
    expect(page.locator("#found-now")).to_contain_text(f"提示：{OUTWEIGHED}")
    expect(page.locator(TRAVEL)).to_be_focused()
    check_accessible(page)

    # From the outline to the finding, to its field; leaving it saves.
    page.locator("#outline .tally a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#finding-list .words a")).to_be_focused()
    field = page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}")
    while not field.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("在编人员较多。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#finding-list .settled")).to_contain_text("已说明")
    expect(page.locator("#outline")).to_contain_text("提示已说明")
    expect(field).to_be_focused()
    assert texts(declaration) == ["在编人员较多。"]
    check_accessible(page)

    # It is handed in as it is.
    page.get_by_role("link", name="提交", exact=True).press("Enter")
    page.wait_for_url("**/submit/")
    expect(page.get_by_role("textbox", name="说明")).to_have_value("在编人员较多。")
    check_accessible(page)
    page.get_by_role("button", name="确认提交").press("Enter")
    expect(page.locator(".standing")).to_contain_text("已提交")
    expect(page.get_by_role("heading", name="提示与部门说明")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    check_accessible(page)

    # The reviewer reads it beside the table, and at its cells.
    page = open_editor(person(reviewer), declaration)
    section = page.locator("details.hints")
    expect(section).to_contain_text("在编人员较多。")
    expect(section).to_contain_text("填报人甲")
    expect(page.locator("a.cell .badge")).to_have_count(2)
    check_accessible(page)
    section.get_by_role("link", name=OUTWEIGHED).press("Enter")
    expect(page.locator('a.cell[data-anchor="funding/staff/budget"]')).to_have_attribute(
        "aria-current", "true"
    )
    expect(page.locator("#panel")).to_contain_text("在编人员较多。")
    check_accessible(page)


def test_a_cell_says_what_is_found_in_it_and_a_finding_leads_to_its_cells(
    person, filer, declaration
):
    outweighed(filer, declaration)
    page = open_editor(person(filer), declaration)
    page.locator(OFFICE).focus()
    expect(page.locator("#help-line")).to_contain_text(f"提示：{OUTWEIGHED}")
    expect(page.locator("#panel .cell-findings")).to_contain_text(OUTWEIGHED)
    page.locator("#panel .cell-findings").get_by_role("link", name="填写说明").click()
    expect(page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}")).to_be_focused()
    page.locator("#finding-list").get_by_role("link", name=f"{OUTWEIGHED}：").click()
    expect(page.locator(STAFF)).to_be_focused()
    page.locator("#finding-list").get_by_role("link", name="公用经费（元）", exact=True).click()
    expect(page.locator(OFFICE)).to_be_focused()


def test_it_goes_when_the_figures_agree_and_a_blank_cell_is_not_marked_twice(
    person, filer, declaration
):
    outweighed(filer, declaration)
    page = open_editor(person(filer), declaration)
    page.locator(STAFF).fill("90")
    page.keyboard.press("Tab")
    expect(page.locator("#finding-list li")).to_have_count(0)
    expect(page.locator("#sheet [data-finding]")).to_have_count(0)
    expect(page.locator("#findings")).to_be_visible()
    page.locator(OFFICE).fill("")
    page.keyboard.press("Tab")
    expect(page.locator("#finding-list .must")).to_contain_text("必须修正")
    expect(page.locator(OFFICE)).not_to_have_attribute("data-finding", "must")


def test_what_one_is_writing_stays_while_the_list_comes_anew(person, filer, colleague, declaration):
    outweighed(filer, declaration)
    page = open_editor(person(filer), declaration)
    field = page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}")
    field.focus()
    page.keyboard.type("在编人员")
    type_into(colleague, declaration, **{"funding.travel.budget": "150"})
    with page.expect_response("**/outline/"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('saved'))")
    expect(page.locator("#finding-list li")).to_have_count(2)
    expect(field).to_be_focused()
    page.keyboard.type("较多。")
    expect(field).to_have_value("在编人员较多。")
    page.get_by_role("textbox", name="说明：差旅费").focus()
    expect(page.locator("#finding-list .settled")).to_have_count(1)
    assert texts(declaration) == ["在编人员较多。"]


def test_changed_figures_ask_whether_the_explanation_still_holds(person, filer, declaration):
    key = outweighed(filer, declaration)
    explain(filer, declaration_id=declaration.pk, key=key, text="在编人员较多。")
    page = open_editor(person(filer), declaration)
    expect(page.locator("#finding-list .settled")).to_have_count(1)
    page.locator(STAFF).fill("130")
    page.keyboard.press("Tab")
    item = page.locator("#finding-list .finding")
    expect(item).to_contain_text("所填内容已变化，请核对原说明")
    expect(item.locator("textarea")).to_have_value("在编人员较多。")
    check_accessible(page)
    item.get_by_role("button", name="原说明仍然适用").click()
    expect(page.locator("#finding-list .settled")).to_have_count(1)
    assert "130.00元" in declaration.explanations.get().message


def test_two_who_explain_the_same_see_both_texts(person, filer, colleague, declaration):
    key = outweighed(filer, declaration)
    page = open_editor(person(filer), declaration)
    explain(colleague, declaration_id=declaration.pk, key=key, text="乙写的")
    page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}").fill("甲写的")
    page.locator(OFFICE).focus()
    conflict = page.locator("#findings .conflict")
    expect(conflict).to_contain_text("填报人乙")
    expect(conflict).to_contain_text("乙写的")
    check_accessible(page)
    conflict.get_by_role("button", name="用我填写的").click()
    expect(conflict).to_have_count(0)
    expect(page.locator("#finding-list .settled")).to_contain_text("填报人甲")
    assert texts(declaration) == ["甲写的"]


def test_an_explanation_that_is_too_long_stays_with_its_error(person, filer, declaration):
    outweighed(filer, declaration)
    page = open_editor(person(filer), declaration)
    field = page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}")
    field.fill("长" * 1001)
    page.locator(OFFICE).focus()
    expect(page.locator("#findings .cell-error")).to_contain_text("最多 1000 字，现有 1001 字")
    expect(field).to_have_value("长" * 1001)
    page.get_by_role("link", name="提交", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("还有内容没有保存")


def test_a_server_that_does_not_answer_loses_no_explanation(person, filer, declaration):
    outweighed(filer, declaration)
    someone = person(filer)
    page = open_editor(someone, declaration)
    page.route("**/cells/", lambda route: route.abort(), times=1)
    page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}").fill("在编人员较多。")
    page.locator(OFFICE).focus()
    expect(page.locator("#save-status")).to_contain_text("1 处未保存")
    expect(page.locator("#finding-list .settled")).to_have_count(1)
    assert texts(declaration) == ["在编人员较多。"]


def test_explaining_on_the_page_of_submission(person, filer, declaration):
    outweighed(filer, declaration)
    page = person(filer).go(f"/declarations/{declaration.pk}/submit/")
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".messages")).to_contain_text("还有 1 条提示需要说明")
    expect(page.locator(".invalid-feedback")).to_have_text("请填写说明")
    check_accessible(page)
    page.get_by_role("textbox", name="说明").fill("在编人员较多。")
    page.get_by_role("button", name="确认提交").dblclick()
    expect(page.locator(".standing")).to_contain_text("已提交")
    assert reread(declaration).state == State.SUBMITTED
    assert declaration.revisions.get().findings[0]["explanation"] == "在编人员较多。"


def test_looking_at_the_cell_first_loses_no_explanation(person, filer, declaration):
    outweighed(filer, declaration)
    page = person(filer).go(f"/declarations/{declaration.pk}/submit/")
    page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}").fill("在编人员较多。")
    page.get_by_role("link", name=f"{OUTWEIGHED}：").click()
    expect(page.locator(STAFF)).to_be_focused()
    expect(page.locator("#finding-list textarea")).to_have_value("在编人员较多。")
    page.get_by_role("link", name="提交", exact=True).click()
    field = page.get_by_role("textbox", name=f"说明：{OUTWEIGHED}")
    field.fill("在编人员较多，见附表。")
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    assert declaration.revisions.get().findings[0]["explanation"] == "在编人员较多，见附表。"


def test_a_reviewer_sees_what_was_explained_otherwise_than_before(
    person, filer, reviewer, declaration
):
    key = outweighed(filer, declaration)
    explain(filer, declaration_id=declaration.pk, key=key, text="在编人员较多。")
    submit(filer, declaration_id=declaration.pk)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请写明依据。")
    explain(filer, declaration_id=declaration.pk, key=key, text="按编办核定的编制数安排。")
    submit(filer, declaration_id=declaration.pk)
    page = open_editor(person(reviewer), declaration)
    section = page.locator("details.hints")
    expect(section).to_contain_text("说明已修改")
    expect(section.locator("del")).to_have_text("在编人员较多。")
    expect(section).to_contain_text("按编办核定的编制数安排。")
    check_accessible(page)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_scrolls_sideways(person, filer, declaration, width):
    outweighed(filer, declaration)
    someone = person(filer)
    someone.page.set_viewport_size({"width": width, "height": 800})
    for path in (f"/declarations/{declaration.pk}/", f"/declarations/{declaration.pk}/submit/"):
        page = someone.go(path)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{path} at {width}px"
