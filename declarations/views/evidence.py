"""Evidence files: adding, listing, opening, removing. Never public, and never run."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions, workflow
from declarations.domain import evidence as acts
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, Evidence, Revision, User
from declarations.queries import documents, evidence
from declarations.queries.evidence_archive import archive
from declarations.sheets.evidence_file import ACCEPTED, SHOWN, TYPES
from declarations.sheets.file_names import safe_name
from declarations.sheets.strip_html import Strip
from declarations.views.middleware import is_from_script
from declarations.views.reaching import person, reach

_NOTHING_RUNS = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [NONE],
    "img-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": [],
}


@never_cache  # after the back button a file that was removed must not be there
@require_http_methods(["GET", "POST"])
def of_declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """All evidence by item, or that of one (``?at=``); adding files to it."""
    found = reach(request, pk)
    if request.method == "POST":
        return _bring(request, found)
    listing = _listing(request, found)
    anchor = request.GET.get("at", "")
    context = item_context(request, found)
    if not anchor:
        context |= {"listing": listing, "number": request.GET.get("revision", "")}
        return render(request, "evidence/index.html", context)
    at = listing.at(anchor)
    if at is None:
        raise Http404
    context |= {"evidence": at, "number": request.GET.get("revision", "")}
    return render(request, _part_asked_for(request), context)


@require_GET
def archived(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All of it as one ZIP archive with an index."""
    found = reach(request, pk)
    listing = _listing(request, found)
    if not listing.files:
        raise Http404
    name = f"{safe_name(documents.document_title(found))} 佐证材料.zip"
    return StreamingHttpResponse(
        archive(listing),
        content_type="application/zip",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "",
            "Cache-Control": "private, no-store",
        },
    )


