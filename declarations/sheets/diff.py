"""What changed between two versions of a form, on the table itself."""

from dataclasses import dataclass, field

from declarations.sheets.table import Access, Table


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


def compare(old: Table, new: Table) -> Changes:
    """Compares what two bindings of forms show, cell by cell. Computed cells count too."""
    was = {e.anchor: e.text for e in old.entries() if e.anchor}
    now = {e.anchor: e.text for e in new.entries() if e.anchor}
    changes = Changes(
        before={a: was.get(a, "") for a, text in now.items() if was.get(a, "") != text}
    )
    old_rows, new_rows = _rows(old), _rows(new)
    changes.added = [anchor for anchor in new_rows if anchor not in old_rows]
    changes.removed = [
        RemovedRow(anchor, text) for anchor, text in old_rows.items() if anchor not in new_rows
    ]
    return changes


def _rows(table: Table) -> dict[str, str]:
    """Each list row's anchor, with its filled values on one line."""
    handles = [h for row in table.rows for h in row.handles]
    texts: dict[str, list[str]] = {h.anchor: [] for h in handles}
    for entry in table.entries():
        owner = entry.anchor.rpartition("/")[0]
        if owner in texts and entry.text and entry.access is Access.FILLABLE:
            texts[owner].append(entry.text)
    return {anchor: "，".join(parts) for anchor, parts in texts.items()}
