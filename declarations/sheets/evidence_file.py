"""Files that prove what is claimed: what a file is, told from its content and not its name.

Only what can be opened on any desk and cannot run anything: PDF, JPEG, PNG, DOCX, XLSX, OFD.
"""

import posixpath
import re
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from declarations.sheets.incoming.archive import ZIP_START, Archive, EncryptedError, TooLargeError
from declarations.sheets.incoming.markup import Attributes, read_markup
from declarations.sheets.incoming.report import UnreadableWorkbookError

MOST_PIXELS = 80_000_000
"""A3 scanned at 600 dpi has 70 million."""
MOST_ENTRIES = 20_000
"""Of a zip archive: an OFD file has some for each page."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken. endings: the usual one first."""

    label: str
    media_type: str
    endings: tuple[str, ...]


PDF = FileType("PDF", "application/pdf", (".pdf",))
JPEG = FileType("JPEG 图片", "image/jpeg", (".jpg", ".jpeg"))
PNG = FileType("PNG 图片", "image/png", (".png",))
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileType("Word 文档", f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX = FileType("Excel 工作簿", f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
OFD = FileType("OFD 版式文件", "application/ofd", (".ofd",))
TYPES = (PDF, OFD, DOCX, XLSX, JPEG, PNG)
SHOWN = frozenset(type_.media_type for type_ in (PDF, JPEG, PNG))
"""What browsers show by themselves; all else is saved."""
ACCEPTED = "PDF、OFD、Word（.docx）、Excel（.xlsx）、JPEG 或 PNG 图片"

_AS_PDF = "请打开后另存为（或导出为）PDF 再上传"
_DAMAGED = "文件已损坏或没有传完整，打不开。请检查后重新上传"
_LOCKED = "文件设有密码。请取消密码并保存后再上传"
_MACROS = f"文件含有宏或控件，系统不接收。{_AS_PDF}"
_EMBEDDED = (
    f"文件中嵌有其他程序的对象，系统不接收。请删除这些对象，或者{_AS_PDF.removeprefix('请')}"
)
_OUTSIDE = f"文件引用了外部的模板、图片或对象，离开您的电脑就看不到。{_AS_PDF}"
_PIXELS = f"图片超过 {MOST_PIXELS // 10_000} 万像素。请降低分辨率后再上传"
_ARCHIVED = "这是压缩文件。请解压后逐个上传"
_PICTURE = "这种格式的图片系统不接收。请另存为 JPEG 或 PNG 再上传"
_OTHER = f"这种格式的文件系统不接收，只接收 {ACCEPTED}。{_AS_PDF}"

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_STARTS = (
    (b"Rar!", _ARCHIVED),
    (b"7z\xbc\xaf", _ARCHIVED),
    (b"\x1f\x8b", _ARCHIVED),
    (b"GIF8", _PICTURE),
    (b"BM", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"RIFF", _PICTURE),
)
_BEFORE_PDF = b"\xef\xbb\xbf\r\n\t \x00"
_PDF_TAIL = 2048
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_JPEG_SCAN, _JPEG_END = b"\xda", b"\xff\xd9"
_MAIN_PARTS = {
    f"{_OFFICE}wordprocessingml.document.main+xml": DOCX,
    f"{_OFFICE}spreadsheetml.sheet.main+xml": XLSX,
}
_RUNS = ("vbaproject", "vbadata", "/macrosheets/", "/dialogsheets/", "/activex/")
_RUNNING_TYPES = ("macroenabled", "vbaproject", "activex")
_EMBEDDABLE = (".xlsx", ".docx", ".pptx")
_REFERRED_TO = ("hyperlink", "externalLinkPath")
"""What may be outside: both are asked about before anything is fetched."""
_OFD_ROOT = "ofd.xml"
_OPEN_DOCUMENT = "content.xml"


class UnfitFileError(Exception):
    """The file is none that is taken; the message says why and what to do."""


def type_of(content: bytes) -> FileType:
    """What the file is. Raises UnfitFileError for all that is not taken.

    It is really opened: what is cut short or damaged is refused, and so is what can run, needs
    a password, or grows beyond measure.
    """
    if not content.strip(b"\x00"):
        raise UnfitFileError("文件是空的，请检查后重新上传")
    if content.lstrip(_BEFORE_PDF).startswith(b"%PDF-"):
        return _checked_pdf(content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _checked_picture(content)
    if content.startswith(ZIP_START):
        return _checked_package(content)
    if content.startswith(_OLE):
        raise UnfitFileError(_why_not_compound(content))
    for start, message in _STARTS:
        if content.startswith(start):
            raise UnfitFileError(message)
    raise UnfitFileError(_OTHER)


def with_ending(name: str, type_: FileType) -> str:
    """The name with an ending that says what the file is, so that it opens on any desk."""
    return name if name.lower().endswith(type_.endings) else f"{name}{type_.endings[0]}"


def _checked_pdf(content: bytes) -> FileType:
    """From the header to the end, where it says at which byte its table of objects begins.

    Readers mend a wrong number there, so what counts is that there is a table at all.
    """
    ends = _STARTXREF.findall(content[-_PDF_TAIL:])
    if not ends:
        raise UnfitFileError(_DAMAGED)
    at = int(ends[-1])
    if not _XREF.match(content, at) and not (b"trailer" in content or b"/XRef" in content):
        raise UnfitFileError(_DAMAGED)
    return PDF


def _checked_picture(content: bytes) -> FileType:
    try:
        picture = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
        if picture.width * picture.height > MOST_PIXELS:
            raise UnfitFileError(_PIXELS)
        if picture.format == "PNG":
            picture.verify()  # the checksums of all its parts
            return PNG
        _require_end(content)
        # All of it is read, at an eighth of its size: a JPEG has no checksums.
        picture.draft("RGB", (max(1, picture.width // 8), max(1, picture.height // 8)))
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitFileError(_PIXELS) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise UnfitFileError(_DAMAGED) from None
    return JPEG


def _require_end(jpeg: bytes) -> None:
    """Pillow can be told, by whoever else uses it, to take a picture that was cut off."""
    at = 2
    while jpeg[at : at + 1] == b"\xff" and jpeg[at + 1 : at + 2] != _JPEG_SCAN:
        at += 2 + max(2, int.from_bytes(jpeg[at + 2 : at + 4], "big"))
    if jpeg.find(_JPEG_END, at) < 0:
        raise UnfitFileError(_DAMAGED)


def _checked_package(content: bytes) -> FileType:
    """DOCX, XLSX and OFD are zip archives; every part is read, so that none is damaged."""
    try:
        archive = Archive.of_any(content, MOST_ENTRIES)
        for name in archive.entries:
            for _ in archive.chunks(name):
                pass
        if _OFD_ROOT in archive.entries:
            return _checked_ofd(archive)
        if "[content_types].xml" in archive.entries:
            return _checked_office(archive)
    except TooLargeError:
        raise UnfitFileError(f"文件的内容过多，系统不能检查。{_AS_PDF}") from None
    except EncryptedError:
        raise UnfitFileError(_LOCKED) from None
    except UnreadableWorkbookError:
        raise UnfitFileError(_DAMAGED) from None
    raise UnfitFileError(_OTHER if _OPEN_DOCUMENT in archive.entries else _ARCHIVED)


def _checked_ofd(archive: Archive) -> FileType:
    """The national format for fixed layouts (GB/T 33190): it names its documents, which are there."""
    path: list[str] = []
    seen: list[str] = []
    roots: list[str] = []

    def start(name: str, _: Attributes) -> None:
        path.append(name)
        if len(path) == 1:
            seen.append(name)
        elif name == "DocRoot":
            roots.append("")

    def end(_: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if path[-1] == "DocRoot":
            roots[-1] += data

    read_markup(archive.chunks(_OFD_ROOT), start, end, text)
    parts = {posixpath.normpath(root.strip().lstrip("/")).lower() for root in roots}
    if seen != ["OFD"] or not parts or not archive.entries.keys() >= parts:
        raise UnfitFileError(_DAMAGED)
    return OFD


def _checked_office(archive: Archive) -> FileType:
    found: list[tuple[str, str]] = []

    def note(_: str, attributes: Attributes) -> None:
        found.append((attributes.get("PartName", ""), attributes.get("ContentType", "")))

    read_markup(archive.chunks("[content_types].xml"), note)
    _refuse_what_runs(archive, [type_.lower() for _, type_ in found])
    for part, type_ in found:
        known = _MAIN_PARTS.get(type_)
        if known and part.lstrip("/").lower() in archive.entries:
            return known
    raise UnfitFileError(_OTHER)


def _refuse_what_runs(archive: Archive, types: list[str]) -> None:
    if any(word in type_ for type_ in types for word in _RUNNING_TYPES):
        raise UnfitFileError(_MACROS)
    for name in archive.entries:
        if any(word in f"/{name}" for word in _RUNS):
            raise UnfitFileError(_MACROS)
        if "/embeddings/" in f"/{name}" and not name.endswith(_EMBEDDABLE):
            raise UnfitFileError(_EMBEDDED)
        if name.endswith(".rels"):
            read_markup(archive.chunks(name), _refuse_outside)


def _refuse_outside(_: str, attributes: Attributes) -> None:
    type_ = attributes.get("Type", "").rpartition("/")[2]
    if attributes.get("TargetMode", "").lower() == "external" and type_ not in _REFERRED_TO:
        raise UnfitFileError(_OUTSIDE)


def _why_not_compound(content: bytes) -> str:
    """Old Office files, which may hide macros from us, and new ones with a password."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _LOCKED
    return (
        "这是旧格式的文件（.doc、.xls、.ppt、.wps、.et 等），系统无法确认其中没有宏。"
        "请另存为 .docx、.xlsx 或 PDF 再上传"
    )
