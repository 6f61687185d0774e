"""Uploaded workbooks: what was read from them, and what they would change now."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.fields.json import KT

from declarations import permissions
from declarations.models import Declaration, Upload, UploadState, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.alignment import is_blank_row
from declarations.sheets.incoming import Incoming
from declarations.sheets.marked import can_be_marked, mark_workbook
from declarations.sheets.problems import CellProblem
from declarations.sheets.reconcile import Plan, RowOfList, plan
from declarations.sheets.records import Records, content_hash
from declarations.workflow.opened import Opened, closed_tags


@dataclass(frozen=True, slots=True)
class Report:
    """What reading a workbook gave beside its content, as `Upload.report` keeps it.

    refusal: why nothing at all could be read, "" where something was. The others are as in
    `Incoming`.
    """

    sheet: str = ""
    refusal: str = ""
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    places: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, read: Incoming) -> "Report":
        """What is to be kept of a reading."""
        return cls(
            sheet=read.sheet,
            problems=read.problems,
            warnings=read.warnings,
            absent=read.absent,
            places=read.places,
        )

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Report":
        """The report that `to_json` wrote."""
        return cls(
            sheet=stored["sheet"],
            refusal=stored["refusal"],
            problems=[CellProblem(**p) for p in stored["problems"]],
            warnings=[CellProblem(**p) for p in stored["warnings"]],
            absent=frozenset(stored["absent"]),
            places=stored["places"],
        )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "absent": sorted(self.absent)}

    @property
    def is_good(self) -> bool:
        """Whether what was read can be imported."""
        return not (self.refusal or self.problems)


def uploads_for(user: User, declaration: Declaration) -> "QuerySet[Upload]":
    """The uploads of a declaration that this person may see, newest first, without workbooks.

    The department all; the bureau's administrators those that were rejected, so that they
    can help. Each with `refusal`, why it could not be read at all, and `problems`, how many.
    """
    uploads = (
        declaration.uploads.select_related("uploaded_by", "event")
        .defer("workbook")
        .annotate(
            refusal=KT("report__refusal"),
            problems=Func(
                F("report__problems"),
                function="jsonb_array_length",
                output_field=IntegerField(),
            ),
        )
    )
    if permissions.can_see_draft(user, declaration):
        return uploads
    if permissions.can_help_with_uploads(user, declaration):
        return uploads.filter(state=UploadState.REJECTED)
    return uploads.none()


def what_was_read(upload: Upload) -> tuple[Records | None, Report]:
    """What an upload says, None where it could not be read, and what was said of it."""
    records = Records.from_json(upload.content) if upload.content is not None else None
    return records, Report.from_json(upload.report)


def plan_of(declaration: Declaration, brought: Records, report: Report) -> tuple[Plan, Records]:
    """What a workbook would do to what is stored now, and the latter.

    Where a return opened only some sections, it says nothing of the others.
    """
    form = form_for(declaration.round)
    current = load_records(declaration, form)
    closed = closed_tags(form, declaration.opened_sections)
    return plan(form, current, brought, report.absent | closed), current


def base_of(records: Records, opened: Opened = None) -> str:
    """Names what a preview was made against: the same content, as far open, gives the same."""
    limited = {} if opened is None else {"opened": list(opened)}
    return content_hash(records.to_json() | limited)


def summary_of(found: Plan) -> str:
    """``修改 12 格，新增 3 行，删除 1 行``, or ``没有变化``. Rows nested in others count too."""
    counts = [
        (len(found.changed), "修改 {} 格"),
        (_rows_in(found.added), "新增 {} 行"),
        (_rows_in(found.removed), "删除 {} 行"),
        (len(found.moved), "调整 {} 行的次序"),
    ]
    return "，".join(text.format(count) for count, text in counts if count) or "没有变化"


def _rows_in(rows: Iterable[RowOfList]) -> int:
    """How many rows come or go, with those nested in them; blank ones are not spoken of."""
    return sum(
        1 + sum(not is_blank_row(inner) for nested in row.item.lists.values() for inner in nested)
        for row in rows
    )


def marked_copy(upload: Upload) -> bytes | None:
    """The workbook with what was found marked in it; None where it cannot be marked."""
    report = Report.from_json(upload.report)
    workbook = bytes(upload.workbook)
    if report.refusal or not can_be_marked(workbook):
        return None
    return mark_workbook(workbook, report.problems, report.warnings)
