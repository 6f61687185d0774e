"""What reading a workbook gives: records, where each value stood, and what is wrong."""

from dataclasses import dataclass, field

from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Records


class UnreadableWorkbookError(ValueError):
    """The file is no workbook that can be read; the message says why and what to do."""


@dataclass(slots=True)
class Incoming:
    """A workbook as read against a form.

    records: what it says. Rows have ids of their own, from 1 in the order of the
    workbook, which say nothing about stored rows.
    sheet: the sheet that was recognised as the form.
    places: by anchor (with those ids), the cell that a value was read from.
    problems: values that cannot be stored and headings that cannot be told apart; with
    any of them nothing can be imported. warnings: what was typed over a computed cell and
    disagrees, what was left out, and the like; to be confirmed by a person.
    absent: tags of the form (``tasks.amount``), and lists (``tasks``), that the workbook has
    no place for; what is stored of them stays.
    """

    records: Records
    sheet: str = ""
    places: dict[str, str] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
