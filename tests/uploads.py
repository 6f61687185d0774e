"""Workbooks to upload: the form as we hand it out, filled in with whatever a test wants."""

import hashlib
from copy import deepcopy
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from declarations.domain.importing import upload
from declarations.models import Declaration, Upload, UploadState, User
from declarations.queries.forms import form_of, workbook_of
from declarations.queries.records import context_of, load_records
from declarations.queries.uploads import Report, base_of
from declarations.sheets.fillable import render_fillable
from declarations.sheets.incoming import read_incoming
from declarations.sheets.records import Records
from tests.factories import reread


def stored(declaration: Declaration) -> Records:
    """What is stored now."""
    return load_records(reread(declaration), form_of(declaration.round.template))


def content(declaration: Declaration) -> dict[str, Any]:
    """Everything that is stored, with its order and its anchors."""
    return stored(declaration).to_json()


def brought(declaration: Declaration) -> Records:
    """What is stored, as a workbook would bring it: rows with ids of their own."""
    records = deepcopy(stored(declaration))
    for number, item in enumerate(records.items(), start=1):
        item.id = number
    return records


def base(declaration: Declaration) -> str:
    """Names what is stored now, as a preview does."""
    return base_of(stored(declaration))


def workbook_saying(declaration: Declaration, records: Records) -> bytes:
    """The declaration's workbook to fill in, filled in with these records."""
    template = declaration.round.template
    return render_fillable(form_of(template), records, workbook_of(template), title="申报表")


def with_cell(declaration: Declaration, workbook: bytes, anchor: str, value: Any) -> bytes:
    """The workbook with another value in the cell that an anchor is read from."""
    form = form_of(declaration.round.template)
    read = read_incoming(form, workbook, context_of(reread(declaration)))
    book = load_workbook(BytesIO(workbook), data_only=True)  # as if saved by Excel, with results
    book[read.sheet][read.places[anchor]] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_goal(declaration: Declaration, text: str = "目标") -> bytes:
    """A workbook that says what is stored, but for the overall goal."""
    records = brought(declaration)
    records.texts["overall_goal"] = text
    return workbook_saying(declaration, records)


def with_a_bad_amount(declaration: Declaration) -> bytes:
    """A workbook that cannot be imported: words where an amount belongs."""
    return with_cell(declaration, with_goal(declaration), "funding/basic/budget", "大约五百万")


def bring(actor: User | None, declaration: Declaration, workbook: bytes) -> Upload:
    """Uploads a workbook."""
    return upload(actor, declaration_id=declaration.pk, file_name="申报表.xlsx", workbook=workbook)


def read_already(
    declaration: Declaration,
    records: Records,
    state: UploadState = UploadState.WAITING,
    **report: Any,
) -> Upload:
    """An upload as it is kept once it was read: for tests that are not about the reading."""
    return Upload.objects.create(
        declaration=declaration,
        state=state,
        file_name="申报表.xlsx",
        workbook=b"PK",
        sha256=hashlib.sha256(b"PK").hexdigest(),
        content=records.to_json(),
        report=Report(sheet="表", **report).to_json(),
    )


def as_file(workbook: bytes, name: str = "申报表.xlsx") -> SimpleUploadedFile:
    """A workbook as a browser sends it."""
    return SimpleUploadedFile(name, workbook)
