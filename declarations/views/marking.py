"""A workbook that was refused, back with its cells marked, although nothing of it is kept."""

from base64 import b64encode
from collections.abc import Sequence

from declarations.queries.documents import CONTENT_TYPES
from declarations.sheets.marked import mark_workbook
from declarations.sheets.problems import CellProblem

MOST_MARKED = 2**20
"""Bytes of a workbook that is given back with its cells marked."""


def marked_address(workbook: bytes, problems: Sequence[CellProblem]) -> str:
    """The workbook with its wrong cells marked, as an address that holds all of it.

    Nothing of a wrong workbook is kept, so that there is no other address to fetch it from.
    "" where there is no cell to mark, or it would weigh too much on the page.
    """
    if len(workbook) > MOST_MARKED or not any(p.cell for p in problems):
        return ""
    marked = mark_workbook(workbook, problems, [])
    if marked is None:
        return ""
    content = b64encode(marked).decode()
    return f"data:{CONTENT_TYPES['xlsx']};base64,{content}"
