"""What every form promises, whatever its shape: each is filled with samples and sent around."""

import re
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable
from declarations.sheets.form import Form
from declarations.sheets.html import render_editor, render_read_only, render_review
from declarations.sheets.incoming import read_incoming
from declarations.sheets.pages import DRAFT
from declarations.sheets.parse import parse_form
from declarations.sheets.pdf import render_html_document, render_pdf
from declarations.sheets.records import Item, Records
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Access, Table
from declarations.sheets.trial import different_tags, try_out
from declarations.sheets.workbook import render_workbook
from tests.contract.forms import FORMS, WORKBOOKS

NAMES = sorted(FORMS)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def form(name: str) -> Form:
    return FORMS[name]


@pytest.fixture
def records(form: Form) -> Records:
    return sample_records(form)


def squeezed(text: str) -> str:
    return "".join(text.split())


def shown(table: Table) -> set[str]:
    """Every text of a table, without what breaks its lines."""
    return {squeezed(cell.text) for cell in table.cells() if cell.text.strip()}


def told_in_html(html: str) -> str:
    return squeezed(unescape(re.sub(r"<[^>]+>", "", html)))


# Pages


def test_the_editor_has_a_named_input_for_every_value(form: Form, records: Records) -> None:
    table = bind(form, records, editing=True)
    html = render_editor(table, {})
    fillable = [e for e in table.entries() if e.access is Access.FILLABLE]
    computed = [e for e in table.entries() if e.access is Access.COMPUTED]
    assert fillable
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', html)
    assert sorted(names) == sorted(e.anchor for e in fillable)
    for tag in re.findall(r"<(?:input|select|textarea|output)[^>]*>", html):
        label = re.search(r'aria-label="([^"]*)"', tag)
        assert label, tag
        assert label[1].strip(), tag
    assert html.count("<output") == len(computed)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_pages_to_read_show_every_text(form: Form, records: Records) -> None:
    table = bind(form, records)
    pages = (
        render_read_only(table),
        render_review(table, {}),
        render_html_document(table, title=form.title, mark=DRAFT),
    )
    for html in pages:
        told = told_in_html(html)
        for entry in table.entries():
            assert squeezed(entry.text) in told, entry.anchor
    assert all(text in told_in_html(pages[0]) for text in shown(table))


@pytest.mark.parametrize("editing", [False, True])
def test_cells_fill_the_table_without_holes(form: Form, records: Records, *, editing: bool) -> None:
    """What HTML, PDF and screen readers need to find the headings of a cell."""
    for filled in (records, Records()):
        table = bind(form, filled, editing=editing)
        covered = [
            (row + y, cell.column + x)
            for row, r in enumerate(table.rows)
            for cell in r.cells
            for y in range(cell.rowspan)
            for x in range(cell.colspan)
        ]
        columns = range(form.first_column, form.last_column + 1)
        assert sorted(covered) == [(row, c) for row in range(len(table.rows)) for c in columns]


# PDF


def test_the_pdf_carries_every_text(form: Form, records: Records) -> None:
    table = bind(form, records)
    reader = PdfReader(BytesIO(render_pdf(table, title=form.title)))
    told = squeezed("".join(page.extract_text() for page in reader.pages))
    for entry in table.entries():
        assert squeezed(entry.text) in told, entry.anchor
    assert reader.metadata is not None
    assert reader.metadata.title == form.title
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]


def test_a_blank_one_prints_too(form: Form) -> None:
    assert render_pdf(bind(form, Records()), title=form.title, mark=DRAFT).startswith(b"%PDF-")


# Workbooks


