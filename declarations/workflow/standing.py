"""Where a declaration stands for the person who looks: one sentence, and the one next step.

Lists ask it of every row: it makes no query where the stage's reviewers were prefetched.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from declarations import permissions, workflow
from declarations.models import Declaration, RevisionKind, Role, State, User
from declarations.models.declarations import REVIEWER_LABELS


@dataclass(frozen=True, slots=True)
class Standing:
    """label: the state in this person's words. tone: todo, wait, done or late.
    action: fill, review, or "" where nothing is to be done."""

    label: str
    sentence: str
    tone: str
    action: str = ""
    button: str = ""


def standing(user: User, declaration: Declaration, now: datetime) -> Standing:
    """The state, the deadline and the next step, for the department or for the bureau."""
    if permissions.can_see_draft(user, declaration):
        return _for_department(user, declaration, now)
    return _for_bureau(user, declaration, now)


def _for_department(user: User, declaration: Declaration, now: datetime) -> Standing:
    match State(declaration.state):
        case State.SUBMITTED if permissions.can_decide(user, declaration):
            return _to_review(user, declaration)
        case State.SUBMITTED:
            return Standing(*_submitted(user, declaration), "wait")
        case State.APPROVED:
            return Standing(*_approved(user, declaration, now), "done")
    label = State(declaration.state).label
    in_force = _in_force(declaration)
    if now < declaration.round.opens_at:
        return Standing("未开始", f"{workflow.why_window_closed(declaration, now)}。", "wait")
    if closed := workflow.why_window_closed(declaration, now):
        return Standing(label, f"{closed}。{in_force}", "wait" if in_force else "late")
    if user.role != Role.FILER:
        sentence = f"填报人正在{_DOING[State(declaration.state)]}，{_until(declaration, now)}。"
        return Standing(label, sentence + in_force, "wait")
    return Standing(
        label, _to_fill_in(declaration, now) + in_force, "todo", "fill", _go(declaration)
    )


def _to_fill_in(declaration: Declaration, now: datetime) -> str:
    until = _until(declaration, now)
    match State(declaration.state):
        case State.RETURNED:
            who = (
                "" if declaration.handed_in_id == declaration.revision_id else "部门负责人已退回，"
            )
            opened = "" if declaration.opened_sections is None else "本次只开放了有批注的部分。"
            return f"{who}请按批注修改后重新提交，{until}。{opened}"
        case State.ADJUSTING:
            return f"修改后请提交审核，{until}。"
    return f"{until}。" + ("" if declaration.edited_at else "尚未开始填写。")


def _submitted(user: User, declaration: Declaration) -> tuple[str, str]:
    """What the department reads of what it has handed in."""
    revision, stage = declaration.revision, declaration.stage
    assert revision is not None
    assert stage is not None
    begun = workflow.begun_here(declaration)
    where = "部门负责人审核" if stage.by_head else f"“{stage}”环节审核"
    sentence = (
        f"{_what(declaration)}已于 {workflow.moment(revision.submitted_at)} 提交，"
        f"{'正在' if begun else '等待'}{where}，结果会显示在这里。"
    )
    if user.role == Role.FILER and not workflow.why_not_recallable(declaration):
        sentence += "审核开始前可以撤回。"
    label = "已提交，正在审核" if begun else State.SUBMITTED.label
    return label, sentence + _in_force(declaration)


def _approved(user: User, declaration: Declaration, now: datetime) -> tuple[str, str]:
    sentence = "已审核通过，可以下载正式文件。" + _became(declaration)
    until = workflow.adjusting_time(declaration)
    adjustable = user.role == Role.FILER and not workflow.why_not_adjustable(declaration, now)
    if adjustable and until is not None:
        sentence += f"确需调整的，可在 {workflow.moment(until)} 前申请。"
    return State.APPROVED.label, sentence


def _for_bureau(user: User, declaration: Declaration, now: datetime) -> Standing:
    label = declaration.reviewer_label
    in_force = _in_force(declaration)
    until = _until(declaration, now)
    match State(declaration.state):
        case State.SUBMITTED if declaration.stage is not None and declaration.stage.by_head:
            sentence = f"部门负责人正在审核，通过后转来财政局。{in_force}"
            return Standing("部门内部审核中", sentence, "wait")
        case State.SUBMITTED:
            return _to_review(user, declaration)
        case State.APPROVED:
            sentence = "审核通过，可以下载正式文件。" + _became(declaration)
            return Standing(label, sentence, "done")
        case State.RETURNED if declaration.handed_in_id is not None:
            return Standing(label, f"等待部门修改，{until}。{in_force}", "wait")
        case State.ADJUSTING:
            return Standing(label, f"部门正在调整，{until}。{in_force}", "wait")
    # A draft, or what only the department's head has seen and returned.
    label = REVIEWER_LABELS[State.DRAFT]
    if now > workflow.closing_time(declaration):
        return Standing(label, "逾期未提交。", "late")
    return Standing(label, f"部门尚未提交，{until}。", "wait")


def _to_review(user: User, declaration: Declaration) -> Standing:
    """For whoever reviews, at the department or the bureau, and whoever looks on there."""
    label = declaration.reviewer_label
    revision = declaration.revision
    assert revision is not None
    when = workflow.moment(revision.submitted_at)
    again = "重新" if revision.kind == RevisionKind.SUBMISSION and revision.number > 1 else ""
    what = "调整" if revision.kind == RevisionKind.ADJUSTMENT else ""
    sentence = (
        f"部门于 {when} {again}提交{what}（第{revision.number}版），“{declaration.stage}”环节。"
        f"{_in_force(declaration)}"
    )
    holder = declaration.reviewer
    if holder is not None and holder != user:
        verb = "正在审核" if workflow.begun_here(declaration) else "负责审核，尚未开始"
        return Standing(label, f"{sentence}{holder} {verb}。", "wait")
    if not permissions.can_decide(user, declaration):
        return Standing(label, sentence, "wait")
    verb = "继续审核" if workflow.begun_here(declaration) else "开始审核"
    return Standing(label, sentence, "todo", "review", verb)


_DOING = {State.DRAFT: "填写", State.RETURNED: "按批注修改", State.ADJUSTING: "调整"}


def _go(declaration: Declaration) -> str:
    """What the filer's button says."""
    match State(declaration.state):
        case State.RETURNED:
            return "继续修改"
        case State.ADJUSTING:
            return "继续调整"
    return "继续填写" if declaration.edited_at else "开始填写"


