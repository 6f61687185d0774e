"""gunicorn: ``gunicorn --config config/deploy/gunicorn.conf.py config.wsgi``, from the project's folder.

Each process answers as many requests at a time as it has threads, and each thread keeps one
connection to PostgreSQL.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config import logs
from config.environment import text, whole_number

bind = text("JIXIAO_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = whole_number("JIXIAO_WEB_PROCESSES", (os.cpu_count() or 1) + 1)
threads = whole_number("JIXIAO_WEB_THREADS", 4)

timeout = 120  # seconds; publishing makes PDFs, and a large form's takes some
graceful_timeout = 30  # for requests that are being answered when it is told to stop
keepalive = 75  # longer than the web server before it keeps a connection
max_requests, max_requests_jitter = 20_000, 2_000  # then a process is replaced, with its memory
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (no disk waits)
control_socket_disable = True

accesslog = None  # config/logs.py: a line for each request is ours
logconfig_dict = logs.settings(production=text("JIXIAO_MODE") == "production")

# The processes count into files of one folder, from which /metrics/ adds them up.
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
os.environ.setdefault("PROMETHEUS_DISABLE_CREATED_SERIES", "true")
_OWN = (
    ""
    if _METRICS in os.environ or text("RUNTIME_DIRECTORY")
    else tempfile.mkdtemp(prefix="jixiao-metrics-")
)
os.environ.setdefault(_METRICS, text("RUNTIME_DIRECTORY") or _OWN)


def on_starting(_server: Any) -> None:
    """What processes of before have counted is not counted again."""
    for counted in Path(os.environ[_METRICS]).glob("*.db"):
        counted.unlink()


def on_exit(_server: Any) -> None:
    """Nothing is left of a folder that was made for this server alone."""
    if _OWN:
        shutil.rmtree(_OWN, ignore_errors=True)
