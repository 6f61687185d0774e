"""How far batches are, for who asked for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from declarations import permissions
from declarations.models import Batch, BatchItem, BatchKind, BatchState, Bureau, ItemState, User
from declarations.queries.exports import Wanted
from declarations.queries.workers import LONG_WAIT, a_worker_lives

UNFINISHED = (BatchState.WAITING, BatchState.RUNNING, BatchState.PACKING)
WORK = "declarations.work_on_batch"
"""The task that works on a batch."""
KEPT_DAYS = 30
"""So long the archive of an export is kept; the files in it stay, and it can be made again."""

_ENOUGH_ITEMS, _ENOUGH_SECONDS = 20, 15
"""Before so many are done, and so long, nobody can say how long the others will take."""
_TONES = {BatchState.DONE: "done", BatchState.FAILED: "late", BatchState.CANCELLED: "wait"}


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch and how many of its items are done, failed, and there in all."""

    batch: Batch
    done: int
    failed: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.done - self.failed

    @property
    def percent(self) -> int:
        return 100 * (self.total - self.left) // self.total if self.total else 100

    @property
    def is_under_way(self) -> bool:
        return self.batch.state in UNFINISHED

    @property
    def is_cancelled(self) -> bool:
        return self.batch.state == BatchState.CANCELLED

    @property
    def can_be_retried(self) -> bool:
        """Whether something is left that can be begun again with."""
        failed = self.batch.state == BatchState.FAILED
        return not self.is_under_way and bool(failed or self.failed or self.left)

    @property
    def is_export(self) -> bool:
        return self.batch.kind == BatchKind.EXPORT

    @property
    def is_internal(self) -> bool:
        """Whether its files show what is masked in public."""
        return self.is_export and Wanted.from_json(self.batch.options["filters"]).is_internal

    @property
    def unit(self) -> str:
        """What is counted."""
        return "个文件" if self.is_export else "份申报"

    @property
    def label(self) -> str:
        partly = self.batch.state == BatchState.DONE and self.failed
        return "部分完成" if partly else BatchState(self.batch.state).label

    @property
    def kept_until(self) -> datetime | None:
        """When its archive is deleted; None where it has none."""
        finished = self.batch.finished_at
        return finished + timedelta(days=KEPT_DAYS) if finished and self.batch.file else None

    @property
    def tone(self) -> str:
        if self.batch.state == BatchState.DONE and self.failed:
            return "todo"
        return _TONES.get(BatchState(self.batch.state), "todo")

    def minutes_left(self, now: datetime) -> int | None:
        """How long it will still take at the pace it had since it began, in minutes, at least 1.

        None where that cannot be said yet.
        """
        begun, before = self.batch.started_at, int(self.batch.options.get("done_before", 0))
        done = self.done + self.failed - before
        if begun is None or self.batch.state != BatchState.RUNNING or done < _ENOUGH_ITEMS:
            return None
        taken = (now - begun).total_seconds()
        if taken < _ENOUGH_SECONDS:
            return None
        return max(1, round(taken / done * self.left / 60))


def batches_of(bureau: Bureau) -> QuerySet[Batch]:
    """A bureau's batches, the latest first."""
    return Batch.objects.filter(bureau=bureau).select_related("requested_by", "bureau")


def with_progress(batches: Iterable[Batch]) -> list[Progress]:
    """How far these are; one query more."""
    batches = list(batches)
    counts = {
        batch: (done, failed, total)
        for batch, done, failed, total in BatchItem.objects.filter(batch__in=batches)
        .order_by()
        .values_list("batch")
        .annotate(
            done=Count("pk", filter=Q(state=ItemState.DONE)),
            failed=Count("pk", filter=Q(state=ItemState.FAILED)),
            total=Count("pk"),
        )
    }
    return [Progress(batch, *counts.get(batch.pk, (0, 0, 0))) for batch in batches]


def failures_of(batch: Batch) -> QuerySet[BatchItem]:
    """What could not be made, with why."""
    failed = batch.items.filter(state=ItemState.FAILED)
    return failed.select_related("declaration__department", "declaration__round").only(
        "name", "error", "declaration__department__name", "declaration__round__name"
    )


def may_handle(user: User, batch: Batch) -> bool:
    """Whether a person may end a batch, begin it again, or take what came of it."""
    if batch.kind == BatchKind.PUBLISH:
        return permissions.can_publish(user, batch.bureau)
    return permissions.can_export_many(user, batch.bureau)


def has_jobs(batch: Batch) -> bool:
    """Whether the queue has any work at it, waiting or in hand."""
    jobs = ProcrastinateJob.objects.filter(task_name=WORK, args__batch_id=batch.pk)
    return jobs.filter(status__in=["todo", "doing"]).exists()


def nobody_works_at(batch: Batch) -> bool:
    """Whether it is to be worked at, and no worker of the queue seems to do so."""
    if batch.state not in UNFINISHED:
        return False
    begun_late = batch.state == BatchState.WAITING and (
        timezone.now() - batch.requested_at > LONG_WAIT
    )
    return begun_late or not a_worker_lives()
