"""What changed between two versions of a form, on the table itself."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from declarations.sheets.alignment import out_of_order
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records
from declarations.sheets.table import Table
from declarations.sheets.texts import all_texts


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A row that is no longer there, as its values told it.

    owner: the anchor of the row it was nested in, "" where in none. section: index into the
    form's sections, -1 where in none. number: its place in its list, from 1.
    """

    anchor: str
    text: str
    owner: str
    section: int
    number: int


@dataclass(slots=True)
class Changes:
    """What differs between an older version and a table.

    before: anchor of each changed cell of the new table to its old text ("" where it was
    blank or its row is new), in the order of the form. added: anchors of new rows. moved:
    anchors of rows that have another place among those that stayed. starts: the first cell of
    each row that came or moved.
    """

    before: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[RemovedRow] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    starts: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.before or self.removed or self.added or self.moved)

    @property
    def changed(self) -> dict[str, str]:
        """Of the changed cells those in rows that were there before."""
        new = set(self.added)
        return {anchor: text for anchor, text in self.before.items() if row_of(anchor) not in new}

    @property
    def counts(self) -> str:
        """``修改 3 格，新增 1 行``; "" where nothing changed."""
        counts = (
            (len(self.changed), "修改 {} 格"),
            (len(self.added), "新增 {} 行"),
            (len(self.removed), "删除 {} 行"),
            (len(self.moved), "移动 {} 行"),
        )
        return "，".join(text.format(count) for count, text in counts if count)


def compare(old: Records, new: Table, only: Collection[str] | None = None) -> Changes:
    """What differs in a table from what its form would show of older records, cell by cell.

    Computed cells count too. The rows of both go by their anchors. only: the tags to compare,
    and with them the lists that have any; None: all.
    """
    was = all_texts(new.form, old, only)
    before = {
        entry.anchor: was.get(entry.anchor, "")
        for entry in new.entries()
        if entry.anchor
        and (only is None or entry.field.tag in only)
        and entry.text != was.get(entry.anchor, "")
    }
    old_lists, new_lists = (
        list(_lists(new.form, old, only)),
        list(_lists(new.form, new.records, only)),
    )
    there, known = _anchors(new_lists), _anchors(old_lists)
    added = [item.anchor() for item in new.records.items() if item.anchor() in there - known]
    moved = list(_moved(old_lists, new_lists))
    removed = []
    if known - there:
        removed = list(
            _removed(old_lists, there, was if only is None else all_texts(new.form, old))
        )
    starts = starts_of(new, {*added, *moved}) if added or moved else {}
    return Changes(before, added, removed, moved, starts)


def row_of(anchor: str) -> str:
    """The anchor of the list's row that a cell is in: ``task/45`` of ``task/45/amount``, or ""."""
    parts = anchor.split("/")
    return "/".join(parts[:2]) if parts[0] in ("task", "indicator") else ""


@dataclass(frozen=True, slots=True)
class _List:
    """The rows of one list. owner: the anchor of the row it is nested in, "" where in none."""

    path: tuple[str, ...]
    owner: str
    section: int
    rows: list[Item]


def _lists(form: Form, records: Records, only: Collection[str] | None) -> Iterator[_List]:
    """Every list of the form that is compared, those nested in rows too."""
    for block in form.blocks():
        path, section = block.list_path, form.section_at(block.first_row)
        if only is not None and not any(f.tag in only for f in form.fields_of(path)):
            continue
        outer = [("", records.lists)]
        if len(path) > 1:
            outer = [(item.anchor(), item.lists) for item in records.lists.get(path[0], [])]
        yield from (_List(path, owner, section, lists.get(path[-1], [])) for owner, lists in outer)


def _anchors(lists: Collection[_List]) -> set[str]:
    return {item.anchor() for found in lists for item in found.rows}


def _removed(
    lists: Collection[_List], there: Collection[str], was: Mapping[str, str]
) -> Iterator[RemovedRow]:
    words = _words(was)
    for found in lists:
        for number, item in enumerate(found.rows, start=1):
            if (anchor := item.anchor()) not in there:
                text = words.get(anchor, "")
                yield RemovedRow(anchor, text, found.owner, found.section, number)


def _moved(old: Collection[_List], new: Collection[_List]) -> Iterator[str]:
    places = {
        (found.path, found.owner): {item.anchor(): n for n, item in enumerate(found.rows)}
        for found in old
    }
    for found in new:
        known = places.get((found.path, found.owner), {})
        yield from out_of_order([i.anchor() for i in found.rows if i.anchor() in known], known)


def starts_of(table: Table, rows: Collection[str]) -> dict[str, str]:
    """The first cell of each of these rows."""
    starts: dict[str, str] = {}
    for entry in table.entries():
        if (row := row_of(entry.anchor)) in rows:
            starts.setdefault(row, entry.anchor)
    return starts


def _words(texts: Mapping[str, str]) -> dict[str, str]:
    """What was filled in in each list's row, on one line."""
    found: dict[str, list[str]] = {}
    for anchor, text in texts.items():
        if text and (row := row_of(anchor)):
            found.setdefault(row, []).append(text)
    return {row: "，".join(texts) for row, texts in found.items()}
