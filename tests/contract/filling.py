"""Declarations filled in as a department that prefers Excel does it: by a workbook."""

from declarations.domain.importing import apply_upload, upload
from declarations.models import Declaration, Department, UploadState, User
from declarations.queries.forms import form_of
from declarations.queries.records import context_of, load_records
from declarations.queries.uploads import base_of
from declarations.sheets.fillable import render_fillable
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from tests import factories
from tests.contract.forms import WORKBOOKS


def bring(filer: User, declaration: Declaration, workbook: bytes) -> Declaration:
    """The declaration after a workbook was uploaded and applied."""
    brought = upload(
        filer, declaration_id=declaration.pk, file_name="填报表.xlsx", workbook=workbook
    )
    assert brought.state == UploadState.WAITING, brought.report
    stored = load_records(declaration, form_of(declaration.round.template))
    apply_upload(
        filer,
        declaration_id=declaration.pk,
        upload_id=brought.pk,
        base=base_of(stored),
        confirmed=True,
    )
    return factories.reread(declaration)


def samples_for(declaration: Declaration) -> Records:
    """The sample records of its form, with what the system knows of the declaration itself."""
    records = sample_records(form_of(declaration.round.template))
    records.context = context_of(declaration)
    return records


def filled_with_samples(filer: User, department: Department, name: str) -> Declaration:
    """A declaration on one of the contract's forms, filled in by its workbook to fill in."""
    declaration = factories.declaration_for(department, WORKBOOKS[name])
    form = form_of(declaration.round.template)
    records = samples_for(declaration)
    workbook = render_fillable(form, records, WORKBOOKS[name], title=form.title)
    return bring(filer, declaration, workbook)
