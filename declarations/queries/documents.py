"""A declaration as a file: PDF, Excel, JSON, HTML, and Word for reports. Who may have it is the caller's question."""

import json
import re
from dataclasses import dataclass
from typing import Any

from declarations import permissions
from declarations.models import Declaration, FormTemplate, Revision, RevisionKind, State, User
from declarations.queries.declarations import reference_of
from declarations.queries.forms import form_of, workbook_of
from declarations.queries.records import context_of, load_records, revision_records
from declarations.queries.revisions import revision_for
from declarations.queries.scores import with_printed_scores
from declarations.sheets import pages
from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable
from declarations.sheets.imprint import Imprint
from declarations.sheets.pdf import render_html_document, render_pdf
from declarations.sheets.records import Records
from declarations.sheets.report_docx import render_docx
from declarations.sheets.table import Table
from declarations.sheets.workbook import render_workbook
from declarations.workflow import EDITABLE

NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
"""What names of files lose: some system or other refuses it."""


CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The formats there are, each also the ending of its files' names, and their MIME types."""

OF_REPORTS = frozenset({"docx"})
"""The formats that only reports have: a table is no text."""

_LABELS = {
    "pdf": "PDF（打印、盖章）",
    "docx": "Word 文档",
    "xlsx": "Excel 表格",
    "html": "网页",
    "json": "数据（JSON）",
}
"""What the formats are called where they are offered, in their order there."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One of the contents of a declaration that can be had as a file.

    revision: the frozen one, None for what is being filled in, a draft. label: what it is
    called, ``现行版本（第2版）``. suffix: what its title and the names of its files say of it, ""
    where the title alone is plain. mark: what stands across its pages, "" on those that may be
    signed and sealed. in_force: whether it is what was approved and counts.
    """

    revision: Revision | None
    label: str
    suffix: str = ""
    mark: str = ""
    in_force: bool = False

    @property
    def name(self) -> str:
        """How an address asks for it (``?revision=``): the revision's number, or ``draft``."""
        return str(self.revision.number) if self.revision else DRAFT


DRAFT = "draft"
NOT_IN_FORCE = "非现行版本"


def counting(declaration: Declaration) -> Edition:
    """What counts now: what is in force; else what is under review; else the draft."""
    if declaration.approved is not None:
        return _in_force(declaration, declaration.approved)
    if declaration.state == State.SUBMITTED and declaration.revision is not None:
        return _under_review(declaration.revision)
    return _draft(declaration)


def editions_for(user: User, declaration: Declaration) -> list[Edition]:
    """What this person may have as a file, what counts first; beside it what is to replace it.

    The department: what is in force, what is under review, and its draft. The bureau: what is
    in force, and what is under review, once it has come to it. Nobody else: nothing.
    """
    own = permissions.can_see_draft(user, declaration)
    if not own and not permissions.can_see_handed_in(user, declaration):
        return []
    editions = []
    if declaration.approved is not None:
        editions.append(_in_force(declaration, declaration.approved))
    arrived = own or declaration.handed_in_id == declaration.revision_id
    if declaration.state == State.SUBMITTED and declaration.revision is not None and arrived:
        editions.append(_under_review(declaration.revision))
    if own and declaration.state in EDITABLE:
        editions.append(_draft(declaration))
    return editions


def edition_for(user: User, declaration: Declaration, name: str = "") -> Edition | None:
    """The edition of this `Edition.name`, "" what counts; None where this person may not have it.

    Beside `editions_for`, any revision that the person may see.
    """
    editions = editions_for(user, declaration)
    if not name:
        return editions[0] if editions else None
    for edition in editions:
        if edition.name == name:
            return edition
    number = int(name) if name.isascii() and name.isdecimal() else 0
    revision = revision_for(user, declaration, number)
    if revision is None:
        return None
    return Edition(revision, f"第{number}版", f"（第{number}版）", NOT_IN_FORCE)


def formats_of(declaration: Declaration) -> dict[str, str]:
    """The formats that it can be had in, with what they are called."""
    form = form_of(declaration.round.template)
    return {f: label for f, label in _LABELS.items() if form.report or f not in OF_REPORTS}


def document_of(declaration: Declaration, format_: str, edition: Edition | None = None) -> bytes:
    """The declaration's document; which edition, unless it is what counts.

    Raises KeyError where the format is not in `formats_of` it.
    """
    if format_ not in formats_of(declaration):
        raise KeyError(format_)
    edition = edition or counting(declaration)
    if format_ == "json":
        return json_document(declaration, edition)
    records = document_records(declaration, edition)
    title = edition_title(declaration, edition)
    return rendered(format_, declaration.round.template, records, title=title, mark=edition.mark)


