"""Fonts in a PDF, without the places of the glyphs that it does not show.

WeasyPrint takes the outlines of unused glyphs out, but leaves all their numbers: of a Chinese font
63,163 offsets, which hardly compress and made most of each file. A CID-keyed font lists by itself
which characters it holds (its charset), so what is unused can go. It is embedded as what it then
is, a bare CFF font program (``CIDFontType0C``: ISO 32000-1, 9.9, Table 126): within OpenType,
readers differ on whether characters go through the list.

fontTools would take 250 ms for each font, this takes one.
"""

import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pydyf

from declarations.sheets.cff import (
    LONGEST,
    BrokenFontError,
    Content,
    Dictionary,
    Index,
    long_integer,
    read_dictionary,
    read_index,
    read_integers,
    write_dictionary,
    write_index,
)

_CHARSET, _ENCODING, _CHAR_STRINGS, _PRIVATE, _SUBRS = 15, 16, 17, 18, 19
_ROS, _FD_ARRAY, _FD_SELECT = (12 << 8 | second for second in (30, 36, 37))
_OUTLINES_ARE_CFF = b"OTTO"
_HEADER = bytes([1, 0, 4, 4])
"""Section 6: version 1.0, four bytes long, offsets of four bytes."""


class OtherFontError(ValueError):
    """A font of another kind."""


def compact_fonts(pdf: pydyf.PDF) -> None:
    """Makes the CID-keyed OpenType fonts of a PDF small before it is written. What it shows and
    what can be read out stay the same. Fonts of other kinds, and broken ones, stay as they are."""
    shown: dict[int, set[int]] = {}
    for font in pdf.objects:
        if isinstance(font, pydyf.Dictionary) and font.get("Subtype") == "/CIDFontType0":
            descriptor = pdf.objects[_number(font["FontDescriptor"])]
            number = _number(descriptor["FontFile3"])
            shown.setdefault(number, set()).update(_characters(font["W"]))
    for number, characters in shown.items():
        file = pdf.objects[number]
        try:
            program = compacted(b"".join(file.stream), characters)
        except (OtherFontError, BrokenFontError):
            continue
        file.stream = [program]
        file.extra["Subtype"] = "/CIDFontType0C"


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _characters(widths: list[Any]) -> Iterable[int]:
    """The characters that have a width: ``first [width …] first [width …]`` (ISO 32000-1, 9.7.4.3).
    WeasyPrint gives one to every glyph that it draws."""
    for first, listed in zip(widths[::2], widths[1::2], strict=True):
        yield from range(first, first + len(listed))


def compacted(font: bytes, characters: Iterable[int]) -> bytes:
    """The bare CFF font program of an OpenType font, with the glyphs of these characters (CIDs)
    and .notdef alone. Characters that the font does not have are left out.

    These characters must be numbered as their glyphs are: WeasyPrint writes numbers of glyphs for
    characters. The outlines must need no subroutines, which WeasyPrint dissolves.
    Raises OtherFontError or BrokenFontError where it is not so.
    """
    cff = Content(_cff_table(font))
    if cff.number(0, 1) != 1:
        raise OtherFontError("another version of CFF")
    names = read_index(cff, cff.number(2, 1))
    tops = read_index(cff, names.end)
    strings = read_index(cff, tops.end)
    subroutines = read_index(cff, strings.end)
    top = read_dictionary(tops.item(0))
    if names.length != 1 or _ROS not in top or top.keys() & {_ENCODING, _PRIVATE}:
        raise OtherFontError("not one CID-keyed font")
    if subroutines.length:
        raise OtherFontError("with subroutines")
    outlines = read_index(cff, _offset(top, _CHAR_STRINGS))
    glyphs = [0, *sorted({cid for cid in characters if 0 < cid < outlines.length})]
    _require_identity(cff, _offset(top, _CHARSET), outlines.length, glyphs)
    selected = _selected(cff, _offset(top, _FD_SELECT), outlines.length)
    parts = {
        _CHARSET: b"\0" + struct.pack(f">{len(glyphs) - 1}H", *glyphs[1:]),  # section 13, format 0
        _FD_SELECT: b"\0" + bytes(selected[glyph] for glyph in glyphs),  # section 19, format 0
        _CHAR_STRINGS: write_index([outlines.item(glyph) for glyph in glyphs]),
    }
    fonts = _fonts(cff, read_index(cff, _offset(top, _FD_ARRAY)))
    if max(parts[_FD_SELECT]) >= len(fonts):
        raise BrokenFontError("a glyph of no font")
    return _assembled(names, top, strings, subroutines, parts, fonts)


