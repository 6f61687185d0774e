"""What holds for every request of a person: where it came from is known, an idle session is
over, and the account must be in order before anything else."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from declarations.domain import sessions
from declarations.domain.origin import Origin, coming_from
from declarations.models import User
from declarations.permissions.accounts import must_change_password, needs_second_factor
from declarations.views.addresses import client_ip
from declarations.views.middleware import is_from_script
from declarations.views.public_middleware import is_public
from declarations.views.session_store import SessionStore

Answer = Callable[[HttpRequest], HttpResponse]

ALWAYS_OPEN = ("login", "login-code", "logout", "session-alive", "password")
SETTING_UP = ("second-factor",)
"""Names of addresses that answer also while the account is not in order."""


class KnowOrigin:
    """Notes where the request comes from, for sessions and for the record."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        agent = request.headers.get("User-Agent", "")[:300]
        with coming_from(Origin(client_ip(request), agent)):
            return self.get_response(request)


class EndIdleSession:
    """Logs out who has not asked for anything for too long; costs one query in a minute.

    What a page's script reads by itself does not count; that somebody is at the page it says
    by `session-alive`.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_public(request) and request.user.is_authenticated:
            self._look_at(request, request.user)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest, user: User) -> None:
        session, now = request.session, timezone.now()
        assert isinstance(session, SessionStore)
        assert session.row is not None  # it was just loaded
        by_itself = request.method == "GET" and is_from_script(request)
        if not sessions.is_idle(session.row, user, now):
            if not by_itself:
                sessions.touch(session.row, now)
            return
        session.flush()
        request.user = AnonymousUser()
        if not is_from_script(request):
            messages.info(request, "您长时间没有操作，已自动退出。请重新登录。")


class AccountInOrder:
    """Sends who must first change the password, or set up a second factor, there."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, *_arguments: Any
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True):  # before anybody asks for the session
            return None
        user = request.user
        name = request.resolver_match.url_name if request.resolver_match else None
        if not user.is_authenticated or name in ALWAYS_OPEN:
            return None
        if must_change_password(user, timezone.now()):
            return _first(request, "password", "请先修改密码")
        if (
            needs_second_factor(user)
            and DEVICE_ID_SESSION_KEY not in request.session
            and name not in SETTING_UP
        ):
            return _first(request, "second-factor", "请先设置动态口令")
        return None


def _first(request: HttpRequest, name: str, message: str) -> HttpResponseBase:
    if is_from_script(request):
        told = f"{message}：请在新的标签页打开本系统，完成后再回到这里继续，已填写的内容不会丢失"
        return JsonResponse({"message": told, "code": name}, status=HTTPStatus.FORBIDDEN)
    return redirect(name)
