"""What is no workbook, or none to be trusted, is refused with what it is and what to do."""

import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from openpyxl import Workbook
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.incoming import UnreadableWorkbookError
from tests.incoming.filings import (
    CAIDIAN,
    caidian,
    caidian_records,
    edited,
    part,
    read,
    said,
    with_parts,
)
from tests.sheets.workbooks import saved

SHEET = "xl/worksheets/sheet1.xml"
RELS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def archive(parts: dict[str, bytes | str]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def refusal(workbook: bytes) -> str:
    with pytest.raises(UnreadableWorkbookError) as caught:
        read(CAIDIAN, workbook)
    return str(caught.value)


# What is no .xlsx


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (bytes(5000), "没有内容"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "图片"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "图片"),
        (OLE + utf16("Workbook"), "xls"),
        (OLE + utf16("EncryptedPackage"), "密码"),
        (OLE + utf16("WordDocument"), "Word"),
        (bytes.fromhex("0908100000060500"), "xls"),
        ("项目,金额\n康复,1\n".encode(), "csv"),
        ("项目,金额\n康复,1\n".encode("gb18030"), "csv"),
        ("项目,金额\n".encode("utf-16"), "csv"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML"),
        (b"Rar!\x1a\x07\x00", "压缩"),
        (b"\x01\x02\x03\x04\x05", "不是 Excel"),
    ],
)  # fmt: skip
def test_other_files_are_named_for_what_they_are(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<a/>"}, "Word"),
        ({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<a/>"}, "PPT"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}, "ods"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\x00"}, "xlsb"),
        ({"OFD.xml": "<a/>"}, "OFD"),
        ({"申报表.xlsx": b"PK"}, "解压"),
        ({"a.txt": "x"}, "没有 Excel 工作簿"),
    ],
)  # fmt: skip
def test_other_archives_are_named_for_what_they_are(
    parts: dict[str, bytes | str], words: str
) -> None:
    assert words in refusal(archive(parts))


def test_a_file_that_is_too_large_is_not_looked_into() -> None:
    assert "10 MB" in refusal(b"PK\x03\x04" + bytes(11 * 2**20))


@pytest.mark.parametrize("length", [30, 200, 3000, -1, -30])
def test_a_file_cut_short_is_damaged(length: int) -> None:
    assert "损坏" in refusal(caidian()[:length])


def test_a_part_with_a_wrong_checksum_is_damaged() -> None:
    content = bytearray(caidian())
    start = content.find(b"xl/worksheets/sheet1.xml") + 60
    content[start : start + 8] = bytes(8)
    assert "损坏" in refusal(bytes(content))


# What is dangerous


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"xl/vbaProject.bin": b"x"}, "宏"),
        ({"xl/macrosheets/sheet1.xml": "<a/>"}, "宏"),
        ({"xl/externalLinks/externalLink1.xml": "<externalLink/>"}, "断开链接"),
        ({"xl/connections.xml": "<connections/>"}, "数据连接"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "嵌有"),
        ({"xl/activeX/activeX1.xml": "<a/>"}, "嵌有"),
        ({"XL\\VBAPROJECT.BIN": b"x"}, "宏"),
        (
            {"xl/drawings/_rels/drawing1.xml.rels": '<Relationships><Relationship Id="r1" '
             'Type="http://x/image" Target="http://127.0.0.1/a.png" TargetMode="External"/></Relationships>'},
            "外部",
        ),
    ],
)  # fmt: skip
def test_macros_links_and_embedded_files_are_refused(
    parts: dict[str, bytes | str | None], words: str
) -> None:
    assert words in refusal(with_parts(caidian(), parts))


def test_a_macro_workbook_is_known_by_its_type_too() -> None:
    types = part(caidian(), TYPES).replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert "宏" in refusal(with_parts(caidian(), {TYPES: types}))


def test_links_that_one_clicks_are_harmless() -> None:
    workbook = edited(caidian(), lambda s: setattr(s["B13"], "hyperlink", "http://127.0.0.1/"))
    assert said(read(CAIDIAN, workbook).records) == said(caidian_records())


BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    "name", [SHEET, "xl/workbook.xml", "xl/styles.xml", "docProps/app.xml", RELS, TYPES]
)
def test_entities_are_refused_in_every_part(name: str) -> None:
    head, _, rest = part(caidian(), name).partition("?>")
    content = f"{head}?>{BOMB}{rest}" if rest else BOMB + head
    assert "DOCTYPE" in refusal(with_parts(caidian(), {name: content}))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-7"])
def test_other_encodings_are_refused(encoding: str) -> None:
    text = part(caidian(), SHEET).partition("?>")[2] or part(caidian(), SHEET)
    content = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert "编码" in refusal(with_parts(caidian(), {SHEET: content}))


