"""Files made once from frozen content, and kept in the storage under their hash."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from declarations.models import Declaration, Publication, StoredFile
from declarations.queries.declarations import reference_of
from declarations.queries.documents import (
    Edition,
    document_records,
    edition_title,
    formats_of,
    json_document,
    rendered,
)
from declarations.queries.published import formats_of_publication, records_of
from declarations.sheets.imprint import Imprint
from declarations.sheets.records import content_hash

RENDERER = 1
"""Counts what changes how files look or are written. A file that is made is taken again as long
as this stays as it is; what is published keeps its files whatever becomes of it."""

PUBLISHED, INTERNAL = "published", "internal"
"""Folders of the storage: of what is public, and of what leaves the bureau by its own hand only."""


def make_files(publication: Publication) -> dict[str, StoredFile]:
    """The files of a publication that may not be saved yet, by format. They are made and stored
    as far as they are not; nothing else is written."""
    return {f: _published_file(publication, f) for f in formats_of_publication(publication)}


def revision_file(declaration: Declaration, edition: Edition, format_: str) -> StoredFile:
    """An edition of a declaration as it is, nothing masked: for the bureau and the department.

    Raises KeyError where the declaration cannot be had in the format, ValueError for a draft.
    """
    if edition.revision is None:
        raise ValueError("a draft is not stored: it changes")
    if format_ not in formats_of(declaration):
        raise KeyError(format_)
    if format_ == "json":
        return _stored_json(json_document(declaration, edition), INTERNAL)
    template = declaration.round.template
    records = document_records(declaration, edition)
    title, mark = edition_title(declaration, edition), edition.mark
    made_of = {
        "format": format_,
        "form": template.sha256,
        "content": records.to_json(),
        "shown": {anchor: str(value) for anchor, value in records.shown.items()},
        "title": title,
        "mark": mark,
    }
    return stored(
        _key(made_of),
        format_,
        lambda: rendered(format_, template, records, title=title, mark=mark),
        folder=INTERNAL,
    )


def stored(
    key: str,
    format: str,  # noqa: A002
    make: Callable[[], bytes],
    *,
    folder: str = PUBLISHED,
) -> StoredFile:
    """What was made under this key before; else what `make` gives, kept under its hash.

    Two at once may both make it; one row is written, and both get that. The file is in the
    storage before the row, so that a row always has its file; a file without a row is harmless.
    """
    found = StoredFile.objects.filter(key=key).first()
    if found is not None:
        return found
    content = make()
    sha256 = hashlib.sha256(content).hexdigest()
    name = _keep(f"{folder}/{sha256[:2]}/{sha256}.{format}", content)
    file, _ = StoredFile.objects.get_or_create(
        key=key,
        defaults={"format": format, "sha256": sha256, "size": len(content), "name": name},
    )
    return file


def imprint_of(publication: Publication) -> Imprint:
    """What its files say of it; the date is that of the server's time zone."""
    published_at = timezone.localtime(publication.published_at, timezone.get_default_timezone())
    return Imprint(publication.code, publication.verify_url, published_at)


def _published_file(publication: Publication, format_: str) -> StoredFile:
    if format_ == "json":
        return _stored_json(_publication_json(publication), PUBLISHED)
    template = publication.declaration.round.template
    imprint = imprint_of(publication)
    made_of = {
        "format": format_,
        "form": template.sha256,
        "content": publication.content,
        "shown": publication.shown,
        "title": publication.title,
        "code": imprint.code,
        "url": imprint.url,
        "published_at": imprint.published_at.isoformat(),
    }
    return stored(
        _key(made_of),
        format_,
        lambda: rendered(
            format_, template, records_of(publication), title=publication.title, imprint=imprint
        ),
    )


def _publication_json(publication: Publication) -> bytes:
    """The content with what is needed to understand and verify it. sha256 is that of the
    content's canonical JSON (sorted keys, no spaces, UTF-8), printed scores included."""
    declaration = publication.declaration
    round_ = declaration.round
    template = round_.template
    document: dict[str, Any] = {
        "title": publication.title,
        "reference": reference_of(declaration),
        "bureau": {"code": round_.bureau.code, "name": round_.bureau.name},
        "department": {"code": declaration.department.code, "name": declaration.department.name},
        "year": round_.year,
        "kind": template.kind,
        "form": {"code": template.code, "version": template.version, "sha256": template.sha256},
        "number": publication.number,
        "reason": publication.reason,
        "published_at": imprint_of(publication).published_at.isoformat(),
        "code": publication.code,
        "verify_url": publication.verify_url,
        "sha256": content_hash(publication.content),
        "content": publication.content,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _stored_json(content: bytes, folder: str) -> StoredFile:
    """JSON is made sooner than looked up, and is all that it is made of."""
    key = _key({"format": "json", "sha256": hashlib.sha256(content).hexdigest(), "folder": folder})
    return stored(key, "json", lambda: content, folder=folder)


def _key(made_of: Mapping[str, Any]) -> str:
    """The digest of everything that a file is made of, but the fonts: see `RENDERER`."""
    return content_hash({"renderer": RENDERER, **made_of})


def _keep(name: str, content: bytes) -> str:
    """The path under which the content is in the storage, which it is if it was not.

    What a killed process left half written is not taken for it, and not written over either.
    """
    if default_storage.exists(name):
        with default_storage.open(name) as kept:
            if kept.read() == content:
                return name
    return default_storage.save(name, ContentFile(content))