def _cff_table(font: bytes) -> bytes:
    """OpenType 1.9, "Organization of an OpenType font"."""
    if not font.startswith(_OUTLINES_ARE_CFF):
        raise OtherFontError("outlines of another kind")
    content = Content(font)
    for at in range(12, 12 + 16 * content.number(4, 2), 16):
        if content.between(at, at + 4) == b"CFF ":
            start = content.number(at + 8, 4)
            return content.between(start, start + content.number(at + 12, 4))
    raise OtherFontError("no table of that name")


def _offset(dictionary: Dictionary, operator: int) -> int:
    return _integers(dictionary, operator, 1)[0]


def _integers(dictionary: Dictionary, operator: int, count: int) -> list[int]:
    found = read_integers(dictionary.get(operator, []))
    if len(found) != count:
        raise BrokenFontError("an operator without its operands")
    return found


def _require_identity(cff: Content, start: int, count: int, glyphs: list[int]) -> None:
    """Section 13: that the charset names each of these glyphs n as character n. Others may stand
    behind them which HarfBuzz kept for some reason, and moved down."""
    format_, at = cff.number(start, 1), start + 1
    if format_ == 0:
        moved = any(cff.number(at + 2 * (glyph - 1), 2) != glyph for glyph in glyphs[1:])
    else:
        moved = any(
            first != character and any(first <= glyph < following for glyph in glyphs)
            for first, following, character in _ranges(cff, at, count, format_)
        )
    if moved:
        raise OtherFontError("characters are numbered otherwise")


def _ranges(cff: Content, at: int, count: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Formats 1 and 2, by the size of a range's length: the first glyph, that after the last, the
    character of the first."""
    if size not in {1, 2}:
        raise BrokenFontError("a charset of no format")
    glyph = 1
    while glyph < count:
        following = glyph + cff.number(at + 2, size) + 1
        yield glyph, following, cff.number(at, 2)
        glyph, at = following, at + 2 + size


def _selected(cff: Content, start: int, count: int) -> bytes:
    """Section 19: the number of each glyph's font within the font."""
    format_ = cff.number(start, 1)
    if format_ == 0:
        return cff.between(start + 1, start + 1 + count)
    ranges = cff.number(start + 1, 2)
    if format_ != 3 or not ranges:
        raise BrokenFontError("a selection of no format")
    places = range(start + 3, start + 3 + 3 * (ranges + 1), 3)
    found = b"".join(
        cff.between(at + 2, at + 3) * (cff.number(following, 2) - cff.number(at, 2))
        for at, following in pairwise(places)
    )
    if len(found) != count:
        raise BrokenFontError("a selection of other glyphs")
    return found


def _fonts(cff: Content, array: Index) -> list[tuple[Dictionary, bytes]]:
    """Sections 15 and 18: what describes each font within the font, and its private values."""
    found = []
    for number in range(array.length):
        font = read_dictionary(array.item(number))
        size, start = _integers(font, _PRIVATE, 2)
        private = cff.between(start, start + size)
        if _SUBRS in read_dictionary(private):
            raise OtherFontError("with subroutines")
        found.append((font, private))
    return found


def _assembled(
    names: Index,
    top: Dictionary,
    strings: Index,
    subroutines: Index,
    parts: dict[int, bytes],
    fonts: list[tuple[Dictionary, bytes]],
) -> bytes:
    """Table 1, with the offsets of where everything is now, all from the beginning."""
    nowhere = {operator: [bytes(LONGEST)] for operator in (*parts, _FD_ARRAY)}
    head = len(_HEADER) + len(names.written)
    after = strings.written + subroutines.written
    at = head + len(write_index([write_dictionary(top | nowhere)])) + len(after)
    offsets = {}
    for operator, part in parts.items():
        offsets[operator] = [long_integer(at)]
        at += len(part)
    described = []
    for font, private in fonts:
        place = [long_integer(len(private)), long_integer(at)]
        described.append(write_dictionary(font | {_PRIVATE: place}))
        at += len(private)
    offsets[_FD_ARRAY] = [long_integer(at)]
    return b"".join(
        [
            _HEADER,
            names.written,
            write_index([write_dictionary(top | offsets)]),
            after,
            *parts.values(),
            *(private for _, private in fonts),
            write_index(described),
        ]
    )
