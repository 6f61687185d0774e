"""Filled-in workbooks, and what departments do to them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.incoming import Incoming, read_incoming
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.workbook import render_workbook
from tests.sheets import panyu
from tests.sheets.workbooks import indicator, saved, task

D = Decimal
FORMS = Path(panyu.__file__).parents[2] / "declarations" / "forms"
CAIDIAN_TEMPLATE = (FORMS / "caidian-target.xlsx").read_bytes()
CAIDIAN = parse_form(CAIDIAN_TEMPLATE)
CONTEXT = {"department.name": "武汉市蔡甸区残疾人联合会", "year": "2023"}
PROJECTS = (
    ("基层残疾人文化活动经费", 120),
    ("残疾人就业工作经费", 80),
    ("康复经费", "662.8"),
)
COLUMNS = ("level1", "level2", "level3", "prior2", "prior1", "target", "basis")
INDICATORS = (
    ("产出指标", "数量指标", "残疾人乘车持卡人数", "5000人", "5000人", "5000人", "历史数据"),
    ("产出指标", "质量指标", "补贴到位率", "100%", "100%", "100%", "历史数据"),
    ("效益指标", "社会效益指标", "残疾人精准康复服务率", "95.00%", "95.00%", "95.00%", "计划数据"),
)


def caidian_records() -> Records:
    """Caidian's declaration with two goals and the amounts that give its shares."""
    return Records(
        context=dict(CONTEXT),
        funding={
            "fiscal": {
                "budget": D("14857300.00"),
                "prior1": D("15067600.00"),
                "prior2": D("26990000.00"),
            },
            "other_income": {"budget": D("0.00"), "prior1": None, "prior2": None},
            "basic": {"budget": D("5864200.00"), "prior1": None, "prior2": None},
            "project": {"budget": D("8993100.00"), "prior1": None, "prior2": None},
        },
        texts={
            "fill_date": "2023-01-05",
            "filer": "填报人甲",
            "phone": "020-00000000",
            "functions": "1.宣传法律法规。\n2.维护合法权益。",
            "annual_tasks": "一、康复\n二、就业",
        },
        lists={
            "projects": [_project(i, *row) for i, row in enumerate(PROJECTS, start=1)],
            "goals": [
                _goal(11, "年度残联发展专项目标", *INDICATORS),
                _goal(12, "就业目标", INDICATORS[0]),
            ],
        },
    )


def _project(number: int, name: str, amount: int | str) -> Item:
    yuan = (D(amount) * 10_000).quantize(D("0.01"))
    return task(number, name=name, content=f"用于{name}。", amount=yuan, total_amount=yuan)


def _goal(number: int, name: str, *rows: tuple[str, ...]) -> Item:
    items = [
        indicator(number * 10 + i, **dict(zip(COLUMNS, row, strict=True)))
        for i, row in enumerate(rows)
    ]
    return task(number, *items, name=name)


@cache
def caidian() -> bytes:
    """Caidian's declaration as the system exports it."""
    table = bind(CAIDIAN, caidian_records())
    return render_workbook(table, CAIDIAN_TEMPLATE, title="蔡甸")


@cache
def panyu_filing() -> bytes:
    """Panyu's declaration as the system exports it."""
    return render_workbook(panyu.table(), panyu.TEMPLATE, title="番禺")


def edited(workbook: bytes, edit: Callable[[Worksheet], object]) -> bytes:
    """The workbook after something was done to its sheet."""
    book = load_workbook(BytesIO(workbook))
    sheet = book.worksheets[0]
    edit(sheet)
    return saved(book)


def with_parts(workbook: bytes, parts: dict[str, bytes | str | None]) -> bytes:
    """The workbook with other parts in its archive; None takes one out."""
    out = BytesIO()
    with ZipFile(BytesIO(workbook)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            if content is not None:
                target.writestr(name, content)
    return out.getvalue()


def part(workbook: bytes, name: str) -> str:
    """A part's text."""
    with ZipFile(BytesIO(workbook)) as archive:
        return archive.read(name).decode()


def unmerge(sheet: Worksheet) -> None:
    """Takes every merged range apart, its value in the first cell."""
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(merged.coord)


def redraw(sheet: Worksheet) -> None:
    """Makes of what we exported a table of somebody's own, with nothing merged."""
    unmerge(sheet)
    sheet.parent.defined_names.clear()


def insert_rows(sheet: Worksheet, row: int, count: int = 1) -> None:
    """Inserts rows as Excel does: merged ranges move or grow."""
    _insert(sheet, row=row, count=count)


def delete_rows(sheet: Worksheet, row: int, count: int = 1) -> None:
    """Deletes rows as Excel does: merged ranges move or shrink."""
    merged = [m.bounds for m in sheet.merged_cells.ranges]
    unmerge(sheet)
    sheet.delete_rows(row, count)
    for left, top, right, bottom in merged:
        gone = lambda r: sum(1 for n in range(row, row + count) if n < r)  # noqa: E731
        new_top, new_bottom = top - gone(top), bottom - gone(bottom + 1)
        if new_bottom >= new_top and (new_bottom, right) != (new_top, left):
            sheet.merge_cells(
                start_row=new_top, start_column=left, end_row=new_bottom, end_column=right
            )


def insert_column(sheet: Worksheet, column: int) -> None:
    """Inserts a column as Excel does: merged ranges move or grow."""
    _insert(sheet, column=column, count=1)


def _insert(sheet: Worksheet, *, row: int = 0, column: int = 0, count: int = 1) -> None:
    merged = [m.bounds for m in sheet.merged_cells.ranges]
    unmerge(sheet)
    if row:
        sheet.insert_rows(row, count)
    else:
        sheet.insert_cols(column, count)
    for left, top, right, bottom in merged:
        down = (count if row and top >= row else 0, count if row and bottom >= row else 0)
        over = (
            count if column and left >= column else 0,
            count if column and right >= column else 0,
        )
        sheet.merge_cells(
            start_row=top + down[0],
            end_row=bottom + down[1],
            start_column=left + over[0],
            end_column=right + over[1],
        )


def find(sheet: Worksheet, text: str) -> tuple[int, int]:
    """Row and column of the first cell that begins with a text."""
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value or "").startswith(text):
                assert cell.row
                assert cell.column
                return cell.row, cell.column
    raise AssertionError(text)


def read(form: Form, workbook: bytes, context: dict[str, str] | None = None) -> Incoming:
    return read_incoming(form, workbook, CONTEXT if context is None else context)


PANYU_CONTEXT = {"department.name": "广州市番禺区残疾人联合会", "year": "2023"}


def warnings(incoming: Incoming) -> list[str]:
    return [str(w).partition("!")[2] or str(w) for w in incoming.warnings]


def problems(incoming: Incoming) -> list[str]:
    return [str(p).partition("!")[2] or str(p) for p in incoming.problems]


def said(records: Records) -> object:
    """What records say, blanks left out."""

    def filled(values: Mapping[str, Value]) -> dict[str, Value]:
        return {k: v for k, v in values.items() if v not in (None, "")}

    def rows(items: list[Item]) -> list[object]:
        return [(filled(i.values), {n: rows(inner) for n, inner in i.lists.items()}) for i in items]

    funding = {key: filled(line) for key, line in records.funding.items()}
    return funding, filled(records.texts), {n: rows(r) for n, r in records.lists.items() if r}
