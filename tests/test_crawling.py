"""What `tests.crawling` finds in files: where it would miss something, leaks would be missed."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from pypdf import PdfWriter
from weasyprint import HTML

from tests.crawling import Found, texts_of
from tests.sheets.workbooks import saved

SECRET = "密不可说"
NUMBER = "13926450871"


def finds(content: bytes, media_type: str, text: str = SECRET) -> list[str]:
    return Found("/public/", "", 200, media_type, dict(texts_of(content, media_type))).says(text)


def pdf(html: str) -> bytes:
    page = HTML(string=f'<html lang="zh"><body>{html}</body></html>').write_pdf()
    assert page is not None
    return page


def test_on_the_pages_of_a_pdf_also_where_a_line_breaks() -> None:
    assert finds(pdf(f"<p>由{SECRET}负责</p>"), "application/pdf")
    broken = "<br>".join(SECRET)
    assert finds(pdf(f"<p>{broken}</p>"), "application/pdf")
    assert not finds(pdf("<p>公开</p>"), "application/pdf")


def test_in_properties_attachments_and_notes_of_a_pdf() -> None:
    for hide in (
        lambda writer: writer.add_metadata({"/Author": SECRET}),
        lambda writer: writer.add_attachment("a.txt", SECRET.encode()),
        lambda writer: writer.add_attachment(f"{SECRET}.txt", b""),
        lambda writer: writer.add_outline_item(title=SECRET, page_number=0),
    ):
        writer = PdfWriter(BytesIO(pdf("<p>公开</p>")))
        hide(writer)
        out = BytesIO()
        writer.write(out)
        assert finds(out.getvalue(), "application/pdf"), hide


def test_in_a_workbook_wherever_it_is_hidden() -> None:
    def hidden_sheet(book: Workbook) -> None:
        sheet = book.create_sheet("内部")
        sheet["A1"], sheet.sheet_state = SECRET, "veryHidden"

    def comment(book: Workbook) -> None:
        book.worksheets[0]["A1"].comment = Comment(SECRET, "a")

    def name(book: Workbook) -> None:
        book.defined_names["a"] = DefinedName("a", attr_text=f'"{SECRET}"')

    def author(book: Workbook) -> None:
        book.properties.lastModifiedBy = SECRET

    for hide in (hidden_sheet, comment, name, author):
        book = Workbook()
        hide(book)
        assert finds(saved(book), "application/octet-stream"), hide


def test_in_a_word_document_also_where_its_format_changes() -> None:
    document = Document()
    paragraph = document.add_paragraph()
    for character in SECRET:
        paragraph.add_run(character).bold = character == SECRET[1]
    out = BytesIO()
    document.save(out)
    with ZipFile(BytesIO(out.getvalue())) as archive:
        assert SECRET not in archive.read("word/document.xml").decode()
    assert finds(out.getvalue(), "application/octet-stream")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (json.dumps({"a": SECRET}), "application/json"),
        ("<p>密不<mark>可</mark>说</p>", "text/html"),
        ("<p>密&#19981;可说</p>", "text/html"),
        ("<p>密不\n  可说</p>", "text/html"),
        (f"<!-- {SECRET} -->", "text/html"),
        (f"<title>{SECRET}</title>", "application/atom+xml"),
        (f"\ufeffa,b\r\n1,{SECRET}\r\n", "text/csv"),
    ],
)
def test_in_texts_however_they_are_written(content: str, media_type: str) -> None:
    assert finds(content.encode(), media_type)


@pytest.mark.parametrize("written", ["139-2645-0871", "139 2645 0871", "１３９２６４５０８７１"])
def test_numbers_however_they_are_grouped(written: str) -> None:
    assert finds(f"电话{written}".encode(), "text/plain", NUMBER)
    assert not finds(b"139****0871", "text/plain", NUMBER)
