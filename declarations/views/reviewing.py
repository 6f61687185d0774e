"""A reviewer's acts on one declaration: taking it on, handing it over, the sheet, the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain import assigning, review, review_sheets
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, State
from declarations.queries import revisions
from declarations.queries.review_sheets import sheet_view, sheets_on
from declarations.views.input_forms import first_error
from declarations.views.reaching import person, reach
from declarations.views.review_forms import COMMENTED, DecisionForm, HandOverForm

POINTS = "points/"
"""Before the key of a criterion: the name of its field."""


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns, passes on or approves; on to the queue."""
    found = _reach_reviewed(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _not_decided(request, found, first_error(form))
    data = form.cleaned_data
    looked_at = None
    if data["revision"] and data["stage"]:
        looked_at = review.LookedAt(data["revision"], data["stage"])
    what = {"declaration_id": pk, "opinion": data["opinion"], "looked_at": looked_at}
    try:
        if data["decision"] == "return":
            only_commented = data["opening"] == COMMENTED
            review.return_for_correction(person(request), only_commented=only_commented, **what)
            done = "已退回"
        else:
            approved = review.pass_on(person(request), **what) == State.APPROVED
            done = "已审核通过" if approved else "已通过"
    except RefusedError as refusal:
        return _not_decided(request, found, str(refusal))
    messages.success(request, f"{done}：{found.department}“{found.round}”。")
    return redirect("review")


def _not_decided(request: HttpRequest, found: Declaration, reason: str) -> HttpResponse:
    """Back to what was to be decided; an opinion that was typed is not lost."""
    opinion = request.POST.get("opinion", "").strip()
    if not opinion:
        messages.error(request, reason)
        return redirect("declaration", pk=found.pk)
    context = {"declaration": found, "reason": reason, "opinion": opinion}
    return render(request, "review/not_decided.html", context, status=409)


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes it on, or over from a colleague; to the declaration."""
    _reach_reviewed(request, pk)
    take_over = "take_over" in request.POST
    _try(request, lambda: review.claim(person(request), declaration_id=pk, take_over=take_over))
    return redirect("declaration", pk=pk)


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts it back; to the queue."""
    _reach_reviewed(request, pk)
    said = "已放回队列，其他审核人可以认领。"
    _try(request, lambda: review.release(person(request), declaration_id=pk), said)
    return redirect("review")


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks to which colleague it is to go, and hands it over; to the queue."""
    found = _reach_reviewed(request, pk)
    stage = found.stage
    if stage is None or stage.by_head or not permissions.can_decide(person(request), found):
        messages.error(request, "这份申报现在不在您审核的环节，不能转交")
        return redirect("declaration", pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = HandOverForm(person(request), stage, sent)
    if form.is_valid():
        to = form.cleaned_data["reviewer"]
        said = f"已转交：{found.department}“{found.round}”。"
        _try(
            request,
            lambda: assigning.hand_over(person(request), declaration_id=pk, reviewer_id=to),
            said,
        )
        return redirect("review")
    return render(request, "review/hand_over.html", {"declaration": found, "form": form})


@require_POST
def save_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the review sheet as it is filled in; the total, for a script, or the page."""
    found = _reach_reviewed(request, pk)
    points = {
        name.removeprefix(POINTS): text
        for name, text in request.POST.items()
        if name.startswith(POINTS) and isinstance(text, str)
    }
    opinion = request.POST.get("sheet_opinion", "").replace("\x00", "")
    problem, kept = "", None
    try:
        kept = review_sheets.save_sheet(
            person(request), declaration_id=pk, points=points, opinion=opinion
        )
    except RefusedError as refusal:
        problem = str(refusal)
    if getattr(request, "htmx", False):
        context: dict[str, Any] = {"problem": problem}
        if kept is not None:
            context["sheet"] = sheet_view(found, kept.stage, kept)
        return render(request, "review/sheet_total.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, "审核评分表已保存。")
    return redirect(reverse("declaration", args=[pk]) + "#review-sheet")


@require_GET
def sheets(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The review sheets on a revision, to be read and printed."""
    found = reach(request, pk)
    shown = revisions.revision_for(person(request), found, number)
    views = sheets_on(person(request), found, shown) if shown else []
    if not views:
        raise Http404
    context = {"declaration": found, "shown": shown, "sheets": views}
    return render(request, "review/sheets.html", context)


def _try(request: HttpRequest, act: Callable[[], object], said: str = "") -> None:
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)


def _reach_reviewed(request: HttpRequest, pk: int) -> Declaration:
    """The declaration, or 404 for who reviews none of its stages."""
    found = reach(request, pk)
    if not permissions.can_review(person(request), found):
        raise Http404
    return found
