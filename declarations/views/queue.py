"""The review queue, and passing several at once."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from declarations.domain.errors import RefusedError
from declarations.domain.review import LookedAt, pass_on
from declarations.models import Declaration, Role, State, User
from declarations.queries import bulk_passing, review_queue
from declarations.queries.records import row_id
from declarations.queries.review_queue import SORTS, Tab
from declarations.views.reaching import person, reach
from declarations.views.review_forms import QueueFilters

AT_ONCE = 50
"""Declarations on a page."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What waits for this person's review, by tabs with how many each has."""
    user, now = _reviewing_person(request), timezone.now()
    filters = QueueFilters(user, request.GET)
    queue = review_queue.narrowed(review_queue.queue_of(user, now), filters.cleaned_data)
    counts = review_queue.counts(queue, user)
    tab = filters.tab_shown
    _, order = SORTS[filters.cleaned_data.get("sort") or ""]
    shown = queue.filter(review_queue.in_tab(tab, user)).order_by(*order)
    page = Paginator(shown, AT_ONCE).get_page(request.GET.get("page", "1"))
    context = {
        "tabs": [(t, counts[t]) for t in Tab],
        "tab": tab,
        "filters": filters,
        "page": page,
        "rows": [review_queue.waiting(found, user, now) for found in page],
        "next": review_queue.next_for(user, now),
        "of_bureau": user.role == Role.REVIEWER,
    }
    return render(request, "review/queue.html", context)


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of one that was to be passed. problem: "" where it was."""

    declaration: Declaration
    problem: str = ""
    approved: bool = False


@require_http_methods(["GET", "POST"])
def pass_several(request: HttpRequest) -> HttpResponse:
    """What there is to know of the chosen ones, and passing them, each by itself."""
    user = _reviewing_person(request)
    if request.method == "POST":
        passed = [_pass(request, user, named) for named in request.POST.getlist("passing")]
        return render(request, "review/passed.html", {"passed": passed})
    chosen = [pk for key in request.GET.getlist("declaration") if (pk := row_id(key))]
    found = bulk_passing.summaries(user, chosen, timezone.now())
    if not found:
        messages.error(request, "请先在队列中选择要通过的申报。")
        return redirect("review")
    context = {
        "passable": [summary for summary in found if not summary.why_not],
        "left_out": [summary for summary in found if summary.why_not],
        "gone": len(set(chosen)) - len(found),
    }
    return render(request, "review/pass_several.html", context)


def _pass(request: HttpRequest, user: User, named: str) -> Passed:
    """named: the declaration, with the revision and the stage that were looked at: ``5/12/3``."""
    parts = [row_id(part) for part in named.split("/")]
    if len(parts) != 3 or None in parts:
        raise Http404
    key, revision, stage = (part or 0 for part in parts)
    found = reach(request, key)
    try:
        state = pass_on(user, declaration_id=key, looked_at=LookedAt(revision, stage))
    except RefusedError as refusal:
        return Passed(found, problem=str(refusal))
    return Passed(found, approved=state == State.APPROVED)


def _reviewing_person(request: HttpRequest) -> User:
    user = person(request)
    if user.role not in (Role.REVIEWER, Role.HEAD):
        raise Http404
    return user
