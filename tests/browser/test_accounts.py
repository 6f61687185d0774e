"""Accounts in a browser: the first login, a second factor, idling, and the security pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from declarations.models import Bureau, Session, User
from tests.browser.conftest import check_accessible
from tests.codes import code, equip
from tests.factories import PASSWORD

NEW = "Another good password"


def hex_key(page) -> str:
    """The key that the page shows, as our tests write keys."""
    from base64 import b32decode

    return b32decode(page.locator(".key").inner_text().replace(" ", "")).hex()


def enter(someone, user, password: str = PASSWORD):
    page = someone.go("/login/")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(password)
    page.keyboard.press("Enter")
    return page


def test_the_first_login_asks_for_a_password_of_ones_own(person, filer):
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    someone = person()
    page = enter(someone, filer)
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    expect(page.get_by_text("您现在的密码是别人给的")).to_be_visible()
    check_accessible(page)
    with page.expect_navigation():  # back to the same page
        page.get_by_role("link", name="绩效申报", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    page.get_by_label("旧密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=False).nth(0).fill("short")
    page.get_by_label("新密码确认").fill("short")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码至少 10 个字符，现在是 5 个")).to_be_visible()
    check_accessible(page)
    page.get_by_label("旧密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=False).nth(0).fill(NEW)
    page.get_by_label("新密码确认").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改。")).to_be_visible()
    assert page.url == f"{someone.server}/"


def test_a_phone_is_set_up_and_its_code_logs_in(person, filer):
    page = person(filer).go("/account/")
    check_accessible(page)
    page.get_by_role("link", name="启用动态口令").click()
    expect(page.get_by_role("img", name=re.compile("二维码"))).to_be_visible()
    check_accessible(page)
    key = hex_key(page)
    page.get_by_label("手机上显示的 6 位数字").fill(code(key, steps=-1))
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="动态口令已启用")).to_be_visible()
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    check_accessible(page)
    page.get_by_role("link", name="已保存好，继续").click()

    other = person()
    page = enter(other, filer)
    expect(page.get_by_label("动态口令")).to_be_focused()
    check_accessible(page)
    page.keyboard.type(code(key))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{other.server}/")

    third = person()
    page = enter(third, filer)
    expect(page.get_by_label("动态口令")).to_be_focused()
    page.keyboard.type(recovery[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text("还剩 9 个")).to_be_visible()


def test_a_session_that_ends_in_mid_edit_is_renewed_with_a_code(person, filer, declaration):
    someone = person(filer)
    page = someone.go(f"/declarations/{declaration.pk}/")
    equip(filer)  # and that ends the session
    goal = page.locator('[name="text/overall_goal"]')
    goal.fill("写到一半的目标")
    page.keyboard.press("Tab")
    dialog = page.get_by_role("dialog", name="登录已过期")
    dialog.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("动态口令")).to_be_focused()
    expect(dialog.get_by_label("密码")).to_be_hidden()
    check_accessible(page)
    page.keyboard.type("000")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("恢复码不正确")
    dialog.get_by_label("动态口令").fill(code())
    page.keyboard.press("Enter")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert declaration.passages.get(key="overall_goal").text == "写到一半的目标"


def test_a_password_to_be_changed_loses_no_text(person, filer, declaration):
    someone = person(filer)
    page = someone.go(f"/declarations/{declaration.pk}/")
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    goal = page.locator('[name="text/overall_goal"]')
    goal.fill("写到一半的目标")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("请先修改密码")
    User.objects.filter(pk=filer.pk).update(password_changed_at=timezone.now())
    page.locator('[name="funding/basic/budget"]').fill("1")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    assert declaration.passages.get(key="overall_goal").text == "写到一半的目标"


# Idling


@pytest.fixture
def patient(filer):
    """The shortest time that a bureau may set."""
    Bureau.objects.filter(pk=filer.bureau_id).update(idle_minutes=5)
    return filer


def test_a_warning_comes_before_the_end_and_one_goes_on(person, patient):
    someone = person()
    someone.page.clock.install()
    page = someone.log_in(patient).go("/account/")
    page.clock.run_for(2 * 60_000)
    warning = page.get_by_role("alertdialog", name="您即将因长时间未操作退出")
    expect(warning).to_be_hidden()
    page.clock.run_for(62_000)
    expect(warning).to_be_visible()
    expect(warning.get_by_role("button", name="继续")).to_be_focused()
    expect(warning.get_by_role("timer")).to_have_text(re.compile(r"1 分 \d+ 秒"))
    check_accessible(page)
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    with page.expect_response("**/account/sessions/alive/"):
        page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    assert timezone.now() - Session.objects.get().seen_at < timedelta(minutes=1)
    page.clock.run_for(2 * 60_000)
    expect(warning).to_be_hidden()


def test_without_an_answer_one_is_at_the_login_and_comes_back(person, patient):
    someone = person()
    someone.page.clock.install()
    page = someone.log_in(patient).go("/account/")
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=7))
    page.clock.run_for(5 * 60_000 + 2_000)
    page.wait_for_url("**/login/?next=%2Faccount%2F")
    page.get_by_label("用户名").fill(patient.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/account/")


def test_what_was_typed_into_a_page_stays_there(person, patient):
    someone = person()
    someone.page.clock.install()
    page = someone.log_in(patient).go("/password/")
    page.get_by_label("旧密码").fill(PASSWORD)
    Session.objects.all().delete()
    page.clock.run_for(5 * 60_000 + 2_000)
    over = page.get_by_role("alertdialog", name="您已因长时间未操作退出")
    expect(over).to_be_visible()
    check_accessible(page)
    with someone.context.expect_page() as opened:
        over.get_by_role("link", name="在新的标签页登录").click()
    login = opened.value
    login.get_by_label("用户名").fill(patient.username)
    login.get_by_label("密码").fill(PASSWORD)
    login.get_by_role("button", name="登录").click()
    login.wait_for_url(f"{someone.server}/")
    over.get_by_role("button", name="回到页面").click()
    page.get_by_label("新密码", exact=False).nth(0).fill(NEW)
    page.get_by_label("新密码确认").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改。")).to_be_visible()


def test_the_editor_asks_to_log_in_in_place(person, patient, declaration):
    someone = person()
    someone.page.clock.install()
    page = someone.log_in(patient).go(f"/declarations/{declaration.pk}/")
    page.clock.run_for(5 * 60_000 + 2_000)
    dialog = page.get_by_role("dialog", name="登录已过期")
    expect(dialog).to_be_visible()
    Session.objects.all().delete()
    dialog.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.locator('[name="text/overall_goal"]').fill("目标")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")


def test_typing_is_work_although_nothing_is_sent(person, patient, declaration):
    someone = person()
    someone.page.clock.install()
    page = someone.log_in(patient).go(f"/declarations/{declaration.pk}/")
    goal = page.locator('[name="text/overall_goal"]')
    goal.click()
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    page.clock.run_for(90_000)
    with page.expect_response("**/account/sessions/alive/"):
        page.keyboard.type("字")
    assert timezone.now() - Session.objects.get().seen_at < timedelta(minutes=1)


# The security administrator


def test_the_security_pages(person, keeper, filer, colleague):
    equip(colleague)
    for _ in range(4):
        Client().post("/login/", {"username": filer.username, "password": "wrong"})
    page = enter(person(), filer, "wrong")
    expect(page.get_by_role("heading", level=1)).to_have_text("账号暂时锁定")
    check_accessible(page)
    page = person(keeper).go("/security/")
    check_accessible(page)
    page.get_by_role("button", name=re.compile("解除锁定 *：填报人甲")).click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("填报人甲的账号已解除锁定。")).to_be_visible()
    page.get_by_label("无操作自动退出（分钟）").fill("20")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("安全设置已保存。")).to_be_visible()
    page.get_by_role("link", name="动态口令", exact=True).click()
    page.get_by_role("button", name=re.compile("重置 *：填报人乙")).click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("填报人乙的动态口令已重置")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="在线登录").click()
    expect(page).to_have_url(re.compile("/security/sessions/"))
    check_accessible(page)


@pytest.mark.parametrize("address", ["/login/", "/password/forgotten/", "/password/reset/x/y/"])
def test_pages_without_a_login(person, db, settings, address: str):
    settings.EMAIL_HOST = "mail.example.cn"
    page = person().go(address)
    check_accessible(page)
