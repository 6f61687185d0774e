"""Tries a form out before anybody has to fill it in: with sample data, through every way out and in.

What a parsed form promises is that it can be edited, reviewed, printed and handed round as a
workbook, and that a workbook comes back as it went. Most forms that parse keep that promise;
one whose headings cannot be told apart does not, and its bureau should hear of it now.
"""

from collections.abc import Iterator

from declarations.sheets.bind import bind
from declarations.sheets.blocks import coordinate
from declarations.sheets.fillable import render_fillable
from declarations.sheets.form import Form
from declarations.sheets.html import render_editor, render_review
from declarations.sheets.incoming import UnreadableWorkbookError, read_incoming
from declarations.sheets.pages import DRAFT
from declarations.sheets.parse import (
    FIELDS_SHEET,
    FORM_SHEET,
    RUBRIC_SHEET,
    RULES_SHEET,
    form_sheet,
    laid_out,
    open_workbook,
)
from declarations.sheets.pdf import render_html_document, render_pdf
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Records, Value
from declarations.sheets.report_docx import render_docx
from declarations.sheets.samples import sample_records
from declarations.sheets.tags import parse_path
from declarations.sheets.values import Values
from declarations.sheets.workbook import render_workbook

_READ = (FIELDS_SHEET, RULES_SHEET, RUBRIC_SHEET)


def try_out(form: Form, workbook: bytes) -> list[CellProblem]:
    """What goes wrong with a form when it is used, by the cell of the template where it shows.

    workbook: what the form was parsed from. Takes about a second; raises nothing that a
    form's author could do something about.
    """
    records = sample_records(form)
    blank = Records(context=records.context)
    for filled in (records, blank):
        table = bind(form, filled)
        render_editor(bind(form, filled, editing=True), {})
        render_review(table, {})
        render_html_document(table, title=form.title, mark=DRAFT)
    render_pdf(bind(form, records), title=form.title)
    if form.report:
        render_docx(bind(form, records), title=form.title)
    title = form.title
    nothing: frozenset[str] = frozenset()
    ways = (
        (records, render_workbook(bind(form, records), workbook, title=title), form.beside),
        (records, render_fillable(form, records, workbook, title=title), nothing),
        (blank, render_fillable(form, blank, workbook, title=title), nothing),
    )
    found = (problem for way in ways for problem in _read_back(form, *way))
    problems = dict.fromkeys((*_unused_sheets(workbook), *_same_names(form), *found))
    outline = laid_out(open_workbook(workbook))
    return [outline.placed(problem) if outline else problem for problem in problems]


def _unused_sheets(workbook: bytes) -> Iterator[CellProblem]:
    """Sheets beside 表样 that nothing is read from: a slip in their name would go unseen."""
    book = open_workbook(workbook)
    outline = laid_out(book)
    form = form_sheet(book)
    for sheet in book.worksheets:
        if outline and sheet.title == outline.name:
            continue
        if sheet is not form and sheet.title.strip() not in _READ:
            message = (
                f"这张工作表不会用到；填表说明、校验和评分规则写在名为"
                f"“{FIELDS_SHEET}”“{RULES_SHEET}”“{RUBRIC_SHEET}”的工作表里"
            )
            yield CellProblem(sheet.title, "", message)


def _same_names(form: Form) -> Iterator[CellProblem]:
    """Fields that errors and comments could not tell apart."""
    first: dict[tuple[tuple[str, ...], str], str] = {}
    for tag, _ in form.tags:
        if tag.path not in form.fields or tag.is_computed:
            continue
        label, cell = form.fields[tag.path].label, _cell_of(form, tag.path)
        other = first.setdefault((tag.list_path, label), cell)
        if other != cell:
            message = f"与 {other} 的名称相同，都是“{label}”，请在“{FIELDS_SHEET}”中各写一个名称"
            yield CellProblem(FORM_SHEET, cell, message)


def _read_back(
    form: Form, records: Records, content: bytes, absent: frozenset[str]
) -> Iterator[CellProblem]:
    """Where a workbook of these records reads back as others. absent: the fields that it does
    not have. Values that share a cell have to be told apart by the words between them: our own
    workbooks say more, but not once they are filled in."""
    try:
        incoming = read_incoming(form, content, dict(records.context))
        by_words = read_incoming(form, content, dict(records.context), by_words=True)
    except UnreadableWorkbookError as error:
        yield CellProblem(FORM_SHEET, "", f"导出的 Excel 不能重新读入：{error}")
        return
    different = different_tags(form, records, incoming.records, absent)
    shared = {t.path for c in form.cells if len(c.parts) > 1 for t in c.tags}
    different += [t for t in different_tags(form, records, by_words.records) if t in shared]
    for tag in dict.fromkeys(different):
        message = (
            f"导出的 Excel 重新读入后，“{form.fields[tag].label}”与原来不同。"
            "请核对它的表头；一格里有几个标签的，标签之间要有文字"
        )
        yield CellProblem(FORM_SHEET, _cell_of(form, tag), message)
    for said in (*incoming.problems, *incoming.warnings):
        yield CellProblem(FORM_SHEET, "", f"导出的 Excel 重新读入时有误：{said.message}")


def different_tags(
    form: Form, records: Records, others: Records, absent: frozenset[str] = frozenset()
) -> list[str]:
    """The form's fields that do not hold the same in both, but for those that are absent. Rows
    are compared by their order."""
    mine, theirs = (_content(form, r) for r in (records, others))
    return [tag for tag in form.fields if tag not in absent and mine.get(tag) != theirs.get(tag)]


def _content(form: Form, records: Records) -> dict[str, list[tuple[tuple[int, ...], Value]]]:
    """What is filled in of each field, with the place of its rows in their lists."""
    places = {
        id(item): number
        for rows in (
            *records.lists.values(),
            *(r for i in records.items() for r in i.lists.values()),
        )
        for number, item in enumerate(rows)
    }
    values = Values(form, records)
    content: dict[str, list[tuple[tuple[int, ...], Value]]] = {}
    for tag in (*(tag for tag, _ in form.tags), *map(parse_path, form.beside)):
        if tag.path not in form.fields or tag.is_computed:
            continue
        for chain in values.chains(tag.list_path):
            value = values.stored(tag, chain)
            if value is not None and value != "":
                rows = tuple(places[id(item)] for item in chain)
                content.setdefault(tag.path, []).append((rows, value))
    return content


def _cell_of(form: Form, tag: str) -> str:
    """Where a field stands; "" beside the form."""
    cells = (coordinate(c) for c in form.cells if any(t.path == tag for t in c.tags))
    return next(cells, "")
