"""Each request has a name, a line in the log, and counts."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from config.logs import about, logged_path
from declarations.views.addresses import client_ip

HEADER = "X-Request-ID"
_NAME = re.compile(r"[A-Za-z0-9-]{8,64}")
_METHODS = {"GET", "HEAD", "POST"}
_QUIET = ("/health/", "/metrics/")
"""Asked for every few seconds, by machines."""

log = logging.getLogger(__name__)

REQUESTS = Counter("jixiao_requests", "Requests answered.", ["view", "method", "status"])
SECONDS = Histogram(
    "jixiao_request_seconds",
    "Seconds until a request was answered.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class Watch:
    """The outermost middleware.

    A request is named by the web server before (``X-Request-ID``), else by us; the answer says
    the name, as do all lines logged on the way. The line at its end is INFO, of a slow one or
    an error as well: an error has a line of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.static = "/" + settings.STATIC_URL.strip("/") + "/"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(self.static):
            return self.get_response(request)
        told = request.headers.get(HEADER, "")
        name = told if _NAME.fullmatch(told) else uuid4().hex
        began = time.perf_counter()
        with about(request_id=name):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            response[HEADER] = name
            self._note(request, response, seconds)
        return response

    def _note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        view = (match.url_name if match else None) or "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        SECONDS.labels(view).observe(seconds)
        if request.path_info.startswith(_QUIET):
            return
        log.info(
            "request",
            extra={
                "method": method,
                "path": logged_path(request),
                "view": view,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "user": _user_id(request),
                "ip": client_ip(request),
            },
        )


def _user_id(request: HttpRequest) -> int | None:
    """Of whom the answer was for, where that was asked; asking now would read the session."""
    return getattr(getattr(request, "_cached_user", None), "pk", None)
