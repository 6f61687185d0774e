"""Reminding departments of their deadline, reviewers and publishers of what lies too long. Each once.

What is due is worked out anew every hour from dates (`workflow.reminders`) and from what was
sent before (the keys of notices), so that a worker that was down neither forgets nor repeats
anything.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from declarations import permissions, workflow
from declarations.domain.acting import lock_several, record
from declarations.domain.errors import NotPermittedError
from declarations.domain.notifying import Message, notify_all
from declarations.domain.overdue import overdue_messages
from declarations.domain.reminding_publishers import remind_publishers
from declarations.models import (
    OF_DEPARTMENTS,
    Declaration,
    EventKind,
    Notice,
    NoticeKind,
    Role,
    Round,
    State,
    User,
)
from declarations.workflow.reminders import LATEST, MOST_DAYS, reminder_due

AGAIN_AFTER = timedelta(hours=1)
"""Nobody is reminded by hand more often."""
OWED = (State.DRAFT, State.RETURNED)
"""What a department still has to hand in; an adjustment is its own wish."""


@dataclass(slots=True)
class Reminded:
    """done: who was reminded. skipped: who was not, and why."""

    done: list[Declaration] = field(default_factory=list)
    skipped: list[tuple[Declaration, str]] = field(default_factory=list)


def remind_due(now: datetime | None = None) -> int:
    """Sends what is due now, of every bureau; returns how many people were told something.

    One transaction for each round. Several at once send nothing twice.
    """
    now = now or timezone.now()
    farthest = now - timedelta(days=MOST_DAYS) - LATEST
    recent = (
        Q(correction_deadline__gte=farthest)
        | Q(adjustments_until__gte=farthest)
        | Q(declarations__extended_until__gte=farthest)
    )
    rounds = Round.objects.filter(recent, opens_at__lte=now).distinct()
    return sum(_remind_round(round_, now) for round_ in rounds) + remind_publishers(now)


def remind_now(actor: User, *, declarations: Collection[int]) -> Reminded:
    """催办: reminds the filers, and after the deadline the heads, of these departments now.

    Passed over is who owes nothing, or was reminded by hand within the hour. Raises
    RefusedError where the person may not, or nobody is named.
    """
    now = timezone.now()
    reminded, messages = Reminded(), []
    with transaction.atomic():
        locked = _locked(actor, declarations)
        lately = _reminded_since(locked, now - AGAIN_AFTER)
        people = _people(d.department_id for d in locked)
        for declaration in locked:
            recipients = _recipients(declaration, people, now)
            if why := _why_not(declaration, lately.get(declaration.pk), recipients, now):
                reminded.skipped.append((declaration, why))
            else:
                reminded.done.append(declaration)
                messages.append(_message(declaration, recipients, now, asked_by=actor))
        notify_all(messages)
        for round_, departments in _by_round(reminded.done):
            record(
                EventKind.REMINDED,
                actor=actor,
                bureau_id=round_.bureau_id,
                round=round_.pk,
                name=round_.name,
                departments=departments,
            )
    return reminded


def _remind_round(round_: Round, now: datetime) -> int:
    with transaction.atomic():
        sent = _sent(round_)
        messages = [
            *_to_departments(round_, now, sent),
            *overdue_messages(round_, now, sent),
        ]
        notices = notify_all(messages)
        if notices:
            record(
                EventKind.REMINDED,
                actor=None,
                bureau_id=round_.bureau_id,
                round=round_.pk,
                name=round_.name,
                people=len(notices),
            )
        return len(notices)


def _to_departments(round_: Round, now: datetime, sent: set[str]) -> Iterator[Message]:
    """What its departments are due to be reminded of, without those who were already."""
    owing = list(round_.declarations.filter(state__in=OWED).select_related("round", "department"))
    told_at = _told_at(round_)
    people = _people(d.department_id for d in owing)
    for declaration in owing:
        mark = reminder_due(declaration, told_at.get(declaration.pk, round_.opens_at), now)
        if mark is None:
            continue
        closing = workflow.closing_time(declaration)
        key = f"round/{round_.pk}/{mark.name}/declaration/{declaration.pk}/{closing:%Y%m%d%H%M}"
        recipients = _recipients(declaration, people, now)
        missing = [person for person in recipients if f"{key}/user/{person.pk}" not in sent]
        if missing:
            yield _message(declaration, missing, now, key=key)


def _told_at(round_: Round) -> dict[int, datetime]:
    """When each department last heard of a time limit other than by a reminder."""
    kinds = (NoticeKind.ROUND_OPENED, NoticeKind.EXTENDED, NoticeKind.RETURNED)
    told = Notice.objects.filter(declaration__round=round_, kind__in=kinds)
    return dict(told.values_list("declaration").annotate(at=Max("created_at")).order_by())


def _sent(round_: Round) -> set[str]:
    sent = Notice.objects.filter(round=round_, kind=NoticeKind.REMINDER, key__isnull=False)
    return {key for key in sent.values_list("key", flat=True) if key}


def _recipients(
    declaration: Declaration, people: dict[int, list[User]], now: datetime
) -> list[User]:
    """The department's filers; once it is late, its heads, too."""
    late = now > workflow.closing_time(declaration)
    return [
        person
        for person in people.get(declaration.department_id, [])
        if late or person.role == Role.FILER
    ]


