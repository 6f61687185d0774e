"""Whether a server lives, can answer, and what it has counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from config.storage import WholeFiles
from declarations.domain.queueing import BEHIND, enqueue
from declarations.queries import health
from tests import factories
from tests.working import empty_queue

TOKEN = "a-token-of-forty-characters-for-one-test"
SECRET = re.compile(r"postgres|jixiao_app|/tmp|/run|host|password", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _storage_is_tried_anew(monkeypatch) -> None:
    monkeypatch.setattr(health, "_storage", health._Storage())


def beat(seconds_ago: int) -> None:
    """A worker gave its last sign of life so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def waits_since(seconds_ago: int, priority: int = 0) -> None:
    enqueue("declarations.clear_sessions", timestamp=0, priority=priority)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(secs => %s)",
            [seconds_ago],
        )


@contextmanager
def without_a_database() -> Iterator[None]:
    before = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["HOST"] = before


# /health/live/


@pytest.mark.django_db(transaction=True)
def test_it_lives_whatever_became_of_the_database(client) -> None:
    with without_a_database():
        answer = client.get("/health/live/")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer["Cache-Control"]


def test_it_asks_nothing_of_the_database(client, db, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/health/live/").status_code == 200


# /health/ready/


def test_ready_with_all_parts(client, db) -> None:
    empty_queue()
    beat(10)
    answer = client.get("/health/ready/?queue")
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True,
        "parts": {
            "database": {"ok": True},
            "migrations": {"ok": True},
            "workers": {"ok": True, "alive": 1},
            "queue": {"ok": True, "oldest_waiting_seconds": 0},
            "storage": {"ok": True},
        },
    }


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_is_not_ready_and_says_nothing_secret(client) -> None:
    with without_a_database():
        answer = client.get("/health/ready/")
    assert answer.status_code == 503
    parts = {name: part["ok"] for name, part in answer.json()["parts"].items()}
    assert parts == {
        **dict.fromkeys(("database", "migrations", "workers", "queue"), False),
        "storage": True,
    }
    assert not SECRET.search(answer.text)
    assert client.get("/health/ready/").status_code == 200  # it is back


def test_before_the_migrations_it_is_not_ready(client, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "DELETE FROM django_migrations WHERE (app, name) = ('declarations', '0006_disclosure')"
        )
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == {"ok": False, "missing": 1}


def test_without_the_storage_it_is_not_ready(client, db, monkeypatch, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")  # here nobody can make a folder, root neither
    monkeypatch.setattr(health, "default_storage", WholeFiles(location=place))
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["parts"]["storage"] == {"ok": False}
    assert not SECRET.search(answer.text)


def test_without_workers_pages_are_answered_and_whoever_watches_is_told(client, db) -> None:
    empty_queue()
    beat(60)
    assert client.get("/health/ready/").status_code == 200
    answer = client.get("/health/ready/?queue")
    assert answer.status_code == 503
    assert answer.json()["parts"]["workers"] == {"ok": False, "alive": 0}


def test_a_queue_that_is_late_is_told(client, db) -> None:
    empty_queue()
    beat(1)
    waits_since(14 * 60)
    assert client.get("/health/ready/?queue").status_code == 200
    waits_since(16 * 60)
    answer = client.get("/health/ready/?queue")
    assert answer.status_code == 503
    assert answer.json()["parts"]["queue"]["oldest_waiting_seconds"] in (960, 961)


def test_long_work_may_wait(db) -> None:
    empty_queue()
    waits_since(3600, priority=BEHIND)
    assert health.oldest_waiting(timezone.now()) == timedelta()


def test_a_job_for_later_waits_from_its_time_on(db) -> None:
    empty_queue()
    waits_since(3600)
    now = timezone.now()
    for minutes, waited in ((10, 0), (-5, 300)):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = %s",
                [now + timedelta(minutes=minutes)],
            )
        assert health.oldest_waiting(now) == timedelta(seconds=waited)


def test_the_storage_is_written_to_once_in_a_while_however_often_it_is_asked() -> None:
    now = [0.0]
    storage = health._Storage(lambda: now[0])
    written: list[str] = []
    save = default_storage.save

    def counted(name: str, content: Any) -> str:
        written.append(name)
        return save(name, content)

    default_storage.save = counted
    try:
        assert all(storage.works() for _ in range(5))
        assert len(written) == 1
        now[0] += health.STORAGE_SECONDS + 1
        assert storage.works()
    finally:
        del default_storage.save
    assert len(written) == 2
    assert not any(default_storage.exists(name) for name in written)


# /metrics/


@pytest.fixture
def scrape(client, db, settings) -> Any:
    settings.METRICS_TOKEN = TOKEN

    def scrape() -> dict[str, float]:
        answer = client.get("/metrics/", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=")
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    return scrape


def test_metrics_are_for_who_knows_the_token(client, db, settings) -> None:
    assert client.get("/metrics/").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics/").status_code == 401
    for wrong in ("Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 口令", "Bearer "):
        assert client.get("/metrics/", HTTP_AUTHORIZATION=wrong).status_code == 401, wrong


def test_requests_are_counted_and_timed_by_view(scrape, client) -> None:
    asked = 'jixiao_requests_total{method="GET",status="200",view="login"}'
    timed = 'jixiao_request_seconds_count{view="login"}'
    nowhere = 'jixiao_requests_total{method="GET",status="404",view="none"}'
    other = 'jixiao_requests_total{method="other",status="405",view="login"}'
    before = scrape()
    for _ in range(3):
        client.get("/login/")
    client.get("/nowhere/")
    client.generic("PURGE", "/login/")
    after = scrape()
    grown = {name: after[name] - before.get(name, 0) for name in (asked, timed, nowhere, other)}
    assert grown == {asked: 3, timed: 4, nowhere: 1, other: 1}
    assert after['jixiao_request_seconds_bucket{le="+Inf",view="login"}'] == after[timed]


def test_what_there_is_is_counted_by_state(scrape, declaration, filer, settings, tmp_path) -> None:
    empty_queue()
    beat(1)
    waits_since(90)
    factories.declaration_for(filer.department, year=2022)
    found = scrape()
    assert found['jixiao_declarations{state="draft"}'] == 2
    assert found["jixiao_workers"] == 1
    assert 90 <= found["jixiao_queue_oldest_waiting_seconds"] < 100
    job = 'jixiao_jobs{status="todo",task_name="declarations.clear_sessions"}'
    assert found[job] == 1
    assert found['jixiao_publications{state="current"}'] == 0
    assert found["jixiao_stored_files"] == found["jixiao_stored_bytes"] == 0
    assert found["jixiao_database_bytes"] > 1_000_000
    assert found["jixiao_storage_free_bytes"] > 0
    assert "jixiao_last_backup_timestamp_seconds" not in found


def test_the_age_of_the_latest_backup_is_told(scrape, settings, tmp_path: Path) -> None:
    settings.BACKUPS = str(tmp_path)
    assert "jixiao_last_backup_timestamp_seconds" not in scrape()
    (tmp_path / "20231120T020000Z").mkdir()
    sums = tmp_path / "20231120T020000Z" / "SHA256SUMS"
    sums.write_text("")
    found = scrape()["jixiao_last_backup_timestamp_seconds"]
    assert found == pytest.approx(sums.stat().st_mtime)
