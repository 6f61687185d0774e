"""Another declaration's records as if they had been filled into this form: to compare with."""

from itertools import count

from declarations.sheets.alignment import Rows, is_blank_row
from declarations.sheets.form import Block, Form
from declarations.sheets.records import Item, Records

_CONTEXT = frozenset({"year"})
"""What formulas use that no form asks for."""


def comparable_tags(form: Form, other: Form) -> frozenset[str]:
    """The fields that both forms have, of the same kind, and what this one computes of them."""
    shared = {
        tag
        for tag, f in form.fields.items()
        if tag in other.fields and other.fields[tag].kind is f.kind
    }
    computed = {
        tag.path
        for tag, _ in form.tags
        if tag.expression and tag.expression.uses - _CONTEXT <= other.fields.keys()
    }
    stored = {tag for tag in shared if not tag.startswith("computed.")}
    return frozenset(stored | computed)


def counterpart(form: Form, current: Records, other_form: Form, other: Records) -> Records:
    """The other records, their rows under the anchors of the current rows that they are.

    Rows are told apart as an import does it (`alignment.Rows`), by the fields that both forms
    have; one that is none of the current rows gets an anchor of its own.
    """
    absent = frozenset(form.fields.keys() - comparable_tags(form, other_form))
    new_ids = count(-1, -1)

    def matched(block: Block, rows: list[Item], others: list[Item]) -> list[Item]:
        filled = [item for item in others if not is_blank_row(item)]
        pairs = Rows(form, block, absent).align(filled, rows)
        owners = {place: rows[index] for index, place in pairs.items()}
        result = []
        for place, item in enumerate(filled):
            same = owners.get(place)
            lists = {
                child.name: matched(
                    child,
                    same.lists.get(child.name, []) if same else [],
                    item.lists.get(child.name, []),
                )
                for child in block.children
            }
            result.append(Item(item.kind, same.id if same else next(new_ids), item.values, lists))
        return result

    lists = {
        block.name: matched(
            block, current.lists.get(block.name, []), other.lists.get(block.name, [])
        )
        for block in form.root.children
    }
    return other.with_lists(lists)
