"""Public pages and a stored PDF under wrk, against static files from the same server.

``.venv/bin/python -m benchmarks.serving``: the demo in a database of its own, served as in
production (gunicorn with `config/deploy/gunicorn.conf.py`, WhiteNoise, no nginx before it, which
would keep the pages). In turns, and the medians are compared. Needs wrk.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlsplit

import django

CONNECTIONS = 8
SECONDS = 5
ROUNDS = 3
HEADERS = {"Accept-Encoding": "gzip", "X-Forwarded-Proto": "https", "Host": "localhost"}
PROCESSES = 2
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for again and again. against: the name of the static file beside it."""

    name: str
    path: str
    against: str = ""
    etag: str = ""


def main() -> None:
    """Measures and prints the table."""
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"JIXIAO_STORAGE": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        django.setup()
        from benchmarks.database import own_database  # noqa: PLC0415

        with own_database():
            _measure()


def _measure() -> None:
    from django.conf import settings  # noqa: PLC0415

    from declarations.management.demo.loading import load_demo  # noqa: PLC0415

    load_demo()
    copy = Path(settings.STATIC_ROOT) / "benchmark.pdf"
    environment = _production()
    _run(environment, "manage.py", "collectstatic", "--noinput", "--verbosity=0")
    try:
        public, content = _published()
        copy.write_bytes(content)  # before the server starts, which looks at the folder once
        with _server(environment) as port:
            _print_table(port, [*_static(port), *public, _unchanged(port, public[0])])
    finally:
        copy.unlink(missing_ok=True)


def _published() -> tuple[list[Asked], bytes]:
    """What the demo has published of Panyu, and the bytes of its PDF."""
    from django.urls import reverse  # noqa: PLC0415

    from declarations.models import CatalogueEntry  # noqa: PLC0415
    from declarations.queries.files import content_of  # noqa: PLC0415

    entry = CatalogueEntry.objects.get(department__code="panyu-dpf", slug="panyu-target")
    bureau, department = entry.bureau.code, entry.department.code
    form = reverse("public-form", args=[bureau, entry.year, department, entry.slug])
    code, file = entry.publication.code, entry.publication.files.get(format="pdf").file
    pages = [
        Asked("a form", form, "static"),
        Asked("the home page", reverse("public-home"), "static"),
        Asked("a bureau", reverse("public-bureau", args=[bureau]), "static"),
        Asked("a department", reverse("public-department", args=[bureau, department]), "static"),
        Asked("a search", f"{reverse('public-search')}?q={quote('康复')}", "static"),
        Asked("its PDF", reverse("public-file", args=[code, "pdf"]), "static PDF"),
    ]
    return pages, content_of(file)


def _static(port: int) -> list[Asked]:
    """A style sheet of a page's size, and a copy of the PDF."""
    page = _get(port, "/public/")[1].decode()
    style = re.search(r'href="(/static/css/[^"]+)"', page)
    assert style is not None
    return [Asked("static", style[1]), Asked("static PDF", "/static/benchmark.pdf")]


def _unchanged(port: int, asked: Asked) -> Asked:
    etag = _get(port, asked.path)[0]["ETag"]
    return Asked("a form, unchanged", asked.path, "static", etag)


def _print_table(port: int, asked: list[Asked]) -> None:
    rates: dict[str, list[float]] = {each.name: [] for each in asked}
    for _ in range(ROUNDS):
        for each in asked:
            rates[each.name].append(_wrk(port, each))
    print(f"{'asked for':20} {'requests/s':>10} {'bytes':>8}  of the static file")
    for each in asked:
        rate, size = median(rates[each.name]), 0 if each.etag else len(_get(port, each.path)[1])
        share = f"{rate / median(rates[each.against]):.2f}" if each.against else ""
        print(f"{each.name:20} {rate:10.0f} {size:8}  {share}")
    print(f"\n{PROCESSES} processes, {CONNECTIONS} connections, {os.cpu_count()} CPUs")


def _wrk(port: int, asked: Asked) -> float:
    """Requests in a second. Fails where any is not answered as it should be."""
    headers = HEADERS | ({"If-None-Match": asked.etag} if asked.etag else {})
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", "--timeout=10s", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *options]
    address = f"http://127.0.0.1:{port}{asked.path}"
    said = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    rate = _RATE.search(said)
    assert rate is not None, said
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    return float(rate[1])


def _get(port: int, path: str) -> tuple[dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    plain = HEADERS | ({"Accept-Encoding": "identity"} if path == "/public/" else {})
    connection.request("GET", path, headers=plain)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, (path, answer.status)
    return dict(answer.getheaders()), content


def _production() -> dict[str, str]:
    """The environment of the server: our own database, a port that nobody has."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    url = urlsplit(settings.OWNER_URL or settings.DATABASE_URL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "JIXIAO_MODE": "production",
        "JIXIAO_SECRET_KEY": secrets.token_hex(40),
        "JIXIAO_HOSTS": "localhost",
        "JIXIAO_BIND": f"127.0.0.1:{port}",
        "JIXIAO_WEB_PROCESSES": str(PROCESSES),
    }


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[int]:
    """gunicorn; its port, once it answers."""
    options = ["--config", "config/deploy/gunicorn.conf.py", "config.wsgi"]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options], env=environment, stdout=log, stderr=log
        ) as server,
    ):
        port = int(environment["JIXIAO_BIND"].rpartition(":")[2])
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            _get(port, "/public/")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the server does not answer")


def _run(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, *command], env=environment, check=True)


if __name__ == "__main__":
    main()
