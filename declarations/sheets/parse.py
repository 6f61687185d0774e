"""A tagged workbook to a Form; everything wrong with it is said at once, by cell."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from declarations.sheets import styles
from declarations.sheets.blocks import build_blocks, with_depths
from declarations.sheets.form import Form, Section, TemplateCell
from declarations.sheets.headings import describe_fields
from declarations.sheets.kinds import NumberFormat
from declarations.sheets.problems import CellProblem
from declarations.sheets.report import Outline, lay_out
from declarations.sheets.rubric_sheet import (
    check_rubric,
    read_rubric,
    rubric_fields,
    said_of_inputs,
)
from declarations.sheets.rules import read_rules
from declarations.sheets.scopes import heading_scopes
from declarations.sheets.scored import with_rubric
from declarations.sheets.tags import NOT_IN_FORM, Tag, TagError, split_text

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FORM_SHEET = "表样"
FIELDS_SHEET = "字段"
RULES_SHEET = "校验"
RUBRIC_SHEET = "评分"
REPORT_SHEET = "报告"
"""In place of 表样 in the workbook of a narrative report."""
MOST_ROWS = 400
MOST_COLUMNS = 60


class FormError(ValueError):
    """The workbook is no usable template; `problems` holds all that is wrong."""

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


def parse_form(workbook: bytes) -> Form:
    """Parses a tagged workbook. Raises FormError with every problem found."""
    book = open_workbook(workbook)
    outline = laid_out(book)
    if outline is None:
        return _parse(book, form_sheet(book))
    try:
        return _parse(book, outline.sheet, outline)
    except FormError as error:
        raise FormError(map(outline.placed, error.problems)) from None


def _parse(book: "Workbook", sheet: "Worksheet", outline: Outline | None = None) -> Form:
    problems: list[CellProblem] = []
    rubric_sheet = _sheet(book, RUBRIC_SHEET)
    rubric, wrong_in_sheet = read_rubric(rubric_sheet)
    cells, rubric_problems = with_rubric(
        _read_cells(sheet, problems), rubric, lambda c: sheet.cell(c.row, c.column).number_format
    )
    unread = bool(problems)
    if rubric.is_whole:
        problems += [CellProblem(sheet.title, *found) for found in rubric_problems]
    problems += [CellProblem(*found) for found in wrong_in_sheet]
    if not any(cell.tags for cell in cells):
        none = CellProblem(sheet.title, "", "没有任何标签，请在要填写的单元格中写入 {{标签}}")
        raise FormError(problems or [none])

    root, block_problems = build_blocks(cells)
    problems += [CellProblem(sheet.title, cell, message) for cell, message in block_problems]
    if block_problems:  # then it is not known either what repeats with what
        raise FormError(problems)
    cells = with_depths(cells, root)

    head, foot = _head_and_foot(cells)
    sections = _sections(cells)
    fields, field_problems = describe_fields(
        cells,
        root,
        _sheet(book, FIELDS_SHEET),
        _formats(sheet, cells),
        head,
        beside={**said_of_inputs(rubric), **(outline.said if outline else {})},
    )
    fields |= {t: f for t, f in rubric_fields(rubric).items() if t not in fields}
    rules, rule_problems = read_rules(_sheet(book, RULES_SHEET), fields, root)
    unfit = check_rubric(rubric_sheet, rubric, fields, root)
    problems += [
        CellProblem(*found)
        for found in (*field_problems, *rule_problems, *unfit)
        # a tag that could not be read may be the one that is missed
        if not (unread and found[-1].endswith(NOT_IN_FORM))
    ]
    if problems:
        raise FormError(problems)

    first_column = min(c.column for c in cells)
    last_column = max(c.last_column for c in cells)
    return Form(
        title=_title(cells, head, sheet.title),
        cells=tuple(cells),
        fields=fields,
        root=root,
        sections=sections,
        first_column=first_column,
        column_widths=styles.column_shares(sheet, first_column, last_column),
        row_heights={
            number: float(dimension.height)
            for number, dimension in sheet.row_dimensions.items()
            if dimension.height and root.first_row <= number <= root.last_row
        },
        heading_rows=_heading_rows(sheet, head),
        head_rows=head,
        foot_rows=foot,
        scopes=heading_scopes(cells, root, (*head, *foot)),
        page=styles.page_setup(sheet),
        rules=rules,
        rubric=rubric,
        report=outline.report if outline else None,
    )


def open_workbook(workbook: bytes) -> "Workbook":
    """Opens a workbook. Raises FormError where it is none."""
    try:
        return load_workbook(BytesIO(workbook))
    except Exception:  # noqa: BLE001  (a damaged file fails in whichever parser meets it first)
        raise FormError(
            [CellProblem("工作簿", "", "无法打开，请确认是 .xlsx 格式且未加密")]
        ) from None


def form_sheet(book: "Workbook") -> "Worksheet":
    """The sheet named 表样, or the only one; for a report, the one that its 报告 is laid out as.

    Raises FormError.
    """
    if outline := laid_out(book):
        return outline.sheet
    sheet = _sheet(book, FORM_SHEET)
    if sheet is None and len(book.worksheets) == 1:
        return book.worksheets[0]
    if sheet is None:
        names = "、".join(book.sheetnames)
        message = f"找不到名为“{FORM_SHEET}”的工作表，请把要填写的那一张改成这个名称，现有：{names}"
        raise FormError([CellProblem("工作簿", "", message)])
    if sheet.sheet_state != "visible":
        raise FormError([CellProblem(FORM_SHEET, "", "这张工作表是隐藏的，请取消隐藏")])
    return sheet


def laid_out(book: "Workbook") -> Outline | None:
    """The 报告 sheet as the form that it means; None where the workbook is that of a table.

    Raises FormError.
    """
    source = _sheet(book, REPORT_SHEET)
    if source is None or _sheet(book, FORM_SHEET) is not None:
        return None
    if source.sheet_state != "visible":
        raise FormError([CellProblem(REPORT_SHEET, "", "这张工作表是隐藏的，请取消隐藏")])
    outline, problems = lay_out(book, source, FORM_SHEET)
    if problems:
        raise FormError(problems)
    return outline


def _sheet(book: "Workbook", name: str) -> "Worksheet | None":
    """The sheet of this name, blanks around it aside; None where there is none, or it is a chart."""
    return next((sheet for sheet in book.worksheets if sheet.title.strip() == name), None)


def _read_cells(sheet: "Worksheet", problems: list[CellProblem]) -> list[TemplateCell]:
    """Every cell of the used rectangle, merged ranges as one; empty ones are kept inside it."""
    used = [
        c for row in sheet.iter_rows() for c in row if c.value is not None and str(c.value).strip()
    ]
    if not used:
        raise FormError([CellProblem(sheet.title, "", "工作表是空的")])
    merged = {(r.min_row, r.min_col): r for r in sheet.merged_cells.ranges}
    spans = [
        (c.row, c.column)
        if (c.row, c.column) not in merged
        else (merged[c.row, c.column].max_row, merged[c.row, c.column].max_col)
        for c in used
    ]
    first_row, first_column = min(c.row for c in used), min(c.column for c in used)
    last_row, last_column = max(s[0] for s in spans), max(s[1] for s in spans)
    if last_row > MOST_ROWS or last_column > MOST_COLUMNS:
        far = next(
            c
            for c, (row, column) in zip(used, spans, strict=True)
            if row > MOST_ROWS or column > MOST_COLUMNS
        )
        message = f"表样最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，请删除多余内容"
        raise FormError([CellProblem(sheet.title, far.coordinate, message)])
    problems += _hidden(sheet, (first_row, last_row), (first_column, last_column))
    cells = []
    covered: set[tuple[int, int]] = set()
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            if (row, column) in covered:
                continue
            area = merged.get((row, column))
            bottom, right = (area.max_row, area.max_col) if area else (row, column)
            covered.update((r, c) for r in range(row, bottom + 1) for c in range(column, right + 1))
            cell = sheet.cell(row, column)
            try:
                parts = tuple(_named(p, cell.coordinate) for p in split_text(_text_of(cell)))
                _refuse_stray_braces(parts)
            except TagError as error:
                problems.append(CellProblem(sheet.title, cell.coordinate, str(error)))
                parts = ()
            cells.append(
                TemplateCell(
                    row=row,
                    column=column,
                    rowspan=bottom - row + 1,
                    colspan=right - column + 1,
                    parts=parts,
                    style=styles.cell_style(cell, sheet.cell(bottom, right)),
                )
            )
    return cells


def _hidden(
    sheet: "Worksheet", rows: tuple[int, int], columns: tuple[int, int]
) -> Iterator[CellProblem]:
    """Rows and columns that nobody sees in Excel: whether they belong to the form is not guessed."""
    for number in range(rows[0], rows[1] + 1):
        if number in sheet.row_dimensions and sheet.row_dimensions[number].hidden:
            yield CellProblem(
                sheet.title, f"A{number}", f"第 {number} 行是隐藏的，请取消隐藏，或删除这一行"
            )
    for dimension in sheet.column_dimensions.values():
        if not dimension.hidden:
            continue
        first, last = dimension.min or 0, dimension.max or 0
        for number in range(max(first, columns[0]), min(last, columns[1]) + 1):
            letter = get_column_letter(number)
            yield CellProblem(
                sheet.title, f"{letter}1", f"{letter} 列是隐藏的，请取消隐藏，或删除这一列"
            )


def _named(part: str | Tag, coordinate: str) -> str | Tag:
    """What is computed is called after its cell: ``computed.C7``."""
    if isinstance(part, Tag) and part.is_computed:
        return replace(part, path=f"computed.{coordinate}")
    return part


def _refuse_stray_braces(parts: Iterable[str | Tag]) -> None:
    """Braces left in a label are a tag that was not recognised as one."""
    if any(brace in part for part in parts if isinstance(part, str) for brace in "{}｛｝"):
        raise TagError("标签要放在两个半角花括号中，写成 {{标签}}")


def _text_of(cell: "Cell | MergedCell") -> str:
    """A cell's text; a number or a date that stands in the form as Excel shows it."""
    value = cell.value
    if cell.data_type == "f":
        raise TagError("这里是 Excel 公式，请改写成自动计算的标签，例如 {{= sum(tasks.amount)}}")
    if cell.data_type == "e":
        raise TagError(f"这里是 Excel 的错误值 {value}，请改正或删除")
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, int | float) and not isinstance(value, bool):
        format_ = NumberFormat.from_excel(cell.number_format)
        return format_.show(Decimal(str(value))) + ("%" if format_.percent else "")
    return "" if value is None else str(value)


