"""Whether a document is what was published: by its code, or by the file itself. And these files.

Anybody may ask. A file that is sent is hashed in memory and forgotten.
"""

import hashlib
import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from declarations.models import PublishedFile
from declarations.queries import public
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.files import DamagedFileError, content_of
from declarations.queries.published import PUBLIC_FORMATS
from declarations.queries.verifying import Known, file_of_code, known_by_code, verdict_on
from declarations.sheets.codes import parse_code, shown_code
from declarations.views.public_caching import MAX_AGE, Standing, public_page

_FILE_CACHE_CONTROL = f"public, max-age={MAX_AGE}, must-revalidate"
_log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """Asks for a code or a file, and says what a file is. No token guards it: nothing is changed,
    and a token would need a cookie."""
    return _answer(request) if request.method == "POST" else _question(request)


@public_page()
def _question(request: HttpRequest, _subject: None) -> HttpResponse:
    typed = request.GET.get("code", "")
    code = parse_code(typed)
    if code is not None:
        return redirect("public-verify-code", code)
    context = _context(typed=typed, wrong_code=bool(typed.strip()))
    return render(request, "public/verify.html", context)


@never_cache
def _answer(request: HttpRequest) -> HttpResponse:
    sent = request.FILES.get("file")
    if sent is None:
        return render(request, "public/verify.html", _context(no_file=True))
    content = sent.read()
    verdict = verdict_on(content, hashlib.sha256(content).hexdigest())
    context = _context(verdict=verdict, name=sent.name, size=len(content))
    if verdict.known is not None:
        context |= _shown(verdict.known)
    return render(request, "public/verify.html", context)


def _code_standing(request: HttpRequest, code: str) -> Standing:
    """Of the page of a code, however it is written; what it leads to is its subject."""
    parsed = parse_code(code)
    known = known_by_code(parsed) if parsed else None
    if known is None:
        return Standing(None, ("unknown",))
    one, current = known.publication, known.current
    bureau, department = one.declaration.round.bureau, one.declaration.department
    names = (bureau.name, bureau.public_contact, department.name, known.address)
    times = (current.published_at, one.withdrawn_at, current.withdrawn_at)
    return Standing(known, (one.pk, current.pk, *times, *names), max(filter(None, times)))


@public_page(_code_standing)
def by_code(request: HttpRequest, known: Known | None, code: str) -> HttpResponse:
    """What was published under a code, its files and their hashes, and what became of it."""
    if known is None:
        context = _context(typed=code, wrong_code=parse_code(code) is None, unknown_code=True)
        return render(request, "public/verify.html", context, status=HTTPStatus.NOT_FOUND)
    if code != known.publication.code:
        return redirect("public-verify-code", known.publication.code)
    files = public.files_of(known.publication)
    labels = [(PUBLIC_FORMATS.get(f.format, f.format.upper()), f) for f in files]
    context = _context(files=labels, **_shown(known))
    return render(request, "public/verify_code.html", context)


@login_not_required
@require_safe
def public_file(request: HttpRequest, code: str, format: str) -> HttpResponseBase:  # noqa: A002
    """A published file, the very bytes. Gone (410) where the publication was withdrawn."""
    found = file_of_code(code, format)
    if found is None:
        raise Http404
    if not found.publication.is_public:
        known = known_by_code(code)
        assert known is not None
        gone = render(request, "public/file_gone.html", _shown(known), status=HTTPStatus.GONE)
        gone["Cache-Control"] = _FILE_CACHE_CONTROL
        return gone
    etag = f'"{found.file.sha256}"'
    published_at = found.publication.published_at.timestamp()
    kept = get_conditional_response(request, etag, int(published_at))
    response = kept or _bytes_of(request, found)
    if response.status_code < HTTPStatus.BAD_REQUEST:
        response["ETag"] = etag
        response["Last-Modified"] = http_date(published_at)
        response["Cache-Control"] = _FILE_CACHE_CONTROL
    return response


def _bytes_of(request: HttpRequest, found: PublishedFile) -> HttpResponse:
    """The file, read and compared with its hash; by the web server itself where that may
    (JIXIAO_ACCEL), which does not compare."""
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    response = HttpResponse(
        content_type=CONTENT_TYPES[found.format],
        headers={"Content-Disposition": disposition or "", "X-Content-Type-Options": "nosniff"},
    )
    if settings.ACCEL:
        response["X-Accel-Redirect"] = f"{settings.ACCEL}{found.file.name}"
        return response
    if request.method != "HEAD":
        try:
            response.content = content_of(found.file)
        except DamagedFileError:
            _log.exception("a published file cannot be read")
            return render(
                request, "public/file_damaged.html", status=HTTPStatus.SERVICE_UNAVAILABLE
            )
    response["Content-Length"] = str(found.file.size)
    return response


def _context(**said: Any) -> dict[str, Any]:
    """What the pages ask for, so that each says all of it."""
    return {
        "typed": "",
        "wrong_code": False,
        "unknown_code": False,
        "no_file": False,
        "verdict": None,
        "most": settings.LARGEST_VERIFIED,
        "most_mb": settings.LARGEST_VERIFIED // 2**20,
        **said,
    }


def _shown(known: Known) -> dict[str, Any]:
    return {
        "known": known,
        "publication": known.publication,
        "declaration": known.publication.declaration,
        "shown_code": shown_code(known.publication.code),
        "current": known.current,
    }
