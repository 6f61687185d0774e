"""From a right password to a session: with or without a code in between.

Until the code is there nobody is logged in; the anonymous session only remembers who may
enter it. So without it every address answers as to a stranger.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp import DEVICE_ID_SESSION_KEY

from declarations.domain.accounts import begin_session
from declarations.models import User

BACKEND = "declarations.views.authentication.Backend"
MINUTES_TO_ENTER = 10
_WAITING = "waiting_for_code"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who gave the right password, and where they wanted to go."""

    user: User
    next: str


def ask_for_code(request: HttpRequest, user: User, next_: str) -> None:
    """Remembers that this person has given the right password."""
    request.session.cycle_key()
    request.session[_WAITING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "since": timezone.now().timestamp(),
        "next": next_,
    }


def waiting_for_code(request: HttpRequest) -> Waiting | None:
    """Who is to enter a code; None where nobody is, it took too long, or the password changed."""
    kept: dict[str, Any] | None = request.session.get(_WAITING)
    if kept is None or timezone.now().timestamp() - kept["since"] > MINUTES_TO_ENTER * 60:
        return None
    user = User.objects.select_related("bureau").filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    return Waiting(user, kept["next"])


def sign_in(request: HttpRequest, user: User, *, device: Any = None) -> None:
    """Begins the session, with its event, in one transaction.

    device: the second factor that took the code. Raises RefusedError where one is asked for
    that was set up since.
    """
    with transaction.atomic():
        begin_session(user, with_code=device is not None)
        request.session.pop(_WAITING, None)
        login(request, user, backend=BACKEND)
        if device is not None:
            mark_verified(request, device)
        request.session.save()


def mark_verified(request: HttpRequest, device: Any) -> None:
    """This session has shown its second factor."""
    request.session[DEVICE_ID_SESSION_KEY] = device.persistent_id
