"""What each field is called, from the 字段 sheet or else from the headings beside its cell."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from declarations.sheets.blocks import coordinate
from declarations.sheets.catalogue import (
    CONTEXT,
    FUNDING_COLUMNS,
    SCORE_COLUMNS,
    SCORES,
    SHOWN_COLUMNS,
    TOTALS,
    columns_of,
)
from declarations.sheets.fields import Field
from declarations.sheets.fields_sheet import read_fields_sheet
from declarations.sheets.form import Block, TemplateCell
from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.tags import NOT_IN_FORM, Tag
from declarations.sheets.written_units import unit_in, unit_of_sheet, without_unit
from scoring.numbers import MONEY_UNITS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FieldProblem = tuple[str, str, str]
"""Sheet, cell and message."""

_NAMES_NOTHING = re.compile(r"[\W\d_]*$|[（(]?(?:金额)?单位[:：]")
"""Column numbers, % and the like below a heading, and what says the unit of the whole form."""
_UNCLOSED = re.compile(r"[（(][^（()）]*$")
_BETWEEN = {"至", "到", "和", "及", "与", "或"}
"""Words before a tag that do not say what it is: ``{{text.start}}至{{text.finish}}``."""
_POSSIBLE_KINDS = {Kind.MONEY: {Kind.MONEY}, Kind.NUMBER: {Kind.NUMBER, Kind.PERCENT}}
"""What a column stored as a number may be read as; text can be anything."""


def describe_fields(
    cells: list[TemplateCell],
    root: Block,
    sheet: "Worksheet | None",
    formats: dict[tuple[int, int], str],
    head: Collection[int],
    beside: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Field], list[FieldProblem]]:
    """The form's fields by tag, in reading order, and what is wrong with them.

    head: rows above the table. beside: what is said of fields elsewhere than in the 字段 sheet,
    by tag and by column of that sheet, which has the last word.
    """
    problems: list[FieldProblem] = []
    in_sheet = read_fields_sheet(sheet, problems) if sheet is not None else {}
    said = {tag: {**beside.get(tag, {}), **in_sheet.get(tag, {})} for tag in {**in_sheet, **beside}}
    headings = _Headings(cells, root, head)
    fields: dict[str, Field] = {}
    first: dict[str, str] = {}
    computed: list[tuple[TemplateCell, Tag, NumberFormat]] = []
    for cell in sorted(cells, key=lambda c: (c.row, c.column)):
        for tag in cell.tags:
            if tag.is_context or tag.is_number:
                continue
            if tag.path in fields:
                message = f"标签 {tag.path} 出现了两次，另一处在 {first[tag.path]}"
                problems.append(("表样", coordinate(cell), message))
                continue
            first[tag.path] = coordinate(cell)
            format_ = NumberFormat.from_excel(formats[cell.row, cell.column])
            if tag.expression:
                computed.append((cell, tag, format_))
            row = said.get(tag.path, {})
            field = fields[tag.path] = _field(cell, tag, row, headings, format_)
            problems += [("字段", row["cell"], m) for m in _wrong_with(field, tag)]
    _tell_apart(cells, fields, said, headings)
    for cell, tag, format_ in computed:
        problems += [("表样", coordinate(cell), m) for m in _wrong_in_formula(tag, fields)]
        fields[tag.path] = _computed_field(cell, tag, fields, headings, format_)
    unasked = {t.path for c in cells for t in c.tags if t.is_context or t.is_number}
    for tag_path, row in in_sheet.items():
        if tag_path in unasked:
            message = f"标签 {tag_path} 由系统填写，不用在“字段”中说明"
            problems.append(("字段", str(row["cell"]), message))
        elif tag_path not in fields:
            problems.append(("字段", str(row["cell"]), f"标签 {tag_path} {NOT_IN_FORM}"))
    return fields, problems


def _field(
    cell: TemplateCell, tag: Tag, said: dict[str, Any], headings: "_Headings", format_: NumberFormat
) -> Field:
    label, unit = headings.of(cell, tag)
    kind = said.get("类型") or default_kind(tag)
    choices = said.get("选项", ())
    if choices and "类型" not in said:
        kind = Kind.CHOICE
    if kind is Kind.MONEY:
        unit = said.get("单位") or unit or headings.sheet_unit or "元"
    else:
        unit = said.get("单位", "")
    return Field(
        tag=tag.path,
        kind=kind,
        label=said.get("名称") or label or tag.path,
        help=said.get("说明", ""),
        required=said.get("必填", False),
        choices=choices,
        unit=unit,
        length=said.get("字数", 0),
        negative_allowed=said.get("可为负数", tag.column == "adjustment"),
        format=_format_for(kind, format_),
    )


def _tell_apart(
    cells: list[TemplateCell],
    fields: dict[str, Field],
    said: dict[str, dict[str, Any]],
    headings: "_Headings",
) -> None:
    """Gives fields whose nearest words are the same their full headings, where those differ."""
    alike: dict[tuple[tuple[str, ...], str], list[tuple[TemplateCell, Tag]]] = {}
    for cell in cells:
        for tag in cell.tags:
            if tag.path in fields and not tag.is_computed and "名称" not in said.get(tag.path, {}):
                key = (tag.list_path, fields[tag.path].label)
                alike.setdefault(key, []).append((cell, tag))
    for places in alike.values():
        full = {tag.path: headings.of(cell, tag, full=True)[0] for cell, tag in places}
        if len(set(full.values())) == len(places) > 1:
            for path, label in full.items():
                fields[path] = replace(fields[path], label=label)


def _wrong_with(field: Field, tag: Tag) -> list[str]:
    """Why what the 字段 sheet says of a field cannot be."""
    stored = default_kind(tag)
    if field.kind not in _POSSIBLE_KINDS.get(stored, Kind):
        return [f"标签 {tag.path} 存放的是{stored}，类型不能是“{field.kind}”"]
    if field.kind is Kind.MONEY and field.unit not in MONEY_UNITS:
        return [f"金额的单位“{field.unit}”无法识别，可用：{'、'.join(MONEY_UNITS)}"]
    if field.kind is Kind.CHOICE and not field.choices:
        return ["类型为“选项”时，请在“选项”一栏列出可选的内容，用顿号分开"]
    return []


def default_kind(tag: Tag) -> Kind:
    """What the domain model says a tag holds."""
    if tag.path.startswith("text."):
        return Kind.TEXT
    if tag.shown:
        return (SHOWN_COLUMNS | TOTALS)[tag.shown if tag.shown in TOTALS else tag.column]
    if tag.path.startswith("funding."):
        return FUNDING_COLUMNS[tag.column]
    if tag.path.startswith(f"{SCORES}."):
        return SCORE_COLUMNS.get(tag.column, Kind.LINE)
    if tag.list_path:
        return columns_of(tag.list_path[-1]).get(tag.column, Kind.LINE)
    return Kind.NUMBER


def _computed_field(
    cell: TemplateCell,
    tag: Tag,
    fields: dict[str, Field],
    headings: "_Headings",
    format_: NumberFormat,
) -> Field:
    """A computed cell is money if it is made of money that does not cancel out."""
    assert tag.expression is not None
    amounts = {n: fields[n] for n in _names_in(tag) if n in fields and fields[n].kind is Kind.MONEY}
    plain = fields[tag.path]
    is_money = tag.expression.is_money(amounts.__contains__)
    kind = Kind.MONEY if is_money else Kind.PERCENT if format_.percent else Kind.NUMBER
    unit = ""
    if is_money:
        unit = headings.of(cell, tag)[1] or headings.sheet_unit or next(iter(amounts.values())).unit
    format_ = _format_for(kind, format_)
    return Field(plain.tag, kind, plain.label, unit=unit, format=format_)


def _wrong_in_formula(tag: Tag, fields: dict[str, Field]) -> Iterator[str]:
    """Names that the form does not have, and those that hold no numbers."""
    for name in _names_in(tag):
        if name not in fields:
            yield f"公式用到的 {name} {NOT_IN_FORM}"
        elif not fields[name].numeric:
            yield f"公式用到的 {name} 不是数字，请在“字段”中把它的类型设为金额、数值或百分比"


def _names_in(tag: Tag) -> list[str]:
    """The tags a formula uses, those of the system left out."""
    assert tag.expression is not None
    return sorted((tag.expression.names | tag.expression.lists) - set(CONTEXT))


def _format_for(kind: Kind, format_: NumberFormat) -> NumberFormat:
    percent = kind is Kind.PERCENT
    return NumberFormat(format_.decimals, format_.thousands and not percent, percent)


@dataclass
class _Headings:
    """Finds the labels that a reader would read a cell's name from."""

    cells: list[TemplateCell]
    root: Block
    head: Collection[int]

    def __post_init__(self) -> None:
        self.at = {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.last_row + 1)
            for column in range(cell.column, cell.last_column + 1)
        }
        self.first_column = min(c.column for c in self.cells)
        self.width = max(c.last_column for c in self.cells) - self.first_column + 1
        self.rows_with_values = {c.row for c in self.cells if not c.is_heading and c.tags}
        self.sheet_unit = unit_of_sheet(self.cells, self.at, self.head)
        self.blocks = [block for block in self.root.walk() if block.list_path]

    def of(self, cell: TemplateCell, tag: Tag, *, full: bool = False) -> tuple[str, str]:
        """Label and money unit ("" where none is said).

        full: with the words to the left as well as those above, where one of them would do.
        """
        before, after = _beside(cell, tag)
        unit = next((u for u in MONEY_UNITS if after.lstrip("（(").startswith(u)), "")
        lefts, headings = self._lefts(cell), self._above(cell)
        left = lefts[0].name if lefts else ""
        narrower = [h for h in headings if h.colspan < self.width] or headings[-1:]
        above = " ".join(filter(None, (without_unit(h.name) for h in narrower)))
        if full:
            labels = [left, above]
        elif tag.list_path or cell.depth > 0:
            alone = sum(bool(c.tags) for c in self._row(cell)) == 1
            own = alone or self._is_pair(cell)
            labels = [left] if own and left else [above or left]
        elif default_kind(tag) is Kind.TEXT:
            labels = [left or above]
        else:
            labels = [left, above]
        texts = [text for text in labels if text]
        said = [*texts, *(h.name for h in reversed(headings)), *(h.name for h in lefts)]
        unit = unit or next(filter(None, map(unit_in, said)), "")
        if before:
            return before, unit
        names = [without_unit(t).rstrip("：:") for t in texts]
        return " ".join(dict.fromkeys(n for n in names if n)), unit

    def _is_pair(self, cell: TemplateCell) -> bool:
        """Whether a label repeats with the cell, directly before it: ``目标名称 | {{goals.name}}``."""
        label = self.at.get((cell.row, cell.column - 1))
        if label is None or not label.is_label or not label.depth:
            return False
        inside = [b for b in self.blocks if b.first_row <= cell.row <= b.last_row]
        innermost = max(inside, key=lambda b: len(b.list_path), default=None)
        if innermost is None or innermost.first_row == innermost.last_row:
            return False
        return heading_of_same_shape(cell, self.root, self.at) is None

    def _row(self, cell: TemplateCell) -> list[TemplateCell]:
        return list({id(c): c for (row, _), c in self.at.items() if row == cell.row}.values())

    def _lefts(self, cell: TemplateCell) -> list[TemplateCell]:
        """The labels to the left that say what the cell is, nearest first.

        Beyond a value only those count that stand beside several rows.
        """
        found: list[TemplateCell] = []
        beyond_value = False
        for column in range(cell.column - 1, self.first_column - 1, -1):
            neighbour = self.at.get((cell.row, column))
            if neighbour is None or neighbour in found:
                continue
            if not (neighbour.text and _is_numbered_heading(neighbour)):
                beyond_value = beyond_value or bool(neighbour.tags)
            elif not found or not beyond_value or neighbour.rowspan > cell.rowspan:
                found.append(neighbour)
        return found

    def _above(self, cell: TemplateCell) -> list[TemplateCell]:
        """The nearest heading above, after those that it is part of, widest first.

        Those are wider, or as wide in a row of nothing but headings.
        """
        if mirrored := heading_of_same_shape(cell, self.root, self.at):
            return [mirrored]
        found: list[TemplateCell] = []
        for row in range(cell.row - 1, 0, -1):
            neighbour = self.at.get((row, cell.column))
            if neighbour is None or self._in_other_list(neighbour, cell):
                break
            if _NAMES_NOTHING.match(neighbour.text) and not neighbour.tags:
                continue
            if not neighbour.is_heading:
                if found:
                    break
                continue
            beside = neighbour.column == self.first_column != cell.column
            if neighbour in found or beside or (not found and self._heads_its_right(neighbour)):
                continue
            if found:
                least = found[-1].colspan + (neighbour.row in self.rows_with_values)
                wide = neighbour.colspan >= least and neighbour.style.has_border
                if not wide or neighbour.last_row < found[-1].row - 1:
                    break
            found.append(neighbour)
        return found[::-1]

    def _heads_its_right(self, label: TemplateCell) -> bool:
        """Whether a label names the value beside it, not what is below: ``项目期 | {{text.period}}``."""
        beside = self.at.get((label.row, label.last_column + 1))
        return (
            beside is not None
            and bool(beside.tags)
            and not beside.is_heading
            and (beside.row, beside.rowspan) == (label.row, label.rowspan)
        )

    def _in_other_list(self, above: TemplateCell, cell: TemplateCell) -> bool:
        """Whether a cell above is in the rows of another list, whose headings are not this one's."""
        own, other = (
            {
                b.list_path
                for b in self.blocks
                if b.first_row <= c.row <= b.last_row and len(b.list_path) == 1
            }
            for c in (cell, above)
        )
        return bool(other and own and other != own)


