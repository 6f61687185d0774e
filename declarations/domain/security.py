"""What a security administrator sets and lifts."""

from collections.abc import Mapping
from typing import Any

from axes.utils import reset as forget_failures
from django.db import transaction

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError
from declarations.models import Bureau, EventKind, User

SETTINGS = ("password_days", "idle_minutes", "second_factor")
"""The columns of `Bureau` that protect accounts."""


def change_settings(actor: User, *, bureau_id: int, settings: Mapping[str, Any]) -> Bureau:
    """Changes what protects the bureau's accounts; the record says from what to what.

    settings: by name, those of SETTINGS. Raises NotPermittedError, ValidationError.
    """
    with transaction.atomic():
        bureau = Bureau.objects.select_for_update(of=("self",), no_key=True).get(pk=bureau_id)
        _require(actor, bureau)
        changes = {
            name: [getattr(bureau, name), settings[name]]
            for name in SETTINGS
            if name in settings and getattr(bureau, name) != settings[name]
        }
        if changes:
            for name, (_, new) in changes.items():
                setattr(bureau, name, new)
            bureau.full_clean()
            bureau.save(update_fields=list(changes))
            record(EventKind.SECURITY_CHANGED, actor=actor, bureau_id=bureau.pk, changes=changes)
        return bureau


def unlock(actor: User | None, *, user_id: int) -> User:
    """Lets a person try again whose account wrong passwords had locked. Twice is once.

    actor: None where the shell does it.
    """
    with transaction.atomic():
        user = User.objects.select_related("bureau").get(pk=user_id)
        if actor is not None:
            _require(actor, user.bureau)
        if forget_failures(username=user.username):
            record(
                EventKind.UNLOCKED,
                actor=actor,
                bureau_id=user.bureau_id,
                user=user.pk,
                name=user.name,
            )
        return user


def _require(actor: User, bureau: Bureau) -> None:
    if not permissions.can_manage_security(actor, bureau):
        raise NotPermittedError("只有本财政局的安全管理员可以管理账号安全")
