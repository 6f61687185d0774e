"""Typing a declaration's content from a JSON file, through the domain functions."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from declarations.domain.cells import Change, Status, save_cells
from declarations.domain.rows import add_row
from declarations.models import Declaration, User
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from declarations.sheets.records import Item

FOLDER = Path(__file__).parent

Typed = dict[str, Any]
"""What is typed into one row of a list: each column to its text, a list nested in the row to
its rows."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is typed into a form, as text. funding: line key to column to amount in the form's
    unit. texts: passage key to text. lists: list name to its rows. scores: key of a scored item
    to column to text.
    """

    funding: dict[str, dict[str, str]]
    texts: dict[str, str]
    lists: dict[str, list[Typed]]
    scores: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str) -> "Content":
        """The content in ``<name>.json`` of this folder."""
        return cls(**json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def fill(actor: User, declaration: Declaration, content: Content) -> None:
    """Types all of the content, adding the rows that are missing."""
    fill_lines(actor, declaration, content)
    for name in content.lists:
        fill_list(actor, declaration, content, name)


def fill_lines(actor: User, declaration: Declaration, content: Content) -> None:
    """Types the amounts, texts and scores that stand outside lists."""
    changes = [
        Change(f"{kind}/{key}/{column}", text, version=None)
        for kind, lines in (("funding", content.funding), ("score", content.scores))
        for key, line in lines.items()
        for column, text in line.items()
    ]
    changes += [Change(f"text/{key}", text, version=None) for key, text in content.texts.items()]
    save(actor, declaration, changes)


def fill_list(actor: User, declaration: Declaration, content: Content, name: str) -> None:
    """Types the rows of one list, with what is nested in them."""
    _fill_rows(actor, declaration, name, content.lists[name])


def save(actor: User, declaration: Declaration, changes: Iterable[Change]) -> None:
    """Saves cells. Raises ValueError where one is refused: the demo's content is wrong then."""
    saved = save_cells(actor, declaration_id=declaration.pk, changes=list(changes))
    if refused := [o for o in saved.outcomes if o.status is not Status.SAVED]:
        raise ValueError(f"demo content refused in {declaration}: {refused}")


def rows_of(declaration: Declaration, list_anchor: str) -> list[Item]:
    """The rows of a list (``tasks``, ``task/45/indicators``) as they are stored now."""
    records = load_records(declaration, form_of(declaration.round.template))
    owner_anchor, _, name = list_anchor.rpartition("/")
    if not owner_anchor:
        return records.lists[name]
    owner = next(item for item in records.items() if item.anchor() == owner_anchor)
    return owner.lists[name]


def _fill_rows(actor: User, declaration: Declaration, list_anchor: str, typed: list[Typed]) -> None:
    for _ in range(len(typed) - len(rows_of(declaration, list_anchor))):
        add_row(actor, declaration_id=declaration.pk, list_anchor=list_anchor)
    rows = rows_of(declaration, list_anchor)
    save(actor, declaration, _cells(rows, typed))
    for row, columns in zip(rows, typed, strict=False):
        for name, nested in columns.items():
            if isinstance(nested, list):
                _fill_rows(actor, declaration, f"{row.anchor()}/{name}", nested)


def _cells(rows: list[Item], typed: list[Typed]) -> Iterator[Change]:
    for row, columns in zip(rows, typed, strict=False):
        for column, text in columns.items():
            if isinstance(text, str):
                yield Change(row.anchor(column), text, version=None)
