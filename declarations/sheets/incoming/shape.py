"""The shape in which a declaration's records are read from the database, blank and filled in."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.sheets.catalogue import (
    FUNDING_COLUMNS,
    INDICATORS,
    SCORE_COLUMNS,
    SCORES,
    columns_of,
)
from declarations.sheets.form import Block, Form
from declarations.sheets.kinds import NUMERIC_KINDS
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.tags import Tag


def fitting(tag: Tag, value: Value) -> Value:
    """A value as its column keeps it: numbers in columns of text, and in `extra`, as text."""
    if tag.path.startswith("funding."):
        kinds = FUNDING_COLUMNS
    elif tag.path.startswith(f"{SCORES}."):
        kinds = SCORE_COLUMNS
    else:
        kinds = columns_of(tag.list_path[-1]) if tag.list_path else {}
    if kinds.get(tag.column) in NUMERIC_KINDS:
        return value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value or ""


def blank_records(form: Form, context: dict[str, str]) -> Records:
    """What a declaration without content has, as it is read from the database."""
    records = Records(context=dict(context))
    lines = [c for c in FUNDING_COLUMNS if c in form.columns]
    for tag in form.fields:
        head, _, rest = tag.partition(".")
        if head == "funding":
            records.funding[rest.partition(".")[0]] = dict.fromkeys(lines)
        elif head == "text":
            records.texts[rest] = ""
        elif head == SCORES:
            blank = None if SCORE_COLUMNS.get(rest.partition(".")[2]) in NUMERIC_KINDS else ""
            records.set_cell(tag, blank)
    for block in form.root.children:
        records.lists[block.name] = []
    return records


def blank_item(form: Form, block: Block) -> Item:
    known = columns_of(block.name)
    values: dict[str, Value] = {
        column: None if kind in NUMERIC_KINDS else ""
        for column, kind in known.items()
        if column in form.columns
    }
    values |= {
        f.column: "" for f in form.fields_of(block.list_path) if f.column.startswith("extra.")
    }
    return Item("indicator" if block.name == INDICATORS else "task", 0, values)


def without_blank(records: Records) -> list[Item]:
    """Takes out the rows in which nothing is filled in; the others in order, outer before inner."""

    def kept(rows: list[Item]) -> Iterator[Item]:
        for item in rows:
            item.lists = {name: list(kept(inner)) for name, inner in item.lists.items()}
            item.lists = {name: inner for name, inner in item.lists.items() if inner}
            if item.lists or any(v not in (None, "") for v in item.values.values()):
                yield item

    for name, rows in records.lists.items():
        records.lists[name] = list(kept(rows))
    return list(records.items())
