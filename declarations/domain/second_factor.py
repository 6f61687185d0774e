"""The second factor: one-time codes from a person's phone (TOTP), and recovery codes.

django-otp keeps the devices: one `TOTPDevice` for a person, which remembers the last code
so that none works twice, and one `StaticDevice` with recovery codes. Each slows down after
wrong codes: one second, two, four…
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from declarations import permissions
from declarations.domain import sessions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.models import EventKind, User
from declarations.permissions.accounts import needs_second_factor

RECOVERY_CODES = 10
DIGITS = 6
_NAME = "动态口令"


class WrongCodeError(RefusedError):
    """The code is wrong, was used, or comes too soon after a wrong one."""


def new_key() -> str:
    """A key to set a phone up with: 20 random bytes, as hexadecimal digits."""
    return str(random_hex(20))


def unsaved_device(user: User, key: str) -> TOTPDevice:
    """The device as it would be kept, for its address in a QR code."""
    return TOTPDevice(user=user, name=_NAME, key=key, confirmed=True)


def is_set_up(user: User) -> bool:
    """Whether a code is asked for when this person logs in."""
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def is_recovery(device: Device) -> bool:
    """Whether it was a recovery code that a device took."""
    return isinstance(device, StaticDevice)


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user_id=user.pk).count())


def set_up(
    actor: User, *, key: str, code: str, password: str, session_key: str | None
) -> tuple[TOTPDevice, list[str]]:
    """Takes a phone into use, in place of one before; the device and new recovery codes.

    password: asked for again only where there is one before. session_key: of the session that
    goes on; the others end. Raises RefusedError.
    """
    with transaction.atomic():
        user = _locked(actor)
        before = is_set_up(user)
        if before and not user.check_password(password):
            raise RefusedError("密码不正确")
        device = unsaved_device(user, key)
        _forget(user)
        device.save()
        if not device.verify_token(code):
            raise WrongCodeError("动态口令不正确，请核对手机时间后重新输入")
        codes = _new_recovery_codes(user)
        sessions.end_all_of([user], but=session_key)
        _record(EventKind.SECOND_FACTOR_ADDED, actor, user, instead=before)
        return device, codes


def renew_recovery_codes(actor: User, *, password: str) -> list[str]:
    """New recovery codes; the old ones no longer work. Raises RefusedError."""
    with transaction.atomic():
        user = _locked(actor)
        if not is_set_up(user):
            raise RefusedError("还没有启用动态口令")
        if not user.check_password(password):
            raise RefusedError("密码不正确")
        _record(EventKind.SECOND_FACTOR_ADDED, actor, user, recovery_codes=True)
        return _new_recovery_codes(user)


def remove(actor: User, *, password: str) -> None:
    """Does without codes again. Raises RefusedError where the bureau wants them. Twice is once."""
    with transaction.atomic():
        user = _locked(actor)
        if needs_second_factor(user):
            raise NotPermittedError("财政局要求您的岗位启用动态口令，不能停用；换手机请用“更换”")
        if not user.check_password(password):
            raise RefusedError("密码不正确")
        if _forget(user):
            _record(EventKind.SECOND_FACTOR_REMOVED, actor, user)


def reset(actor: User | None, *, user_id: int) -> User:
    """Takes away a factor that somebody has lost, and ends their sessions. Twice is once.

    actor: a security administrator, not of their own factor; None where the shell does it.
    """
    with transaction.atomic():
        user = _locked(User(pk=user_id))
        if actor is not None and not permissions.can_manage_security(actor, user.bureau):
            raise NotPermittedError("只有本财政局的安全管理员可以重置动态口令")
        if actor is not None and actor.pk == user.pk:
            raise NotPermittedError("不能重置自己的动态口令，请由另一位安全管理员操作")
        if _forget(user):
            sessions.end_all_of([user])
            _record(EventKind.SECOND_FACTOR_REMOVED, actor, user)
        return user


def verify(user: User, code: str) -> Device:
    """The device that takes the code: six digits from the phone, or a recovery code.

    Raises WrongCodeError, with the record of it kept.
    """
    device, problem = _try(user, code)
    if problem is None:
        return device
    record(
        EventKind.LOGIN_FAILED,
        actor=user,
        bureau_id=user.bureau_id,
        succeeded=False,
        reason="code",
    )
    raise WrongCodeError(problem)


def _try(user: User, code: str) -> tuple[Device, str | None]:
    """The device asked, and what is wrong; a wrong code is counted, so this commits either way."""
    text = "".join(filter(str.isalnum, code)).lower()
    model = TOTPDevice if text.isdecimal() and len(text) == DIGITS else StaticDevice
    with transaction.atomic():
        devices = model.objects.filter(user_id=user.pk, confirmed=True).select_for_update()
        device = devices.first()
        if device is None:
            return None, "没有可用的恢复码，请联系安全管理员"
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return device, f"输错次数过多，请等 {_seconds_until(why['locked_until'])} 秒后再试"
        if device.verify_token(text):
            return device, None
        kind = "动态口令" if model is TOTPDevice else "恢复码"
        return device, f"{kind}不正确或已经用过，请重新输入"


def _seconds_until(moment: datetime) -> int:
    return max(1, round((moment - timezone.now()).total_seconds()))


def _new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user_id=user.pk).delete()
    device = StaticDevice.objects.create(user=user, name=_NAME, confirmed=True)
    codes = [str(StaticToken.random_token()) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _forget(user: User) -> bool:
    """Deletes the person's devices; whether there were any."""
    gone, _ = TOTPDevice.objects.filter(user_id=user.pk).delete()
    StaticDevice.objects.filter(user_id=user.pk).delete()
    return bool(gone)


def _locked(user: User) -> User:
    users = User.objects.select_related("bureau")
    return users.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _record(kind: EventKind, actor: User | None, user: User, **data: Any) -> None:
    record(kind, actor=actor, bureau_id=user.bureau_id, user=user.pk, name=user.name, **data)
