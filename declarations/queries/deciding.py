"""What a reviewer needs to decide: where it goes from here, and what a return can open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from declarations import permissions, workflow
from declarations.models import Comment, CommentState, Declaration, Revision, Stage, State, User
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind
from declarations.sheets.table import Table


@dataclass(frozen=True, slots=True)
class Deciding:
    """The decision on what is under review, as one who decides at its stage has it before them.

    following: the stage it goes on to, None: it is approved. sections: those with open
    comments, by name, which alone can be opened. held_by: the colleague who has it, None where
    it is this person's or nobody's. too_late: that the time for corrections has passed, so that
    the department could do nothing with a return.
    """

    revision: Revision
    stage: Stage
    following: Stage | None
    sections: list[str]
    held_by: User | None
    is_mine: bool
    too_late: bool

    @property
    def is_last(self) -> bool:
        """Whether passing approves it."""
        return self.following is None

    @property
    def passing(self) -> str:
        """What the button says: ``通过并转“绩效科审定”``."""
        if self.following is None:
            return "审核通过"
        if self.stage.by_head:
            return f"通过并报送财政局（{self.following}）"
        return f"通过并转“{self.following}”"

    @property
    def asking(self) -> str:
        """What is asked before."""
        if self.following is None:
            return "确定审核通过吗？通过后部门不能再修改，确需修改要申请调整。"
        return f"确定通过吗？通过后进入“{self.following}”环节，您不能再修改这次的决定。"


def deciding(
    user: User,
    declaration: Declaration,
    shown: Revision,
    table: Table,
    comments: Iterable[Comment],
    now: datetime,
) -> Deciding | None:
    """None where it is not for this person to decide on what is shown.

    comments: those on what is shown that are not resolved, as this person sees them.
    """
    stage = declaration.stage
    if stage is None or shown.pk != declaration.revision_id:
        return None
    if not permissions.can_decide(user, declaration):
        return None
    others = declaration.reviewer_id not in (None, user.pk)
    told = [comment for comment in comments if comment.internal == stage.by_head]
    sections = [] if others else commented_sections(table, told)
    returned = workflow.closing_time_in(State.RETURNED, declaration)
    return Deciding(
        shown,
        stage,
        stage_after(declaration, stage),
        [table.form.sections[index].label for index in sections],
        declaration.reviewer if others else None,
        is_mine=declaration.reviewer_id == user.pk,
        too_late=now > returned,
    )


def stage_after(declaration: Declaration, stage: Stage) -> Stage | None:
    """Where it goes once a stage has passed it; None: it is approved then."""
    return declaration.round.stages.filter(position__gt=stage.position).first()


def open_comments(revision: Revision, stage: Stage) -> list[Comment]:
    """The remarks on a revision that a return from this stage tells the department of."""
    remarks = revision.comments.filter(internal=stage.by_head, parent=None)
    return list(remarks.exclude(state=CommentState.RESOLVED))


def commented_sections(table: Table, comments: Iterable[Comment]) -> list[int]:
    """The indices of the form's sections that the comments stand in, in order.

    table: bound so that equal neighbours stay apart, that each cell is there.
    """
    at = {e.anchor: row.section for row in table.rows for e in row.entries()}
    rows = {anchor.rpartition("/")[0]: section for anchor, section in at.items()}
    found = set()
    for comment in comments:
        kind, _, index = comment.anchor.partition("/")
        if kind == "section" and index.isdecimal():
            found.add(int(index))
        else:
            found.add(at.get(comment.anchor, rows.get(comment.anchor, -1)))
    return sorted(found & set(range(len(table.form.sections))))


def compared_table(declaration: Declaration, revision: Revision) -> Table:
    """A revision with each of its cells there."""
    return bind(form_for(declaration.round), revision_records(revision), merging=False)
