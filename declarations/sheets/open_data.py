"""Open data: which tables there are, what their columns are, and how they are written.

One definition of a column gives the head of the CSV and of the XLSX, the key of the JSON, its
line of the table schema, its part of the API's description, and its line on the page.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from declarations.sheets.list_workbook import (
    FORMULA_STARTS,
    Heading,
    Listed,
    Value,
    lists_workbook,
)

Row = Mapping[str, Value]
"""A row by the names of its columns; moments with their time zone."""

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
"""The edition of the Table Schema that descriptors keep to."""
BOM = "\ufeff"
"""Begins a CSV, so that Excel reads it as UTF-8."""
_AT_ONCE = 200
"""Rows of a chunk."""
_GUARDED = (*FORMULA_STARTS, "＝", "＋", "－", "＠", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?%?")

TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数值",
    "year": "年份",
    "datetime": "时间",
}
"""The types of columns there are, as the Table Schema calls them, and as the page does."""
_MEANING = (Heading("栏目", 24), Heading("字段名", 24), Heading("类型", 8), Heading("含义", 90))
_JSON_TYPES = {"integer": "integer", "number": "number", "year": "integer"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. name: in CSV, JSON and schema; title: on the page and in XLSX. type: one of
    TYPES. required: whether it is never blank. choices: the words it may hold, with what they
    are called. width: in XLSX, in characters."""

    name: str
    title: str
    description: str = ""
    type: str = "string"
    unit: str = ""
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    width: float = 14

    @property
    def type_label(self) -> str:
        return TYPES[self.type]

    @property
    def title_with_unit(self) -> str:
        return f"{self.title}（{self.unit}）" if self.unit else self.title

    @property
    def explanation(self) -> str:
        """What is to be known of it, its choices among that, in one sentence."""
        said = "；".join(f"{word} {label}" for word, label in self.choices.items())
        return "。".join(part for part in (self.description, said) if part)

    def field_descriptor(self) -> dict[str, Any]:
        """Its field descriptor in a Table Schema."""
        descriptor: dict[str, Any] = {
            "name": self.name,
            "title": self.title_with_unit,
            "type": self.type,
        }
        if self.explanation:
            descriptor["description"] = self.explanation
        constraints: dict[str, Any] = {}
        if self.required:
            constraints["required"] = True
        if self.choices:
            constraints["enum"] = list(self.choices)
        if constraints:
            descriptor["constraints"] = constraints
        return descriptor

    def json_schema(self) -> dict[str, Any]:
        """Its JSON Schema (2020-12)."""
        type_ = _JSON_TYPES.get(self.type, "string")
        schema: dict[str, Any] = {"title": self.title_with_unit}
        schema["type"] = type_ if self.required else [type_, "null"]
        if self.explanation:
            schema["description"] = self.explanation
        if self.type == "datetime":
            schema["format"] = "date-time"
        if self.choices:
            schema["enum"] = [*self.choices] if self.required else [*self.choices, None]
        return schema


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table. name: in its address. key: the columns that name a row."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """Raises KeyError where it has no such column."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def table_schema(self) -> dict[str, Any]:
        """The Table Schema descriptor (datapackage.org)."""
        return {
            "$schema": PROFILE,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "fields": [column.field_descriptor() for column in self.columns],
            "primaryKey": list(self.key),
            "missingValues": [""],
        }

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a row."""
        return {
            "type": "object",
            "title": self.title,
            "description": self.description,
            "properties": {column.name: column.json_schema() for column in self.columns},
            "required": [column.name for column in self.columns],
            "additionalProperties": False,
        }


def csv_of(dataset: Dataset, rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as CSV (RFC 4180, UTF-8 with BOM), in chunks; its head are the columns' names.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    buffer = StringIO(newline="")
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in dataset.columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(row[column.name]) for column in dataset.columns])
        if number % _AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def json_of(
    dataset: Dataset, rows: Iterable[Row], about: Mapping[str, Any] | None = None
) -> Iterator[bytes]:
    """``{…about, "rows": [{…}, …]}`` in chunks, a row a line."""
    head = json.dumps({**(about or {}), "rows": []}, ensure_ascii=False, indent=1)
    buffer = StringIO()
    buffer.write(head.removesuffix("]\n}"))
    before = "\n"
    for number, row in enumerate(rows, start=1):
        buffer.write(before + json.dumps(json_row(dataset.columns, row), ensure_ascii=False))
        before = ",\n"
        if number % _AT_ONCE == 0:
            yield _taken(buffer)
    buffer.write("\n ]\n}\n")
    yield _taken(buffer)


def xlsx_of(dataset: Dataset, rows: Iterable[Row], licence: str) -> bytes:
    """The table as a workbook, under the columns' titles, with choices as they are called; what
    the columns mean and how it may be used on a sheet of its own."""
    headings = [Heading(column.title_with_unit, column.width) for column in dataset.columns]
    cells = ([_xlsx_cell(c, row[c.name]) for c in dataset.columns] for row in rows)
    meaning: list[list[Value]] = [
        [c.title_with_unit, c.name, c.type_label, c.explanation] for c in dataset.columns
    ]
    meaning += [["说明", None, None, dataset.description], ["使用", None, None, licence]]
    lists = (
        Listed(dataset.title, headings, cells),
        Listed("说明", _MEANING, meaning),
    )
    return lists_workbook(dataset.title, lists)


def json_row(columns: Sequence[Column], row: Row) -> dict[str, str | int | float | None]:
    """A row as JSON has it: numbers as numbers, moments in ISO 8601, blanks as null."""
    return {column.name: _json_cell(row[column.name]) for column in columns}


def unguarded(text: str) -> str:
    """What a cell of a CSV says, without the apostrophe of `csv_of`."""
    return text[1:] if text.startswith("'") and _is_guarded(text[1:]) else text


def _taken(buffer: StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def _is_guarded(text: str) -> bool:
    return text.startswith(_GUARDED) and not _PLAIN_NUMBER.fullmatch(text)


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if _is_guarded(value) else value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _json_cell(value: Value) -> str | int | float | None:
    if value == "":
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return int(value) if whole else float(value)
    return value


def _xlsx_cell(column: Column, value: Value) -> Value:
    if isinstance(value, datetime):  # Excel knows no time zones
        return value.replace(tzinfo=None)
    return column.choices.get(value, value) if isinstance(value, str) else value
