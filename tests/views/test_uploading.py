"""declarations/<pk>/uploads/…: bringing a workbook, looking at it, importing it or not."""

import re
from io import BytesIO
from typing import Any

from django.conf import settings as django_settings
from django.urls import reverse
from openpyxl import load_workbook

from declarations.models import Declaration, EventKind, Upload, UploadState
from declarations.sheets.incoming.archive import MOST_BYTES
from declarations.sheets.marked import LISTING
from declarations.sheets.records import Item
from tests import factories
from tests.factories import text_of, type_into
from tests.incoming.filings import with_parts
from tests.sheets.workbooks import task
from tests.uploads import (
    as_file,
    base,
    bring,
    brought,
    with_a_bad_amount,
    with_cell,
    with_goal,
    workbook_saying,
)
from tests.views.asking import FROM_SCRIPT

GOAL = "text/overall_goal"


def page(client: Any, name: str, declaration: Declaration, *args: Any) -> str:
    answer = client.get(reverse(name, args=[declaration.pk, *args]))
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Any, declaration: Declaration, workbook: bytes, **headers: Any) -> Any:
    address = reverse("uploads", args=[declaration.pk])
    return client.post(address, {"workbook": as_file(workbook)}, **headers)


def act(client: Any, name: str, upload: Upload, **data: Any) -> Any:
    return client.post(reverse(name, args=[upload.declaration_id, upload.pk]), data, follow=True)


