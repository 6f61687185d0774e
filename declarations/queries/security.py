"""What a security administrator sees of accounts: locked, with a second factor, logged in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from declarations.models import Bureau, User

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class HasFactor(TypedDict):
    """What `accounts_in` adds to a person: whether they have a second factor."""

    has_factor: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """A locked account. ip: from where wrong passwords came; until: when it ends by itself."""

    user: User
    ip: str | None
    until: datetime


def locks_in(bureau: Bureau) -> list[Lock]:
    """The accounts of a bureau that wrong passwords have locked, the latest first.

    As axes counts: for each name and address, over all browsers, while the lock lasts.
    """
    cooloff = timedelta(hours=settings.AXES_COOLOFF_TIME)
    tried = (
        AccessAttempt.objects.filter(
            username__in=User.objects.filter(bureau=bureau).values("username"),
            attempt_time__gte=timezone.now() - cooloff,
        )
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .order_by("-last")
    )
    names = [t["username"] for t in tried]
    people = User.objects.select_related("department").in_bulk(names, field_name="username")
    return [Lock(people[t["username"]], t["ip_address"], t["last"] + cooloff) for t in tried]


def accounts_in(bureau: Bureau, words: str = "") -> "QuerySet[WithAnnotations[User, HasFactor]]":
    """The people of a bureau by name, user name or department, with `has_factor`."""
    found = User.objects.filter(bureau=bureau).select_related("department")
    for word in words.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(username__icontains=word)
            | Q(department__name__icontains=word)
        )
    factor = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return found.annotate(has_factor=Exists(factor)).order_by("username")
