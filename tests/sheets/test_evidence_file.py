"""What a file is, told from its content, whatever it is called."""

import struct
import zlib

import pytest

from declarations.sheets import evidence_file
from declarations.sheets.evidence_file import (
    DOCX,
    JPEG,
    OFD,
    PDF,
    PNG,
    XLSX,
    FileType,
    UnfitFileError,
    type_of,
    with_ending,
)
from declarations.sheets.incoming import archive
from tests.evidence import docx, ofd, pdf, picture, with_parts, xlsx, zipped

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
TYPES = "[Content_Types].xml"


def refusal(content: bytes) -> str:
    with pytest.raises(UnfitFileError) as refused:
        type_of(content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (pdf(), PDF),
        (b"\xef\xbb\xbf\n" + pdf(), PDF),  # every offset in it is wrong; readers mend that
        (pdf() + bytes(500), PDF),
        (picture("PNG"), PNG),
        (picture("JPEG"), JPEG),
        (picture("JPEG", (3, 2)), JPEG),
        (docx(), DOCX),
        (xlsx(), XLSX),
        (ofd(), OFD),
    ],
)
def test_what_is_taken_is_known_by_its_content(content: bytes, type_: FileType) -> None:
    assert type_of(content) == type_


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (bytes(1000), "空的"),
        (b"<html><script>alert(1)</script></html>", "只接收 PDF、OFD"),
        (b"plain text", "只接收"),
        (b"MZ\x90\x00", "只接收"),
        (b"GIF89a", "JPEG 或 PNG"),
        (b"Rar!\x1a\x07", "解压"),
        (zipped({"a.pdf": pdf()}), "解压"),
        (zipped({"content.xml": b"<a/>", "mimetype": b"x"}), "另存为"),
        (OLE, "旧格式"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"%PDF-1.4\n<script>", "已损坏"),
        (pdf()[:-40], "已损坏"),
        (b"%PDF-1.4\nnothing\nstartxref\n9\n%%EOF", "已损坏"),
        (b"%PDF-1.4\nnothing\nstartxref\n9999999\n%%EOF", "已损坏"),
        (picture("PNG")[:-100], "已损坏"),
        (picture("JPEG", (400, 300))[:4000], "已损坏"),
        (b"\x89PNG\r\n\x1a\n<script>", "已损坏"),
        (docx()[:-200], "已损坏"),
        (ofd(**{"Doc_0/Document.xml": b""})[:60], "已损坏"),
        (ofd(**{"OFD.xml": b"<html/>"}), "已损坏"),
        (ofd(**{"OFD.xml": b"<OFD><DocRoot>Doc_1/Document.xml</DocRoot></OFD>"}), "已损坏"),
        (ofd(**{"OFD.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><OFD/>"}), "已损坏"),
        (zipped({TYPES: b"<Types/>", "ppt/presentation.xml": b"<a/>"}), "PDF"),
    ],
)
def test_all_else_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_a_changed_byte_in_a_part_is_noticed() -> None:
    package = bytearray(docx("说明" * 500))
    package[package.index(b"word/document.xml") + 60] ^= 0xFF
    assert "已损坏" in refusal(bytes(package))


@pytest.mark.parametrize("package", [docx(), xlsx()])
@pytest.mark.parametrize(
    ("part", "content", "said"),
    [
        ("word/vbaProject.bin", b"x", "宏"),
        ("xl/macrosheets/sheet1.xml", b"<a/>", "宏"),
        ("word/activeX/activeX1.xml", b"<a/>", "宏"),
        ("word/embeddings/oleObject1.bin", b"x", "嵌有"),
        (
            "word/_rels/settings.xml.rels",
            (
                b'<Relationships><Relationship Type="http://x/attachedTemplate" '
                b'Target="http://evil.example/a.dotm" TargetMode="External"/></Relationships>'
            ),
            "外部",
        ),
    ],
)
def test_what_runs_or_fetches_is_refused(
    package: bytes, part: str, content: bytes, said: str
) -> None:
    assert said in refusal(with_parts(package, {part: content}))


def test_macros_are_told_from_the_type_too() -> None:
    types = (
        b'<Types><Override PartName="/word/document.xml" ContentType='
        b'"application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    )
    assert "宏" in refusal(with_parts(docx(), {TYPES: types}))


def test_links_to_click_and_embedded_tables_are_let_be() -> None:
    link = (
        b'<Relationships><Relationship Type="http://x/hyperlink" '
        b'Target="https://gov.example/" TargetMode="External"/></Relationships>'
    )
    parts = {"word/_rels/footer.xml.rels": link, "word/embeddings/table.xlsx": xlsx()}
    assert type_of(with_parts(docx(), parts)) == DOCX


def test_a_password_is_said_of_zip_archives() -> None:
    package = bytearray(docx())
    at = package.index(b"PK\x01\x02")
    package[at + 8] |= 1
    assert "密码" in refusal(bytes(package))


def test_what_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = with_parts(docx(), {"word/media/image1.png": bytes(3_000_000)})
    monkeypatch.setattr(archive.Archive, "of_any", _with_little_room)
    assert "内容过多" in refusal(bomb)


def _with_little_room(content: bytes, most_entries: int) -> archive.Archive:
    found = archive.Archive.__new__(archive.Archive)
    found.file = archive.ZipFile(archive.BytesIO(content))
    found.entries = {i.filename.lower(): i for i in found.file.infolist()}
    found._left = 1_000_000
    return found


def test_too_many_entries_are_not_even_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_file, "MOST_ENTRIES", 5)
    assert "内容过多" in refusal(docx())


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_pictures_are_bounded_by_what_their_header_says(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header
    chunk += struct.pack(">I", zlib.crc32(b"IHDR" + header))
    assert "万像素" in refusal(b"\x89PNG\r\n\x1a\n" + chunk + picture("PNG")[33:])


def test_a_name_says_what_the_file_is() -> None:
    assert with_ending("报告.PDF", PDF) == "报告.PDF"
    assert with_ending("照片.jpeg", JPEG) == "照片.jpeg"
    assert with_ending("扫描件.pdf", JPEG) == "扫描件.pdf.jpg"
    assert with_ending("页面.html", PDF) == "页面.html.pdf"
