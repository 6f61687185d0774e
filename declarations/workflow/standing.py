"""Where a declaration stands for the person who looks: one sentence, and the one next step."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from declarations import permissions, workflow
from declarations.models import Declaration, State, User


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
    """The state, the deadline and the next step, for a filer or for the bureau."""
    if permissions.can_fill_in(user, declaration):
        return _for_filer(declaration, now)
    return _for_reviewer(user, declaration, now)


def _for_filer(declaration: Declaration, now: datetime) -> Standing:
    label = State(declaration.state).label
    if declaration.state == State.SUBMITTED:
        assert declaration.revision is not None
        when = workflow.moment(declaration.revision.submitted_at)
        where = f"正在“{declaration.stage}”环节" if declaration.review_begun_at else "等待审核"
        return Standing(label, f"已于 {when} 提交，{where}，结果会显示在这里。", "wait")
    if declaration.state == State.APPROVED:
        return Standing(label, "财政局已审核通过，可以下载正式文件。", "done")
    if reason := workflow.why_window_closed(declaration, now):
        return Standing(label, reason + "。", "late")
    until = _until(declaration, now)
    if declaration.state == State.RETURNED:
        return Standing(
            label, f"请按批注修改后重新提交，补正截止 {until}。", "todo", "fill", "继续修改"
        )
    if declaration.state == State.ADJUSTING:
        return Standing(
            label, f"修改后请重新提交审核，调整截止 {until}。", "todo", "fill", "继续调整"
        )
    begun = declaration.edited_at is not None
    return Standing(
        label,
        f"填报截止 {until}。" + ("" if begun else "尚未开始填写。"),
        "todo",
        "fill",
        "继续填写" if begun else "开始填写",
    )


def _for_reviewer(user: User, declaration: Declaration, now: datetime) -> Standing:
    label = declaration.reviewer_label
    match State(declaration.state):
        case State.SUBMITTED:
            assert declaration.revision is not None
            again = "重新" if declaration.revision.number > 1 else ""
            when = workflow.moment(declaration.revision.submitted_at)
            sentence = f"部门于 {when} {again}提交（第{declaration.revision.number}版），"
            sentence += f"{declaration.stage}环节。"
            if not permissions.can_decide(user, declaration):
                return Standing(label, sentence, "wait")
            if declaration.reviewer is not None and declaration.reviewer != user:
                return Standing(label, f"{sentence}{declaration.reviewer} 正在审核。", "wait")
            verb = "继续审核" if declaration.review_begun_at else "开始审核"
            return Standing(label, sentence, "todo", "review", verb)
        case State.RETURNED:
            return Standing(label, f"等待部门修改，补正截止 {_until(declaration, now)}。", "wait")
        case State.APPROVED:
            return Standing(label, "审核通过，可以下载正式文件。", "done")
        case State.ADJUSTING:
            return Standing(label, f"部门正在调整，截止 {_until(declaration, now)}。", "wait")
        case State.DRAFT:
            late = workflow.why_window_closed(declaration, now)
            return Standing(
                label,
                "逾期未提交。" if late else f"部门尚未提交，填报截止 {_until(declaration, now)}。",
                "late" if late else "wait",
            )


def _until(declaration: Declaration, now: datetime) -> str:
    closing = workflow.closing_time(declaration)
    days = (timezone.localtime(closing).date() - timezone.localtime(now).date()).days
    left = "今天截止" if days == 0 else f"还有 {days} 天" if days > 0 else "已截止"
    return f"{workflow.moment(closing)}（{left}）"
