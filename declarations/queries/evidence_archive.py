"""All evidence files of a declaration as one ZIP archive, made while it is sent."""

from collections.abc import Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.timezone import localtime

from declarations.models import Evidence
from declarations.queries.evidence import Listing, Place
from declarations.sheets.file_names import safe_name
from declarations.sheets.list_workbook import Heading, Value, list_workbook

INDEX = "目录.xlsx"
_HEADINGS = (
    Heading("指标", 40),
    Heading("所属", 30),
    Heading("文件名", 50),
    Heading("字节数", 12),
    Heading("上传时间", 18),
    Heading("上传人", 12),
    Heading("压缩包中的位置", 60),
    Heading("SHA-256", 66),
)
_FAST = 1
"""Most files are compressed already."""


def archive(listing: Listing) -> Iterator[bytes]:
    """The pieces of the archive: an index, and the files in a folder for each item.

    Only one file is in memory at a time. Its names can be unpacked on any system.
    """
    sink = _Sink()
    places = list(_paths(listing))
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_FAST) as file:
        file.writestr(_entry(INDEX, localtime()), _index(places), ZIP_DEFLATED)
        yield sink.taken()
        for _, found, path in places:
            content = Evidence.objects.values_list("content", flat=True).get(pk=found.pk)
            file.writestr(_entry(path, localtime(found.added_at)), bytes(content), ZIP_DEFLATED)
            yield sink.taken()
    yield sink.taken()


def _paths(listing: Listing) -> Iterator[tuple[Place, Evidence, str]]:
    """Every file with its path: numbers keep the order, and names apart."""
    for number, at in enumerate(listing.places, start=1):
        folder = f"{number:02} {safe_name(at.place.name)}"
        for count, found in enumerate(at.files, start=1):
            yield at.place, found, f"{folder}/{count:02} {safe_name(found.name)}"


def _index(places: list[tuple[Place, Evidence, str]]) -> bytes:
    rows: Iterator[list[Value]] = (
        [
            place.name,
            place.level,
            found.name,
            found.size,
            localtime(found.added_at).replace(tzinfo=None),
            found.added_by.name,
            path,
            found.sha256,
        ]
        for place, found, path in places
    )
    return list_workbook("佐证材料目录", _HEADINGS, rows)


def _entry(path: str, at: datetime) -> ZipInfo:
    return ZipInfo(path, at.timetuple()[:6])


class _Sink:
    """Where zipfile writes what is then sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """For zipfile, which asks."""

    def close(self) -> None:
        """The same."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
