"""What lies at a stage of review for longer than the round allows: its reviewers are told."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from declarations.domain.notifying import Message
from declarations.models import Declaration, NoticeKind, Role, Round, State, User
from declarations.workflow.reminders import overdue

MOST_NAMED = 20
"""Departments that are named one by one."""


@dataclass(slots=True)
class _Pile:
    """What lies with one person at one stage since the same day."""

    key: str
    person: User
    by_email: bool
    declarations: list[Declaration] = field(default_factory=list)


def overdue_messages(round_: Round, now: datetime, sent: Collection[str]) -> Iterator[Message]:
    """One message to each person for all that came due at a stage on the same day.

    sent: keys of notices that were sent before, which are left out.
    """
    piles: dict[str, _Pile] = {}
    everybody = list(round_.bureau.users.filter(role=Role.REVIEWER))
    for declaration in _under_review(round_):
        mark = overdue(declaration, now)
        if mark is None:
            continue
        key = f"stage/{declaration.stage_id}/due/{mark.due_on}/overdue/{mark.days}"
        people, by_email = _deciding(declaration, everybody)
        for person in people:
            name = f"{key}/user/{person.pk}"
            if person.is_active and name not in sent:
                pile = piles.setdefault(name, _Pile(key, person, by_email))
                pile.declarations.append(declaration)
    for pile in piles.values():
        yield _message(round_, pile)


def _under_review(round_: Round) -> QuerySet[Declaration]:
    return (
        round_.declarations.filter(state=State.SUBMITTED, stage__days__isnull=False)
        .select_related("department", "stage", "reviewer")
        .prefetch_related("stage__reviewers", "department__users")
        .order_by("department__code")
    )


def _deciding(declaration: Declaration, everybody: Sequence[User]) -> tuple[Sequence[User], bool]:
    """Who should decide, and whether they are told by e-mail: not what is anybody's."""
    stage = declaration.stage
    assert stage is not None
    if stage.by_head:
        heads = [u for u in declaration.department.users.all() if u.role == Role.HEAD]
        return heads, True
    if declaration.reviewer is not None:
        return [declaration.reviewer], True
    named = list(stage.reviewers.all())
    return (named, True) if named else (everybody, False)


def _message(round_: Round, pile: _Pile) -> Message:
    first, count = pile.declarations[0], len(pile.declarations)
    assert first.stage is not None
    names = "、".join(d.department.name for d in pile.declarations[:MOST_NAMED])
    more = f"等 {count} 个部门" if count > MOST_NAMED else ""
    return Message(
        [pile.person],
        NoticeKind.REMINDER,
        f"“{round_}”有 {count} 份申报超过“{first.stage}”环节的审核期限",
        f"“{first.stage}”环节应在 {first.stage.days} 天内审核完毕，"
        f"以下申报已超过期限，请尽快处理：{names}{more}。",
        declaration=first if count == 1 else None,
        round=round_,
        key=pile.key,
        by_email=pile.by_email,
    )
