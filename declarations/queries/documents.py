"""A declaration as a file: PDF, Excel, JSON or HTML. Who may have it is the caller's question."""

import json
import re
from collections.abc import Callable
from typing import Any

from declarations.models import Declaration, Revision
from declarations.queries.declarations import reference_of
from declarations.queries.forms import form_of, workbook_of
from declarations.queries.records import context_of, load_records, revision_records
from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable
from declarations.sheets.pdf import render_html_document, render_pdf
from declarations.sheets.records import Records
from declarations.sheets.table import Table
from declarations.sheets.workbook import render_workbook
from declarations.workflow import EDITABLE

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
"""The formats there are, each also the ending of its files' names, and their MIME types."""


def document_of(declaration: Declaration, format_: str) -> bytes:
    """The declaration's document: what was submitted, or a draft of what is being filled in.

    Raises KeyError where the format is not in CONTENT_TYPES.
    """
    return _WRITERS[format_](declaration)


def document_table(declaration: Declaration) -> tuple[Table, bool]:
    """The bound form that a document shows, and whether it is a draft."""
    records, is_draft = document_records(declaration)
    return bind(form_of(declaration.round.template), records), is_draft


def document_records(declaration: Declaration) -> tuple[Records, bool]:
    """What counts now, and whether it is a draft.

    The current revision once it is submitted; the live records, as a draft, while
    they are being filled in or corrected.
    """
    if revision := _revision_that_counts(declaration):
        return revision_records(revision), False
    return load_records(declaration, form_of(declaration.round.template)), True


def document_title(declaration: Declaration) -> str:
    """``广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表``."""
    round_ = declaration.round
    return f"{declaration.department.name}{round_.year}年{round_.template.name}"


def file_name(declaration: Declaration, format_: str) -> str:
    """The name to save a document under; that of a draft says so."""
    title = _NOT_IN_FILE_NAMES.sub("-", document_title(declaration))
    draft = "" if _revision_that_counts(declaration) else "（草稿）"
    return f"{title}{draft}.{format_}"


FILLABLE = {"blank": "空白填报表", "filled": "填报表，已填内容"}
"""The workbooks to fill in that there are, and what the names of their files say of them."""


def fillable_of(declaration: Declaration, content: str) -> bytes:
    """The form as XLSX to fill in: ``blank``, or ``filled`` with what is filled in now.

    Raises KeyError where the content is not in FILLABLE.
    """
    template = declaration.round.template
    form = form_of(template)
    records = {
        "blank": lambda: Records(context=context_of(declaration)),
        "filled": lambda: load_records(declaration, form),
    }[content]()
    title = document_title(declaration)
    return render_fillable(form, records, workbook_of(template), title=title)


def fillable_name(declaration: Declaration, content: str) -> str:
    """The name to save a workbook to fill in under."""
    title = _NOT_IN_FILE_NAMES.sub("-", document_title(declaration))
    return f"{title}（{FILLABLE[content]}）.xlsx"


def _revision_that_counts(declaration: Declaration) -> Revision | None:
    return None if declaration.state in EDITABLE else declaration.revision


def _pdf(declaration: Declaration) -> bytes:
    table, is_draft = document_table(declaration)
    return render_pdf(table, title=document_title(declaration), draft=is_draft)


def _html(declaration: Declaration) -> bytes:
    table, is_draft = document_table(declaration)
    title = document_title(declaration)
    return render_html_document(table, title=title, draft=is_draft).encode()


def _xlsx(declaration: Declaration) -> bytes:
    table, is_draft = document_table(declaration)
    template = workbook_of(declaration.round.template)
    return render_workbook(table, template, title=document_title(declaration), draft=is_draft)


def _json(declaration: Declaration) -> bytes:
    """The content with what is needed to understand and verify it.

    sha256 is that of the content's canonical JSON, as `domain.submission` took it;
    a draft has none.
    """
    template = declaration.round.template
    revision = _revision_that_counts(declaration)
    document: dict[str, Any] = {
        "reference": reference_of(declaration),
        "department": declaration.department.name,
        "year": declaration.round.year,
        "form": {"code": template.code, "version": template.version, "sha256": template.sha256},
        "state": declaration.state,
        "revision": revision.number if revision else None,
        "sha256": revision.sha256 if revision else None,
        "content": revision.content if revision else document_records(declaration)[0].to_json(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


_WRITERS: dict[str, Callable[[Declaration], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "json": _json,
    "html": _html,
}
