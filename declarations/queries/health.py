"""Whether everything is there that answering needs, and how much there is of what."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from declarations.models import Batch, Declaration, Publication, StoredFile

WORKER_SILENT = timedelta(seconds=45)
"""A worker that lives gives a sign every ten seconds."""
QUEUE_LATE = timedelta(minutes=15)
"""Longer than a worker is busy with one job."""
STORAGE_SECONDS = 30
"""For so long what the storage answered holds; looking means writing a file to it."""


@dataclass(frozen=True, slots=True)
class Part:
    """figures: numbers only, for anybody to read."""

    ok: bool
    figures: dict[str, int]


def parts() -> dict[str, Part]:
    """What a web server needs to answer, and what the queue needs to get its work done.

    Without the database nothing is known of the others that stand in it: they are not ok.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found = {"database": Part(True, {}), **_in_the_database()}
    except DatabaseError:
        connection.close()  # a broken one is not kept for the next request
        found = {name: Part(False, {}) for name in ("database", "migrations", "workers", "queue")}
    return {**found, "storage": Part(_storage.works(), {})}


def _in_the_database() -> dict[str, Part]:
    missing = _expected_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:  # there may not even be a queue yet
        unknown = Part(False, {})
        return {
            "migrations": Part(False, {"missing": len(missing)}),
            "workers": unknown,
            "queue": unknown,
        }
    now = timezone.now()
    workers, waiting = live_workers(now), oldest_waiting(now)
    return {
        "migrations": Part(True, {}),
        "workers": Part(workers > 0, {"alive": workers}),
        "queue": Part(
            waiting <= QUEUE_LATE, {"oldest_waiting_seconds": int(waiting.total_seconds())}
        ),
    }


@cache
def _expected_migrations() -> set[tuple[str, str]]:
    """Those of the code, which does not change while a process runs."""
    return set(MigrationLoader(None).graph.nodes)


def live_workers(now: datetime) -> int:
    """How many gave a sign of life lately."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=now - WORKER_SILENT).count()


def oldest_waiting(now: datetime) -> timedelta:
    """For how long the job has waited that has waited longest; nothing where none waits.

    A job for later waits from its time on, and one that is run again from the retry on. Long work
    (of batches), which waits behind everything else, may wait.
    """
    due = ProcrastinateJob.objects.filter(
        Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now), status="todo", priority__gte=0
    )
    began = Coalesce("scheduled_at", Min("procrastinateevent__at"))
    since = due.annotate(since=began).order_by("since").values_list("since", flat=True).first()
    return max(now - since, timedelta()) if since else timedelta()


class _Storage:
    """Tries the storage by a small file, at most once in a while for all threads of a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.tried_at = -float("inf")
        self.worked = False

    def works(self) -> bool:
        with self.lock:
            if self.clock() - self.tried_at > STORAGE_SECONDS:
                self.worked = _can_be_written_and_read()
                self.tried_at = self.clock()
            return self.worked


def _can_be_written_and_read() -> bool:
    content = uuid4().hex.encode()
    try:
        name = default_storage.save(f"health/{uuid4().hex}", ContentFile(content))
        try:
            with default_storage.open(name) as kept:
                return bool(kept.read() == content)
        finally:
            default_storage.delete(name)
    except Exception:  # noqa: BLE001  (each storage has errors of its own)
        return False


_storage = _Storage()


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of now. labels: names and values, the same names for all of one measure."""

    name: str
    help: str
    labels: dict[str, str]
    value: float


def measures(now: datetime) -> Iterator[Measure]:
    """What there is in the database and the queue, by state: a few queries that count."""
    yield Measure("workers", "Workers alive.", {}, live_workers(now))
    waiting = oldest_waiting(now).total_seconds()
    yield Measure("queue_oldest_waiting_seconds", "Age of the oldest due job.", {}, waiting)
    yield from _counted("jobs", "Jobs of the queue.", ProcrastinateJob, "task_name", "status")
    yield from _counted("declarations", "Declarations.", Declaration, "state")
    yield from _counted("batches", "Batches.", Batch, "kind", "state")
    yield from _publications()
    yield from _files()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        yield Measure("database_bytes", "Size of the database.", {}, cursor.fetchone()[0])


def _counted(name: str, help_: str, model: Any, *fields: str) -> Iterator[Measure]:
    rows = model.objects.order_by().values(*fields).annotate(count=Count("pk"))
    for row in rows:
        yield Measure(name, help_, {field: row[field] for field in fields}, row["count"])


def _publications() -> Iterator[Measure]:
    withdrawn = Q(withdrawn_at__isnull=False)
    superseded = Q(superseded_at__isnull=False) & ~withdrawn
    counts = Publication.objects.aggregate(
        current=Count("pk", filter=~withdrawn & ~superseded),
        superseded=Count("pk", filter=superseded),
        withdrawn=Count("pk", filter=withdrawn),
    )
    for state, count in counts.items():
        yield Measure("publications", "Publications.", {"state": state}, count)


def _files() -> Iterator[Measure]:
    found = StoredFile.objects.aggregate(count=Count("pk"), size=Coalesce(Sum("size"), 0))
    yield Measure("stored_files", "Files that were made and stored.", {}, found["count"])
    yield Measure("stored_bytes", "Their size.", {}, found["size"])
