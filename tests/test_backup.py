"""Backup, wipe, restore: everything is there again, and every hash agrees."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from psycopg.sql import SQL, Identifier

from config.embedded_postgres import APPLICATION
from declarations.domain.files import stored
from declarations.management import backups, postgresql
from declarations.management.backups import DUMP, MANIFEST, SUMS
from declarations.models import Batch, Publication, Revision, Session, StoredFile
from declarations.sheets.records import content_hash
from tests import evidence, factories
from tests.publishing import published, publisher_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture(autouse=True)
def _an_empty_storage() -> Iterator[None]:
    yield
    shutil.rmtree(default_storage.path("published"), ignore_errors=True)


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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    place = Elsewhere(tmp_path / "elsewhere")
    place.remove()
    place.make()
    yield place
    place.remove()


def test_backup_wipe_restore_and_every_hash_agrees(
    folder: Path, elsewhere: Elsewhere, filer, reviewer, department, as_user
) -> None:
    as_user(filer)
    assert Session.objects.exists()
    declaration = evidence.scored_for(department)
    publication = publish_panyu(filer, reviewer)
    evidence.add(filer, declaration)
    backup(folder)
    default_storage.delete(publication.files.get(format="pdf").file.name)  # none of it is needed

    done = elsewhere.run("restore", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "全部哈希值一致" in done.stdout

    assert elsewhere.rows("SELECT code, sha256 FROM declarations_publication") == [
        (publication.code, publication.sha256)
    ]
    for content, sha256 in elsewhere.rows("SELECT content, sha256 FROM declarations_revision"):
        assert content_hash(content) == sha256
    assert len(elsewhere.rows("SELECT FROM declarations_revision")) == Revision.objects.count()
    for name, sha256 in elsewhere.rows("SELECT name, sha256 FROM declarations_storedfile"):
        assert backups._digest(elsewhere.storage / name) == sha256
    assert elsewhere.run("verify").returncode == 0

    assert_rights_are_as_they_were(elsewhere)
    assert_triggers_are_as_they_were(elsewhere)
    nobody_is_logged_in = elsewhere.rows("SELECT FROM declarations_session") == []
    assert nobody_is_logged_in


def publish_panyu(filer, reviewer) -> Publication:
    declaration = factories.approved(filer, reviewer, factories.declaration_for(filer.department))
    publisher = publisher_of(filer.bureau)
    return published(filer, reviewer, publisher, declaration)


def assert_rights_are_as_they_were(elsewhere: Elsewhere) -> None:
    rights = (
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'jixiao_app' AND table_schema = 'public' ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(rights)
        assert elsewhere.rows(rights) == cursor.fetchall()


def assert_triggers_are_as_they_were(elsewhere: Elsewhere) -> None:
    triggers = (
        "SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid)"
        " FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(triggers)
        here = cursor.fetchall()
    assert len(here) > 50
    assert elsewhere.rows(triggers) == here


def test_a_database_that_is_not_empty_is_restored_to_only_by_who_types_its_name(
    folder: Path, elsewhere: Elsewhere
) -> None:
    file("first")
    backup(folder)
    assert elsewhere.run("restore", str(folder)).returncode == 0

    refused = elsewhere.run("restore", str(folder))
    assert refused.returncode == 1
    assert f"数据库 {elsewhere.database} 不是空的，没有恢复" in refused.stderr
    refused = elsewhere.run("restore", str(folder), "--force", typed="yes\n")
    assert "输入的名称不符，没有恢复" in refused.stderr
    with psycopg.connect(elsewhere._url(APPLICATION)) as somebody:
        refused = elsewhere.run("restore", str(folder), "--force", typed=elsewhere.database + "\n")
        assert "还有 1 个连接，请先停止" in refused.stderr
        assert somebody.execute("SELECT count(*) FROM declarations_storedfile").fetchone() == (1,)

    file("second")
    backup(folder)
    damaged = elsewhere.storage / StoredFile.objects.earliest("pk").name
    damaged.write_bytes(b"something else")
    done = elsewhere.run("restore", str(folder), "--force", typed=elsewhere.database + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(2,)]
    assert damaged.read_bytes() == b"first"
    assert_rights_are_as_they_were(elsewhere)


def test_an_earlier_backup_is_restored_by_its_name(folder: Path, elsewhere: Elsewhere) -> None:
    file("first")
    backup(folder)
    (first,) = backups.all_in(folder)
    first = first.rename(folder / "20200101T000000Z")
    file("second")
    backup(folder)
    assert elsewhere.run("restore", str(folder), "--backup", first.name).returncode == 0
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(1,)]


def test_nothing_is_restored_from_a_damaged_backup(folder: Path, elsewhere: Elsewhere) -> None:
    file("first")
    backup(folder)
    flip(next((folder / "files").glob("*/*")))
    refused = elsewhere.run("restore", str(folder))
    assert refused.returncode == 1
    assert "备份已损坏，没有恢复" in refused.stderr
    assert elsewhere.run("restore", str(folder)).stdout.count("正在恢复") == 0


def test_a_backup_of_a_later_release_is_refused(folder: Path, elsewhere: Elsewhere) -> None:
    backup(folder)
    (made,) = backups.all_in(folder)
    manifest = json.loads((made / MANIFEST).read_text())
    manifest["migrations"].append(["declarations", "0999_of_next_year"])
    (made / MANIFEST).write_text(json.dumps(manifest))
    sums = [f"{backups._digest(made / part)}  {part}\n" for part in (DUMP, MANIFEST)]
    (made / SUMS).write_text("".join(sums))
    refused = elsewhere.run("restore", str(folder))
    assert refused.returncode == 1
    assert "备份来自更新的程序版本" in refused.stderr
    assert "declarations.0999_of_next_year" in refused.stderr


# Checking a backup


def flip(path: Path) -> None:
    """One bit of one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("part", [DUMP, MANIFEST, SUMS, "file"])
