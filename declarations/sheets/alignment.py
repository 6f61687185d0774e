"""Which row of one list is which row of another, where rows have no names of their own."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from declarations.sheets.form import Block, Form
from declarations.sheets.records import Item, Value

KEYS = ("name", "level3", "level2", "level1")
"""The columns that an official names a row by, the most telling first."""

_LOOKED_AHEAD = 50
"""Rows that an incoming one without a namesake is compared with, so that the work stays linear."""

_ALIKE = 0.5
"""From this share in common on, a row is another one reworded."""


@dataclass(slots=True)
class ComparedRow:
    """A row as it is compared with others: texts as the form shows them, in their columns."""

    stored: tuple[object, ...]
    shown: tuple[str, ...]
    names: tuple[str, ...]  # of KEYS that the list has, without spaces
    nested: tuple[tuple[str, ...], ...]
    pairs: frozenset[str]  # of neighbouring characters of the name


class Rows:
    """How the rows of one list are compared."""

    def __init__(self, form: Form, block: Block, absent: frozenset[str]) -> None:
        self.fields = [f for f in form.fields_of(block.list_path) if f.tag not in absent]
        self.nested = [
            (child.name, Rows(form, child, absent))
            for child in block.children
            if ".".join(child.list_path) not in absent
        ]
        columns = [f.column for f in self.fields]
        keys = [columns.index(key) for key in KEYS if key in columns]
        self.keys = keys or list(range(len(columns)))[:1]

    def align(self, current: Sequence[Item], incoming: Sequence[Item]) -> dict[int, int]:
        """Which incoming row (by index) is which current one.

        First rows that say the same, then those of the same name, and of what is left
        those that stand in the same place and are alike.
        """
        old, new = [self.compared(i) for i in current], [self.compared(i) for i in incoming]
        pairs: dict[int, int] = {}
        for signature in _SIGNATURES:
            _pair_by(signature, old, new, pairs)
        _pair_in_gaps(old, new, pairs)
        return pairs

    def compared(self, item: Item) -> ComparedRow:
        """A row as `align` looks at it."""
        values = [item.values.get(f.column) for f in self.fields]
        shown = tuple(f.show(v) for f, v in zip(self.fields, values, strict=True))
        names = tuple("".join(shown[k].split()) for k in self.keys)
        inner = [(rows, i) for name, rows in self.nested for i in item.lists.get(name, [])]
        nested = [rows.compared(i) for rows, i in inner if not is_blank_row(i)]
        pairs = (a + b for a, b in pairwise(f"^{names[0]}$")) if names and names[0] else ()
        return ComparedRow(
            (*values, *(row.stored for row in nested)),
            shown,
            names,
            tuple(row.shown for row in nested),
            frozenset(pairs),
        )


def _everything_stored(row: ComparedRow) -> object:
    return row.stored


def _everything_shown(row: ComparedRow) -> object:
    return row.shown, row.nested


def _own_cells(row: ComparedRow) -> object:
    return row.shown if any(row.shown) else None


def _all_names(row: ComparedRow) -> object:
    return row.names if row.names and row.names[0] else None


def _name(row: ComparedRow) -> object:
    return row.names[0] if row.names and row.names[0] else None


_SIGNATURES = (_everything_stored, _everything_shown, _own_cells, _all_names, _name)
"""What makes two rows one, the surest first. None: says nothing."""


def _pair_by(
    signature: Callable[[ComparedRow], object],
    old: Sequence[ComparedRow],
    new: Sequence[ComparedRow],
    pairs: dict[int, int],
) -> None:
    """Pairs the rows with the same signature; of several the first with the first."""
    taken = set(pairs.values())
    free: dict[object, list[int]] = defaultdict(list)
    for index in reversed(range(len(old))):
        if index not in taken:
            free[signature(old[index])].append(index)
    free.pop(None, None)
    for index, row in enumerate(new):
        if index not in pairs and (places := free.get(signature(row))):
            pairs[index] = places.pop()


def _pair_in_gaps(
    old: Sequence[ComparedRow], new: Sequence[ComparedRow], pairs: dict[int, int]
) -> None:
    """Pairs a row with the first that is like it, between its neighbours' counterparts."""
    taken = set(pairs.values())
    place = 0
    for index, row in enumerate(new):
        if index in pairs:
            place = pairs[index] + 1
            continue
        for candidate in range(place, min(place + _LOOKED_AHEAD, len(old))):
            if candidate in taken:
                break
            if _alike(old[candidate], row):
                pairs[index] = candidate
                taken.add(candidate)
                place = candidate + 1
                break


def _alike(one: ComparedRow, other: ComparedRow) -> bool:
    """Whether one may be the other reworded: by its name, its cells, or what is nested in it."""
    if _share(one.pairs, other.pairs) >= _ALIKE:
        return True
    filled = sum(1 for a, b in zip(one.shown, other.shown, strict=True) if a or b)
    same = sum(1 for a, b in zip(one.shown, other.shown, strict=True) if a and a == b)
    if filled and same / filled >= _ALIKE:
        return True
    return _share(frozenset(one.nested), frozenset(other.nested)) >= _ALIKE


def _share(one: frozenset[object], other: frozenset[object]) -> float:
    """How much of two sets is in both: 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def is_blank(value: Value) -> bool:
    """Whether nothing is filled in."""
    return value is None or value == ""


def is_blank_row(item: Item) -> bool:
    """Whether nothing is filled in, in the row or in what is nested in it."""
    return all(map(is_blank, item.values.values())) and all(
        is_blank_row(inner) for rows in item.lists.values() for inner in rows
    )


def out_of_order(anchors: Sequence[str], places: Mapping[str, int]) -> list[str]:
    """The fewest rows that have to move so that these stand in this order."""
    tails: list[int] = []
    at: list[int] = []  # each row's place in the longest rising sequence that ends with it
    for anchor in anchors:
        length = bisect_left(tails, places[anchor])
        tails[length : length + 1] = [places[anchor]]
        at.append(length)
    staying: set[str] = set()
    wanted = len(tails) - 1
    for anchor, length in zip(reversed(anchors), reversed(at), strict=True):
        if length == wanted:
            staying.add(anchor)
            wanted -= 1
    return [anchor for anchor in anchors if anchor not in staying]
