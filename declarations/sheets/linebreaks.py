"""Estimates where text breaks into lines, without a font: for row heights in PDF and XLSX.

Widths are in em. They are those of Debian's Noto CJK fonts in bold, so that an
estimate is a little too wide rather than too narrow.
"""

import re
import unicodedata

LINE_HEIGHT = 1.45
"""In em, as the form's own style sheet sets it."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_AT_END = "（《「『【〔〈“‘([{"
_NOT_AT_START = "，。、；：？！）》」』】〕〉”’％%…·!),.:;?]}"
_UNIT = re.compile(
    rf"[{re.escape(_NOT_AT_END)}]*(?:[!-~\u00a1-\u02ff]+|.)[{re.escape(_NOT_AT_START)}]*"
)
"""What is not broken: a word or a character, with the punctuation that clings to it."""

_ROUNDING = 0.02
_NARROW = {
    **dict.fromkeys("0123456789", 0.58),
    **dict.fromkeys(" !'(),-./:;I[]`ijlft{|}\u00b7\u00b0", 0.41),
    **dict.fromkeys("%@MWmw&", 1.05),
    **dict.fromkeys("ABCDEFGHKLNOPQRTUVXY", 0.8),
}
_NARROW_DEFAULT = 0.65


class _Widths(dict[str, float]):
    """The width of each character; measured once."""

    def __missing__(self, char: str) -> float:
        wide = unicodedata.east_asian_width(char) in "WFA" or unicodedata.category(char)[0] == "S"
        zero = unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc")
        width = 0.0 if zero else 1.0 if wide else _NARROW_DEFAULT
        self[char] = width
        return width


_WIDTHS = _Widths(_NARROW)


def printable(text: str) -> str:
    """The text without the characters that neither XML nor a page can hold."""
    return _UNPRINTABLE.sub("", text)


def text_width(text: str) -> float:
    """The width of one line of text, in em."""
    return sum(map(_WIDTHS.__getitem__, text))


def break_lines(text: str, width: float) -> list[str]:
    """The lines of a text in a column of `width` em; at least one.

    A line that ends a paragraph keeps its line end, so that joining the lines
    gives the text again.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _break_paragraph(paragraph, max(width - _ROUNDING, 1.0))
        lines[-1] += "\n"
    lines[-1] = lines[-1][:-1]
    return lines


def _break_paragraph(text: str, width: float) -> list[str]:
    if len(text) <= width and text_width(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0.0
    for unit in _UNIT.findall(text):
        needed = text_width(unit)
        if used + needed <= width:
            line += unit
            used += needed
            continue
        if line:
            lines.append(line)
        line, used = unit, needed
        while used > width:  # a word longer than the column is broken anywhere
            head = _fitting(line, width)
            lines.append(line[:head])
            line = line[head:]
            used = text_width(line)
    return [*lines, line] if line or not lines else lines


def _fitting(text: str, width: float) -> int:
    """How many characters fit; at least one."""
    used = 0.0
    for index, char in enumerate(text):
        used += _WIDTHS[char]
        if used > width:
            return max(index, 1)
    return len(text)
