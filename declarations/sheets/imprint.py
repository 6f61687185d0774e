"""What a published document says of itself: when it was published, and how it is verified."""

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from declarations.sheets.codes import parse_code, shown_code


@dataclass(frozen=True, slots=True)
class Imprint:
    """code: the short code as stored. url: where it is verified. published_at: with its time
    zone, in which the date is printed."""

    code: str
    url: str
    published_at: datetime

    @property
    def shown_code(self) -> str:
        """``7Q2M-0FZK-93XB``."""
        return shown_code(self.code)

    @property
    def date(self) -> str:
        """``2024年3月5日``."""
        at = self.published_at
        return f"{at.year}年{at.month}月{at.day}日"

    @property
    def at_utc(self) -> str:
        """``2024-03-05T01:02:03Z``: to the second, and the same in every time zone."""
        return self.published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def short_lines(self) -> tuple[str, str]:
        """``公开日期：2024年3月5日`` and ``核验码：7Q2M-0FZK-93XB``."""
        return f"公开日期：{self.date}", f"核验码：{self.shown_code}"

    @property
    def line(self) -> str:
        """All of it in a line of text."""
        return "　".join((*self.short_lines, f"核验网址：{self.url}"))


_IN_FILES = re.compile(
    "核验码：([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})|/verify/([0-9A-Z]{12})/".encode()
)
_PROPERTIES = "docProps/core.xml"
_MOST_PARTS, _MOST_EXPANDED = 2_000, 2**20
_PART = b"PK\x01\x02"


def code_in(content: bytes) -> str | None:
    """The short code that a file says of itself, changed though it may be; None where none is found.

    PDF and JSON say it in plain bytes (`Imprint.line` and `Imprint.url`), office documents in
    their properties. The file may be anything: little of it is unpacked, and nothing trusted.
    """
    if content.startswith(b"PK"):
        content = _properties_of(content)
    found = _IN_FILES.search(content)
    return parse_code((found[1] or found[2]).decode()) if found else None


def _properties_of(document: bytes) -> bytes:
    if document.count(_PART) > _MOST_PARTS:
        return b""
    try:
        with ZipFile(BytesIO(document)) as archive, archive.open(_PROPERTIES) as part:
            return part.read(_MOST_EXPANDED)
    except (BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, zlib.error):
        return b""
