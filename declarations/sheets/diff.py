"""What changed between two versions of a form, on the table itself."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from declarations.sheets.alignment import out_of_order
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records
from declarations.sheets.table import Table
from declarations.sheets.texts import all_texts

Lists = dict[str, list[Item]]
"""By list anchor (``tasks``, ``task/45/indicators``) its rows."""


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A row that is no longer there, as its heading and its values told it.

    owner: the anchor of the row it was nested in, "" where in none. section: index into the
    form's sections, -1 where in none. number: its place in its list, from 1.
    """

    anchor: str
    text: str
    owner: str = ""
    section: int = -1
    number: int = 0


@dataclass(slots=True)
class Changes:
    """before: anchor of each changed cell of the new table to its old text ("" where it was
    blank or its row is new), in the order of the form. added: anchors of new rows. moved:
    anchors of rows that have another place among those that stayed."""

    before: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[RemovedRow] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.before or self.removed or self.added or self.moved)

    @property
    def counts(self) -> str:
        """``修改 3 格，新增 1 行``; "" where nothing changed. Cells of new rows count as theirs."""
        new = set(self.added)
        changed = sum(1 for anchor in self.before if row_of(anchor) not in new)
        counts = (
            (changed, "修改 {} 格"),
            (len(self.added), "新增 {} 行"),
            (len(self.removed), "删除 {} 行"),
            (len(self.moved), "移动 {} 行"),
        )
        return "，".join(text.format(count) for count, text in counts if count)


def compare(old: Records, new: Table, only: Collection[str] | None = None) -> Changes:
    """What differs in a table from what its form would show of older records, cell by cell.

    Computed cells count too. The rows of both go by their anchors. only: the tags to compare;
    None: all.
    """
    was = all_texts(new.form, old)
    before = {
        entry.anchor: was.get(entry.anchor, "")
        for entry in new.entries()
        if entry.anchor
        and entry.text != was.get(entry.anchor, "")
        and (only is None or entry.field.tag in only)
    }
    old_lists, new_lists = dict(lists_of(old)), dict(lists_of(new.records))
    there = {item.anchor() for rows in new_lists.values() for item in rows}
    known = {item.anchor() for rows in old_lists.values() for item in rows}
    return Changes(
        before,
        added=[item.anchor() for item in new.records.items() if item.anchor() not in known],
        removed=list(_removed(new.form, old_lists, there, was)),
        moved=list(_moved(old_lists, new_lists)),
    )


def row_of(anchor: str) -> str:
    """The anchor of the list's row that a cell is in: ``task/45`` of ``task/45/amount``, or ""."""
    parts = anchor.split("/")
    return "/".join(parts[:2]) if parts[0] in ("task", "indicator") else ""


def lists_of(records: Records) -> Iterator[tuple[str, list[Item]]]:
    """Every list of rows by its anchor, those nested in rows behind them."""
    for name, rows in records.lists.items():
        yield name, rows
        for item in rows:
            yield from ((f"{item.anchor()}/{inner}", found) for inner, found in item.lists.items())


def _removed(
    form: Form, lists: Lists, there: Collection[str], was: Mapping[str, str]
) -> Iterator[RemovedRow]:
    words = _words(was)
    sections = {block.list_path: form.section_at(block.first_row) for block in form.blocks()}
    names = {item.anchor(): name for name, rows in lists.items() for item in rows}
    for name, rows in lists.items():
        owner = row_of(name)
        path = (names[owner], name.rpartition("/")[2]) if owner else (name,)
        for number, item in enumerate(rows, start=1):
            if (anchor := item.anchor()) not in there:
                section = sections.get(path, -1)
                yield RemovedRow(anchor, words.get(anchor, ""), owner, section, number)


def _moved(old: Lists, new: Lists) -> Iterator[str]:
    for name, rows in new.items():
        places = {item.anchor(): place for place, item in enumerate(old.get(name, []))}
        yield from out_of_order([i.anchor() for i in rows if i.anchor() in places], places)


def _words(texts: Mapping[str, str]) -> dict[str, str]:
    """What was filled in in each list's row, on one line."""
    found: dict[str, list[str]] = {}
    for anchor, text in texts.items():
        if text and (row := row_of(anchor)):
            found.setdefault(row, []).append(text)
    return {row: "，".join(texts) for row, texts in found.items()}
