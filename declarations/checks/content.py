"""What checks look at: a bound table, and the rows of its lists with what they hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from declarations.checks.reading import is_left_over, plain
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind
from declarations.sheets.records import Item, Value
from declarations.sheets.table import Table
from declarations.sheets.values import Chain, Values


@dataclass(slots=True)
class ListRow:
    """A row of a list. fields: of the columns that the form has. where: as a message names it,
    ``绩效指标第3行``, or ``年度目标第2项第3行`` of an indicator in the second goal."""

    item: Item
    list_path: tuple[str, ...]
    chain: Chain
    number: int
    where: str
    fields: dict[str, Field]
    outer: "ListRow | None" = None
    inner: list["ListRow"] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict)

    def value(self, column: str) -> Value:
        """What is stored, None where the form has no such column."""
        return self.item.values.get(column) if column in self.fields else None

    def text(self, column: str) -> str:
        """Its text as `plain` gives it, "" where there is none or it is a number."""
        text = self._texts.get(column)
        if text is None:
            value = self.value(column)
            text = self._texts[column] = plain(value) if isinstance(value, str) else ""
        return text

    def shown(self, column: str) -> str:
        """As the form prints it."""
        return self.fields[column].show(self.value(column))

    def anchor(self, column: str) -> str:
        return self.item.anchor(column)

    def anchors(self, *columns: str) -> tuple[str, ...]:
        """Those of the columns that the form has."""
        return tuple(self.item.anchor(c) for c in columns if c in self.fields)

    def label(self, column: str) -> str:
        return self.fields[column].label

    @property
    def filled(self) -> dict[str, Value]:
        """The columns with something in them."""
        values = {column: self.item.values.get(column) for column in self.fields}
        return {column: value for column, value in values.items() if value not in (None, "")}

    @property
    def is_unwritten(self) -> bool:
        """Whether it holds what is printed in a blank form, and nothing else.

        Levels and choices are often printed in advance, and say nothing of the row.
        """
        texts = [
            isinstance(value, str) and is_left_over(self.text(column), self.fields[column])
            for column, value in self.filled.items()
            if column not in ("level1", "level2") and self.fields[column].kind is not Kind.CHOICE
        ]
        return bool(texts) and all(texts) and all(r.is_blank or r.is_unwritten for r in self.inner)

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all is filled in, in it or in the rows nested in it."""
        return not self.filled and all(inner.is_blank for inner in self.inner)


class Content:
    """A bound table as checks look at it; what several of them need is found once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.form = table.form
        self.records = table.records
        self.values = Values(table.form, table.records)

    @cached_property
    def rows(self) -> list[ListRow]:
        """Every row of every list that the form has, outer before inner."""
        return list(self._rows())

    @cached_property
    def indicators(self) -> list[ListRow]:
        """The rows of indicators, whatever list they are nested in."""
        return [row for row in self.rows if row.list_path[-1] == INDICATORS]

    @cached_property
    def row_of(self) -> dict[str, ListRow]:
        """Rows by their anchors."""
        return {row.item.anchor(): row for row in self.rows}

    @cached_property
    def unwritten(self) -> frozenset[str]:
        """The anchors of rows that hold nothing but placeholders, like all rows in them."""
        return frozenset(row.item.anchor() for row in self.rows if row.is_unwritten)

    def is_unwritten(self, row: ListRow) -> bool:
        """Whether it is such a row, or nested in one: what else it lacks need not be said."""
        return not self.unwritten.isdisjoint(item.anchor() for item in row.chain)

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each anchor in the form: of cells, and of what rows are added to."""
        anchors = [e.anchor for cell in self.table.head for e in cell.entries]
        for row in self.table.rows:
            anchors.append(row.add_to or row.list_name)
            anchors += [e.anchor for e in row.entries()]
        anchors += [e.anchor for cell in self.table.foot for e in cell.entries]
        return {anchor: i for i, anchor in enumerate(anchors)}

    @cached_property
    def section_of_list(self) -> dict[str, str]:
        """What the part of the form is called in which each list stands."""
        return {
            block.name: self.form.section_label(block.first_row)
            for block in self.form.root.children
        }

    def texts(self) -> Iterator[tuple[str, Field, str, str]]:
        """Every text that is filled in: its anchor, its field, where it stands, and itself."""
        for field_ in self.form.fields.values():
            if field_.tag.startswith("text.") and not field_.numeric:
                key = field_.tag.removeprefix("text.")
                if text := self.records.texts.get(key, ""):
                    yield f"text/{key}", field_, "", text
        for row in self.rows:
            for column, field_ in row.fields.items():
                value = row.item.values.get(column)
                if value and isinstance(value, str) and not field_.numeric:
                    yield row.anchor(column), field_, row.where, value

    def _rows(self) -> Iterator[ListRow]:
        for outer_block in self.form.root.children:
            path = outer_block.list_path
            fields = {f.column: f for f in self.form.fields_of(path)}
            nested = [
                (block.list_path, {f.column: f for f in self.form.fields_of(block.list_path)})
                for block in outer_block.children
            ]
            place = self.section_of_list[outer_block.name]
            for number, item in enumerate(self.records.lists.get(path[0], []), start=1):
                where = f"{place}第{number}{'项' if nested else '行'}"
                row = ListRow(item, path, (item,), number, where, fields)
                yield row
                for inner_path, inner_fields in nested:
                    for inner in self._nested(row, inner_path, inner_fields, place):
                        row.inner.append(inner)
                        yield inner

    @staticmethod
    def _nested(
        row: ListRow, path: tuple[str, ...], fields: dict[str, Field], place: str
    ) -> Iterator[ListRow]:
        for number, item in enumerate(row.item.lists.get(path[-1], []), start=1):
            where = f"{place}第{row.number}项第{number}行"
            yield ListRow(item, path, (*row.chain, item), number, where, fields, outer=row)
