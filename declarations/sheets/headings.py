"""What each field is called, from the 字段 sheet or else from the headings beside its cell."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarations.sheets.blocks import coordinate
from declarations.sheets.catalogue import CONTEXT, FUNDING_COLUMNS, columns_of
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, TemplateCell
from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.listing import read_lines
from declarations.sheets.tags import NOT_IN_FORM, Tag
from declarations.sheets.written_units import unit_in, unit_of_sheet, without_unit
from scoring.numbers import MONEY_UNITS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FieldProblem = tuple[str, str, str]
"""Sheet, cell and message."""

_NAMES_NOTHING = re.compile(r"[\W\d_]*$|[（(]?(?:金额)?单位[:：]")
"""Column numbers, % and the like below a heading, and what says the unit of the whole form."""
_POSSIBLE_KINDS = {Kind.MONEY: {Kind.MONEY}, Kind.NUMBER: {Kind.NUMBER, Kind.PERCENT}}
"""What a column stored as a number may be read as; text can be anything."""
_YES = {"是", "必填", "√", "✓", "1", "true", "yes"}
_NO = {"", "否", "选填", "0", "false", "no"}
_COLUMNS = ("标签", "名称", "说明", "必填", "类型", "选项", "单位", "字数", "可为负数")
"""Headings of the 字段 sheet; only 标签 must be there, in any order."""


def describe_fields(
    cells: list[TemplateCell],
    root: Block,
    sheet: "Worksheet | None",
    formats: dict[tuple[int, int], str],
    head: Collection[int],
) -> tuple[dict[str, Field], list[FieldProblem]]:
    """The form's fields by tag, in reading order, and what is wrong with them.

    head: rows above the table.
    """
    problems: list[FieldProblem] = []
    said = _read_fields_sheet(sheet, problems) if sheet is not None else {}
    headings = _Headings(cells, root, head)
    fields: dict[str, Field] = {}
    computed: list[tuple[TemplateCell, Tag, NumberFormat]] = []
    for cell in sorted(cells, key=lambda c: (c.row, c.column)):
        for tag in cell.tags:
            if tag.is_context or tag.is_number:
                continue
            if tag.path in fields:
                problems.append(("表样", coordinate(cell), f"标签 {tag.path} 出现了两次"))
                continue
            format_ = NumberFormat.from_excel(formats[cell.row, cell.column])
            if tag.expression:
                computed.append((cell, tag, format_))
            row = said.get(tag.path, {})
            field = fields[tag.path] = _field(cell, tag, row, headings, format_)
            problems += [("字段", row["cell"], m) for m in _wrong_with(field, tag)]
    for cell, tag, format_ in computed:
        problems += [("表样", coordinate(cell), m) for m in _wrong_in_formula(tag, fields)]
        fields[tag.path] = _computed_field(cell, tag, fields, headings, format_)
    for tag_path, row in said.items():
        if tag_path not in fields:
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
    if tag.path.startswith("funding."):
        return FUNDING_COLUMNS[tag.column]
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
            yield f"公式用到的 {name} 不是数字，请在“字段”中把它的类型设为数值或百分比"


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

    def of(self, cell: TemplateCell, tag: Tag) -> tuple[str, str]:
        """Label and money unit ("" where none is said)."""
        before, after = _beside(cell, tag)
        unit = next((u for u in MONEY_UNITS if after.lstrip("（(").startswith(u)), "")
        left, headings = self._left(cell), self._above(cell)
        narrower = [h for h in headings if h.colspan < self.width] or headings[-1:]
        above = " ".join(filter(None, (without_unit(h.name) for h in narrower)))
        in_list = bool(tag.list_path) or cell.depth > 0
        if in_list:
            alone = sum(bool(c.tags) for c in self._row(cell)) == 1
            labels = [left] if alone and left else [above or left]
        elif default_kind(tag) is Kind.TEXT:
            labels = [left or above]
        else:
            labels = [left, above]
        texts = [text for text in labels if text]
        said = [*texts, *(h.name for h in reversed(headings)), left]
        unit = unit or next(filter(None, map(unit_in, said)), "")
        if before:
            return before, unit
        names = [without_unit(t).rstrip("：:") for t in texts]
        return " ".join(dict.fromkeys(n for n in names if n)), unit

    def _row(self, cell: TemplateCell) -> list[TemplateCell]:
        return list({id(c): c for (row, _), c in self.at.items() if row == cell.row}.values())

    def _left(self, cell: TemplateCell) -> str:
        for column in range(cell.column - 1, self.first_column - 1, -1):
            neighbour = self.at.get((cell.row, column))
            if neighbour and neighbour.text and _is_numbered_heading(neighbour):
                return neighbour.name
        return ""

    def _above(self, cell: TemplateCell) -> list[TemplateCell]:
        """The nearest heading above, after those that it is part of, widest first.

        Those are wider, or as wide in a row of nothing but headings.
        """
        if mirrored := heading_of_same_shape(cell, self.root, self.at):
            return [mirrored]
        found: list[TemplateCell] = []
        for row in range(cell.row - 1, 0, -1):
            neighbour = self.at.get((row, cell.column))
            if neighbour is None or _in_other_list(neighbour, cell):
                break
            if _NAMES_NOTHING.match(neighbour.text) and not neighbour.tags:
                continue
            if not neighbour.is_heading:
                if found:
                    break
                continue
            if neighbour in found or neighbour.column == self.first_column != cell.column:
                continue
            if found:
                least = found[-1].colspan + (neighbour.row in self.rows_with_values)
                wide = neighbour.colspan >= least and neighbour.style.has_border
                if not wide or neighbour.last_row < found[-1].row - 1:
                    break
            found.append(neighbour)
        return found[::-1]


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


def _in_other_list(above: TemplateCell, cell: TemplateCell) -> bool:
    """Whether a cell above belongs to another list, whose headings are not this one's."""
    other = {t.list_path[0] for t in above.tags if t.list_path}
    own = {t.list_path[0] for t in cell.tags if t.list_path}
    return bool(other and own and other != own)


