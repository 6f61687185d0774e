"""A publisher's afternoon: check, publish, correct, withdraw, several at once; by keyboard, too."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from declarations.domain.adjusting import begin_adjustment
from declarations.models import Declaration, Publication, User
from tests import factories
from tests.browser.conftest import check_accessible
from tests.publishing import publisher_of
from tests.publishing_pages import FORM, another, in_force
from tests.working import start_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queue")]

CONFIRMATIONS = ("已作保密审查", "个人信息已按规定隐去", "内容完整")
WHY = "部门更正了有误的数据"


@pytest.fixture
def worker(queue: None) -> Iterator[None]:
    process = start_worker()
    yield
    process.terminate()
    process.wait()


@pytest.fixture
def approved(transactional_db: None, filer: User, reviewer: User) -> Declaration:
    assert filer.department is not None
    declaration = factories.declaration_for(filer.department, FORM)
    factories.reschedule(declaration, adjustments_until=30)
    return in_force(filer, reviewer, declaration)


@pytest.fixture
def publisher(approved: Declaration) -> User:
    return publisher_of(approved.round.bureau)


def confirm(page: Page) -> None:
    """All three, by keyboard."""
    for label in CONFIRMATIONS:
        page.get_by_label(label).focus()
        page.keyboard.press("Space")


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")


def done(page: Page, said: str) -> None:
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()


def test_check_publish_correct_and_withdraw(
    person: Any, publisher: User, filer: User, reviewer: User, approved: Declaration
) -> None:
    page = person(publisher).page
    check_accessible(page)
    page.locator(".card").get_by_role("link", name="审查").click()
    sheet = page.get_by_role("region", name="公开内容")
    expect(sheet).to_contain_text("张**")
    expect(sheet).not_to_contain_text("张小明")
    page.get_by_role("link", name="填报人", exact=True).click()
    assert page.url.endswith("#cell-text-filer")
    check_accessible(page)
    press(page, "审查通过")  # nothing is confirmed
    expect(page.get_by_text("请确认后勾选")).to_have_count(3)
    confirm(page)
    press(page, "审查通过")
    done(page, "审查通过")
    check_accessible(page)
    page.get_by_role("button", name="公开", exact=True).dblclick()
    done(page, "已公开")
    assert Publication.objects.count() == 1
    check_accessible(page)
    page.get_by_role("link", name="查看公开页面").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(approved.department.name)
    expect(page.locator("main")).not_to_contain_text("张小明")
    page.go_back()
    expect(page.get_by_role("heading", name="已公开")).to_be_visible()

    begin_adjustment(filer, declaration_id=approved.pk, reason="年中追加了预算")
    in_force(filer, reviewer, approved, **{"text.overall_goal": "更好地做好服务"})
    page.reload()
    expect(page.get_by_text("与已公开的内容相比：修改 1 格")).to_be_visible()
    check_accessible(page)
    confirm(page)
    press(page, "审查通过")
    page.get_by_label("更正理由").fill(WHY)
    press(page, "更正公开")
    done(page, "已公开")
    expect(page.get_by_text("公开记录（2）")).to_be_visible()

    page.get_by_text("撤回…").click()
    page.get_by_label("撤回理由").fill("不应公开的内容被公开了")
    page.get_by_label("以前的 1 个公开版本一并撤回").check()
    page.get_by_label("确定撤回").check()
    check_accessible(page)
    press(page, "撤回公开")
    done(page, "已撤回")
    expect(page.locator(".standing")).to_contain_text("再次公开前须重新审查")
    assert not Publication.objects.filter(withdrawn_at=None).exists()


def test_who_comes_second_is_told_so(person: Any, publisher: User, approved: Declaration) -> None:
    address = f"/declarations/{approved.pk}/publishing/"
    first, second = person(publisher).go(address), person(publisher).go(address)
    first.get_by_text("不予公开…").click()
    first.get_by_label("不予公开的理由").fill("涉及国家秘密，依法不予公开")
    first.get_by_role("button", name="确定不予公开").click()
    done(first, "已确定不予公开")
    confirm(second)
    press(second, "审查通过")  # what the other decided meanwhile is said, and wants an answer
    expect(second.get_by_text("不予公开的理由：涉及国家秘密，依法不予公开")).to_be_visible()
    check_accessible(second)
    second.get_by_label("改为公开的说明").fill("已经解密，可以公开")
    press(second, "审查通过")
    done(second, "审查通过")
    first.reload()
    first.get_by_text("不予公开…").click()
    first.get_by_label("不予公开的理由").fill("涉及国家秘密，依法不予公开")
    first.get_by_role("button", name="确定不予公开").click()
    done(first, "已确定不予公开")
    press(second, "公开")
    expect(second.get_by_role("alert")).to_contain_text("请重新审查")
    assert not Publication.objects.exists()


def test_several_at_once(
    person: Any,
    worker: None,
    publisher: User,
    filer: User,
    reviewer: User,
    approved: Declaration,
) -> None:
    plain = another(filer, reviewer, approved)
    strange = another(filer, reviewer, approved, **{"text.overall_goal": "感谢李大同志的帮助"})
    page = person(publisher).go("/publishing/")
    check_accessible(page)
    page.get_by_label("全选").check()
    press(page, "批量审查、公开选中的…")
    expect(page.get_by_text("下列 2 份没有发现可疑的个人信息")).to_be_visible()
    alone = page.get_by_role("region", name="要单独办理")
    expect(alone).to_contain_text(strange.department.name)
    expect(alone).to_contain_text("李大同志")
    check_accessible(page)
    confirm(page)
    press(page, "审查通过并公开")
    page.get_by_role("button", name="确定").click()
    done(page, "2 份已审查通过，正在公开")
    expect(page.get_by_text("已完成 2 份申报，共 2 份")).to_be_visible()
    public = Publication.objects.values_list("declaration", flat=True)
    assert set(public) == {approved.pk, plain.pk}
    page.goto(page.url.split("/batches/")[0] + "/publishing/?state=published")
    expect(page.locator("table.publishing tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("公开 2 份申报")


def test_masking_is_tried_before_it_is_saved(
    person: Any, publisher: User, approved: Declaration
) -> None:
    page = person(publisher).go("/publishing/settings/")
    check_accessible(page)
    page.get_by_role("link", name=approved.round.name).click()
    check_accessible(page)
    page.get_by_role("combobox", name="填报人").select_option("全部隐去")
    press(page, "按以上设置预览")
    expect(page.get_by_role("region", name="公开内容预览")).to_contain_text("（不公开）")
    page.get_by_text("其他文字字段").click()
    check_accessible(page)
    press(page, "保存")
    done(page, "已修改：隐去规则")
    approved.round.refresh_from_db()
    assert approved.round.masking["fields"]["text.filer"] == "hide"
