"""What a self-evaluation takes over from the approved target, on whatever form that was filed.

docs/form-templates.md says the same to officials, as a table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from declarations.sheets.alignment import is_blank, is_blank_row
from declarations.sheets.carrying import LAST_YEAR, WORDS, as_taken
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records, Value

OF_NO_TASK = "部门整体绩效指标"
"""The name of the task's row under which indicators stand that belong to none."""
MADE = 0
"""The source of that row, which is no row of the target."""

FIXED = (
    *("name", "content", "expected"),
    *("level1", "level2", "level3", "definition", "period_target", "target", "basis"),
)
"""Columns that come along and cannot be changed: what was approved."""
OFFERED = ("total_amount", "weight", "prior1", "prior2")
"""Columns that come along and may be changed.

A project's total budget is none of this year's figures; weights may be points of another sum
here. A task's `amount` does not come: the target plans what the evaluation says was spent, and
nobody is to find the plan there as if it had been.
"""

_HOMES = {
    "tasks": ("tasks", "goals", "projects"),
    "goals": ("goals", "tasks"),
    "other_tasks": ("other_tasks", "tasks"),
    "projects": ("projects",),
}
"""By list of the target, those of the evaluation that its rows go to: the first that it has."""
_LAST_RESORT = ("tasks", "goals")
"""Where projects go if nothing else came: they are ways to reach goals, and no goals."""


def from_target(form: Form, target_form: Form, target: Records) -> Records:
    """The rows, budgets and passages that an evaluation begins with; no row has a stored id.

    Each row has its source, the id of the target's row, and says in `carried` which of its
    cells are as approved; what the evaluation's form does not accept is left blank, to be
    filled in. Lists to which nothing came are missing. Blank rows do not come.
    """
    taking = _Taking(form, target_form)
    taking.take(target)
    single = dict(_single_cells(form, target_form, target))
    brought = Records(lists=taking.lists)
    for tag, value in single.items():
        brought.set_cell(tag, value)
    return brought


def with_last_year(form: Form, brought: Records, last_form: Form, last: Records) -> Records:
    """The same with the values of the years before, where the form asks for them.

    Last year's indicators are found by their second and third level. What was reached then
    goes before what the target says of that year, and this before what was aimed at.
    """
    known = [c for c in ("level2", "level3") if c in _columns(form) & _columns(last_form)]
    before = {_words(item, known): item for item in reversed([*_indicators(last)])}
    before.pop((), None)
    for path, item in with_paths(brought):
        was = before.get(_words(item, known)) if item.kind == "indicator" else None
        for this in form.fields_of(path) if was else ():
            for source in LAST_YEAR.get(this.column, ()):
                assert was is not None
                value = _taken_of_indicator(this, last_form, source, was.values.get(source))
                free = source == "actual" or is_blank(item.values.get(this.column))
                if free and not is_blank(value):
                    item.values[this.column] = value
    return brought


def asks_for_last_year(form: Form) -> bool:
    """Whether there is anything that `with_last_year` could fill in."""
    return bool(_columns(form) & LAST_YEAR.keys())


def with_paths(records: Records) -> Iterator[tuple[tuple[str, ...], Item]]:
    """Every row with the list that it is in, outer before inner."""
    for name, rows in records.lists.items():
        for item in rows:
            yield (name,), item
            for inner, nested in item.lists.items():
                yield from (((name, inner), row) for row in nested)


