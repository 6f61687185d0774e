"""What is logged: enough to find out what happened, and nothing that people filled in."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from config import logs
from declarations.domain.queueing import enqueue
from declarations.models import User
from tests.working import work

NAME = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines() -> Iterator[Any]:
    """A function that gives the lines logged so far, as in production."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    configured = logs.settings(production=True)["loggers"]
    loggers = [logging.getLogger(n) for n in ("declarations", "procrastinate", "django.request")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(configured[logger.name]["level"])
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_a_request_is_one_line_and_has_a_name(as_user, filer: User, lines) -> None:
    answer = as_user(filer).get("/declarations/?words=秘密", REMOTE_ADDR="10.1.2.3")
    assert NAME.fullmatch(answer["X-Request-ID"])
    (line,) = lines()
    assert line.pop("milliseconds") > 0
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]{12}\+00:00", line.pop("time"))
    assert line == {
        "level": "INFO",
        "logger": "declarations.views.watching",
        "message": "request",
        "request_id": answer["X-Request-ID"],
        "method": "GET",
        "path": "/declarations/",
        "view": "declarations",
        "status": 200,
        "user": filer.pk,
        "ip": "10.1.2.3",
    }


def test_the_name_that_the_web_server_gave_is_kept(client, db) -> None:
    name = "0123456789abcdef-web1"
    assert client.get("/login/", HTTP_X_REQUEST_ID=name)["X-Request-ID"] == name


@pytest.mark.parametrize(
    "name", ["short", "x" * 65, "with space 12345", 'quote"1234567', "换行换行换行换行"]
)
def test_a_name_that_could_be_anything_is_not(client, db, name: str) -> None:
    assert NAME.fullmatch(client.get("/login/", HTTP_X_REQUEST_ID=name)["X-Request-ID"])


def test_an_address_that_lets_somebody_in_is_not_logged(client, db, lines) -> None:
    client.get("/password/reset/zhangsan/the-secret-token/")
    client.get("/invitations/the-secret-token/")
    assert [line["path"] for line in lines()] == [
        "/password/reset/<str:name>/<str:token>/",
        "/invitations/<str:token>/",
    ]
    assert "secret" not in str(lines())


def test_an_error_is_logged_with_its_place_and_without_what_it_quotes(
    as_user, filer: User, lines, monkeypatch
) -> None:
    def fails(*_arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT '无障碍设施改造'::int")

    monkeypatch.setattr("declarations.views.home.render", fails)
    client = as_user(filer)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert f"请把编号 {answer['X-Request-ID']} 告诉系统管理员" in answer.text
    error, request = lines()
    assert (error["level"], request["status"]) == ("ERROR", 500)
    assert error["request_id"] == request["request_id"] == answer["X-Request-ID"]
    assert error["error"]["type"] == "django.db.utils.DataError"
    assert error["error"]["because"]["sqlstate"] == "22P02"
    assert any("test_logging.py" in place and "fails" in place for place in error["error"]["at"])
    assert "无障碍" not in str(lines())


def test_a_constraint_is_named_and_the_row_is_not(db) -> None:
    typed = "无障碍设施改造"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO declarations_storedfile (key, format, sha256, size, name, made_at)"
                " VALUES (%s, '', '', -1, '', now())",
                [typed],
            )
    except IntegrityError as error:
        told = logs.described(error)
    assert told["because"]["constraint_name"] == "declarations_storedfile_size_check"
    assert typed not in str(told)


def test_a_job_is_named_and_so_is_what_it_logs(transactional_db, queue, monkeypatch, lines) -> None:
    with logs.about(request_id="the-request"):
        enqueue("declarations.clear_sessions", timestamp=0)
    work(monkeypatch)
    deferred, started, ended = [
        line for line in lines() if line.get("task") == "declarations.clear_sessions"
    ]
    assert (deferred["request_id"], deferred["action"]) == ("the-request", "jobs_deferred")
    assert deferred["job"] == [started["job"]]
    assert started["request_id"] == f"job-{started['job']}"
    assert (started["action"], ended["action"]) == ("start_job", "job_success")


def test_what_our_own_code_logs_in_a_job_has_the_name_of_the_job(
    transactional_db, queue, monkeypatch, lines
) -> None:
    def tells() -> None:
        logging.getLogger("declarations.domain.sessions").info("cleared")

    monkeypatch.setattr("declarations.tasks.accounts.clear_out", tells)
    enqueue("declarations.clear_sessions", timestamp=0)
    work(monkeypatch)
    (told,) = [line for line in lines() if line["message"] == "cleared"]
    assert told["task"] == "declarations.clear_sessions"
    assert told["request_id"] == f"job-{told['job']}"


def test_static_files_and_questions_of_machines_are_not_logged(client, db, lines) -> None:
    client.get("/health/live/")
    client.get("/static/css/app.css").close()
    assert lines() == []


def test_production_logs_json_and_development_lines_to_read(tmp_path) -> None:
    """Both as a process of its own sets them up."""
    for mode, beginning in (("production", '{"time": "'), ("development", "20")):
        told = _one_warning(mode, tmp_path)
        assert told.startswith(beginning), told
        assert "看得懂" in told


def _one_warning(mode: str, folder: Any) -> str:
    script = "import django, logging; django.setup(); logging.getLogger('declarations').warning('看得懂')"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "postgresql:///unused",
            "JIXIAO_MODE": mode,
            "JIXIAO_SECRET_KEY": "x" * 50,
            "JIXIAO_HOSTS": "jixiao.example",
            "JIXIAO_STORAGE": str(folder),
            "PYTHONIOENCODING": "utf-8",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stderr
