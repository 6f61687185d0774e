"""Backup, wipe, restore: everything is there again, and every hash agrees."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.db import connection

from config.embedded_postgres import APPLICATION
from declarations.management import backups, postgresql
from declarations.management.backups import DUMP, MANIFEST, SUMS
from declarations.models import Revision, Session, StoredFile
from declarations.sheets.records import content_hash
from tests import evidence
from tests.backing_up import Elsewhere, backup, file, flip, publish_panyu

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    place = Elsewhere(tmp_path / "elsewhere")
    place.remove()
    place.make()
    yield place
    place.remove()


def test_backup_wipe_restore_and_every_hash_agrees(
    backup_folder: Path, elsewhere: Elsewhere, filer, reviewer, department, as_user
) -> None:
    as_user(filer)
    assert Session.objects.exists()
    declaration = evidence.scored_for(department)
    publication = publish_panyu(filer, reviewer)
    evidence.add(filer, declaration)
    backup(backup_folder)
    default_storage.delete(publication.files.get(format="pdf").file.name)  # none of it is needed

    done = elsewhere.run("restore", str(backup_folder))
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
    backup_folder: Path, elsewhere: Elsewhere
) -> None:
    file("first")
    backup(backup_folder)
    assert elsewhere.run("restore", str(backup_folder)).returncode == 0

    refused = elsewhere.run("restore", str(backup_folder))
    assert refused.returncode == 1
    assert f"数据库 {elsewhere.database} 不是空的，没有恢复" in refused.stderr
    refused = elsewhere.run("restore", str(backup_folder), "--force", typed="yes\n")
    assert "输入的名称不符，没有恢复" in refused.stderr
    with psycopg.connect(elsewhere._url(APPLICATION)) as somebody:
        refused = elsewhere.run(
            "restore", str(backup_folder), "--force", typed=elsewhere.database + "\n"
        )
        assert "还有 1 个连接，请先停止" in refused.stderr
        assert somebody.execute("SELECT count(*) FROM declarations_storedfile").fetchone() == (1,)

    file("second")
    backup(backup_folder)
    damaged = elsewhere.storage / StoredFile.objects.earliest("pk").name
    damaged.write_bytes(b"something else")
    done = elsewhere.run("restore", str(backup_folder), "--force", typed=elsewhere.database + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(2,)]
    assert damaged.read_bytes() == b"first"
    assert_rights_are_as_they_were(elsewhere)


def test_an_earlier_backup_is_restored_by_its_name(
    backup_folder: Path, elsewhere: Elsewhere
) -> None:
    file("first")
    backup(backup_folder)
    (first,) = backups.all_in(backup_folder)
    first = first.rename(backup_folder / "20200101T000000Z")
    file("second")
    backup(backup_folder)
    assert elsewhere.run("restore", str(backup_folder), "--backup", first.name).returncode == 0
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(1,)]


def test_nothing_is_restored_from_a_damaged_backup(
    backup_folder: Path, elsewhere: Elsewhere
) -> None:
    file("first")
    backup(backup_folder)
    flip(next((backup_folder / "files").glob("*/*")))
    refused = elsewhere.run("restore", str(backup_folder))
    assert refused.returncode == 1
    assert "备份已损坏，没有恢复" in refused.stderr
    assert elsewhere.run("restore", str(backup_folder)).stdout.count("正在恢复") == 0


def test_a_backup_of_a_later_release_is_refused(backup_folder: Path, elsewhere: Elsewhere) -> None:
    backup(backup_folder)
    (made,) = backups.all_in(backup_folder)
    manifest = json.loads((made / MANIFEST).read_text())
    manifest["migrations"].append(["declarations", "0999_of_next_year"])
    (made / MANIFEST).write_text(json.dumps(manifest))
    sums = [f"{backups._digest(made / part)}  {part}\n" for part in (DUMP, MANIFEST)]
    (made / SUMS).write_text("".join(sums))
    refused = elsewhere.run("restore", str(backup_folder))
    assert refused.returncode == 1
    assert "备份来自更新的程序版本" in refused.stderr
    assert "declarations.0999_of_next_year" in refused.stderr


def test_it_is_of_one_moment(backup_folder: Path, elsewhere: Elsewhere, monkeypatch) -> None:
    """What is stored while it is being made is neither in the dump nor in the list."""
    dump = postgresql.dump

    def dumped_slowly(seen_by: str, path: Path) -> None:
        file("while it is dumped")
        dump(seen_by, path)
        file("after it was dumped")

    file("before")
    monkeypatch.setattr(postgresql, "dump", dumped_slowly)
    backup(backup_folder)
    assert StoredFile.objects.count() == 3
    manifest = backups.Manifest.of(backups.all_in(backup_folder)[0])
    assert len(manifest.files) == manifest.counts["StoredFile"] == 1
    assert elsewhere.run("restore", str(backup_folder)).returncode == 0
    assert elsewhere.rows("SELECT count(*) FROM declarations_storedfile") == [(1,)]
