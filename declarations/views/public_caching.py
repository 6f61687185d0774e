"""What all public pages have in common: nobody is asked who they are, and answers may be kept.

A page says what it is made of before it is drawn (`Standing`), at the cost of one query. That and
the release give its ETag, so who has it already gets a 304, and nothing is drawn.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

MAX_AGE = 60
"""Seconds for which an answer is shown without asking again. What is withdrawn is gone everywhere
after twice as long."""
CACHE_CONTROL = f"public, max-age={MAX_AGE}, stale-while-revalidate={MAX_AGE}"

_DRAWN_BY = ("declarations/**/*.py", "scoring/**/*.py", "templates/public/**/*", "static/app/css/*")
"""What decides how a page looks, besides what it is made of."""


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
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view for anybody, answering GET and HEAD, compressed, with ETag and Last-Modified.

    standing: called with the view's own arguments, raises Http404 where there is nothing; None for
    what changes with the release only. The view is called with the request, the subject and the
    arguments. It must not look at the user, the session or a cookie.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            now = standing(request, *args, **kwargs) if standing else Standing()
            etag = etag_of(request, now)
            modified = max(filter(None, (now.changed_at, release().made_at)))
            kept = get_conditional_response(request, etag, int(modified.timestamp()))
            response = kept or view(request, now.subject, *args, **kwargs)
            return _kept_by_readers(response, etag, modified, cache_control)

        return login_not_required(require_safe(gzip_page(answer)))

    return decorate


def etag_of(request: HttpRequest, standing: Standing) -> str:
    """Weak: compression changes the bytes, and not what they say."""
    parts = (release().digest, request.get_full_path(), *map(repr, standing.key))
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _kept_by_readers(
    response: HttpResponseBase, etag: str, modified: datetime, cache_control: str
) -> HttpResponseBase:
    patch_vary_headers(response, ["Accept-Encoding"])
    if response.status_code in (200, 304):
        response["ETag"] = etag
        response["Last-Modified"] = http_date(modified.timestamp())
        response["Cache-Control"] = cache_control
    return response
