"""First passwords: made by us, shown once on a slip of paper, changed at the first login."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.db import transaction

from declarations import permissions
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.passwords import remember
from declarations.domain.people import record_people
from declarations.domain.sessions import end_all_of
from declarations.domain.templates import one_at_a_time
from declarations.models import Bureau, EventKind, User

MOST_AT_ONCE = 1_000
"""Slips made in one go: as many as a large bureau has people."""

_UPPER, _LOWER, _DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"
"""Without 0 and O, 1 and I and l, and o: they are typed from paper."""
_GROUPS, _GROUP = 3, 4

_ITERATIONS = 20_000
"""Rounds of PBKDF2 for a first password. They make up for guessable passwords; these have 69
random bits, and are made by the hundred. Django hashes anew, in full, at the first login."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a person is handed. The password is nowhere else in clear."""

    user: User
    password: str = field(repr=False)


def issue_first_passwords(
    actor: User | None,
    *,
    bureau: Bureau,
    user_ids: Collection[int],
    also_settled: bool = False,
) -> list[Slip]:
    """Gives people new first passwords, in place of what they had; they are logged out.

    also_settled: also those who have already chosen a password of their own (who forgot it);
    else they are passed over. Returns slips by department and name. Raises RefusedError for
    people whom the actor does not manage, too many at once, or none who need one.
    """
    if len(user_ids) > MOST_AT_ONCE:
        raise RefusedError(f"一次最多发放 {MOST_AT_ONCE} 人，请先筛选")
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        people = User.objects.filter(bureau=bureau, pk__in=user_ids).select_for_update(of=("self",))
        people = people.select_related("department", "bureau")
        found = list(people.order_by("department__code", "username"))
        if actor and not all(permissions.can_manage_person(actor, user) for user in found):
            raise NotPermittedError("其中有您不能管理的人员，请刷新页面")
        slips = [
            Slip(user, first_password())
            for user in found
            if user.is_active and (also_settled or user.password_changed_at is None)
        ]
        for slip in slips:
            remember(slip.user)
            slip.user.password = _hashed(slip.password)
            slip.user.password_changed_at = None
        if not slips:
            raise RefusedError(
                "没有选中需要首次密码的人员；已自行设置密码的，请在本人的页面上单独重新发放"
            )
        given = [slip.user for slip in slips]
        User.objects.bulk_update(given, ["password", "old_passwords", "password_changed_at"])
        end_all_of(given)
        record_people(EventKind.PASSWORD_RESET, actor, given)
        return slips


def first_password() -> str:
    """Twelve characters in groups that are read and typed without mistakes: ``Kx7m-Pq4R-tz9W``."""
    kinds = (_UPPER, _LOWER, _DIGITS)
    while True:
        letters = [secrets.choice("".join(kinds)) for _ in range(_GROUPS * _GROUP)]
        if all(set(kind) & set(letters) for kind in kinds):
            break
    groups = ("".join(letters[i : i + _GROUP]) for i in range(0, len(letters), _GROUP))
    return "-".join(groups)


def _hashed(password: str) -> str:
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=_ITERATIONS)
    return hasher.encode(password, hasher.salt())
