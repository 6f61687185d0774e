"""Asking for work on many declarations at once: exporting and publishing them, by the queue.

A batch is written down with an item for every file, or declaration, that there is to make;
`batch_work.run` makes them, with any number of workers.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.batch_work import run
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.queueing import BEHIND, enqueue
from declarations.domain.templates import one_at_a_time
from declarations.models import (
    Batch,
    BatchItem,
    BatchKind,
    BatchState,
    Declaration,
    EventKind,
    ItemState,
    Round,
    User,
)
from declarations.queries.batches import KEPT_DAYS, UNFINISHED, WORK, has_jobs, may_handle
from declarations.queries.exports import MARK, Wanted, planned
from declarations.queries.published import PUBLIC_FORMATS
from declarations.sheets.file_pattern import PatternError

__all__ = [
    "cancel",
    "forget_old",
    "go_on",
    "retry",
    "run",
    "start_export",
    "start_publishing",
    "take",
]

MOST_WORKERS = 8
"""Of a batch at once; the queue has other work, too."""
ITEMS_EACH = 5
"""So few are not worth another worker."""
MOST_ITEMS = 20_000


def start_export(actor: User, *, filters: Wanted, formats: Collection[str], pattern: str) -> Batch:
    """Asks for an archive of the declarations that are meant now. Asked for again while it is
    being made, it is the same.

    formats: of PUBLIC_FORMATS. pattern: of the files' names. Raises RefusedError where the
    person may not, nothing is meant, or the pattern cannot be used.
    """
    bureau = actor.bureau
    if not permissions.can_export_many(actor, bureau):
        raise NotPermittedError("只有本财政局的公开管理员和系统管理员可以批量导出")
    wanted = [format_ for format_ in PUBLIC_FORMATS if format_ in formats]
    options = {"filters": filters.to_json(), "formats": wanted, "pattern": pattern}
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        if same := _under_way(actor, BatchKind.EXPORT, options):
            return same
        try:
            files = planned(bureau, filters, wanted, pattern)
        except PatternError as error:
            raise RefusedError(f"文件名格式不能使用：{error}") from error
        batch = Batch(
            bureau=bureau,
            kind=BatchKind.EXPORT,
            title=_title(filters, len({file.declaration for file in files})),
            options=options,
            requested_by=actor,
        )
        items = [
            BatchItem(
                declaration_id=file.declaration,
                revision_id=file.revision,
                format=file.format,
                stored_id=file.stored,
                name=file.name,
            )
            for file in files
        ]
        _start(batch, items, "没有符合条件的文件，请修改条件")
        return batch


def start_publishing(actor: User, *, declarations: Collection[int], reason: str = "") -> Batch:
    """Asks for publishing what is in force of these, each as `publishing.publish` does it alone.

    reason: for those that take the place of what was published before. Raises RefusedError
    where the person may not, or one of them is not the bureau's, or has nothing in force.
    """
    bureau = actor.bureau
    if not permissions.can_publish(actor, bureau):
        raise NotPermittedError("只有本财政局的公开管理员可以公开")
    options = {"declarations": sorted(set(declarations)), "reason": reason}
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        if same := _under_way(actor, BatchKind.PUBLISH, options):
            return same
        found = Declaration.objects.filter(
            pk__in=declarations, round__bureau=bureau, approved__isnull=False
        )
        in_order = found.order_by("round__year", "round", "department__code")
        items = [
            BatchItem(declaration_id=declaration, revision_id=revision)
            for declaration, revision in in_order.values_list("pk", "approved")
        ]
        if len(items) < len(options["declarations"]):
            raise RefusedError("所选申报中有的没有现行版本，请刷新页面后重新选择")
        batch = Batch(
            bureau=bureau,
            kind=BatchKind.PUBLISH,
            title=f"公开 {len(items)} 份申报",
            options=options,
            requested_by=actor,
        )
        _start(batch, items, "请先选择要公开的申报")
        return batch


def cancel(actor: User, *, batch_id: int) -> Batch:
    """Ends a batch: what a worker has in hand is still finished, nothing else is begun.

    Twice is once. Raises WrongStateError where it has come to its end.
    """
    with transaction.atomic():
        batch = _locked(actor, batch_id)
        if batch.state == BatchState.CANCELLED:
            return batch
        if batch.state not in UNFINISHED:
            raise WrongStateError("任务已经结束，不能取消")
        batch.state, batch.finished_at = BatchState.CANCELLED, timezone.now()
        batch.save(update_fields=["state", "finished_at"])
        record(
            EventKind.BATCH_CANCELLED,
            actor=actor,
            bureau_id=batch.bureau_id,
            batch=batch.pk,
            title=batch.title,
        )
        return batch


def retry(actor: User, *, batch_id: int) -> Batch:
    """Begins again with what failed, or with what was left when it was cancelled.

    What is done stays done; an archive is made anew. Twice is once. Raises WrongStateError
    where there is nothing to begin with.
    """
    with transaction.atomic():
        batch = _locked(actor, batch_id)
        if batch.state in UNFINISHED:
            return batch
        lost = batch.kind == BatchKind.EXPORT and batch.state == BatchState.FAILED
        if not lost and not batch.items.exclude(state=ItemState.DONE).exists():
            raise WrongStateError("任务已全部完成，不需要重试")
        _forget_archive(batch)
        batch.state, batch.error = BatchState.WAITING, ""
        batch.started_at = batch.finished_at = None
        batch.sha256, batch.name, batch.size = "", "", 0
        again = batch.items.filter(state=ItemState.FAILED)
        if _is_of_published(batch):  # some of it may have been withdrawn since
            again = batch.items.exclude(state=ItemState.TODO)
        again.update(state=ItemState.TODO, error="")
        batch.options["done_before"] = batch.items.filter(state=ItemState.DONE).count()
        batch.save()
        _ask_workers(batch, batch.items.filter(state=ItemState.TODO).count())
        record(
            EventKind.BATCH_STARTED,
            actor=actor,
            bureau_id=batch.bureau_id,
            batch=batch.pk,
            title=batch.title,
            again=True,
        )
        return batch


def take(actor: User, *, batch_id: int) -> Batch:
    """Notes that a person has taken the archive of an export. Raises WrongStateError where there
    is none (any longer)."""
    with transaction.atomic():
        batch = _locked(actor, batch_id)
        if not batch.file:
            raise WrongStateError("打包文件还没有生成，或已到期删除")
        record(
            EventKind.BATCH_TAKEN,
            actor=actor,
            bureau_id=batch.bureau_id,
            batch=batch.pk,
            title=batch.title,
            name=batch.name,
            sha256=batch.sha256,
            filters=batch.options["filters"],
        )
        return batch


def go_on() -> None:
    """Asks the queue again for what nobody works at any longer, such as a batch whose job was
    given up because the database was away for long."""
    for batch in Batch.objects.filter(state__in=UNFINISHED):
        if not has_jobs(batch):
            _ask_workers(batch, batch.items.filter(state=ItemState.TODO).count())


def forget_old() -> None:
    """Deletes the archives of exports that were finished more than KEPT_DAYS ago."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = Batch.objects.filter(finished_at__lt=before).exclude(file="")
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            batch = old.select_for_update(of=("self",)).filter(pk=pk).first()
            if batch is not None:
                _forget_archive(batch)
                batch.save(update_fields=["file"])


