"""Reading a filled-in workbook back into records, whoever made it and with whatever program."""

from declarations.sheets.incoming.matching import read_incoming
from declarations.sheets.incoming.report import Incoming, UnreadableWorkbookError

__all__ = ["Incoming", "UnreadableWorkbookError", "read_incoming"]
