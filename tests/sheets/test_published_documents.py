"""Files of what is published: archival, accessible, signed with a code, the same everywhere."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta, timezone
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import segno
from docx import Document
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from declarations.sheets.archival import lay_out, write_archival
from declarations.sheets.colophon import HEIGHT
from declarations.sheets.imprint import Imprint, code_in
from declarations.sheets.pages import DRAFT
from declarations.sheets.pdf import print_form, render_pdf
from tests.contract.forms import FORMS
from tests.sheets import panyu
from tests.sheets.making import CODE, IMPRINT, TITLE, files_of

NAMES = sorted(FORMS)
ROOT = Path(__file__).parents[2]
SHOWN = "7Q2M-0FZK-93XB"
DATE = "2024年3月4日"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


made = cache(files_of)


def pdf_of(name: str) -> bytes:
    return made(name)["pdf"]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(name: str) -> PdfReader:
    return PdfReader(BytesIO(pdf_of(name)))


def texts(reader: PdfReader) -> list[str]:
    return ["".join(page.extract_text().split()) for page in reader.pages]


# The same everywhere


def made_elsewhere(folder: Path, *arguments: str, **environment: str) -> dict[str, str]:
    """The hashes of all files as another process makes them, with nothing of our surroundings."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.sheets.making", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def test_the_same_content_is_the_same_file_wherever_it_is_made(tmp_path: Path) -> None:
    """Another hash seed, folder, time zone, locale and home, another day there, later, and after
    other documents."""
    one = made_elsewhere(ROOT, PYTHONHASHSEED="1", TZ="Asia/Shanghai", LC_ALL="C.UTF-8")
    other = made_elsewhere(
        tmp_path,
        "backwards",
        PYTHONHASHSEED="4711",
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        LANG="zh_CN.GB18030",
        HOME=os.environ.get("HOME", str(tmp_path)),
    )
    assert len(one) > 2 * len(NAMES)
    assert one == other


# Archival and accessible


