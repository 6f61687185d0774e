"""更正: the bureau corrects cells of what is in force, for a reason, and tells the department.

Reviewers do not edit filings; a correction is an act of its own: a revision with the name of
who made it, an event with what stood there before, and a notice to everybody of the department.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations import permissions, workflow
from declarations.checks import Around, Finding, Level, run_checks
from declarations.domain.acting import acting, lock, record
from declarations.domain.adjusting import required_reason
from declarations.domain.cells import Change, Outcome, Status, apply_changes
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.notifying import notify
from declarations.domain.results import correct_result
from declarations.domain.telling import tell_evaluations
from declarations.models import (
    OF_DEPARTMENTS,
    Declaration,
    EventKind,
    NoticeKind,
    Revision,
    RevisionKind,
    User,
)
from declarations.queries.around import around_of
from declarations.queries.findings import cell_names
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.records import content_hash
from declarations.sheets.table import Access, Table

MOST_CELLS = 50
"""Cells of one correction; what wants more is the department's to adjust."""
_BLANK = "（空）"


@dataclass(frozen=True, slots=True)
class CorrectedCell:
    """A cell with what stood there and what stands there now, each as one reads it."""

    anchor: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction does. cells: those that were typed into and are not what they were.

    following: computed cells that change with them. caused, cured: what the checks find only
    afterwards, or only before.
    """

    cells: list[CorrectedCell]
    following: list[CorrectedCell]
    caused: list[Finding]
    cured: list[Finding]

    @property
    def in_the_way(self) -> list[Finding]:
        """Why it cannot be made: what would have to be corrected then."""
        return [finding for finding in self.caused if finding.level is Level.MUST]


class InvalidCellsError(RefusedError):
    """What was typed cannot be read. problems: by anchor, what is wrong with it."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.problems = {outcome.anchor: outcome.message for outcome in outcomes}
        super().__init__(f"有 {len(outcomes)} 格填写的内容有误，请按提示修改")


def preview_correction(
    actor: User, *, declaration_id: int, changes: Sequence[Change], base: int
) -> Correction:
    """What `correct` would do now; nothing is kept of it. Raises RefusedError as it does, except
    for what would have to be corrected then, which the result tells."""
    with transaction.atomic():
        declaration = _correctable(actor, declaration_id, base)
        correction, _ = _write(actor, declaration, changes)
        transaction.set_rollback(True)
    return correction


def correct(
    actor: User, *, declaration_id: int, changes: Sequence[Change], reason: str, base: int
) -> Revision:
    """Corrects cells of what is in force; the result is in force in its place. Twice is once.

    base: the number of the revision that the person was looking at. Raises RefusedError where
    the person or the state forbid it, somebody has corrected it since, nothing would change,
    something would have to be corrected then, or the reason says too little; InvalidCellsError
    where something typed cannot be read.
    """
    reason = required_reason(reason, "更正理由")
    with transaction.atomic():
        if done := _made_just_now(actor, declaration_id, reason, base):
            return done
        declaration = _correctable(actor, declaration_id, base)
        correction, table = _write(actor, declaration, changes)
        if correction.in_the_way:
            messages = "；".join(finding.message for finding in correction.in_the_way)
            raise RefusedError(f"更正后会出现必须修正的问题，不能更正：{messages}")
        revision = _freeze(actor, declaration, table, correction, reason)
        record(
            EventKind.CORRECTED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            reason=reason,
            base=base,
            cells=[asdict(cell) for cell in correction.cells],
            following=[asdict(cell) for cell in correction.following],
        )
        _tell(actor, declaration, revision, correction)
        tell_evaluations(declaration)
        return revision


def _made_just_now(actor: User, declaration_id: int, reason: str, base: int) -> Revision | None:
    """The correction that a second click asks for again."""
    last = lock(declaration_id).events.select_related("revision").first()
    if last is None or last.kind != EventKind.CORRECTED or last.actor_id != actor.pk:
        return None
    return last.revision if (last.data["base"], last.data["reason"]) == (base, reason) else None


def _correctable(actor: User, declaration_id: int, base: int) -> Declaration:
    declaration = lock(declaration_id)
    if not permissions.can_correct(actor, declaration):
        raise NotPermittedError("只有最后一个审核环节的审核人可以更正")
    if reason := workflow.why_not_correctable(declaration):
        raise WrongStateError(reason)
    assert declaration.approved is not None
    if declaration.approved.number != base:
        raise WrongStateError("您打开后，这份申报又被更正或调整过，请重新打开核对后再更正")
    return declaration


