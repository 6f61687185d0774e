"""What is logged, and how: lines to read in development, JSON lines in production.

Nothing that people filled in, and no name, goes into a log. So of an error its kind and its place
are logged, and not its message, which quotes values; of a request the path, and not the query;
what somebody did is in the record, which has rights of its own.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_ABOUT: ContextVar[Mapping[str, Any]] = ContextVar("log_about", default={})  # noqa: B039  (read only)

FIELDS = (
    *("method", "path", "view", "status", "milliseconds", "user", "ip"),
    *("action", "task", "job"),
)
"""What a line may hold besides the time, level, logger, message and request id; nothing else that
a library hands over is written."""


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Whatever is logged inside says so: ``about(request_id=…)``."""
    token = _ABOUT.set({**_ABOUT.get(), **fields})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def request_id() -> str:
    """The name of the request that is being answered, or of the job that runs; "" for neither."""
    return str(_ABOUT.get().get("request_id", ""))


async def name_the_job(call_next: Callable[[], Awaitable[Any]], context: Any, _worker: Any) -> Any:
    """A middleware of procrastinate's workers: what a job logs names it."""
    with about(request_id=f"job-{context.job.id}", job=context.job.id, task=context.job.task_name):
        return await call_next()


class JsonLines(logging.Formatter):
    """One object to a line, in UTF-8, its time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_ABOUT.get(),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def described(error: BaseException) -> dict[str, Any]:
    """An error without its message: what kind, where, and of which constraint of the database."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    diagnosis = getattr(error, "diag", None)
    described_: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    for name in ("sqlstate", "table_name", "constraint_name"):
        if value := getattr(diagnosis, name, None):
            described_[name] = value
    described_["at"] = list(_places(error.__traceback__))
    if cause is not None:
        described_["because"] = described(cause)
    return described_


def settings(*, production: bool) -> dict[str, Any]:
    """Django's and gunicorn's logging configuration."""
    ours = "INFO" if production else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
            "json": {"()": "config.logs.JsonLines"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if production else "line",
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "axes": {"level": "ERROR"},  # names users; the record has it
            "declarations": {"level": ours},
            "django.request": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
            "gunicorn.error": {"level": ours},
            "procrastinate": {"level": ours},
            "procrastinate.blueprints": {"level": "WARNING"},
            "procrastinate.periodic": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }


def _message(record: logging.LogRecord) -> str:
    """Of an address with a secret in it, the route."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    return message.replace(path, logged_path(request)) if path else message


def logged_path(request: Any) -> str:
    """The path of a request, or the route where the path lets somebody in."""
    match = getattr(request, "resolver_match", None)
    if match is not None and "token" in match.kwargs:
        return f"/{match.route}"
    return str(request.path)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What the record was given of FIELDS; procrastinate gives jobs as objects."""
    found = {name: vars(record)[name] for name in FIELDS if name in vars(record)}
    job = found.get("job")
    if isinstance(job, Mapping):
        found |= {"job": job["id"], "task": job["task_name"]}
        found["request_id"] = f"job-{job['id']}"
    if isinstance(jobs := vars(record).get("jobs"), list):
        found["job"] = [job["id"] for job in jobs]
        found["task"] = ", ".join(sorted({job["task_name"] for job in jobs}))
    return found


def _places(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"{code.co_filename}:{traceback.tb_lineno} {code.co_qualname}"
        traceback = traceback.tb_next
