"""The 报告 sheet: a narrative report by its headings, which becomes a form like any other.

Each line of the sheet is a heading, a passage below it, or both. They are laid out below each
other as a form's sheet, so that whatever works for a table works for a report: anchors,
comments, comparison, workbooks out and in. In the rows of a list, words stand before each, so
that a workbook in which it is filled in can be told apart row by row. Where a report is printed
or written, it is a document by its `Report`.
"""

import re
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties

from declarations.sheets.fields_sheet import READERS
from declarations.sheets.listing import Line, read_lines
from declarations.sheets.problems import CellProblem
from declarations.sheets.tags import Tag, TagError, split_text

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = ("级别", "标题", "内容", "说明", "必填", "字数", "草稿")
"""Headings of the 报告 sheet; only 标题 must be there, in any order."""
CONCLUSION, MANAGEMENT, PERFORMANCE = "自评结论", "管理效率", "履职效能"
DRAFTS = (CONCLUSION, MANAGEMENT, PERFORMANCE)
"""The drafts that can be made of the figures of the self-evaluation."""
DRAFT_MARK = "【草稿，请核对修改】"
"""What a draft begins with; as long as it stands there, the report cannot be submitted."""
TITLE_LEVEL = 0
DEEPEST = 5
"""The level of the smallest heading: HTML, PDF and Word have six, the title among them."""

_WIDTHS = {"A": 8.0, "B": 84.0}
_LINE_HEIGHT = 1.8
"""Of a row of one line, by the size of its type."""
_LINE = Side(style="thin")
_BOX = Border(top=_LINE, right=_LINE, bottom=_LINE, left=_LINE)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_CENTRED = Alignment(wrap_text=True, horizontal="center", vertical="center")
_FONTS = {
    TITLE_LEVEL: Font(name="宋体", size=18, bold=True),
    1: Font(name="黑体", size=14, bold=True),
    2: Font(name="宋体", size=12, bold=True),
}
_SMALLER_HEADING = Font(name="宋体", size=11, bold=True)
_PASSAGE = Font(name="宋体", size=11)
_CAPTION = Font(name="宋体", size=10, color="FF565F69")
_LAID_OUT_CELL = re.compile(r"(?<![A-Za-z0-9])[AB](\d+)(?!\d)")
_LAID_OUT_ROWS = re.compile(r"第 (\d+)(?: 至 (\d+))? 行")


@dataclass(frozen=True)
class Report:
    """The outline of a report. levels: of its headings, by their row of the form, 0 the title;
    all other rows are passages. drafts: by tag, which of DRAFTS can be made for a passage.
    """

    levels: dict[int, int]
    drafts: dict[str, str]


@dataclass
class Outline:
    """A 报告 sheet laid out as a form. said: what it says of the fields, by tag and by column of
    the 字段 sheet. origins: the cell of the 报告 sheet that each row comes from.
    """

    sheet: "Worksheet"
    name: str
    levels: dict[int, int] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        return Report(self.levels, self.drafts)

    def placed(self, problem: CellProblem) -> CellProblem:
        """A problem of the laid-out sheet, said of the 报告 sheet."""
        if problem.sheet != self.sheet.title:
            return problem
        message = _LAID_OUT_CELL.sub(lambda m: self._cell(m[1], m[0]), problem.message)
        message = _LAID_OUT_ROWS.sub(self._rows, message)
        cell = _LAID_OUT_CELL.sub(lambda m: self._cell(m[1], m[0]), problem.cell)
        return CellProblem(self.name, cell, message)

    def _cell(self, row: str, otherwise: str) -> str:
        return self.origins.get(int(row), otherwise)

    def _rows(self, match: re.Match[str]) -> str:
        first, last = (
            re.sub(r"\D", "", self._cell(row, row)) for row in (match[1], match[2] or match[1])
        )
        return f"第 {first} 行" if first == last else f"第 {first} 至 {last} 行"


def lay_out(book: "Workbook", source: "Worksheet", title: str) -> tuple[Outline, list[CellProblem]]:
    """Adds a sheet of this title in which the report stands as a form, and says what is wrong with
    the 报告 sheet. What is wrong with its tags is left to who reads that form.
    """
    outline = Outline(book.create_sheet(title), source.title)
    lines = read_lines(source, COLUMNS, "标题")
    if lines is None:
        return outline, [CellProblem(source.title, "", "找不到写有“标题”的表头行")]
    writer = _Writer(outline, source)
    for line in lines:
        writer.add(line)
    if TITLE_LEVEL not in outline.levels.values():
        writer.problems.append(CellProblem(source.title, "", "没有级别为 0 的一行，它是报告的标题"))
    sheet = outline.sheet
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].reindex()  # else only a sheet that was read has places
    sheet.page_margins = copy(source.page_margins)
    sheet.page_setup.paperSize = source.page_setup.paperSize
    sheet.page_setup.orientation = source.page_setup.orientation
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)  # in its width
    return outline, writer.problems


