"""Reads the XML of a workbook's parts: no document types, no entities, one encoding."""

import re
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from declarations.sheets.incoming.archive import DamagedError, too_large
from declarations.sheets.incoming.report import UnreadableWorkbookError

Attributes = dict[str, str]

_LONGEST_TOKEN = 2**20
"""Bytes of one tag or comment: what expat has not seen the end of it reads again with each chunk."""
_DEPTH = 100
MOST_ELEMENTS = 1_000_000
"""In one part; a sheet's empty cells are taken out before they are counted."""
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'>]{1,40})["']""")
_KNOWN_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_HIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_markup(
    chunks: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Calls the handlers with what is in a part; names come without their namespace's prefix.

    Raises UnreadableWorkbookError for what is no well-formed XML in UTF-8, or declares entities.
    """
    depth = count = 0

    def started(name: str, attributes: Attributes) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > _DEPTH:
            raise DamagedError
        if count > MOST_ELEMENTS:
            raise too_large()
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2] if ":" in name else name)

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text, parser.buffer_size = True, 2**16
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    if text:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    try:
        fed = 0
        for chunk in _in_utf8(chunks):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise too_large()
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise DamagedError from None


def refuse_hidden(chunks: Iterable[bytes]) -> None:
    """Raises UnreadableWorkbookError where a part that is not read declares entities."""
    tail = b""
    for chunk in _in_utf8(chunks):
        if _HIDDEN.search(tail + chunk):
            raise _entities()
        tail = chunk[-20:]


def _refuse_doctype(*_: object) -> None:
    raise _entities()


def _entities() -> UnreadableWorkbookError:
    return UnreadableWorkbookError(
        "工作簿中有外部定义（DOCTYPE 或 ENTITY），可能危害安全，系统不予读取。"
        "请把内容复制到新建的工作簿中再上传"
    )


def _in_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks unchanged. Raises UnreadableWorkbookError where they are in another encoding."""
    first = True
    for chunk in chunks:
        if first:
            first = False
            bare = chunk.removeprefix(b"\xef\xbb\xbf")
            declared = _DECLARED.match(bare)
            odd = declared and declared[1].strip().lower() not in _KNOWN_ENCODINGS
            if odd or not bare.lstrip().startswith(b"<") or b"\x00" in bare[:100]:
                raise UnreadableWorkbookError(
                    "工作簿内部的文字编码异常，系统不能读取。请用 Excel 或 WPS 打开，另存为新的 .xlsx 文件后再上传"
                )
        yield chunk
