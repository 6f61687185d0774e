"""What may happen to a declaration at a moment, from its state and the round's window."""

from datetime import datetime

from django.utils import timezone

from declarations.models import Declaration, Event, EventKind, State

EDITABLE = (State.DRAFT, State.RETURNED)


def why_not_editable(declaration: Declaration, now: datetime) -> str:
    """Why the department cannot fill in or submit now, "" where it can."""
    if declaration.state == State.SUBMITTED:
        return "申报已提交，正在等待审核，不能修改"
    if declaration.state == State.APPROVED:
        return "申报已通过审核，不能修改"
    return why_window_closed(declaration, now)


def why_window_closed(declaration: Declaration, now: datetime) -> str:
    """Why the round's window is closed for this declaration, "" where it is open."""
    round_ = declaration.round
    if now < round_.opens_at:
        return f"填报将于 {moment(round_.opens_at)} 开始"
    if now > closing_time(declaration):
        what = "补正" if declaration.state == State.RETURNED else "填报"
        return f"{what}已于 {moment(closing_time(declaration))} 截止，如需延期请联系财政局"
    return ""


def closing_time(declaration: Declaration) -> datetime:
    """Until when the department can still submit: after a return, the correction window."""
    if declaration.state == State.RETURNED:
        return declaration.round.correction_deadline
    return declaration.round.deadline


def why_not_reviewable(declaration: Declaration) -> str:
    """Why nothing can be decided now, "" where it can; names who decided before."""
    if declaration.state == State.SUBMITTED:
        return ""
    decided = (
        Event.objects.filter(
            declaration=declaration, kind__in=[EventKind.RETURNED, EventKind.APPROVED]
        )
        .select_related("actor")
        .first()
    )
    if decided is None:
        return "部门尚未提交，不能审核"
    verb = "退回" if decided.kind == EventKind.RETURNED else "审核通过"
    return f"{decided.actor} 已于 {moment(decided.at)} {verb}，不能重复处理"


def moment(when: datetime) -> str:
    """``2023年1月5日 10:32``, in the bureau's time zone."""
    return timezone.localtime(when).strftime("%Y年%-m月%-d日 %H:%M")