class _Writer:
    """Writes the lines of a 报告 sheet below each other."""

    def __init__(self, outline: Outline, source: "Worksheet") -> None:
        self.outline = outline
        self.source = source
        self.row = 0
        self.problems: list[CellProblem] = []

    def add(self, line: Line) -> None:
        """A heading, its passage, or both, and what is said of them."""
        level = self._level(line)
        if line.text("标题"):
            self._write(line, "标题", level)
        elif level is not None:
            self._problem(line, "级别", "写了级别的一行要有标题")
        if line.text("内容"):
            self._write(line, "内容", None)
        elif not line.text("标题"):
            self._problem(line, "标题", "这一行没有标题，也没有内容")
        headed, filled = _tags(line.text("标题")), _tags(line.text("内容"))
        if line.text("内容") and not filled and "{" not in line.text("内容"):
            self._problem(
                line, "内容", "“内容”要写标签，例如 {{text.conclusion}}，固定的文字写在“标题”中"
            )
        self._say(line, headed, filled)
        self._note_draft(line, filled)

    def _level(self, line: Line) -> int | None:
        text = line.text("级别")
        if not text:
            if line.text("标题"):
                self._problem(
                    line, "级别", f"请写明级别：{TITLE_LEVEL} 是报告的标题，1 是一级标题，依此类推"
                )
            return None
        number = text.removesuffix(".0")
        if not number.isdecimal() or int(number) > DEEPEST:
            self._problem(line, "级别", f"级别应是 {TITLE_LEVEL} 至 {DEEPEST} 的整数，现为“{text}”")
            return None
        if int(number) == TITLE_LEVEL and self.row:
            self._problem(line, "级别", f"级别 {TITLE_LEVEL} 是报告的标题，只能是第一行")
        return int(number)

    def _write(self, line: Line, column: str, level: int | None) -> None:
        """In the rows of a list beside what it is, else over both columns."""
        self.row += 1
        sheet: Any = self.outline.sheet
        before, cell = sheet.cell(self.row, 1), sheet.cell(self.row, 2)
        if level != TITLE_LEVEL:
            before.border = cell.border = _BOX
        if any(tag.list_path for tag in _tags(line.text(column))):
            before.value, before.font, before.alignment = column, _CAPTION, _CENTRED
        else:
            sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=2)
            cell = before
        source = self.source[line.cell(column)]
        cell.value, cell.number_format = source.value, source.number_format
        cell.alignment = _CENTRED if level == TITLE_LEVEL else _WRAPPED
        cell.font = _PASSAGE if level is None else _FONTS.get(level, _SMALLER_HEADING)
        sheet.row_dimensions[self.row].height = float(cell.font.sz) * _LINE_HEIGHT
        self.outline.origins[self.row] = line.cell(column)
        if level is not None:
            self.outline.levels[self.row] = level

    def _say(self, line: Line, headed: list[Tag], filled: list[Tag]) -> None:
        """What the line says of its passage; of the words to fill in in its heading only whether
        they are required."""
        read: dict[str, Any] = {}
        for name in ("说明", "必填", "字数"):
            if text := line.text(name):
                try:
                    read[name] = READERS.get(name, str)(text)
                except ValueError as error:
                    self._problem(line, name, f"“{name}”一栏：{error.args[0]}")
        if read and not (headed or filled):
            self._problem(line, "标题", "这一行没有要填写的内容，不用写说明、必填和字数")
        for tag in headed:
            required = {"必填": read["必填"]} if "必填" in read else {}
            self._note(tag, {"名称": "标题"} | (required if filled else read))
        for tag in filled:
            self._note(tag, ({"名称": "内容"} if tag.list_path else {}) | read)

    def _note(self, tag: Tag, said: dict[str, Any]) -> None:
        self.outline.said.setdefault(tag.path, said)

    def _note_draft(self, line: Line, filled: list[Tag]) -> None:
        draft = line.text("草稿")
        if not draft:
            return
        if draft not in DRAFTS:
            self._problem(line, "草稿", f"没有草稿“{draft}”，可用：{'、'.join(DRAFTS)}")
        elif len(filled) != 1 or filled[0].list_path or not filled[0].path.startswith("text."):
            self._problem(line, "草稿", "能起草的是一个文字标签，例如 {{text.conclusion}}")
        else:
            self.outline.drafts[filled[0].path] = draft

    def _problem(self, line: Line, column: str, message: str) -> None:
        self.problems.append(CellProblem(self.source.title, line.cell(column), message))


def _tags(text: str) -> list[Tag]:
    """The tags in a text that people fill in; none where they cannot be read."""
    try:
        parts = split_text(text)
    except TagError:
        return []
    return [p for p in parts if isinstance(p, Tag) and _is_filled_in(p)]


def _is_filled_in(tag: Tag) -> bool:
    return not (tag.is_context or tag.is_number or tag.expression)