@require_GET
@csp_replace(_NOTHING_RUNS)  # type: ignore[arg-type]  # typed for views without arguments
def opened(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One file: pictures and PDF are shown, unless ``?download``; all else is saved."""
    file = evidence.file_for(person(request), reach(request, pk), number)
    if file is None:
        raise Http404
    shown = file.media_type in SHOWN and "download" not in request.GET
    return HttpResponse(
        bytes(file.content),
        content_type=file.media_type,
        headers={
            "Content-Disposition": content_disposition_header(not shown, file.name) or "",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
def remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Takes a file away; it can be brought back until the next submission."""
    return _done(request, pk, number, acts.remove_evidence, "已删除“{}”，提交前可以恢复。")


@require_POST
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Brings a file back."""
    return _done(request, pk, number, acts.restore_evidence, "已恢复“{}”。")


def with_links(
    user: User, found: Declaration, strips: Mapping[str, Strip], shown: Revision | None = None
) -> dict[str, Strip]:
    """The strips of a declaration's page, each with a link to the evidence of its item.

    shown: the revision on the page, None: what is filled in. Who fills in is led there where
    there is none yet, too. One query.
    """
    if not strips or not permissions.can_see_evidence(user, found):
        return dict(strips)
    counted = evidence.counts(found) if shown is None else evidence.counts_in(shown)
    adds = shown is None and permissions.can_fill_in(user, found)
    revision = {} if shown is None else {"revision": str(shown.number)}
    address = reverse("evidence", args=[found.pk])

    def link(anchor: str, strip: Strip) -> str:
        where = f"{address}?{urlencode({'at': anchor, **revision})}"
        # Where one fills in, the editor's script opens it; elsewhere htmx, in the panel.
        opens = format_html('data-evidence="{}"', anchor) if adds else _into_panel(where)
        name = strip.line.name if strip.line else "本行"
        return format_html(
            '<p class="evidence-link"><a href="{}" {}>佐证材料（<span>{}</span>）'
            '<span class="unseen">：{}</span></a></p>',
            where,
            opens,
            counted.get(anchor, 0),
            name,
        )

    return {
        anchor: replace(strip, below=link(anchor, strip)) if adds or counted.get(anchor) else strip
        for anchor, strip in strips.items()
    }


def _into_panel(address: str) -> SafeString:
    return format_html(
        'hx-get="{}" hx-target="#panel" hx-select="unset" hx-swap="innerHTML" hx-push-url="false"',
        address,
    )


def item_context(request: HttpRequest, found: Declaration) -> dict[str, Any]:
    """What the evidence of an item is shown with."""
    user, now = person(request), timezone.now()
    return {
        "declaration": found,
        "adds": permissions.can_fill_in(user, found) and not workflow.why_not_editable(found, now),
        "accepted": ACCEPTED,
        "endings": ",".join(ending for type_ in TYPES for ending in type_.endings),
        "largest": settings.EVIDENCE_LARGEST,
        "most": settings.EVIDENCE_MOST_FILES,
        "said": [],
        "new": frozenset(),
    }


def _part_asked_for(request: HttpRequest) -> str:
    """A page, what stands beside the table, or what changes there."""
    if not is_from_script(request):
        return "evidence/one.html"
    beside = request.headers.get("HX-Target") == "panel"
    return "evidence/beside.html" if beside else "evidence/item.html"


def _listing(request: HttpRequest, found: Declaration) -> evidence.Listing:
    wanted = request.GET.get("revision", "")
    number = int(wanted) if wanted.isdecimal() else None
    listing = evidence.listing_for(person(request), found, number)
    if listing is None or (wanted and number is None):
        raise Http404
    return listing


def _bring(request: HttpRequest, found: Declaration) -> HttpResponse:
    _only_fillers(request, found)
    anchor = request.POST.get("at", "")
    files = [acts.Brought(f.name or "", f.read()) for f in request.FILES.getlist("files")]
    if not files:
        return _refused(request, found, anchor, "请选择要上传的文件")
    try:
        outcomes = acts.add_evidence(
            person(request), declaration_id=found.pk, anchor=anchor, files=files
        )
    except RefusedError as refusal:
        return _refused(request, found, anchor, str(refusal))
    if is_from_script(request):
        return JsonResponse({"outcomes": [_told(outcome) for outcome in outcomes]})
    for outcome in outcomes:
        told = _told(outcome)
        (messages.success if told["kept"] else messages.error)(request, told["message"])
    return redirect(_address(found, anchor))


def _told(outcome: acts.Outcome) -> dict[str, Any]:
    if outcome.evidence is None:
        message = f"“{outcome.name}”没有上传：{outcome.problem}。"
    elif outcome.again:
        message = f"“{outcome.name}”与已有的“{outcome.evidence.name}”内容相同，没有重复保存。"
    else:
        message = f"已上传“{outcome.name}”。"
    return {"kept": outcome.evidence is not None, "message": message}


def _done(
    request: HttpRequest, pk: int, number: int, act: Callable[..., Evidence], message: str
) -> HttpResponse:
    found = reach(request, pk)
    _only_fillers(request, found)
    file = evidence.file_for(person(request), found, number)
    if file is None:
        raise Http404
    try:
        file = act(person(request), declaration_id=pk, evidence_id=number)
        level, said = "success", message.format(file.name)
    except RefusedError as refusal:
        level, said = "error", str(refusal)
    if not is_from_script(request):
        (messages.success if level == "success" else messages.error)(request, said)
        return redirect(_address(found, file.anchor))
    listing = _listing(request, found)
    at = listing.at(file.anchor)
    if at is None:
        raise Http404
    context = item_context(request, found)
    context |= {"evidence": at, "said": [(level, said)], "number": ""}
    return render(request, "evidence/item.html", context)


def _refused(request: HttpRequest, found: Declaration, anchor: str, why: str) -> HttpResponse:
    if is_from_script(request):
        return JsonResponse({"message": why}, status=HTTPStatus.CONFLICT)
    messages.error(request, why)
    return redirect(_address(found, anchor))


def _address(found: Declaration, anchor: str) -> str:
    """The page of an item, or of all where it is none (any longer)."""
    address = reverse("evidence", args=[found.pk])
    known = bool(anchor) and evidence.is_place(found, anchor)
    return f"{address}?{urlencode({'at': anchor})}" if known else address


def _only_fillers(request: HttpRequest, found: Declaration) -> None:
    if not permissions.can_fill_in(person(request), found) or not evidence.takes_evidence(found):
        raise Http404
