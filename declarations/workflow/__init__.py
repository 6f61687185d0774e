"""What may happen to a declaration at a moment, from its state and the round's window."""

from datetime import datetime

from django.utils import timezone

from declarations.models import Declaration, Event, EventKind, State

EDITABLE = (State.DRAFT, State.RETURNED, State.ADJUSTING)
"""The states in which the department may fill in."""


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
        what = WINDOWS[State(declaration.state)]
        return f"{what}已于 {moment(closing_time(declaration))} 截止，如需延期请联系财政局"
    return ""


def closing_time(declaration: Declaration) -> datetime:
    """Until when the department can still submit: its own extension, where it has one.

    Else the round's time for what it does: filing, correcting after a return, adjusting.
    """
    return closing_time_in(State(declaration.state), declaration)


def closing_time_in(state: State, declaration: Declaration) -> datetime:
    """Until when it could submit, were the declaration in a state.

    An adjustment has the round's time for adjustments, and once returned that for corrections,
    too; where a round takes no adjustments any longer, the time for filing.
    """
    round_ = declaration.round
    times = [declaration.extended_until]
    if state == State.RETURNED:
        times.append(round_.correction_deadline)
    if declaration.approved_id is not None:
        times.append(round_.adjustments_until)
    elif state != State.RETURNED:
        times.append(round_.deadline)
    return max((time for time in times if time is not None), default=round_.deadline)


def why_not_adjustable(declaration: Declaration, now: datetime) -> str:
    """Why an adjustment (调整) cannot be begun, "" where it can."""
    if declaration.state != State.APPROVED:
        return "只有已通过的申报可以调整"
    until = adjusting_time(declaration)
    if until is None:
        return "本批次不受理调整，确需调整请联系财政局"
    return f"调整已于 {moment(until)} 截止，确需调整请联系财政局" if now > until else ""


def adjusting_time(declaration: Declaration) -> datetime | None:
    """Until when what is in force can be adjusted, None: not at all."""
    times = (declaration.round.adjustments_until, declaration.extended_until)
    return max((time for time in times if time is not None), default=None)


def why_not_correctable(declaration: Declaration) -> str:
    """Why the bureau cannot correct (更正) what is in force, "" where it can."""
    if declaration.state == State.APPROVED:
        return ""
    if declaration.approved_id is None:
        return "申报尚未审核通过，不能更正；审核中发现的问题请用批注退回"
    return "部门正在调整这份申报，不能同时更正；请在调整审核中处理，或待调整结束后再更正"


def why_not_given_up(declaration: Declaration) -> str:
    """Why there is no adjustment that could be given up, "" where there is."""
    if declaration.approved_id is None or declaration.state == State.APPROVED:
        return "这份申报没有正在进行的调整"
    if declaration.state == State.SUBMITTED:
        return "调整已提交审核，不能放弃；审核尚未开始的，请先撤回"
    return ""


def why_not_recallable(declaration: Declaration) -> str:
    """Why the department cannot take back its submission, "" where it can."""
    if declaration.state != State.SUBMITTED:
        return "申报不在待审核状态，不能撤回"
    if declaration.review_begun_at is not None:
        return "审核已经开始，不能撤回；如需修改，请联系审核人退回"
    return ""


def begun_here(declaration: Declaration) -> bool:
    """Whether somebody has begun to review it at the stage where it is, not only at one before."""
    begun, arrived = declaration.review_begun_at, declaration.arrived_at
    return begun is not None and arrived is not None and begun > arrived


def why_not_reviewable(declaration: Declaration) -> str:
    """Why nothing can be decided now, "" where it can; names who decided before."""
    if declaration.state == State.SUBMITTED:
        return ""
    decided = (
        Event.objects.filter(
            declaration=declaration,
            kind__in=[
                EventKind.RETURNED,
                EventKind.APPROVED,
                EventKind.RECALLED,
                EventKind.ADJUSTMENT_GIVEN_UP,
            ],
        )
        .select_related("actor")
        .first()
    )
    if decided is None:
        return "部门尚未提交，不能审核"
    if decided.kind == EventKind.RECALLED:
        return f"部门已于 {moment(decided.at)} 撤回，等待重新提交"
    if decided.kind == EventKind.ADJUSTMENT_GIVEN_UP:
        return f"部门已于 {moment(decided.at)} 放弃调整，不需要审核"
    verb = "退回" if decided.kind == EventKind.RETURNED else "审核通过"
    return f"{decided.actor} 已于 {moment(decided.at)} {verb}，不能重复处理"


WINDOWS = {State.DRAFT: "填报", State.RETURNED: "补正", State.ADJUSTING: "调整"}
"""What a department does in a state, to name what has closed."""


def moment(when: datetime) -> str:
    """``2023年1月5日 10:32``, in the bureau's time zone."""
    return timezone.localtime(when).strftime("%Y年%-m月%-d日 %H:%M")
