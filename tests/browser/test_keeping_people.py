"""A system administrator sets up a bureau: a department, people by workbook, first passwords."""

import re
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from declarations.domain.inviting import token_of
from declarations.models import Department, Role, User
from declarations.sheets.roster import DEPARTMENTS, PEOPLE
from tests import factories
from tests.browser.conftest import check_accessible
from tests.keeping import keeper

PASSWORD = re.compile(r"\w{4}-\w{4}-\w{4}")
OWN = "Green-Tea-2023"


def test_from_an_empty_bureau_to_a_filer_who_logs_in(
    person, transactional_db, tmp_path: Path
) -> None:
    administrator = factories.UserFactory.create(role=Role.SYSTEM)
    page = person(administrator).page
    page.get_by_role("navigation", name="管理").get_by_role("link", name="部门").click()
    expect(page.get_by_text("还没有部门")).to_be_visible()
    check_accessible(page)
    add_a_department(page)
    page.get_by_role("link", name="从工作簿导入").click()
    expect(page.get_by_role("link", name="下载模板工作簿")).to_be_visible()
    check_accessible(page)
    see_every_error(page, tmp_path)
    import_people(page, tmp_path)
    password = print_slips(page)
    log_in_for_the_first_time(person().go("/login/"), password)


def add_a_department(page: Page) -> None:
    """By keyboard alone, with a slip of the hand first."""
    page.get_by_role("link", name="增加部门").first.click()
    expect(page.get_by_role("heading", name="增加部门", exact=True)).to_be_visible()
    check_accessible(page)
    page.get_by_label("编码").fill("Sports")
    page.get_by_label("名称").fill("体育局")
    page.keyboard.press("Enter")
    expect(page.get_by_text("编码只能用小写字母、数字和连字符")).to_be_visible()
    expect(page.get_by_label("名称")).to_have_value("体育局")
    check_accessible(page)
    page.get_by_label("编码").fill("sports")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("已增加“体育局”")
    check_accessible(page)
    assert Department.objects.get().code == "sports"


def see_every_error(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载模板工作簿").click()
    book = load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert book[DEPARTMENTS]["A2"].value == "sports"
    book[PEOPLE].append(["zhang san", "张三", "填报人", "nowhere"])
    bring(page, tmp_path / "名单.xlsx", book)
    expect(page.get_by_role("heading", name="“名单.xlsx”有 2 处错误，没有导入")).to_be_visible()
    expect(page.locator(".problems tbody tr").nth(0)).to_contain_text("不能有空格")
    check_accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载标出错误的副本").click()
    marked = load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "nowhere" in marked[PEOPLE]["D2"].comment.text


def import_people(page: Page, tmp_path: Path) -> None:
    book = load_workbook(tmp_path / "名单.xlsx")
    book[DEPARTMENTS].append(["culture", "文化局", "sports", "文体组"])
    for column, text in enumerate(["zhang-san", "张三", "填报人", "culture"], start=1):
        book[PEOPLE].cell(2, column, text)
    book[PEOPLE].append(["li-si", "李四", "审核人"])
    bring(page, tmp_path / "名单.xlsx", book)
    expect(page.get_by_text("导入后将增加 1 个部门、2 人")).to_be_visible()
    check_accessible(page)
    assert not User.objects.filter(username="li-si").exists()
    page.get_by_role("button", name="导入").dblclick()
    expect(page.locator(".messages")).to_contain_text("已导入：增加 1 个部门、2 人")
    check_accessible(page)
    assert User.objects.filter(username__in=["zhang-san", "li-si"]).count() == 2


def bring(page: Page, path: Path, book) -> None:
    book.save(path)
    page.get_by_label("工作簿").set_input_files(path)
    page.get_by_role("button", name="上传并核对").click()


def print_slips(page: Page) -> str:
    """For both; the password of the filer."""
    page.get_by_label("全选").check()
    expect(page.get_by_text("已选 2 个，共 2 个")).to_be_visible()
    page.get_by_role("button", name="打印首次密码条").click()
    slips = page.locator(".slip")
    expect(slips).to_have_count(2)
    check_accessible(page)
    password = PASSWORD.search(slips.filter(has_text="zhang-san").inner_text())
    assert password
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="首次密码")).not_to_be_visible()
    expect(slips.first).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="返回人员").click()
    expect(page.get_by_text("没有符合条件的人员。")).to_be_visible()
    assert password[0] not in page.content()
    return password[0]


