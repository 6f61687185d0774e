"""One worksheet's XML to a Grid: filled cells within bounds, whatever else stands in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from declarations.sheets.incoming.archive import too_large
from declarations.sheets.incoming.grid import Area, CellKind, Grid, Place, SheetCell
from declarations.sheets.incoming.markup import Attributes, read_markup
from declarations.sheets.incoming.report import UnreadableWorkbookError

MOST_ROWS = 10_000
MOST_COLUMNS = 300
MOST_CELLS = 100_000
"""With something in them, in one sheet."""
MOST_TEXT = 10_000_000
"""Characters in one sheet, a shared text counted wherever it stands."""
LONGEST_TEXT = 32_767
"""Characters in one cell: what Excel holds."""
_LONGEST_PIECE = 2**20
MOST_MERGED = 300_000
"""Places that merged ranges cover, as far as the sheet is filled."""
LARGEST_MERGED = 1_000_000
"""Places that all merged ranges cover: whoever opens the workbook in another way makes them all."""

_ROOT = re.compile(rb"<(\w{1,20}:)?worksheet[\s>]")
_UNUSUAL = (b"<!", b"<?")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_QUOTED_OR_BRACKET = re.compile(r'"((?:[^"]|"")*+)"|[()]')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the sheets of a workbook share. formats: number format codes by cell style."""

    texts: list[str]
    formats: list[str]
    from_1904: bool = False


def read_sheet(name: str, chunks: Iterable[bytes], shared: Shared) -> Grid:
    """The filled cells and merged ranges of a worksheet.

    Raises UnreadableWorkbookError where it is damaged or beyond all bounds.
    """
    reader = _SheetReader(Grid(name), shared)
    read_markup(without_empty_cells(chunks), reader.start, reader.end, reader.text)
    _merge(reader.grid, reader.merged)
    return reader.grid