def _write(
    actor: User, declaration: Declaration, changes: Sequence[Change]
) -> tuple[Correction, Table]:
    """Writes the cells; what that does, and the table as it is then."""
    if len(changes) > MOST_CELLS:
        raise RefusedError(f"一次最多更正 {MOST_CELLS} 格，请分几次更正，或请部门调整")
    before = _table(declaration)
    fillable = {e.anchor for e in before.entries() if e.access is Access.FILLABLE}
    if not all(change.anchor in fillable for change in changes):
        raise RefusedError("表中没有这个单元格，请重新选择")
    with acting(actor, EventKind.CORRECTED):
        outcomes, _ = apply_changes(declaration, before.form, changes)
    if problems := [o for o in outcomes if o.status is not Status.SAVED]:
        raise InvalidCellsError(problems)
    after = _table(lock(declaration.pk))  # read anew: as the columns keep what was typed
    correction = _compared(before, after, around_of(declaration, before.form))
    if not correction.cells:
        raise RefusedError("更正后的内容与现有内容相同，没有需要更正的")
    return correction, after


def _table(declaration: Declaration) -> Table:
    form = form_for(declaration.round)
    return bind(form, load_records(declaration, form), editing=True)


def _compared(before: Table, after: Table, around: Around) -> Correction:
    names = cell_names(after)
    old = {entry.anchor: entry for entry in before.entries()}
    cells: list[CorrectedCell] = []
    following: list[CorrectedCell] = []
    for entry in {e.anchor: e for e in after.entries() if e.anchor}.values():
        was, now = old[entry.anchor].full_text, entry.full_text
        if was != now:
            cell = CorrectedCell(entry.anchor, names.get(entry.anchor, entry.name), was, now)
            (cells if entry.access is Access.FILLABLE else following).append(cell)
    found = {finding.key: finding for finding in run_checks(before, around)}
    finds = {finding.key: finding for finding in run_checks(after, around)}
    return Correction(
        cells,
        following,
        caused=[finding for key, finding in finds.items() if key not in found],
        cured=[finding for key, finding in found.items() if key not in finds],
    )


def _freeze(
    actor: User, declaration: Declaration, table: Table, correction: Correction, reason: str
) -> Revision:
    in_force = declaration.approved
    assert in_force is not None
    content = table.records.to_json()
    revision = Revision.objects.create(
        declaration=declaration,
        kind=RevisionKind.CORRECTION,
        reason=reason,
        number=declaration.revisions.count() + 1,
        content=content,
        sha256=content_hash(content),
        findings=[*_hints(actor, table, in_force, reason)],
        submitted_at=timezone.now(),
        submitted_by=actor,
    )
    declaration.revision = declaration.handed_in = declaration.approved = revision
    declaration.approved_at = revision.submitted_at
    correct_result(declaration, revision, before=in_force)
    declaration.save(update_fields=["revision", "handed_in", "approved", "approved_at"])
    return revision


def _hints(actor: User, table: Table, in_force: Revision, reason: str) -> Iterator[dict[str, Any]]:
    """The hints that stand now: as the department explained them; new ones by the correction."""
    explained = {
        Finding(Level(k["level"]), k["code"], k["message"], tuple(k["anchors"])).key: k
        for k in in_force.findings
    }
    ours = {"explanation": reason, "explained_by": f"{actor.name}（财政局更正）"}
    for finding in run_checks(table, around_of(in_force.declaration, table.form)):
        if finding.level is Level.HINT:
            known = explained.get(finding.key, ours)
            yield {
                "level": finding.level.value,
                "code": finding.code,
                "message": finding.message,
                "anchors": list(finding.anchors),
                "explanation": known["explanation"],
                "explained_by": known["explained_by"],
            }


def _tell(actor: User, declaration: Declaration, revision: Revision, made: Correction) -> None:
    """Filers and heads: each cell, from what to what, and why."""
    people = User.objects.filter(department=declaration.department_id, role__in=OF_DEPARTMENTS)
    lines = [f"{actor} 更正了现行版本，更正后为第{revision.number}版。", f"理由：{revision.reason}"]
    lines += [f"\n更正的内容（共 {len(made.cells)} 格）："]
    lines += [f"{n}. {_said(cell)}" for n, cell in enumerate(made.cells, start=1)]
    if made.following:
        lines += ["随之变化的计算结果：", *map(_said, made.following)]
    notify(
        people,
        kind=NoticeKind.CORRECTED,
        title=f"财政局更正了“{declaration.round}”的 {len(made.cells)} 格内容",
        text="\n".join(lines),
        declaration=declaration,
    )


def _said(cell: CorrectedCell) -> str:
    return f"{cell.name}：“{cell.before or _BLANK}”改为“{cell.after or _BLANK}”"
