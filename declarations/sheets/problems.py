"""Something to say about one cell of a workbook, be it a form or one that is filled in."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, and where. `cell` is like ``B12``, "" for the whole sheet."""

    sheet: str
    cell: str
    message: str

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        return f"{place}：{self.message}"

    def to_json(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "cell": self.cell, "message": self.message}
