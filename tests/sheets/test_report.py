"""Narrative reports: their sheet of headings, and the documents that they become."""

import re
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.html import render_editor, render_read_only, render_review
from declarations.sheets.parse import FormError, parse_form
from declarations.sheets.pdf import print_form, render_html_document
from declarations.sheets.records import Records
from declarations.sheets.report import DRAFTS, Report
from declarations.sheets.report_docx import LANGUAGE, render_docx
from declarations.sheets.table import Table
from declarations.sheets.trial import try_out
from declarations.sheets.workbook import render_workbook
from tests.reports import workbook
from tests.sheets.workbooks import saved, task

CONTENT = workbook()
FORM: Form = parse_form(CONTENT)


def problems(*lines: Sequence[str | int | None], **kwargs: Any) -> list[str]:
    with pytest.raises(FormError) as raised:
        parse_form(workbook(lines, **kwargs))
    return [str(p) for p in raised.value.problems]


def records(**texts: str) -> Records:
    return Records(
        context={"year": "2024", "department.name": "某区残联"},
        texts={
            "conclusion": "全年任务已经完成。\n得分较高。",
            "more": "",
            "problems": "暂无。",
            **texts,
        },
        lists={
            "tasks": [
                task(1, name="康复", content="覆盖率达到98%。"),
                task(2, name="就业", content="新增1243人。"),
            ]
        },
    )


def table(*, editing: bool = False, **texts: str) -> Table:
    return bind(FORM, records(**texts), editing=editing)


# The sheet


def test_the_outline_is_that_of_the_sheet() -> None:
    assert FORM.title == "自评报告"
    assert isinstance(FORM.report, Report)
    headings = [
        (FORM.report.levels[c.row], c.text or c.tags[-1].path)
        for c in FORM.cells
        if c.row in FORM.report.levels and c.text not in ("", "标题")
    ]
    assert headings == [
        (0, "年度自评报告"),
        (1, "一、自评情况"),
        (2, "（一）自评结论"),
        (2, "（二）主要工作"),
        (3, "."),
        (1, "二、存在的问题"),
    ]
    assert FORM.report.drafts == {"text.conclusion": "自评结论"}


def test_what_is_said_of_a_passage_is_its_fields() -> None:
    field = FORM.fields["text.conclusion"]
    assert (field.label, field.help, field.required, field.length) == (
        "（一）自评结论",
        "写明得分。",
        True,
        200,
    )
    heading, content = FORM.fields["tasks.name"], FORM.fields["tasks.content"]
    assert (heading.label, heading.required, heading.length) == ("小标题", True, 0)
    assert (content.label, content.help, content.length) == ("内容", "分点写。", 300)
    assert not FORM.fields["text.problems"].required


def test_headings_with_something_below_them_are_the_sections() -> None:
    labels = [s.label for s in FORM.sections]
    assert labels == ["（一）自评结论", "（二）主要工作", "二、存在的问题"]


def test_the_fields_sheet_has_the_last_word() -> None:
    said = [
        ("标签", "说明", "字数"),
        ("text.conclusion", "另写的说明", 50),
        *[("text.more", "", "")],
    ]
    field = parse_form(workbook(fields=said)).fields["text.conclusion"]
    assert (field.help, field.length, field.required) == ("另写的说明", 50, True)


def test_a_form_beside_it_goes_first() -> None:
    book = load_workbook(BytesIO(CONTENT))
    sheet = book.create_sheet("表样")
    sheet["A1"], sheet["B1"] = "目标", "{{text.goal}}"
    del book["字段"]
    parsed = parse_form(saved(book))
    assert parsed.report is None
    assert "这张工作表不会用到" in str(try_out(parsed, saved(book)))


def test_trying_it_out_finds_nothing() -> None:
    assert try_out(FORM, CONTENT) == []


def test_passages_of_the_same_name_are_told_apart_by_the_reports_cells() -> None:
    content = workbook(fields=())
    found = [str(p) for p in try_out(parse_form(content), content)]
    assert found == ["报告!C5：与 C4 的名称相同，都是“（一）自评结论”，请在“字段”中各写一个名称"]


