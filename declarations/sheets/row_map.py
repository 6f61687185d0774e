"""Which row of the form each row of our own workbooks is, said in the workbook itself.

The map travels in hidden names, which Excel, WPS and LibreOffice keep when they save:
``c0ffee…:1-7,+8x10,9-12`` are rows 1 to 7 of the template, ten rows of a list that is its
row 8, and so on; ``+`` begins a row of an outermost list. Whoever reads it must not trust it.
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

_RUN = re.compile(r"(\+?)(\d{1,3})(?:-(\d{1,3})|x(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row of a workbook. begins: a row of an outermost list begins in it."""

    template_row: int
    begins: bool = False


def row_map_pieces(form: Form, rows: Sequence[MappedRow]) -> list[tuple[str, str]]:
    """Names and texts that say what the rows are, from the form's first row on; none where
    there are more rows than anybody reads."""
    text = f"{_identity(form)}:{','.join(_runs(rows))}"
    if len(rows) > MOST_ROWS or len(text) > LONGEST_MAP:
        return []
    starts = range(0, len(text), LONGEST_PIECE)
    return [(f"{PREFIX}{n:04}", text[s : s + LONGEST_PIECE]) for n, s in enumerate(starts, start=1)]


def read_row_map(form: Form, text: str) -> list[MappedRow] | None:
    """The rows that the pieces together say; None unless they are this form's rows, all of them
    and in an order that its lists allow."""
    identity, _, runs = text.partition(":")
    if identity != _identity(form):
        return None
    rows: list[MappedRow] = []
    for run in runs.split(","):
        match = _RUN.fullmatch(run)
        if not match:
            return None
        begins, first, last, times = match[1] == "+", int(match[2]), match[3], int(match[4] or 1)
        if len(rows) + times + int(last or 0) > MOST_ROWS + first:
            return None
        rows += [MappedRow(first, begins)] * times
        rows += [MappedRow(n) for n in range(first + 1, int(last or 0) + 1)]
    return rows if _allowed(form, rows) else None


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
    """The rows as text, neighbours together."""
    for row, times in _up_or_again(rows):
        sign = "+" if row.begins else ""
        yield f"{sign}{row.template_row}{times}"


def _up_or_again(rows: Sequence[MappedRow]) -> Iterator[tuple[MappedRow, str]]:
    same = [(row, len(list(group))) for row, group in groupby(rows)]
    index = 0
    while index < len(same):
        row, times = same[index]
        end = index + 1
        if times == 1:
            while end < len(same) and _follows(same[end - 1][0], same[end]):
                end += 1
        last = same[end - 1][0].template_row
        if end > index + 1:
            yield row, f"-{last}"
        else:
            yield row, f"x{times}" if times > 1 else ""
        index = end


def _follows(above: MappedRow, below: tuple[MappedRow, int]) -> bool:
    row, times = below
    return times == 1 and not row.begins and row.template_row == above.template_row + 1


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
