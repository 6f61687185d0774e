"""Accounts: logging in and out, and passwords."""

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from declarations.domain import passwords, second_factor, sessions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.notifying import notify
from declarations.domain.queueing import enqueue
from declarations.models import EventKind, NoticeKind, User

LINK_EVERY = 10 * 60
"""Seconds in which a person gets one link, however often it is asked for."""

_TOKENS = PasswordResetTokenGenerator()


def begin_session(user: User, *, with_code: bool) -> None:
    """Records that a person logs in; called in the transaction in which the session is stored.

    Locks the account against a second factor that is being set up at the same moment. Raises
    NotPermittedError where a code is asked for by now.
    """
    locked(user.pk)
    if not with_code and second_factor.is_set_up(user):
        raise NotPermittedError("这个账号已启用动态口令，请重新登录")
    record(EventKind.LOGGED_IN, actor=user, bureau_id=user.bureau_id, code=with_code)


def log_out(user: User) -> None:
    """Records that a person logs out."""
    record(EventKind.LOGGED_OUT, actor=user, bureau_id=user.bureau_id)


def login_failed(username: str, *, reason: str) -> None:
    """Records a login that was refused, where there is such an account.

    Under its name although perhaps somebody else tried: `succeeded` is False. A name that
    nobody has is not kept; it may be a password in the wrong field.
    """
    if user := _named(username):
        _refused(EventKind.LOGIN_FAILED, user, reason)


def locked_out(username: str) -> None:
    """Records that too many wrong passwords locked an account."""
    if user := _named(username):
        _refused(EventKind.LOCKED_OUT, user, "password")


def change_password(actor: User, *, old: str, new: str, session_key: str | None) -> User:
    """Changes one's own password and ends one's other sessions.

    session_key: of the session that goes on. Raises RefusedError for a wrong old password,
    ValidationError for a new one that cannot be.
    """
    with transaction.atomic():
        user = locked(actor.pk)
        if not user.check_password(old):
            raise RefusedError("旧密码不正确")
        _set_own_password(user, new)
        sessions.end_all_of([user], but=session_key)
        record(EventKind.PASSWORD_CHANGED, actor=user, bureau_id=user.bureau_id)
        return user


def ask_for_link(username: str) -> None:
    """Has the queue send a link for a new password to the account's e-mail address, if any.

    One in ten minutes at most; the person is told of it in the application, too. Says nothing
    of whether there is such an account: nobody who is not logged in is to learn that.
    """
    user = User.objects.filter(username=username, is_active=True).exclude(email="").first()
    if user is None or not settings.EMAIL_HOST:
        return
    with transaction.atomic():
        told = notify(
            [user],
            kind=NoticeKind.ACCOUNT,
            title="有人要求重设您的密码",
            text=f"链接已发往您登记的邮箱 {user.email}。如果不是您本人要求的，请告诉安全管理员。",
            key=f"password-link/{int(timezone.now().timestamp()) // LINK_EVERY}",
            by_email=False,  # nor may the link stand in a notice: administrators read the outbox
        )
        if told:
            enqueue("declarations.send_password_link", user_id=user.pk)


def send_link(user_id: int) -> None:
    """Sends the link. It is made here and kept nowhere: whoever reads it can take the account."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return
    path = reverse("password-reset", args=[name_in_link(user), _TOKENS.make_token(user)])
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    send_mail(
        "重设绩效申报系统的密码",
        f"{user.name}：\n\n有人（应该是您）要求重设账号 {user.username} 的密码。请在 {minutes} 分钟内"
        f"打开下面的链接，设置新密码。链接只能用一次。\n\n{settings.ADDRESS}{path}\n\n"
        "如果不是您本人要求的，不必理会这封邮件，密码不会改变。\n",
        None,
        [user.email],
    )


def name_in_link(user: User) -> str:
    return urlsafe_base64_encode(force_bytes(user.pk))


def whose_link(name: str, token: str) -> User | None:
    """Whose link it is; None where it is too old, was used, or was never one."""
    try:
        pk = int(force_str(urlsafe_base64_decode(name)))
    except ValueError:
        return None
    user = User.objects.select_related("bureau").filter(pk=pk, is_active=True).first()
    return user if user and _TOKENS.check_token(user, token) else None


def reset_password(name: str, token: str, *, new: str) -> User:
    """Sets the password that a person chose by a link; ends all sessions and any lockout.

    Raises RefusedError where the link does not work any longer, ValidationError for a
    password that cannot be.
    """
    with transaction.atomic():
        found = whose_link(name, token)
        user = found and locked(found.pk)
        if user is None or not _TOKENS.check_token(user, token):
            raise RefusedError("链接已失效，请重新申请")
        _set_own_password(user, new)
        sessions.end_all_of([user])
        forget_failures(username=user.username)
        record(EventKind.PASSWORD_RESET, actor=user, bureau_id=user.bureau_id)
        return user


def locked(user_id: int) -> User:
    """The account, locked until the transaction ends; not against what refers to it."""
    users = User.objects.select_related("bureau")
    return users.select_for_update(of=("self",), no_key=True).get(pk=user_id)


def _set_own_password(user: User, new: str) -> None:
    validate_password(new, user)
    passwords.set_password(user, new)
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "old_passwords", "password_changed_at"])


def _named(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def _refused(kind: EventKind, user: User, reason: str) -> None:
    record(kind, actor=user, bureau_id=user.bureau_id, succeeded=False, reason=reason)