def messages(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def words(html: str) -> str:
    """What a page says, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# Bringing


def test_a_workbook_is_brought_and_its_changes_are_shown(as_user, filer, declaration) -> None:
    client = as_user(filer)
    answer = send(client, declaration, with_goal(declaration, "全年目标"))
    (upload,) = declaration.uploads.all()
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("upload", args=[declaration.pk, upload.pk]),
    )
    assert (upload.state, upload.file_name, upload.uploaded_by) == (
        UploadState.WAITING,
        "申报表.xlsx",
        filer,
    )
    shown = words(page(client, "upload", declaration, upload.pk))
    assert "导入后将修改 1 格。现在还没有写入。" in shown
    assert "全年目标" in shown
    assert text_of(declaration, GOAL) == ""


def test_a_script_is_told_where_to_go(as_user, filer, declaration) -> None:
    answer = send(as_user(filer), declaration, with_goal(declaration), headers=FROM_SCRIPT)
    (upload,) = declaration.uploads.all()
    assert answer.json() == {"location": reverse("upload", args=[declaration.pk, upload.pk])}


def test_no_file_is_told_so(as_user, filer, declaration) -> None:
    client, address = as_user(filer), reverse("uploads", args=[declaration.pk])
    assert messages(client.post(address, follow=True)) == ["请选择要上传的 Excel 工作簿"]
    answer = client.post(address, headers=FROM_SCRIPT)
    assert (answer.status_code, answer.json()) == (
        409,
        {"message": "请选择要上传的 Excel 工作簿"},
    )


def test_the_same_workbook_sent_twice_is_one_upload(as_user, filer, declaration) -> None:
    client, workbook = as_user(filer), with_goal(declaration)
    places = {send(client, declaration, workbook)["Location"] for _ in range(2)}
    assert len(places) == declaration.uploads.count() == 1


def test_another_workbook_sets_the_waiting_one_aside(as_user, filer, colleague, declaration):
    first = bring(filer, declaration, with_goal(declaration, "甲"))
    send(as_user(colleague), declaration, with_goal(declaration, "乙"))
    first.refresh_from_db()
    assert first.state == UploadState.SET_ASIDE
    assert "这个工作簿没有导入" in page(as_user(filer), "upload", declaration, first.pk)


def test_nothing_is_taken_after_the_deadline(as_user, filer, declaration) -> None:
    workbook = with_goal(declaration)
    factories.reschedule(declaration, deadline=-1)
    client = as_user(filer)
    (message,) = messages(client.get(send(client, declaration, workbook)["Location"]))
    assert "填报已于" in message
    assert not declaration.uploads.exists()
    shown = page(client, "uploads", declaration)
    assert "截止" in shown
    assert "upload-form" not in shown


# What is wrong with it


def test_everything_wrong_is_listed_by_cell(as_user, filer, declaration) -> None:
    workbook = with_cell(declaration, with_a_bad_amount(declaration), "funding/fiscal/budget", "-5")
    upload = bring(filer, declaration, workbook)
    shown = words(page(as_user(filer), "upload", declaration, upload.pk))
    assert "工作簿中有 2 处需要改正" in shown
    assert "E5 基本支出：“大约五百万”不是数字" in shown
    assert re.search("G5 财政拨款：.*金额不能为负数", shown)
    assert text_of(declaration, GOAL) == ""


def test_the_workbook_comes_back_with_its_cells_marked(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_a_bad_amount(declaration))
    client = as_user(filer)
    answer = client.get(reverse("upload-file", args=[declaration.pk, upload.pk, "marked"]))
    assert "filename*=utf-8''" in answer["Content-Disposition"].lower()
    book = load_workbook(BytesIO(answer.content))
    cell = book["部门整体预算绩效目标申报表"]["E5"]
    assert cell.fill.fgColor.rgb == "FFF4C7C3"
    assert "问题：基本支出：“大约五百万”不是数字" in cell.comment.text
    listed = [[c.value for c in row] for row in book[LISTING].iter_rows(min_row=2)]
    assert [row[:3] for row in listed] == [["部门整体预算绩效目标申报表", "E5", "问题"]]


def test_the_marked_workbook_put_right_can_be_brought_again(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_a_bad_amount(declaration))
    marked = act_get(as_user(filer), "upload-file", upload, "marked").content
    again = with_cell(declaration, marked, "funding/basic/budget", 483.09)
    assert bring(filer, declaration, again).state == UploadState.WAITING


def test_what_is_no_workbook_is_explained_and_kept(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, b"%PDF-1.7 no workbook at all")
    client = as_user(filer)
    shown = words(page(client, "upload", declaration, upload.pk))
    assert "没有导入：申报表.xlsx" in shown
    assert "PDF" in shown
    assert "下载标出错误的工作簿" not in shown
    answer = client.get(reverse("upload-file", args=[declaration.pk, upload.pk, "original"]))
    assert answer.content == b"%PDF-1.7 no workbook at all"
    answer = act_get(client, "upload-file", upload, "marked")
    assert messages(answer) == ["这个工作簿不能标注，请按列出的问题逐项修改。"]


def test_a_damaged_workbook_is_listed_even_where_it_cannot_be_marked(
    as_user, filer, declaration
) -> None:
    workbook = with_parts(with_a_bad_amount(declaration), {"[Content_Types].xml": None})
    upload = bring(filer, declaration, workbook)
    answer = act_get(as_user(filer), "upload-file", upload, "marked")
    assert messages(answer) == ["这个工作簿不能标注，请按列出的问题逐项修改。"]
    assert "E5 基本支出：“大约五百万”不是数字" in words(answer.content.decode())


def act_get(client: Any, name: str, upload: Upload, *args: Any) -> Any:
    return client.get(reverse(name, args=[upload.declaration_id, upload.pk, *args]), follow=True)


def test_a_defect_of_ours_leaves_a_number_to_quote(
    as_user, filer, declaration, monkeypatch, caplog
) -> None:
    from declarations.sheets import incoming

    def fail(*_args: Any) -> None:
        raise KeyError("a defect")

    workbook = with_goal(declaration)
    monkeypatch.setattr(incoming, "read_incoming", fail)
    upload = bring(filer, declaration, workbook)
    shown = words(page(as_user(filer), "upload", declaration, upload.pk))
    (number,) = re.findall(r"请把编号 (\w{8}) 告诉系统管理员", shown)
    assert number in caplog.text
    assert bytes(declaration.uploads.get().workbook) == workbook


def test_markup_in_a_file_name_or_a_cell_is_text(as_user, filer, declaration) -> None:
    client = as_user(filer)
    address = reverse("uploads", args=[declaration.pk])
    name = "<script>alert(1)</script>.xlsx"
    workbook = with_goal(declaration, "<img src=x onerror=alert(1)>")
    client.post(address, {"workbook": as_file(workbook, name)})
    (upload,) = declaration.uploads.all()
    for html in (
        page(client, "uploads", declaration),
        page(client, "upload", declaration, upload.pk),
    ):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    assert "&lt;img src=x" in html


# Looking


def test_rows_that_come_go_and_move_are_shown_beside_their_section(as_user, filer, declaration):
    records = brought(declaration)
    records.lists["tasks"] = [task(1, name="一", content="内容甲"), task(2, name="二")]
    bring_and_apply(as_user(filer), filer, declaration, workbook_saying(declaration, records))
    again = brought(declaration)
    one, two = again.lists["tasks"]
    again.lists["tasks"] = [two, Item("task", 9, {"name": "新来的", "amount": 10_000})]
    upload = bring(filer, declaration, workbook_saying(declaration, again))
    shown = words(page(as_user(filer), "upload", declaration, upload.pk))
    assert "导入后将新增 1 行，删除 1 行。" in shown
    assert "年度重点工作任务 新增 1 行，删除 1 行" in shown
    assert "第2行 新来的" in shown
    assert f"第1行 {one.values['name']} 内容甲" in shown


def test_nothing_new_offers_nothing(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{GOAL: "目标"})
    upload = bring(filer, declaration, with_goal(declaration))
    shown = page(as_user(filer), "upload", declaration, upload.pk)
    assert "没有变化，不需要导入" in shown
    assert "upload-apply" not in shown
    assert reverse("upload-apply", args=[declaration.pk, upload.pk]) not in shown


def test_warnings_are_listed_and_to_be_confirmed(as_user, filer, declaration) -> None:
    book = load_workbook(BytesIO(with_goal(declaration)), data_only=True)
    book.worksheets[0]["B3"] = "另一个部门"
    out = BytesIO()
    book.save(out)
    upload = bring(filer, declaration, out.getvalue())
    client = as_user(filer)
    shown = words(page(client, "upload", declaration, upload.pk))
    assert "有 1 条提示需要核对" in shown
    assert "B3 部门（单位）名称：文件中是“另一个部门”" in shown
    marked = act_get(client, "upload-file", upload, "marked")
    cell = load_workbook(BytesIO(marked.content))["部门整体预算绩效目标申报表"]["B3"]
    assert cell.comment.text.startswith("提示：部门（单位）名称")
    answer = act(client, "upload-apply", upload, base=base(declaration))
    assert messages(answer) == ["请先核对列出的提示，并勾选“我已核对”"]
    act(client, "upload-apply", upload, base=base(declaration), confirmed="on")
    assert text_of(declaration, GOAL) == "目标"


# Importing


def bring_and_apply(client: Any, filer: Any, declaration: Declaration, workbook: bytes) -> Any:
    upload = bring(filer, declaration, workbook)
    return act(client, "upload-apply", upload, base=base(declaration))


def test_importing_leads_back_to_the_editor_with_what_undoes_it(as_user, filer, declaration):
    answer = bring_and_apply(as_user(filer), filer, declaration, with_goal(declaration))
    assert answer.redirect_chain == [(reverse("declaration", args=[declaration.pk]), 302)]
    assert messages(answer) == ["已导入：修改 1 格"]
    event = declaration.events.get(kind=EventKind.IMPORTED)
    assert f'data-event="{event.pk}"' in answer.content.decode()
    assert text_of(declaration, GOAL) == "目标"


def test_a_double_click_imports_once(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_goal(declaration))
    client, seen = as_user(filer), base(declaration)
    for _ in range(2):
        answer = act(client, "upload-apply", upload, base=seen)
        assert messages(answer) == ["已导入：修改 1 格"]
    assert declaration.events.filter(kind=EventKind.IMPORTED).count() == 1


def test_the_back_button_shows_what_became_of_it(as_user, filer, declaration) -> None:
    client = as_user(filer)
    bring_and_apply(client, filer, declaration, with_goal(declaration))
    (upload,) = declaration.uploads.all()
    answer = act_get(client, "upload", upload)
    assert "导入：修改 1 格。" in words(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]


def test_what_a_colleague_changed_since_the_preview_is_looked_at_again(
    as_user, filer, colleague, declaration
) -> None:
    upload = bring(filer, declaration, with_goal(declaration))
    seen = base(declaration)
    type_into(colleague, declaration, **{GOAL: "同事刚写的"})
    answer = act(as_user(filer), "upload-apply", upload, base=seen)
    assert messages(answer) == ["内容在预览后又被修改过，请重新核对"]
    assert "同事刚写的" in answer.content.decode()
    assert text_of(declaration, GOAL) == "同事刚写的"


def test_the_deadline_passes_while_one_looks(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_goal(declaration))
    seen = base(declaration)
    factories.reschedule(declaration, deadline=-1)
    answer = act(as_user(filer), "upload-apply", upload, base=seen)
    assert "填报已于" in messages(answer)[0]
    assert reverse("upload-apply", args=[declaration.pk, upload.pk]) not in answer.content.decode()
    assert text_of(declaration, GOAL) == ""


def test_giving_up_changes_nothing(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_goal(declaration))
    answer = act(as_user(filer), "upload-set-aside", upload)
    assert messages(answer) == ["已放弃这次导入，原有内容没有改动。"]
    assert text_of(declaration, GOAL) == ""


def test_an_import_is_undone_from_the_list(as_user, filer, declaration) -> None:
    client = as_user(filer)
    bring_and_apply(client, filer, declaration, with_goal(declaration))
    (upload,) = declaration.uploads.all()
    assert messages(act(client, "upload-undo", upload)) == ["已撤销导入"]
    assert text_of(declaration, GOAL) == ""
    shown = words(page(client, "uploads", declaration))
    assert "已撤销" in shown
    assert messages(act(client, "upload-undo", upload)) == ["已经撤销过了"]


def test_what_was_not_imported_cannot_be_undone(as_user, filer, declaration) -> None:
    upload = bring(filer, declaration, with_goal(declaration))
    assert messages(act(as_user(filer), "upload-undo", upload)) == ["这一步不能撤销"]


# Who


def test_an_administrator_sees_what_was_rejected_and_nothing_else(
    as_user, filer, administrator, declaration
) -> None:
    rejected = bring(filer, declaration, with_a_bad_amount(declaration))
    waiting = bring(filer, declaration, with_goal(declaration))
    client = as_user(administrator)
    shown = page(client, "uploads", declaration)
    assert reverse("upload", args=[declaration.pk, rejected.pk]) in shown
    assert reverse("upload", args=[declaration.pk, waiting.pk]) not in shown
    assert "upload-form" not in page(client, "upload", declaration, rejected.pk)
    for copy, status in (("original", 200), ("marked", 200), ("another", 404)):
        address = reverse("upload-file", args=[declaration.pk, rejected.pk, copy])
        assert client.get(address).status_code == status
    address = reverse("upload-file", args=[declaration.pk, waiting.pk, "original"])
    assert client.get(address).status_code == 404


def test_an_upload_of_another_declaration_is_not_found(as_user, filer, declaration) -> None:
    department = factories.DepartmentFactory.create(bureau=declaration.department.bureau)
    foreign = factories.declaration_for(department, year=2022)
    upload = bring(factories.filer_of(department), foreign, with_goal(foreign))
    client = as_user(filer)
    for name in ("upload", "upload-file", "upload-apply", "upload-set-aside", "upload-undo"):
        more = ["original"] if name == "upload-file" else []
        address = reverse(name, args=[declaration.pk, upload.pk, *more])
        ask = client.post if name.startswith("upload-") and not more else client.get
        assert ask(address).status_code == 404, name


# Too large


def test_a_file_too_large_gets_a_page_that_says_so(as_user, filer, declaration, settings) -> None:
    settings.LARGEST_REQUEST = 1_000
    client = as_user(filer)
    answer = send(client, declaration, b"x" * 2_000)
    assert answer.status_code == 413
    assert "文件超过 10 MB，没有上传" in answer.content.decode()
    answer = send(client, declaration, b"x" * 2_000, headers=FROM_SCRIPT)
    assert (answer.status_code, answer.json()) == (413, {"message": "文件超过 10 MB，没有上传"})
    assert not declaration.uploads.exists()


def test_what_may_be_sent_may_be_read() -> None:
    assert django_settings.LARGEST_WORKBOOK == MOST_BYTES
