"""Deny by default: every view needs a login unless it says otherwise."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, JsonResponse


class AskToLogIn(LoginRequiredMiddleware):
    """Sends a page to the login; answers a script with 401, so that it can ask in place."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        if is_from_script(request):
            return JsonResponse({"message": "登录已过期，请重新登录"}, status=401)
        return super().handle_no_permission(request, view_func)


def is_from_script(request: HttpRequest) -> bool:
    """Whether our own JavaScript or htmx asks, and not the browser for a page."""
    return bool(request.headers.get("HX-Request")) or (
        request.headers.get("X-Requested-With") == "fetch"
    )
