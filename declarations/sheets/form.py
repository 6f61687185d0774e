"""A parsed form template: what the workbook says, before any record fills it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain

from declarations.sheets.fields import Field
from declarations.sheets.report import Report
from declarations.sheets.rules import Rule
from declarations.sheets.tags import Tag
from scoring.rubric import Rubric

_YEARS = {1: "下年", 0: "本年", -1: "上年", -2: "前年"}
"""Years by their distance from that of the form."""


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What of a cell's Excel format is kept, in CSS terms. Sizes in pt, colours as ``#rrggbb``."""

    bold: bool = False
    italic: bool = False
    size: float = 10.5
    face: str = "song"  # song, hei, kai or fang
    colour: str = ""
    fill: str = ""
    horizontal: str = ""  # left, center, right, justify or "" for what the content suggests
    vertical: str = "middle"
    borders: tuple[str, str, str, str] = ("", "", "", "")  # top right bottom left: "", thin, thick

    @property
    def has_border(self) -> bool:
        return any(self.borders)


@dataclass(frozen=True, slots=True)
class TemplateCell:
    """A cell of 表样, merged ranges as one. Rows and columns count from 1."""

    row: int
    column: int
    rowspan: int
    colspan: int
    parts: tuple[str | Tag, ...]
    style: CellStyle
    depth: int = 0  # how many lists it repeats with

    @property
    def tags(self) -> tuple[Tag, ...]:
        return tuple(p for p in self.parts if isinstance(p, Tag))

    @property
    def is_label(self) -> bool:
        return bool(self.parts) and not self.tags

    @property
    def is_heading(self) -> bool:
        """A label, also one with a year in it: ``{{= year - 1}}年决算数``."""
        return self.is_label or (bool(self.text) and all(t.is_year for t in self.tags))

    @property
    def name(self) -> str:
        """Like `text`, but a year in words, since a form is filled in year after year: 上年决算数."""
        before: tuple[str | Tag, ...] = ("", *self.parts)
        pieces = [
            _year_in_words(part)
            if isinstance(part, Tag)
            else re.sub("^年度?", "", part)
            if isinstance(last, Tag) and last.is_year
            else part
            for last, part in zip(before, self.parts, strict=False)
        ]
        return "".join("".join(pieces).split())

    @property
    def text(self) -> str:
        """The literal text, tags left out, on one line."""
        return "".join("".join(p.split()) for p in self.parts if isinstance(p, str))

    @property
    def last_row(self) -> int:
        return self.row + self.rowspan - 1

    @property
    def last_column(self) -> int:
        return self.column + self.colspan - 1

    @property
    def merges(self) -> bool:
        return any("merge" in t.options for t in self.tags)


def _year_in_words(tag: Tag) -> str:
    """本年 of the year itself, 上年 of the one before; "" of tags that say none of these."""
    if not tag.is_year:
        return ""
    year = tag.expression.evaluate(lambda _: Decimal(0), lambda _: []) if tag.expression else 0
    return _YEARS.get(int(year or 0), "")


@dataclass(frozen=True, slots=True)
class Block:
    """The rows that repeat together for one list; the root block is the whole sheet."""

    list_path: tuple[str, ...]
    first_row: int
    last_row: int
    first_column: int  # of its leftmost tag
    children: tuple["Block", ...] = ()

    @property
    def name(self) -> str:
        return self.list_path[-1] if self.list_path else ""

    def walk(self) -> Iterator["Block"]:
        """This block and every block in it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form as its first column names it, for the list of what is left to do."""

    label: str
    first_row: int
    last_row: int


@dataclass(frozen=True, slots=True)
class PageSetup:
    """Paper and margins in mm, from the sheet's own page set-up."""

    width: float = 210
    height: float = 297
    margins: tuple[float, float, float, float] = (20, 15, 20, 15)  # top right bottom left


@dataclass(frozen=True)
class Form:
    """The whole template. `column_widths` are shares of the table's width, adding up to 1."""

    title: str
    cells: tuple[TemplateCell, ...]
    fields: dict[str, Field]
    root: Block
    sections: tuple[Section, ...]
    first_column: int
    column_widths: tuple[float, ...]
    row_heights: dict[int, float]  # pt, only rows that set one
    heading_rows: tuple[int, ...]  # printed again at the top of each page
    head_rows: tuple[int, ...]  # title and such, above the table
    foot_rows: tuple[int, ...]  # notes, below the table
    scopes: dict[tuple[int, int], str]  # "col" or "row": what the heading at a place heads
    page: PageSetup = field(default_factory=PageSetup)
    rules: tuple[Rule, ...] = ()  # of the 校验 sheet
    rubric: Rubric = field(default_factory=Rubric)  # of the 评分 sheet
    report: Report | None = None  # where it is a narrative report: its outline

    @property
    def last_column(self) -> int:
        return self.first_column + len(self.column_widths) - 1

    @cached_property
    def tags(self) -> tuple[tuple[Tag, tuple[str, ...]], ...]:
        """Every tag, with the lists that its cell repeats with, outer first."""
        return tuple((t, self._list_path_of(c)) for c in self.cells for t in c.tags)

    @cached_property
    def beside(self) -> frozenset[str]:
        """The fields that have no cell: what rules need to know, filled in beside the form."""
        return frozenset(self.fields.keys() - {tag.path for tag, _ in self.tags})

    @cached_property
    def columns(self) -> frozenset[str]:
        """The last part of every tag, in cells and in formulas: the columns that it can show."""
        used = (tag.expression.uses for tag, _ in self.tags if tag.expression)
        return frozenset(tag.rpartition(".")[2] for tag in chain(self.fields, *used))

    def section_label(self, row: int) -> str:
        """What the part of the form is called in which a row of it stands; "" outside all."""
        return next((s.label for s in self.sections if s.first_row <= row <= s.last_row), "")

    def section_at(self, row: int) -> int:
        """The index of the part of the form in which a row of it stands; -1 outside all."""
        within = (i for i, s in enumerate(self.sections) if s.first_row <= row <= s.last_row)
        return next(within, -1)

    def blocks(self) -> Iterator[Block]:
        """Every list of the form, outer before inner."""
        walk = self.root.walk()
        next(walk)
        yield from walk

    def block(self, list_path: tuple[str, ...]) -> Block:
        """Raises KeyError where the form has no such list."""
        for block in self.blocks():
            if block.list_path == list_path:
                return block
        raise KeyError(list_path)

    def _list_path_of(self, cell: TemplateCell) -> tuple[str, ...]:
        for block in self.blocks():
            if len(block.list_path) == cell.depth and block.first_row <= cell.row <= block.last_row:
                return block.list_path
        return ()

    def used_with(self, tags: set[str]) -> set[str]:
        """All tags that the formulas use which use one of these."""
        formulas = (tag.expression for tag, _ in self.tags if tag.expression)
        return {name for f in formulas if f.uses & tags for name in f.uses}

    def fields_of(self, list_path: tuple[str, ...]) -> list[Field]:
        """The fields that each row of a list has, from left to right."""
        prefix = ".".join(list_path) + "."
        return [
            f
            for f in self.fields.values()
            if f.tag.startswith(prefix) and f.tag == prefix + f.column
        ]
