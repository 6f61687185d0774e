"""Backups: a folder that holds some, each a dump and a manifest, and the files of all of them.

    DIR/20231120T020000Z/database.dump    PostgreSQL's custom format
                         manifest.json    what belongs to it: files with hashes, counts, versions
                         SHA256SUMS       of both; ``sha256sum -c`` understands it
    DIR/files/ab/ab12…                    files under their hash, so each is there once

One backup is of one moment: the dump and the list of files are read in one snapshot of the
database. Copying the files may take its time afterwards: a file is in the storage before the row
that names it, and is never changed. Only the archives of batches are deleted after some days;
one that went meanwhile is noted as expired.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from declarations.management import postgresql
from declarations.models import Declaration, Event, Publication, Revision, StoredFile
from declarations.queries.integrity import (
    MISSING,
    OTHER,
    KeptFile,
    digest_of,
    is_referred_to,
    kept_files,
)

FORMAT = 1
DUMP, MANIFEST, SUMS, POOL = "database.dump", "manifest.json", "SHA256SUMS", "files"
_UNFINISHED = ".unfinished-"
_CHUNK = 2**20
_COUNTED = (Declaration, Revision, Publication, StoredFile, Event)

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Manifest:
    """format: of the backup. postgresql: of the server; dumped_by: of pg_dump, which is the
    oldest pg_restore that reads it. holes: files that were gone or damaged already."""

    made_at: str
    postgresql: int
    dumped_by: int
    migrations: list[list[str]]
    counts: dict[str, int]
    files: list[KeptFile]
    holes: dict[str, str] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)
    format: int = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def of(cls, backup: Path) -> "Manifest":
        """Raises CommandError where it cannot be read."""
        try:
            told = json.loads((backup / MANIFEST).read_bytes())
            if told["format"] != FORMAT:
                raise CommandError(f"{backup} 是第 {told['format']} 版格式的备份，本程序不能读")
            return cls(**{**told, "files": [KeptFile(**file) for file in told["files"]]})
        except (OSError, ValueError, KeyError, TypeError):
            raise CommandError(f"{backup / MANIFEST} 不能读，备份已损坏") from None


def make(folder: Path, *, keep: int | None, tell: Tell) -> Path:
    """Makes a backup and returns where it is. keep: how many the folder holds afterwards.

    What is in the folder already is not copied again, but read again. Raises CommandError where
    there is no backup in the end.
    """
    with _alone_in(folder):
        _clear_away(folder.glob(f"{_UNFINISHED}*"))
        made_at = datetime.now(UTC)
        name = made_at.strftime("%Y%m%dT%H%M%SZ")
        being_made = folder / f"{_UNFINISHED}{name}"
        being_made.mkdir()
        with postgresql.snapshot() as seen_by:
            tell("正在导出数据库")
            postgresql.dump(seen_by, being_made / DUMP)
            files = list(kept_files(postgresql.ALIAS).values())
            counts = {m.__name__: m.objects.using(postgresql.ALIAS).count() for m in _COUNTED}
            applied = MigrationRecorder(connections[postgresql.ALIAS]).applied_migrations()
        holes, expired = _bring_files(folder / POOL, files, tell)
        manifest = Manifest(
            made_at=made_at.isoformat(timespec="seconds"),
            postgresql=postgresql.server_version(),
            dumped_by=postgresql.dump_version(),
            migrations=sorted(map(list, applied)),
            counts=counts,
            files=[f for f in files if f.name not in expired],
            holes=holes,
            expired=expired,
        )
        _write(being_made / MANIFEST, manifest.to_json())
        sums = [f"{_digest(being_made / part)}  {part}\n" for part in (DUMP, MANIFEST)]
        _write(being_made / SUMS, "".join(sums))
        finished = folder / name
        being_made.rename(finished)
        _to_disk(folder)
        if keep is not None:
            _forget(folder, keep, tell)
        return finished


def all_in(folder: Path) -> list[Path]:
    """The finished backups of a folder, the oldest first."""
    return sorted(path.parent for path in folder.glob(f"[0-9]*Z/{SUMS}"))


def chosen(folder: Path, name: str) -> Path:
    """The backup of this name, the latest for "". Raises CommandError where there is none."""
    found = {path.name: path for path in all_in(folder)}
    if not found:
        raise CommandError(f"{folder} 中没有备份")
    if not name:
        return list(found.values())[-1]
    if name not in found:
        raise CommandError(f"没有备份“{name}”，现有：{'、'.join(found)}")
    return found[name]


def problems(backup: Path, tell: Tell) -> list[str]:
    """What is wrong with a backup: every byte of it is read. Holes are none: see `Manifest`."""
    found = [f"{part}：{problem}" for part, problem in _problems_of_parts(backup)]
    if any(line.startswith(MANIFEST) for line in found):
        return found  # what belongs to it is not known
    manifest, pool = Manifest.of(backup), backup.parent / POOL
    tell(f"正在核对 {len(manifest.files)} 个文件")
    for file in manifest.files:
        if file.name in manifest.holes:
            continue
        path = _place(pool, file)
        if not path.is_file():
            found.append(f"{file.name}：{MISSING}")
        elif _digest(path) != file.sha256:
            found.append(f"{file.name}：{OTHER}")
    return found


def bring_back(backup: Path, tell: Tell) -> int:
    """Puts every file of a backup into the storage, as far as it is not there. How many were put."""
    manifest, pool, put = Manifest.of(backup), backup.parent / POOL, 0
    tell(f"正在恢复 {len(manifest.files)} 个文件")
    for file in manifest.files:
        if file.name in manifest.holes or _in_storage(file):
            continue
        default_storage.delete(file.name)
        with _place(pool, file).open("rb") as content:
            kept = default_storage.save(file.name, File(content))
        if kept != file.name:
            raise CommandError(f"{file.name} 不能写入存储，存储中已有同名的文件")
        put += 1
    return put


def _bring_files(
    pool: Path, files: Iterable[KeptFile], tell: Tell
) -> tuple[dict[str, str], list[str]]:
    """Copies what the pool has not got; the holes (what is wrong with which), and what expired."""
    files, holes, expired, copied = list(files), {}, [], 0
    for number, file in enumerate(files, start=1):
        place = _place(pool, file)
        if not (place.is_file() and _digest(place) == file.sha256):
            problem = _copy(file, place)
            copied += not problem
            if problem and file.expires and not is_referred_to(file.name):
                expired.append(file.name)
            elif problem:
                holes[file.name] = problem
        if number % 500 == 0:
            tell(f"文件 {number} / {len(files)}")
    tell(f"文件共 {len(files)} 个，新复制 {copied} 个")
    return holes, expired


def _copy(file: KeptFile, place: Path) -> str:
    """Copies a file out of the storage and reads it again; "" or what is wrong with it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    being_copied = place.with_name(f".{uuid4().hex}")
    try:
        with default_storage.open(file.name) as source, being_copied.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())
        if _digest(being_copied) != file.sha256:
            return OTHER
        being_copied.rename(place)
    except FileNotFoundError:
        return MISSING
    finally:
        being_copied.unlink(missing_ok=True)
    _to_disk(place.parent)
    return ""


