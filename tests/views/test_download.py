"""GET declarations/<pk>/files/<format>/ and forms/<id>/<sha256>.css."""

import json
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.models import Declaration
from declarations.queries.documents import CONTENT_TYPES, OF_REPORTS
from tests import factories
from tests.factories import type_into

FORMATS = ["pdf", "xlsx", "html", "json"]
TITLE = "广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表"


def download(client: Any, declaration: Declaration, format_: str) -> Any:
    return client.get(reverse("download", args=[declaration.pk, format_]))


def file_name(answer: Any) -> str:
    kind, _, name = answer["Content-Disposition"].partition("; filename*=utf-8''")
    assert kind == "attachment"
    return unquote(name)


@pytest.mark.parametrize(
    ("format_", "content_type", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            b"PK",
        ),
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("json", "application/json", b"{"),
    ],
)
def test_an_approved_one_is_downloaded_under_its_title(
    as_user,
    filer,
    reviewer,
    administrator,
    declaration,
    format_: str,
    content_type: str,
    begins: bytes,
) -> None:
    factories.approved(filer, reviewer, declaration)
    answer = download(as_user(administrator), declaration, format_)
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer.content.startswith(begins)
    assert file_name(answer) == f"{TITLE}.{format_}"


def test_every_format_is_tried_here() -> None:
    assert set(FORMATS) == set(CONTENT_TYPES) - OF_REPORTS


def test_the_files_say_what_was_approved(as_user, filer, reviewer, declaration) -> None:
    factories.fill_in(filer, declaration)
    type_into(filer, declaration, **factories.balanced("483.09"))
    factories.approved(filer, reviewer, declaration)
    client = as_user(filer)
    pdf = PdfReader(BytesIO(download(client, declaration, "pdf").content))
    assert "483.09" in "".join(page.extract_text() for page in pdf.pages)
    sheet = load_workbook(BytesIO(download(client, declaration, "xlsx").content)).worksheets[0]
    values = [str(c.value) for row in sheet.iter_rows() for c in row]
    assert any("483.09" in v for v in values)
    assert "483.09" in download(client, declaration, "html").content.decode()
    content = json.loads(download(client, declaration, "json").content)
    assert content["content"]["funding"]["basic"]["budget"] == "4830900.00"
    assert content["revision"] == 1


def test_script_tags_are_text_in_the_html(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{"text.overall_goal": "<script>alert(1)</script>"})
    text = download(as_user(filer), declaration, "html").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


# Drafts


def test_the_department_downloads_its_draft_which_says_so(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{"text.overall_goal": "还没写完"})
    answer = download(as_user(filer), declaration, "html")
    assert file_name(answer) == f"{TITLE}（草稿）.html"
    assert "还没写完" in answer.content.decode()
    assert "草稿" in answer.content.decode()


def test_a_correction_in_the_making_is_a_draft(as_user, filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{"text.overall_goal": "还没改完"})
    answer = download(as_user(filer), declaration, "json")
    assert "（草稿）" in file_name(answer)
    assert json.loads(answer.content)["content"]["texts"]["overall_goal"] == "还没改完"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("who", ["reviewer", "administrator", "stranger", "outsider"])
def test_a_draft_is_the_departments_own(
    as_user, request, filer, declaration, who: str, format_: str
) -> None:
    assert download(as_user(request.getfixturevalue(who)), declaration, format_).status_code == 404


def test_a_correction_in_the_making_is_the_departments_own(
    as_user, filer, reviewer, administrator, declaration
) -> None:
    factories.returned(filer, reviewer, declaration)
    for user in (reviewer, administrator):
        assert download(as_user(user), declaration, "json").status_code == 404


def test_the_bureau_may_have_what_is_under_review(as_user, filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    assert download(as_user(reviewer), declaration, "json").status_code == 200


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_a_stranger_gets_404(as_user, request, filer, reviewer, declaration, who: str) -> None:
    factories.approved(filer, reviewer, declaration)
    assert download(as_user(request.getfixturevalue(who)), declaration, "pdf").status_code == 404


@pytest.mark.parametrize("format_", ["exe", "PDF", "docx", "html ", "%00"])
def test_a_format_that_there_is_not_is_404(as_user, filer, declaration, format_: str) -> None:
    assert download(as_user(filer), declaration, format_).status_code == 404


def test_a_post_is_refused(as_user, filer, declaration) -> None:
    assert (
        as_user(filer).post(reverse("download", args=[declaration.pk, "json"])).status_code == 405
    )


# Workbooks to fill in


def fillable(client: Any, declaration: Declaration, content: str) -> Any:
    return client.get(reverse("fillable", args=[declaration.pk, content]))


@pytest.mark.parametrize(
    ("content", "name", "goal"),
    [("blank", "（空白填报表）", None), ("filled", "（填报表，已填内容）", "写了一半")],
)
def test_the_department_downloads_a_workbook_to_fill_in(
    as_user, filer, declaration, *, content: str, name: str, goal: str | None
) -> None:
    type_into(filer, declaration, **{"text.overall_goal": "写了一半"})
    answer = fillable(as_user(filer), declaration, content)
    assert answer.status_code == 200
    assert answer["Content-Type"] == CONTENT_TYPES["xlsx"]
    assert file_name(answer) == f"{TITLE}{name}.xlsx"
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert sheet["A1"].value == TITLE
    assert sheet["B10"].value == goal
    assert sheet.protection.sheet
    assert not sheet["B10"].protection.locked


def test_a_returned_one_can_be_filled_in_again(as_user, filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    assert fillable(as_user(filer), declaration, "filled").status_code == 200


def test_after_the_deadline_there_is_nothing_to_fill_in(as_user, filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    assert fillable(as_user(filer), declaration, "filled").status_code == 404
    assert download(as_user(filer), declaration, "xlsx").status_code == 200


@pytest.mark.parametrize("who", ["reviewer", "administrator", "stranger", "outsider"])
def test_only_who_fills_in_gets_a_workbook_to_fill_in(
    as_user, request, declaration, who: str
) -> None:
    client = as_user(request.getfixturevalue(who))
    assert fillable(client, declaration, "blank").status_code == 404


def test_other_contents_are_404(as_user, filer, declaration) -> None:
    assert fillable(as_user(filer), declaration, "xlsx").status_code == 404


def test_the_menu_offers_them_while_they_can_be_used(as_user, filer, reviewer, declaration) -> None:
    page = reverse("declaration", args=[declaration.pk])
    address = reverse("fillable", args=[declaration.pk, "filled"])
    assert address in as_user(filer).get(page).content.decode()
    factories.submitted(filer, declaration)
    assert address not in as_user(filer).get(page).content.decode()
    assert address not in as_user(reviewer).get(page).content.decode()


# The form's own style sheet


def style_sheet(client: Any, declaration: Declaration, sha256: str = "") -> Any:
    template = declaration.round.template
    return client.get(reverse("form-css", args=[template.pk, sha256 or template.sha256]))


@pytest.mark.parametrize("who", ["filer", "stranger", "reviewer", "administrator"])
def test_everybody_of_the_bureau_gets_a_forms_style_sheet(
    as_user, request, declaration, who: str
) -> None:
    answer = style_sheet(as_user(request.getfixturevalue(who)), declaration)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert "{" in answer.content.decode()


def test_another_bureaus_style_sheet_is_404(as_user, outsider, declaration) -> None:
    assert style_sheet(as_user(outsider), declaration).status_code == 404


def test_a_style_sheet_under_another_hash_is_404(as_user, filer, declaration) -> None:
    assert style_sheet(as_user(filer), declaration, "0" * 64).status_code == 404
