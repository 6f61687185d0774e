"""The commands that scripts are written against."""

import json
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from declarations.domain.submission import submit
from declarations.models import Bureau, Declaration, DeclarationKind, FormTemplate, User
from declarations.queries.declarations import by_reference, reference_of
from declarations.queries.documents import (
    CONTENT_TYPES,
    OF_REPORTS,
    document_of,
    document_table,
    document_title,
    file_name,
)
from declarations.sheets.records import content_hash
from tests import factories, uploads
from tests.sheets.workbooks import task, workbook

APPROVED = "panyu-dpf/2023/panyu-target"
DRAFT = "panyu-education/2023/panyu-target"
RETURNED = "panyu-health/2023/panyu-target"
GOOD = {"A1": "绩效目标表", "A2": "总体目标", "B2": "{{text.goal}}"}


@pytest.fixture
def bureau(db: None) -> Bureau:
    return factories.BureauFactory.create(code="liwan", name="荔湾区财政局")


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    return written(tmp_path / "liwan-target.xlsx", GOOD)


def written(path: Path, cells: dict[str, str]) -> Path:
    path.write_bytes(workbook(cells, lines=[1]))
    return path


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def export(reference: str, format_: str, path: Path) -> bytes:
    run("declaration", "export", reference, "--format", format_, "--output", path)
    return path.read_bytes()


# declaration export


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("format_", "beginning"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("json", b"{"), ("html", b"<!")]
)
def test_export_writes_every_format(tmp_path: Path, format_: str, beginning: bytes) -> None:
    out = StringIO()
    path = tmp_path / f"out.{format_}"
    call_command("declaration", "export", APPROVED, format=format_, output=path, stdout=out)
    assert path.read_bytes()[: len(beginning)].lower() == beginning.lower()
    assert out.getvalue() == f"已导出到 {path}\n"


@pytest.mark.usefixtures("demo")
def test_exported_json_can_be_verified(tmp_path: Path) -> None:
    text = export(APPROVED, "json", tmp_path / "out.json").decode()
    document = json.loads(text)
    template = FormTemplate.objects.get(code="panyu-target")
    content = document.pop("content")
    assert document == {
        "reference": APPROVED,
        "department": "广州市番禺区残疾人联合会",
        "year": 2023,
        "form": {"code": "panyu-target", "version": 1, "sha256": template.sha256},
        "state": "approved",
        "revision": 2,
        "kind": "submission",
        "in_force": True,
        "sha256": content_hash(content),
    }
    assert content["funding"]["fiscal"]["budget"] == "51951200.00"
    assert "工疗站" in text  # readable, without escapes


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("reference", "state"), [(DRAFT, "draft"), (RETURNED, "returned")])
def test_what_is_being_filled_in_is_exported_live_and_as_a_draft(
    tmp_path: Path, reference: str, state: str
) -> None:
    declaration = by_reference(reference)
    filer = User.objects.get(username=declaration.department.code)
    factories.type_into(filer, declaration, **{"text/overall_goal": "刚刚写的目标"})
    document = json.loads(export(reference, "json", tmp_path / "out.json"))
    assert document["content"]["texts"]["overall_goal"] == "刚刚写的目标"
    assert (document["state"], document["revision"], document["sha256"]) == (state, None, None)
    assert "草稿" in export(reference, "html", tmp_path / "out.html").decode()


@pytest.mark.usefixtures("demo")
def test_what_is_submitted_is_exported_as_it_was_submitted() -> None:
    declaration = by_reference(APPROVED)
    declaration.passages.update(text="后来改的")
    table = document_table(declaration)
    assert "十四五" in table.entry("text/overall_goal").text
    assert "草稿" not in document_of(declaration, "html").decode()


def test_documents_are_named_after_department_year_and_form(declaration: Declaration) -> None:
    title = "广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表"
    assert document_title(declaration) == title
    assert file_name(declaration, "pdf") == f"{title}（草稿）.pdf"


