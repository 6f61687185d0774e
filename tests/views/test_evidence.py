"""Evidence files over HTTP: who gets what, with which headers, and that nothing else has them."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from openpyxl import load_workbook

from declarations.models import Declaration, Evidence, Role
from declarations.queries.documents import CONTENT_TYPES
from tests import factories
from tests.evidence import ITEM, OTHER, add, docx, pdf, picture, row_of, scored_for, sent
from tests.keeping import keeper


@pytest.fixture
def declaration(department) -> Declaration:
    return scored_for(department)


@pytest.fixture
def own(client: Client, filer) -> Client:
    client.force_login(filer)
    return client


def address(declaration: Declaration, rest: str = "") -> str:
    return f"/declarations/{declaration.pk}/evidence/{rest}"


def page(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return str(answer.content.decode())


def test_several_files_are_sent_at_once_and_all_errors_are_said(own, declaration):
    files = [sent("好.pdf", pdf()), sent("坏.pdf", b"<html>"), sent("坏.doc", b"x")]
    answer = own.post(address(declaration), {"at": ITEM, "files": files}, follow=True)
    assert answer.redirect_chain == [(f"{address(declaration)}?at=score%2Frate", 302)]
    text = answer.content.decode()
    assert "已上传“好.pdf”" in text
    assert text.count("没有上传：") == 2
    assert Evidence.objects.get().name == "好.pdf"


def test_a_script_is_told_of_each(own, declaration):
    answer = own.post(
        address(declaration),
        {"at": ITEM, "files": [sent("好.pdf", pdf()), sent("坏.pdf", b"x")]},
        headers={"X-Requested-With": "fetch"},
    )
    assert [o["kept"] for o in answer.json()["outcomes"]] == [True, False]
    refused = own.post(
        address(declaration),
        {"at": "score/none", "files": [sent("好.pdf", pdf())]},
        headers={"X-Requested-With": "fetch"},
    )
    assert refused.status_code == 409
    assert "没有这一项" in refused.json()["message"]


def test_nothing_chosen_and_a_row_that_is_gone_are_said(own, declaration):
    answer = own.post(address(declaration), {"at": ITEM}, follow=True)
    assert "请选择要上传的文件" in answer.content.decode()
    files = {"at": "indicator/99999", "files": [sent("a.pdf", pdf())]}
    answer = own.post(address(declaration), files, follow=True)
    assert "这一行已被删除" in answer.content.decode()


def test_names_of_files_are_shown_as_text(own, filer, declaration):
    add(filer, declaration, "<b>甲</b>.pdf")  # the browser would take it for a path
    add(filer, declaration, "<i>.pdf", pdf("i"))
    text = page(own, f"{address(declaration)}?at={ITEM}")
    assert "&lt;i&gt;.pdf" in text
    assert "<i>" not in text


@pytest.mark.parametrize(
    ("name", "content", "media_type", "inline"),
    [
        ("表.pdf", pdf(), "application/pdf", True),
        ("图.png", picture("PNG"), "image/png", True),
        ("文.docx", docx(), CONTENT_TYPES["docx"], False),
    ],
)
def test_a_file_is_sent_so_that_nothing_in_it_runs(
    own, filer, declaration, name, content, media_type, inline
):
    file = add(filer, declaration, name, content)
    answer = own.get(address(declaration, f"{file.pk}/"))
    assert answer.content == content
    assert answer["Content-Type"] == media_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("inline" if inline else "attachment")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    saved = own.get(address(declaration, f"{file.pk}/"), {"download": "1"})
    assert saved["Content-Disposition"].startswith("attachment")


def test_the_archive_holds_every_file_and_an_index(own, filer, declaration):
    add(filer, declaration, "同名.pdf", pdf("1"))
    add(filer, declaration, "同名.pdf", pdf("2"))
    add(filer, declaration, "com1.pdf", pdf("3"), at=OTHER)
    add(filer, declaration, "=1+1.pdf", pdf("4"), at=row_of(declaration))
    answer = own.get(address(declaration, "all.zip"))
    assert "attachment" in answer["Content-Disposition"]
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "目录.xlsx",
            "01 预算完成率/01 同名.pdf",
            "01 预算完成率/02 同名.pdf",
            "02 制度健全/01 _com1.pdf",
            "03 （未填写名称的指标）/01 =1+1.pdf",
        ]
        assert archive.read("01 预算完成率/02 同名.pdf") == pdf("2")
        sheet = load_workbook(BytesIO(archive.read("目录.xlsx"))).worksheets[0]
    rows = list(sheet.values)
    assert [row[2] for row in rows[1:]] == ["同名.pdf", "同名.pdf", "com1.pdf", "=1+1.pdf"]
    assert rows[1][5] == "填报人甲"


def test_there_is_no_archive_of_nothing(own, declaration):
    assert own.get(address(declaration, "all.zip")).status_code == 404


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.SYSTEM, Role.SECURITY, Role.AUDITOR])
def test_nobody_else_of_the_bureau_sees_any(client, filer, reviewer, declaration, role):
    file = add(filer, declaration)
    factories.approved(filer, reviewer, declaration)
    client.force_login(keeper(declaration.department.bureau, role))
    for rest in ("", f"?at={ITEM}", "all.zip", f"{file.pk}/"):
        assert client.get(address(declaration, rest)).status_code == 404
    shown = client.get(f"/declarations/{declaration.pk}/")
    assert "佐证材料" not in shown.content.decode()


def test_reviewers_find_what_was_handed_in_with_each_revision(client, filer, reviewer, declaration):
    first = add(filer, declaration, "一.pdf", pdf("1"))
    factories.returned(filer, reviewer, declaration)
    add(filer, declaration, "二.pdf", pdf("2"))
    factories.submitted(filer, declaration)
    client.force_login(reviewer)
    current, before = page(client, address(declaration)), f"{address(declaration)}?revision=1"
    assert "二.pdf" in current
    assert "本次新增" in current
    assert "二.pdf" not in page(client, before)
    assert client.get(f"{address(declaration)}?revision=9").status_code == 404
    assert client.get(f"{address(declaration)}?revision=x").status_code == 404
    shown = page(client, f"/declarations/{declaration.pk}/")
    assert "佐证材料（<span>2</span>）" in shown
    old = page(client, f"/declarations/{declaration.pk}/revisions/1/")
    assert "佐证材料（<span>1</span>）" in old
    assert client.get(address(declaration, f"{first.pk}/")).status_code == 200
    assert "删除" not in current


def test_no_document_holds_evidence(client, filer, reviewer, declaration):
    """Not even its names: what is printed, exported and published is the table."""
    mark = "不得公开的佐证"
    add(filer, declaration, f"{mark}.docx", docx(mark))
    factories.approved(filer, reviewer, declaration)
    client.force_login(reviewer)
    for format_ in ("html", "json", "pdf", "xlsx"):
        answer = client.get(f"/declarations/{declaration.pk}/files/{format_}/")
        assert answer.status_code == 200
        assert mark.encode() not in answer.content
        if format_ == "xlsx":
            with ZipFile(BytesIO(answer.content)) as book:
                assert not any(mark.encode() in book.read(name) for name in book.namelist())
    content = factories.reread(declaration).approved
    assert content is not None
    assert mark not in str(content.content)


def test_what_is_larger_than_several_files_is_not_even_read(own, declaration, settings):
    settings.EVIDENCE_LARGEST_REQUEST = 2_000
    files = {"at": ITEM, "files": [sent("大.pdf", bytes(5_000))]}
    answer = own.post(address(declaration), files)
    assert answer.status_code == 413
    assert "一次上传的文件合计超过" in answer.content.decode()
    settings.LARGEST_REQUEST = 100  # that of all other addresses
    assert own.post(address(declaration), {"at": ITEM}).status_code == 302


def test_removing_and_restoring_answer_a_script_with_the_list(own, filer, declaration):
    file = add(filer, declaration)
    where = address(declaration, f"{file.pk}/")
    headers = {"HX-Request": "true"}
    answer = own.post(f"{where}remove/", headers=headers).content.decode()
    assert "已删除“材料.pdf”" in answer
    assert "本次删除的（1）" in answer
    answer = own.post(f"{where}restore/", headers=headers).content.decode()
    assert "已恢复“材料.pdf”" in answer
    factories.submitted(filer, declaration)
    answer = own.post(f"{where}remove/", follow=True)
    assert "申报已提交" in answer.content.decode()
