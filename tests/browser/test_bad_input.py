"""Bad input gets a clear error and loses nothing."""

import pytest
from playwright.sync_api import expect

from declarations.domain.rows import add_row, remove_row
from declarations.domain.submission import submit
from declarations.models import Declaration, Session
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from tests import factories
from tests.browser.conftest import check_accessible
from tests.working import eventually

BASIC = '[name="funding/basic/budget"]'
GOAL = '[name="text/overall_goal"]'


def open_editor(someone, declaration: Declaration):
    return someone.go(f"/declarations/{declaration.pk}/")


def stored(declaration: Declaration):
    found = factories.reread(declaration)
    return load_records(found, form_of(found.round.template))


def test_words_in_a_money_cell_stay_with_an_error(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    page.locator(BASIC).fill("大约五百万")
    page.keyboard.press("Tab")
    error = page.locator(".cell-error")
    expect(error).to_contain_text("“大约五百万”不是数字")
    expect(page.locator(BASIC)).to_have_value("大约五百万")
    expect(page.locator(BASIC)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#save-status")).to_contain_text("1 处有误")
    check_accessible(page)
    page.get_by_role("link", name="提交", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("还有内容没有保存")
    page.locator(BASIC).fill("483.09")
    page.keyboard.press("Tab")
    expect(error).to_have_count(0)
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert stored(declaration).funding["basic"]["budget"] == 4_830_900


@pytest.mark.parametrize(
    ("typed", "shown", "message"),
    [
        ("-5", "-5", "金额不能为负数"),
        ("12345678901234567890", "12345678901234567890", "金额过大"),
        ("１，２３４．５", "1,234.50", ""),
        ("5,195.12", "5,195.12", ""),
        ("1,348万元", "1,348.00", ""),
        ("13480000元", "1,348.00", ""),
        ("483.0912345", "483.0912345", "最多精确到分"),
    ],
)
def test_numbers_as_people_type_them(person, filer, declaration, typed, shown, message):
    page = open_editor(person(filer), declaration)
    page.locator(BASIC).fill(typed)
    page.locator(GOAL).focus()
    if message:
        expect(page.locator(".cell-error")).to_contain_text(message)
    else:
        expect(page.locator("#save-status")).to_contain_text("已保存")
    expect(page.locator(BASIC)).to_have_value(shown)


def test_twenty_thousand_characters_are_refused_and_kept(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    text = "绩" * 20_000
    page.locator(GOAL).fill(text)
    page.locator(BASIC).focus()
    expect(page.locator(".cell-error")).to_contain_text("最多 2000 字，现有 20000 字")
    assert len(page.locator(GOAL).input_value()) == 20_000
    assert stored(declaration).texts["overall_goal"] == ""


def test_script_tags_are_text(person, filer, reviewer, declaration):
    someone = person(filer)
    page = open_editor(someone, declaration)
    page.locator(GOAL).fill("<script>document.title='x'</script><img src=x onerror=alert(1)>")
    page.locator(BASIC).focus()
    expect(page.locator("#save-status")).to_contain_text("已保存")
    factories.fill_in(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    seen = open_editor(person(reviewer), declaration)
    expect(seen.locator("#sheet")).to_contain_text("<script>document.title='x'</script>")
    assert seen.title() != "x"
    assert seen.locator("#sheet img").count() == 0


def test_five_hundred_rows_pasted_and_undone(person, filer, declaration):
    someone = person(filer)
    page = open_editor(someone, declaration)
    someone.copy([[f"任务{n}", f"内容{n}", str(n), f"目标{n}"] for n in range(1, 501)])
    page.get_by_label("第1行 任务名称").focus()
    someone.paste()
    expect(page.locator("#toasts")).to_contain_text("已粘贴 2000 格，新增 499 行")
    assert len(stored(declaration).lists["tasks"]) == 500
    page.locator("#toasts").get_by_role("button", name="撤销").click()
    expect(page.locator("#toasts")).to_contain_text("已撤销粘贴")
    assert len(stored(declaration).lists["tasks"]) == 1


def test_a_pasted_block_with_bad_cells_saves_the_good_ones(person, filer, declaration):
    someone = person(filer)
    page = open_editor(someone, declaration)
    someone.copy([["甲", "做甲", "10", "好"], ["乙", "做乙\n第二行", "十", '说"好"']])
    page.get_by_label("第1行 任务名称").focus()
    someone.paste()
    expect(page.locator("#toasts")).to_contain_text("1 格有误，已标出，尚未保存")
    expect(page.get_by_label("第2行 拟投入的资金（万元）")).to_have_value("十")
    second = stored(declaration).lists["tasks"][1].values
    assert second["content"] == "做乙\n第二行"
    assert second["expected"] == '说"好"'
    assert second["amount"] is None


def test_two_people_in_one_cell_see_both_values(person, filer, colleague, declaration):
    mine = open_editor(person(filer), declaration)
    theirs = open_editor(person(colleague), declaration)
    theirs.locator(GOAL).fill("乙写的目标")
    theirs.locator(BASIC).focus()
    expect(theirs.locator("#save-status")).to_contain_text("已保存")
    mine.locator(GOAL).fill("甲写的目标")
    mine.locator(BASIC).focus()
    conflict = mine.locator(".conflict")
    expect(conflict).to_contain_text("填报人乙")
    expect(conflict).to_contain_text("乙写的目标")
    expect(mine.locator(GOAL)).to_have_value("甲写的目标")
    assert stored(declaration).texts["overall_goal"] == "乙写的目标"
    check_accessible(mine)
    conflict.get_by_role("button", name="用我填写的").click()
    expect(conflict).to_have_count(0)
    expect(mine.locator("#save-status")).to_contain_text("已保存")
    assert stored(declaration).texts["overall_goal"] == "甲写的目标"


def test_taking_the_other_persons_value(person, filer, colleague, declaration):
    page = open_editor(person(filer), declaration)
    factories.type_into(colleague, declaration, **{"text/overall_goal": "乙写的目标"})
    page.locator(GOAL).fill("甲写的目标")
    page.locator(BASIC).focus()
    page.get_by_role("button", name="用对方填写的").click()
    expect(page.locator(GOAL)).to_have_value("乙写的目标")
    expect(page.locator(".conflict")).to_have_count(0)
    assert stored(declaration).texts["overall_goal"] == "乙写的目标"


def test_a_colleagues_changes_are_drawn_in_while_typing_goes_on(
    person, filer, colleague, declaration
):
    page = open_editor(person(filer), declaration)
    page.locator(GOAL).click()
    page.keyboard.type("正在写")
    factories.type_into(colleague, declaration, **{"funding/basic/budget": "12"})
    page.evaluate("document.body.dispatchEvent(new CustomEvent('saved'))")
    expect(page.locator(BASIC)).to_have_value("12.00")
    expect(page.locator(GOAL)).to_be_focused()
    page.keyboard.type("的目标")
    expect(page.locator(GOAL)).to_have_value("正在写的目标")
    expect(page.locator("#toasts")).to_contain_text("填报人乙")
    page.locator(BASIC).focus()
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert stored(declaration).texts["overall_goal"] == "正在写的目标"


def test_a_row_removed_by_a_colleague_does_not_hold_up_what_was_typed_in_it(
    person, filer, colleague, declaration
):
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    someone = person(filer)
    page = open_editor(someone, declaration)
    page.get_by_label("第2行 任务名称").fill("写到一半的任务")
    row = factories.anchors(declaration, "tasks.name")[1].rpartition("/")[0]
    remove_row(colleague, declaration_id=declaration.pk, anchor=row)
    page.locator(BASIC).focus()
    expect(page.locator("#toasts")).to_contain_text("写到一半的任务")
    expect(page.get_by_label("第2行 任务名称")).to_have_count(0)
    expect(page.locator("#save-status")).not_to_contain_text("有误")
    page.get_by_role("link", name="提交", exact=True).click()
    page.wait_for_url("**/submit/")
    page = open_editor(someone, declaration)
    expect(page.get_by_role("dialog")).to_contain_text("写到一半的任务")


def test_an_undo_that_fails_can_be_tried_again(person, filer, declaration):
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    page = open_editor(person(filer), declaration)
    page.get_by_label("第2行 任务名称").focus()
    page.keyboard.press("Alt+Delete")
    expect(page.locator("#undo")).to_be_enabled()
    page.route("**/undo/", lambda route: route.abort(), times=1)
    page.locator("#undo").click()
    expect(page.locator("#toasts")).to_contain_text("无法连接服务器")
    page.locator("#undo").click()
    expect(page.get_by_label("第2行 任务名称")).to_be_visible()
    expect(page.locator("#undo")).to_be_disabled()


def test_the_session_expires_in_mid_edit(person, filer, declaration):
    page = open_editor(person(filer), declaration)
    page.locator(GOAL).fill("还没保存的目标")
    Session.objects.all().delete()
    page.locator(BASIC).focus()
    dialog = page.get_by_role("dialog", name="登录已过期")
    expect(dialog).to_be_visible()
    check_accessible(page)
    dialog.get_by_label("密码").fill("错的密码")
    dialog.get_by_role("button", name="登录并继续").click()
    expect(dialog.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    dialog.get_by_label("密码").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#save-status")).to_contain_text("已保存")
    expect(page.locator(GOAL)).to_have_value("还没保存的目标")
    assert stored(declaration).texts["overall_goal"] == "还没保存的目标"


def test_a_closed_tab_warns_and_saves_on_the_way_out(person, filer, declaration):
    someone = person(filer)
    page = open_editor(someone, declaration)
    page.locator(GOAL).click()
    page.keyboard.type("差点没保存的目标")
    asked = []

    def leave(dialog):
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    eventually(lambda: stored(declaration).texts["overall_goal"])
    someone.page = someone.open()
    page = open_editor(someone, declaration)
    expect(page.locator(GOAL)).to_have_value("差点没保存的目标")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_submitting_twice_is_once(person, filer, declaration):
    factories.fill_in(filer, declaration)
    page = person(filer).go(f"/declarations/{declaration.pk}/submit/")
    page.get_by_role("button", name="确认提交").dblclick()
    expect(page.locator(".standing")).to_contain_text("已提交")
    assert declaration.revisions.count() == 1


def test_submitting_with_gaps_leads_to_each_cell(person, filer, declaration):
    page = person(filer).go(f"/declarations/{declaration.pk}/submit/")
    expect(page.locator(".message.error")).to_contain_text("处必须修正")
    check_accessible(page)
    page.get_by_role("link", name="请填写“总体绩效目标”").click()
    expect(page.locator(GOAL)).to_be_focused()


def test_going_back_after_submitting_shows_no_stale_editor(person, filer, declaration):
    factories.fill_in(filer, declaration)
    page = open_editor(person(filer), declaration)
    page.get_by_role("link", name="提交", exact=True).click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    page.go_back()
    page.go_back()
    if page.locator(GOAL).count():  # the browser kept the old page: nothing can be lost in it
        page.locator(GOAL).fill("太晚了")
        page.locator(BASIC).focus()
        expect(page.locator("#save-status")).to_contain_text("申报已提交")
    assert stored(declaration).texts["overall_goal"] == "文字"


def test_another_departments_declaration_is_not_found(person, stranger, declaration):
    page = open_editor(person(stranger), declaration)
    expect(page.get_by_role("heading", name="找不到这个页面")).to_be_visible()
    check_accessible(page)
