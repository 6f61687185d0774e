"""Backups in tests: made of what is in the tests' database, restored to another installation."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.sql import SQL, Identifier

from config.embedded_postgres import APPLICATION
from declarations.domain.files import stored
from declarations.models import Publication, StoredFile
from tests import factories
from tests.publishing import published, publisher_of


def backup(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("backup", str(folder), *arguments, stdout=out)
    return out.getvalue()


def verify() -> str:
    out = StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


def file(key: str, content: bytes = b"") -> StoredFile:
    """A stored file as publishing makes them."""
    return stored(key.ljust(64, "0"), "pdf", lambda: content or key.encode())


def publish_panyu(filer, reviewer) -> Publication:
    declaration = factories.approved(filer, reviewer, factories.declaration_for(filer.department))
    publisher = publisher_of(filer.bureau)
    return published(filer, reviewer, publisher, declaration)


def flip(path: Path) -> None:
    """One bit of one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


class Elsewhere:
    """Another installation: an empty database with an owner of its own, and an empty storage."""

    NAME = "elsewhere"

    def __init__(self, storage: Path) -> None:
        self.database = f"{self.NAME}_{connection.settings_dict['NAME']}"
        self.owner = f"{self.database}_owner"
        self.storage = storage

    def make(self) -> None:
        with self._server() as server:
            server.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(self.owner)))
            names = Identifier(self.database), Identifier(self.owner)
            server.execute(SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def remove(self) -> None:
        with self._server() as server:
            server.execute(
                SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(self.database))
            )
            server.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(self.owner)))

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A command of manage.py there."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": self._url(APPLICATION),
                "DATABASE_OWNER_URL": self._url(self.owner),
                "JIXIAO_STORAGE": str(self.storage),
            },
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """As the application reads them."""
        with psycopg.connect(self._url(APPLICATION)) as there:
            return there.execute(query).fetchall()

    def _url(self, user: str) -> str:
        parts = urlsplit(settings.OWNER_URL)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(
            parts._replace(netloc=f"{user}:@{place}", path="/" + quote(self.database))
        )

    @staticmethod
    def _server() -> psycopg.Connection[Any]:
        return psycopg.connect(settings.OWNER_URL, autocommit=True)