def test_a_submitted_document_is_named_without_draft(declaration: Declaration, filer: User) -> None:
    factories.fill_in(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    name = file_name(factories.reread(declaration), "xlsx")
    assert name == "广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表.xlsx"


def test_a_file_name_has_only_what_file_systems_allow(declaration: Declaration) -> None:
    declaration.department.name = 'a/b\\c:"d"\n'
    assert file_name(declaration, "pdf").startswith("a-b-c-d-2023年")


def test_there_is_a_document_for_every_content_type(declaration: Declaration) -> None:
    for format_ in set(CONTENT_TYPES) - OF_REPORTS:
        assert document_of(declaration, format_)
    for format_ in (*OF_REPORTS, "odt"):
        with pytest.raises(KeyError):
            document_of(declaration, format_)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nobody/2023/panyu-target", "没有申报“nobody/2023/panyu-target”"),
        ("panyu-dpf/2022/panyu-target", "没有申报“panyu-dpf/2022/panyu-target”"),
        (
            "panyu-dpf/99999999999999/panyu-target",
            "没有申报“panyu-dpf/99999999999999/panyu-target”",
        ),
        ("panyu-dpf/2023/other", "没有申报“panyu-dpf/2023/other”"),
        ("panyu-dpf", "REF 应写成 部门编码/年度/表样编码，例如 panyu-dpf/2023/panyu-target"),
        ("panyu-dpf/今年/panyu-target", "REF 应写成 部门编码/年度/表样编码"),
        ("panyu-dpf/²/panyu-target", "REF 应写成 部门编码/年度/表样编码"),
        ("", "REF 应写成 部门编码/年度/表样编码"),
    ],
)
def test_an_unknown_reference_is_said(tmp_path: Path, reference: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        export(reference, "json", tmp_path / "out.json")
    with pytest.raises(CommandError, match=message):
        run("declaration", "findings", reference)


@pytest.mark.usefixtures("demo")
def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"无法写入 .*：没有这个文件或文件夹"):
        export(APPROVED, "json", tmp_path / "no such folder" / "out.json")
    with pytest.raises(CommandError, match=r"无法写入 .*：这是一个文件夹，请写出文件名"):
        export(APPROVED, "json", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"无法写入 .*：路径中有一段不是文件夹"):
        export(APPROVED, "json", tmp_path / "file" / "out.json")


# declaration import


@pytest.fixture
def blank(declaration: Declaration) -> tuple[Declaration, str]:
    return declaration, reference_of(declaration)


def test_import_reads_writes_and_tells(blank: tuple[Declaration, str], tmp_path: Path) -> None:
    declaration, reference = blank
    records = uploads.brought(declaration)
    records.texts["overall_goal"] = "目标"
    records.lists["tasks"] = [task(1, name="一", amount=Decimal("8330800.00"))]
    path = tmp_path / "申报表.xlsx"
    path.write_bytes(uploads.workbook_saying(declaration, records))

    dry = run("declaration", "import", reference, path, "--dry-run")
    assert dry.startswith("将导入：修改 1 格，新增 1 行\n")
    assert not declaration.uploads.exists()
    assert factories.text_of(declaration, "text/overall_goal") == ""

    told = run("declaration", "import", reference, path)
    assert told.splitlines() == [
        "已导入：修改 1 格，新增 1 行",
        "总体绩效目标：修改 1 格",
        "  修改 总体绩效目标：（空） → 目标",
        "年度重点工作任务：新增 1 行",
        "  新增 第1行：任务名称 一；拟投入的资金（万元） 833.08",
    ]
    assert factories.text_of(declaration, "text/overall_goal") == "目标"
    (upload,) = declaration.uploads.all()
    assert (upload.state, upload.uploaded_by, upload.file_name) == ("applied", None, "申报表.xlsx")
    assert run("declaration", "import", reference, path) == "没有变化\n"


