"""Notices of the person who is logged in, and the e-mails of the bureau for its administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.domain import mailing, notifying
from declarations.domain.errors import RefusedError
from declarations.models import Notice
from declarations.queries import notices as queries
from declarations.views.notice_forms import NoticeFilters, OutboxFilters
from declarations.views.reaching import person

AT_ONCE = 50
"""Notices on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list that is not counted: it may be long, and grows while one looks at it."""

    rows: list[Notice]
    number: int
    has_next: bool

    @classmethod
    def of(cls, request: HttpRequest, notices: QuerySet[Notice]) -> "Page":
        """The page that the address asks for (``?page=``)."""
        text = request.GET.get("page", "")
        number = max(int(text), 1) if text.isdecimal() and len(text) < 6 else 1
        start = (number - 1) * AT_ONCE
        found = list(notices[start : start + AT_ONCE + 1])
        return cls(found[:AT_ONCE], number, len(found) > AT_ONCE)

    @property
    def has_previous(self) -> bool:
        return self.number > 1


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The person's notices: the unread ones, unless there are none, or all are asked for (``?all=``)."""
    user = person(request)
    filters = NoticeFilters(request.GET)
    kind = filters.wanted.get("kind", "")
    unread = "all" not in request.GET
    page = Page.of(request, queries.notices_of(user, kind=kind, unread=unread))
    if not page.rows and not request.GET:
        unread = False
        page = Page.of(request, queries.notices_of(user))
    context = {
        "filters": filters,
        "unread": unread,
        "page": page,
        "rows": queries.received(user, page.rows),
        "latest": max((notice.pk for notice in page.rows), default=0),
    }
    return render(request, "notices/index.html", context)


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that it is read, and goes on to its declaration (``then=open``), or back."""
    user = person(request)
    notice = get_object_or_404(Notice, recipient=user, pk=pk)
    notifying.mark_read(user, notice_id=pk)
    if request.POST.get("then") == "open" and queries.received(user, [notice])[0].leads:
        return redirect("declaration", pk=notice.declaration_id)
    return _back_to("notices", request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """The same for all of them up to the latest that was on the page (``until=``)."""
    until = request.POST.get("until", "")
    if not until.isdecimal() or len(until) > 18:
        raise Http404
    count = notifying.mark_all_read(person(request), until=int(until))
    messages.success(request, f"已将 {count} 条通知标为已读。")
    return redirect("notices")


def _posters_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 for whoever does not look after the bureau's e-mails."""

    @wraps(view)
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
        user = person(request)
        if not permissions.can_see_outbox(user, user.bureau):
            raise Http404
        return view(request, **arguments)

    return answer


@require_GET
@_posters_only
def outbox(request: HttpRequest) -> HttpResponse:
    """The bureau's e-mails, and what became of each."""
    filters = OutboxFilters(request.GET)
    wanted = filters.wanted
    found = queries.narrowed(queries.outbox_of(person(request).bureau), **wanted)
    page = Page.of(request, found.select_related("recipient__department"))
    context = {
        "filters": filters,
        "page": page,
        "rows": [queries.posted(notice) for notice in page.rows],
        "sends": bool(settings.EMAIL_HOST),
        "failed": wanted.get("delivery") == queries.Delivery.FAILED,
    }
    return render(request, "notices/outbox.html", context)


@require_POST
@_posters_only
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Tries one again."""
    user = person(request)
    get_object_or_404(queries.outbox_of(user.bureau), pk=pk)
    try:
        mailing.resend(user, notice_id=pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已重新排队发送，请稍后查看结果。")
    return _back_to("outbox", request)


@require_POST
@_posters_only
def resend_failed(request: HttpRequest) -> HttpResponse:
    """Tries all again that were given up."""
    try:
        count = mailing.resend_failed(person(request))
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已将 {count} 封邮件重新排队发送，请稍后查看结果。")
    return redirect("outbox")


def _back_to(name: str, request: HttpRequest) -> HttpResponse:
    """The list as it was: filtered and paged by the same address."""
    asked = request.GET.urlencode()
    return redirect(reverse(name) + (f"?{asked}" if asked else ""))
