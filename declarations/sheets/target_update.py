"""What brings an evaluation up to the target that is in force now, row by row, cell by cell."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from declarations.sheets.alignment import is_blank, is_blank_row
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.from_target import FIXED, MADE, with_paths
from declarations.sheets.reconcile import ChangedCell, Plan, RowOfList
from declarations.sheets.records import Item, Records, Value, anchor_of_path

Source = tuple[int | None, tuple[str, ...]]
"""What a row is to have from the target: the id of the row there, and the columns carried."""


@dataclass(slots=True)
class Update:
    """What is to be done. plan: cells that change, rows that come, and those that go because
    the target has them no longer and nothing was filled in.

    sources: by anchor, of each row that is or was the target's, what it has from there then.
    orphans: anchors of rows that the target has no longer, which stay as the department's own.
    """

    plan: Plan = field(default_factory=Plan)
    sources: dict[str, Source] = field(default_factory=dict)
    orphans: list[str] = field(default_factory=list)


def bring_up(form: Form, current: Records, brought: Records, was: Records | None) -> Update:
    """Compares an evaluation with what `from_target` takes from the target in force.

    was: what it took from the target that it was based on; None: it was on none. A row is the
    one of its source, else the one of its name that has none. Where the approved text differs
    from what stands there, it replaces it; other cells that come along are only changed if
    they are blank or as they came before. What was filled in otherwise is never touched.
    """
    updating = _Updating(form, current, brought, was or Records())
    updating.compare_single_cells()
    updating.compare_rows()
    updating.look_at_what_is_gone()
    updating.arrange()
    return updating.update


@dataclass(slots=True)
class _List:
    """A list as it is to be: its rows, those that are there by their anchors."""

    path: tuple[str, ...]
    rows: list[str | RowOfList]
    grew: bool = False


class _Updating:
    def __init__(self, form: Form, current: Records, brought: Records, was: Records) -> None:
        self.form = form
        self.current = current
        self.brought = brought
        self.was = was
        self.update = Update()
        self.came_before = {_source(item): item for item in was.items()}
        self.rows = {item.anchor(): (path, item) for path, item in with_paths(current)}
        self.by_source = {
            _source(item): item for _, item in self.rows.values() if item.source is not None
        }
        self.by_name = {
            (path, _words(item)): item
            for path, item in reversed(self.rows.values())
            if item.source is None and _words(item)
        }
        self.lists = dict(_lists(current))
        self.found: dict[str, Item] = {}  # anchor of a current row to what is brought for it

    def compare_single_cells(self) -> None:
        """Budgets and passages: what nobody changed follows the target."""
        for tag, this in self.form.fields.items():
            after = self.brought.cell(tag)
            before = self.current.cell(tag)
            if _follows(before, self.was.cell(tag), after):
                anchor = anchor_of_path(tag)
                self.update.plan.changed.append(ChangedCell(anchor, this, before, after, anchor))

    def compare_rows(self) -> None:
        """Every row that is brought, each list in the target's order."""
        for name, items in self.brought.lists.items():
            place = _Place((name,), name)
            for item in items:
                place = self._row(item, place)

    def _row(self, item: Item, place: "_Place") -> "_Place":
        same = self._same(item, place.path)
        inner_path = (*place.path, INDICATORS)
        if same is not None:
            self._compare(item, same)
            inner = _Place(inner_path, f"{same.anchor()}/{INDICATORS}")
            for nested in item.lists.get(INDICATORS, []):
                inner = self._row(nested, inner)
            return place.behind(same.anchor())
        new = Item(item.kind, item.id, item.values, source=item.source, carried=item.carried)
        for nested in item.lists.get(INDICATORS, []):
            there = self._same(nested, inner_path)
            if there is None:
                new.lists.setdefault(INDICATORS, []).append(nested)
            else:  # it stays where somebody put it
                self._compare(nested, there)
        only_for_others = item.source == MADE and not new.lists
        return place if only_for_others else self._add(new, place)

    def _same(self, item: Item, path: tuple[str, ...]) -> Item | None:
        """The current row that a brought one is: by its source, else by its name."""
        if found := self.by_source.get(_source(item)):
            return found
        paths = [path] if item.kind == "task" else [p for p in self._paths() if p[-1] == INDICATORS]
        named = (self.by_name.get((p, _words(item))) for p in paths)
        return next((row for row in named if row and row.anchor() not in self.found), None)

    def _paths(self) -> Iterator[tuple[str, ...]]:
        return (block.list_path for block in self.form.blocks())

    def _add(self, new: Item, place: "_Place") -> "_Place":
        lst = self.lists.setdefault(place.anchor, _List(place.path, []))
        index = lst.rows.index(place.after) + 1 if place.after in lst.rows else 0
        row = RowOfList(new, place.anchor, place.path, index + 1)
        lst.rows.insert(index, row)
        lst.grew = True
        self.update.plan.added.append(row)
        return place.behind(row)

    def _compare(self, item: Item, same: Item) -> None:
        """Notes which cells of a row that is there change, and what it has from the target."""
        self.found[same.anchor()] = item
        self.update.sources[same.anchor()] = (item.source, item.carried)
        before = self.came_before.get(_source(item))
        path, _ = self.rows[same.anchor()]
        for this in self.form.fields_of(path):
            column = this.column
            there, approved = same.values.get(column), item.values.get(column)
            if column in FIXED:
                if column not in item.carried and column not in same.carried:
                    continue
                differs = not _equal(there, approved)
            else:
                differs = _follows(there, before.values.get(column) if before else None, approved)
            if differs:
                self._change(this, same, approved)

    def _change(self, this: Field, row: Item, after: Value) -> None:
        anchor = row.anchor(this.column)
        before = row.values.get(this.column)
        self.update.plan.changed.append(ChangedCell(anchor, this, before, after, anchor))

    def look_at_what_is_gone(self) -> None:
        """Rows whose source the target has no longer: they go, or stay as the department's own."""
        gone = {
            anchor
            for anchor, (_, item) in self.rows.items()
            if item.source is not None and anchor not in self.found
        }
        for anchor in gone:
            _, item = self.rows[anchor]
            if self._goes(item, gone):
                self._remove(anchor)
            else:
                self.update.sources[anchor] = (None, ())
                self.update.orphans.append(anchor)
        # What is nested in a row that goes, goes with it.
        self.update.plan.removed = [
            row for row in self.update.plan.removed if not self._owner_goes(row)
        ]
        self.update.orphans.sort(key=list(self.rows).index)

    def _goes(self, item: Item, gone: set[str]) -> bool:
        """Whether nothing was filled in, in it or in what is nested in it."""
        before = self.came_before.get(_source(item))
        came = before.values if before else {}
        own = (
            column
            for column, value in item.values.items()
            if column not in item.carried
            and not is_blank(value)
            and not _equal(value, came.get(column))
        )
        return next(own, None) is None and all(
            is_blank_row(inner) or (inner.anchor() in gone and self._goes(inner, gone))
            for rows in item.lists.values()
            for inner in rows
        )

    def _remove(self, anchor: str) -> None:
        path, item = self.rows[anchor]
        for list_anchor, lst in self.lists.items():
            if anchor in lst.rows:
                number = lst.rows.index(anchor) + 1
                self.update.plan.removed.append(RowOfList(item, list_anchor, path, number))

    def _owner_goes(self, row: RowOfList) -> bool:
        owner = row.list_anchor.rpartition("/")[0]
        return any(other.item.anchor() == owner for other in self.update.plan.removed)

    def arrange(self) -> None:
        """The order of each list that rows come to: blank ones, which were to be filled in, go."""
        going = {row.item.anchor() for row in self.update.plan.removed}
        for anchor, lst in self.lists.items():
            if not lst.grew:
                continue
            blank = [a for a in lst.rows if isinstance(a, str) and self._is_spare(a)]
            self.update.plan.blank += [
                RowOfList(self.rows[a][1], anchor, lst.path, lst.rows.index(a) + 1) for a in blank
            ]
            left = [r for r in lst.rows if not isinstance(r, str) or r not in {*blank, *going}]
            self.update.plan.orders[anchor] = left

    def _is_spare(self, anchor: str) -> bool:
        item = self.rows[anchor][1]
        return item.source is None and is_blank_row(item) and anchor not in self.found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next row of a list comes: behind the one before it in the target."""

    path: tuple[str, ...]
    anchor: str
    after: str | RowOfList = ""

    def behind(self, row: str | RowOfList) -> "_Place":
        return _Place(self.path, self.anchor, row)


def _source(item: Item) -> tuple[str, int | None]:
    """Tasks and indicators have ids of their own."""
    return item.kind, item.source


def _words(item: Item) -> str:
    """What a row is known by, without spaces."""
    name = item.values.get("level3" if item.kind == "indicator" else "name")
    return "".join(str(name or "").split())


def _lists(records: Records) -> Iterator[tuple[str, _List]]:
    for path, item in with_paths(records):
        if len(path) == 1 and item.kind == "task":
            nested = [i.anchor() for i in item.lists.get(INDICATORS, [])]
            yield f"{item.anchor()}/{INDICATORS}", _List((*path, INDICATORS), [*nested])
    for name, rows in records.lists.items():
        yield name, _List((name,), [i.anchor() for i in rows])


def _follows(there: Value, before: Value, after: Value) -> bool:
    """Whether a cell that may be changed takes the target's value: nobody has changed it."""
    if is_blank(after) or _equal(there, after):
        return False
    return is_blank(there) or _equal(there, before)


def _equal(one: Value, other: Value) -> bool:
    return one == other or (is_blank(one) and is_blank(other))