# The archive


def entries(*names: str) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(caidian())) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        for name in names:
            target.writestr(name, b"<a/>")
    return out.getvalue()


@pytest.mark.parametrize(
    "name", ["../evil.xml", "xl/../../evil.xml", "C:/evil.xml", "XL/WORKBOOK.XML"]
)
def test_odd_and_double_names_are_refused(name: str) -> None:
    assert "损坏" in refusal(entries(name))


def test_symbolic_links_are_refused() -> None:
    out = BytesIO(caidian())
    with ZipFile(out, "a") as target:
        info = ZipInfo("xl/link.xml")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        target.writestr(info, "/etc/passwd")
    assert "损坏" in refusal(out.getvalue())


def test_overlapping_entries_are_refused() -> None:
    content = bytearray(caidian())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert "损坏" in refusal(bytes(content))


def test_thousands_of_entries_are_refused() -> None:
    assert "过多" in refusal(entries(*(f"x{i}.xml" for i in range(2500))))


def test_backslashes_in_names_are_let_be() -> None:
    """As some programs on Windows write them."""
    out = BytesIO()
    with ZipFile(BytesIO(caidian())) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = ZipInfo("x")
            info.filename = name.replace("/", "\\")
            target.writestr(info, source.read(name))
    assert said(read(CAIDIAN, out.getvalue()).records) == said(caidian_records())


# Bounds


def long_sheet(body: str, times: int, *, after: str = "") -> bytes:
    """Caidian's workbook with something many times at the end of its rows."""
    head, _, rest = part(caidian(), SHEET).partition("</sheetData>")
    return with_parts(caidian(), {SHEET: head + body * times + f"</sheetData>{after}" + rest})


def timed(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


def test_a_million_formatted_rows_take_little_longer_than_none() -> None:
    rows = "".join(
        f'<row r="{n}" spans="1:8" ht="15"><c r="A{n}" s="3"/><c r="B{n}" s="3"/><c r="C{n}" s="3"></c></row>'
        for n in range(1000, 1_000_000)
    )
    workbook = long_sheet(rows, 1)
    assert timed(lambda: read(CAIDIAN, workbook)) < 5
    assert said(read(CAIDIAN, workbook).records) == said(caidian_records())


def test_a_stray_cell_far_below_is_named_and_left_out() -> None:
    workbook = edited(caidian(), lambda s: s.cell(1_000_000, 16_000, "x"))
    incoming = read(CAIDIAN, workbook)
    assert said(incoming.records) == said(caidian_records())
    assert any(w.cell == "WQJ1000000" for w in incoming.warnings)


def with_merged(*places: str) -> bytes:
    head, _, rest = part(caidian(), SHEET).partition("<mergeCells")
    merged = "".join(f'<mergeCell ref="{p}"/>' for p in places)
    return with_parts(
        caidian(), {SHEET: f"{head}<mergeCells>{merged}</mergeCells><mergeCells{rest}"}
    )


@pytest.mark.parametrize("places", ["A1:XFD1048576", "A60:XFD1048576", "J1:J1048576"])
def test_merged_ranges_of_millions_of_cells_are_refused(places: str) -> None:
    assert "合并" in refusal(with_merged(places))


@pytest.mark.parametrize(
    "places", [("A1:A2", "A2:A3", "A1:H90"), ("H7:H400", "A1:B2"), ("A40:XFD70",)]
)
def test_merged_ranges_that_overlap_or_reach_beyond_lose_nothing_outside(
    places: tuple[str, ...],
) -> None:
    found = read(CAIDIAN, with_merged(*places))
    assert found.records.lists["goals"][0].lists["indicators"][0].values["level1"] == "产出指标"


@pytest.mark.parametrize(
    "build",
    [
        lambda: archive({"[Content_Types].xml": "<a/>", "xl/workbook.xml": b"<a>" + b" " * (400 * 2**20)}),
        lambda: long_sheet("<row><c><v>1</v></c></row>", 500_000),
        lambda: long_sheet("<row>", 100_000),
        lambda: long_sheet("<!-- " + "x" * 10_000_000, 2),
        lambda: long_sheet('<row r="1" x="' + "y>" * 5_000_000, 1),
        lambda: shared_texts("<si><t>x</t></si>" * 600_000, ""),
        lambda: long_sheet("<x/>", 2_000_000),
        lambda: long_sheet('<row r="9"><c r="I9"><v>1</v></c></row>', 200_000),
        lambda: long_sheet('<row><c t="inlineStr"><is><t>' + "长" * 30_000 + "</t></is></c></row>", 1000),
    ],
)  # fmt: skip
def test_what_would_take_too_much_is_given_up_early(build: Callable[[], bytes]) -> None:
    workbook = build()
    started = time.process_time()
    assert "过多" in refusal(workbook) or "损坏" in refusal(workbook)
    assert time.process_time() - started < 10


def test_a_shared_text_that_is_used_many_times_counts_each_time() -> None:
    text = "<si><t>" + "长" * 30_000 + "</t></si>"
    assert "过多" in refusal(shared_texts(text, '<row><c t="s"><v>0</v></c></row>' * 20_000))


def shared_texts(texts: str, rows: str) -> bytes:
    """Caidian's workbook with shared texts, and rows that use them."""
    head, _, rest = part(caidian(), SHEET).partition("</sheetData>")
    relations = part(caidian(), RELS).replace(
        "</Relationships>",
        '<Relationship Id="s1" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    return with_parts(
        caidian(),
        {
            SHEET: head + rows + "</sheetData>" + rest,
            RELS: relations,
            "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
        },
    )


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (700 * 2**20, 700 * 2**20))
from declarations.sheets.incoming import UnreadableWorkbookError, read_incoming
from declarations.sheets.parse import parse_form
form = parse_form(open(sys.argv[1], "rb").read())
try:
    read_incoming(form, open(sys.argv[2], "rb").read(), {})