def _what(declaration: Declaration) -> str:
    revision = declaration.revision
    if revision is None or revision.kind == RevisionKind.SUBMISSION:
        return ""
    return f"调整（第{revision.number}版）"


def _in_force(declaration: Declaration) -> str:
    """That the revision approved before still counts, while another is on its way."""
    if declaration.approved is None or declaration.state == State.APPROVED:
        return ""
    return f"通过前，现行版本仍为第{declaration.approved.number}版。"


def _became(declaration: Declaration) -> str:
    """How what is in force came to be, where not by the first approval."""
    approved = declaration.approved
    if approved is None or approved.kind == RevisionKind.SUBMISSION:
        return ""
    if approved.kind == RevisionKind.ADJUSTMENT:
        return f"现行版本为调整后的第{approved.number}版。"
    when = workflow.moment(approved.submitted_at)
    return f"财政局于 {when} 更正过，现行版本为第{approved.number}版。"


def _until(declaration: Declaration, now: datetime) -> str:
    """``填报截止 2023年1月5日 18:00（还有 3 天）``; says where this is an extension."""
    closing = workflow.closing_time(declaration)
    days = (timezone.localtime(closing).date() - timezone.localtime(now).date()).days
    left = "已截止" if closing < now else "今天截止" if days == 0 else f"还有 {days} 天"
    what = workflow.WINDOWS.get(State(declaration.state), "")
    verb = "已延期至" if closing == declaration.extended_until else "截止"
    return f"{what}{verb} {workflow.moment(closing)}（{left}）"
