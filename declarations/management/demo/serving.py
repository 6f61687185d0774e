"""Serving the demo on this machine."""

import os
import runpy
import socket
import sys

from django.core.management import CommandError
from django.db import connections

from declarations.management.demo.working import queue_worker

HOST = "127.0.0.1"


def port() -> int:
    """The PORT of the environment, 8000 unless set. Raises CommandError where it is none or taken."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT 应为 1 到 65535 之间的整数，现为“{text}”")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError:
            raise CommandError(
                f"端口 {text} 不能使用，可能已被占用，请换一个，例如 PORT=8001"
            ) from None
    return int(text)


def serve(port_number: int) -> None:
    """Runs gunicorn in this process, and a worker beside it, until Ctrl-C; raises SystemExit then.

    In this process and not in its place: the embedded PostgreSQL is stopped by this
    process when it ends.
    """
    connections.close_all()  # the worker is forked, and must not share ours
    sys.argv = [
        "gunicorn",
        "config.wsgi:application",
        f"--bind={HOST}:{port_number}",
        "--workers=1",
        "--worker-class=gthread",
        "--threads=4",
        "--graceful-timeout=5",
        "--no-control-socket",
        "--log-level=warning",
    ]
    with queue_worker():
        runpy.run_module("gunicorn", run_name="__main__", alter_sys=True)
