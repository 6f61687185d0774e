"""Backups are whole, of one moment, and what is wrong with one is found."""

import fcntl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connection, connections
from psycopg.sql import SQL, Identifier

from declarations.management import backups, postgresql
from declarations.management.backups import DUMP, MANIFEST, SUMS
from declarations.models import Batch
from tests.backing_up import backup, file, flip, publish_panyu, verify

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


# Checking a backup


@pytest.mark.parametrize("part", [DUMP, MANIFEST, SUMS, "file"])
def test_a_flipped_bit_is_found_wherever_it_is(backup_folder: Path, part: str) -> None:
    file("first", b"content of the file")
    backup(backup_folder)
    assert "备份完好" in backup(backup_folder, "--verify")
    (made,) = backups.all_in(backup_folder)
    flip(next((backup_folder / "files").glob("*/*")) if part == "file" else made / part)
    with pytest.raises(CommandError, match="已损坏") as refused:
        backup(backup_folder, "--verify", made.name)
    assert refused.value.returncode == 1


@pytest.mark.parametrize("part", [DUMP, MANIFEST, "file"])
def test_a_missing_part_is_found(backup_folder: Path, part: str) -> None:
    made_of = file("first")
    backup(backup_folder)
    (made,) = backups.all_in(backup_folder)
    (next((backup_folder / "files").glob("*/*")) if part == "file" else made / part).unlink()
    named = made_of.name if part == "file" else part
    with pytest.raises(CommandError, match=f"{named}：文件缺失"):
        backup(backup_folder, "--verify")


def test_sha256sum_understands_the_sums(backup_folder: Path) -> None:
    backup(backup_folder)
    (made,) = backups.all_in(backup_folder)
    told = subprocess.run(
        ["sha256sum", "-c", SUMS], cwd=made, capture_output=True, text=True, check=True
    )
    assert told.stdout == "database.dump: OK\nmanifest.json: OK\n"


def test_what_is_not_there_cannot_be_checked(backup_folder: Path) -> None:
    with pytest.raises(CommandError, match="中没有备份"):
        backup(backup_folder, "--verify")
    backup(backup_folder)
    with pytest.raises(CommandError, match="没有备份“20010101T000000Z”，现有：2"):
        backup(backup_folder, "--verify", "20010101T000000Z")


# Making one


def test_files_are_copied_once_and_a_damaged_copy_is_replaced(backup_folder: Path) -> None:
    file("first"), file("second")
    assert "文件共 2 个，新复制 2 个" in backup(backup_folder)
    rename_all(backup_folder)
    file("third")
    assert "文件共 3 个，新复制 1 个" in backup(backup_folder)
    rename_all(backup_folder)
    flip(min((backup_folder / "files").glob("*/*")))
    assert "文件共 3 个，新复制 1 个" in backup(backup_folder)
    assert "备份完好" in backup(backup_folder, "--verify")


def rename_all(backup_folder: Path) -> None:
    """A second has passed for each: a backup is named by its second."""
    for made in backups.all_in(backup_folder):
        made.rename(backup_folder / f"{int(made.name[:4]) - 1}{made.name[4:]}")


def test_only_so_many_are_kept_with_their_files(backup_folder: Path) -> None:
    for key in ("first", "second", "third"):
        file(key)
        rename_all(backup_folder)
        backup(backup_folder, "--keep", "2")
    found = backups.all_in(backup_folder)
    assert len(found) == 2
    assert [len(backups.Manifest.of(made).files) for made in found] == [2, 3]
    assert len(list((backup_folder / "files").glob("*/*"))) == 3


@pytest.mark.parametrize("damage", ["missing", "flipped"])
def test_what_was_damaged_already_is_told_and_all_else_is_backed_up(
    backup_folder: Path, damage: str
) -> None:
    bad, _good = file("bad"), file("good")
    path = Path(default_storage.path(bad.name))
    path.unlink() if damage == "missing" else flip(path)
    with pytest.raises(CommandError, match=bad.name) as told:
        backup(backup_folder)
    assert told.value.returncode == 3
    (made,) = backups.all_in(backup_folder)
    manifest = backups.Manifest.of(made)
    problem = "文件缺失" if damage == "missing" else "内容与哈希值不符"
    assert manifest.holes == {bad.name: problem}
    assert backups.problems(made, lambda _line: None) == []
    assert len(list((backup_folder / "files").glob("*/*"))) == 1


def test_an_archive_that_expires_meanwhile_is_no_hole(
    backup_folder: Path, filer, monkeypatch
) -> None:
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
    backup(backup_folder)
    manifest = backups.Manifest.of(backups.all_in(backup_folder)[0])
    assert (manifest.expired, manifest.holes, manifest.files) == ([name], {}, [])


def test_what_a_killed_one_left_is_cleared_and_is_no_backup(backup_folder: Path) -> None:
    left = backup_folder / ".unfinished-20200101T000000Z"
    left.mkdir(parents=True)
    (left / DUMP).write_bytes(b"half")
    assert backups.all_in(backup_folder) == []
    backup(backup_folder)
    assert not left.exists()


def test_a_dump_that_fails_leaves_no_backup(backup_folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(
        postgresql, "_VARIABLES", {**postgresql._VARIABLES, "dbname": "PGAPPNAME"}
    )  # so pg_dump looks for a database of the user's name
    with pytest.raises(CommandError, match="pg_dump 没有完成"):
        backup(backup_folder)
    assert backups.all_in(backup_folder) == []


def test_two_at_once_in_one_folder_are_refused(backup_folder: Path) -> None:
    backup(backup_folder)
    with (backup_folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="正有另一个备份在进行"):
            backup(backup_folder)


def test_others_cannot_read_it_whatever_the_folder_lets_them(backup_folder: Path) -> None:
    backup_folder.mkdir()
    backup_folder.chmod(0o755)
    file("first")
    backup(backup_folder)
    assert [p for p in backup_folder.rglob("*") if p.stat().st_mode & 0o077] == []


def test_a_client_older_than_the_server_is_refused_with_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(postgresql, "_version", lambda _path: 13)
    with pytest.raises(
        CommandError, match=r"需要 PostgreSQL \d+ 或更新的 pg_dump，现有的是 13；请"
    ):
        postgresql.dump_version()
    monkeypatch.setattr(postgresql, "_programs", lambda _name: iter(()))
    with pytest.raises(CommandError, match="现在没有；请安装 postgresql-client-"):
        postgresql.dump_version()


def test_the_password_is_no_argument(backup_folder: Path, monkeypatch) -> None:
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
    backup(backup_folder)
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
