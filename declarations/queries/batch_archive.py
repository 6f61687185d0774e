"""The archive of a bulk export: its files, an index of them, and their hashes.

The same bytes for the same batch: no times, and files that are packed already are only stored.
Only one file is in memory at a time.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.utils.timezone import get_default_timezone, localtime

from declarations.models import Batch, BatchItem, ItemState, Publication, PublishedFile, Result
from declarations.queries.declarations import reference_of
from declarations.queries.exports import INDEX, MANIFEST, STATES, SUMS, Wanted
from declarations.queries.files import DamagedFileError, content_of
from declarations.sheets.codes import shown_code
from declarations.sheets.list_workbook import Heading, Value, list_workbook
from declarations.sheets.timeless import EPOCH, timeless

_HEADINGS = (
    Heading("序号", 8),
    Heading("部门", 32),
    Heading("部门编码", 18),
    Heading("年度", 8),
    Heading("表样", 40),
    Heading("状态", 10),
    Heading("版本", 8),
    Heading("自评等级", 10),
    Heading("文件", 70),
    Heading("SHA-256", 66),
    Heading("核验码", 18),
    Heading("未导出的原因", 40),
)
_DAMAGED = "存储中的文件缺失或已损坏，请联系系统维护人员从备份恢复"
_PACKED = {"pdf", "xlsx", "docx"}
"""Formats that packing makes no smaller."""
_READABLE_BY_ALL = 0o644 << 16
_BETWEEN = 20
"""Files that are written before it is asked again whether they are still wanted."""


class NotWantedError(Exception):
    """The archive was cancelled while it was being written."""


@dataclass(frozen=True, slots=True)
class _Line:
    """An item with what the index says of it. error: why its file is not there, "" where it is."""

    item: BatchItem
    grade: str
    code: str
    error: str

    @property
    def sha256(self) -> str:
        return self.item.stored.sha256 if self.item.stored and not self.error else ""


def write_archive(
    file: IO[bytes], batch: Batch, still_wanted: Callable[[], bool]
) -> dict[int, str]:
    """Writes a batch's archive to an open file, of whatever was made.

    Returns why items were left out whose file is damaged, by their keys; what had failed before
    is in the index only. Raises NotWantedError as soon as `still_wanted` says no.
    """
    items = _items(batch)
    lines: list[_Line] = []
    damaged: dict[int, str] = {}
    sums: list[tuple[str, str]] = []
    with ZipFile(file, "w") as archive:
        for number, line in enumerate(_lines(items)):
            if number % _BETWEEN == 0 and not still_wanted():
                raise NotWantedError
            if not line.error and not _add_item(archive, line.item, sums):
                damaged[line.item.pk] = _DAMAGED
                lines.append(_Line(line.item, line.grade, line.code, _DAMAGED))
            else:
                lines.append(line)
        wanted = Wanted.from_json(batch.options["filters"])
        state = STATES[wanted.content]
        index = timeless(
            list_workbook("目录", _HEADINGS, [_row(n, x, state) for n, x in enumerate(lines, 1)])
        )
        _add(archive, INDEX, index, sums)
        _add(archive, MANIFEST, _manifest(batch, wanted, lines), sums)
        written = "".join(f"{sha256}  {name}\n" for name, sha256 in sums)
        _add(archive, SUMS, written.encode(), [])
    return damaged


def _items(batch: Batch) -> list[BatchItem]:
    """In their order, with all that the index says of them."""
    found = batch.items.select_related(
        "stored", "revision", "declaration__department", "declaration__round__template"
    ).defer(
        "revision__content",
        "revision__findings",
        "declaration__round__waiting",
        "declaration__round__review_sheet",
        "declaration__round__masking",
        "declaration__round__template__workbook",
    )
    return list(found.order_by("position"))


def _lines(items: list[BatchItem]) -> Iterator[_Line]:
    revisions = {item.revision_id for item in items}
    decided = Result.objects.filter(revision__in=revisions, decided_at__isnull=False)
    grades = dict(decided.values_list("revision", "grade"))
    public = Publication.objects.filter(revision__in=revisions, withdrawn_at=None)
    codes = dict(public.order_by("number").values_list("revision", "code"))
    published = PublishedFile.objects.filter(file__in={item.stored_id for item in items})
    of_files = dict(
        published.order_by("publication__number").values_list("file", "publication__code")
    )
    for item in items:
        code = of_files.get(item.stored_id or 0) or codes.get(item.revision_id, "")
        failed = item.state != ItemState.DONE
        yield _Line(item, grades.get(item.revision_id, ""), code, item.error if failed else "")


def _add_item(archive: ZipFile, item: BatchItem, sums: list[tuple[str, str]]) -> bool:
    """Whether its file could be read as it was stored, and is in the archive now."""
    assert item.stored is not None
    try:
        content = content_of(item.stored)
    except DamagedFileError:
        return False
    _add(archive, item.name, content, sums)
    return True


def _add(archive: ZipFile, name: str, content: bytes, sums: list[tuple[str, str]]) -> None:
    entry = ZipInfo(name, EPOCH)
    packed = name.rpartition(".")[2] in _PACKED
    entry.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
    entry.external_attr = _READABLE_BY_ALL
    entry.create_system = 3  # of which the permissions are
    archive.writestr(entry, content)
    sums.append((name, hashlib.sha256(content).hexdigest()))


def _row(number: int, line: _Line, state: str) -> list[Value]:
    declaration, round_ = line.item.declaration, line.item.declaration.round
    return [
        number,
        declaration.department.name,
        declaration.department.code,
        round_.year,
        round_.template.name,
        state,
        line.item.revision.number,
        line.grade,
        None if line.error else line.item.name,
        line.sha256,
        shown_code(line.code),
        line.error,
    ]


def _manifest(batch: Batch, wanted: Wanted, lines: list[_Line]) -> bytes:
    """The same for programs, with what the export was asked for."""
    document: dict[str, Any] = {
        "title": batch.title,
        "bureau": {"code": batch.bureau.code, "name": batch.bureau.name},
        "requested_at": localtime(batch.requested_at, get_default_timezone()).isoformat(),
        "content": wanted.content.value,
        "masked": not wanted.is_internal,
        "files": [_described(line) for line in lines if not line.error],
        "missing": [_described(line) | {"error": line.error} for line in lines if line.error],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _described(line: _Line) -> dict[str, Any]:
    item = line.item
    stored = item.stored if not line.error else None
    return {
        "name": item.name,
        "sha256": line.sha256 or None,
        "size": stored.size if stored else None,
        "format": item.format,
        "reference": reference_of(item.declaration),
        "department": item.declaration.department.name,
        "revision": item.revision.number,
        "grade": line.grade or None,
        "code": line.code or None,
    }
