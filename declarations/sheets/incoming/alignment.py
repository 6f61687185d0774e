"""Which row of an upload is which row of the form, found by the words in both.

The form's rows are read as a pattern in which the rows of lists repeat, and the
upload's rows are laid along it so that as many words as possible agree (Viterbi's
algorithm). Rows may be inserted, missing or without words: what lies between rows
that are recognised goes by position.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from declarations.sheets.incoming.archive import too_large
from declarations.sheets.incoming.grid import Grid, Place, SheetCell
from declarations.sheets.incoming.labels import LONGEST_LABEL, closest, key_of, keys_of
from declarations.sheets.incoming.plan import Plan, PlanCell, PlanRow
from declarations.sheets.row_map import Cuts

_MISSING_WORDS = 0.4
_FOREIGN_WORDS = 0.7
_NO_WORDS_AGREE = 1.0
_INSERTED, _INSERTED_WORDS = 0.6, 0.2
_SKIPPED, _SKIPPED_WORDS, _SKIPPED_BEGINNING = 0.8, 0.3, 1.2
_SHAPE, _BLANK = 0.1, 0.02
"""What a filled cell counts where the form has a value, and a blank one."""
_SLIGHTLY_OFF = 0.75
"""What words count that agree but for a slip of the pen."""
_HOPELESS = 30.0
"""An alignment that far behind the best one is given up."""
_MOST_STEPS = 1_000_000
_MOST_PIECES = 12
"""Cells that one line of the form may be spread over."""
_NEVER = float("-inf")
_NOTE = re.compile(r"\s*(?:备?注|说明|附注|填表说明)\s*\d{0,2}\s*[:：]")
"""What alone in a row is no value."""


@dataclass(slots=True)
class Found:
    """Words of the form in a row of the upload: which, where, and how well they agree."""

    planned: PlanCell
    cell: SheetCell
    quality: float


@dataclass(slots=True)
class Pair:
    """A row of the upload that is a row of the form; `only`: as far as it is beside these words.

    begins: whether a row of an outermost list begins here, None where that is not known.
    """

    sheet_row: int
    row: PlanRow
    found: list[Found] = field(default_factory=list)
    only: PlanCell | None = None
    begins: bool | None = None


@dataclass(slots=True)
class Alignment:
    """pairs: in the order of the upload. recall: the share of the form's words that are in it.

    words: the places of all words that the form has, wherever they stand. exact: every cell
    is in the column that it has in the form. cuts: as in `row_map`.
    """

    grid: Grid
    pairs: list[Pair]
    recall: float
    words: set[Place] = field(default_factory=set)
    exact: bool = False
    cuts: Cuts = field(default_factory=dict)


class _Words:
    """Looks up which words of the form a cell's text may be."""

    def __init__(self, plan: Plan, grid: Grid) -> None:
        self._by_key: dict[str, list[PlanCell]] = {}
        self._patterns = [c for c in plan.words if c.pattern]
        for planned in plan.words:
            for key in planned.keys:
                self._by_key.setdefault(key, []).append(planned)
        self._close = self._slips(plan, grid)

    def of(self, text: str) -> list[tuple[PlanCell, float]]:
        """The form's cells whose words these may be, with how well they agree."""
        found: dict[int, tuple[PlanCell, float]] = {}
        for key in keys_of(text):
            for planned in self._by_key.get(key, ()):
                found[id(planned)] = (planned, 1.0)
            for planned in self._close.get(key, ()):
                found.setdefault(id(planned), (planned, _SLIGHTLY_OFF))
        key = key_of(text)
        for planned in self._patterns:
            if planned.pattern and planned.pattern.matches(key):
                found[id(planned)] = (planned, planned.weight)
        return list(found.values())

    def across(self, cells: list[SheetCell]) -> list[PlanCell]:
        """Lines of words and values that were spread over several cells of a row."""
        if not 1 < len(cells) <= _MOST_PIECES or sum(len(c.raw) for c in cells) > LONGEST_LABEL:
            return []
        key = key_of("".join(c.text for c in cells))
        lines = [c for c in self._patterns if c.fillable and not c.cell.depth]
        return [c for c in lines if c.pattern and c.pattern.matches(key)]

    def _slips(self, plan: Plan, grid: Grid) -> dict[str, list[PlanCell]]:
        """Words of the form that the upload has only nearly, by the key that it has."""
        texts = {c.raw for c in grid.cells.values() if len(c.raw) <= LONGEST_LABEL}
        there = {key for text in texts for key in keys_of(text)}
        others = there - self._by_key.keys()
        close: dict[str, list[PlanCell]] = {}
        for planned in plan.words:
            if not planned.keys or planned.keys & there:
                continue
            for key in planned.keys:
                if like := closest(key, others):
                    close.setdefault(like, []).append(planned)
        return close


def align(plan: Plan, grid: Grid) -> Alignment:
    """Lays a sheet along the form. Raises UnreadableWorkbookError where it has too many rows."""
    if len(grid.rows) * len(plan.rows) > _MOST_STEPS:
        raise too_large()
    words = _Words(plan, grid)
    rows = {n: [(c, words.of(c.text)) for c in cells] for n, cells in grid.rows.items()}
    found = {n: _found_by_row(cells) for n, cells in rows.items()}
    for number, cells in grid.rows.items():
        for planned in words.across(cells):
            row = found[number].setdefault(planned.cell.row, [])
            if not any(f.planned is planned for f in row):
                row.append(Found(planned, cells[0], planned.weight))
    pairs = [
        Pair(number, row, found[number].get(row.number, []))
        for number, row in _best_path(plan, grid, found)
    ]
    pairs += list(_moved(plan, found, pairs))
    pairs.sort(key=lambda p: p.sheet_row)
    there = {id(f.planned) for p in pairs for f in p.found}
    recall = len(there) / len(plan.words) if plan.words else 1.0
    headings = {
        f.cell.place for by in found.values() for fs in by.values() for f in fs if f.planned.keys
    }
    return Alignment(grid, pairs, recall, headings)


