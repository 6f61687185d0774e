"""The parts of an uploaded workbook's zip archive, bounded whatever its headers say."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from stat import S_IFMT, S_ISLNK
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from declarations.sheets.incoming.refusals import SAVE_AS, why_no_zip
from declarations.sheets.incoming.report import UnreadableWorkbookError

MOST_BYTES = 10 * 2**20
"""Of the file as uploaded."""
MOST_ENTRIES = 2_000
MOST_EXPANDED = 250 * 2**20
"""Of all parts together, as they are really inflated: a million formatted rows take 50 to 200 MB."""
MOST_EXPANDED_PART = 32 * 2**20
"""Of one part that is held in memory as a whole: everything but the sheets."""

ZIP_START = b"PK\x03\x04"
_CHUNK = 2**18
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_MS_DOS = 0
_LOCAL_HEADER = 30
_DAMAGED = f"文件已损坏，不能读取。{SAVE_AS}；仍然不行的，请重新下载表格填写"
_FAILURES = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    IndexError,
)
"""What zipfile raises for one kind of damage or another."""


class DamagedError(UnreadableWorkbookError):
    """The inside of the file does not hold together."""

    def __init__(self) -> None:
        super().__init__(_DAMAGED)


class EncryptedError(UnreadableWorkbookError):
    """A part cannot be read without a password."""

    def __init__(self) -> None:
        super().__init__("文件设有密码，系统不能读取。请取消密码并保存后再上传")


class TooLargeError(UnreadableWorkbookError):
    """The file would take too much time or memory."""


def too_large() -> TooLargeError:
    """The refusal of such a file."""
    return TooLargeError(
        "工作簿的内容过多，系统不能读取。请只保留要上报的表，删除多余的行、列和工作表后再上传"
    )


@dataclass(slots=True)
class Archive:
    """The parts by name, in lower case and with forward slashes: as the format compares names."""

    file: ZipFile
    entries: dict[str, ZipInfo]
    _left: int = field(default=MOST_EXPANDED)

    @classmethod
    def of(cls, content: bytes) -> "Archive":
        """Raises UnreadableWorkbookError for what is no zip archive, or none to be trusted."""
        if len(content) > MOST_BYTES:
            raise UnreadableWorkbookError(
                f"文件超过 {MOST_BYTES // 2**20} MB，不能上传。请删除图片、多余的工作表和表下方设过格式的空行后再试"
            )
        if not content.startswith(ZIP_START):
            raise why_no_zip(content)
        return cls.of_any(content, MOST_ENTRIES)

    @classmethod
    def of_any(cls, content: bytes, most_entries: int) -> "Archive":
        """The same of a zip archive that need not be a workbook's."""
        if content.count(_DIRECTORY_ENTRY) > most_entries:
            raise too_large()
        try:
            file = ZipFile(BytesIO(content))
            entries = _checked(file.infolist())
        except UnreadableWorkbookError:
            raise
        except _FAILURES:
            raise DamagedError from None
        return cls(file, entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's content, a piece at a time, counted as it is inflated."""
        try:
            with self.file.open(self.entries[name]) as part:
                while chunk := part.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise too_large()
                    yield chunk
        except UnreadableWorkbookError:
            raise
        except _FAILURES:
            raise DamagedError from None

    def read(self, name: str) -> bytes:
        """A part's whole content. Raises UnreadableWorkbookError; KeyError where there is none."""
        pieces, size = [], 0
        for chunk in self.chunks(name):
            size += len(chunk)
            if size > MOST_EXPANDED_PART:
                raise too_large()
            pieces.append(chunk)
        return b"".join(pieces)


def _checked(infos: list[ZipInfo]) -> dict[str, ZipInfo]:
    """The files among the entries by name, none of them a trick on whoever reads the archive."""
    entries: dict[str, ZipInfo] = {}
    for info in infos:
        name = info.filename.replace("\\", "/").lstrip("/").lower()
        if ".." in name.split("/") or ":" in name or S_ISLNK(_mode(info)):
            raise DamagedError
        if name.endswith("/"):
            continue
        if info.flag_bits & _ENCRYPTED:
            raise EncryptedError
        if name in entries or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise DamagedError
        entries[name] = info
    for above, below in pairwise(sorted(entries.values(), key=lambda i: i.header_offset)):
        if above.header_offset + _LOCAL_HEADER + above.compress_size > below.header_offset:
            raise DamagedError  # overlapping entries: a bomb counted once and inflated many times
    return entries


def _mode(info: ZipInfo) -> int:
    """The file mode of an entry made on Unix, 0 otherwise."""
    return 0 if info.create_system == _MS_DOS else S_IFMT(info.external_attr >> 16)
