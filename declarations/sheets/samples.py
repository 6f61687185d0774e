"""Sample records for any form: what a preview shows, and what contract tests fill forms with.

Always the same for the same form. Every field has a value that it takes; texts say that they
are samples, and amounts and numbers differ from cell to cell, so that one can be told from
another wherever it turns up.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count

from declarations.sheets.catalogue import CONTEXT, INDICATORS, SCORES
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, Form
from declarations.sheets.headings import default_kind
from declarations.sheets.kinds import DEFAULT_LENGTH, NUMERIC_KINDS, Kind
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.tags import parse_path
from scoring.numbers import MONEY_UNITS
from scoring.rubric import rounded

CONTEXT_SAMPLE = {
    "year": "2024",
    "bureau.name": "示例区财政局",
    "department.name": "示例区示例部门",
    "department.code": "sample",
    "round.name": "2024年示例批次",
}
"""What the system would fill in."""
assert CONTEXT_SAMPLE.keys() == CONTEXT.keys()

_ROWS, _NESTED_ROWS = 3, (3, 2)
"""How many rows a list gets; and the lists nested in the rows of another."""
_SCORE_DECIMALS = 2
_ALIKE = 2
"""So many rows in a row say the same in a column that is printed merged."""


def sample_records(form: Form) -> Records:
    """Records that fill every field of the form, two or three rows in every list."""
    return _Sampler(form).records()


def _claim_at_most_the_weight(item: Item) -> None:
    """Exchanges an indicator's points and self score where it would claim more than it has."""
    weight, claimed = item.values.get("weight"), item.values.get(SELF_SCORE)
    if isinstance(weight, Decimal) and isinstance(claimed, Decimal) and claimed > weight:
        item.values |= {"weight": claimed, SELF_SCORE: weight}


class _Sampler:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.numbers = count(1)
        self.ids = {"task": count(1), "indicator": count(1)}
        self.points = {
            f"{SCORES}.{item.key}.{SELF_SCORE}": item.points
            for item in form.rubric.items
            if not item.is_list
        }
        self.merging = {t.path for t, _ in form.tags if "merge" in t.options}

    def records(self) -> Records:
        records = Records(context=dict(CONTEXT_SAMPLE))
        for field in self.form.fields.values():
            tag = parse_path(field.tag) if not field.tag.startswith("computed.") else None
            if tag is None or tag.list_path:
                continue
            most = self.points.get(field.tag)
            value = self._value(field) if most is None else self._score(field, most)
            records.set_cell(field.tag, value)
        for block in self.form.root.children:
            rows = len(_NESTED_ROWS) if block.children else _ROWS
            records.lists[block.name] = list(self._rows(block, rows))
        return records

    def _rows(self, block: Block, rows: int) -> Iterator[Item]:
        kind = "indicator" if block.name == INDICATORS else "task"
        for number in range(1, rows + 1):
            item = Item(kind, next(self.ids[kind]))
            for field in self.form.fields_of(block.list_path):
                item.values[field.column] = self._value(field, number, item)
            _claim_at_most_the_weight(item)
            for inner in block.children:
                item.lists[inner.name] = list(self._rows(inner, _NESTED_ROWS[number - 1]))
            yield item

    def _value(self, field: Field, row: int = 1, item: Item | None = None) -> Value:
        """A value for a field in the row of this number; outside lists there is no item."""
        if field.numeric:
            number = self._number(field)
            stored_as_text = default_kind(parse_path(field.tag)) not in NUMERIC_KINDS
            return f"{number.normalize():f}" if stored_as_text else number
        alike = (row + _ALIKE - 1) // _ALIKE if field.tag in self.merging else 0
        match field.kind:
            case Kind.CHOICE:
                return field.choices[((alike or row) - 1) % len(field.choices)]
            case Kind.DATE:
                return f"2024-01-{row:02}"
        number_text = f"{alike or item.id}" if item else ""
        length = field.length or DEFAULT_LENGTH[field.kind]
        text = f"示例{field.label}"[: length - len(number_text)].rstrip() + number_text
        if field.kind is Kind.TEXT:
            text += "：第一点说明。\n第二点说明。"
        return text[:length].strip()

    def _score(self, field: Field, most: Decimal) -> Decimal:
        """A claim of some of the points, as the field's format shows it."""
        serial, decimals = next(self.numbers), field.format.decimals
        if decimals is not None and decimals < _SCORE_DECIMALS:
            return most
        return rounded(most * (100 - serial % 90) / 100)

    def _number(self, field: Field) -> Decimal:
        """One that the field's format shows whole, and unlike the others before."""
        serial = next(self.numbers)
        decimals = field.format.decimals
        match field.kind:
            case Kind.PERCENT:
                whole = Decimal(serial % 90 + 10)
                fraction = Decimal("0.25") if decimals is None or decimals > 1 else Decimal(0)
                return (whole + fraction) / 100
            case Kind.MONEY:
                cents = Decimal("0.25") if decimals is None or decimals > 1 else Decimal(0)
                return (1000 - serial % 900 + cents) * MONEY_UNITS[field.unit]
            case _:
                return Decimal(serial % 90 + 10)
