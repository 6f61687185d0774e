"""templates/…: an administrator's forms."""

import re
from base64 import b64decode
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.domain.templates import activate, retire
from declarations.models import Activation, DeclarationKind, FormTemplate, Role, User
from declarations.queries.forms import workbook_of
from declarations.sheets.incoming.archive import MOST_BYTES
from declarations.views.guide import guide_html, slug
from tests import factories
from tests.pages import inline_code
from tests.sheets.workbooks import workbook

PANYU = factories.PANYU_FORM.read_bytes()
GOOD = {"A1": "绩效目标表", "A2": "总体目标", "B2": "{{text.goal}}"}
NEXT = {**GOOD, "A3": "说明", "B3": "{{text.note}}"}


@pytest.fixture
def bureau_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


@pytest.fixture
def template(administrator: User) -> FormTemplate:
    return factories.template_for(administrator.bureau, PANYU)


@pytest.fixture
def foreign(db: None) -> FormTemplate:
    """Another bureau's form."""
    return factories.template_for(factories.BureauFactory.create(), PANYU)


def upload(
    client: Any, cells: dict[str, str] | bytes, name: str = "target.xlsx", **fields: str
) -> Any:
    content = cells if isinstance(cells, bytes) else workbook(cells, lines=[1])
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("template-install"), {"workbook": file, **fields})


def page(client: Any, name: str, *arguments: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return answer.context["form"].errors


def act(client: Any, name: str, template: FormTemplate, **fields: str) -> str:
    """What the page that follows says of it."""
    answer = client.post(reverse(name, args=[template.pk]), fields, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("template", args=[template.pk])
    return " ".join(str(m) for m in answer.context["messages"])


# The list


def test_without_forms_the_list_says_how_to_begin(bureau_client) -> None:
    text = page(bureau_client, "templates")
    assert "还没有表样" in text
    assert "怎样开始" in text
    assert reverse("template-example", args=["panyu-target"]) in text
    assert reverse("template-guide") in text


def test_the_list_says_where_each_version_stands(
    bureau_client, administrator, department, template
) -> None:
    second = factories.template_for(administrator.bureau, workbook(GOOD, lines=[1]))
    third = factories.template_for(administrator.bureau, workbook(NEXT, lines=[1]))
    factories.round_for(template, department, year=2023)
    activate(administrator, template_id=second.pk, year=2024)
    retire(administrator, template_id=third.pk)
    (form,) = bureau_client.get(reverse("templates")).context["forms"]
    labels = {v.template.version: v.label for v in form.versions}
    assert labels == {3: "停用", 2: "启用", 1: "启用"}
    text = page(bureau_client, "templates")
    assert "启用年度：2024年" in text
    assert "用于批次：2023年部门整体预算绩效目标申报表（1 个部门）" in text


def test_the_list_is_the_bureaus_own(bureau_client, foreign) -> None:
    text = page(bureau_client, "templates")
    assert "还没有表样" in text
    assert reverse("template", args=[foreign.pk]) not in text


# Bringing one


def test_a_good_workbook_is_installed_and_shown(bureau_client, administrator) -> None:
    answer = upload(bureau_client, GOOD)
    template = FormTemplate.objects.get()
    assert answer["Location"] == reverse("template", args=[template.pk])
    assert (template.bureau, template.code, template.version) == (administrator.bureau, "target", 1)
    assert template.kind == DeclarationKind.TARGET
    assert "已安装为第1版" in page(bureau_client, "template", template.pk)


def test_every_error_is_shown_by_cell_and_nothing_is_kept(bureau_client) -> None:
    answer = upload(bureau_client, {"A1": "{{yaer}}", "B2": "{{tasks.name", "C3": "{{text.a.b}}"})
    assert not FormTemplate.objects.exists()
    text = unescape(re.sub(r"<[^>]+>", "|", answer.content.decode()))
    assert "工作簿有 3 处错误，没有安装" in text
    for cell, message in (("A1", "没有标签“yaer”"), ("B2", "双花括号不成对"), ("C3", "text.名称")):
        assert re.search(rf"表样\|+{cell}\|+[^|]*{message}", text)


def test_the_workbook_comes_back_with_its_cells_marked(bureau_client) -> None:
    answer = upload(bureau_client, {"A1": "表", "B2": "{{yaer}}"}, name="我的 表.xlsx", code="mine")
    found = re.search(
        r'href="data:[^;]*;base64,([^"]*)" download="([^"]*)"', answer.content.decode()
    )
    assert found is not None
    assert unescape(found[2]) == "我的 表（标注）.xlsx"
    book = load_workbook(BytesIO(b64decode(found[1])))
    assert "没有标签“yaer”" in book["表样"]["B2"].comment.text
    assert book["表样"]["A1"].comment is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "这是 PDF 文件，不是 Excel 工作簿"),
        (b"a,b,c\n1,2,3\n", "这是文本文件"),
        (b"PK\x03\x04 and nothing more", "文件已损坏"),
        (PANYU[: len(PANYU) // 2], "文件已损坏"),
    ],
)
def test_what_is_no_workbook_is_refused(bureau_client, content: bytes, said: str) -> None:
    answer = upload(bureau_client, content)
    assert said in answer.content.decode()
    assert 'href="data:' not in answer.content.decode()
    assert not FormTemplate.objects.exists()


def test_an_empty_or_missing_or_too_large_file_is_said_beside_the_field(bureau_client) -> None:
    assert errors(upload(bureau_client, b"")) == {"workbook": ["这个文件是空的"]}
    missing = bureau_client.post(reverse("template-install"), {"code": "target"})
    assert errors(missing) == {"workbook": ["请选择文件"]}
    large = upload(bureau_client, b"x" * (MOST_BYTES + 1))
    assert errors(large) == {"workbook": ["文件超过 10 MB，请删除图片等多余内容后重试"]}


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("申报表.xlsx", "", "文件名“申报表”不能作编码，请填写小写字母、数字和连字符"),
        ("Target 2024.xlsx", "", "文件名“Target 2024”不能作编码"),
        ("target.xlsx", "番禺/2023", "编码只能用小写字母、数字和连字符"),
        ("target.xlsx", "a" * 51, "50"),
    ],
)
def test_a_code_that_is_none_is_said_beside_the_field(
    bureau_client, name: str, code: str, said: str
) -> None:
    found = errors(upload(bureau_client, GOOD, name, code=code))
    assert list(found) == ["code"]
    assert said in found["code"][0]
    assert not FormTemplate.objects.exists()


