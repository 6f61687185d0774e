"""A workbook of departments and people: the template to fill in, and reading it back.

What its values mean, and whether they may be, is not said here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.incoming.grid import CellKind, Grid, SheetCell
from declarations.sheets.incoming.opening import open_upload
from declarations.sheets.incoming.report import UnreadableWorkbookError
from declarations.sheets.linebreaks import printable
from declarations.sheets.listing import Line
from declarations.sheets.problems import CellProblem

DEPARTMENTS, PEOPLE = "部门", "人员"
"""The sheets."""

MOST_ROWS = 5_000
"""Rows of a sheet; a province has fewer departments."""

_LOWEST_HEAD = 10
_HEAD = PatternFill("solid", start_color="FFF0F3EF")
_GUIDE = "填写说明"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading. note: shown in Excel while one is in the column."""

    heading: str
    note: str
    needed: bool = False
    width: float = 16


COLUMNS: Mapping[str, Sequence[Column]] = {
    DEPARTMENTS: (
        Column("编码", "小写字母、数字和连字符，例如 panyu-dpf。全系统不能重复。", True, 24),
        Column("名称", "部门全称，最多 100 字。", True, 36),
        Column("上级部门编码", "上级部门的编码；没有上级的不填。", width=24),
        Column("分组", "例如“教科文组”；没有这个分组的，导入时自动建立。"),
    ),
    PEOPLE: (
        Column("用户名", "登录用，不能有空格，全系统不能重复。", True, 24),
        Column("姓名", "本人姓名，最多 50 字。", True),
        Column("角色", "从下拉列表中选择。", True),
        Column("部门编码", "填报人和部门负责人必填，填“部门”表中的编码；其他角色不填。", width=24),
        Column("电子邮箱", "可以不填；填了的可以用邮件邀请，不用发密码条。", width=30),
    ),
}