def _problems_of_parts(backup: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = (backup / SUMS).read_text().splitlines()
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    except (OSError, ValueError):
        sums = {}
    for part in (DUMP, MANIFEST):
        if not (backup / part).is_file():
            yield part, MISSING
        elif sums.get(part) != _digest(backup / part):
            yield part, OTHER


def _forget(folder: Path, keep: int, tell: Tell) -> None:
    """Deletes the oldest backups beyond so many, and the files that none of the others has."""
    found = all_in(folder)
    forgotten = found[: max(len(found) - keep, 0)]
    if not forgotten:
        return
    _clear_away(forgotten)
    kept = [Manifest.of(backup) for backup in all_in(folder)]
    wanted = {_place(folder / POOL, file) for manifest in kept for file in manifest.files}
    for path in (folder / POOL).glob("*/*"):
        if path not in wanted:
            path.unlink()
    tell(f"已删除 {len(forgotten)} 个较早的备份")


def _in_storage(file: KeptFile) -> bool:
    return digest_of(file.name) == file.sha256


def _place(pool: Path, file: KeptFile) -> Path:
    return pool / file.sha256[:2] / file.sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _to_disk(folder: Path) -> None:
    """Waits until the disk has the names of what is in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_away(folders: Iterable[Path]) -> None:
    for path in folders:
        shutil.rmtree(path)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Raises CommandError where another backup is being made in the folder."""
    before = os.umask(0o077)  # whatever the folder lets others do
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(f"{folder} 中正有另一个备份在进行") from None
            yield
    finally:
        os.umask(before)
