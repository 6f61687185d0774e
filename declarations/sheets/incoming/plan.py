"""A form's template as a reader of other workbooks needs it: its words, and what is found by them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from functools import cached_property

from declarations.sheets.form import Block, Form, TemplateCell
from declarations.sheets.headings import heading_of_same_shape
from declarations.sheets.incoming.labels import figure_of, in_any_unit, key_of, keys_of
from declarations.sheets.tags import Tag

_LONG_PATTERN = 6
"""Letters from which on a pattern may stand among other words: a title with 附件2 before it."""


@dataclass(eq=False)
class PlanCell:
    """A template cell. keys: what its label is compared by, none where it has tags, nor where it
    is a figure among other labels."""

    cell: TemplateCell
    keys: frozenset[str] = frozenset()
    pattern: "Pattern | None" = None
    figure: Decimal | None = None
    weight: float = 1.0  # what it counts to find the pattern: less where it has few letters

    @property
    def is_words(self) -> bool:
        """Whether there are words in it to be found."""
        return bool(self.keys) or self.pattern is not None

    @cached_property
    def fillable(self) -> tuple[Tag, ...]:
        """The tags that people fill in."""
        return tuple(
            t for t in self.cell.tags if not (t.is_context or t.is_number or t.is_computed)
        )

    @property
    def is_heading(self) -> bool:
        """Words and nothing to be filled in."""
        return self.is_words and not self.fillable

    @property
    def says_results(self) -> bool:
        """Whether it is words around what is computed from values, and no value."""
        return self.is_heading and any(t.expression and not t.is_context for t in self.cell.tags)

    @property
    def holds_values(self) -> bool:
        """Whether something is filled in, computed or known of its own in it."""
        return bool(self.cell.tags) and not self.is_heading


@dataclass(eq=False)
class PlanRow:
    """A row of the template. cells: all that cover it; words: those that begin in it."""

    number: int
    cells: list[PlanCell]
    path: tuple[str, ...]
    block: Block

    @cached_property
    def words(self) -> list[PlanCell]:
        return [c for c in self.cells if c.is_words and c.cell.row == self.number]

    @cached_property
    def own_words(self) -> int:
        """How many words each repetition surely has: not what stands beside a whole list once,
        nor what people leave out around a value."""
        in_list = bool(self.path)
        return sum(
            1 for c in self.words if c.cell.depth >= len(self.path) and not (in_list and c.fillable)
        )

    @cached_property
    def values(self) -> list[PlanCell]:
        return [c for c in self.cells if c.holds_values and c.cell.row == self.number]

    @cached_property
    def figures(self) -> list[PlanCell]:
        return [c for c in self.cells if c.figure is not None and c.cell.row == self.number]

    @cached_property
    def begins_item(self) -> bool:
        """Whether an item of several rows begins here."""
        return any(
            c.cell.row == self.number and c.cell.rowspan > 1 and c.cell.depth for c in self.values
        )

    def label_of(self, planned: PlanCell) -> PlanCell | None:
        """The words next to the left of a value."""
        left = [c for c in self.cells if c.is_heading and c.cell.column < planned.cell.column]
        return left[-1] if left else None

    def beside(self, label: PlanCell) -> list[PlanCell]:
        """The values that some words are the label of."""
        return [c for c in self.values if self.label_of(c) is label]

    def places(self, label: PlanCell, end: int) -> int:
        """How many cells, blank ones too, stand between a label and a column."""
        spans = {c.cell.column: c.cell.last_column for c in self.cells}
        column, count = label.cell.last_column + 1, 0
        while column < end:
            column = spans.get(column, column) + 1
            count += 1
        return count

    @cached_property
    def columns(self) -> frozenset[int]:
        """Where its values begin."""
        return frozenset(c.cell.column for c in self.values)


@dataclass
class Plan:
    """The rows of a template from top to bottom."""

    form: Form
    rows: list[PlanRow]
    headings: dict[int, PlanCell] = field(default_factory=dict)
    """By the identity of a cell with values or a figure: its column's heading, where it has one."""

    @classmethod
    def of(cls, form: Form) -> "Plan":
        by_row: dict[int, list[PlanCell]] = {}
        for cell in form.cells:
            planned = _planned(cell)
            for row in range(cell.row, cell.last_row + 1):
                by_row.setdefault(row, []).append(planned)
        rows = []
        for number in sorted(by_row):
            block = _block_of(form, number)
            cells = sorted(by_row[number], key=lambda c: c.cell.column)
            _tell_figures(cells)
            rows.append(PlanRow(number, cells, block.list_path, block))
        plan = cls(form, rows)
        plan.headings = dict(_headings(plan))
        return plan

    @cached_property
    def index(self) -> dict[int, int]:
        """The place of a template row among `rows`."""
        return {row.number: i for i, row in enumerate(self.rows)}

    @cached_property
    def words(self) -> list[PlanCell]:
        """Every cell with words in it."""
        return [c for row in self.rows for c in row.words]


