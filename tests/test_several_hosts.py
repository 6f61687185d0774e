"""The queue on several hosts: one is taken away in the middle of its work."""

import hashlib
import io
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from config.database_links import NOTICED
from tests import several_hosts

DECLARATIONS = 40
MISSING = several_hosts.why_not()


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "nothing is missing")
def test_an_export_is_complete_although_a_host_is_taken_away(tmp_path: Path) -> None:
    names = ("database", "storage", "web", "worker1", "worker2")
    with several_hosts.hosts(*names) as machines:
        several = several_hosts.Installation(machines, tmp_path)
        try:
            several.start(DECLARATIONS)
            check_export(several)
        except Exception as error:
            error.add_note(several.logs())
            raise


def check_export(several: several_hosts.Installation) -> None:
    browser = several.logged_in()
    batch = several_hosts.start_export(browser)
    stays, goes = several.workers
    until(lambda: done_of(several, batch) >= DECLARATIONS // 5)
    until(lambda: several.holds_something(goes))
    goes.take_away()
    taken_at = time.monotonic()
    assert several.holds_something(goes), "nobody has told PostgreSQL"
    assert done_of(several, batch) < DECLARATIONS
    until(lambda: not several.connections_of(goes), seconds=NOTICED + 30)
    assert time.monotonic() - taken_at > 5, "the connection was closed, and did not hang"
    assert several.connections_of(stays)
    until(lambda: state_of(several, batch) == "done", seconds=180)
    check_items(several, batch)
    check_archive(browser, batch)
    goes.give_back()  # what it had in hand does no harm when it comes back
    time.sleep(5)
    check_items(several, batch)


def done_of(several: several_hosts.Installation, batch: int) -> int:
    query = "SELECT count(*) FROM declarations_batchitem WHERE batch_id = %s AND state = 'done'"
    return int(several.database.look(query, batch)[0][0])


def state_of(several: several_hosts.Installation, batch: int) -> str:
    query = "SELECT state FROM declarations_batch WHERE id = %s"
    return str(several.database.look(query, batch)[0][0])


def check_items(several: several_hosts.Installation, batch: int) -> None:
    """All done, each with a file of its own, and none made twice."""
    (row,) = several.database.look(
        "SELECT count(*), count(DISTINCT declaration_id), count(DISTINCT stored_id)"
        " FROM declarations_batchitem WHERE batch_id = %s AND state = 'done'",
        batch,
    )
    assert row == (DECLARATIONS,) * 3
    assert several.database.look("SELECT count(*) FROM declarations_storedfile") == [
        (DECLARATIONS,)
    ]


def check_archive(browser: several_hosts.Browser, batch: int) -> None:
    """Every file is in it once, and is what its hash says."""
    _, content = browser.post(f"/batches/{batch}/file/", [])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert len(names) == len(set(names)) == DECLARATIONS
        lines = archive.read("SHA256SUMS").decode().splitlines()
        sums = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
        for name in names:
            file = archive.read(name)
            assert file.startswith(b"%PDF")
            assert hashlib.sha256(file).hexdigest() == sums[name]


def until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "nothing is missing")
def test_nothing_is_left_of_the_hosts_when_something_fails() -> None:
    def namespaces() -> set[str]:
        return {path.name for path in Path("/run/netns").glob(f"{several_hosts.own_mark()}*")}

    def links() -> set[str]:
        return {path.name for path in Path("/sys/class/net").glob(f"{several_hosts.own_mark()}*")}

    def fail() -> None:
        with several_hosts.hosts("one", "two") as machines:
            one = machines["one"]
            one.start("sleep", "1000", env={"PATH": "/usr/bin:/bin"}, log=Path("/dev/null"))
            processes.extend(one.processes)
            assert len(namespaces() - before[0]) == 2
            raise RuntimeError("amidst")

    processes: list[subprocess.Popen[bytes]] = []
    before = namespaces(), links()
    with pytest.raises(RuntimeError, match="amidst"):
        fail()
    assert (namespaces(), links()) == before
    assert processes[0].returncode is not None
