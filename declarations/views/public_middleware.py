"""What holds for the public addresses: who reads is nobody, even where they are logged in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/public/"
ALONE = ("/public", "/robots.txt")
"""The addresses of citizens: how they begin, and those that stand alone."""


def is_public(request: HttpRequest) -> bool:
    """Whether an address is one of the public site, whether or not there is such a page."""
    return request.path_info.startswith(PREFIX) or request.path_info in ALONE


class ReadWithoutCookies:
    """Takes a reader's cookies away before anything looks at them.

    So nothing on a public page can depend on a session, none is made or prolonged, and what is
    answered may be kept for everybody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_public(request):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)
