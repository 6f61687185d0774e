"""What is shipped for deploying: read by the programs it is for, and run."""

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests import factories
from tests.deployed import DEPLOY, HOST, TOKEN, Site, environment
from tests.publishing import published, publisher_of
from tests.working import eventually

UNITS = DEPLOY / "systemd"
DOCUMENT = (settings.BASE_DIR / "docs" / "deploy.md").read_text(encoding="utf-8")
CODE = [
    *(settings.BASE_DIR / "config").rglob("*.py"),
    *(settings.BASE_DIR / "declarations").rglob("*.py"),
]
OF_DEVELOPMENT = {"JIXIAO_DATA", "JIXIAO_DEBUG"}

needs_nginx = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx-light"
)
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


# systemd


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """With the folder of this checkout, so that what they start is there."""
    made = []
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/srv/jixiao", str(settings.BASE_DIR))
        text = text.replace(f"{settings.BASE_DIR}/.venv/bin/", f"{Path(sys.executable).parent}/")
        made.append(tmp_path / unit.name)
        made[-1].write_text(text)
    return made


@needs_systemd
def test_systemd_has_nothing_to_say_against_the_units(units: list[Path]) -> None:
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@needs_systemd
def test_the_services_are_closed_off(units: list[Path]) -> None:
    """systemd's own measure, from 0 (closed) to 10; it calls up to 4 OK."""
    for unit in units:
        if unit.suffix == ".service":
            subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
                check=True,
                capture_output=True,
            )


def test_what_serves_is_started_again_and_given_time_to_stop() -> None:
    for name in ("jixiao-web", "jixiao-worker@"):
        text = (UNITS / f"{name}.service").read_text()
        for line in ("Restart=always", "NoNewPrivileges=yes", "ProtectSystem=strict"):
            assert line in text.splitlines()
        assert re.search(r"^TimeoutStopSec=\d+$", text, re.MULTILINE)


def test_commands_of_the_units_are_there() -> None:
    for unit in UNITS.glob("*.service"):
        for command in re.findall(r"manage\.py (\w+)", unit.read_text()):
            subprocess.run(
                [sys.executable, "manage.py", command, "--help"],
                cwd=settings.BASE_DIR,
                env={"DATABASE_URL": "postgresql:///unused"},
                check=True,
                capture_output=True,
            )


# Variables


