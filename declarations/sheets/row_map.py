"""Which row of the form each row of our own workbooks is, said in the workbook itself.

The map travels in hidden names, which Excel, WPS and LibreOffice keep when they save:
``c0ffee…:1-7,+8x10,9-12`` are rows 1 to 7 of the template, ten rows of a list that is its
row 8, and so on; ``+`` begins a row of an outermost list. Where several values stand among
words in one cell it says how long each is, since they may hold those words themselves.
Whoever reads the map must not trust it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from declarations.sheets.form import Block, Form
from declarations.sheets.tags import Tag

PREFIX = "_jixiao_rows_"
"""What the names begin with; a number follows."""
LONGEST_PIECE = 250
"""Excel takes texts of 255 characters in a name."""
LONGEST_MAP = 100_000
"""Characters that are read of all pieces together."""
MOST_ROWS = 10_000
"""Rows that are mapped: a reader takes no more of a sheet."""

_RUN = re.compile(r"(\+?)([0-9]{1,3})(?:-([0-9]{1,3})|x([0-9]{1,5}))?")
_CUT = re.compile(r"([0-9]{1,5})\.([0-9]{1,3})((?:/[0-9]{1,5}){1,60})")


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row of a workbook. begins: a row of an outermost list begins in it."""

    template_row: int
    begins: bool = False


Cuts = dict[tuple[int, int], tuple[int, ...]]
"""By row and column in the workbook: how many characters each tag's value has in a cell where
several stand among words, in their order."""


@dataclass(frozen=True, slots=True)
class RowMap:
    """What a workbook says of its rows, from the form's first one on, and of its cells."""

    rows: list[MappedRow]
    cuts: Cuts


def row_map_pieces(form: Form, row_map: RowMap) -> list[tuple[str, str]]:
    """Names and texts that say what the rows are; none where there are more than anybody reads."""
    cuts = ",".join(
        f"{row}.{column}/{'/'.join(map(str, lengths))}"
        for (row, column), lengths in sorted(row_map.cuts.items())
    )
    text = f"{_identity(form)}:{','.join(_runs(row_map.rows))}:{cuts}"
    if len(row_map.rows) > MOST_ROWS or len(text) > LONGEST_MAP:
        return []
    starts = range(0, len(text), LONGEST_PIECE)
    return [(f"{PREFIX}{n:04}", text[s : s + LONGEST_PIECE]) for n, s in enumerate(starts, start=1)]


def read_row_map(form: Form, text: str) -> RowMap | None:
    """What the pieces together say; None unless the rows are this form's, all of them and in an
    order that its lists allow."""
    identity, *said = text.split(":")
    if identity != _identity(form) or len(said) != 2:
        return None
    rows = _read_runs(said[0])
    return RowMap(rows, dict(_read_cuts(said[1]))) if rows and _allowed(form, rows) else None


def _read_runs(text: str) -> list[MappedRow] | None:
    rows: list[MappedRow] = []
    for run in text.split(","):
        match = _RUN.fullmatch(run)
        if not match:
            return None
        begins, first, last, times = match[1] == "+", int(match[2]), match[3], int(match[4] or 1)
        rows += [MappedRow(first, begins)] * min(times, MOST_ROWS)
        rows += [MappedRow(n) for n in range(first + 1, int(last or 0) + 1)]
        if len(rows) > MOST_ROWS:
            return None
    return rows


def _read_cuts(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    for match in _CUT.finditer(text):
        yield (int(match[1]), int(match[2])), tuple(map(int, match[3].split("/")[1:]))


def _identity(form: Form) -> str:
    """Tells a form from any other, also from another version of it."""
    digest = hashlib.blake2b(digest_size=8)
    for c in form.cells:
        parts = [
            f"{{{p.path}|{'|'.join(sorted(p.options))}}}" if isinstance(p, Tag) else p
            for p in c.parts
        ]
        digest.update(repr((c.row, c.column, c.rowspan, c.colspan, c.depth, parts)).encode())
    return digest.hexdigest()


def _runs(rows: Sequence[MappedRow]) -> Iterator[str]:
    """The rows as text: what is repeated, and what follows upon each other, together."""
    counted = [(row, len(list(group))) for row, group in groupby(rows)]
    index = 0
    while index < len(counted):
        row, times = counted[index]
        index += 1
        last = row.template_row
        while times == 1 and index < len(counted) and counted[index] == (MappedRow(last + 1), 1):
            last, index = last + 1, index + 1
        more = f"x{times}" if times > 1 else f"-{last}" if last > row.template_row else ""
        yield f"{'+' * row.begins}{row.template_row}{more}"


def _allowed(form: Form, rows: Sequence[MappedRow]) -> bool:
    """Whether the form could be written out like this."""
    apart = {*form.head_rows, *form.foot_rows}
    between = [n for n in range(form.root.first_row, form.root.last_row + 1) if n not in apart]
    order = [*form.head_rows, *between, *form.foot_rows]
    if not rows or (rows[0].template_row, rows[-1].template_row) != (order[0], order[-1]):
        return False
    steps = {(above, below, False) for above, below in pairwise(order)}
    for block in form.root.children:
        first, last = block.first_row, block.last_row
        steps |= {(above, first, True) for above, below in pairwise(order) if below == first}
        steps.add((last, first, True))
        steps |= {(b.last_row, b.first_row, False) for b in _inside(block)}
    may_begin = {b.first_row for b in form.root.children}
    return (not rows[0].begins or rows[0].template_row in may_begin) and all(
        (above.template_row, below.template_row, below.begins) in steps
        for above, below in pairwise(rows)
    )


def _inside(block: Block) -> Iterable[Block]:
    return (b for b in block.walk() if b is not block)