def _tell_figures(cells: list[PlanCell]) -> None:
    """Takes figures, such as points, that stand among other labels for no words: any value may
    be the same. A row of nothing else, such as the numbers of columns, is known by them."""
    labels = {id(c): figure_of(c.cell.text) for c in cells if c.cell.is_label}
    if all(figure is not None for figure in labels.values()):
        return
    for planned in cells:
        if (figure := labels.get(id(planned))) is not None:
            planned.keys, planned.figure = frozenset(), figure


def _planned(cell: TemplateCell) -> PlanCell:
    if cell.is_label:
        return PlanCell(cell, keys_of("".join(map(str, cell.parts))))
    letters = sum(len(key_of(p)) for p in cell.parts if isinstance(p, str))
    return PlanCell(cell, pattern=_pattern(cell), weight=min(0.6 + 0.05 * letters, 1.0))


def _pattern(cell: TemplateCell) -> "Pattern | None":
    """What the key of a cell looks like that has words around its tags; None without words."""
    gaps, words = [Gap.NOTHING], [""]
    for part in cell.parts:
        if isinstance(part, Tag):
            gaps[-1] = max(gaps[-1], _gap(part))
        elif key := key_of(part):
            gaps.append(Gap.NOTHING)
            words.append(in_any_unit(key))
    if not any(words):
        return None
    if sum(map(len, words)) >= _LONG_PATTERN:
        gaps[0] = gaps[-1] = Gap.ANYTHING
    return Pattern(tuple(words[1:]), tuple(gaps))


class Gap(IntEnum):
    """What may stand between words."""

    NOTHING = 0
    DIGITS = 1
    ANYTHING = 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in order, whatever unit of money they name. gaps: what may stand before, between
    and after them."""

    words: tuple[str, ...]
    gaps: tuple[Gap, ...]

    def matches(self, key: str) -> bool:
        """Whether a key has these words; it is gone through once."""
        key = in_any_unit(key)
        end = 0
        for gap, word in zip(self.gaps, self.words, strict=False):
            start = key.find(word, end)
            if start < 0 or not _fits(gap, key[end:start]):
                return False
            end = start + len(word)
        return _fits(self.gaps[-1], key[end:])


def _fits(gap: Gap, text: str) -> bool:
    return gap is Gap.ANYTHING or not text or (gap is Gap.DIGITS and text.isdecimal())


def _gap(tag: Tag) -> Gap:
    fixed = tag.is_number or tag.is_computed or tag.path == "year"
    return Gap.DIGITS if fixed else Gap.ANYTHING


def _block_of(form: Form, row: int) -> Block:
    """The innermost block that holds a row."""
    found = form.root
    while True:
        inner = [b for b in found.children if b.first_row <= row <= b.last_row]
        if not inner:
            return found
        found = inner[0]


def _headings(plan: Plan) -> Iterable[tuple[int, PlanCell]]:
    """The nearest words above each value that reach over its columns."""
    apart = {*plan.form.head_rows, *plan.form.foot_rows}
    at = {(row.number, c): p for row in plan.rows for p in row.cells for c in _columns(p)}
    cells = {place: planned.cell for place, planned in at.items()}
    for index, row in enumerate(plan.rows):
        for cell in (*row.values, *row.figures):
            shaped = heading_of_same_shape(cell.cell, plan.form.root, cells)
            found = (
                at[shaped.row, shaped.column]
                if shaped
                else _heading_above(plan, index, cell, apart)
            )
            if found:
                yield id(cell), found


def _columns(planned: PlanCell) -> range:
    return range(planned.cell.column, planned.cell.last_column + 1)


def _heading_above(plan: Plan, index: int, cell: PlanCell, apart: set[int]) -> PlanCell | None:
    left, right = cell.cell.column, cell.cell.last_column
    for row in reversed(plan.rows[:index]):
        if row.number in apart:
            return None
        over = [c for c in row.cells if c.cell.column <= left and c.cell.last_column >= right]
        if not over or over[0].cell.last_row >= cell.cell.row:
            return None
        if over[0].is_heading:
            tall = over[0].cell.column == plan.form.first_column != left
            return None if tall or row.beside(over[0]) else over[0]
        if over[0].holds_values and _other_list(over[0], cell):
            return None
    return None


def _other_list(above: PlanCell, cell: PlanCell) -> bool:
    lists = {t.list_path[:1] for t in above.cell.tags}
    return not lists & {t.list_path[:1] for t in cell.cell.tags}
