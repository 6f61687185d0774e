"""What checks look at: a bound table, and the rows of its lists with what they hold."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from declarations.checks.reading import is_left_over, plain, printed, shortened
from declarations.sheets.catalogue import INDICATORS
from declarations.sheets.evaluation import Evaluation
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.records import Item, Value
from declarations.sheets.scores import Scoring, score
from declarations.sheets.table import Table
from declarations.sheets.values import Values
from scoring.rubric import Facts

T = TypeVar("T")


class _Columns:
    """The columns that the form has of a list, and what is printed in advance in them.

    prose: those with texts of several lines. unit: the one for the unit of an indicator's
    values, which only some forms have, "" where there is none.
    """

    def __init__(self, form: Form, list_path: tuple[str, ...]) -> None:
        self.list_path = list_path
        self.fields = {f.column: f for f in form.fields_of(list_path)}
        self.texts = [c for c, f in self.fields.items() if not f.numeric]
        self.prose = [c for c in self.texts if self.fields[c].kind is Kind.TEXT]
        self.unit = next((c for c in self.texts if _is_for_units(self.fields[c])), "")
        self.printed = {c: printed(self.fields[c]) for c in self.texts}


def _is_for_units(field: Field) -> bool:
    """计量单位, and what else a district calls its own column."""
    named = field.column == "extra.unit" or field.label.endswith("单位")
    return named and field.column.startswith("extra.")


class ListRow:
    """A row of a list.

    fields: of the columns that the form has. texts: what is filled in, as `plain` gives it,
    of those that are no numbers. left_over: those of them that only hold what is printed there in a
    blank form. where: as a message names it, ``绩效指标第3行``, or ``年度目标第2项第3行`` of an
    indicator in the second goal.
    """

    def __init__(
        self,
        item: Item,
        columns: _Columns,
        *,
        number: int,
        where: str,
        outer: "ListRow | None" = None,
    ) -> None:
        values = item.values
        self.item = item
        self.columns = columns
        self.list_path = columns.list_path
        self.fields = columns.fields
        self.number = number
        self.where = where
        self.outer = outer
        self.inner: list[ListRow] = []
        self.texts = {c: plain(str(values[c])) for c in columns.texts if values.get(c)}
        self.left_over = [c for c, t in self.texts.items() if is_left_over(t, columns.printed[c])]

    def located(self, column: str) -> "Text":
        """The text of a column with where it stands."""
        written, left_over = str(self.item.values[column]), column in self.left_over
        anchor, field = self.anchor(column), self.fields[column]
        return Text(anchor, field, written, self.texts[column], left_over, self)

    def value(self, column: str) -> Value:
        """What is stored, None where the form has no such column."""
        return self.item.values.get(column) if column in self.fields else None

    def text(self, column: str) -> str:
        """Its text, "" where there is none."""
        return self.texts.get(column, "")

    def shown(self, column: str) -> str:
        """As the form prints it, on one line, shortened for a message."""
        return shortened(self.fields[column].show(self.value(column)))

    def anchor(self, column: str) -> str:
        return self.item.anchor(column)

    def anchors(self, *columns: str) -> tuple[str, ...]:
        """Those of the columns that the form has."""
        return tuple(self.item.anchor(c) for c in columns if c in self.fields)

    def label(self, column: str) -> str:
        return self.fields[column].label

    @cached_property
    def filled(self) -> list[str]:
        """The columns with something in them."""
        return [c for c in self.fields if self.item.values.get(c) not in (None, "")]

    @property
    def is_unwritten(self) -> bool:
        """Whether it holds what is printed in a blank form, and nothing else.

        Levels and choices are often printed in advance, and say nothing of the row.
        """
        if not self.left_over:
            return False
        said = [
            column
            for column in self.filled
            if column not in ("level1", "level2") and self.fields[column].kind is not Kind.CHOICE
        ]
        nothing = bool(said) and all(column in self.left_over for column in said)
        return nothing and all(row.is_blank or row.is_unwritten for row in self.inner)

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all is filled in, in it or in the rows nested in it."""
        return not self.filled and all(inner.is_blank for inner in self.inner)