def test_import_names_every_wrong_cell_and_writes_nothing(
    blank: tuple[Declaration, str], tmp_path: Path
) -> None:
    declaration, reference = blank
    path = tmp_path / "申报表.xlsx"
    path.write_bytes(uploads.with_a_bad_amount(declaration))
    before = uploads.content(declaration)
    with pytest.raises(CommandError) as error:
        run("declaration", "import", reference, path)
    assert error.value.returncode == 1
    assert str(error.value).splitlines() == [
        "没有导入：有 1 处需要改正",
        "部门整体预算绩效目标申报表!E5：基本支出：“大约五百万”不是数字，请只填数字，例如 1234.56",
    ]
    assert uploads.content(declaration) == before
    assert declaration.uploads.get().state == "rejected"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="PDF"):
        run("declaration", "import", reference, path, "--dry-run")


def test_import_tells_warnings(blank: tuple[Declaration, str], tmp_path: Path) -> None:
    declaration, reference = blank
    book = load_workbook(BytesIO(uploads.with_goal(declaration)), data_only=True)
    book.worksheets[0]["B3"] = "另一个部门"
    path = tmp_path / "申报表.xlsx"
    book.save(path)
    told = run("declaration", "import", reference, path)
    assert "提示 部门整体预算绩效目标申报表!B3：部门（单位）名称：文件中是“另一个部门”" in told


def test_import_only_while_it_is_filled_in(
    blank: tuple[Declaration, str], filer: User, tmp_path: Path
) -> None:
    declaration, reference = blank
    path = tmp_path / "申报表.xlsx"
    path.write_bytes(uploads.with_goal(declaration))
    factories.submitted(filer, declaration)
    with pytest.raises(CommandError, match="申报已提交，正在等待审核，不能修改"):
        run("declaration", "import", reference, path)
    assert not declaration.uploads.exists()


def test_import_of_a_file_that_is_not_there(blank: tuple[Declaration, str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有这个文件或文件夹"):
        run("declaration", "import", blank[1], tmp_path / "没有.xlsx")


# declaration findings


@pytest.mark.usefixtures("demo")
def test_findings_are_json() -> None:
    findings = json.loads(run("declaration", "findings", DRAFT))
    assert {
        "level": "must",
        "code": "required",
        "message": "预算整体情况：请填写“财政专项资金”",
        "anchors": ["funding/special/budget"],
    } in findings


@pytest.mark.usefixtures("demo")
def test_nothing_blocks_what_was_submitted() -> None:
    for department in ("panyu-dpf", "panyu-civil-affairs", "panyu-health"):
        findings = json.loads(run("declaration", "findings", f"{department}/2023/panyu-target"))
        assert [f for f in findings if f["level"] == "must"] == []


# template check


def test_check_says_what_the_form_has() -> None:
    assert run("template", "check", factories.PANYU_FORM).splitlines() == [
        "表样可用：部门整体预算绩效目标申报表",
        "字段 24 个，其中必填 18 个，自动计算 3 个",
        "金额 13 个，单位：万元 13 个",
        "清单 3 个：tasks、other_tasks、indicators",
        "分区 5 个：预算整体情况、总体绩效目标、年度重点工作任务、其他需完成的任务（可选填）、绩效指标",
    ]


def test_check_of_a_form_without_lists_and_sections(tmp_path: Path) -> None:
    path = written(tmp_path / "form.xlsx", {"A1": "绩效目标", "B1": "{{text.goal}}"})
    assert run("template", "check", path).splitlines()[2:] == ["清单 0 个", "分区 0 个"]


def test_check_reminds_of_what_would_not_come_back_from_excel(tmp_path: Path) -> None:
    path = written(tmp_path / "form.xlsx", {"A1": "说明", "B1": "{{text.one}}{{text.two}}"})
    assert run("template", "check", path).splitlines()[-1] == (
        "提醒：表样!B1：导出的 Excel 重新读入后，“说明”与原来不同。"
        "请核对它的表头；一格里有几个标签的，标签之间要有文字"
    )


def test_check_names_every_wrong_cell_and_exits_with_1(tmp_path: Path, capsys: Any) -> None:
    path = written(tmp_path / "form.xlsx", {"A1": "{{yaer}}", "B2": "{{tasks.name"})
    with pytest.raises(SystemExit) as exit_:
        call_command("template", "check", path)
    assert exit_.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "表样!A1：没有标签“yaer”，应写成 year",
        "表样!B2：标签的双花括号不成对，应写成 {{标签}}",
    ]


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"无法读取 .*none\.xlsx：没有这个文件或文件夹"):
        run("template", "check", tmp_path / "none.xlsx")
    with pytest.raises(CommandError, match=r"无法读取 .*：这是一个文件夹，请写出文件名"):
        run("template", "check", tmp_path)


