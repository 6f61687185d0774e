"""A worker of the queue, in the test's own process or as one that can be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection, connections
from procrastinate.contrib.django import app


def work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a worker until nothing waits, as ``manage.py procrastinate worker`` does.

    For tests with the `queue` fixture, which are marked ``django_db(transaction=True)``.
    Periodic tasks are not deferred: a test calls what it is about, whatever the time is.
    """
    with monkeypatch.context() as patch:
        patch.setattr(app.periodic_registry, "periodic_tasks", {})
        patch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # its threads end
        with ThreadPoolExecutor(max_workers=1) as thread:  # Playwright's loop runs in this one
            thread.submit(_work).result()


def _work() -> None:
    try:
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    finally:
        connections.close_all()


def start_worker(**environment: str) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, on the test's database unless another is named."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=settings.BASE_DIR,
        env={
            "DATABASE_URL": database_of_test(),
            "JIXIAO_STORAGE": os.environ["JIXIAO_STORAGE"],
            "PATH": "/usr/bin:/bin",
            **environment,
        },
    )


def jobs(**fields: Any) -> list[str]:
    """The states of the jobs of a task, oldest first: ``jobs(task_name="declarations.x")``."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    found = ProcrastinateJob.objects.filter(**fields).order_by("pk")
    return list(found.values_list("status", flat=True))


def empty_queue() -> None:
    """Django does not empty the tables of the queue after a test."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def half_a_minute_passes() -> None:
    """For the workers that gave a sign of life before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'"
        )


def eventually(condition: Callable[[], object], *, seconds: int = 60) -> None:
    """Waits for what another process brings about."""
    for _ in range(seconds * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def database_of_test(url: str = "") -> str:
    """The address of the test's database, for the application or whoever the URL names."""
    parts = urlsplit(url or settings.DATABASE_URL)
    return urlunsplit(parts._replace(path="/" + quote(connection.settings_dict["NAME"])))
