"""The records that a form is filled with, in memory.

The same shape whether they were just read from the database or come out of a
revision's JSON, so that one rendering path serves live and frozen.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from declarations.sheets.catalogue import FUNDING_COLUMNS, INDICATOR_COLUMNS, TASK_COLUMNS
from declarations.sheets.kinds import NUMERIC_KINDS, Kind

FORMAT = 1
"""The version of the JSON shape below; a change of shape gets a new number."""

Value = str | Decimal | None


@dataclass(slots=True)
class Item:
    """One row of a list: a task or an indicator, with the rows nested in it."""

    kind: str  # "task" or "indicator", the first part of its anchors
    id: int
    values: dict[str, Value] = field(default_factory=dict)
    lists: dict[str, list["Item"]] = field(default_factory=dict)

    def anchor(self, column: str = "") -> str:
        """``task/45/amount``, or ``task/45`` for the row itself."""
        return f"{self.kind}/{self.id}/{column}" if column else f"{self.kind}/{self.id}"


@dataclass(slots=True)
class Records:
    """What fills a form. Money in 元; blank is None or an empty string.

    context: what the system knows and nobody types, by tag (``department.name``).
    funding: line key to column to amount. texts: passage key to text.
    lists: list name (``tasks``, ``indicators`` …) to its rows in order.
    """

    context: dict[str, str] = field(default_factory=dict)
    funding: dict[str, dict[str, Value]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[Item]] = field(default_factory=dict)

    def items(self) -> Iterator[Item]:
        """Every row, outer before inner, in the order of the form."""
        for rows in self.lists.values():
            for item in rows:
                yield item
                for nested in item.lists.values():
                    yield from nested

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready copy; money and numbers as strings, so that no digit is lost."""
        return {
            "format": FORMAT,
            "context": dict(self.context),
            "funding": {key: _dump_values(row) for key, row in self.funding.items()},
            "texts": dict(self.texts),
            "lists": {name: [_dump_item(i) for i in rows] for name, rows in self.lists.items()},
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Records":
        """The records that `to_json` wrote. Raises ValueError for a format it does not know."""
        if content.get("format") != FORMAT:
            raise ValueError(f"unknown records format {content.get('format')!r}")
        return cls(
            context=dict(content["context"]),
            funding={
                key: _load_values(row, FUNDING_COLUMNS) for key, row in content["funding"].items()
            },
            texts=dict(content["texts"]),
            lists={name: [_load_item(i) for i in rows] for name, rows in content["lists"].items()},
        )


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8), in hex."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _dump_values(values: dict[str, Value]) -> dict[str, str | None]:
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in values.items()}


def _load_values(values: dict[str, str | None], columns: dict[str, Kind]) -> dict[str, Value]:
    return {
        k: Decimal(v) if v is not None and columns.get(k) in NUMERIC_KINDS else v
        for k, v in values.items()
    }


def _dump_item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.id,
        "values": _dump_values(item.values),
        "lists": {name: [_dump_item(i) for i in rows] for name, rows in item.lists.items()},
    }


def _load_item(item: dict[str, Any]) -> Item:
    columns = TASK_COLUMNS if item["kind"] == "task" else INDICATOR_COLUMNS
    return Item(
        kind=item["kind"],
        id=item["id"],
        values=_load_values(item["values"], columns),
        lists={name: [_load_item(i) for i in rows] for name, rows in item["lists"].items()},
    )
