"""A round's progress: how far its departments are, and which; also as a workbook."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.domain.errors import RefusedError
from declarations.domain.reminding import Reminded, remind_now
from declarations.models import Declaration, Round
from declarations.queries.declarations import visible_to
from declarations.queries.forms import form_for
from declarations.queries.phases import is_late
from declarations.queries.progress import progress_of, reminded_at
from declarations.queries.rounds import nobody_opens, opening_of
from declarations.views import lists
from declarations.views.reaching import person

LATE_FIRST = "state"
NAMED = 10
"""Departments that a message or question names; of more it says how many."""


@require_GET
def of_round(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a round is, as a chart and in figures, and its departments, late ones first."""
    round_ = reach_round(request, pk)
    progress, groups = progress_of(round_, timezone.now())
    listing = lists.Listing.of(request, within=round_, sort=LATE_FIRST)
    context = lists.context_of(request, listing)
    context |= {
        "round": round_,
        "progress": progress,
        "groups": groups,
        "rows": _with_reminders(context["rows"]),
        "choosing": True,
        "scored": bool(form_for(round_).rubric.items),
        "administers": permissions.can_open_rounds(person(request), round_.bureau),
    }
    if round_.waiting:
        context |= {
            "opening": opening_of(round_),
            "stuck": nobody_opens(round_),
            "now": timezone.now(),
        }
    return render(request, "progress/round.html", context)


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of the round's departments, filtered as the page is, as a workbook."""
    round_ = reach_round(request, pk)
    listing = lists.Listing.of(request, within=round_, sort=LATE_FIRST)
    return lists.workbook(listing, f"{round_.name}进度")


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Reminds one department, those that were chosen, or all late ones; asks first.

    ``declaration``: keys; ``late``: all that are late instead. ``confirmed``: it was asked.
    """
    round_ = reach_round(request, pk)
    meant = _meant(request, round_)
    back = _back(request, round_)
    if not meant:
        messages.error(request, "没有逾期的部门" if "late" in request.POST else "请先选择部门")
        return redirect(back)
    if "confirmed" not in request.POST:
        context = {
            "round": round_,
            "meant": meant[:NAMED],
            "count": len(meant),
            "keys": [] if "late" in request.POST else [d.pk for d in meant],
            "back": back,
        }
        return render(request, "progress/remind.html", context)
    try:
        reminded = remind_now(person(request), declarations=[d.pk for d in meant])
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        _tell(request, reminded)
    return redirect(back)


def _meant(request: HttpRequest, round_: Round) -> list[Declaration]:
    found: QuerySet[Declaration] = visible_to(person(request)).filter(round=round_)
    if "late" in request.POST:
        found = found.filter(is_late(timezone.now()))
    else:
        keys = request.POST.getlist("only") or request.POST.getlist("declaration")
        found = found.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return list(found.order_by("department__code"))


def _tell(request: HttpRequest, reminded: Reminded) -> None:
    if reminded.done:
        messages.success(request, f"已催办 {len(reminded.done):,} 个部门。")
    if reminded.skipped:
        named = "；".join(f"{d.department.name}（{why}）" for d, why in reminded.skipped[:NAMED])
        more = "等" if len(reminded.skipped) > NAMED else ""
        number = f"{len(reminded.skipped):,} 个部门没有催办"
        messages.warning(request, f"{number}：{named}{more}。")


def _back(request: HttpRequest, round_: Round) -> str:
    """The list that one comes from, filtered as it was."""
    page = reverse("round", args=[round_.pk])
    came_from = request.POST.get("back", "")
    return came_from if came_from.startswith(f"{page}?") else page


def reach_round(request: HttpRequest, pk: int) -> Round:
    """A round of this person's bureau whose progress they may follow, or 404."""
    user = person(request)
    found = Round.objects.filter(pk=pk, bureau=user.bureau_id).select_related("bureau").first()
    if found is None or not permissions.can_follow_rounds(user, found.bureau):
        raise Http404
    return found


def _with_reminders(rows: list[Any]) -> list[Any]:
    last = reminded_at([row.declaration for row in rows])
    return [replace(row, reminded_at=last.get(row.declaration.pk)) for row in rows]