@dataclass(slots=True)
class Roster:
    """The lines of both sheets, and what could not be read of them."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Of one that was read without problems."""
        return {
            sheet: {
                "columns": lines[0].columns if lines else {},
                "rows": [[line.row, list(line.texts.values())] for line in lines],
            }
            for sheet, lines in self.lines.items()
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Roster":
        return cls(
            {
                sheet: [
                    Line(row, dict(zip(found["columns"], texts, strict=True)), found["columns"])
                    for row, texts in found["rows"]
                ]
                for sheet, found in content.items()
            }
        )


def read_roster(workbook: bytes) -> Roster:
    """What the two sheets say; either may be missing. All problems are collected.

    Raises UnreadableWorkbookError for what is no workbook, may harm us, or has neither sheet.
    """
    grids = {grid.name.strip(): grid for grid in open_upload(workbook)}
    if not grids.keys() & COLUMNS.keys():
        raise UnreadableWorkbookError(
            f"工作簿中没有“{DEPARTMENTS}”或“{PEOPLE}”工作表。请下载模板，在模板中填写"
        )
    roster = Roster()
    for sheet in COLUMNS:
        if sheet in grids:
            roster.lines[sheet] = list(_read(grids[sheet], sheet, roster.problems))
    return roster


def roster_template(departments: Iterable[Sequence[str]], roles: Sequence[str]) -> bytes:
    """The workbook to fill in. departments: those there are, a row for each, so that they can
    be chosen for people; roles: which can be chosen."""
    book = Workbook()
    _write_guide(book.worksheets[0])
    for name, columns in COLUMNS.items():
        sheet = book.create_sheet(name)
        _write_head(sheet, columns)
        rules = {column.heading: _rule(column) for column in columns}
        if name == DEPARTMENTS:
            for row in departments:
                sheet.append([printable(text) or None for text in row])
                for cell in sheet[sheet.max_row]:
                    if cell.value is not None:
                        cell.data_type = "s"  # “=1+1” is a name, no formula
        else:
            _choices(rules["角色"], f'"{",".join(roles)}"')
            _choices(rules["部门编码"], f"'{DEPARTMENTS}'!$A$2:$A${MOST_ROWS}")
        for number, rule in enumerate(rules.values(), start=1):
            letter = get_column_letter(number)
            rule.add(f"{letter}2:{letter}{MOST_ROWS}")
            sheet.add_data_validation(rule)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _read(grid: Grid, sheet: str, problems: list[CellProblem]) -> Iterator[Line]:
    columns = {column.heading: column for column in COLUMNS[sheet]}
    top, places = _head_of(grid, columns)
    missing = [h for h, column in columns.items() if column.needed and h not in places]
    if missing:
        names = "、".join(f"“{name}”" for name in missing)
        problems.append(CellProblem(sheet, "", f"表头缺少{names}一栏，请用模板的表头"))
        return
    last = max(grid.rows, default=0)
    if last - top > MOST_ROWS or grid.beyond:
        problems.append(
            CellProblem(sheet, grid.beyond, f"最多 {MOST_ROWS} 行，请删去下方的空行或分几次导入")
        )
        return
    for row in sorted(n for n in grid.rows if n > top):
        cells = {heading: grid.at(row, column) for heading, column in places.items()}
        problems += [
            CellProblem(sheet, cell.coordinate, "公式没有结果，请改为直接填写")
            for cell in cells.values()
            if cell is not None and cell.kind in (CellKind.ERROR, CellKind.UNCOMPUTED)
        ]
        line = Line(row, {heading: _text(cell) for heading, cell in cells.items()}, places)
        if any(line.texts.values()):
            yield line


def _head_of(grid: Grid, columns: Mapping[str, Column]) -> tuple[int, dict[str, int]]:
    """The row of headings, and the column of each: the row that has most of them."""
    best: tuple[int, dict[str, int]] = (0, {})
    for row, cells in grid.rows.items():
        if row > _LOWEST_HEAD:
            break
        found = {_text(c).rstrip("*＊"): c.column for c in reversed(cells)}
        places = {heading: found[heading] for heading in columns if heading in found}
        if len(places) > len(best[1]):
            best = row, places
    return best


def _text(cell: SheetCell | None) -> str:
    """In one line, without what cannot be seen around it."""
    return "" if cell is None else " ".join(printable(cell.text).split())


def _write_head(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for number, column in enumerate(columns, start=1):
        cell = sheet.cell(1, number, column.heading + ("*" if column.needed else ""))
        cell.font, cell.fill = Font(bold=True), _HEAD
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"


def _rule(column: Column) -> DataValidation:
    rule = DataValidation(allow_blank=True)
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.heading, column.note, True
    return rule


def _choices(rule: DataValidation, formula: str) -> None:
    rule.type, rule.formula1 = "list", formula
    rule.errorTitle, rule.error = "不在列表中", "请从下拉列表中选择。"
    rule.showErrorMessage = True


def _write_guide(sheet: Worksheet) -> None:
    sheet.title = _GUIDE
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 90
    rows = [
        ("怎样填写", "在“部门”和“人员”两张工作表中每行填一个，带 * 的栏目必须填写。"),
        ("", "“部门”中已经列出现有的部门，不用删除；改了名称、上级或分组的，导入时随之修改。"),
        (
            "",
            "编码或用户名已经有的，按修改处理；空着的栏目保持不变。导入不会删除或停用任何部门和人员。",
        ),
        ("", "上传后先显示要增加和修改的内容，确认后才写入；有错误时逐格列出，什么也不写入。"),
    ]
    rows += [
        (f"{name}：{column.heading}", column.note)
        for name, columns in COLUMNS.items()
        for column in columns
    ]
    for number, (title, text) in enumerate(rows, start=1):
        sheet.cell(number, 1, title).font = Font(bold=True)
        sheet.cell(number, 2, text).alignment = Alignment(wrap_text=True, vertical="top")
