"""Many at once in the browser: chosen, followed, taken; with a keyboard and without JavaScript."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from declarations.models import Batch, User
from tests import factories, small_forms
from tests.batches import approved_in_bulk, exporter_of, files_in, finished
from tests.browser.conftest import check_accessible
from tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queue")]


@pytest.fixture
def publisher(transactional_db: None) -> User:
    bureau = factories.BureauFactory.create(name="番禺区财政局")
    approved_in_bulk(bureau, 14, small_forms.NESTED)
    return exporter_of(bureau)


def test_an_export_from_the_choice_to_the_file(
    person: Any, publisher: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = person(publisher).go("/batches/new/")
    summary = page.get_by_role("region", name="将要导出")
    expect(summary).to_contain_text("没有符合条件的文件")
    check_accessible(page)
    page.get_by_label("现行版本").check()
    expect(summary).to_contain_text("14 份申报，14 个文件")
    expect(summary).to_contain_text("不得对外提供")
    page.get_by_label("数据（JSON）").check()
    expect(summary).to_contain_text("28 个文件")
    page.get_by_label("指定部门", exact=True).check()
    expect(summary).to_contain_text("请至少选择一个部门")
    page.get_by_label("第3街道办事处").check()
    page.get_by_label("第5街道办事处").check()
    expect(summary).to_contain_text("2 份申报，4 个文件")
    page.get_by_label("文件名格式").fill("{code}/{form}")
    expect(summary).to_contain_text("-003/任务和指标（内部，未隐去）.pdf")
    check_accessible(page)
    page.get_by_role("button", name="开始导出").click()
    expect(page.get_by_role("status").filter(has_text="已排队")).to_be_visible()
    check_accessible(page)
    work(monkeypatch)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载").click()
    path = tmp_path / "export.zip"
    waiting.value.save_as(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    expect(page.get_by_text(sha256)).to_be_visible()
    assert waiting.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(path) as archive:
        assert len(files_in(archive)) == 4
    check_accessible(page)
    page.get_by_role("link", name="批量任务").first.click()
    expect(page.get_by_role("row").filter(has_text="已完成")).to_contain_text("4 / 4 个文件")
    check_accessible(page)


def test_what_was_not_counted_yet_cannot_be_begun(person: Any, publisher: User) -> None:
    page = person(publisher).go("/batches/new/")
    page.get_by_label("现行版本").check()
    start = page.get_by_role("button", name="开始导出")
    expect(start).to_be_enabled()
    with page.expect_response("**/batches/new/?**"):
        page.get_by_label("文件名格式").press_sequentially("-x")
        expect(start).to_be_disabled()
    expect(start).to_be_enabled()
    expect(page.get_by_role("region", name="将要导出")).to_contain_text("-x第1街道")


def test_it_is_cancelled_when_asked_twice(person: Any, publisher: User) -> None:
    page = person(publisher).go(
        "/batches/new/?content=in_force&which=all&formats=pdf&pattern={code}"
    )
    page.get_by_role("button", name="开始导出").click()
    page.get_by_role("button", name="取消任务").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("已取消。取消前完成 0 个文件")).to_be_visible()
    expect(page.get_by_role("button", name="继续")).to_be_visible()


def test_all_of_it_works_without_javascript(person: Any, publisher: User) -> None:
    page = person(publisher, java_script_enabled=False).go("/batches/new/")
    page.get_by_label("现行版本").check()
    page.get_by_role("button", name="查看数量和文件名").click()
    expect(page.get_by_role("region", name="将要导出")).to_contain_text("14 份申报")
    page.get_by_role("button", name="开始导出").click()
    page.get_by_role("link", name="刷新进度").click()
    finished(Batch.objects.get())
    page.get_by_role("link", name="刷新进度").click()
    with page.expect_download():
        page.get_by_role("button", name="下载").click()
