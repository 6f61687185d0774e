"""The read-only API for everybody: `api_definition` says what it can be asked.

No cookie, no login; errors are JSON, too (RFC 9457).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.views.decorators.csrf import csrf_exempt

from declarations.models import Bureau, CatalogueEntry, Department, Publication
from declarations.queries import catalogue, open_api, open_data, public
from declarations.queries.open_api import address_of
from declarations.sheets.open_data import Column, Row, json_row
from declarations.sheets.open_datasets import CHANGE_LOG, LICENCE
from declarations.views import api_definition as definition
from declarations.views.api_definition import PROBLEM, Endpoint
from declarations.views.api_parameters import USUAL, UnreadableError
from declarations.views.public import bureau_standing, bureaus_standing
from declarations.views.public_caching import Standing, public_page

_NO_CURSOR = "只能用上一页的 next 中的"


class ProblemError(Exception):
    """What is wrong with a request, for who wrote it."""

    def __init__(self, detail: str, status: HTTPStatus, parameter: str = "") -> None:
        super().__init__(detail)
        self.detail, self.status, self.parameter = detail, status, parameter


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. bureau: of its parameter; found: what the address names."""

    endpoint: Endpoint
    values: Mapping[str, Any]
    bureau: Bureau | None = None
    found: Any = None

    @property
    def size(self) -> int:
        limit: int = self.values.get("limit", USUAL)
        return limit

    @property
    def cursor(self) -> str:
        cursor: str = self.values.get("cursor", "")
        return cursor


def _json(content: Any, **kwargs: Any) -> JsonResponse:
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, **kwargs)


_TITLES = {
    HTTPStatus.BAD_REQUEST: "参数有误",
    HTTPStatus.NOT_FOUND: "没有找到",
    HTTPStatus.METHOD_NOT_ALLOWED: "只能读取",
}


def _problem(error: ProblemError) -> HttpResponse:
    """The error as a Problem Details object."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES[error.status],
        "status": error.status,
        "detail": error.detail,
    }
    if error.parameter:
        content["parameter"] = error.parameter
    return _json(content, status=error.status, content_type=PROBLEM)


def _without_reading(request: HttpRequest) -> HttpResponse | None:
    """The answer to what asks for nothing; None where something is asked for."""
    if request.method in ("GET", "HEAD"):
        return None
    if request.method == "OPTIONS":  # a browser asks whether it may send If-None-Match
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
    else:
        detail = "接口只供读取，请用 GET"
        response = _problem(ProblemError(detail, HTTPStatus.METHOD_NOT_ALLOWED))
    response["Allow"] = response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    return response


def _of_api(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose errors are JSON, and which scripts of all sites may read."""

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **address: Any) -> HttpResponseBase:
        try:
            response = _without_reading(request) or view(request, **address)
        except ProblemError as error:
            response = _problem(error)
        except Http404:
            detail = "没有公开过这一内容，请核对网址中的编码、年度和次序"
            response = _problem(ProblemError(detail, HTTPStatus.NOT_FOUND))
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


def _endpoint(
    endpoint: Endpoint, find: Callable[..., Standing] | None = None
) -> Callable[[Callable[[Asked], Any]], Callable[..., HttpResponseBase]]:
    """A view of an endpoint. find: what its address names, of endpoints that name something."""

    def standing(request: HttpRequest, **address: Any) -> Standing:
        values = _values(request, endpoint)
        if find is not None:
            named = find(**address)
            return Standing(
                Asked(endpoint, values, None, named.subject), named.key, named.changed_at
            )
        if "bureau" not in values:
            now = bureaus_standing(request)
            return Standing(Asked(endpoint, values, None, now.subject), now.key, now.changed_at)
        try:
            now = bureau_standing(request, values["bureau"])
        except Http404:
            raise _unreadable("bureau", "没有这一财政局，或者它还没有公开过") from None
        return Standing(Asked(endpoint, values, now.subject), now.key, now.changed_at)

    def decorate(view: Callable[[Asked], Any]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, asked: Asked, **_address: Any) -> HttpResponse:
            return _json(view(asked))

        return _of_api(public_page(standing)(answer))

    return decorate


def _unreadable(parameter: str, message: str) -> ProblemError:
    return ProblemError(f"{parameter} {message}", HTTPStatus.BAD_REQUEST, parameter)


def _values(request: HttpRequest, endpoint: Endpoint) -> dict[str, Any]:
    """What is asked for, by parameter; one that is unknown would narrow nothing, unnoticed."""
    values: dict[str, Any] = {}
    for name in request.GET:
        if name not in endpoint.asked:
            known = "、".join(endpoint.asked) or "无"
            raise _unreadable(name, f"不是这个接口的参数，可用的有：{known}")
        try:
            values[name] = endpoint.asked[name].read(request.GET[name])
        except UnreadableError as error:
            raise _unreadable(name, str(error)) from None
    return values


def _page(asked: Asked, columns: Sequence[Column], rows: Sequence[Row], following: str) -> Any:
    """A page of a list. following: the cursor of the next one, "" after the last."""
    next_ = None
    if following:
        values = {k: getattr(v, "isoformat", lambda v=v: v)() for k, v in asked.values.items()}
        asked_for = urlencode(values | {"cursor": following})
        next_ = f"{address_of(asked.endpoint.name)}?{asked_for}"
    return {"items": [json_row(columns, row) for row in rows], "next": next_}


@_endpoint(definition.INDEX)
def index(asked: Asked) -> Any:
    """Where everything is."""
    lists = [e for e in definition.ENDPOINTS if e.is_list]
    return {
        "title": definition.TITLE,
        "version": definition.VERSION,
        "licence": LICENCE,
        "openapi": address_of("public-api-openapi"),
        "addresses": {e.path.strip("/"): address_of(e.name) for e in lists},
    }


