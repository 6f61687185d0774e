"""Reminding publishers of what should be published within days of its approval (预算法 §14)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations.domain.acting import record
from declarations.domain.notifying import Message, notify_all
from declarations.domain.overdue import MOST_NAMED
from declarations.models import Declaration, EventKind, Notice, NoticeKind, Role, Round, User
from declarations.queries.publishing import with_disclosure
from declarations.workflow.publishing import OPEN, Disclosure, due_date
from declarations.workflow.reminders import LATEST, PUBLISH_MARKS, Mark, publishing_due

_Pile = tuple[date, Mark]
"""What is due on one day, and the reminder that is due of it."""


def remind_publishers(now: datetime) -> int:
    """Sends what is due now, of every bureau; how many people were told something.

    One message to each publisher for all of a round that is due on the same day. One
    transaction for each round; several at once send nothing twice, by the keys of the notices.
    """
    due = _due(now)
    return sum(
        _remind(round_, [d for d in due if d.round_id == round_.pk], now)
        for round_ in {d.round_id: d.round for d in due}.values()
    )


def _due(now: datetime) -> list[Declaration]:
    """Everything that is not published yet and has its last day about now; one query."""
    today = timezone.localdate(now)
    first, last = today - LATEST - timedelta(days=2), today + timedelta(days=max(PUBLISH_MARKS))
    found = with_disclosure(Declaration.objects.all(), today).filter(
        disclosure__in=OPEN, round__disclosed=True, due_on__range=(first, last)
    )
    return list(found.select_related("round", "department").order_by("round", "department__code"))


def _remind(round_: Round, declarations: Sequence[Declaration], now: datetime) -> int:
    with transaction.atomic():
        publishers = round_.bureau.users.filter(role=Role.PUBLISHER, is_active=True)
        messages = _messages(round_, declarations, list(publishers), now)
        notices = notify_all(messages)
        if notices:
            record(
                EventKind.REMINDED,
                actor=None,
                bureau_id=round_.bureau_id,
                round=round_.pk,
                name=round_.name,
                people=len({notice.recipient_id for notice in notices}),
            )
        return len(notices)


def _messages(
    round_: Round, declarations: Sequence[Declaration], publishers: Sequence[User], now: datetime
) -> list[Message]:
    """For each day on which something is due, to those who were not told yet."""
    piles = [(pile, d) for d in declarations if (pile := _pile(d, now))]
    piles.sort(key=lambda found: (found[0][0], found[0][1].at))
    sent = set(
        Notice.objects.filter(round=round_, kind=NoticeKind.TO_PUBLISH).values_list(
            "key", flat=True
        )
    )
    messages = []
    for (due_on, mark), found in groupby(piles, key=lambda each: each[0]):
        key = f"round/{round_.pk}/publish/{due_on}/{mark.name}"
        people = [person for person in publishers if f"{key}/user/{person.pk}" not in sent]
        if people:
            together = [declaration for _, declaration in found]
            messages.append(_message(round_, together, people, due_on, now, key=key))
    return messages


def _pile(declaration: Declaration, now: datetime) -> _Pile | None:
    due_on, approved_at = due_date(declaration), declaration.approved_at
    assert due_on is not None
    assert approved_at is not None
    mark = publishing_due(due_on, approved_at, now)
    return (due_on, mark) if mark else None


def _message(
    round_: Round,
    declarations: Sequence[Any],
    people: Sequence[User],
    due_on: date,
    now: datetime,
    *,
    key: str,
) -> Message:
    count = len(declarations)
    day = f"{due_on.year}年{due_on.month}月{due_on.day}日"
    left = (due_on - timezone.localdate(now)).days
    what = f"“{round_}”有 {count} 份申报"
    if left < 0:
        title = f"{what}已超过公开期限，请尽快公开"
    else:
        title = f"{what}应在 {day} 前公开，{f'还有 {left} 天' if left else '今天到期'}"
    states = Counter(Disclosure(d.disclosure) for d in declarations)
    stand = "，".join(f"{state.label} {states[state]} 份" for state in OPEN if states[state])
    names = "、".join(d.department.name for d in declarations[:MOST_NAMED])
    more = f"等 {count} 个部门" if count > MOST_NAMED else ""
    return Message(
        people,
        NoticeKind.TO_PUBLISH,
        title,
        f"以下申报应自审核通过之日起 {round_.publish_days} 天内（{day} 前）向社会公开，"
        f"目前{stand}：{names}{more}。\n请作公开审查后公开；依法不予公开的，请写明理由。",
        declaration=declarations[0] if count == 1 else None,
        round=round_,
        key=key,
    )
