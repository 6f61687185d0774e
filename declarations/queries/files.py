"""Reading stored files back, with their hash checked."""

import hashlib

from django.core.files.storage import default_storage

from declarations.models import StoredFile


class DamagedFileError(Exception):
    """What the storage holds is not what was stored, or it is gone; `str()` names it."""


def content_of(file: StoredFile) -> bytes:
    """The file's bytes. Raises DamagedFileError where they are gone, or have another hash."""
    try:
        with default_storage.open(file.name) as opened:
            content: bytes = opened.read()
    except FileNotFoundError:
        raise DamagedFileError(f"{file.name} is not in the storage") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DamagedFileError(f"{file.name} is not what was stored")
    return content
