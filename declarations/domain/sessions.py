"""Sessions: noting that they are used, and ending them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError
from declarations.models import EventKind, Session, User
from declarations.queries.sessions import idle

SEEN_EVERY = timedelta(minutes=1)
"""So often, at most, it is written down that a session is in use."""


def touch(session: Session, now: datetime) -> None:
    """Notes that a session is in use."""
    if now - session.seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=session.pk).update(seen_at=now)


def is_idle(session: Session, user: User, now: datetime) -> bool:
    """Whether nothing was asked for longer than the bureau allows.

    `touch` may be a minute behind, and that minute is the person's.
    """
    return now - session.seen_at > timedelta(minutes=user.bureau.idle_minutes) + SEEN_EVERY


def end_session(actor: User, *, of: User, key: str) -> bool:
    """Ends one session of a person; whether it was there. Ending twice is once.

    A person ends their own, a security administrator those of the bureau; raises
    NotPermittedError for others.
    """
    if actor.pk != of.pk and not permissions.can_manage_security(actor, of.bureau):
        raise NotPermittedError("只有本财政局的安全管理员可以结束他人的登录")
    with transaction.atomic():
        return _end(actor, of, Session.objects.filter(user=of, pk=key)) > 0


def end_others(actor: User, *, key: str | None) -> int:
    """Ends all sessions of a person but the one with this key; how many there were."""
    with transaction.atomic():
        return _end(actor, actor, Session.objects.filter(user=actor).exclude(pk=key or ""))


def end_all_of(people: Iterable[User], *, but: str | None = None) -> int:
    """Ends the sessions of people, as part of an act that is on record itself."""
    ended, _ = Session.objects.filter(user__in=people).exclude(pk=but or "").delete()
    return ended


def clear_out(now: datetime | None = None) -> int:
    """Deletes the sessions that nobody can use any longer; how many there were."""
    now = now or timezone.now()
    gone, _ = Session.objects.filter(
        Q(expire_date__lte=now) | Q(pk__in=idle(now).values("pk"))
    ).delete()
    return gone


def _end(actor: User, of: User, sessions: QuerySet[Session]) -> int:
    ended, _ = sessions.delete()
    if ended:
        record(
            EventKind.SESSION_ENDED,
            actor=actor,
            bureau_id=of.bureau_id,
            user=of.pk,
            name=of.name,
            sessions=ended,
        )
    return ended
