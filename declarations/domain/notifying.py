"""Telling people: one notice to each, in the transaction of the act it tells of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from declarations.domain.queueing import enqueue
from declarations.models import Declaration, Notice, NoticeKind, Round, User

AT_ONCE = 50
"""E-mails in one job, which go over one connection."""
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Message:
    """What several people are told; the arguments of `notify`."""

    recipients: Iterable[User]
    kind: NoticeKind
    title: str
    text: str
    declaration: Declaration | None = None
    round: Round | None = None
    key: str = ""
    by_email: bool = True
    internal: bool = False


def notify(
    recipients: Iterable[User],
    *,
    kind: NoticeKind,
    title: str,
    text: str,
    declaration: Declaration | None = None,
    round: Round | None = None,  # noqa: A002
    key: str = "",
    by_email: bool = True,
    internal: bool = False,
) -> list[Notice]:
    """Tells each of these people once, in the application and, where they have an address, by
    e-mail, which the queue sends after the transaction commits.

    recipients: who is no longer active is left out, who is named twice is told once.
    text: plain, without greeting and address of the page, which the e-mail adds.
    declaration: what the notice leads to; its round goes without saying. key: names what is
    said only once to a person ("round/5/opened"); the person is added to it. What was said
    under it already is not said again, also where two say it at the same moment.
    by_email: False tells in the application only. internal: that it is for the department
    alone; the bureau's outbox does not show what it says.
    Returns the notices that are new.
    """
    return notify_all(
        [Message(recipients, kind, title, text, declaration, round, key, by_email, internal)]
    )


def notify_all(messages: Iterable[Message]) -> list[Notice]:
    """As `notify`, several different messages in as many queries as one."""
    with transaction.atomic():
        notices = _write([notice for message in messages for notice in _notices(message)])
        if settings.EMAIL_HOST:
            post([notice.pk for notice in notices if notice.email])
        return notices


def mark_read(actor: User, *, notice_id: int) -> None:
    """Notes that a person has read a notice of theirs. Twice is once."""
    _unread(actor).filter(pk=notice_id).update(read_at=timezone.now())


def mark_all_read(actor: User, *, until: int) -> int:
    """The same for all of them up to one, the latest they saw; how many were unread."""
    return _unread(actor).filter(pk__lte=until).update(read_at=timezone.now())


def post(notices: Sequence[int]) -> None:
    """Hands e-mails to the queue, by the ids of their notices."""
    for start in range(0, len(notices), AT_ONCE):
        enqueue("declarations.send_notices", notices=list(notices[start : start + AT_ONCE]))


def _notices(message: Message) -> Iterator[Notice]:
    told = {person.pk: person for person in message.recipients if person.is_active}
    declaration = message.declaration
    round_id = declaration.round_id if declaration else message.round.pk if message.round else None
    for person in told.values():
        yield Notice(
            recipient=person,
            kind=message.kind,
            title=Truncator(message.title).chars(LONGEST_TITLE),
            text=message.text,
            declaration=declaration,
            round_id=round_id,
            key=f"{message.key}/user/{person.pk}" if message.key else None,
            internal=message.internal,
            email=person.email if message.by_email else "",
        )


def _unread(actor: User) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=actor, read_at=None)


def _write(notices: list[Notice]) -> list[Notice]:
    """Those that were new; a key that is there already, or just being written, is passed over.

    PostgreSQL passes over them without saying which, so those with a key are read back: ours
    has the very moment that was given to it here. Two who write the same keys do it in one
    order, so that neither waits for the other in a circle.
    """
    new = Notice.objects.bulk_create(n for n in notices if n.key is None)
    keyed = sorted((n for n in notices if n.key is not None), key=lambda n: n.key or "")
    if keyed:
        Notice.objects.bulk_create(keyed, ignore_conflicts=True)
        moments = {n.key: n.created_at for n in keyed}
        stored = Notice.objects.filter(key__in=moments).select_related("recipient")
        new += [n for n in stored if n.created_at == moments[n.key]]
    return new