_Candidates = Sequence[tuple[SheetCell, list[tuple[PlanCell, float]]]]


def _found_by_row(cells: _Candidates) -> dict[int, list[Found]]:
    """What of each template row's words a sheet's row has; each cell is one of them once."""
    by_row: dict[int, list[Found]] = {}
    for cell, candidates in cells:
        taken: set[int] = set()
        for planned, quality in candidates:
            number = planned.cell.row
            row = by_row.setdefault(number, [])
            if number in taken or any(f.planned is planned for f in row):
                continue
            taken.add(number)
            row.append(Found(planned, cell, quality))
    return by_row


@dataclass(slots=True)
class _Row:
    """What the score of a sheet's row against any template row needs."""

    quality: dict[int, float]
    count: dict[int, int]
    words: int
    columns: frozenset[int]


def _best_path(
    plan: Plan, grid: Grid, found: dict[int, dict[int, list[Found]]]
) -> list[tuple[int, PlanRow]]:
    count = len(plan.rows)
    loops = _loops(plan)
    scores = [_NEVER] * (count + 1)
    paths: list[object] = [None] * (count + 1)
    scores[0] = 0.0
    skip = [_skip_cost(row) for row in plan.rows]
    _close(scores, paths, skip, loops)
    for number, cells in grid.rows.items():
        row = _summary(found[number], cells)
        best = max(scores)
        inserted = -_INSERTED - _INSERTED_WORDS * row.words
        after, after_paths = [s + inserted for s in scores], list(paths)
        for i, planned in enumerate(plan.rows):
            if scores[i] < best - _HOPELESS:
                continue
            score = scores[i] + _score(planned, row)
            if score > after[i + 1]:
                after[i + 1], after_paths[i + 1] = score, (paths[i], number, planned)
        _close(after, after_paths, skip, loops)
        scores, paths = after, after_paths
    path: list[tuple[int, PlanRow]] = []
    step: object = paths[count]
    while isinstance(step, tuple):
        step, number, planned = step
        path.append((number, planned))
    return path[::-1]


def _summary(found: dict[int, list[Found]], cells: list[SheetCell]) -> _Row:
    words = {f.cell.place for row in found.values() for f in row if f.planned.is_heading}
    notes = sum(1 for c in cells if _NOTE.match(c.raw)) if len(cells) == 1 else 0
    return _Row(
        quality={n: sum(f.quality for f in row) for n, row in found.items()},
        count={n: len(row) for n, row in found.items()},
        words=len(words) + notes,
        columns=frozenset(c.column for c in cells),
    )


def _score(planned: PlanRow, row: _Row) -> float:
    """How well a sheet's row is one of the template's."""
    number = planned.number
    there = row.count.get(number, 0)
    # One among other values is more likely a value that reads like a heading.
    others = max(row.words - there, 0)
    foreign = others * _FOREIGN_WORDS * others / max(len(row.columns), 1)
    fitting = len(row.columns & planned.columns) - len(row.columns - planned.columns)
    shape = _SHAPE * max(-3, min(fitting, 3)) - _BLANK * len(planned.columns - row.columns)
    if not planned.own_words:
        shape += row.quality.get(number, 0)
        return shape - foreign if planned.values else shape - foreign - _SKIPPED
    missing = _MISSING_WORDS * max(planned.own_words - there, 0)
    if there:
        return row.quality[number] - missing - foreign + shape
    return shape - _NO_WORDS_AGREE - missing - foreign


def _skip_cost(row: PlanRow) -> float:
    if row.words:
        return -_SKIPPED - _SKIPPED_WORDS * len(row.words)
    if row.begins_item:
        return -_SKIPPED_BEGINNING
    return 0.0  # a list may have no rows


def _loops(plan: Plan) -> list[tuple[int, int]]:
    """(end, start) of the rows that repeat, inner before outer."""
    loops = [
        (plan.index[b.last_row] + 1, plan.index[b.first_row], len(b.list_path))
        for b in plan.form.blocks()
    ]
    return [(end, start) for end, start, _ in sorted(loops, key=lambda loop: -loop[2])]


def _close(
    scores: list[float],
    paths: list[object],
    skip: list[float],
    loops: list[tuple[int, int]],
) -> None:
    """Moves on without taking a row: past template rows, and back to where a list repeats."""

    def forward(first: int) -> None:
        for i in range(first, len(skip)):
            score = scores[i] + skip[i]
            if score >= scores[i + 1]:  # as good: the rows before it go on
                scores[i + 1], paths[i + 1] = score, paths[i]

    forward(0)
    for end, start in loops:
        if scores[end] > scores[start]:
            scores[start], paths[start] = scores[end], paths[end]
            forward(start)


def _moved(
    plan: Plan, found: dict[int, dict[int, list[Found]]], pairs: list[Pair]
) -> Iterator[Pair]:
    """Labels outside lists that stand in another row than in the form, and nowhere else."""
    taken = {f.cell.place for p in pairs for f in p.found}
    there = {id(f.planned) for p in pairs for f in p.found}
    for row in plan.rows:
        for planned in row.words:
            if row.path or id(planned) in there or not row.beside(planned):
                continue
            free = [
                f
                for by_row in found.values()
                for f in by_row.get(row.number, [])
                if f.planned is planned and f.cell.place not in taken and f.quality == 1
            ]
            if len(free) == 1:
                taken.add(free[0].cell.place)
                yield Pair(free[0].cell.row, row, free, only=planned)
