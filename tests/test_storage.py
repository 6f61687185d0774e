"""Where files are kept."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.file_storage import storage

FOLDER = Path("/srv/data/files")


def test_tests_keep_their_files_in_a_folder_of_their_own() -> None:
    name = default_storage.save("tried/here.txt", ContentFile(b"1"))
    path = Path(default_storage.path(name))
    assert path.is_relative_to(os.environ["JIXIAO_STORAGE"])
    assert not path.is_relative_to(settings.DATA_DIR)
    default_storage.delete(name)


def test_a_stored_file_has_no_address_and_is_nobody_elses_to_read() -> None:
    name = default_storage.save("tried/private.txt", ContentFile(b"1"))
    with pytest.raises(ValueError, match="has no address"):
        default_storage.url(name)
    path = Path(default_storage.path(name))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o640, 0o750)
    default_storage.delete(name)


def test_a_file_that_cannot_be_written_to_its_end_is_not_there() -> None:
    class Breaking(ContentFile):
        def chunks(self, _size: int | None = None) -> Iterator[bytes]:
            yield b"half"
            raise OSError("the connection ended")

    with pytest.raises(OSError, match="ended"):
        default_storage.save("tried/half.txt", Breaking(b""))
    assert not default_storage.exists("tried/half.txt")
    assert unfinished() == []


def test_of_two_files_of_one_name_none_replaces_the_other() -> None:
    names = [default_storage.save("tried/same.txt", ContentFile(text)) for text in (b"1", b"2")]
    assert [Path(default_storage.path(name)).read_bytes() for name in names] == [b"1", b"2"]
    assert unfinished() == []
    for name in names:
        default_storage.delete(name)


def test_unless_said_otherwise_files_lie_beside_the_data() -> None:
    assert storage("", folder=FOLDER)["OPTIONS"]["location"] == str(FOLDER)
    assert storage("/mnt/files", folder=FOLDER)["OPTIONS"]["location"] == "/mnt/files"


def test_a_bucket_with_all_that_can_be_said() -> None:
    place = "s3://files/jixiao?endpoint=https://store.example:9000&region=gz&addressing=virtual"
    made = storage(place, folder=FOLDER, key="who", secret="what")
    assert made["BACKEND"] == "storages.backends.s3.S3Storage"
    options = made["OPTIONS"]
    assert (options["bucket_name"], options["location"]) == ("files", "jixiao")
    assert options["endpoint_url"] == "https://store.example:9000"
    assert (options["region_name"], options["access_key"]) == ("gz", "who")
    assert options["secret_key"] == "what"
    assert options["client_config"].s3 == {"addressing_style": "virtual"}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("files", "absolute path"),
        ("ftp://host/files", "absolute path"),
        ("s3://", "names no bucket"),
        ("s3://files?endpiont=https://x", "no parameter endpiont"),
    ],
)
def test_what_makes_no_sense_is_refused(place: str, message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        storage(place, folder=FOLDER)


def unfinished() -> list[Path]:
    return list((Path(os.environ["JIXIAO_STORAGE"]) / ".unfinished").iterdir())
