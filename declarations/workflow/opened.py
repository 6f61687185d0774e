"""What a limited return leaves open: `Declaration.opened_sections`, in terms of the form.

A reviewer may return a declaration and open only the sections of the form that were commented
on. Everything that writes, and everything that shows what one may write, asks here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records
from declarations.sheets.scored import SELF_SCORE

Opened = Sequence[int] | None
"""Indices into the form's sections; None: all of it."""


def closed_tags(form: Form, opened: Opened) -> frozenset[str]:
    """The fields (``tasks.amount``) and lists (``tasks``) that cannot be changed now.

    What stands outside all sections, such as the date of filing, stays open, and so does a
    field with any cell in an opened section. What the rule of a scored item needs and has no
    cell goes with the item's self score. Rows of a list come, go and move only where each
    of its fields is open, those of the rows nested in it too.
    """
    if opened is None:
        return frozenset()
    at: dict[str, set[int]] = {}
    for cell in form.cells:
        for tag in cell.tags:
            at.setdefault(tag.path, set()).add(form.section_at(cell.row))
    for path in form.fields.keys() - at.keys():
        item, _, _ = path.partition(".input.")
        at[path] = at.get(f"{item}.{SELF_SCORE}", set())
    closed = {tag for tag in form.fields if at.get(tag) and not at[tag] & {-1, *opened}}
    lists = (".".join(block.list_path) for block in form.blocks())
    return frozenset(closed | {p for p in lists if any(t.startswith(f"{p}.") for t in closed)})


def is_part_closed(form: Form, opened: Opened, path: str) -> bool:
    """Whether nothing of a scored item (``score.KEY``) or a list's rows can be changed now."""
    closed = closed_tags(form, opened)
    if not closed:
        return False
    shown = {t.path for cell in form.cells for t in cell.tags if t.path.startswith(f"{path}.")}
    shown &= form.fields.keys()
    return bool(shown) and shown <= closed


def opened_labels(form: Form, opened: Opened) -> list[str]:
    """What the opened sections are called, in the order of the form."""
    if opened is None:
        return []
    return [section.label for i, section in enumerate(form.sections) if i in opened]


def why_closed(form: Form, opened: Opened) -> str:
    """Why a part cannot be changed, with the parts that can: what an attempt is told."""
    names = "、".join(f"“{label}”" for label in opened_labels(form, opened))
    return f"本次退回只开放了{names}，这一部分不能修改"


def closed_content(records: Records, closed: frozenset[str]) -> list[Any]:
    """All that the closed fields and lists hold: equal before and after what may be done."""
    found: list[Any] = []
    for tag in sorted(closed):
        if tag.partition(".")[0] in ("funding", "text", SCORES):
            found.append(records.cell(tag))
    for path, rows in _lists(records):
        if path in closed:
            found.append([path, [item.id for item in rows]])
        for item in rows:
            held = {c: v for c, v in item.values.items() if v and f"{path}.{c}" in closed}
            found += [[item.anchor(), held]] if held else []
    return found


def _lists(records: Records) -> Iterator[tuple[str, list[Item]]]:
    for name, rows in records.lists.items():
        yield name, rows
        for item in rows:
            yield from ((f"{name}.{nested}", inner) for nested, inner in item.lists.items())
