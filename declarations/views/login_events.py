"""Puts on record what Django and axes tell of logins that were refused."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from declarations.domain import accounts


@receiver(user_login_failed)
def _failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    accounts.login_failed(str(credentials.get("username") or ""), reason="password")


@receiver(user_locked_out)
def _locked_out(sender: Any, request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    # axes tells it again for every attempt while the lock lasts; then it does not count them.
    if getattr(request, "axes_failures_since_start", None) is not None:
        accounts.locked_out(username or "")
