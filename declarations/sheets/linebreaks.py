"""Estimates where text breaks into lines, without a font: for row heights in PDF and XLSX.

Widths are in em, as Debian's Noto CJK fonts have them.
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
_ASCII = (  # from space to tilde, in thousandths of an em, of Noto Serif CJK SC
    *(256, 308, 376, 574, 550, 923, 779, 196, 364, 364, 478, 580, 327, 346, 327, 352),
    *(557, 471, 558, 557, 555, 558, 558, 549, 558, 562, 327, 327, 580, 580, 580, 432),
    *(912, 718, 670, 691, 770, 652, 629, 741, 853, 405, 402, 731, 625, 975, 796, 767),
    *(641, 767, 715, 567, 659, 797, 714, 1053, 700, 687, 605, 344, 352, 344, 580, 563),
    *(435, 557, 638, 538, 629, 546, 388, 566, 663, 332, 311, 607, 334, 974, 661, 596),
    *(638, 607, 462, 473, 367, 653, 548, 838, 564, 552, 498, 374, 316, 374, 580),
)
_OTHER_NARROW = 0.65
_KERNED, _BOLDER = 1.01, 1.07


class _Widths(dict[str, float]):
    """The width of each character; worked out once."""

    def __init__(self, factor: float) -> None:
        super().__init__((chr(32 + i), width / 1000 * factor) for i, width in enumerate(_ASCII))
        self._narrow = _OTHER_NARROW * factor

    def __missing__(self, char: str) -> float:
        kind = unicodedata.category(char)
        if kind in ("Mn", "Me", "Cf", "Cc"):
            width = 0.0
        elif unicodedata.east_asian_width(char) in "WFA" or kind[0] == "S":
            width = 1.0
        else:
            width = self._narrow
        self[char] = width
        return width


_REGULAR, _BOLD = _Widths(_KERNED), _Widths(_BOLDER)


def printable(text: str) -> str:
    """The text without the characters that neither XML nor a page can hold."""
    return _UNPRINTABLE.sub("", text)


def text_width(text: str, *, bold: bool = False) -> float:
    """The width of one line of text, in em."""
    return sum(map((_BOLD if bold else _REGULAR).__getitem__, text))


def break_lines(text: str, width: float, *, bold: bool = False) -> list[str]:
    """The lines of a text in a column of `width` em; at least one.

    A line that ends a paragraph keeps its line end, so that joining the lines
    gives the text again.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _break_paragraph(paragraph, max(width - _ROUNDING, 1.0), bold=bold)
        lines[-1] += "\n"
    lines[-1] = lines[-1][:-1]
    return lines


def _break_paragraph(text: str, width: float, *, bold: bool) -> list[str]:
    if text_width(text, bold=bold) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0.0
    for unit in _UNIT.findall(text):
        needed = text_width(unit, bold=bold)
        if used + needed <= width:
            line += unit
            used += needed
            continue
        if line:
            lines.append(line)
        line, used = unit, needed
        if used > width:  # a word longer than the column is broken anywhere
            *whole, line = _pieces(unit, width, bold=bold)
            lines += whole
            used = text_width(line, bold=bold)
    return [*lines, line]


def _pieces(word: str, width: float, *, bold: bool) -> list[str]:
    """A word in pieces that fit, of at least one character each."""
    widths = _BOLD if bold else _REGULAR
    pieces: list[str] = []
    start, used = 0, 0.0
    for index, char in enumerate(word):
        used += widths[char]
        if used > width and index > start:
            pieces.append(word[start:index])
            start, used = index, widths[char]
    return [*pieces, word[start:]]