def _start(batch: Batch, items: Sequence[BatchItem], none: str) -> None:
    """Writes a batch down and asks the queue for it. none: what is said where it has no items."""
    if not items:
        raise RefusedError(none)
    if len(items) > MOST_ITEMS:
        raise RefusedError(
            f"一次最多 {MOST_ITEMS:,} 项，现有 {len(items):,} 项，请缩小范围，分几次进行"
        )
    batch.save()
    for position, item in enumerate(items, start=1):
        item.batch, item.position = batch, position
    BatchItem.objects.bulk_create(items, batch_size=1_000)
    _ask_workers(batch, len(items))
    asked = {name: value for name, value in batch.options.items() if name != "declarations"}
    record(
        EventKind.BATCH_STARTED,
        actor=batch.requested_by,
        bureau_id=batch.bureau_id,
        batch=batch.pk,
        title=batch.title,
        items=len(items),
        **asked,
    )


def _ask_workers(batch: Batch, items: int) -> None:
    """A job for each worker that may share it; a worker that finds nothing left is soon done."""
    for _ in range(max(1, min(MOST_WORKERS, items // ITEMS_EACH))):
        enqueue(WORK, batch_id=batch.pk, priority=BEHIND)


def _under_way(actor: User, kind: BatchKind, options: dict[str, Any]) -> Batch | None:
    """The same that the person has asked for before and that has not come to its end."""
    same = Batch.objects.filter(requested_by=actor, kind=kind, state__in=UNFINISHED)
    return next((batch for batch in same if _asked(batch) == options), None)


def _asked(batch: Batch) -> dict[str, Any]:
    return {name: value for name, value in batch.options.items() if name != "done_before"}


def _locked(actor: User, batch_id: int) -> Batch:
    """The batch, locked. Raises Batch.DoesNotExist, NotPermittedError."""
    locked = Batch.objects.select_for_update(of=("self",))
    batch = locked.select_related("bureau").get(pk=batch_id)
    if not may_handle(actor, batch):
        raise NotPermittedError("您不能处理这个批量任务")
    return batch


def _is_of_published(batch: Batch) -> bool:
    filters = batch.options.get("filters")
    return filters is not None and not Wanted.from_json(filters).is_internal


def _forget_archive(batch: Batch) -> None:
    """Its archive is deleted once the transaction commits; the batch is not saved here."""
    if name := batch.file:
        transaction.on_commit(lambda: default_storage.delete(name))
    batch.file = ""


def _title(wanted: Wanted, count: int) -> str:
    """``2023年部门整体支出绩效目标申报表：已公开的文件，198 份``."""
    scope = f"{wanted.year}年" if wanted.year else "全部批次"
    if wanted.round:
        scope = Round.objects.values_list("name", flat=True).get(pk=wanted.round)
    mark = MARK if wanted.is_internal else ""
    return f"{scope}：{wanted.content.label}{mark}，{count} 份"
