"""The project as it is deployed: nginx and gunicorn with the configuration that is shipped."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import connection

from config.embedded_postgres import APPLICATION
from tests.working import eventually

DEPLOY = settings.BASE_DIR / "config" / "deploy"
HOST = "jixiao.example"
TOKEN = "t" * 40

NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    {temporary}
    include {folder}/jixiao.conf;
}}
"""
"""What Debian's own nginx.conf says around a site, with everything in one folder."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Of a process in production, on the tests' database, as the application."""
    parts = urlsplit(settings.OWNER_URL)
    place = parts.netloc.rpartition("@")[2]
    database = parts._replace(
        netloc=f"{APPLICATION}:@{place}", path="/" + quote(connection.settings_dict["NAME"])
    )
    return {
        "PATH": os.environ["PATH"],
        "JIXIAO_MODE": "production",
        "JIXIAO_SECRET_KEY": "tests-only-" + "k" * 50,
        "JIXIAO_HOSTS": HOST,
        "JIXIAO_PROXIES": "1",
        "JIXIAO_ACCEL": "/stored/",
        "JIXIAO_METRICS_TOKEN": TOKEN,
        "JIXIAO_STATIC": str(folder / "static"),
        "JIXIAO_STORAGE": os.environ["JIXIAO_STORAGE"],
        "RUNTIME_DIRECTORY": str(folder / "run"),
        "DATABASE_URL": urlunsplit(database),
        "JIXIAO_WEB_PROCESSES": "2",
        **more,
    }


def certificate(folder: Path) -> None:
    """A certificate for localhost that the tests trust, where the configuration wants it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class Site:
    """nginx, gunicorn and their files in a folder, for as long as the ``with`` lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http, self.https, self.monitoring, self.gunicorn = (free_port() for _ in range(4))
        self.stack = ExitStack()

    def render(self) -> Path:
        """The shipped configuration with ports and folders of this site; the file to start with."""
        text = (DEPLOY / "nginx" / "jixiao.conf").read_text(encoding="utf-8")
        for shipped, ours in (
            (r"listen \[::\]:.*;", ""),
            (r"listen 80;", f"listen 127.0.0.1:{self.http};"),
            (r"listen 443 ", f"listen 127.0.0.1:{self.https} "),
            (r"127\.0\.0\.1:9180", f"127.0.0.1:{self.monitoring}"),
            (r"127\.0\.0\.1:8000", f"127.0.0.1:{self.gunicorn}"),
            (r"/etc/ssl/jixiao/", f"{self.folder}/"),
            (r"/var/log/nginx/", f"{self.folder}/"),
            (r"/var/cache/nginx/jixiao", f"{self.folder}/cache"),
            (r"/var/lib/jixiao/files/", f"{os.environ['JIXIAO_STORAGE']}/"),
            (r"/srv/jixiao/static/collected/", f"{self.folder}/static/"),
            (r"/srv/jixiao/", f"{settings.BASE_DIR}/"),
        ):
            text, changed = re.subn(shipped, ours, text)
            assert changed, f"nginx's configuration has no {shipped} any longer"
        (self.folder / "jixiao.conf").write_text(text, encoding="utf-8")
        certificate(self.folder)
        temporary = [
            f"{name}_temp_path {self.folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ]
        user = "user root;" if os.getuid() == 0 else ""  # who may read the tests' folders
        path = self.folder / "nginx.conf"
        path.write_text(
            NGINX.format(user=user, folder=self.folder, temporary="\n    ".join(temporary))
        )
        return path

    def __enter__(self) -> Self:
        configuration = self.render()
        (self.folder / "run").mkdir()
        of_site = environment(self.folder, JIXIAO_BIND=f"127.0.0.1:{self.gunicorn}")
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
            cwd=settings.BASE_DIR,
            env=of_site,
            check=True,
        )
        self.log = self.folder / "gunicorn.log"
        said = self.stack.enter_context(self.log.open("w"))
        nginx = shutil.which("nginx") or ""
        self.nginx = subprocess.Popen([nginx, "-c", configuration, "-e", self.folder / "error.log"])
        self.web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn"),
                *("--config", "config/deploy/gunicorn.conf.py", "config.wsgi"),
            ],
            cwd=settings.BASE_DIR,
            env=of_site,
            stderr=said,
        )
        try:
            eventually(self._lives)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _lives(self) -> bool:
        assert self.nginx.poll() is None, (self.folder / "error.log").read_text()
        assert self.web.poll() is None, self.log.read_text()
        with suppress(ConnectionError):
            return bool(self.get("/health/live/").status == 200)
        return False

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for process in (self.web, self.nginx):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.web, self.nginx):
            process.wait(60)
        self.stack.close()

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        """An answer over TLS, read; ``.headers``, ``.status``, ``.body``."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        browser = http.client.HTTPSConnection("localhost", self.https, context=trusted, timeout=60)
        return self._ask(browser, method, path, body, {"Host": HOST, **headers})

    def plain(self, port: int, path: str, **headers: str) -> Any:
        """Without TLS, from a port of the site."""
        browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        return self._ask(browser, "GET", path, None, headers)

    @staticmethod
    def _ask(
        browser: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> Any:
        try:
            browser.request(
                method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = browser.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            browser.close()
