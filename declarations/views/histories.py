"""The whole history of one cell, on a page of its own."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations import permissions, workflow
from declarations.models import Declaration, User
from declarations.queries import history, pages, revisions
from declarations.sheets.places import places_of
from declarations.sheets.table import Table
from declarations.views.pages import history_until
from declarations.views.reaching import person, reach

AT_ONCE = 50
"""Changes and submissions on a page."""


@require_GET
def cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed a cell (``?cell=``), when, from what to what, and the submissions between.

    ``revision`` names the one whose table has the cell, where the latest has not.
    """
    found, user = reach(request, pk), person(request)
    table = _table(user, found, request.GET.get("revision", ""))
    anchor = request.GET.get("cell", "")
    entry = next((e for e in table.entries() if anchor and e.anchor == anchor), None)
    if entry is None:
        raise Http404
    changes = history.cell_history(found, anchor, entry.field, history_until(user, found))
    moments = history.timeline(changes, revisions.revisions_for(user, found))
    page = Paginator(moments, AT_ONCE).get_page(request.GET.get("page", "1"))
    context = {
        "declaration": found,
        "cell": entry,
        "place": places_of(table)[anchor].name,
        "page": page,
        "count": len(changes),
    }
    return render(request, "declarations/history.html", context)


def _table(user: User, found: Declaration, number: str) -> Table:
    """The table with the cell: of a revision, or what this person sees of the declaration now."""
    editable = permissions.can_see_draft(user, found) and found.state in workflow.EDITABLE
    if editable and not number:
        return pages.draft_table(found, compared=True)
    known = int(number) if number.isdecimal() and len(number) < 10 else 0
    shown = (
        revisions.revision_for(user, found, known) if number else revisions.shown_to(user, found)
    )
    if shown is None:
        raise Http404
    return pages.revision_table(shown, found, compared=True, user=user)