def _people(departments: Iterable[int]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    active = User.objects.filter(department__in=set(departments), is_active=True)
    for person in active.filter(role__in=OF_DEPARTMENTS).order_by("pk"):
        found.setdefault(person.department_id or 0, []).append(person)
    return found


def _message(
    declaration: Declaration,
    recipients: list[User],
    now: datetime,
    *,
    key: str = "",
    asked_by: User | None = None,
) -> Message:
    what = workflow.WINDOWS[State(declaration.state)]
    closing = workflow.closing_time(declaration)
    left = (timezone.localdate(closing) - timezone.localdate(now)).days
    until = workflow.moment(closing)
    if now > closing:
        title = f"“{declaration.round}”{what}已逾期，请尽快联系财政局"
        text = f"{what}已于 {until} 截止，本部门尚未提交。如需延期，请联系财政局说明原因。"
    else:
        remaining = f"还有 {left} 天" if left else "今天截止"
        title = f"“{declaration.round}”{what}{remaining}，请及时提交"
        text = f"{what}截止时间为 {until}（{remaining}），本部门尚未提交，请在截止前提交。"
    if asked_by is not None:
        text += f"\n（{asked_by} 催办）"
    return Message(recipients, NoticeKind.REMINDER, title, text, declaration, key=key)


def _locked(actor: User, declarations: Collection[int]) -> list[Declaration]:
    """Two who remind at once wait for each other, and the second finds it done."""
    locked = lock_several(declarations)
    for declaration in locked:
        if not permissions.can_follow_rounds(actor, declaration.round.bureau):
            raise NotPermittedError("只有本财政局的人员可以催办")
    return locked


def _reminded_since(declarations: list[Declaration], since: datetime) -> dict[int, datetime]:
    """Who was reminded by hand since then, and when: those notices have no key."""
    notices = Notice.objects.filter(
        kind=NoticeKind.REMINDER, declaration__in=declarations, key=None, created_at__gt=since
    )
    return dict(notices.values_list("declaration").annotate(at=Max("created_at")).order_by())


def _why_not(
    declaration: Declaration, before: datetime | None, recipients: list[User], now: datetime
) -> str:
    if declaration.state not in OWED:
        return "不需要催办：部门已提交或已通过"
    if now < declaration.round.opens_at:
        return f"填报将于 {workflow.moment(declaration.round.opens_at)} 开始，还不需要催办"
    if before is not None:
        return f"已于 {workflow.moment(before)} 催办过，一小时内不重复"
    return "" if recipients else "这个部门没有使用中的填报人账号"


def _by_round(declarations: list[Declaration]) -> Iterator[tuple[Round, list[str]]]:
    rounds = {d.round_id: d.round for d in declarations}
    for pk, round_ in rounds.items():
        yield round_, [d.department.code for d in declarations if d.round_id == pk]
