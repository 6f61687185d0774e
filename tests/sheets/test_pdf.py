"""The PDF as its reader has it: text, tags, and how each page looks."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader
from pypdf.generic import ContentStream

from declarations.sheets.archival import _DATA_ONLY
from declarations.sheets.bind import bind
from declarations.sheets.pages import DRAFT
from declarations.sheets.pdf import (
    Printed,
    print_form,
    render_html_document,
    render_pdf,
)
from declarations.sheets.records import Records
from declarations.sheets.table import Table
from tests.sheets import panyu

TITLE = "番禺区残联2023年部门整体预算绩效目标申报表"
DARK = 128
RESOLUTION = 72


@pytest.fixture(scope="module")
def printed() -> Printed:
    """Panyu's form as published, printed."""
    return print_form(panyu.table(), title=TITLE)


@pytest.fixture(scope="module")
def draft() -> Printed:
    return print_form(panyu.table(), title=TITLE, mark=DRAFT)


@pytest.fixture
def images(tmp_path: Path) -> Callable[[bytes], list[Image.Image]]:
    """Renders each page of a PDF in grey, at one pixel for a point."""

    def render(pdf: bytes) -> list[Image.Image]:
        (tmp_path / "form.pdf").write_bytes(pdf)
        command = ["pdftoppm", "-gray", "-r", str(RESOLUTION), "form.pdf", "page"]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
        pages = []
        for path in sorted(tmp_path.glob("page-*.pgm")):
            with Image.open(path) as image:
                pages.append(image.convert("L"))
        return pages

    return render


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page without white space."""
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def missing_from(pdf: bytes, table: Table) -> list[str]:
    """The texts of the table that the PDF does not have as a whole."""
    text = "".join(pages_of(pdf))
    return [c.text for c in table.cells() if "".join(c.text.split()) not in text]


def frame(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the table, by its outermost upright rules."""
    mask = image.point(lambda grey: 255 if grey < DARK else 0)
    upright = [x for x in range(image.width) if longest_run(mask, x) > 40]
    assert upright, "no upright rule on the page"
    left, right = upright[0], upright[-1]
    column = [y for y in range(image.height) if mask.getpixel((left, y))]
    return left, column[0], right, column[-1]


def longest_run(mask: Image.Image, x: int) -> int:
    column = mask.crop((x, 0, x + 1, mask.height)).tobytes()
    return max(map(len, re.findall(b"\xff+", column)), default=0)


