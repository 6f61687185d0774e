"""Sessions as people may see them: by browser and time, never by key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from declarations.models import Bureau, Session, User

_BROWSERS = (
    ("Edg/", "Edge"),
    ("QQBrowser/", "QQ 浏览器"),
    ("MicroMessenger/", "微信"),
    ("360", "360 浏览器"),
    ("QIHU", "360 浏览器"),
    ("Firefox/", "火狐浏览器"),
    ("Chrome/", "谷歌浏览器或同类"),
    ("Safari/", "Safari"),
)
"""In this order: most browsers also name those that they resemble."""
_SYSTEMS = (
    ("Windows NT 6.1", "Windows 7"),
    ("Windows", "Windows"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "Mac"),
    ("Kylin", "麒麟"),
    ("UOS", "统信 UOS"),
    ("Linux", "Linux（含麒麟、统信）"),
)


@dataclass(frozen=True, slots=True)
class SessionView:
    """name: stands for the session in a page; its key would open it."""

    session: Session
    name: str
    device: str
    is_this_one: bool


def usable() -> QuerySet[Session]:
    """The sessions that somebody can still use: not too old, not idle for too long."""
    return Session.objects.filter(
        user__isnull=False, user__is_active=True, expire_date__gt=timezone.now()
    ).exclude(pk__in=idle(timezone.now()))


def idle(now: datetime) -> QuerySet[Session]:
    """Those of which nothing was heard for longer than their bureau allows, and a minute more."""
    allowed = ExpressionWrapper(
        F("seen_at") + (F("user__bureau__idle_minutes") + 1) * timedelta(minutes=1),
        output_field=DateTimeField(),
    )
    return Session.objects.annotate(allowed_until=allowed).filter(allowed_until__lt=now)


def sessions_of(user: User, current: str | None) -> list[SessionView]:
    """A person's sessions, the one with the key `current` first, then the latest."""
    found = list(_views(usable().filter(user=user).order_by("-seen_at"), current))
    return sorted(found, key=lambda view: not view.is_this_one)


def sessions_in(bureau: Bureau, words: str = "") -> QuerySet[Session]:
    """Everybody's of a bureau, by name, user name, department or address."""
    found = usable().filter(user__bureau=bureau).select_related("user__department")
    for word in words.split():
        found = found.filter(
            Q(user__name__icontains=word)
            | Q(user__username__icontains=word)
            | Q(user__department__name__icontains=word)
            | Q(ip__icontains=word)
        )
    return found.order_by("-seen_at", "pk")


def views_of(sessions: Iterable[Session], current: str | None) -> list[SessionView]:
    return list(_views(sessions, current))


def key_of(user: User, name: str) -> str | None:
    """The key of a person's session by its name in a page; None where there is none (left)."""
    keys = Session.objects.filter(user=user).values_list("pk", flat=True)
    return next((key for key in keys if _name(key) == name), None)


def in_words(agent: str) -> str:
    """Browser and system, as one would say it: ``Edge，Windows``."""
    browser = _first(_BROWSERS, agent) or "其他浏览器"
    system = _first(_SYSTEMS, agent)
    return f"{browser}，{system}" if system else browser


def _views(sessions: Iterable[Session], current: str | None) -> Iterator[SessionView]:
    for session in sessions:
        yield SessionView(
            session, _name(session.pk), in_words(session.agent), session.pk == current
        )


def _first(names: Iterable[tuple[str, str]], agent: str) -> str:
    return next((said for mark, said in names if mark in agent), "")


def _name(key: str) -> str:
    return salted_hmac("session name", key, algorithm="sha256").hexdigest()[:24]