def log_in_for_the_first_time(page: Page, password: str) -> None:
    page.get_by_label("用户名").fill("zhang-san")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="密码")).to_be_visible()
    for name, text in (("old_password", password), ("new_password1", OWN), ("new_password2", OWN)):
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", name="文化局")).to_be_visible()
    assert User.objects.get(username="zhang-san").password_changed_at is not None


def test_one_person_is_added_moved_stopped_and_resumed(person, administrator, department) -> None:
    someone = person(administrator)
    page = someone.go("/people/new/")
    check_accessible(page)
    page.get_by_label("用户名").fill("zhang-san")
    page.get_by_label("姓名").fill("张三")
    page.get_by_label("角色").select_option("填报人")
    page.get_by_role("button", name="增加").click()
    expect(page.get_by_text("填报人必须选择部门")).to_be_visible()
    check_accessible(page)
    page.get_by_label("部门", exact=True).select_option(f"{department.name}（{department.code}）")
    page.get_by_role("button", name="增加").dblclick()
    expect(page.locator(".slip")).to_have_count(1)
    page.get_by_role("link", name="返回人员").click()
    expect(page.get_by_role("link", name="张三")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="张三").click()
    expect(page.get_by_label("姓名")).to_have_value("张三")
    check_accessible(page)
    page.get_by_label("姓名").fill("张三丰")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".messages")).to_contain_text("已保存")
    page.get_by_role("link", name="停用账号").click()
    expect(page.get_by_text("没有其他在用的填报人")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("heading", name="已停用", exact=True)).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="恢复使用").click()
    expect(page.locator(".messages")).to_contain_text("已恢复使用")


def test_departments_are_put_into_groups(person, administrator, department) -> None:
    factories.DepartmentFactory.create(bureau=department.bureau, name="体育局")
    page = person(administrator).go("/departments/")
    page.get_by_role("link", name="增加一个分组").click()
    expect(page.get_by_label("分组名称")).to_be_visible()
    check_accessible(page)
    page.get_by_label("分组名称").fill("民生组")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("已增加分组“民生组”")
    check_accessible(page)
    page.get_by_role("link", name="部门列表").click()
    page.get_by_label("全选").check()
    page.get_by_role("button", name="归入").click()
    expect(page.locator(".messages")).to_contain_text("已将 2 个部门归入“民生组”")
    check_accessible(page)
    page.get_by_role("link", name="部门分组").click()
    page.get_by_role("link", name="民生组", exact=True).click()
    expect(page.get_by_role("heading", name="分组：民生组")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="删除分组").click()
    expect(page.locator("#confirm")).to_contain_text("其中的 2 个部门仍然保留")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("还没有分组")).to_be_visible()
    page.goto(page.url.replace("/groups/", f"/departments/{department.pk}/"))
    check_accessible(page)
    page.get_by_role("button", name="停用").click()
    expect(page.locator("#confirm")).to_contain_text("新的批次不再列入它")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("button", name="恢复使用")).to_be_visible()


def test_who_is_invited_sets_a_password(person, administrator, settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    invited = keeper(
        administrator.bureau,
        Role.REVIEWER,
        username="li-si",
        email="li@example.com",
        password_changed_at=None,
    )
    page = person(administrator).go(f"/people/{invited.pk}/")
    page.get_by_role("button", name="发送邀请邮件").click()
    expect(page.locator(".messages")).to_contain_text("已向 1 人发送邀请邮件")
    check_accessible(page)
    invited.refresh_from_db()
    page = person().go(f"/invitations/{token_of(invited)}/")
    address = page.url
    check_accessible(page)
    page.locator("[name=new_password1]").fill("short")
    page.locator("[name=new_password2]").fill("short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("密码至少 10 个字符")).to_be_visible()
    check_accessible(page)
    page.locator("[name=new_password1]").fill(OWN)
    page.locator("[name=new_password2]").fill(OWN)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("密码已设置，请用用户名 li-si 登录")
    page.goto(address)
    expect(page.get_by_role("heading", name="邀请链接已失效")).to_be_visible()
    check_accessible(page)
