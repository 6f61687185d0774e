"""What holds for every request: its size is bounded, and it needs a login unless it says otherwise."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from declarations.views.public_middleware import is_public

_CHUNK = 2**16
_MOST_DISCARDED = 200 * 2**20


class AskToLogIn(LoginRequiredMiddleware):
    """Sends a page to the login; answers a script with 401, so that it can ask in place.

    Where no login is needed, nobody asks for the session: Django would, and vary by cookie.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        if is_from_script(request):
            return JsonResponse({"message": "登录已过期，请重新登录"}, status=401)
        return super().handle_no_permission(request, view_func)


class RefuseTooLarge:
    """Answers a body larger than anything one may send, before it is parsed or stored.

    It is read to its end and thrown away: a browser that is still sending would not look
    at the answer. Far larger ones are not even read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdecimal() else 0
        most, message = _most(request)
        if size <= most:
            return self.get_response(request)
        if size <= _MOST_DISCARDED:
            while request.read(_CHUNK):
                pass
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if is_from_script(request):
            return JsonResponse({"message": message}, status=status)
        page = "public/too_large.html" if is_public(request) else "errors/too_large.html"
        return render(request, page, {"message": message}, status=status)


def _most(request: HttpRequest) -> tuple[int, str]:
    """Bytes that may be sent to an address, and what is said of more."""
    path = request.path_info
    if path.startswith("/declarations/") and path.endswith("/evidence/"):
        most = settings.EVIDENCE_LARGEST_REQUEST
        return most, f"一次上传的文件合计超过 {most // 2**20} MB，没有上传，请分几次上传"
    if is_public(request):
        most = settings.LARGEST_VERIFIED
        return most + 2**20, f"文件超过 {most // 2**20} MB，没有接收。公开的文件都没有这么大"
    return settings.LARGEST_REQUEST, f"文件超过 {settings.LARGEST_WORKBOOK // 2**20} MB，没有上传"


def is_from_script(request: HttpRequest) -> bool:
    """Whether our own JavaScript or htmx asks, and not the browser for a page."""
    return bool(request.headers.get("HX-Request")) or (
        request.headers.get("X-Requested-With") == "fetch"
    )