def assert_framed(image: Image.Image) -> None:
    """The table's four outer rules are drawn without a gap."""
    left, top, right, bottom = frame(image)
    dark = image.point(lambda grey: 255 if grey < 200 else 0)

    def near(x: int, y: int) -> bool:
        return any(dark.getpixel((x + dx, y + dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1))

    assert all(near(x, y) for x in (left, right) for y in range(top, bottom + 1))
    assert all(near(x, y) for y in (top, bottom) for x in range(left, right + 1))


# What is on the pages


def test_every_value_and_label_is_in_the_text(printed: Printed) -> None:
    assert missing_from(printed.pdf, panyu.table()) == []


def test_pages_are_numbered(printed: Printed) -> None:
    pages = pages_of(printed.pdf)
    assert len(pages) == printed.pages > 2
    for number, text in enumerate(pages, start=1):
        assert text.endswith(f"第{number}页共{len(pages)}页")


def test_spans_and_headings_are_printed_again_on_the_next_page(printed: Printed) -> None:
    first, second = pages_of(printed.pdf)[:2]
    assert "任务1：" in first
    assert "任务1：" not in second
    assert "任务" in second
    for text in (first, second):
        assert "年度重点工作任务" in text
        assert "名称主要实施内容拟投入的资金（万元）期望达到的目标（概述）" in text


def test_no_row_is_divided(printed: Printed) -> None:
    pages = pages_of(printed.pdf)
    for item in panyu.records().lists["tasks"]:
        row = f"{item.values['name']}{item.values['content']}"
        assert sum(row in page for page in pages) == 1


def test_it_is_laid_out_once(printed: Printed) -> None:
    assert printed.passes == 1
    assert print_form(panyu.table(indicators=100), title=TITLE).passes == 1


# How it looks


def test_the_table_is_framed_on_every_page(
    printed: Printed, images: Callable[[bytes], list[Image.Image]]
) -> None:
    frames = []
    for image in images(printed.pdf):
        assert_framed(image)
        frames.append(frame(image))
    assert len({(left, right) for left, _, right, _ in frames}) == 1


def test_margins_and_paper_are_the_workbooks(
    printed: Printed, images: Callable[[bytes], list[Image.Image]]
) -> None:
    page = PdfReader(BytesIO(printed.pdf)).pages[0]
    setup = panyu.FORM.page
    assert float(page.mediabox.width) == pytest.approx(setup.width * 72 / 25.4, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(setup.height * 72 / 25.4, abs=0.1)
    left, _, right, _ = frame(images(printed.pdf)[0])
    points = 72 / 25.4
    assert left == pytest.approx(setup.margins[3] * points, abs=1.5)
    assert right == pytest.approx((setup.width - setup.margins[1]) * points, abs=1.5)


def test_a_landscape_form_is_printed_across(
    images: Callable[[bytes], list[Image.Image]],
) -> None:
    setup = panyu.FORM.page
    turned = replace(panyu.FORM, page=replace(setup, width=setup.height, height=setup.width))
    table = bind(turned, panyu.records())
    result = print_form(table, title=TITLE)
    box = PdfReader(BytesIO(result.pdf)).pages[0].mediabox
    assert box.width > box.height
    assert missing_from(result.pdf, table) == []
    assert result.passes == 1
    for image in images(result.pdf):
        assert_framed(image)


def test_only_a_draft_has_the_watermark(
    printed: Printed, draft: Printed, images: Callable[[bytes], list[Image.Image]]
) -> None:
    assert all(DRAFT in page for page in pages_of(draft.pdf))
    assert not any(DRAFT in page for page in pages_of(printed.pdf))
    for final, marked in zip(images(printed.pdf), images(draft.pdf), strict=True):
        difference = ImageChops.difference(final, marked)
        left, top, right, bottom = difference.getbbox() or (0, 0, 0, 0)
        assert right - left > final.width / 3
        assert bottom - top > final.height / 5
        assert difference.getextrema()[1] < 40  # pale: what is dark stays dark


def test_the_watermark_is_never_read_out(draft: Printed) -> None:
    """It is drawn as an artifact, which assistive technology leaves out."""
    reader = PdfReader(BytesIO(draft.pdf))
    for page in reader.pages:
        content = page.get_contents()
        assert content is not None
        marks: list[str] = []
        drawn_in = []
        for operands, operator in ContentStream(content, reader).operations:
            if operator in (b"BMC", b"BDC"):
                marks.append(str(operands[0]))
            elif operator == b"EMC":
                marks.pop()
            elif operator == b"Do":
                drawn_in.append(list(marks))
        assert drawn_in
        assert all(inside == ["/Artifact"] for inside in drawn_in)


# For those who cannot see it


def test_it_says_what_it_is(printed: Printed) -> None:
    reader = PdfReader(BytesIO(printed.pdf))
    root = reader.trailer["/Root"].get_object()
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == TITLE
    assert reader.xmp_metadata is not None
    assert b"pdfuaid" in reader.xmp_metadata.stream.get_data()


def test_tables_and_headings_are_tagged(printed: Printed) -> None:
    reader = PdfReader(BytesIO(printed.pdf))
    root = reader.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"]
    tags: list[str] = []
    elements = [root["/StructTreeRoot"].get_object()]
    while elements:
        element = elements.pop()
        tags.append(str(element.get("/S", "")))
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if hasattr(kid.get_object(), "get"):
                elements.append(kid.get_object())
    assert tags.count("/Table") == printed.pages
    assert tags.count("/H1") == 1
    assert tags.count("/TH") > tags.count("/Table") * 4
    assert tags.count("/TD") > 50


# Much, little and odd content


def test_equal_content_is_equal_bytes(printed: Printed) -> None:
    assert render_pdf(panyu.table(), title=TITLE) == printed.pdf


def test_an_empty_declaration_is_printed() -> None:
    table = bind(panyu.FORM, Records())
    result = print_form(table, title=TITLE, mark=DRAFT)
    assert (result.pages, result.passes) == (1, 1)
    assert missing_from(result.pdf, table) == []


def test_a_row_taller_than_a_page_goes_on_over_pages(
    images: Callable[[bytes], list[Image.Image]],
) -> None:
    content = "".join(f"（{n}）{panyu.SENTENCES[n % len(panyu.SENTENCES)]}" for n in range(252))
    assert len(content) > 9_500
    result = print_form(panyu.table(content=content), title=TITLE)
    pages = pages_of(result.pdf)
    assert all("".join(pages).count(f"（{n}）") == 1 for n in range(252))
    assert sum("任务1：残疾人康复服务" in page for page in pages) > 10
    for image in images(result.pdf)[:4]:
        assert_framed(image)


def test_ten_thousand_characters_without_a_space_are_wrapped() -> None:
    word = "https://example.invalid/" + "abcdefghij" * 998
    table = panyu.table(content=word, indicators=0)
    result = print_form(table, title=TITLE)
    assert sum(page.count("abcdefghij") for page in pages_of(result.pdf)) > 900
    assert result.pages < 20


def test_five_hundred_rows_are_printed() -> None:
    result = print_form(panyu.table(tasks=1, indicators=500), title=TITLE)
    pages = pages_of(result.pdf)
    assert result.passes <= 2  # 62 rows of one kind: an estimate a line too high adds up
    assert sum(page.count("满意度达98%") for page in pages) == 62
    assert all("一级指标二级指标三级指标" in page for page in pages[1:-1])


def test_markup_and_control_characters_are_text() -> None:
    odd = '<img src="file:///etc/passwd">&amp;\x00\x0b\x1b\ud800{{year}}'
    table = panyu.table(content=odd)
    result = print_form(table, title='<b>"&')
    assert '<imgsrc="file:///etc/passwd">&amp;{{year}}' in "".join(pages_of(result.pdf))
    metadata = PdfReader(BytesIO(result.pdf)).metadata
    assert metadata is not None
    assert metadata.title == '<b>"&'


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1/", "https://127.0.0.1/", "ftp://127.0.0.1/"]
)
def test_nothing_is_fetched(url: str) -> None:
    with pytest.raises(ValueError, match="disallowed"):
        _DATA_ONLY.fetch(url)


@pytest.mark.parametrize("letter", ["Ŵ", "ı"], ids=["wider", "narrower"])
def test_a_wrong_estimate_is_noticed_and_planned_anew(letter: str) -> None:
    """These letters are not as wide as the estimate takes them to be."""
    filled = panyu.records(tasks=1, indicators=60)
    for row in filled.lists["indicators"]:
        row.values["level3"] = letter * 60
    result = print_form(bind(panyu.FORM, filled), title=TITLE)
    assert 1 < result.passes < 4
    assert result.html.count("<tbody") == result.pages


# On a screen


def test_the_html_document_stands_alone() -> None:
    table = panyu.table()
    html = render_html_document(table, title=TITLE, mark=DRAFT)
    assert html.startswith('<!DOCTYPE html><html lang="zh-CN">')
    assert f"<title>{TITLE}</title>" in html
    for outside in ("<script", "<link", "src=", "@import", "url(", "http"):
        assert outside not in html
    for entry in table.entries():
        assert escape(entry.text).replace("\n", "<br>") in html


def test_only_what_is_marked_says_so_on_the_screen() -> None:
    assert DRAFT in render_html_document(panyu.table(), title=TITLE, mark=DRAFT)
    assert DRAFT not in render_html_document(panyu.table(), title=TITLE)