def test_a_code_that_is_taken_asks_whether_it_is_a_new_version(bureau_client) -> None:
    upload(bureau_client, GOOD)
    found = errors(upload(bureau_client, NEXT))
    assert "编码“target”已用于“绩效目标表”。如果这是它的新版，请在“这是”中选择" in found["code"][0]
    assert FormTemplate.objects.count() == 1


def test_a_new_version_of_a_form(bureau_client) -> None:
    upload(bureau_client, GOOD, kind=DeclarationKind.REPORT)
    upload(bureau_client, NEXT, name="改好的.xlsx", of="target")
    first, second = FormTemplate.objects.order_by("version")
    assert (second.code, second.version, second.kind) == ("target", 2, first.kind)


def test_the_same_again_is_the_same(bureau_client) -> None:
    upload(bureau_client, PANYU)
    for fields in ({}, {"of": "target"}):
        answer = upload(bureau_client, PANYU, **fields)
        text = page(bureau_client, "template", FormTemplate.objects.get().pk)
        assert answer.status_code == 302
        assert "与第1版完全相同，没有另存新版" in text


def test_the_same_as_another_kind_is_refused(bureau_client) -> None:
    upload(bureau_client, PANYU)
    found = errors(upload(bureau_client, PANYU, kind=DeclarationKind.REPORT))
    assert "不能再作为另一种类安装" in found["__all__"][0]


def test_another_bureaus_code_is_free(bureau_client, foreign) -> None:
    upload(bureau_client, GOOD, name=f"{foreign.code}.xlsx")
    assert FormTemplate.objects.filter(code=foreign.code).count() == 2


def test_a_new_version_is_preselected_from_its_form(bureau_client, template) -> None:
    text = page(bureau_client, "template-install", query=f"?of={template.code}")
    assert re.search(rf'<option value="{template.code}"\s+selected', text)


# Looking at it


def test_the_preview_shows_editor_fields_and_checks(bureau_client, template) -> None:
    text = page(bureau_client, "template", template.pk)
    assert "示例总体绩效目标" in text
    assert re.search(r"<fieldset disabled>.*<textarea", text, re.DOTALL)
    for shown in ("tasks.amount", "拟投入的资金", "sum(tasks.amount)", "产出指标、效益指标"):
        assert shown in text
    assert "收入来源合计应等于支出合计" in text
    assert inline_code(text) == []
    assert "与第" not in text


def test_a_form_without_checks_and_sections_is_shown(bureau_client, administrator) -> None:
    small = factories.template_for(administrator.bureau, workbook({"A2": "{{text.goal}}"}))
    assert "没有“校验”工作表" in page(bureau_client, "template", small.pk)


