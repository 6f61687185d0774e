"""What all public pages have in common: nobody is asked who they are, and answers may be kept.

A page says what it is made of before it is drawn (`Standing`), at the cost of one query. That and
the release give its ETag. Who has it already gets a 304, and what was drawn once is sent again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial, wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.http import require_safe

MAX_AGE = 60
"""Seconds for which an answer is shown without asking again. What is withdrawn is gone everywhere
after twice as long."""
CACHE_CONTROL = f"public, max-age={MAX_AGE}, stale-while-revalidate={MAX_AGE}"

DRAWN = LocMemCache("public", {"TIMEOUT": None, "OPTIONS": {"MAX_ENTRIES": 500}})
"""Answers by ETag, in this process alone: where they were wrong, the 304 would be, too."""
_GZIP = GZipMiddleware(lambda _: HttpResponse())  # its method alone is used
LARGEST_KEPT = 64 * 1024
"""Bytes. Most are of some kilobytes, compressed, so that all of them are a few megabytes."""

_DRAWN_BY = ("declarations/**/*.py", "scoring/**/*.py", "templates/public/**/*", "static/app/**/*")
"""What decides how a page looks, besides what it is made of."""
_CONFIGURED = ("ADDRESS", "TIME_ZONE", "STATIC_URL", "LARGEST_VERIFIED")
"""Settings that pages show something of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page shows now.

    subject: whatever was read to know it, handed to the view. key: all that the page depends on
    and that can change; of the same address and release, the same key means the same bytes.
    changed_at: when it changed last, as far as that is known.
    """

    subject: Any = None
    key: tuple[object, ...] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The code that draws. digest: the same on every host that runs it."""

    digest: str
    made_at: datetime


@cache
def release() -> Release:
    """The release that this process runs; the files are read once."""
    found: set[Path] = set()
    for pattern in _DRAWN_BY:
        found.update(p for p in settings.BASE_DIR.glob(pattern) if p.is_file())
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode())
        digest.update(path.read_bytes())
    newest = max(path.stat().st_mtime for path in found)
    return Release(digest.hexdigest(), datetime.fromtimestamp(newest, UTC))


def public_page(
    standing: Callable[..., Standing] | None = None,
    *,
    cache_control: str = CACHE_CONTROL,
    keep: bool = True,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view for anybody, answering GET and HEAD, compressed, with ETag and Last-Modified.

    standing: called with the view's own arguments, raises Http404 where there is nothing; None for
    what changes with the release only. keep: whether it is asked for often enough to be kept.
    The view is called with the request, the subject and the arguments. It must not look at the
    user, the session or a cookie.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            now = standing(request, *args, **kwargs) if standing else Standing()
            etag = etag_of(request, now)
            modified = max(filter(None, (now.changed_at, release().made_at)))
            kept = get_conditional_response(request, etag, int(modified.timestamp()))
            draw = partial(view, request, now.subject, *args, **kwargs)
            response = kept or _drawn(request, etag if keep else "", draw)
            return _kept_by_readers(response, etag, modified, cache_control)

        return login_not_required(require_safe(answer))

    return decorate


def etag_of(request: HttpRequest, standing: Standing) -> str:
    """Weak: compression changes the bytes, and not what they say."""
    configured = [getattr(settings, name) for name in _CONFIGURED]
    parts = (release().digest, request.get_full_path(), *map(repr, [*configured, *standing.key]))
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _drawn(
    request: HttpRequest, etag: str, draw: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Compressed, where that is understood. There is nothing secret on these pages that the
    length could tell (BREACH): neither a token nor anything of the reader."""
    compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    key = f"{etag}{'gzip' * compressed}"
    known: HttpResponse | None = DRAWN.get(key) if etag else None
    if known is not None:
        return known
    response = draw()
    if compressed:
        response = _GZIP.process_response(request, response)
    if etag and isinstance(response, HttpResponse) and _is_worth_keeping(response):
        DRAWN.set(key, response)
    return response


def _is_worth_keeping(response: HttpResponse) -> bool:
    return response.status_code == HTTPStatus.OK and len(response.content) <= LARGEST_KEPT


def _kept_by_readers(
    response: HttpResponseBase, etag: str, modified: datetime, cache_control: str
) -> HttpResponseBase:
    patch_vary_headers(response, ["Accept-Encoding"])
    if response.status_code in (200, 304):
        response["ETag"] = etag
        response["Last-Modified"] = http_date(modified.timestamp())
        response["Cache-Control"] = cache_control
    return response
