"""The end of a batch: its archive is written, once, and whoever asked for it is told."""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from io import BufferedRandom

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from declarations.domain.acting import record
from declarations.domain.notifying import notify
from declarations.models import Batch, BatchState, EventKind, ItemState, NoticeKind
from declarations.queries.batch_archive import NotWantedError, write_archive
from declarations.queries.batches import KEPT_DAYS, Progress, with_progress
from declarations.queries.exports import MARK, Wanted
from declarations.sheets.file_names import safe_name

_log = logging.getLogger(__name__)

FOLDER = "batches"
"""Of the storage."""
_LOCKS = 7_314
"""The class of our advisory locks; the other number is the batch's."""
NOTHING = "没有一项成功，请按各项的原因处理后重试"
NOT_STORED = (
    "打包文件没有存下来，可能是存储空间不足或暂时不可用；请重试，仍不成功请联系系统维护人员"
)


def end_publishing(batch_id: int) -> None:
    """Notes that all of a batch is published, or could not be. Twice is once."""
    with transaction.atomic():
        batch = _in_state(batch_id, BatchState.RUNNING)
        if batch is not None:
            _finish(batch)


def pack(batch_id: int) -> None:
    """Writes the archive of a batch of which every item is done, unless another worker does.

    That is known by a lock which ends with the worker's connection, so whoever comes after one
    that was killed begins anew. The batch itself is not locked: it can be cancelled meanwhile.
    """
    Batch.objects.filter(pk=batch_id, state=BatchState.RUNNING).update(state=BatchState.PACKING)
    with transaction.atomic():
        if not _alone_with(batch_id):
            return
        batch = Batch.objects.select_related("bureau").get(pk=batch_id)
        if batch.state != BatchState.PACKING:
            return
        if not batch.items.filter(state=ItemState.DONE).exists():
            _fail(batch_id, NOTHING)
            return
        try:
            with transaction.atomic():
                _pack(batch)
        except NotWantedError:
            return
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001  (whatever a storage raises)
            _log.exception("batch %s is not packed", batch_id)
            _fail(batch_id, NOT_STORED)


def _pack(batch: Batch) -> None:
    """Raises NotWantedError where it was cancelled meanwhile."""
    with tempfile.TemporaryFile() as file:
        damaged = write_archive(file, batch, lambda: _is_packed_for(batch.pk))
        for key, error in damaged.items():
            batch.items.filter(pk=key).update(state=ItemState.FAILED, error=error)
        if not batch.items.filter(state=ItemState.DONE).exists():
            _fail(batch.pk, NOTHING)
            return
        sha256, size = _hash_of(file), file.tell()
        kept = _keep(f"{FOLDER}/{batch.pk}/{sha256}.zip", file)
    packed = _in_state(batch.pk, BatchState.PACKING)
    if packed is None:
        default_storage.delete(kept)
        raise NotWantedError
    packed.file, packed.sha256, packed.size = kept, sha256, size
    packed.name = _archive_name(batch)
    _finish(packed)


def _is_packed_for(batch_id: int) -> bool:
    return Batch.objects.filter(pk=batch_id, state=BatchState.PACKING).exists()


def _alone_with(batch_id: int) -> bool:
    """Whether nobody else packs it; then nobody does until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS, batch_id])
        (alone,) = cursor.fetchone()
    return bool(alone)


def _hash_of(file: BufferedRandom) -> str:
    """The SHA-256 of an open file, which is at its end afterwards."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(name: str, file: BufferedRandom) -> str:
    """Stores the archive in pieces. What a killed worker may have left of it is replaced."""
    default_storage.delete(name)
    file.seek(0)
    return default_storage.save(name, File(file))


def _in_state(batch_id: int, state: BatchState) -> Batch | None:
    """The batch, locked, if it is still in this state."""
    locked = Batch.objects.select_for_update(of=("self",)).select_related("requested_by")
    return locked.filter(pk=batch_id, state=state).first()


def _finish(batch: Batch) -> None:
    """Ends a batch, which is locked, with what came of it."""
    done = batch.items.filter(state=ItemState.DONE).exists()
    batch.state = BatchState.DONE if done else BatchState.FAILED
    batch.error = "" if done else NOTHING
    _end(batch)


def _fail(batch_id: int, error: str) -> None:
    """Ends it without an archive."""
    batch = _in_state(batch_id, BatchState.PACKING)
    if batch is not None:
        batch.state, batch.error = BatchState.FAILED, error
        _end(batch)


def _end(batch: Batch) -> None:
    batch.finished_at = timezone.now()
    batch.save()
    (progress,) = with_progress([batch])
    record(
        EventKind.BATCH_FINISHED,
        actor=None,
        bureau_id=batch.bureau_id,
        succeeded=batch.state == BatchState.DONE,
        batch=batch.pk,
        title=batch.title,
        done=progress.done,
        failed=progress.failed,
        sha256=batch.sha256,
    )
    notify(
        [batch.requested_by],
        kind=NoticeKind.BATCH,
        title=f"“{batch.title}”{progress.label}",
        text="\n".join(_said(progress)),
    )


def _said(progress: Progress) -> Iterator[str]:
    """What whoever asked for a batch is told at its end."""
    batch = progress.batch
    if batch.error:
        yield f"{batch.error}。"
    if progress.done:
        act = "导出" if progress.is_export else "公开"
        yield f"已{act} {progress.done:,} {progress.unit}。"
    if progress.failed:
        yield f"{progress.failed:,} {progress.unit}没有成功，原因和重试在“批量任务”页面。"
    if batch.file:
        yield f"请在“批量任务”页面下载，打包文件保留 {KEPT_DAYS} 天后自动删除。"


def _archive_name(batch: Batch) -> str:
    """``2023年绩效目标申报表 已公开的文件-20240507.zip``."""
    wanted = Wanted.from_json(batch.options["filters"])
    scope = safe_name(batch.title.rpartition("，")[0].replace("：", " ").replace(MARK, ""))
    mark = MARK if wanted.is_internal else ""
    return f"{scope}{mark}-{timezone.localtime(batch.requested_at):%Y%m%d}.zip"
