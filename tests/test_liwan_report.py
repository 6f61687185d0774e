"""Liwan's report in the demo: every figure that was published, in print and in Word."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.domain.drafting import draft
from declarations.models import Declaration, State, User
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of
from declarations.sheets.report import DRAFT_MARK
from declarations.sheets.table import version_of

REFERENCE = "liwan-dpf/2024/liwan-report"
TO_BE_WRITTEN = "liwan-dpf/2021/liwan-report"

FIGURES = [
    *("98%", "3294人", "521人", "907.54万元", "324.56万元", "932名", "20%", "64000人次"),
    *("2162.14万元", "105家", "206人", "22条", "300余家", "7场次", "60个", "1243人", "1.7万名"),
    *("380.12万元", "48.2万元", "1698名", "57.6万元", "407名", "1246处", "195个", "5个", "156名"),
    *("17415人", "1418人", "34%"),
]
HEADINGS = [
    "一、绩效自评情况",
    "（一）部门整体支出绩效目标",
    "（二）自评结论",
    "（三）履职效能分析",
    "（四）管理效率分析",
    "二、存在的主要问题和下一步改进措施",
]


@pytest.fixture
def report(demo: None) -> Declaration:
    return by_reference(REFERENCE)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_print_word_and_workbook_carry_every_figure(report: Declaration) -> None:
    assert report.state == State.APPROVED
    pdf = PdfReader(BytesIO(document_of(report, "pdf")))
    word = Document(BytesIO(document_of(report, "docx")))
    sheet = load_workbook(BytesIO(document_of(report, "xlsx"))).worksheets[0]
    texts = {
        "pdf": "".join(page.extract_text() for page in pdf.pages),
        "docx": "".join(p.text for p in word.paragraphs),
        "xlsx": "".join(str(c or "") for row in sheet.values for c in row),
        "html": document_of(report, "html").decode(),
    }
    for format_, text in texts.items():
        assert [f for f in (*FIGURES, *HEADINGS) if f not in squeezed(text)] == [], format_
    assert pdf.metadata is not None
    assert pdf.metadata.title == word.core_properties.title
    headings = [p.text for p in word.paragraphs if p.style and "Heading" in str(p.style.name)]
    assert [h for h in headings if h in HEADINGS] == HEADINGS
    assert sum(h[:2] in {"1.", "2.", "3.", "4.", "5."} for h in headings) == 5


def test_only_reports_are_exported_to_word(report: Declaration, tmp_path: Path) -> None:
    file = tmp_path / "report.docx"
    arguments = ("--format", "docx", "--output", str(file))
    call_command("declaration", "export", REFERENCE, *arguments, stdout=StringIO())
    assert file.read_bytes() == document_of(report, "docx")
    with pytest.raises(CommandError, match="是表格，不能导出为 docx"):
        call_command("declaration", "export", "panyu-dpf/2023/panyu-target", *arguments)


def test_the_report_of_2021_begins_with_a_draft_of_its_self_evaluation(report: Declaration) -> None:
    blank = by_reference(TO_BE_WRITTEN)
    filer = User.objects.get(username="liwan-dpf")
    for key in ("conclusion", "management"):
        drafted = draft(
            filer, declaration_id=blank.pk, anchor=f"text/{key}", version=version_of("")
        )
        assert drafted.text.startswith(DRAFT_MARK)
        assert "全年预算3646.57万元，实际支出3401.08万元，预算完成率93.27%" in drafted.text