TITLE = (0, "报告")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (("", "标题"), "报告!A3：请写明级别：0 是报告的标题，1 是一级标题，依此类推"),
        ((6, "标题"), "报告!A3：级别应是 0 至 5 的整数，现为“6”"),
        (("一", "标题"), "报告!A3：级别应是 0 至 5 的整数，现为“一”"),
        ((0, "标题"), "报告!A3：级别 0 是报告的标题，只能是第一行"),
        ((1, "", "{{text.a}}"), "报告!A3：写了级别的一行要有标题"),
        (("", "", "", "说明"), "报告!B3：这一行没有标题，也没有内容"),
        (
            (1, "标题", "固定的文字"),
            "报告!C3：“内容”要写标签，例如 {{text.conclusion}}，固定的文字写在“标题”中",
        ),
        ((1, "标题", "", "说明"), "报告!B3：这一行没有要填写的内容，不用写说明、必填和字数"),
        ((1, "标题", "{{text.a}}", "", "也许"), "报告!E3：“必填”一栏：应填“是”或“否”，现为“也许”"),
        ((1, "标题", "{{text.a}}", "", "", "许多"), "报告!F3：“字数”一栏：应填正整数，现为“许多”"),
        (
            (1, "标题", "{{text.a}}", "", "", "", "总结"),
            f"报告!G3：没有草稿“总结”，可用：{'、'.join(DRAFTS)}",
        ),
        (
            (1, "标题", "{{tasks.content}}", "", "", "", "自评结论"),
            "报告!G3：能起草的是一个文字标签，例如 {{text.conclusion}}",
        ),
        ((1, "标题", "{{text.A}}"), "报告!C3：没有标签“text.A”，应写成 text.a"),
        ((1, "标题{{text.a", "{{text.b}}"), "报告!B3：标签的双花括号不成对，应写成 {{标签}}"),
        ((1, "标题", "=1+1"), "报告!C3：“内容”要写标签"),
    ],
)
def test_what_is_wrong_is_said_of_its_own_cells(line: Any, problem: str) -> None:
    found = problems(TITLE, line, (1, "其他", "{{text.other}}"), fields=())
    assert any(p.startswith(problem) for p in found), found


def test_a_tag_that_stands_twice_is_named_by_the_reports_cells() -> None:
    found = problems(TITLE, (1, "一", "{{text.a}}"), (1, "二", "{{text.a}}"), fields=())
    assert found == ["报告!C4：标签 text.a 出现了两次，另一处在 C3"]


def test_lists_that_overlap_are_named_by_the_reports_rows() -> None:
    found = problems(
        TITLE,
        (1, "{{tasks.name}}"),
        (1, "{{goals.name}}"),
        (1, "{{tasks.content}}"),
        fields=(),
    )
    assert found == [
        "报告!B4：清单 goals（第 4 行）与 tasks（第 3 至 5 行）的行重叠，同一行只能属于一个清单"
    ]


def test_a_sheet_without_headings_or_title_is_none() -> None:
    assert problems(headings=("级别", "内容")) == ["报告：找不到写有“标题”的表头行"]
    assert problems((1, "一", "{{text.a}}"), fields=()) == [
        "报告：没有级别为 0 的一行，它是报告的标题"
    ]


def test_a_hidden_sheet_is_refused() -> None:
    book = load_workbook(BytesIO(CONTENT))
    book.create_sheet("其他")
    book["报告"].sheet_state = "hidden"
    with pytest.raises(FormError, match="这张工作表是隐藏的"):
        parse_form(saved(book))


# Pages


def test_pages_are_documents_without_a_table() -> None:
    for html in (render_read_only(table()), render_review(table(), {})):
        assert "<table" not in html
        assert "<h1>2024年度某区残联自评报告</h1>" in html
        assert '<h3 id="section-0">（一）自评结论</h3>' in html
    assert "<p>全年任务已经完成。</p><p>得分较高。</p>" in render_read_only(table())


def test_what_stands_before_rows_in_a_workbook_is_not_said_elsewhere() -> None:
    html = render_read_only(table())
    assert "<h4>1. 康复</h4><p>覆盖率达到98%。</p>" in html
    assert "标题" not in html
    assert "标题" in str(load_workbook(BytesIO(exported()))["自评报告"]["A7"].value)


def test_the_editor_has_guidance_and_the_draft_beside_the_passage() -> None:
    html = render_editor(table(editing=True), {})
    assert html.count('id="help-text-conclusion"') == 1
    assert html.count('id="help-tasks-content"') == 1
    assert "写明得分。（最多 200 字）" in html
    assert html.count("data-draft") == 1
    assert 'data-draft="text/conclusion" aria-label="起草初稿：（一）自评结论"' in html
    before, after = html.split("写明得分。")
    assert "（一）自评结论</h3>" in before
    assert 'name="text/conclusion"' in after


def test_a_list_without_rows_still_says_what_to_write_and_offers_one() -> None:
    html = render_editor(bind(FORM, Records(), editing=True), {})
    assert "分点写。" in html
    assert 'data-list="tasks"' in html


def test_what_is_closed_has_no_draft() -> None:
    closed = bind(FORM, records(), editing=True, locked={"text.conclusion"})
    assert "data-draft" not in render_editor(closed, {})


# PDF and Word