def values_in(workbook: bytes) -> list[Any]:
    sheets = load_workbook(BytesIO(workbook), data_only=True).worksheets
    return [c.value for s in sheets for row in s.iter_rows() for c in row if c.value is not None]


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
def test_a_workbook_carries_every_value(
    name: str, form: Form, records: Records, *, fillable: bool
) -> None:
    content = exported(name, form, records, fillable=fillable)
    values = values_in(content)
    texts = squeezed("\n".join(str(v) for v in values))
    numbers = [Decimal(str(v)) for v in values if isinstance(v, int | float)]
    for entry in bind(form, records).entries():
        if not entry.field.numeric:
            day = entry.text.replace("-", "") if entry.field.kind.name == "DATE" else ""
            assert squeezed(entry.text) in texts or day in texts.replace("-", ""), entry.anchor
            continue
        number = entry.field.in_display_unit(Decimal(entry.value or 0))
        near = any(abs(n - number) < Decimal("1e-9") for n in numbers)
        assert near or entry.text in texts, entry.anchor


def exported(name: str, form: Form, records: Records, *, fillable: bool) -> bytes:
    if fillable:
        return render_fillable(form, records, WORKBOOKS[name], title=form.title)
    table = bind(form, records)
    return render_workbook(table, WORKBOOKS[name], title=form.title)


def absent_of(form: Form, *, fillable: bool) -> frozenset[str]:
    """What a workbook has no place for: what is beside the form stands in one to fill in only."""
    return frozenset() if fillable else form.beside


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
def test_a_workbook_reads_back_as_it_went(
    name: str, form: Form, records: Records, *, fillable: bool
) -> None:
    content = exported(name, form, records, fillable=fillable)
    read = read_incoming(form, content, dict(records.context))
    assert [str(p) for p in (*read.problems, *read.warnings)] == []
    assert read.absent == absent_of(form, fillable=fillable)
    assert different_tags(form, records, read.records, read.absent) == []
    assert shape(read.records) == shape(records)


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
def test_it_also_reads_back_by_its_words_alone(
    name: str, form: Form, records: Records, *, fillable: bool
) -> None:
    content = exported(name, form, records, fillable=fillable)
    read = read_incoming(form, content, dict(records.context), by_words=True)
    assert [str(p) for p in (*read.problems, *read.warnings)] == []
    assert read.absent == absent_of(form, fillable=fillable)
    assert different_tags(form, records, read.records, read.absent) == []
    assert shape(read.records) == shape(records)


def test_a_blank_one_reads_back_as_blank(name: str, form: Form, records: Records) -> None:
    content = exported(name, form, Records(context=records.context), fillable=True)
    read = read_incoming(form, content, dict(records.context))
    assert [str(p) for p in (*read.problems, *read.warnings)] == []
    assert read.absent == frozenset()
    assert different_tags(form, Records(), read.records) == []
    assert shape(read.records) == []


def saved_again(workbook: bytes) -> bytes:
    """As another program saves it: without our marks, and no formula has its result."""
    book = load_workbook(BytesIO(workbook))
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
def test_saved_by_another_program_it_reads_back_as_it_went(
    name: str, form: Form, records: Records, *, fillable: bool
) -> None:
    content = saved_again(exported(name, form, records, fillable=fillable))
    read = read_incoming(form, content, dict(records.context))
    assert [str(p) for p in (*read.problems, *read.warnings)] == []
    assert read.absent == absent_of(form, fillable=fillable)
    assert different_tags(form, records, read.records, read.absent) == []
    assert shape(read.records) == shape(records)


def shape(records: Records) -> list[tuple[str, list[list[int]]]]:
    """How many rows each list has, and how many each row has nested in it."""

    def nested(item: Item) -> list[int]:
        return [len(rows) for rows in item.lists.values()]

    return [(name, [nested(i) for i in rows]) for name, rows in records.lists.items() if rows]


# The whole


def test_nothing_goes_wrong_when_it_is_tried_out(name: str, form: Form) -> None:
    assert [str(p) for p in try_out(form, WORKBOOKS[name])] == []


def test_a_form_is_parsed_the_same_every_time(name: str, form: Form) -> None:
    assert parse_form(WORKBOOKS[name]).fields == form.fields
