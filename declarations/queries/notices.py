"""What people were told: their own notices, and the bureau's e-mails."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet, TextChoices

from declarations.models import Bureau, Notice, NoticeKind, User
from declarations.queries.declarations import visible_to

MANY = 100
"""Unread notices are counted up to here."""
MOST_ATTEMPTS = 7
"""So often sending an e-mail is tried."""


class Delivery(TextChoices):
    """What became of an e-mail."""

    WAITING = "waiting", "等待发送"
    RETRYING = "retrying", "将再次尝试"
    FAILED = "failed", "发送失败"
    SENT = "sent", "已发送"


_DELIVERIES = {
    Delivery.WAITING: Q(sent_at=None, attempts=0),
    Delivery.RETRYING: Q(sent_at=None, attempts__gt=0, attempts__lt=MOST_ATTEMPTS),
    Delivery.FAILED: Q(sent_at=None, attempts__gte=MOST_ATTEMPTS),
    Delivery.SENT: Q(sent_at__isnull=False),
}


def delivered_as(delivery: Delivery) -> Q:
    """The e-mails of which this became."""
    return _DELIVERIES[delivery]


@dataclass(frozen=True, slots=True)
class Received:
    """A notice for the person who got it. leads: whether its declaration is (still) theirs to see."""

    notice: Notice
    leads: bool


@dataclass(frozen=True, slots=True)
class Posted:
    """An e-mail for the administrator. text: as far as it is theirs to read. withheld: why not
    all of it is, "" where it is."""

    notice: Notice
    text: str
    withheld: str

    @property
    def delivery(self) -> Delivery:
        if self.notice.sent_at is not None:
            return Delivery.SENT
        if self.notice.attempts >= MOST_ATTEMPTS:
            return Delivery.FAILED
        return Delivery.RETRYING if self.notice.attempts else Delivery.WAITING

    @property
    def tone(self) -> str:
        tones = {Delivery.SENT: "done", Delivery.FAILED: "late", Delivery.RETRYING: "todo"}
        return tones.get(self.delivery, "wait")

    @property
    def label(self) -> str:
        if self.delivery is Delivery.WAITING and not settings.EMAIL_HOST:
            return "未发送"
        return self.delivery.label

    @property
    def can_be_sent_again(self) -> bool:
        return bool(settings.EMAIL_HOST) and self.delivery in (Delivery.FAILED, Delivery.WAITING)


def unread_count(user: User) -> int:
    """How many notices the person has not read, MANY at most; one query of an index that holds
    only those."""
    return Notice.objects.filter(recipient=user, read_at=None)[:MANY].count()


def notices_of(user: User, *, kind: str = "", unread: bool = False) -> QuerySet[Notice]:
    """The person's notices, the latest first."""
    found = Notice.objects.filter(recipient=user).order_by("-created_at", "-pk")
    if unread:
        found = found.filter(read_at=None)
    return found.filter(kind=kind) if kind else found


def received(user: User, notices: list[Notice]) -> list[Received]:
    """One page of them, with one query more."""
    wanted = {notice.declaration_id for notice in notices if notice.declaration_id}
    seen = set(visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    return [Received(notice, notice.declaration_id in seen) for notice in notices]


def outbox_of(bureau: Bureau) -> QuerySet[Notice]:
    """The e-mails to a bureau's people, the latest first."""
    return Notice.objects.filter(recipient__bureau=bureau).exclude(email="").order_by("-pk")


def narrowed(
    notices: QuerySet[Notice], *, words: str = "", delivery: str = "", kind: str = ""
) -> QuerySet[Notice]:
    """Those of an outbox of which this became, with words in the title, name or address."""
    if words:
        notices = notices.filter(
            Q(title__icontains=words)
            | Q(recipient__name__icontains=words)
            | Q(email__icontains=words)
        )
    if delivery:
        notices = notices.filter(delivered_as(Delivery(delivery)))
    return notices.filter(kind=kind) if kind else notices


def posted(notice: Notice) -> Posted:
    """What an administrator may read of it."""
    if notice.internal:
        return Posted(notice, "", "部门负责人的意见只在本部门内可见，这里不显示。")
    if notice.kind == NoticeKind.ACCOUNT:  # the link is made when it is sent, and kept nowhere
        return Posted(notice, notice.text, "邮件中的一次性链接只发给本人，这里不显示。")
    return Posted(notice, notice.text, "")
