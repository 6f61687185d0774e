"""What changed between two versions of a form, on the table itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from declarations.sheets.records import Records
from declarations.sheets.table import Table
from declarations.sheets.texts import all_texts


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A row that is no longer there, as its heading and its values told it."""

    anchor: str
    text: str


@dataclass(slots=True)
class Changes:
    """before: anchor of each changed cell of the new table to its old text ("" where it was
    blank or its row is new). added: anchors of new rows."""

    before: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[RemovedRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.before or self.removed or self.added)


def compare(old: Records, new: Table) -> Changes:
    """What differs in a table from what its form would show of older records, cell by cell.

    Computed cells count too.
    """
    was = all_texts(new.form, old)
    before = {
        entry.anchor: was.get(entry.anchor, "")
        for entry in new.entries()
        if entry.anchor and entry.text != was.get(entry.anchor, "")
    }
    old_rows = [item.anchor() for item in old.items()]
    new_rows = dict.fromkeys(handle.anchor for row in new.rows for handle in row.handles)
    return Changes(
        before,
        added=[anchor for anchor in new_rows if anchor not in set(old_rows)],
        removed=[RemovedRow(a, _row_text(was, a)) for a in old_rows if a not in new_rows],
    )


def _row_text(texts: Mapping[str, str], anchor: str) -> str:
    """What was filled in in a list's row, on one line."""
    own = (text for cell, text in texts.items() if cell.rpartition("/")[0] == anchor)
    return "，".join(filter(None, own))