def heading_of_same_shape(
    cell: TemplateCell, root: Block, at: Mapping[tuple[int, int], TemplateCell]
) -> TemplateCell | None:
    """The heading of a cell whose list takes several rows an item, and whose headings as many.

    at: the cells by every place that they cover.
    """
    for block in root.walk():
        height = block.last_row - block.first_row + 1
        if not block.list_path or height == 1 or block.children:
            continue
        if block.first_row <= cell.row <= cell.last_row <= block.last_row:
            heading = at.get((cell.row - height, cell.column))
            shape = (cell.row - height, cell.column, cell.rowspan, cell.colspan)
            if heading and heading.is_heading:
                found = (heading.row, heading.column, heading.rowspan, heading.colspan)
                return heading if found == shape else None
    return None


def _is_numbered_heading(cell: TemplateCell) -> bool:
    """A label, also one that is numbered: ``年度目标{{goals.number}}``."""
    return cell.is_heading or all(t.is_number for t in cell.tags)


def _beside(cell: TemplateCell, tag: Tag) -> tuple[str, str]:
    """The words directly before and after a tag in its own cell."""
    index = next(i for i, p in enumerate(cell.parts) if p is tag)
    before = cell.parts[index - 1] if index else ""
    after = cell.parts[index + 1] if index + 1 < len(cell.parts) else ""
    words = re.split(r"[\s：:；;，,。、]+", before.strip()) if isinstance(before, str) else []
    words = [w for w in (_UNCLOSED.sub("", w) for w in words) if re.search(r"\w", w)]
    named = bool(words) and words[-1] not in _BETWEEN
    return (words[-1] if named else ""), (after.strip() if isinstance(after, str) else "")
