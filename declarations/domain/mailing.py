"""E-mails of notices: sending them, once each, and what to do about those that failed."""

from collections.abc import Sequence
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.inviting import link_of
from declarations.domain.notifying import post
from declarations.models import EventKind, Notice, User
from declarations.queries.notices import MOST_ATTEMPTS, Delivery, delivered_as, outbox_of

KEPT = timedelta(days=2 * 365)
"""How long notices can be read."""
_OF_ONE = (SMTPRecipientsRefused, SMTPDataError, ValueError)
"""What is wrong with one e-mail; everything else is wrong with the mail server."""


class NotSentError(Exception):
    """Some e-mails could not be sent, and should be tried again later."""


def send_notices(notices: Sequence[int]) -> None:
    """Sends those of these notices' e-mails that are not sent yet, over one connection.

    Each in a transaction of its own that locks it, and marks it once the server has taken it:
    two workers do not send the same, and one that is killed between the two may at worst send
    one again. Why one could not be sent is kept with it; after MOST_ATTEMPTS it is given up.
    Raises NotSentError where something should be tried again.
    """
    connection = get_connection()
    down: OSError | None = None
    try:
        for pk in notices:
            down = _send(pk, connection, down)
    finally:
        connection.close()
    waiting = Notice.objects.filter(pk__in=notices, sent_at=None, attempts__lt=MOST_ATTEMPTS)
    if count := waiting.count():
        raise NotSentError(f"{count} e-mails could not be sent")


def resend(actor: User, *, notice_id: int) -> None:
    """Tries an e-mail that was given up, or never tried, again. One that is sent stays so."""
    _resend(actor, [notice_id])


def resend_failed(actor: User) -> int:
    """The same for all e-mails of the bureau that were given up; how many there are."""
    failed = outbox_of(actor.bureau).filter(delivered_as(Delivery.FAILED))
    return _resend(actor, list(failed.values_list("pk", flat=True)))


def forget_old() -> int:
    """Deletes notices that are older than KEPT; how many. The record of what happened stays."""
    return Notice.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _send(pk: int, connection: BaseEmailBackend, down: OSError | None) -> OSError | None:
    """Sends one, unless the server is down: why it is then, so that the rest need not wait for it."""
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",), skip_locked=True)
        notice = (
            locked.filter(pk=pk, sent_at=None)
            .exclude(email="")
            .select_related("recipient__bureau")
            .first()
        )
        if notice is None:
            return down
        try:
            if down is not None:
                raise down
            connection.open()
            connection.send_messages([_email(notice, connection)])
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
            notice.error = _words(error)
            if not isinstance(error, _OF_ONE):
                down = error
        else:
            notice.sent_at, notice.error = timezone.now(), ""
        notice.attempts += 1
        notice.save(update_fields=["sent_at", "attempts", "error"])
        return down


def _email(notice: Notice, connection: BaseEmailBackend) -> EmailMessage:
    bureau = notice.recipient.bureau
    lines = [f"{notice.recipient.name}：", "", notice.text, ""]
    if notice.declaration_id is not None:
        page = reverse("declaration", kwargs={"pk": notice.declaration_id})
        lines += [f"查看：{settings.ADDRESS}{page}", ""]
    if link := link_of(notice):
        lines += [f"设置密码：{link}", ""]
    lines.append(f"{bureau.name} 绩效申报系统（本邮件由系统自动发送，请勿回复）")
    subject = " ".join(f"【绩效申报】{notice.title}".split())
    return EmailMessage(subject, "\n".join(lines), to=[notice.email], connection=connection)


def _words(error: Exception) -> str:
    """Why, for an administrator: what the server said, where it said something."""
    if isinstance(error, SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"邮件服务器不接受这个地址：{code} {_decoded(said)}"
    if isinstance(error, SMTPResponseException):
        return f"邮件服务器拒绝：{error.smtp_code} {_decoded(error.smtp_error)}"
    if isinstance(error, SMTPException):
        return f"邮件服务器不能使用：{error}"
    if isinstance(error, OSError):
        return f"无法连接邮件服务器：{error}"
    return f"邮件地址或内容有误：{error}"


def _decoded(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return text.replace("\x00", "")


def _resend(actor: User, notices: Sequence[int]) -> int:
    if not permissions.can_see_outbox(actor, actor.bureau):
        raise NotPermittedError("只有本财政局的系统管理员可以重新发送邮件")
    if not settings.EMAIL_HOST:
        raise RefusedError("还没有配置邮件服务器，不能发送邮件；请联系运维人员")
    with transaction.atomic():
        found = outbox_of(actor.bureau).filter(pk__in=notices, sent_at=None)
        again = list(
            found.filter(delivered_as(Delivery.FAILED) | delivered_as(Delivery.WAITING))
            .select_for_update(of=("self",))
            .values_list("pk", "email")
        )
        Notice.objects.filter(pk__in=[pk for pk, _ in again]).update(attempts=0, error="")
        post([pk for pk, _ in again])
        if again:
            record(
                EventKind.EMAIL_RESENT,
                actor=actor,
                bureau_id=actor.bureau_id,
                to=[address for _, address in again],
            )
        return len(again)