def test_the_pdf_has_headings_as_its_outline_and_numbered_pages() -> None:
    printed = print_form(table(conclusion="很长的一段。" * 900), title="自评报告")
    reader = PdfReader(BytesIO(printed.pdf))
    assert printed.pages > 2
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert f"第{printed.pages}页共{printed.pages}页" in text
    assert re.sub(r"第\d页共\d页", "", text).count("很长的一段。") == 900

    def titles(items: Any) -> list[Any]:
        return [titles(i) if isinstance(i, list) else i.title for i in items]

    assert titles(reader.outline) == [
        "2024年度某区残联自评报告",
        [
            "一、自评情况",
            ["（一）自评结论", "（二）主要工作", ["1. 康复", "2. 就业"]],
            "二、存在的问题",
        ],
    ]
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert print_form(table(), title="自评报告").pdf == print_form(table(), title="自评报告").pdf


def test_a_page_for_the_screen_says_that_it_is_a_draft() -> None:
    html = render_html_document(table(), title="自评报告", mark="草稿")
    assert '<p class="draft">草稿</p>' in html
    assert "<h2>一、自评情况</h2>" in html


def word(*, mark: str = "", **texts: str) -> Any:
    return Document(BytesIO(render_docx(table(**texts), title="自评报告", mark=mark)))


def test_word_has_headings_paragraphs_and_properties() -> None:
    document = word()
    assert [(p.style.name, p.text) for p in document.paragraphs] == [
        ("Title", "2024年度某区残联自评报告"),
        ("Heading 1", "一、自评情况"),
        ("Heading 2", "（一）自评结论"),
        ("Body Text", "全年任务已经完成。"),
        ("Body Text", "得分较高。"),
        ("Heading 2", "（二）主要工作"),
        ("Heading 3", "1. 康复"),
        ("Body Text", "覆盖率达到98%。"),
        ("Heading 3", "2. 就业"),
        ("Body Text", "新增1243人。"),
        ("Heading 1", "二、存在的问题"),
        ("Body Text", "暂无。"),
    ]
    assert document.core_properties.title == "自评报告"
    assert document.core_properties.language == LANGUAGE


def test_word_numbers_pages_and_names_chinese_types() -> None:
    with ZipFile(BytesIO(render_docx(table(), title="自评报告", mark="草稿"))) as archive:
        files = {name: archive.read(name).decode(errors="ignore") for name in archive.namelist()}
    footer = next(text for name, text in files.items() if "footer" in name)
    assert 'w:instr="PAGE"' in footer
    assert 'w:instr="NUMPAGES"' in footer
    styles = files["word/styles.xml"]
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsia="zh-CN"' in styles
    assert 'w:firstLineChars="200"' in styles
    assert 'w:name="compatibilityMode"' in files["word/settings.xml"]
    assert 'w:val="15"' in files["word/settings.xml"]
    assert "docProps/thumbnail.jpeg" not in files
    assert any("草稿" in text for name, text in files.items() if "header" in name)


def test_word_is_the_same_for_the_same_content() -> None:
    once = render_docx(table(), title="自评报告")
    assert once == render_docx(table(), title="自评报告")
    assert once != render_docx(table(problems="有一个问题。"), title="自评报告")


def test_what_xml_cannot_hold_is_left_out_of_word() -> None:
    document = word(problems="问题\x0b一\x00二")
    assert "问题" in document.paragraphs[-1].text


def exported() -> bytes:
    return render_workbook(table(), CONTENT, title="自评报告")


def test_rows_of_the_workbook_are_as_high_as_their_text() -> None:
    assert FORM.column_widths == pytest.approx((8 / 92, 84 / 92))
    book = load_workbook(BytesIO(exported()))
    heights = {n: d.height for n, d in book.worksheets[0].row_dimensions.items()}
    assert heights[1] > heights[2] > heights[3]  # title, first and second level
    assert 30 < heights[4] < 40  # the passage of two lines
    assert heights[5] < 20  # the blank one below it


def test_paper_comes_from_the_sheets_own_page_setup() -> None:
    book = load_workbook(BytesIO(CONTENT))
    book["报告"].page_setup.paperSize = 11
    book["报告"].page_margins.left = 1.0
    form = parse_form(saved(book))
    assert (form.page.width, form.page.height, form.page.margins[3]) == (148.0, 210.0, 25.4)
    document = Document(BytesIO(render_docx(bind(form, records()), title="报告")))
    assert round(document.sections[0].page_width.mm) == 148


def test_formulas_and_rules_hold_for_reports_too() -> None:
    content = workbook(
        ((0, "报告"), (1, "一、经费", "{{funding.basic.budget}}")),
        fields=(),
        rules=(("编码", "条件"), ("least", "funding.basic.budget >= 100")),
    )
    form = parse_form(content)
    assert form.rules[0].code == "least"
    filled = Records(funding={"basic": {"budget": Decimal(50)}})
    assert "50" in render_read_only(bind(form, filled))