except UnreadableWorkbookError as refused:
    print("refused", str(refused)[:8].encode())
else:
    print("read")
"""


@pytest.mark.parametrize("kind", ["bomb", "rows"])
def test_memory_is_bounded(kind: str, tmp_path: Path) -> None:
    form = Path(__file__).parents[2] / "declarations" / "forms" / "caidian-target.xlsx"
    bomb = tmp_path / "bomb.xlsx"
    row = '<row><c s="1"/><c s="1"/></row>' if kind == "rows" else "<row><c><v>1</v></c></row>"
    bomb.write_bytes(long_sheet(row, 6_000_000))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(form), str(bomb)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.stdout.split()[:1] == (["read"] if kind == "rows" else ["refused"]), done.stderr


# What other programs write


@pytest.mark.parametrize(
    "styles",
    [
        "<styleSheet><fills><fill/></fills></styleSheet>",
        "<styleSheet><cellXfs><xf/></cellXfs></styleSheet>",
    ],
)
def test_styles_that_are_not_to_the_letter_lose_no_content(styles: str) -> None:
    workbook = with_parts(caidian(), {"xl/styles.xml": styles})
    found = read(CAIDIAN, workbook)
    assert found.problems == []
    assert said(found.records) == said(caidian_records())


@pytest.mark.parametrize("styles", ["<styleSheet><cellXfs>", "", None])
def test_damaged_or_missing_styles_lose_no_content(styles: str | None) -> None:
    workbook = with_parts(caidian(), {"xl/styles.xml": styles})
    assert said(read(CAIDIAN, workbook).records) == said(caidian_records())


def test_a_wrong_dimension_hides_nothing() -> None:
    """WPS writes it so."""
    sheet = part(caidian(), SHEET)
    start, end = sheet.index("<dimension"), sheet.index("/>", sheet.index("<dimension")) + 2
    workbook = with_parts(caidian(), {SHEET: sheet[:start] + '<dimension ref="A1"/>' + sheet[end:]})
    assert said(read(CAIDIAN, workbook).records) == said(caidian_records())


def test_prefixed_names_and_missing_coordinates_are_read() -> None:
    """As .NET libraries write them."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    plain = saved(book)
    rows = "".join(
        f"<x:row>{''.join(_inline(v) for v in row)}</x:row>"
        for row in (["任务", "金额（元）", "指标", "目标值"], ["康复", "5", "甲", "1"])
    )
    ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = f'<x:worksheet xmlns:x="{ns}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    from declarations.sheets.parse import parse_form
    from tests.small_forms import NESTED

    records = read(parse_form(NESTED), with_parts(plain, {SHEET: content}), {}).records
    assert records.lists["tasks"][0].values["name"] == "康复"


def _inline(text: str) -> str:
    return f'<x:c t="inlineStr"><x:is><x:t>{text}</x:t></x:is></x:c>'


def test_formatted_blanks_around_the_form_are_nothing() -> None:
    def frame(sheet: Worksheet) -> None:
        for row in range(1, 300):
            for column in range(1, 40):
                if (
                    sheet.cell(row, column).value is None
                    and "Merged" not in type(sheet.cell(row, column)).__name__
                ):
                    sheet.cell(row, column).border = Border(top=Side("thin"))

    found = read(CAIDIAN, edited(caidian(), frame))
    assert said(found.records) == said(caidian_records())
    assert found.warnings == []