def test_it_claims_to_be_both_archival_and_accessible(reader: PdfReader) -> None:
    metadata = reader.trailer["/Root"]["/Metadata"].get_object()
    assert "/Filter" not in metadata
    claims = ET.fromstring(metadata.get_data())  # noqa: S314  (our own)
    attributes = {k: v for element in claims.iter() for k, v in element.attrib.items()}
    assert attributes["{http://www.aiim.org/pdfa/ns/id/}part"] == "2"
    assert attributes["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
    assert attributes["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    schema = claims.find(".//{http://www.aiim.org/pdfa/ns/extension/}schemas")
    assert schema is not None, "a property that PDF/A does not know must be described"
    described = "".join(schema.itertext())
    assert "http://www.aiim.org/pdfua/ns/id/" in described
    assert len(list(claims.iter(f"{RDF}RDF"))) == 1


def test_metadata_say_the_same_in_both_places(reader: PdfReader) -> None:
    information, metadata = reader.metadata, reader.xmp_metadata
    assert information is not None
    assert metadata is not None
    assert information.title == metadata.dc_title["x-default"] == TITLE
    assert information.subject == metadata.dc_description["x-default"] == IMPRINT.line
    assert information.keywords == metadata.pdf_keywords == SHOWN
    assert information.creation_date is not None
    assert information.creation_date.isoformat() == "2024-03-04T23:59:58+00:00"
    assert information["/ModDate"] == information["/CreationDate"] == "D:20240304235958Z"
    assert metadata.xmp_create_date == metadata.xmp_modify_date


def test_colours_and_fonts_come_with_it(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    (intent,) = root["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    profile = intent["/DestOutputProfile"].get_object()
    assert profile["/N"] == 3
    assert profile.get_data()[36:40] == b"acsp"
    fonts = {
        font.get_object()["/BaseFont"]: font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    for font in fonts.values():
        assert "/ToUnicode" in font, "level a: every character can be read out"
        (descendant,) = font["/DescendantFonts"]
        descriptor = descendant.get_object()["/FontDescriptor"].get_object()
        assert descriptor.keys() & {"/FontFile2", "/FontFile3"}


def test_nothing_in_it_acts_or_comes_from_outside(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    assert not root.keys() & {"/AA", "/OpenAction", "/AcroForm", "/Collection"}
    assert "/Encrypt" not in reader.trailer
    assert len(reader.trailer["/ID"]) == 2
    names = root.get("/Names", {})
    assert not names.keys() & {"/JavaScript", "/EmbeddedFiles"}
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            found = annotation.get_object()
            assert found["/Subtype"] == "/Link"
            assert found["/A"]["/S"] == "/URI"
            assert found["/F"] == 4, "PDF/A: it is printed"
            assert found["/Contents"], "PDF/UA: it has words"


def elements(reader: PdfReader) -> list[Any]:
    """All structure elements, parents first."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"].get_object()]
    while waiting:
        element = waiting.pop()
        if not hasattr(element, "get"):
            continue
        found.append(element)
        kids = element.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        waiting += [kid.get_object() for kid in reversed(kids)]
    return found


def test_it_has_a_language_a_title_headings_and_tables(name: str, reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert all(page["/Tabs"] == "/S" for page in reader.pages)
    tags = [str(e.get("/S", "")) for e in elements(reader)]
    headings = [int(tag[2:]) for tag in tags if tag[:2] == "/H" and tag[2:].isdigit()]
    assert not FORMS[name].head_rows or headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings)), headings
    if FORMS[name].report:
        assert "/Table" not in tags
    else:
        assert tags.count("/Table") == len(reader.pages) or tags.count("/Table") > 0
        assert "/TH" in tags


def test_all_that_is_drawn_is_content_or_ornament(reader: PdfReader) -> None:
    """PDF/UA: every mark on a page is tagged, or is said to be an artifact."""
    drawing = {b"Tj", b"TJ", b"'", b'"', b"f", b"f*", b"S", b"B", b"Do", b"sh", b"BI"}
    for page in reader.pages:
        content = page.get_contents()
        assert content is not None
        depth = 0
        for operands, operator in ContentStream(content, reader).operations:
            if operator in (b"BMC", b"BDC"):
                depth += 1
            elif operator == b"EMC":
                depth -= 1
            elif operator in drawing:
                assert depth, (operands, operator)
        assert depth == 0


def test_a_draft_is_archival_too() -> None:
    reader = PdfReader(BytesIO(render_pdf(panyu.table(), title=TITLE, mark=DRAFT)))
    assert b'pdfaid:part="2"' in reader.trailer["/Root"]["/Metadata"].get_data()
    assert "/CreationDate" not in (reader.metadata or {})


def test_writing_leaves_no_file_open() -> None:
    """Warnings are errors in these tests: WeasyPrint's own output intent stays open."""
    html = '<html lang="zh-CN"><title>题</title><p>字</p>'
    assert write_archival(lay_out(html)).startswith(b"%PDF-1.7")


# The code, the QR code and the date


def test_the_last_page_says_how_to_verify_it(reader: PdfReader) -> None:
    *others, last = texts(reader)
    for words in (f"公开日期：{DATE}", f"核验码：{SHOWN}", IMPRINT.url):
        assert words in last
        assert not any(words in text for text in others)


def test_the_qr_code_is_tagged_with_words(reader: PdfReader) -> None:
    figures = [e for e in elements(reader) if e.get("/S") == "/Figure"]
    assert [str(f["/Alt"]) for f in figures] == [f"核验用二维码：{IMPRINT.url}"]
    links = [e for e in elements(reader) if e.get("/S") == "/Link"]
    assert len(links) == 1


def test_the_qr_code_can_be_read(name: str, tmp_path: Path) -> None:
    """Every module stands in print as the standard has it, at 300 dots per inch."""
    dots = 300 / 25.4
    image = last_page(name, tmp_path, resolution=300).convert("L")
    matrix = segno.make_qr(IMPRINT.url, error="m", boost_error=False).matrix
    module = (HEIGHT - 4) * dots / len(matrix)
    assert module / dots > 0.4, "mm; telephones need as much"
    left = FORMS[name].page.margins[3] * dots

    def stands_at(top: int) -> bool:
        return all(
            (
                image.getpixel((round(left + (x + 0.5) * module), round(top + (y + 0.5) * module)))
                < 128
            )
            == bool(dark)
            for y, row in enumerate(matrix)
            for x, dark in enumerate(row)
        )

    tops = range(image.height - round(len(matrix) * module))
    assert any(stands_at(top) for top in tops)


def last_page(name: str, folder: Path, resolution: int) -> Image.Image:
    (folder / "form.pdf").write_bytes(pdf_of(name))
    command = ["pdftoppm", "-gray", "-r", str(resolution), "form.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    image = Image.open(max(folder.glob("page-*.pgm")))
    image.load()
    return image


def test_it_stands_below_the_form_and_above_the_number_of_the_page(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "form.pdf").write_bytes(pdf_of(name))
    command = ["pdftotext", "-bbox", "form.pdf", "-"]
    answer = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    pages = ET.fromstring(answer.stdout)  # noqa: S314  (of our own file)
    page = pages.findall(".//{*}page")[-1]
    words = [(w.text or "", float(w.attrib["yMin"]), float(w.attrib["yMax"])) for w in page]
    marks = ("公开日期", "核验码", SHOWN, "扫描二维码", "https://")
    own = [word for word in words if word[0].startswith(marks)]
    assert len(own) == len(marks)
    top, bottom = min(y for _, y, _ in own), max(y for _, _, y in own)
    others = [word for word in words if word not in own]
    below = "".join(text for text, y, _ in others if y >= bottom)
    assert all(y <= top for _, start, y in others if start < bottom)
    assert re.fullmatch(r"第\d+页共\d+页", below)
    setup = FORMS[name].page
    assert bottom <= (setup.height - setup.margins[2]) * 72 / 25.4


@pytest.mark.parametrize("indicators", range(8, 24, 3))
def test_it_is_never_alone_on_a_page_nor_lays_out_again(indicators: int) -> None:
    result = print_form(panyu.table(indicators=indicators), title=TITLE, imprint=IMPRINT)
    assert result.passes == 1
    last = texts(PdfReader(BytesIO(result.pdf)))[-1]
    assert "填报单位（盖章）" in last
    assert "绩效指标" in last.partition("填报单位（盖章）")[0]


def test_what_is_not_published_says_nothing_of_it() -> None:
    reader = PdfReader(BytesIO(render_pdf(panyu.table(), title=TITLE)))
    assert "核验码" not in "".join(texts(reader))
    assert reader.metadata is not None
    assert reader.metadata.subject is None


def test_office_files_say_it_in_properties_and_at_the_foot_of_pages(name: str) -> None:
    files = made(name)
    workbook = load_workbook(BytesIO(files["xlsx"]))
    assert workbook.properties.identifier == SHOWN
    assert workbook.properties.description == IMPRINT.line
    sheet = workbook.active
    assert sheet is not None
    assert sheet.oddFooter.left.text == f"公开日期：{DATE}\n核验码：{SHOWN}"
    assert not any("核验码" in str(c.value) for row in sheet.iter_rows() for c in row if c.value)
    if "docx" in files:
        document = Document(BytesIO(files["docx"]))
        assert document.core_properties.identifier == SHOWN
        assert document.core_properties.comments == IMPRINT.line
        foot = [p.text for p in document.sections[0].footer.paragraphs]
        assert foot[-1] == f"公开日期：{DATE}　核验码：{SHOWN}"


def test_the_code_is_found_in_every_file_that_says_it(name: str) -> None:
    for format_, content in made(name).items():
        assert code_in(content) == CODE, format_
        changed = content[:200] + bytes([content[200] ^ 1]) + content[201:]
        assert code_in(changed) in {CODE, None}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x03\x04" + b"\x00" * 100,
        b"%PDF-1.7",
        "核验码：没有".encode(),
        "核验码：ILOU-ILOU-UUUU".encode(),
        b"PK" + b"PK\x01\x02" * 5_000,
    ],
    ids=range(7),
)
def test_other_files_have_no_code(content: bytes) -> None:
    assert code_in(content) is None


def test_an_archive_that_expands_without_end_is_not_unpacked() -> None:
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as made:
        made.writestr("docProps/core.xml", b" " * 2**26 + IMPRINT.line.encode())
    assert code_in(archive.getvalue()) is None


def test_dates_are_the_same_in_every_time_zone() -> None:
    east = IMPRINT.published_at.astimezone(timezone(timedelta(hours=14)))
    assert Imprint(CODE, IMPRINT.url, east).at_utc == IMPRINT.at_utc == "2024-03-04T23:59:58Z"
    assert Imprint(CODE, IMPRINT.url, east).date == "2024年3月5日"
