"""The data of rules in a workbook: previewed by item, written, taken back, or left as it is."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from declarations.domain.importing import apply_upload, upload
from declarations.domain.undoing import undo
from declarations.models import Declaration, Department, Upload, UploadState, User
from declarations.queries.forms import form_of
from declarations.queries.import_preview import preview_of
from declarations.queries.records import load_records
from declarations.queries.uploads import base_of, marked_copy, what_was_read
from declarations.sheets.fillable import render_fillable
from declarations.sheets.inputs_sheet import INPUTS_SHEET
from declarations.sheets.records import Records
from tests.scored import filled_in, scored_for
from tests.sheets.workbooks import saved
from tests.small_forms import SCORED

BEFORE = {"rules": ("符合", "部分符合"), "bonus": ("1", "0")}


@pytest.fixture
def declaration(filer: User, department: Department) -> Declaration:
    made = scored_for(department)
    filled_in(filer, made)
    return made


def stored(declaration: Declaration) -> Records:
    return load_records(declaration, form_of(declaration.round.template))


def inputs_of(declaration: Declaration) -> dict[str, tuple[object, ...]]:
    scores = stored(declaration).scores
    names = {"rules": ("s1", "s2"), "bonus": ("added", "taken")}
    return {k: tuple(scores[k][f"input.{n}"] for n in of) for k, of in names.items()}


def bring(filer: User, declaration: Declaration, *rows: str | int | None) -> Upload:
    """Uploads the workbook handed out with other contents in its four rows of data."""
    form = form_of(declaration.round.template)
    content = render_fillable(form, stored(declaration), SCORED, title="自评")
    book = load_workbook(BytesIO(content), data_only=True)
    if rows:
        for number, value in enumerate(rows, start=4):
            book[INPUTS_SHEET].cell(number, 3).value = value
    else:
        del book[INPUTS_SHEET]
    book.worksheets[0]["B3"] = 960
    return upload(filer, declaration_id=declaration.pk, file_name="自评.xlsx", workbook=saved(book))


def apply(filer: User, found: Upload) -> int:
    declaration = found.declaration
    event = apply_upload(
        filer,
        declaration_id=declaration.pk,
        upload_id=found.pk,
        base=base_of(stored(declaration)),
        confirmed=True,
    )
    return event.pk


@pytest.mark.django_db
def test_it_is_previewed_by_item_applied_and_undone(filer: User, declaration: Declaration) -> None:
    found = bring(filer, declaration, "符合", "符合", 2, None)
    brought, report = what_was_read(found)
    assert brought
    changed = [
        (s.label, d.place, d.before, d.after, d.cell)
        for s in preview_of(declaration, brought, report).sections
        for d in s.changed
        if INPUTS_SHEET in d.cell
    ]
    assert changed == [
        ("管理效率", "制度健全性 · 执行有效", "部分符合", "符合", "评分数据!C5"),
        ("加减分", "表彰或批评 · 加分事项（项）", "1", "2", "评分数据!C6"),
        ("加减分", "表彰或批评 · 扣分事项（项）", "0", "", "评分数据!C7"),
    ]
    event = apply(filer, found)
    assert inputs_of(declaration) == {"rules": ("符合", "符合"), "bonus": ("2", "")}
    undo(filer, declaration_id=declaration.pk, event_id=event)
    assert inputs_of(declaration) == BEFORE


@pytest.mark.django_db
def test_a_workbook_without_the_sheet_leaves_it_as_it_is(
    filer: User, declaration: Declaration
) -> None:
    apply(filer, bring(filer, declaration))
    assert stored(declaration).funding["all"]["executed"] == 960
    assert inputs_of(declaration) == BEFORE


@pytest.mark.django_db
def test_what_is_wrong_in_it_keeps_all_out_and_is_marked(
    filer: User, declaration: Declaration
) -> None:
    found = bring(filer, declaration, "基本符合", "符合", "两项", None)
    assert found.state == UploadState.REJECTED
    problems = [(p["sheet"], p["cell"]) for p in found.report["problems"]]
    assert problems == [(INPUTS_SHEET, "C4"), (INPUTS_SHEET, "C6")]
    marked = marked_copy(found)
    assert marked
    assert load_workbook(BytesIO(marked))[INPUTS_SHEET]["C4"].comment
    assert inputs_of(declaration) == BEFORE
    assert stored(declaration).funding["all"]["executed"] == 950
