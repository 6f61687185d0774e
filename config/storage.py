"""Storages: static files with hashed names, and files that are whole or not there at all."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage with module imports rewritten to the hashed names."""

    support_js_module_import_aggregation = True


class WholeFiles(FileSystemStorage):
    """A folder in which a file gets its name when all of it is on the disk.

    Django's own writes under the final name: a killed process leaves half a file there, and one
    that others read meanwhile is half, too. No file has an address: views give them out.
    """

    UNFINISHED = ".unfinished"

    def _save(self, name: str, content: Any) -> str:
        being_written = f"{self.UNFINISHED}/{uuid4().hex}"
        unfinished = Path(self.path(being_written))
        try:
            super()._save(being_written, content)  # type: ignore[misc]  # not in the stubs
            _write_to_disk(unfinished)
            return self._take_name(unfinished, name)
        finally:
            unfinished.unlink(missing_ok=True)

    def _take_name(self, unfinished: Path, name: str) -> str:
        """Links and does not rename: of two that save under one name none replaces the other."""
        path = Path(self.path(name))
        self._make_folders(path.parent)
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return self._take_name(unfinished, self.get_available_name(name))
        _write_to_disk(path.parent)
        return name

    def _make_folders(self, folder: Path) -> None:
        """With the storage's permissions, those between as well."""
        if not folder.is_dir():
            self._make_folders(folder.parent)
            folder.mkdir(mode=self.directory_permissions_mode or 0o777, exist_ok=True)
            _write_to_disk(folder.parent)

    def url(self, _name: str | None) -> str:
        raise ValueError("a stored file has no address")


def _write_to_disk(path: Path) -> None:
    """Waits until the disk has what was written to a file, or to a folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