def without_empty_cells(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same XML without its empty cells and rows, which may be a million.

    Each chunk is gone through once; where the part holds anything but elements
    (comments, CDATA), which no spreadsheet program writes, nothing is left out.
    """
    rest = b""
    empty: re.Pattern[bytes] | None = None
    for number, chunk in enumerate(chunks):
        piece = rest + chunk
        cut = max(piece.rfind(b"<"), 0) if len(piece) < _LONGEST_PIECE else len(piece)
        piece, rest = piece[:cut], piece[cut:]
        if number == 0:
            root = _ROOT.search(piece)
            empty = _empty(root[1] or b"") if root else None
        if empty and any(mark in piece[5:] for mark in _UNUSUAL):
            empty = None
        yield empty.sub(b"", piece) if empty else piece
    yield rest


@lru_cache(maxsize=10)
def _empty(prefix: bytes) -> re.Pattern[bytes]:
    """Cells without content, and rows of nothing else; it never goes back over what it read."""
    cell = rb"<%bc(?:[\s/][^<>]*+)?+>(?:(?<=/>)|</%bc>)" % (prefix, prefix)
    row = rb"<%brow(?:[\s/][^<>]*+)?+>(?:(?<=/>)|(?:%b)*+</%brow>)" % (prefix, cell, prefix)
    return re.compile(rb"%b|%b" % (row, cell))


def unescape(text: str) -> str:
    """``_x000D_`` is how the format writes characters that XML cannot hold."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


class _SheetReader:
    """The state between one element and the next."""

    def __init__(self, grid: Grid, shared: Shared) -> None:
        self.grid = grid
        self.shared = shared
        self.merged: list[Area] = []
        self.row = self.column = 0
        self.in_data = False
        self.attributes: Attributes = {}
        self.taking = ""  # the element whose text is wanted: v, t or f
        self.pieces: list[str] = []
        self.value: str | None = None
        self.formula: str | None = None
        self.phonetic = 0
        self.size = self.count = self.merged_places = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if not self.in_data:
            if name == "sheetData":
                self.in_data = True
            elif name == "mergeCell":
                self._note_merged(attributes.get("ref", ""))
        elif name == "c":
            self._start_cell(attributes)
        elif name == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column = 0
        elif name == "v" or (name == "t" and not self.phonetic):
            self.taking = name
        elif name == "f":
            self.formula = ""
            self.taking = name
        elif name == "rPh":
            self.phonetic += 1

    def end(self, name: str) -> None:
        if not self.in_data:
            return
        if name == "c":
            self._end_cell()
        elif name in ("v", "t"):
            if self.taking:
                self.value = "".join(self.pieces)
            self.taking = ""
            if name == "v":
                self.pieces = []
        elif name == "f":
            self.formula, self.pieces, self.taking = "".join(self.pieces), [], ""
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "sheetData":
            self.in_data = False

    def text(self, data: str) -> None:
        if self.taking:
            self.pieces.append(data)
            self.size += len(data)
            if self.size > MOST_TEXT:
                raise too_large()

    def _start_cell(self, attributes: Attributes) -> None:
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        if reference:
            self.row, self.column = int(reference[2]), column_number(reference[1])
        else:
            self.column += 1
        self.attributes = attributes
        self.pieces, self.value, self.formula, self.taking = [], None, None, ""

    def _end_cell(self) -> None:
        cell = self._cell()
        self.pieces, self.value = [], None
        if cell is None:
            return
        if not (1 <= cell.row <= MOST_ROWS and 1 <= cell.column <= MOST_COLUMNS):
            self.grid.beyond = self.grid.beyond or cell.coordinate
            return
        self.size += len(cell.raw)
        self.count += 1
        if self.count > MOST_CELLS or self.size > MOST_TEXT:
            raise too_large()
        self.grid.cells[cell.place] = cell

    def _cell(self) -> SheetCell | None:
        """The cell that has just ended; None where it is blank."""
        kind, raw = self._content()
        if kind is not CellKind.UNCOMPUTED and not raw.strip():
            return None
        style = self.attributes.get("s", "0")
        formats = self.shared.formats
        index = int(style) if style.isdecimal() and len(style) < 8 else 0
        return SheetCell(
            self.row,
            self.column,
            kind,
            raw[: LONGEST_TEXT + 1],
            formats[index] if index < len(formats) else "General",
            self.formula is not None,
            self.shared.from_1904,
        )

    def _content(self) -> tuple[CellKind, str]:
        value = self.value
        type_ = self.attributes.get("t", "n")
        without_result = value is None or not value.strip()
        if self.formula is not None and without_result and type_ != "str":
            return CellKind.UNCOMPUTED, _words_of(self.formula)
        if value is None:
            return CellKind.TEXT, ""
        match type_:
            case "s":
                index = value.strip()
                texts = self.shared.texts
                if index.isdecimal() and len(index) < 8 and int(index) < len(texts):
                    return CellKind.TEXT, texts[int(index)]
                return CellKind.ERROR, "#文字丢失"
            case "str" | "inlineStr":
                return CellKind.TEXT, unescape(value)
            case "b":
                return CellKind.BOOLEAN, "TRUE" if value.strip() in ("1", "true") else "FALSE"
            case "e":
                return CellKind.ERROR, value.strip()
            case "d":
                return CellKind.TEXT, value.strip().partition("T")[0]
        return CellKind.NUMBER, value.strip()

    def _note_merged(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        corners = [_REFERENCE.fullmatch(corner) for corner in (first, last or first)]
        if not all(corners) or len(self.merged) >= MOST_MERGED:
            return
        places = [(int(c[2]), column_number(c[1])) for c in corners if c]
        rows, columns = [p[0] for p in places], [p[1] for p in places]
        area = Area(min(rows), min(columns), max(rows), max(columns))
        self.merged_places += area.size
        if self.merged_places > LARGEST_MERGED:
            raise UnreadableWorkbookError(
                "工作簿中合并单元格的范围过大（例如整列、整表合并），请取消这些合并后再上传"
            )
        self.merged.append(area)


def _words_of(formula: str) -> str:
    """The texts that a formula joins together, those in its functions left out: by them a
    line is known whose result was not saved."""
    depth = 0
    words = []
    for found in _QUOTED_OR_BRACKET.finditer(formula):
        if found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth == 0:
            words.append(found[1].replace('""', '"'))
    return "".join(words)


def column_number(letters: str) -> int:
    """1 for A."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _merge(grid: Grid, merged: list[Area]) -> None:
    """Notes merged ranges at the places they cover, as far as anything stands in the sheet.

    The file may name ranges of millions of places, or ranges that overlap: the
    first one stands.
    """
    last_row = max((row for row, _ in grid.cells), default=0) + MARGIN
    last_column = max((column for _, column in grid.cells), default=0) + MARGIN
    covered: dict[Place, Area] = {}
    for area in merged:
        bottom, right = min(area.bottom, last_row), min(area.right, last_column)
        if area.top > bottom or area.left > right:
            continue
        clipped = Area(area.top, area.left, bottom, right)
        if clipped.size == 1 or len(covered) + clipped.size > MOST_MERGED:
            continue
        places = [
            (row, column)
            for row in range(clipped.top, bottom + 1)
            for column in range(clipped.left, right + 1)
        ]
        if not any(place in covered for place in places):
            covered.update(dict.fromkeys(places, clipped))
    grid.areas = covered


MARGIN = 20
"""Rows and columns past the last filled cell that merged ranges are followed to."""