def rendered(
    format_: str,
    template: FormTemplate,
    records: Records,
    *,
    title: str,
    mark: str = "",
    imprint: Imprint | None = None,
) -> bytes:
    """Records on their form as PDF, XLSX, DOCX or HTML: the same bytes for the same arguments.

    imprint: what a published document says of itself. Raises KeyError for another format.
    """
    table = bind(form_of(template), records)
    match format_:
        case "pdf":
            return render_pdf(table, title=title, mark=mark, imprint=imprint)
        case "xlsx":
            workbook = workbook_of(template)
            return render_workbook(table, workbook, title=title, mark=mark, imprint=imprint)
        case "docx":
            return render_docx(table, title=title, mark=mark, imprint=imprint)
        case "html":
            return render_html_document(table, title=title, mark=mark).encode()
    raise KeyError(format_)


def document_table(declaration: Declaration, edition: Edition | None = None) -> Table:
    """The bound form that a document shows."""
    records = document_records(declaration, edition or counting(declaration))
    return bind(form_of(declaration.round.template), records)


def working_records(declaration: Declaration) -> Records:
    """What is being worked on: what is filled in, or the current revision once it is handed in."""
    if declaration.state in EDITABLE or declaration.revision is None:
        return load_records(declaration, form_of(declaration.round.template))
    return revision_records(declaration.revision)


def document_title(declaration: Declaration) -> str:
    """``广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表``."""
    round_ = declaration.round
    return f"{declaration.department.name}{round_.year}年{round_.template.name}"


def file_name(declaration: Declaration, format_: str, edition: Edition | None = None) -> str:
    """The name to save a document under; it says which edition, where there are several."""
    edition = edition or counting(declaration)
    title = NOT_IN_FILE_NAMES.sub("-", document_title(declaration))
    return f"{title}{edition.suffix}.{format_}"


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
    title = NOT_IN_FILE_NAMES.sub("-", document_title(declaration))
    return f"{title}（{FILLABLE[content]}）.xlsx"


def _in_force(declaration: Declaration, revision: Revision) -> Edition:
    """The file's name says so where another was in force before, or is to be."""
    number = revision.number
    alone = declaration.state == State.APPROVED and revision.kind == RevisionKind.SUBMISSION
    suffix = "" if alone else f"（现行版，第{number}版）"
    return Edition(revision, f"现行版本（第{number}版）", suffix, in_force=True)


def _under_review(revision: Revision) -> Edition:
    first = revision.kind == RevisionKind.SUBMISSION
    suffix = "" if first else f"（调整，第{revision.number}版，未生效）"
    what, mark = ("审核中", "") if first else ("调整审核中，未生效", "未生效")
    return Edition(revision, f"{what}（第{revision.number}版）", suffix, mark)


def _draft(declaration: Declaration) -> Edition:
    if declaration.approved_id is not None:
        return Edition(None, "调整草稿（未生效）", "（调整草稿，未生效）", pages.DRAFT)
    return Edition(None, "草稿", "（草稿）", pages.DRAFT)


def document_records(declaration: Declaration, edition: Edition) -> Records:
    """What an edition is filled with, and what its form prints of the scores."""
    form = form_of(declaration.round.template)
    return with_printed_scores(declaration, form, edition.revision)


def edition_title(declaration: Declaration, edition: Edition) -> str:
    """How a file is called: it says which edition, also to who does not see the mark."""
    return document_title(declaration) + edition.suffix


def json_document(declaration: Declaration, edition: Edition) -> bytes:
    """The content with what is needed to understand and verify it.

    sha256 is that of the content's canonical JSON, as `domain.submission` took it. A draft
    has none, nor a number or a kind.
    """
    template = declaration.round.template
    revision = edition.revision
    content = revision.content if revision else document_records(declaration, edition).to_json()
    document: dict[str, Any] = {
        "reference": reference_of(declaration),
        "department": declaration.department.name,
        "year": declaration.round.year,
        "form": {"code": template.code, "version": template.version, "sha256": template.sha256},
        "state": declaration.state,
        "revision": revision.number if revision else None,
        "kind": revision.kind if revision else None,
        "in_force": edition.in_force,
        "sha256": revision.sha256 if revision else None,
        "content": content,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