@_endpoint(definition.BUREAUS)
def bureaus(asked: Asked) -> Any:
    """Every bureau that has published something; they are few, and come at once."""
    counts = public.published_by_bureau()
    rows = [open_api.bureau_row(b, counts.get(b.pk, 0), b.changed_at) for b in asked.found]
    return _page(asked, definition.BUREAU_COLUMNS, rows, "")


@_endpoint(definition.DEPARTMENTS)
def departments(asked: Asked) -> Any:
    """Every department that has published something."""
    rows = open_api.departments(asked.bureau, asked.cursor, asked.size + 1)
    shown = rows[: asked.size]
    following = str(shown[-1]["department_code"]) if len(rows) > asked.size else ""
    return _page(asked, definition.DEPARTMENT_COLUMNS, shown, following)


@_endpoint(definition.LIST)
def declarations(asked: Asked) -> Any:
    """What was published, in the order in which it changed, or what has some words in it."""
    values = asked.values
    wanted = {name: values[name] for name in ("year", "kind") if name in values}
    wanted["bureau"] = asked.bureau
    if "department" in values:
        wanted["department"] = _department(values["department"])
    if "q" in values:
        found, following = _search(asked, wanted)
    else:
        found, following = _changed(asked, wanted)
    rows = open_api.declaration_rows(found)
    return _page(asked, definition.DECLARATION_COLUMNS, rows, following)


def _department(code: str) -> Department:
    department = open_api.department_named(code)
    if department is None:
        raise _unreadable("department", "没有这一部门，或者它还没有公开过")
    return department


def _search(asked: Asked, wanted: Mapping[str, Any]) -> tuple[Sequence[CatalogueEntry], str]:
    """What has the words in it, and the cursor of the next page."""
    if "changed_since" in asked.values:
        raise _unreadable("changed_since", "不能与 q 同用")
    if asked.cursor and not (asked.cursor.isascii() and asked.cursor.isdecimal()):
        raise _unreadable("cursor", _NO_CURSOR)
    number = int(asked.cursor or 1)
    page = catalogue.entries(words=asked.values["q"], page=number, size=asked.size, **wanted)
    return [row.entry for row in page.rows], str(page.number + 1) if page.has_next else ""


def _changed(asked: Asked, wanted: Mapping[str, Any]) -> tuple[Sequence[CatalogueEntry], str]:
    """What changed, oldest first, and the cursor of what changed next."""
    since = asked.values.get("changed_since")
    try:
        found = catalogue.changes(
            changed_since=since, cursor=asked.cursor, size=asked.size, **wanted
        )
    except ValueError:
        raise _unreadable("cursor", _NO_CURSOR) from None
    return found.entries, found.following


@_endpoint(definition.CHANGES)
def changes(asked: Asked) -> Any:
    """Every publication, correction and withdrawal, the latest first."""
    publications = Publication.objects.all()
    if asked.bureau is not None:
        publications = open_data.publications_of(asked.bureau)
    since, before = asked.values.get("changed_since"), _place(asked.cursor)
    most = asked.size + 1
    found = list(open_data.changes_of(publications, since=since, before=before, most=most))
    shown, following = found[: asked.size], ""
    if len(found) > asked.size:
        following = f"{shown[-1]['at'].isoformat()}_{shown[-1]['pk']}"
    return _page(asked, CHANGE_LOG.columns, list(map(open_data.change_row, shown)), following)


def _place(cursor: str) -> tuple[datetime, int] | None:
    """The change that a cursor names; None without one."""
    if not cursor:
        return None
    at, _, key = cursor.rpartition("_")
    try:
        moment, number = datetime.fromisoformat(at), int(key)
    except ValueError:
        moment, number = datetime.min, -1  # noqa: DTZ901
    if moment.tzinfo is None or not 0 <= number < 2**63:
        raise _unreadable("cursor", _NO_CURSOR)
    return moment, number


def _form(department: str, year: int, form: str, number: int | None = None) -> Standing:
    """What was published at an address of the API: its entry and the publication."""
    entry = open_api.entry_named(department, year, form)
    publication = public.publication_of(entry, number) if entry else None
    if entry is None or publication is None:
        raise Http404
    extent = open_data.extent_of(entry.declaration.publications.all())
    key = (publication.pk, publication.declaration.round.template.name, entry.changed_at)
    return Standing((entry, publication), (*key, *extent.key), extent.changed_at)


@_endpoint(definition.DETAIL, _form)
def declaration(asked: Asked) -> Any:
    """What was published last of a declaration."""
    return _detail(*asked.found)


@_endpoint(definition.OF_VERSION, _form)
def version(asked: Asked) -> Any:
    """One of the publications of a declaration."""
    return _detail(*asked.found)


def _detail(entry: CatalogueEntry, publication: Publication) -> Any:
    row, content = open_api.detail(entry, publication)
    files, versions = open_api.file_rows(publication), open_api.version_rows(entry)
    return {
        **json_row(definition.DECLARATION_COLUMNS, row),
        "files": [json_row(definition.FILE_COLUMNS, file) for file in files],
        "versions": [json_row(definition.VERSION_COLUMNS, version) for version in versions],
        **content,
    }


@_of_api
@public_page()
def openapi(request: HttpRequest, nothing: None) -> HttpResponse:
    """The OpenAPI document."""
    return _json(definition.document(address_of("public-api").rstrip("/")))


@_of_api
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """What is no address of the API; one that lacks its last slash leads there."""
    if not rest.endswith("/"):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{request.path}/" + (f"?{query}" if query else ""))
    detail = f"接口没有这个地址，见 {address_of('public-api-openapi')}"
    raise ProblemError(detail, HTTPStatus.NOT_FOUND)