def test_every_variable_is_in_the_document() -> None:
    used = set().union(*(re.findall(r'"(JIXIAO_\w+)"', path.read_text()) for path in CODE))
    rows = [line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")]
    assert used == set(re.findall(r"`(JIXIAO_\w+)`", " ".join(rows)))


def test_the_example_names_variables_that_there_are() -> None:
    text = (DEPLOY / "jixiao.env").read_text()
    named = set(re.findall(r"^#?(JIXIAO_\w+)=", text, re.MULTILINE))
    assert named <= set(re.findall(r"`(JIXIAO_\w+)`", DOCUMENT))
    assert not named & OF_DEVELOPMENT


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody else")
def test_the_shell_of_the_owner_reads_variables_as_systemd_does(tmp_path: Path) -> None:
    storage = "s3://files/a?endpoint=https://store.example&region=gz"
    (tmp_path / "jixiao.env").write_text(f"# said\n\nJIXIAO_STORAGE={storage}\nUNREAD='a b'$c\n")
    (tmp_path / "owner.env").write_text("DATABASE_URL=postgresql://o:p%20w@nowhere/unused")
    shown = "import os; print(os.environ['JIXIAO_STORAGE'], os.environ['DATABASE_URL'])"
    told = subprocess.run(
        [DEPLOY / "manage", "shell", "--no-imports", "-c", shown],
        env={
            "PATH": os.environ["PATH"],
            "JIXIAO_ETC": str(tmp_path),
            "JIXIAO_USER": "root",
            "JIXIAO_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == f"{storage} postgresql://o:p%20w@nowhere/unused\n"


# gunicorn and nginx


def test_gunicorn_reads_its_configuration(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "gunicorn", "--check-config"),
            *("--config", "config/deploy/gunicorn.conf.py", "config.wsgi"),
        ],
        cwd=settings.BASE_DIR,
        env={
            "DATABASE_URL": "postgresql:///unused",
            "JIXIAO_STORAGE": str(tmp_path),
            "RUNTIME_DIRECTORY": str(tmp_path),
        },
        check=True,
    )


@needs_nginx
def test_nginx_reads_its_configuration(tmp_path: Path) -> None:
    told = subprocess.run(
        ["nginx", "-t", "-q", "-c", Site(tmp_path).render(), "-e", tmp_path / "error.log"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with django_db_blocker.unblock(), Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def publication(filer, reviewer) -> Any:
    declaration = factories.approved(filer, reviewer, factories.declaration_for(filer.department))
    return published(filer, reviewer, publisher_of(filer.bureau), declaration)


def metric(site: Site, name: str) -> float:
    answer = site.plain(site.monitoring, "/metrics/", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    lines = answer.body.decode().splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


running = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("site"), needs_nginx]


class TestRunning:
    pytestmark = running

    def test_everything_goes_over_tls(self, site: Site) -> None:
        sent_on = site.plain(site.http, "/public/?year=2023", Host=HOST)
        assert sent_on.status == 301
        assert sent_on.headers["Location"] == f"https://{HOST}/public/?year=2023"
        page = site.get("/login/")
        assert page.status == 200
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        assert "nginx/" not in page.headers["Server"]

    def test_a_static_file_comes_compressed_from_nginx_for_a_year(self, site: Site) -> None:
        name = re.search(rb'href="(/static/[^"]+\.css)"', site.get("/login/").body)
        assert name
        path = name[1].decode()
        answer = site.get(path, Accept_Encoding="gzip")
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.body) == site.get(path).body
        assert path not in site.log.read_text()  # gunicorn was not asked
        plain = re.sub(r"\.[0-9a-f]{12}\.", ".", path)
        assert site.get(plain).headers["Cache-Control"] == "public, max-age=60"

    def test_a_published_file_is_given_out_by_nginx(self, site: Site, publication: Any) -> None:
        file = publication.files.get(format="pdf").file
        path = f"/public/files/{publication.code}/pdf/"
        answer = site.get(path)
        assert answer.status == 200
        assert hashlib.sha256(answer.body).hexdigest() == file.sha256
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["ETag"] == f'"{file.sha256}"'
        assert answer.headers.get_all("Last-Modified") == [answer.headers["Last-Modified"]]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src" in answer.headers["Content-Security-Policy"]
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert "X-Accel-Redirect" not in answer.headers
        assert site.get(path, If_None_Match=answer.headers["ETag"]).status == 304
        part = site.get(path, Range="bytes=0-4")
        assert (part.status, part.body) == (206, b"%PDF-")

    def test_stored_files_have_no_address_of_their_own(self, site: Site, publication: Any) -> None:
        name = publication.files.get(format="pdf").file.name
        assert site.get(f"/stored/{name}").status == 404
        assert site.get(f"/static/../stored/{name}").status == 404

    def test_a_public_page_is_kept_for_everybody(self, site: Site, publication: Any) -> None:
        path = f"/public/verify/{publication.code}/"
        first, second = site.get(path), site.get(path, Cookie="sessionid=anything")
        assert (first.status, second.status) == (200, 200)
        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
        assert first.body == second.body
        assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
        assert len(second.headers.get_all("X-Request-ID")) == 1
        packed = site.get(path, Accept_Encoding="br, gzip")
        assert gzip.decompress(packed.body) == first.body
        assert site.get(path, If_None_Match=first.headers["ETag"]).status == 304

    def test_pages_of_people_are_not_kept(self, site: Site) -> None:
        for _ in range(2):
            assert "X-Cache" not in site.get("/login/").headers
        assert site.get("/").headers["Location"].startswith("/login/")

    def test_what_is_too_large_is_not_passed_on(self, site: Site) -> None:
        assert site.get("/login/", "POST", b"x" * (62 * 2**20)).status == 413

    def test_metrics_add_up_all_processes_and_are_not_for_the_public(self, site: Site) -> None:
        assert site.get("/metrics/", Authorization=f"Bearer {TOKEN}").status == 404
        assert site.plain(site.monitoring, "/metrics/").status == 401
        assert site.plain(site.monitoring, "/login/").status == 404
        asked = 'jixiao_requests_total{method="GET",status="200",view="login"} '
        before, asking = metric(site, asked), 0
        counted = site.folder / "run"
        while len(list(counted.glob("counter_*.db"))) < 2:  # until both have answered
            with ThreadPoolExecutor(12) as visitors:
                answers = list(visitors.map(site.get, ["/login/"] * 12))
            assert {answer.status for answer in answers} == {200}
            asking += 12
        for _ in range(12):
            site.get("/login/")
        assert metric(site, asked) == before + asking + 12

    def test_the_site_is_ready_for_who_watches(self, site: Site) -> None:
        answer = site.plain(site.monitoring, "/health/ready/")
        assert (answer.status, json.loads(answer.body)["ok"]) == (200, True)
        answer = site.plain(site.monitoring, "/health/ready/?queue")
        assert answer.status == 503  # there is no worker here

    def test_a_request_has_one_name_in_both_logs_and_no_secret(self, site: Site) -> None:
        answer = site.get("/invitations/a-secret-of-somebody/?words=secret")
        name = answer.headers["X-Request-ID"]
        lines = [json.loads(line) for line in (site.log.read_text().splitlines())]
        (ours,) = [line for line in lines if line.get("request_id") == name]
        assert (ours["ip"], ours["path"]) == ("127.0.0.1", "/invitations/<str:token>/")
        nginx = (site.folder / "jixiao.log").read_text()
        (theirs,) = [line for line in map(json.loads, nginx.splitlines()) if name in str(line)]
        assert (theirs["status"], theirs["path"]) == (answer.status, "/invitations/...")
        assert "secret" not in nginx + site.log.read_text()

    def test_whoever_claims_an_address_is_not_believed(self, site: Site) -> None:
        answer = site.get("/login/", X_Forwarded_For="8.8.8.8")
        lines = [json.loads(line) for line in site.log.read_text().splitlines()]
        name = answer.headers["X-Request-ID"]
        assert [x["ip"] for x in lines if x.get("request_id") == name] == ["127.0.0.1"]

    def test_connections_that_the_database_ended_are_made_anew(self, site: Site) -> None:
        def ready() -> int:
            return int(site.plain(site.monitoring, "/health/ready/").status)

        for _ in range(20):  # so that all threads have a connection
            assert ready() == 200
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND usename = 'jixiao_app'"
            )
            assert cursor.fetchone()[0] >= 2
        assert [site.get("/public/").status for _ in range(20)] == [200] * 20

    def test_while_it_is_away_visitors_are_told(self, site: Site) -> None:
        """The last one: gunicorn is told to stop, and stops in good order."""
        site.get("/public/")
        site.web.send_signal(signal.SIGTERM)
        assert site.web.wait(60) == 0
        away = site.get("/login/")
        assert away.status == 502
        assert "系统正在维护" in away.body.decode()
        assert (away.headers["Retry-After"], away.headers["Cache-Control"]) == ("30", "no-store")
        assert site.get("/public/").status == 200  # as it was kept


def test_a_worker_logs_json_and_finishes_when_told_to_stop(
    transactional_db, queue, tmp_path: Path
) -> None:
    """As its unit starts it, in production."""
    log = tmp_path / "log"
    with log.open("w") as said:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "procrastinate", "worker"],
            cwd=settings.BASE_DIR,
            env=environment(tmp_path),
            stderr=said,
        )
        try:
            eventually(lambda: "Starting worker" in log.read_text())
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
    launching, *logged = log.read_text().splitlines()
    assert launching == "Launching a worker on all queues"  # procrastinate's own, not a log
    lines = [json.loads(line) for line in logged]
    assert {line["logger"].partition(".")[0] for line in lines} == {"procrastinate"}
    assert lines[-1]["action"] == "stop_worker"
    assert os.environ["JIXIAO_STORAGE"] not in log.read_text()