def test_a_flipped_bit_is_found_wherever_it_is(folder: Path, part: str) -> None:
    file("first", b"content of the file")
    backup(folder)
    assert "备份完好" in backup(folder, "--verify")
    (made,) = backups.all_in(folder)
    flip(next((folder / "files").glob("*/*")) if part == "file" else made / part)
    with pytest.raises(CommandError, match="已损坏") as refused:
        backup(folder, "--verify", made.name)
    assert refused.value.returncode == 1


@pytest.mark.parametrize("part", [DUMP, MANIFEST, "file"])
def test_a_missing_part_is_found(folder: Path, part: str) -> None:
    made_of = file("first")
    backup(folder)
    (made,) = backups.all_in(folder)
    (next((folder / "files").glob("*/*")) if part == "file" else made / part).unlink()
    named = made_of.name if part == "file" else part
    with pytest.raises(CommandError, match=f"{named}：文件缺失"):
        backup(folder, "--verify")


def test_sha256sum_understands_the_sums(folder: Path) -> None:
    backup(folder)
    (made,) = backups.all_in(folder)
    told = subprocess.run(
        ["sha256sum", "-c", SUMS], cwd=made, capture_output=True, text=True, check=True
    )
    assert told.stdout == "database.dump: OK\nmanifest.json: OK\n"


def test_what_is_not_there_cannot_be_checked(folder: Path) -> None:
    with pytest.raises(CommandError, match="中没有备份"):
        backup(folder, "--verify")
    backup(folder)
    with pytest.raises(CommandError, match="没有备份“20010101T000000Z”，现有：2"):
        backup(folder, "--verify", "20010101T000000Z")


# Making one


def test_files_are_copied_once_and_a_damaged_copy_is_replaced(folder: Path) -> None:
    file("first"), file("second")
    assert "文件共 2 个，新复制 2 个" in backup(folder)
    rename_all(folder)
    file("third")
    assert "文件共 3 个，新复制 1 个" in backup(folder)
    rename_all(folder)
    flip(min((folder / "files").glob("*/*")))
    assert "文件共 3 个，新复制 1 个" in backup(folder)
    assert "备份完好" in backup(folder, "--verify")


def rename_all(folder: Path) -> None:
    """A second has passed for each: a backup is named by its second."""
    for made in backups.all_in(folder):
        made.rename(folder / f"{int(made.name[:4]) - 1}{made.name[4:]}")


def test_only_so_many_are_kept_with_their_files(folder: Path) -> None:
    for key in ("first", "second", "third"):
        file(key)
        rename_all(folder)
        backup(folder, "--keep", "2")
    found = backups.all_in(folder)
    assert len(found) == 2
    assert [len(backups.Manifest.of(made).files) for made in found] == [2, 3]
    assert len(list((folder / "files").glob("*/*"))) == 3


def test_it_is_of_one_moment(folder: Path, elsewhere: Elsewhere, monkeypatch) -> None:
    """What is stored while it is being made is neither in the dump nor in the list."""
    dump = postgresql.dump

    def dumped_slowly(seen_by: str, path: Path) -> None:
        file("while it is dumped")
        dump(seen_by, path)
        file("after it was dumped")

    file("before")
    monkeypatch.setattr(postgresql, "dump", dumped_slowly)
    backup(folder)
    assert StoredFile.objects.count() == 3
    manifest = backups.Manifest.of(backups.all_in(folder)[0])
    assert len(manifest.files) == manifest.counts["StoredFile"] == 1
    assert elsewhere.run("restore", str(folder)).returncode == 0
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(1,)]


