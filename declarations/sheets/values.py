"""Finds and computes the values of a form's tags in a set of records."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from declarations.sheets.catalogue import CONTEXT
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.kinds import NumberFormat
from declarations.sheets.records import Item, Records, Value, anchor_of_path
from declarations.sheets.tags import Tag, parse_path

Chain = tuple[Item, ...]
"""The list rows one is in, outer first."""


def anchor_of(tag: Tag, chain: Chain) -> str:
    """The anchor of a tag's cell in the given rows.

    ``funding/basic/budget``, ``text/overall_goal``, ``task/45/amount``, and for formulas
    ``computed/C7``, or ``task/45/computed/C7`` where they repeat with a list.
    """
    if tag.list_path:
        return chain[len(tag.list_path) - 1].anchor(tag.column)
    path = anchor_of_path(tag.shown or tag.path)
    return f"{chain[-1].anchor()}/{path}" if tag.expression and chain else path


@dataclass(slots=True)
class Values:
    """Looks tags up in records; formulas are evaluated."""

    form: Form
    records: Records

    def stored(self, tag: Tag, chain: Chain) -> Value:
        """The value a tag names, seen from the given rows."""
        if tag.list_path:
            depth = len(tag.list_path)
            if len(chain) < depth:
                return None
            return chain[depth - 1].values.get(tag.column)
        if tag.path in CONTEXT:
            return self.records.context.get(tag.path, "")
        return self.records.cell(tag.path)

    def value(self, tag: Tag, chain: Chain) -> Value:
        """The value of a tag's cell, be it stored, computed or worked out elsewhere."""
        if tag.shown:
            return self.records.shown.get(anchor_of(tag, chain))
        return self.computed(tag, chain) if tag.expression else self.stored(tag, chain)

    def shown(self, tag: Tag) -> str:
        """What the system knows by itself, as it is printed: ``2022`` for ``{{= year - 1}}``."""
        if tag.expression is None:
            return self.records.context.get(tag.path, "")
        number = self.computed(tag, ())
        return "" if number is None else NumberFormat().show(number)

    def computed(self, tag: Tag, chain: Chain) -> Decimal | None:
        """The result of a formula, seen from the given rows."""
        assert tag.expression is not None
        return tag.expression.evaluate(
            lambda name: self._number(parse_path(name), chain),
            lambda name: self._column(parse_path(name), chain),
        )

    def _column(self, tag: Tag, chain: Chain) -> list[Decimal | None]:
        """A list's column: of the rows nested in the row one is in, or of all."""
        outer = chain[: len(tag.list_path) - 1]
        return [self._number(tag, rows) for rows in self.chains(tag.list_path, outer)]

    def chains(self, list_path: tuple[str, ...], outer: Chain = ()) -> Iterator[Chain]:
        """Every row of a list, or of those in the outer rows given; once () outside lists."""
        if len(outer) == len(list_path):
            yield outer
            return
        lists = outer[-1].lists if outer else self.records.lists
        for row in lists.get(list_path[len(outer)], []):
            yield from self.chains(list_path, (*outer, row))

    def _number(self, tag: Tag, chain: Chain) -> Decimal | None:
        value = self.stored(tag, chain)
        if value is None or isinstance(value, Decimal):
            return value
        field = self.form.fields.get(tag.path)
        return _as_number(value, field)


def _as_number(text: str, field: Field | None) -> Decimal | None:
    """Figures kept as text: the year, and a district's own numeric columns."""
    if field is not None and not field.numeric:
        return None
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
