"""Files in an object storage, which speaks S3 over HTTP as one does."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from config.file_storage import storage
from declarations.domain.files import stored
from declarations.models import StoredFile
from declarations.queries import health
from declarations.queries.files import DamagedFileError, content_of
from tests.working import eventually

KEY, SECRET, BUCKET = "the-key", "the-secret", "jixiao-files"
IN_BUCKET = "published"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with one empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("storage") / "log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", f"-p{port}"],
            stdout=said,
            stderr=said,
        )
    try:
        eventually(lambda: _answers(port))
        address = f"http://127.0.0.1:{port}"
        client(address).create_bucket(Bucket=BUCKET)
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def client(address: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )


@pytest.fixture
def bucket(server: str, settings) -> Iterator[Any]:
    """`default_storage` is the bucket; gives a client to look into it behind its back."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": storage(place(server), folder=Path("/unused"), key=KEY, secret=SECRET),
    }
    yield client(server)
    seen = client(server)
    for name in names(seen):
        seen.delete_object(Bucket=BUCKET, Key=name)


def place(server: str) -> str:
    return f"s3://{BUCKET}/{IN_BUCKET}?endpoint={server}&region=us-east-1"


def names(bucket: Any) -> list[str]:
    return [o["Key"] for o in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def made(key: str, content: bytes) -> StoredFile:
    return stored(key.ljust(64, "0"), "pdf", lambda: content)


def test_a_file_is_stored_under_its_hash_and_read_back(db, bucket: Any) -> None:
    file = made("a", b"content")
    assert names(bucket) == [f"{IN_BUCKET}/{file.name}"]
    assert content_of(file) == b"content"
    assert made("b", b"content").name == file.name  # of the same content, one object
    assert len(names(bucket)) == 1


def test_what_is_changed_or_gone_behind_our_back_is_found(db, bucket: Any) -> None:
    file = made("a", b"content")
    bucket.put_object(Bucket=BUCKET, Key=f"{IN_BUCKET}/{file.name}", Body=b"other")
    with pytest.raises(DamagedFileError):
        content_of(file)
    with pytest.raises(CommandError, match=f"{file.name}：内容与哈希值不符"):
        call_command("verify", stdout=StringIO())
    bucket.delete_object(Bucket=BUCKET, Key=f"{IN_BUCKET}/{file.name}")
    with pytest.raises(DamagedFileError):
        content_of(file)
    with pytest.raises(CommandError, match=f"{file.name}：文件缺失"):
        call_command("verify", stdout=StringIO())


def test_none_replaces_another_of_the_same_name(bucket: Any) -> None:
    first = default_storage.save("batches/1/a.zip", ContentFile(b"1"))
    second = default_storage.save("batches/1/a.zip", ContentFile(b"2"))
    assert first != second
    default_storage.delete(first)
    assert not default_storage.exists(first)
    with default_storage.open(second) as kept:
        assert kept.read() == b"2"


def test_it_is_ready_while_the_bucket_can_be_written(bucket: Any, server: str, settings) -> None:
    assert health._Storage().works()
    assert names(bucket) == []
    for wrong in (
        place(server).replace(BUCKET, "no-such-bucket"),
        place("http://127.0.0.1:1"),
    ):
        settings.STORAGES = {
            **settings.STORAGES,
            "default": storage(wrong, folder=Path("/unused"), key=KEY, secret=SECRET),
        }
        assert not health._Storage().works()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_it_is_backed_up_like_a_folder(bucket: Any, tmp_path: Path) -> None:
    made("a", b"content")
    call_command("backup", str(tmp_path / "backups"), stdout=StringIO())
    (kept,) = (tmp_path / "backups" / "files").glob("*/*")
    assert kept.read_bytes() == b"content"


def test_a_process_of_its_own_finds_it_by_its_variables(bucket: Any, server: str) -> None:
    script = (
        "import django; django.setup();"
        "from django.core.files.storage import default_storage as s;"
        "from django.core.files.base import ContentFile;"
        "print(s.save('tried/here.txt', ContentFile(b'1')))"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "postgresql:///unused",
            "JIXIAO_STORAGE": place(server),
            "JIXIAO_STORAGE_KEY": KEY,
            "JIXIAO_STORAGE_SECRET": SECRET,
        },
        check=True,
        capture_output=True,
    )
    assert names(bucket) == [f"{IN_BUCKET}/tried/here.txt"]