def test_a_form_is_tried_out(bureau_client, template) -> None:
    assert reverse("template-trial", args=[template.pk]) in page(
        bureau_client, "template", template.pk
    )
    assert "试用通过" in page(bureau_client, "template-trial", template.pk)


def test_what_goes_wrong_in_the_trial_is_said_by_cell(bureau_client, administrator) -> None:
    together = {"A1": "表", "A2": "说明", "B2": "{{text.one}}{{text.two}}"}
    template = factories.template_for(administrator.bureau, workbook(together, lines=[1]))
    text = page(bureau_client, "template-trial", template.pk)
    assert "用示例数据试用时发现" in text
    assert re.search(r">B2</td><td>[^<]*“说明”与原来不同", text)


def test_a_further_version_says_what_is_different(bureau_client) -> None:
    upload(bureau_client, GOOD)
    upload(bureau_client, NEXT, of="target")
    second = FormTemplate.objects.get(version=2)
    text = page(bureau_client, "template", second.pk)
    assert "与第1版相比" in text
    assert "新增字段：<ins>说明</ins>" in text


def test_a_version_that_changes_neither_fields_nor_texts_says_so(bureau_client) -> None:
    upload(bureau_client, GOOD)
    plain = workbook(GOOD, lines=[1], formats={"B2": "0.00"})
    upload(bureau_client, plain, of="target")
    second = FormTemplate.objects.get(version=2)
    assert "字段、文字、校验和评分都没有变化" in page(bureau_client, "template", second.pk)


def test_the_rubric_of_a_version_and_what_it_scores_otherwise(bureau_client) -> None:
    cells = {"A1": "自评表", "A2": "执行率得分", "B2": "{{score.pace.self_score}}"}
    heading = ("编码", "名称", "分值", "方法", "数据", "参数")

    def scored(lower: str) -> bytes:
        settings = f"下限：{lower}\n上限：100%"
        line = ("pace", "执行率", 10, "区间得分", "rate：执行率（%）", settings)
        return workbook(cells, lines=[1], rubric=(heading, line))

    upload(bureau_client, scored("90%"))
    upload(bureau_client, scored("80%"), of="target")
    first, second = FormTemplate.objects.order_by("version")
    text = page(bureau_client, "template", first.pk)
    assert '评分规则 <span class="count">1</span>' in text
    assert "<td>执行率</td>" in text
    assert ">10</td>" in text
    assert "下限：90%<br>上限：100%" in text
    assert inline_code(text) == []
    text = page(bureau_client, "template", second.pk)
    assert "执行率：参数由“下限：90%、上限：100%”改为“下限：80%、上限：100%”" in text


def test_the_files_of_a_version(bureau_client, template) -> None:
    files = {
        name: bureau_client.get(reverse("template-file", args=[template.pk, name]))
        for name in ("workbook", "blank", "sample")
    }
    assert files["workbook"].content == PANYU == workbook_of(template)
    title = "部门整体预算绩效目标申报表（第1版）"
    names = {name: unquote(f["Content-Disposition"]) for name, f in files.items()}
    assert names["workbook"].endswith(f"{title}.xlsx")
    assert names["blank"].endswith(f"{title}空白表.xlsx")
    assert names["sample"].startswith("inline")
    pdf = PdfReader(BytesIO(files["sample"].content))
    assert "示例总体绩效目标" in "".join(p.extract_text() for p in pdf.pages)
    book = load_workbook(BytesIO(files["blank"].content))
    values = {str(c.value) for row in book.worksheets[0].iter_rows() for c in row}
    assert "总体绩效目标" in values
    assert not any("{{" in v or "示例" in v for v in values)


@pytest.mark.parametrize("name", ["pdf", "secret", "workbook.xlsx"])
def test_a_file_that_there_is_not_is_404(bureau_client, template, name: str) -> None:
    address = reverse("template-file", args=[template.pk, name])
    assert bureau_client.get(address).status_code == 404


def test_the_examples_can_be_downloaded(bureau_client) -> None:
    answer = bureau_client.get(reverse("template-example", args=["panyu-target"]))
    assert answer.content == PANYU
    for name in ("nothing", "..", "%2e%2e%2fpanyu"):
        address = f"/templates/examples/{name}.xlsx"
        assert bureau_client.get(address).status_code == 404


# For a year


def test_activating_for_a_year(bureau_client, template) -> None:
    assert "已为 2024年启用第1版" in act(bureau_client, "template-activate", template, year="2024")
    assert Activation.objects.get().year == 2024
    act(bureau_client, "template-activate", template, year="2024")
    assert Activation.objects.count() == 1