@dataclass(slots=True)
class _Taking:
    form: Form
    target_form: Form
    lists: dict[str, list[Item]] = field(default_factory=dict)
    apart: list[Item] = field(default_factory=list)  # indicators that belong to no task
    new_ids: Iterator[int] = field(default_factory=lambda: count(-1, -1))

    def take(self, target: Records) -> None:
        """Takes every row over."""
        for name in _HOMES:
            self._take_tasks(name, target.lists.get(name, []))
        for item in _filled(target.lists.get(INDICATORS, [])):
            self._take_indicator(item, (INDICATORS,))
        if self.apart:
            self._put_apart()

    @property
    def _paths(self) -> list[tuple[str, ...]]:
        return [block.list_path for block in self.form.blocks()]

    @property
    def _nesting(self) -> list[str]:
        """The lists in whose rows the form has indicators, the usual one first."""
        nesting = [path[0] for path in self._paths if len(path) > 1]
        return sorted(nesting, key=lambda name: name != "tasks")

    def _home(self, name: str) -> str:
        homes = _HOMES[name]
        if name == "projects" and not self.lists:
            homes += _LAST_RESORT
        return next((home for home in homes if (home,) in self._paths), "")

    def _take_tasks(self, name: str, rows: Iterable[Item]) -> None:
        home = self._home(name)
        for row in _filled(rows):
            task = self._row(row, (name,), (home,)) if home else None
            if task:
                self.lists.setdefault(home, []).append(task)
            for inner in _filled(row.lists.get(INDICATORS, [])):
                path = (name, INDICATORS)
                if task and home in self._nesting:
                    nested = task.lists.setdefault(INDICATORS, [])
                    nested.append(self._row(inner, path, (home, INDICATORS)))
                else:
                    self._take_indicator(inner, path)

    def _take_indicator(self, item: Item, path: tuple[str, ...]) -> None:
        """One of no task: into the list of all, or else under the row made for such."""
        if (INDICATORS,) in self._paths:
            rows = self.lists.setdefault(INDICATORS, [])
            rows.append(self._row(item, path, (INDICATORS,)))
        elif self._nesting:
            self.apart.append(self._row(item, path, (self._nesting[0], INDICATORS)))

    def _put_apart(self) -> None:
        home = self._nesting[0]
        task = Item("task", next(self.new_ids), source=MADE, lists={INDICATORS: self.apart})
        if f"{home}.name" in self.form.fields:
            task.values["name"] = OF_NO_TASK
            task.carried = ("name",)
        self.lists.setdefault(home, []).append(task)

    def _row(self, row: Item, path: tuple[str, ...], home: tuple[str, ...]) -> Item:
        """A row of the evaluation's list `home`, made of one of the target's list `path`."""
        taken = Item(row.kind, next(self.new_ids), source=row.id)
        fields = {this.column: this for this in self.form.fields_of(home)}
        for column, this in fields.items():
            if column in FIXED or column in OFFERED or _is_own(this):
                taken.values[column] = self._value(this, path, column, row)
        if is_blank(taken.values.get("name")) and "content" not in fields and "name" in fields:
            # Other tasks are often only described: the description is what they go by.
            taken.values["name"] = self._value(fields["name"], path, "content", row)
        taken.carried = tuple(c for c in fields if c in FIXED and not is_blank(taken.values.get(c)))
        return taken

    def _value(self, this: Field, path: tuple[str, ...], column: str, row: Item) -> Value:
        theirs = self.target_form.fields.get(".".join((*path, column)))
        return as_taken(this, theirs, row.values.get(column))


def _single_cells(form: Form, target_form: Form, target: Records) -> Iterator[tuple[str, Value]]:
    """Budgets by their key, and the passages that both forms have, which may be changed."""
    for tag, this in form.fields.items():
        head, _, rest = tag.partition(".")
        words = head == "text" and this.kind in WORDS
        if words or (head == "funding" and rest.endswith(".budget")):
            value = as_taken(this, target_form.fields.get(tag), target.cell(tag))
            if not is_blank(value):
                yield tag, value


def _is_own(this: Field) -> bool:
    """A district's own column, where it holds words."""
    return this.column.startswith("extra.") and this.kind in WORDS


def _filled(rows: Iterable[Item]) -> Iterator[Item]:
    return (row for row in rows if not is_blank_row(row))


def _columns(form: Form) -> set[str]:
    """Those of the form's indicators, wherever they are."""
    paths = (block.list_path for block in form.blocks() if block.name == INDICATORS)
    return {f.column for path in paths for f in form.fields_of(path)}


def _indicators(records: Records) -> Iterator[Item]:
    return (item for item in records.items() if item.kind == "indicator")


def _words(item: Item, columns: Iterable[str]) -> tuple[str, ...]:
    """What an indicator is known by, without spaces; empty where it has no name."""
    words = tuple("".join(str(item.values.get(c) or "").split()) for c in columns)
    return words if any(words) else ()


def _taken_of_indicator(this: Field, last_form: Form, column: str, value: Value) -> Value:
    theirs = (last_form.fields_of(b.list_path) for b in last_form.blocks() if b.name == INDICATORS)
    found = next((f for fields in theirs for f in fields if f.column == column), None)
    return as_taken(this, found, value)
