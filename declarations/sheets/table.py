"""The one table that a bound form is: editor, read-only page, print and workbook render it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from declarations.sheets.fields import Field
from declarations.sheets.form import CellStyle, Form
from declarations.sheets.records import Records, Value


class Access(Enum):
    """What one may do with a value. LOCKED: nothing, because a return did not open it; CARRIED:
    nothing, because it is what the approved target says."""

    FILLABLE = "fillable"
    COMPUTED = "computed"
    LOCKED = "locked"
    CARRIED = "carried"


def version_of(value: Value) -> str:
    """A short digest of a stored value: what a save names as "what I was looking at".

    Derived from the content, so no counter is kept per cell, and a value that
    was changed and changed back is no conflict.
    """
    return hashlib.blake2b(str("" if value is None else value).encode(), digest_size=6).hexdigest()


@dataclass(slots=True)
class Entry:
    """One value in its place. `name` is what a screen reader calls it."""

    anchor: str
    field: Field
    value: Value
    access: Access
    row_number: int = 0  # its row in its list, from 1; 0 outside lists

    @property
    def text(self) -> str:
        """As the form prints it."""
        return self.field.show(self.value)

    @property
    def full_text(self) -> str:
        """Like `text`, but no digit is hidden by rounding."""
        return self.field.edit_text(self.value)

    @property
    def is_blank(self) -> bool:
        return self.value is None or self.value == ""

    @property
    def name(self) -> str:
        prefix = f"第{self.row_number}行 " if self.row_number else ""
        return prefix + self.field.label_with_unit


@dataclass(slots=True)
class Cell:
    """A cell of the bound table. `parts` are literal text and entries, in order."""

    column: int
    colspan: int
    rowspan: int
    parts: list[str | Entry]
    style: CellStyle
    scope: str = ""  # "col", "row" or "" where it is no heading
    template_row: int = 0
    template_column: int = 0
    offers_row: bool = False  # editor only: holds the button that adds a row
    strip: str = ""  # what belongs to the scored item or indicator above, by its anchor

    @property
    def is_heading(self) -> bool:
        return bool(self.scope)

    @property
    def entries(self) -> list[Entry]:
        return [p for p in self.parts if isinstance(p, Entry)]

    @property
    def text(self) -> str:
        return "".join(p if isinstance(p, str) else p.text for p in self.parts)


@dataclass(slots=True)
class RowHandle:
    """That a list's row begins here: what the row tools of the editor act on.

    fixed: that it can be neither moved nor removed, because its list is locked or it comes
    from the approved target.
    """

    anchor: str
    list_path: tuple[str, ...]
    number: int
    count: int
    depth: int
    fixed: bool = False


@dataclass(slots=True)
class Row:
    """One row of the bound table."""

    template_row: int
    cells: list[Cell] = field(default_factory=list)
    handles: list[RowHandle] = field(default_factory=list)
    section: int = -1  # index into the form's sections
    list_name: str = ""  # innermost list it repeats with
    add_to: str = ""  # editor only: "tasks" or "task/45/indicators": offers a new row there
    add_label: str = ""
    scored: str = ""  # the scored item or indicator that it shows a part of, by its anchor

    @property
    def begins_outermost(self) -> bool:
        """Whether a row of an outermost list begins here."""
        return any(h.depth == 0 for h in self.handles)

    def entries(self) -> Iterator[Entry]:
        """Every value of the row from left to right."""
        for cell in self.cells:
            for part in cell.parts:
                if isinstance(part, Entry):
                    yield part


@dataclass(slots=True)
class Table:
    """A form bound to records."""

    form: Form
    records: Records
    title: str
    head: list[Cell]
    rows: list[Row]
    foot: list[Cell]

    def cells(self) -> Iterator[Cell]:
        """Every cell from top to bottom."""
        yield from self.head
        for row in self.rows:
            yield from row.cells
        yield from self.foot

    def entries(self) -> Iterator[Entry]:
        """Every value from top to bottom."""
        for cell in self.cells():
            for part in cell.parts:
                if isinstance(part, Entry):
                    yield part

    def entry(self, anchor: str) -> Entry:
        """Raises KeyError where no cell has this anchor."""
        for entry in self.entries():
            if entry.anchor == anchor:
                return entry
        raise KeyError(anchor)
