"""A bulk export by two workers of the queue, against the same by one."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateWorker

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from benchmarks.lists import approved_content
from benchmarks.many import Many, plant
from declarations.domain import batches
from declarations.models import Batch, BatchState, Role, User
from declarations.queries.batches import UNFINISHED
from declarations.queries.exports import Content, Wanted

DEPARTMENTS, ROUNDS = 40, 3
WORKERS = 2
AIM = Aim.faster(1.8)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Both sides find the same two workers, running and warm; the baseline gives them one job
    at a time, so that one of them rests. Nothing is taken from what was made before: every PDF
    is made, and all are packed."""
    template = scene.returned.round.template
    many = plant(template, approved_content(scene), rounds=ROUNDS, departments=DEPARTMENTS)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="jixiao-bench-"))
        stack.enter_context(override_settings(STORAGES=_stored_in(folder)))
        for _ in range(WORKERS):
            stack.enter_context(_worker(folder))
        _wait(lambda: ProcrastinateWorker.objects.count() >= WORKERS)

        def by(most: int) -> Callable[[], None]:
            def export() -> None:
                _export(many, most)

            return export

        yield Benchmark(
            f"{DEPARTMENTS} PDFs exported by {WORKERS} workers",
            by(WORKERS),
            "by one",
            by(1),
            AIM,
            rounds=5,
        )


def _export(many: Many, workers: int) -> None:
    """From the click to the archive, with at most so many at work."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE declarations_storedfile CASCADE")
    before, batches.MOST_WORKERS = batches.MOST_WORKERS, workers
    try:
        batch = batches.start_export(
            User.objects.get(pk=many.people[Role.PUBLISHER].pk),
            filters=Wanted(Content.IN_FORCE, year=many.latest.year - ROUNDS + 1),
            formats=["pdf"],
            pattern="{department}{form}",
        )
    finally:
        batches.MOST_WORKERS = before
    _wait(lambda: not Batch.objects.filter(pk=batch.pk, state__in=UNFINISHED).exists())
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE, batch.error
    assert batch.items.filter(state="done").count() == DEPARTMENTS


def _stored_in(folder: str) -> dict[str, object]:
    default = settings.STORAGES["default"]
    options = {**default["OPTIONS"], "location": folder}
    return {**settings.STORAGES, "default": {**default, "OPTIONS": options}}


@contextmanager
def _worker(folder: str) -> Iterator[None]:
    """One at work in our database of benchmarks."""
    url = urlsplit(settings.OWNER_URL or settings.DATABASE_URL)
    database = urlunsplit(url._replace(path="/" + quote(connection.settings_dict["NAME"])))
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database, "JIXIAO_STORAGE": folder},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _wait(condition: Callable[[], bool]) -> None:
    for _ in range(30_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")
