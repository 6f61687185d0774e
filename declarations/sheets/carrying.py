"""Last year's content in this year's form: what was aimed at then is the year before's value."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from declarations.sheets.alignment import is_blank, is_blank_row
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, Form
from declarations.sheets.kinds import InvalidValueError, Kind
from declarations.sheets.records import Item, Records, Value

_DESCRIBES = (
    *("name", "content", "definition", "period_target", "basis", "weight"),
    *("level1", "level2", "level3"),
)
"""Columns that say what a row is about. Targets and amounts are set anew every year."""

LAST_YEAR = {"prior1": ("actual", "target"), "prior2": ("prior1",)}
"""Values of the years before, and the columns of last year's indicator that say them."""

_SOURCES = {column: (column,) for column in _DESCRIBES} | LAST_YEAR
"""By column, those of last year's row that fill it: the first that says something."""

WORDS = (Kind.LINE, Kind.TEXT, Kind.CHOICE)
"""What words can be filled into."""


def carried_over(form: Form, current: Records, last_form: Form, last: Records) -> Records:
    """What the form would hold with last year's content added; nothing filled in is changed.

    Last year's rows are added behind those that are there, with what was reached or else
    aimed at as the value of the year before, and targets and amounts blank. A row that is
    there already (a task by its name, an indicator by level 2 and 3) only gets the prior
    values that it lacks. Passages are brought where they are blank. What this year's form
    does not accept is left out.
    """
    carrier = _Carrier(form, last_form)
    lists = {
        block.name: carrier.rows(
            block, current.lists.get(block.name, []), last.lists.get(block.name, [])
        )
        for block in form.root.children
    }
    texts = current.texts | dict(carrier.passages(current, last))
    return replace(current, texts=texts, lists=lists)


@dataclass(frozen=True, slots=True)
class _Carrier:
    form: Form
    last_form: Form
    new_ids: Iterator[int] = field(default_factory=lambda: count(-1, -1))

    def passages(self, current: Records, last: Records) -> Iterator[tuple[str, str]]:
        for tag, this in self.form.fields.items():
            head, _, key = tag.partition(".")
            if head == "text" and this.kind in WORDS and not current.texts.get(key):
                yield key, str(self._read(this, tag, last.texts.get(key, "")))

    def rows(self, block: Block, current: list[Item], last: list[Item]) -> list[Item]:
        """The rows that are there, and behind them those of last year that are not."""
        merged = [replace(i, values=dict(i.values), lists=dict(i.lists)) for i in current]
        there = {self._identity(block, item): item for item in reversed(merged)}
        there.pop((), None)
        for brought in last:
            if is_blank_row(brought):
                continue
            item = there.get(self._identity(block, brought))
            if item is None:
                item = Item(brought.kind, next(self.new_ids))
                self._fill(block, item, brought)
                merged.append(item)
            else:
                self._fill(block, item, brought, only=("prior1", "prior2"))
            for child in block.children:
                rows = item.lists.get(child.name, [])
                item.lists[child.name] = self.rows(child, rows, brought.lists.get(child.name, []))
        return merged

    def _identity(self, block: Block, item: Item) -> tuple[str, ...]:
        """What a row is known by in both forms, without spaces; empty where it has no name."""
        columns = ("level2", "level3") if block.name == INDICATORS else ("name",)
        prefix = ".".join(block.list_path)
        both = self.form.fields.keys() & self.last_form.fields.keys()
        known = [c for c in columns if f"{prefix}.{c}" in both]
        words = tuple("".join(str(item.values.get(c) or "").split()) for c in known)
        return words if any(words) else ()

    def _fill(
        self, block: Block, item: Item, brought: Item, only: tuple[str, ...] | None = None
    ) -> None:
        """Fills the row's blank cells from last year's."""
        prefix = ".".join(block.list_path)
        for this in self.form.fields_of(block.list_path):
            if (only is None or this.column in only) and is_blank(item.values.get(this.column)):
                values = (
                    self._read(this, f"{prefix}.{source}", brought.values.get(source))
                    for source in _sources(this)
                )
                item.values[this.column] = next((v for v in values if not is_blank(v)), None)

    def _read(self, this: Field, last_tag: str, value: Value) -> Value:
        return as_taken(this, self.last_form.fields.get(last_tag), value)


def as_taken(this: Field, other: Field | None, value: Value) -> Value:
    """A value of another form's field as this field takes it; "" where it does not."""
    if other is None or is_blank(value):
        return ""
    text = other.edit_text(value) + (other.unit if other.kind is Kind.MONEY else "")
    try:
        return this.read(text)
    except InvalidValueError:
        return ""


def _sources(this: Field) -> tuple[str, ...]:
    if this.column.startswith("extra.") and this.kind in WORDS:
        return (this.column,)
    return _SOURCES.get(this.column, ())