def test_a_file_that_is_no_workbook_is_said(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "form.xlsx"
    path.write_text("not a workbook")
    with pytest.raises(SystemExit):
        call_command("template", "check", path)
    assert capsys.readouterr().out.startswith(
        "工作簿：这是文本文件（例如 .csv），不是 Excel 工作簿。"
    )


# template install


def test_install_makes_the_next_version(bureau: Bureau, form_file: Path, tmp_path: Path) -> None:
    assert run("template", "install", form_file, "--bureau", "liwan") == (
        "已安装：荔湾区财政局 绩效目标表（第1版），编码 liwan-target，种类 绩效目标申报\n"
    )
    assert "第1版" in run("template", "install", form_file, "--bureau", "liwan")
    changed = written(tmp_path / "new.xlsx", GOOD | {"A3": "说明", "B3": "{{text.note}}"})
    out = run("template", "install", changed, "--bureau", "liwan", "--code", "liwan-target")
    assert "第2版" in out
    assert [t.version for t in FormTemplate.objects.order_by("version")] == [1, 2]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("部门整体绩效目标申报表", DeclarationKind.TARGET),
        ("部门整体支出绩效自评表", DeclarationKind.SELF_EVALUATION),
        ("部门整体支出绩效自评表说明", DeclarationKind.SELF_EVALUATION),
        ("部门整体支出绩效报告", DeclarationKind.REPORT),
        ("绩效情况说明", DeclarationKind.REPORT),
    ],
)
def test_the_kind_is_read_from_the_title(
    bureau: Bureau, tmp_path: Path, title: str, kind: DeclarationKind
) -> None:
    path = written(tmp_path / "form.xlsx", GOOD | {"A1": title})
    run("template", "install", path, "--bureau", "liwan")
    assert FormTemplate.objects.get().kind == kind


def test_the_kind_may_be_said(bureau: Bureau, form_file: Path) -> None:
    run("template", "install", form_file, "--bureau", "liwan", "--kind", "report")
    assert FormTemplate.objects.get().kind == DeclarationKind.REPORT


def test_an_unknown_bureau_is_said(bureau: Bureau, form_file: Path) -> None:
    with pytest.raises(CommandError, match="没有编码为“huadu”的财政局，现有：liwan"):
        run("template", "install", form_file, "--bureau", "huadu")


def test_a_file_name_that_is_no_code_is_said(bureau: Bureau, tmp_path: Path) -> None:
    path = written(tmp_path / "申报表.xlsx", GOOD)
    with pytest.raises(CommandError, match=r"表样编码“申报表”不能使用：.*请用 --code 指定"):
        run("template", "install", path, "--bureau", "liwan")


def test_a_wrong_form_is_not_installed(bureau: Bureau, tmp_path: Path) -> None:
    path = written(tmp_path / "form.xlsx", {"A1": "{{yaer}}"})
    with pytest.raises(CommandError, match="表样有误，没有安装：\n表样!A1：没有标签“yaer”"):
        run("template", "install", path, "--bureau", "liwan")
    assert not FormTemplate.objects.exists()
