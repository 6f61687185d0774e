"""What an incoming set of records would change in the current one, row by row, cell by cell.

Rows of a workbook have no names of their own, so they are aligned with the rows that are
there: an aligned row keeps its anchor, and with it comments, history and explanations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from declarations.sheets.alignment import Rows, is_blank, is_blank_row, out_of_order
from declarations.sheets.catalogue import SCORES
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, Form
from declarations.sheets.records import Item, Records, Value, anchor_of_path


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """A cell and its other value. source: its anchor in the incoming records."""

    anchor: str
    field: Field
    before: Value
    after: Value
    source: str


@dataclass(frozen=True, slots=True)
class RowOfList:
    """A row that comes or goes, with all that is nested in it.

    list_anchor: ``tasks``, or ``task/45/indicators`` in a row that is there. number: its
    place in the list, from 1: as it is to be for one that comes, as it is for one that goes.
    """

    item: Item
    list_anchor: str
    list_path: tuple[str, ...]
    number: int


@dataclass(slots=True)
class Plan:
    """What has to be done to the current records so that they say what the incoming ones say.

    rounded: cells left as they are, because the incoming value is what the form shows of
    them. moved: anchors of rows that get another place among those that stay. blank: rows
    that go although nothing was in them. orders: by list anchor, of each list whose rows
    come, go or move: those that it will have, in order, each by its anchor or as a new row.
    approved: cells that stay as the approved target has them, although the incoming ones say
    something else. kept: rows of the target that stay, although the incoming records lack them.
    """

    changed: list[ChangedCell] = field(default_factory=list)
    added: list[RowOfList] = field(default_factory=list)
    removed: list[RowOfList] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    rounded: list[ChangedCell] = field(default_factory=list)
    blank: list[RowOfList] = field(default_factory=list)
    orders: dict[str, list[str | RowOfList]] = field(default_factory=dict)
    approved: list[ChangedCell] = field(default_factory=list)
    kept: list[RowOfList] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything would change that somebody filled in."""
        return bool(self.changed or self.added or self.removed or self.moved)


def plan(form: Form, current: Records, incoming: Records, absent: frozenset[str]) -> Plan:
    """Compares what is stored with what was brought; both hold the form's stored values.

    absent: tags and lists (``tasks.amount``, ``tasks.indicators``) of which the incoming
    records say nothing. Equal input gives equal plans.
    """
    reconciler = _Reconciler(form, absent, Plan())
    reconciler.compare_single_cells(current, incoming)
    for block in form.root.children:
        reconciler.compare_lists(block, current.lists, incoming.lists, owner="")
    return reconciler.plan


@dataclass(slots=True)
class _Reconciler:
    form: Form
    absent: frozenset[str]
    plan: Plan

    def compare_single_cells(self, current: Records, incoming: Records) -> None:
        """Amounts and texts outside lists."""
        for tag, form_field in self.form.fields.items():
            if tag in self.absent or tag.partition(".")[0] not in ("funding", "text", SCORES):
                continue
            anchor = anchor_of_path(tag)
            before, after = (records.cell(tag) for records in (current, incoming))
            self._compare(ChangedCell(anchor, form_field, before, after, anchor))

    def compare_lists(
        self,
        block: Block,
        current: dict[str, list[Item]],
        incoming: dict[str, list[Item]],
        owner: str,
    ) -> None:
        """The rows of one list, and those nested in the ones that stay."""
        if ".".join(block.list_path) in self.absent:
            return
        rows = Rows(self.form, block, self.absent)
        old = current.get(block.name, [])
        new = [item for item in incoming.get(block.name, []) if not is_blank_row(item)]
        blank = {item.anchor() for item in old if is_blank_row(item)}
        filled = [item for item in old if item.anchor() not in blank]
        pairs = rows.align(filled, new)
        list_anchor = f"{owner}/{block.name}" if owner else block.name
        stays_as = {i: filled[c] for i, c in pairs.items()}
        self._note_rows(_List(block.list_path, list_anchor), old, new, stays_as)
        for index, position in sorted(pairs.items()):
            was, item = filled[position], new[index]
            for form_field in rows.fields:
                source = item.anchor(form_field.column)
                values = was.values.get(form_field.column), item.values.get(form_field.column)
                cell = ChangedCell(was.anchor(form_field.column), form_field, *values, source)
                self._compare(cell, is_approved=form_field.column in was.carried)
            for child in block.children:
                self.compare_lists(child, was.lists, item.lists, was.anchor())

    def _note_rows(
        self, lst: "_List", old: list[Item], new: list[Item], stays_as: dict[int, Item]
    ) -> None:
        """Which rows come, go and move. Where nothing is brought, blank rows stay to be filled."""
        places = {item.anchor(): number for number, item in enumerate(old, start=1)}
        staying = {item.anchor() for item in stays_as.values()}
        added = {i: lst.row(item, i + 1) for i, item in enumerate(new) if i not in stays_as}
        missing = [lst.row(i, places[i.anchor()]) for i in old if i.anchor() not in staying]
        kept = [row for row in missing if _is_approved(row.item)]
        going = [row for row in missing if row not in kept]
        removed = [row for row in going if not is_blank_row(row.item)]
        blank = [row for row in going if is_blank_row(row.item)] if new else []
        order = [stays_as[i].anchor() for i in sorted(stays_as)]
        moved = out_of_order(order, places)
        self.plan.added += added.values()
        self.plan.removed += removed
        self.plan.blank += blank
        self.plan.moved += moved
        self.plan.kept += kept
        if added or removed or blank or moved:
            rows: list[str | RowOfList] = [
                stays_as[i].anchor() if i in stays_as else added[i] for i in range(len(new))
            ]
            anchors = [item.anchor() for item in old]
            for row in kept:
                _put_back(rows, row.item.anchor(), anchors)
            self.plan.orders[lst.anchor] = rows

    def _compare(self, cell: ChangedCell, *, is_approved: bool = False) -> None:
        if _equal(cell.field, cell.before, cell.after):
            return
        if _is_shown_of(cell.field, cell.before, cell.after):
            self.plan.rounded.append(cell)
        else:
            (self.plan.approved if is_approved else self.plan.changed).append(cell)


@dataclass(frozen=True, slots=True)
class _List:
    path: tuple[str, ...]
    anchor: str

    def row(self, item: Item, number: int) -> RowOfList:
        return RowOfList(item, self.anchor, self.path, number)


def _is_approved(item: Item) -> bool:
    """Whether a row, or one nested in it, comes from the approved target."""
    nested = (inner for rows in item.lists.values() for inner in rows)
    return item.source is not None or any(map(_is_approved, nested))


def _put_back(rows: list[str | RowOfList], anchor: str, before: Sequence[str]) -> None:
    """Puts a row behind the last that stood before it and is still there."""
    earlier = before[: before.index(anchor)]
    after = next((rows.index(a) + 1 for a in reversed(earlier) if a in rows), 0)
    rows.insert(after, anchor)


def _equal(form_field: Field, one: Value, other: Value) -> bool:
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    return Decimal(one or 0) == Decimal(other or 0) if form_field.numeric else one == other


def _is_shown_of(form_field: Field, stored: Value, brought: Value) -> bool:
    """Whether a number was brought as the form shows the stored one, without its last digits.

    Who takes the figures from a print must not lose what the print leaves out.
    """
    if not form_field.numeric or is_blank(stored) or is_blank(brought):
        return False
    return form_field.read(form_field.show(stored)) == Decimal(brought or 0)