@pytest.mark.parametrize(
    ("year", "said"),
    [
        ("", "请填写年度"),
        ("今年", "请填写四位数的年度，例如 2024"),
        ("24", "年度应在 2000 至 2100 之间"),
        ("20244", "年度应在 2000 至 2100 之间"),
        ("9" * 400, "年度应在 2000 至 2100 之间"),
    ],
)
def test_a_year_that_is_none_is_said_beside_the_field(
    bureau_client, template, year: str, said: str
) -> None:
    answer = bureau_client.post(reverse("template-activate", args=[template.pk]), {"year": year})
    assert errors(answer) == {"year": [said]}
    assert not Activation.objects.exists()


def test_why_a_year_cannot_change_is_said_beside_the_field(
    bureau_client, administrator, department, template
) -> None:
    factories.round_for(template, department, year=2024)
    second = factories.template_for(administrator.bureau, workbook(GOOD, lines=[1]))
    answer = bureau_client.post(reverse("template-activate", args=[second.pk]), {"year": "2024"})
    assert "正在使用第1版" in errors(answer)["year"][0]
    assert "已开启，不能改用另一版" in answer.content.decode()


def test_a_choice_can_be_taken_back(bureau_client, administrator, template) -> None:
    activate(administrator, template_id=template.pk, year=2042)
    assert "取消启用" in page(bureau_client, "template", template.pk)
    said = act(bureau_client, "template-deactivate", template, year="2042")
    assert said == "2042年已取消启用。"
    assert not Activation.objects.exists()


def test_a_choice_that_a_round_rests_on_stays(bureau_client, department, template) -> None:
    factories.round_for(template, department, year=2024)
    assert "取消启用" not in page(bureau_client, "template", template.pk)
    assert "不能取消启用" in act(bureau_client, "template-deactivate", template, year="2024")
    assert Activation.objects.count() == 1


def test_taking_back_no_year_is_404(bureau_client, template) -> None:
    address = reverse("template-deactivate", args=[template.pk])
    assert bureau_client.post(address, {"year": "x"}).status_code == 404
    assert "年度应在" in act(bureau_client, "template-deactivate", template, year="9" * 400)


# Out of use


def test_retiring_and_restoring(bureau_client, template) -> None:
    assert "已停用" in act(bureau_client, "template-retire", template)
    text = page(bureau_client, "template", template.pk)
    assert ">恢复</button>" in text
    assert "开启批次" not in text
    assert (
        "已停用，请先恢复"
        in errors(
            bureau_client.post(reverse("template-activate", args=[template.pk]), {"year": "2024"})
        )["year"][0]
    )
    assert "已恢复" in act(bureau_client, "template-restore", template)
    assert ">停用</button>" in page(bureau_client, "template", template.pk)


# Who


@pytest.mark.parametrize(
    "name",
    ["template", "template-trial", "template-activate", "template-file"],
)
def test_another_bureaus_version_is_404(bureau_client, foreign, name: str) -> None:
    arguments = [foreign.pk, "workbook"] if name == "template-file" else [foreign.pk]
    assert bureau_client.get(reverse(name, args=arguments)).status_code == 404


@pytest.mark.parametrize(
    "name", ["template-activate", "template-deactivate", "template-retire", "template-restore"]
)
def test_nothing_happens_to_another_bureaus_version(bureau_client, foreign, name: str) -> None:
    answer = bureau_client.post(reverse(name, args=[foreign.pk]), {"year": "2024"})
    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.retired_at is None
    assert not Activation.objects.exists()


def test_an_administrator_of_another_bureau_sees_none_of_it(as_user, template) -> None:
    other = factories.UserFactory.create(role=Role.SYSTEM)
    client = as_user(other)
    assert "还没有表样" in page(client, "templates")
    assert client.get(reverse("template", args=[template.pk])).status_code == 404


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_only_administrators_are_led_there(as_user, request, who: str) -> None:
    text = page(as_user(request.getfixturevalue(who)), "home")
    assert reverse("templates") not in text


# The manual


def test_every_link_in_the_manual_leads_somewhere(bureau_client) -> None:
    text = page(bureau_client, "template-guide")
    assert "怎样把空白表做成表样" in text
    ids = set(re.findall(r' id="([^"]+)"', guide_html()))
    links = [unquote(link) for link in re.findall(r'href="([^"]+)"', guide_html())]
    assert links
    assert [link for link in links if link.removeprefix("#") not in ids] == []


def test_a_heading_is_linked_to_as_it_is_written() -> None:
    assert slug("七、“字段”工作表") == "七字段工作表"
    assert slug("Any Heading 2") == "any-heading-2"