class Text(NamedTuple):
    """A text that is filled in, as it was written and as `plain` gives it.

    left_over: whether it only is what is printed there in a blank form. row: that it stands in.
    """

    anchor: str
    field: Field
    written: str
    plain: str
    left_over: bool
    row: ListRow | None = None

    @property
    def place(self) -> str:
        """What a message begins with."""
        return f"{self.row.where}：" if self.row else ""


class Beside(NamedTuple):
    """Another form of the department whose figures a text may quote, and what it comes to."""

    table: Table
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Around:
    """What checks know besides the form: see `queries.around`.

    facts: when it was handed in, and should have been. evidence: how many files there are, by the
    anchor of the item or row; None where nobody counted. scoring: of the content, None where nobody
    has scored it yet. beside: the forms that a report speaks of.
    """

    facts: Facts = dataclasses.field(default_factory=lambda: Facts(now=datetime.now(UTC)))
    evidence: Mapping[str, int] | None = None
    scoring: Scoring | None = None
    beside: tuple[Beside, ...] = ()


class Content:
    """A bound table as checks look at it; what several of them need is found once."""

    def __init__(self, table: Table, around: Around) -> None:
        self.table = table
        self.around = around
        self.form = table.form
        self.records = table.records
        self.values = Values(table.form, table.records)
        self._shared: dict[Callable[[Content], Iterable[Any]], list[Any]] = {}

    @cached_property
    def scoring(self) -> Scoring:
        """What the rules of the form's rubric give; no lines where it has none."""
        known = self.around.scoring
        return score(self.form, self.records, self.around.facts) if known is None else known

    @cached_property
    def carried(self) -> frozenset[str]:
        """The anchors of the cells that are as the approved target has them."""
        items = self.records.items()
        return frozenset(item.anchor(column) for item in items for column in item.carried)

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

    def is_unwritten(self, row: ListRow) -> bool:
        """Whether it holds placeholders only, or is nested in such a row: then what else it lacks
        need not be said.
        """
        return row in self._unwritten or row.outer in self._unwritten

    @cached_property
    def _unwritten(self) -> frozenset[ListRow | None]:
        return frozenset(row for row in self.rows if row.is_unwritten)

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

    def shared(self, look: Callable[["Content"], Iterable[T]]) -> list[T]:
        """What a look-up gives that several checks need: it is made once."""
        if look not in self._shared:
            self._shared[look] = list(look(self))
        return self._shared[look]

    def texts_with(self, pattern: re.Pattern[str], *, prose: bool = False) -> Iterator[Text]:
        """Every text in which the pattern is found, as `plain` gives it; prose: of several lines."""
        for text in self._passages:
            if pattern.search(text.plain) and (text.field.kind is Kind.TEXT or not prose):
                yield text
        for row in self.rows:
            for column in row.columns.prose if prose else row.texts:
                if pattern.search(row.text(column)):
                    yield row.located(column)

    def left_over(self) -> Iterator[Text]:
        """Every text that only is what is printed there in a blank form."""
        yield from (text for text in self._passages if text.left_over)
        for row in self.rows:
            yield from map(row.located, row.left_over)

    @cached_property
    def _passages(self) -> list[Text]:
        passages = []
        for field in self.form.fields.values():
            key = field.tag.removeprefix("text.")
            if key != field.tag and not field.numeric and (text := self.records.texts.get(key)):
                left_over = is_left_over(plain(text), printed(field))
                passages.append(Text(f"text/{key}", field, text, plain(text), left_over))
        return passages

    def _rows(self) -> Iterator[ListRow]:
        for block in self.form.root.children:
            columns = _Columns(self.form, block.list_path)
            nested = [_Columns(self.form, child.list_path) for child in block.children]
            place, unit = self.section_of_list[block.name], "项" if nested else "行"
            for number, item in enumerate(self.records.lists.get(block.name, []), start=1):
                row = ListRow(item, columns, number=number, where=f"{place}第{number}{unit}")
                yield row
                for inner_columns in nested:
                    inner_items = item.lists.get(inner_columns.list_path[-1], [])
                    for inner_number, inner_item in enumerate(inner_items, start=1):
                        where = f"{row.where}第{inner_number}行"
                        inner = ListRow(
                            inner_item, inner_columns, number=inner_number, where=where, outer=row
                        )
                        row.inner.append(inner)
                        yield inner
