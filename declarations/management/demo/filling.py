"""Typing a declaration's content from a JSON file, through the domain functions."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from declarations.domain.cells import Change, Status, save_cells
from declarations.domain.rows import add_row
from declarations.models import Declaration, User
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from declarations.sheets.records import Item

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Content:
    """What is typed into a form, as text. funding: line key to its budget in the form's unit.
    texts: passage key to text. lists: list name to rows, each column to text.
    """

    funding: dict[str, str]
    texts: dict[str, str]
    lists: dict[str, list[dict[str, str]]]

    @classmethod
    def read(cls, name: str) -> "Content":
        """The content in ``<name>.json`` of this folder."""
        return cls(**json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def fill_lines(actor: User, declaration: Declaration, content: Content) -> None:
    """Types the amounts and texts that stand outside lists."""
    changes = [
        Change(f"funding/{key}/budget", text, version=None) for key, text in content.funding.items()
    ]
    changes += [Change(f"text/{key}", text, version=None) for key, text in content.texts.items()]
    save(actor, declaration, changes)


def fill_list(actor: User, declaration: Declaration, content: Content, name: str) -> None:
    """Types the rows of one list, adding those that are missing."""
    typed = content.lists.get(name, [])
    for _ in range(len(typed) - len(rows_of(declaration, name))):
        add_row(actor, declaration_id=declaration.pk, list_anchor=name)
    save(actor, declaration, _row_changes(rows_of(declaration, name), typed))


def save(actor: User, declaration: Declaration, changes: Iterable[Change]) -> None:
    """Saves cells. Raises ValueError where one is refused: the demo's content is wrong then."""
    saved = save_cells(actor, declaration_id=declaration.pk, changes=list(changes))
    if refused := [o for o in saved.outcomes if o.status is not Status.SAVED]:
        raise ValueError(f"demo content refused in {declaration}: {refused}")


def rows_of(declaration: Declaration, name: str) -> list[Item]:
    """The rows of a list as they are stored now."""
    return load_records(declaration, form_of(declaration.round.template)).lists[name]


def _row_changes(rows: list[Item], typed: list[dict[str, str]]) -> Iterator[Change]:
    for row, texts in zip(rows, typed, strict=False):
        for column, text in texts.items():
            yield Change(row.anchor(column), text, version=None)
