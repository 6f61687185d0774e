"""The texts and number formats that the sheets of a workbook share."""

from collections.abc import Iterable
from contextlib import suppress

from openpyxl.styles.numbers import BUILTIN_FORMATS

from declarations.sheets.incoming.archive import DamagedError, too_large
from declarations.sheets.incoming.markup import Attributes, read_markup
from declarations.sheets.incoming.sheet import LONGEST_TEXT, unescape

MOST_STRINGS = 200_000
MOST_CHARACTERS = 20_000_000
MOST_STYLES = 65_000
"""Excel's own limit."""
_LONGEST_CODE = 255

_CHINESE_DATES = (27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58)
_CHINESE_TIMES = (32, 33, 34, 35, 55, 56)
"""Number formats that a Chinese Excel or WPS has built in and openpyxl does not name."""


def read_strings(chunks: Iterable[bytes]) -> list[str]:
    """The shared texts: of rich text all runs, of phonetic hints none."""
    reader = _StringsReader()
    read_markup(chunks, reader.start, reader.end, reader.text)
    return reader.texts


class _StringsReader:
    """The state between one element and the next."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.hints = 0  # how deep in phonetic hints
        self.taking = False
        self.size = 0

    def start(self, name: str, _: Attributes) -> None:
        if name == "si":
            self.pieces.clear()
        elif name == "rPh":
            self.hints += 1
        elif name == "t":
            self.taking = not self.hints

    def end(self, name: str) -> None:
        if name == "t":
            self.taking = False
        elif name == "rPh":
            self.hints -= 1
        elif name == "si":
            self.texts.append(unescape("".join(self.pieces))[: LONGEST_TEXT + 1])
            if len(self.texts) > MOST_STRINGS:
                raise too_large()

    def text(self, data: str) -> None:
        if self.taking:
            self.size += len(data)
            if self.size > MOST_CHARACTERS:
                raise too_large()
            self.pieces.append(data)


def read_formats(chunks: Iterable[bytes]) -> list[str]:
    """The number format of each cell style, in order.

    Nothing else is read of the styles, and damage in them loses no more than the
    formats after it: other programs write styles that are not to the letter.
    """
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    codes |= dict.fromkeys(_CHINESE_DATES, "yyyy年m月d日") | dict.fromkeys(_CHINESE_TIMES, "h:mm")
    ids: list[int] = []
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[
                :_LONGEST_CODE
            ]
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            ids.append(_number(attributes.get("numFmtId")))
            if len(ids) > MOST_STYLES:
                raise too_large()

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    with suppress(DamagedError):
        read_markup(chunks, start, end)
    return [codes.get(i) or "General" for i in ids]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 0
