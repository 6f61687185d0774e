"""The records that a form is filled with, in memory.

The same shape whether they were just read from the database or come out of a
revision's JSON, so that one rendering path serves live and frozen.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from declarations.sheets.catalogue import (
    FUNDING_COLUMNS,
    INDICATOR_COLUMNS,
    SCORE_COLUMNS,
    TASK_COLUMNS,
)
from declarations.sheets.kinds import NUMERIC_KINDS, Kind

FORMAT = 1
"""The version of the JSON shape below; a change of shape gets a new number."""

Value = str | Decimal | None


@dataclass(slots=True)
class Item:
    """One row of a list: a task or an indicator, with the rows nested in it.

    source: the id of the approved target's row that it came from, None where it was added.
    carried: the columns that came along, and cannot be changed.
    """

    kind: str  # "task" or "indicator", the first part of its anchors
    id: int
    values: dict[str, Value] = field(default_factory=dict)
    lists: dict[str, list["Item"]] = field(default_factory=dict)
    source: int | None = None
    carried: tuple[str, ...] = ()

    def anchor(self, column: str = "") -> str:
        """``task/45/amount``, or ``task/45`` for the row itself."""
        return f"{self.kind}/{self.id}/{column}" if column else f"{self.kind}/{self.id}"


@dataclass(slots=True)
class Records:
    """What fills a form. Money in 元; blank is None or an empty string.

    context: what the system knows and nobody types, by tag (``department.name``).
    funding: line key to column to amount. texts: passage key to text.
    lists: list name (``tasks``, ``indicators`` …) to its rows in order.
    scores: key of a scored item to column to value.
    shown: what is worked out or decided elsewhere, by anchor (``score/KEY/rule_score``,
    ``indicator/45/review_score``, ``total/grade``); no part of the content.
    """

    context: dict[str, str] = field(default_factory=dict)
    funding: dict[str, dict[str, Value]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[Item]] = field(default_factory=dict)
    scores: dict[str, dict[str, Value]] = field(default_factory=dict)
    shown: dict[str, Value] = field(default_factory=dict)

    def cell(self, path: str) -> Value:
        """What is in a cell outside lists, by its tag: ``funding.basic.budget``; None: nothing."""
        head, _, rest = path.partition(".")
        key, _, column = rest.partition(".")
        match head:
            case "text":
                return self.texts.get(key)
            case "funding":
                return self.funding.get(key, {}).get(column)
            case "score":
                return self.scores.get(key, {}).get(column)
        return None

    def set_cell(self, path: str, value: Value) -> None:
        """Puts a value into a cell outside lists."""
        head, _, rest = path.partition(".")
        key, _, column = rest.partition(".")
        if head == "text":
            self.texts[key] = str(value or "")
        else:
            rows = self.funding if head == "funding" else self.scores
            rows.setdefault(key, {})[column] = value

    def with_lists(self, lists: dict[str, list[Item]]) -> "Records":
        """The same cells with other rows."""
        return replace(self, lists=lists)

    def items(self) -> Iterator[Item]:
        """Every row, outer before inner, in the order of the form."""
        for rows in self.lists.values():
            for item in rows:
                yield item
                for nested in item.lists.values():
                    yield from nested

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready copy; money and numbers as strings, so that no digit is lost."""
        content = {
            "format": FORMAT,
            "context": dict(self.context),
            "funding": {key: _dump_values(row) for key, row in self.funding.items()},
            "texts": dict(self.texts),
            "lists": {name: [_dump_item(i) for i in rows] for name, rows in self.lists.items()},
        }
        if self.scores:
            content["scores"] = {key: _dump_values(row) for key, row in self.scores.items()}
        return content

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
            scores={
                key: _load_values(row, SCORE_COLUMNS)
                for key, row in content.get("scores", {}).items()
            },
        )


def anchor_of_path(path: str) -> str:
    """The anchor of a cell outside lists: ``funding/basic/budget``, ``score/KEY/input.rate``."""
    return "/".join(path.split(".", 2))


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
    dumped = {
        "kind": item.kind,
        "id": item.id,
        "values": _dump_values(item.values),
        "lists": {name: [_dump_item(i) for i in rows] for name, rows in item.lists.items()},
    }
    if item.source is not None:
        dumped |= {"source": item.source, "carried": list(item.carried)}
    return dumped


def _load_item(item: dict[str, Any]) -> Item:
    columns = TASK_COLUMNS if item["kind"] == "task" else INDICATOR_COLUMNS
    return Item(
        kind=item["kind"],
        id=item["id"],
        values=_load_values(item["values"], columns),
        lists={name: [_load_item(i) for i in rows] for name, rows in item["lists"].items()},
        source=item.get("source"),
        carried=tuple(item.get("carried", ())),
    )