@pytest.mark.parametrize("damage", ["missing", "flipped"])
def test_what_was_damaged_already_is_told_and_all_else_is_backed_up(
    folder: Path, damage: str
) -> None:
    bad, _good = file("bad"), file("good")
    path = Path(default_storage.path(bad.name))
    path.unlink() if damage == "missing" else flip(path)
    with pytest.raises(CommandError, match=bad.name) as told:
        backup(folder)
    assert told.value.returncode == 3
    (made,) = backups.all_in(folder)
    manifest = backups.Manifest.of(made)
    problem = "文件缺失" if damage == "missing" else "内容与哈希值不符"
    assert manifest.holes == {bad.name: problem}
    assert backups.problems(made, lambda _line: None) == []
    assert len(list((folder / "files").glob("*/*"))) == 1


def test_an_archive_that_expires_meanwhile_is_no_hole(folder: Path, filer, monkeypatch) -> None:
    name = default_storage.save("batches/1/a.zip", ContentFile(b"zip"))
    batch = Batch.objects.create(
        bureau=filer.bureau,
        kind="export",
        state="done",
        title="导出",
        requested_by=filer,
        file=name,
        sha256="0" * 64,
    )
    dump = postgresql.dump

    def dumped_and_expired(seen_by: str, path: Path) -> None:
        dump(seen_by, path)
        Batch.objects.filter(pk=batch.pk).update(file="")
        default_storage.delete(name)

    monkeypatch.setattr(postgresql, "dump", dumped_and_expired)
    backup(folder)
    manifest = backups.Manifest.of(backups.all_in(folder)[0])
    assert (manifest.expired, manifest.holes, manifest.files) == ([name], {}, [])


def test_what_a_killed_one_left_is_cleared_and_is_no_backup(folder: Path) -> None:
    left = folder / ".unfinished-20200101T000000Z"
    left.mkdir(parents=True)
    (left / DUMP).write_bytes(b"half")
    assert backups.all_in(folder) == []
    backup(folder)
    assert not left.exists()


def test_a_dump_that_fails_leaves_no_backup(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(
        postgresql, "_VARIABLES", {**postgresql._VARIABLES, "dbname": "PGAPPNAME"}
    )  # so pg_dump looks for a database of the user's name
    with pytest.raises(CommandError, match="pg_dump 没有完成"):
        backup(folder)
    assert backups.all_in(folder) == []


def test_two_at_once_in_one_folder_are_refused(folder: Path) -> None:
    backup(folder)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="正有另一个备份在进行"):
            backup(folder)


def test_others_cannot_read_it_whatever_the_folder_lets_them(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    file("first")
    backup(folder)
    assert [p for p in folder.rglob("*") if p.stat().st_mode & 0o077] == []


def test_a_client_older_than_the_server_is_refused_with_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(postgresql, "_version", lambda _path: 13)
    with pytest.raises(
        CommandError, match=r"需要 PostgreSQL \d+ 或更新的 pg_dump，现有的是 13；请"
    ):
        postgresql.dump_version()
    monkeypatch.setattr(postgresql, "_programs", lambda _name: iter(()))
    with pytest.raises(CommandError, match="现在没有；请安装 postgresql-client-"):
        postgresql.dump_version()


def test_the_password_is_no_argument(folder: Path, monkeypatch) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []
    run = subprocess.run

    def noted(command: list[Any], **options: Any) -> Any:
        if "env" in options:
            ran.append(([str(word) for word in command], options["env"]))
        return run(command, **options)

    owner = connections["owner"]
    owner.close()
    monkeypatch.setitem(owner.settings_dict, "PASSWORD", "geheim")  # our own server asks for none
    monkeypatch.setattr(postgresql.subprocess, "run", noted)
    backup(folder)
    owner.close()
    ((command, variables),) = ran
    assert not any("geheim" in word for word in command)
    assert variables["PGPASSWORD"] == "geheim"


# The running system


def test_a_sound_system_is_told_with_figures(filer, reviewer) -> None:
    publish_panyu(filer, reviewer)
    told = verify()
    assert "核对完成，没有发现问题" in told
    assert "公开内容：已核对 1 项" in told


def test_a_damaged_file_and_changed_contents_are_found(filer, reviewer) -> None:
    publication = publish_panyu(filer, reviewer)
    flip(Path(default_storage.path(publication.files.get(format="pdf").file.name)))
    Path(default_storage.path(publication.files.get(format="xlsx").file.name)).unlink()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table in map(Identifier, ("declarations_publication", "declarations_revision")):
            for change in (
                "ALTER TABLE {} DISABLE TRIGGER USER",
                "UPDATE {} SET content = jsonb_set(content, '{{x}}', '1')",
                "ALTER TABLE {} ENABLE TRIGGER USER",
            ):
                cursor.execute(SQL(change).format(table))
    with pytest.raises(CommandError) as told:
        verify()
    assert str(told.value).count("内容与哈希值不符") == 3
    assert str(told.value).count("文件缺失") == 1
