"""Whether what is stored is still what was stored: every hash against what it is a hash of."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from declarations.models import (
    Batch,
    Evidence,
    FormTemplate,
    Publication,
    Revision,
    StoredFile,
    Upload,
)
from declarations.queries.published import is_as_published
from declarations.sheets.codes import shown_code
from declarations.sheets.records import content_hash

_AT_ONCE = 5
"""Rows in memory: an evidence file may have 20 MB."""
MISSING, OTHER = "文件缺失", "内容与哈希值不符"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the storage that a row refers to. expires: it may be gone by rights."""

    name: str
    sha256: str
    size: int
    expires: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """One row was looked at. what: how to name it; problem: "" where all is well."""

    what: str
    problem: str = ""


def kept_files(using: str = "default") -> dict[str, KeptFile]:
    """Every file that some row refers to, by its name in the storage."""
    made = StoredFile.objects.using(using).values_list("name", "sha256", "size")
    packed = Batch.objects.using(using).exclude(file="").values_list("file", "sha256", "size")
    files = [KeptFile(*row) for row in made.iterator()]
    files += [KeptFile(*row, expires=True) for row in packed.iterator()]
    return {file.name: file for file in files}


def is_referred_to(name: str) -> bool:
    """Whether some row refers to the file now."""
    return StoredFile.objects.filter(name=name).exists() or Batch.objects.filter(file=name).exists()


def looked_at() -> Iterator[tuple[str, int, Iterator[Looked]]]:
    """Each kind of what has a hash, how many there are of it, and each one looked at."""
    files = kept_files()
    yield "存储文件", len(files), (_file(file) for file in files.values())
    yield from (
        _kind(
            "公开内容", Publication.objects.only("code", "content", "shown", "sha256"), _publication
        ),
        _kind(
            "版本内容",
            Revision.objects.only("declaration_id", "number", "content", "sha256"),
            _revision,
        ),
        _kind(
            "表样", FormTemplate.objects.only("code", "version", "workbook", "sha256"), _template
        ),
        _kind("佐证材料", Evidence.objects.only("content", "sha256"), _evidence),
        _kind("上传的工作簿", Upload.objects.only("workbook", "sha256"), _upload),
    )


def digest_of(name: str) -> str | None:
    """The SHA-256 of a file in the storage, in hex; None where it is not there."""
    try:
        with default_storage.open(name) as file:
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            return digest.hexdigest()
    except FileNotFoundError:
        return None


def _file(file: KeptFile) -> Looked:
    found = digest_of(file.name)
    if found is None:
        return Looked(file.name, MISSING)
    return Looked(file.name, "" if found == file.sha256 else OTHER)


def _kind(
    label: str, rows: QuerySet[Any], look: Callable[[Any], tuple[str, bool]]
) -> tuple[str, int, Iterator[Looked]]:
    return label, rows.count(), _each(rows, look)


def _each(rows: QuerySet[Any], look: Callable[[Any], tuple[str, bool]]) -> Iterator[Looked]:
    for row in rows.order_by("pk").iterator(chunk_size=_AT_ONCE):
        what, agrees = look(row)
        yield Looked(what, "" if agrees else OTHER)


def _publication(row: Publication) -> tuple[str, bool]:
    return f"核验码 {shown_code(row.code)}", is_as_published(row)


def _revision(row: Revision) -> tuple[str, bool]:
    what = f"申报 {row.declaration_id} 第 {row.number} 版"
    return what, content_hash(row.content) == row.sha256


def _template(row: FormTemplate) -> tuple[str, bool]:
    return f"{row.code} 第 {row.version} 版", _digest(row.workbook) == row.sha256


def _evidence(row: Evidence) -> tuple[str, bool]:
    return f"佐证材料 {row.pk}", _digest(row.content) == row.sha256


def _upload(row: Upload) -> tuple[str, bool]:
    return f"上传 {row.pk}", _digest(row.workbook) == row.sha256


def _digest(content: bytes | memoryview) -> str:
    return hashlib.sha256(content).hexdigest()
