"""延期: more time for single departments, with a reason."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from declarations import permissions, workflow
from declarations.domain.acting import lock_several, record
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.notifying import Message, notify_all
from declarations.models import OF_DEPARTMENTS, Declaration, EventKind, NoticeKind, State, User

LONGEST_REASON = 500

WHAT = {
    State.DRAFT: "填报",
    State.RETURNED: "补正",
    State.ADJUSTING: "调整",
    State.APPROVED: "申请调整",
}
"""What a department gets more time for, by the state it is in."""


@dataclass(slots=True)
class Extended:
    """done: who has the time now. skipped: who could not be given it, and why."""

    done: list[Declaration] = field(default_factory=list)
    skipped: list[tuple[Declaration, str]] = field(default_factory=list)


def extend(actor: User, *, declaration_id: int, until: datetime, reason: str) -> None:
    """Gives one department until a moment to do what it does now: fill in, correct, adjust.

    Raises RefusedError where the person may not, it is under review, the moment is no later
    than now and than the round's own, or no reason is given. The same again is nothing.
    """
    extended = extend_many(actor, declarations=[declaration_id], until=until, reason=reason)
    for _, why in extended.skipped:
        raise WrongStateError(why)


def extend_many(
    actor: User, *, declarations: Collection[int], until: datetime, reason: str
) -> Extended:
    """As `extend`, for several of one bureau; those that cannot have it are passed over."""
    reason = _required(reason)
    if until <= timezone.now():
        raise RefusedError("延期至的时间已经过了，请重新填写")
    extended, messages = Extended(), []
    with transaction.atomic():
        for declaration in _locked(actor, declarations):
            if why := _why_not(declaration, until):
                extended.skipped.append((declaration, why))
                continue
            extended.done.append(declaration)
            before = declaration.extended_until
            if before == until:
                continue
            declaration.extended_until = until
            declaration.save(update_fields=["extended_until"])
            record(
                EventKind.EXTENDED,
                actor=actor,
                declaration=declaration,
                what=WHAT[State(declaration.state)],
                until=until.isoformat(),
                before=before.isoformat() if before else "",
                reason=reason,
            )
            messages.append(_message(declaration, reason))
        notify_all(messages)
    return extended


def _required(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise RefusedError("请写明延期的理由")
    if len(reason) > LONGEST_REASON:
        raise RefusedError(f"理由最多 {LONGEST_REASON} 字，现有 {len(reason)} 字")
    return reason


def _locked(actor: User, declarations: Collection[int]) -> list[Declaration]:
    locked = lock_several(declarations)
    for declaration in locked:
        if not permissions.can_open_rounds(actor, declaration.round.bureau):
            raise NotPermittedError("只有本财政局的系统管理员可以延期")
    return locked


def _why_not(declaration: Declaration, until: datetime) -> str:
    if declaration.state == State.SUBMITTED:
        return "已提交，正在审核，不需要延期"
    extension, declaration.extended_until = declaration.extended_until, None
    of_round = workflow.closing_time(declaration)
    declaration.extended_until = extension
    if until > of_round:
        return ""
    return f"批次规定的截止时间是 {workflow.moment(of_round)}，延期须晚于它"


def _message(declaration: Declaration, reason: str) -> Message:
    what = WHAT[State(declaration.state)]
    assert declaration.extended_until is not None
    until = workflow.moment(declaration.extended_until)
    return Message(
        User.objects.filter(department=declaration.department_id, role__in=OF_DEPARTMENTS),
        NoticeKind.EXTENDED,
        f"“{declaration.round}”{what}截止时间延至 {until}",
        f"财政局已将本部门的{what}截止时间延至 {until}。理由：{reason}",
        declaration,
    )