def _beside(cell: TemplateCell, tag: Tag) -> tuple[str, str]:
    """The words directly before and after a tag in its own cell."""
    index = next(i for i, p in enumerate(cell.parts) if p is tag)
    before = cell.parts[index - 1] if index else ""
    after = cell.parts[index + 1] if index + 1 < len(cell.parts) else ""
    words = re.split(r"[\s：:；;，,。、]+", before.strip()) if isinstance(before, str) else []
    words = [w for w in words if re.search(r"\w", w)]
    return (words[-1] if words else ""), (after.strip() if isinstance(after, str) else "")


def _read_fields_sheet(
    sheet: "Worksheet", problems: list[FieldProblem]
) -> dict[str, dict[str, Any]]:
    """The 字段 sheet by tag; only what is filled in."""
    lines = read_lines(sheet, _COLUMNS, "标签")
    if lines is None:
        problems.append((sheet.title, "", "找不到写有“标签”的表头行"))
        return {}
    said: dict[str, dict[str, Any]] = {}
    for line in lines:
        tag = line.text("标签").strip("{} ")
        if not tag:
            continue
        place = f"A{line.row}"
        said[tag] = {"cell": place}
        for name, text in line.texts.items():
            if not text or name == "标签":
                continue
            try:
                said[tag][name] = _READERS.get(name, str)(text)
            except (ValueError, KeyError) as error:
                problems.append((sheet.title, place, f"“{name}”一栏：{error.args[0]}"))
    return said


def _yes_or_no(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in _YES | _NO:
        raise ValueError(f"应填“是”或“否”，现为“{text}”")
    return lowered in _YES


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise ValueError(f"没有类型“{text}”，可用：{'、'.join(Kind)}") from None


def _choices(text: str) -> tuple[str, ...]:
    return tuple(c.strip() for c in re.split(r"[\n、，,；;|]+", text) if c.strip())


def _length(text: str) -> int:
    try:
        length = int(float(text))
    except ValueError:
        length = 0
    if length < 1:
        raise ValueError(f"应填正整数，现为“{text}”")
    return length


_READERS = {
    "必填": _yes_or_no,
    "类型": _kind,
    "选项": _choices,
    "字数": _length,
    "可为负数": _yes_or_no,
}