def _formats(sheet: "Worksheet", cells: list[TemplateCell]) -> dict[tuple[int, int], str]:
    """Excel number formats by the place of the cells that hold tags."""
    return {(c.row, c.column): sheet.cell(c.row, c.column).number_format for c in cells if c.tags}


def _head_and_foot(cells: list[TemplateCell]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Borderless rows with a single filled cell, before and after the table."""
    by_row: dict[int, list[TemplateCell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)

    def is_line(row: int) -> bool:
        filled = [c for c in by_row.get(row, []) if c.parts]
        return (
            len(filled) == 1
            and filled[0].rowspan == 1
            and filled[0].depth == 0
            and not any(c.style.has_border for c in by_row[row])
        )

    rows = sorted(by_row)
    head = []
    for row in rows:
        if not is_line(row):
            break
        head.append(row)
    foot = []
    for row in reversed(rows):
        if row in head or not is_line(row):
            break
        foot.append(row)
    return tuple(head), tuple(reversed(foot))


def _title(cells: list[TemplateCell], head: tuple[int, ...], fallback: str) -> str:
    """The form's name: the largest line above the table (附件2 may stand over it), without
    its tags and the 年 that belongs to one."""
    lines = [c for c in cells if c.row in head and c.text and not c.text.startswith("单位")]
    if not lines:
        return fallback
    title = max(lines, key=lambda c: c.style.size)
    after = ("", *title.parts)
    texts = [
        re.sub("^年度?", "", part) if isinstance(before, Tag) and before.path == "year" else part
        for before, part in zip(after, title.parts, strict=False)
        if isinstance(part, str)
    ]
    return re.sub(r"[（(][)）]", "", "".join("".join(texts).split())) or fallback


def _heading_rows(sheet: "Worksheet", head: tuple[int, ...]) -> tuple[int, ...]:
    """Rows to repeat on each page; lines above the table are not part of it."""
    if not sheet.print_title_rows:
        return ()
    _, first, _, last = range_boundaries(sheet.print_title_rows.replace("$", ""))
    return tuple(r for r in range(first or 1, (last or 0) + 1) if r not in head)


def _sections(cells: list[TemplateCell]) -> tuple[Section, ...]:
    """One per bordered label in the first column, if anything is to be filled in beside it.

    So is the label of a block that repeats as a whole: ``年度目标{{goals.number}}``. Where labels
    as wide as the table stand between its parts (``一、项目概况``), those are the sections from
    there on, not the rows below them.
    """
    first_column = min(c.column for c in cells)
    last_row = max(c.last_row for c in cells)
    starts = [
        c
        for c in cells
        if c.column == first_column and c.style.has_border and (_is_label(c) or _is_block_label(c))
    ]
    starts.sort(key=lambda c: c.row)
    width = max(c.last_column for c in cells) - first_column + 1
    banners = [c for c in starts if c.colspan == width]
    starts = [c for c in starts if c in banners or not banners or c.row < banners[0].row]
    sections = [
        Section(
            label=cell.name.rstrip("：:"),
            first_row=cell.row,
            last_row=(starts[i + 1].row - 1) if i + 1 < len(starts) else last_row,
        )
        for i, cell in enumerate(starts)
    ]
    with_tags = {c.row for c in cells if any(not t.is_context for t in c.tags)}
    return tuple(
        s for s in sections if any(r in with_tags for r in range(s.first_row, s.last_row + 1))
    )


def _is_label(cell: TemplateCell) -> bool:
    return cell.is_heading and cell.depth == 0


def _is_block_label(cell: TemplateCell) -> bool:
    numbered = bool(cell.tags) and all(tag.is_number for tag in cell.tags)
    return numbered and bool(cell.text) and cell.depth == 1 and cell.rowspan > 1
