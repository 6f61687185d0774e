"""Invitations by e-mail: a link with which a person sets their first password themselves.

The link holds a signed token. It works for a week and once: it carries a digest of what is
known of the account, which is another as soon as a password is set or a new invitation is
sent. It is made when the e-mail is sent and stands in no notice, which administrators read:
who holds it can act as the person.
"""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from declarations import permissions
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.first_passwords import MOST_AT_ONCE
from declarations.domain.notifying import Message, notify_all
from declarations.domain.passwords import set_password
from declarations.domain.people import record_people, record_person
from declarations.domain.sessions import end_all_of
from declarations.domain.templates import one_at_a_time
from declarations.models import Bureau, EventKind, Notice, NoticeKind, User

DAYS = 7
"""How long a link works."""

_SALT = "invitation"
_KEY = "invitation/"


def invite(
    actor: User | None,
    *,
    bureau: Bureau,
    user_ids: Collection[int],
) -> list[User]:
    """Sends invitations to those of the people who have an e-mail address and no password of
    their own yet, and returns whom. An earlier link of theirs stops working.

    Raises RefusedError for people whom the actor does not manage, too many at once, or where
    there is no mail server.
    """
    if not settings.EMAIL_HOST:
        raise RefusedError("系统没有配置邮件服务器，不能发送邀请；请打印首次密码条")
    if len(user_ids) > MOST_AT_ONCE:
        raise RefusedError(f"一次最多邀请 {MOST_AT_ONCE} 人，请先筛选")
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        people = User.objects.filter(bureau=bureau, pk__in=user_ids)
        found = list(people.select_for_update(of=("self",)).order_by("username"))
        if actor and not all(permissions.can_manage_person(actor, user) for user in found):
            raise NotPermittedError("其中有您不能管理的人员，请刷新页面")
        invited = [
            user
            for user in found
            if user.is_active and user.email and user.password_changed_at is None
        ]
        for user in invited:
            user.invited_at = timezone.now()
        User.objects.bulk_update(invited, ["invited_at"])
        notify_all(_message(bureau, user) for user in invited)
        record_people(EventKind.USER_INVITED, actor, invited)
        return invited


def link_of(notice: Notice) -> str:
    """The link that the e-mail of an invitation ends with; "" where the notice is none, the
    person has a password of their own by now, or it goes to an address that is not theirs."""
    user, is_one = notice.recipient, (notice.key or "").startswith(_KEY)
    if not is_one or user.password_changed_at is not None or notice.email != user.email:
        return ""
    return settings.ADDRESS + reverse("invitation", args=[token_of(user)])


def token_of(user: User) -> str:
    """The token of a person's invitation, as their account stands now."""
    return signing.dumps([user.pk, _digest(user)], salt=_SALT)


def invited_person(token: str) -> User | None:
    """Whose invitation it is; None where it is too old, used, replaced, or was never one."""
    try:
        pk, digest = signing.loads(token, salt=_SALT, max_age=DAYS * 24 * 60 * 60)
    except signing.BadSignature:
        return None
    user = User.objects.select_related("bureau", "department").filter(pk=pk, is_active=True).first()
    return user if user and constant_time_compare(digest, _digest(user)) else None


def accept_invitation(token: str, *, password: str) -> User:
    """Sets the person's own password. Raises RefusedError for a token that does not work any
    longer, ValidationError for a password that is too weak."""
    with transaction.atomic():
        invited = invited_person(token)
        if invited is not None:
            # Twice at once: the second waits here, and finds the token used.
            User.objects.select_for_update(of=("self",)).get(pk=invited.pk)
            invited = invited_person(token)
        if invited is None:
            raise RefusedError("邀请链接已失效，请联系管理员重新发送")
        validate_password(password, invited)
        set_password(invited, password)
        invited.password_changed_at = timezone.now()
        invited.save(update_fields=["password", "old_passwords", "password_changed_at"])
        end_all_of([invited])
        record_person(EventKind.PASSWORD_CHANGED, invited, invited, invitation=True)
        return invited


def _digest(user: User) -> str:
    invited = user.invited_at.isoformat() if user.invited_at else ""
    return salted_hmac(
        _SALT, f"{user.pk}/{user.password}/{user.email}/{invited}", algorithm="sha256"
    ).hexdigest()


def _message(bureau: Bureau, user: User) -> Message:
    """What is said but for the link. The key is of this invitation, so that another can follow."""
    assert user.invited_at is not None
    text = (
        f"{bureau}为您在绩效申报系统开通了账号，用户名是 {user.username}。"
        f"请在 {DAYS} 天内打开邮件中的链接，设置密码后登录。链接只能使用一次，请勿转发。"
    )
    key = f"{_KEY}{user.invited_at.isoformat()}"
    return Message([user], NoticeKind.ACCOUNT, "请设置密码，启用您的账号", text, key=key)
