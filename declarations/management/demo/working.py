"""A worker of the queue beside the demo's server."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config.embedded_postgres import ignore_signals_to_end

PATIENCE = 10
"""Seconds that the worker has to finish what it does."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def queue_worker() -> Iterator[None]:
    """Runs ``manage.py procrastinate worker`` as a process that ends with this one.

    It is in a session of its own: Ctrl-C goes to the whole group of a terminal, and a worker
    that gets it together with our own signal would leave its work where it stands. It is told
    the database's address, so that the embedded PostgreSQL is stopped by this process alone.
    """
    ours = os.getpid()
    worker = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "procrastinate", "worker"],
        env=os.environ
        | {"DATABASE_URL": settings.DATABASE_URL, "DATABASE_OWNER_URL": settings.OWNER_URL},
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509  (there are no threads yet)
    )
    try:
        yield
    finally:
        if os.getpid() == ours:
            _stop(worker)
        else:  # a process that the server has forked, and that ends: it is not its worker
            worker.returncode = 0
            ignore_signals_to_end()  # the terminal's comes first, then that of its parent


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _end_with_parent() -> None:
    """Linux ends the process when its parent is gone, even if that was killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
