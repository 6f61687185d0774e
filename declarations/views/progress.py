"""A round's progress: how far its departments are, and which; also as a workbook."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.models import Round
from declarations.queries.progress import progress_of, reminded_at
from declarations.views import lists
from declarations.views.reaching import person

LATE_FIRST = "state"


@require_GET
def of_round(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a round is, as a chart and in figures, and its departments, late ones first."""
    round_ = reach_round(request, pk)
    progress, groups = progress_of(round_, timezone.now())
    listing = lists.Listing.of(request, within=round_, sort=LATE_FIRST)
    context = lists.context_of(request, listing, sort=LATE_FIRST)
    context |= {
        "round": round_,
        "progress": progress,
        "groups": groups,
        "rows": _with_reminders(context["rows"]),
        "choosing": True,
        "administers": permissions.can_open_rounds(person(request), round_.bureau),
    }
    return render(request, "progress/round.html", context)


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of the round's departments, filtered as the page is, as a workbook."""
    round_ = reach_round(request, pk)
    listing = lists.Listing.of(request, within=round_, sort=LATE_FIRST)
    return lists.workbook(listing, f"{round_.name}进度", round_)


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
