"""Office files without the time of writing: equal content is equal bytes."""

import re
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive that says none."""
_WRITTEN = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def undated(name: str, content: bytes) -> bytes:
    """A file of an Office document's archive without when it was written."""
    return _WRITTEN.sub(b"", content) if name == "docProps/core.xml" else content


def timeless(archive: bytes, finished: Callable[[str, bytes], bytes] = undated) -> bytes:
    """The same Office document without any time. finished: gives each of its files, by name and
    content, as it is to be kept."""
    out = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name, EPOCH)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, finished(name, source.read(name)))
    return out.getvalue()
