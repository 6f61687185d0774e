"""The pages: home, and a declaration as this person may see it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from declarations import permissions, workflow
from declarations.models import Declaration, Revision, State
from declarations.queries import documents, history, pages, revisions
from declarations.queries.findings import explanations_of, progress, revision_findings
from declarations.queries.home import groups_for, setting_up
from declarations.queries.prior_years import declared_last_year
from declarations.sheets.html import render_editor, render_review
from declarations.sheets.table import Table
from declarations.views.input_forms import CommentForm, DecisionForm
from declarations.views.reaching import person, reach
from declarations.workflow.standing import standing


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this person has to do, and where the rest stands."""
    user = person(request)
    context = {
        "groups": groups_for(user, timezone.now()),
        "setting_up": setting_up(user.bureau)
        if permissions.can_open_rounds(user, user.bureau)
        else None,
    }
    return render(request, "home.html", context)


@require_GET
def declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """The declaration: to fill in, to review or to read, as person and state allow."""
    found = reach(request, pk)
    context = context_of(request, found)
    if context["editable"]:
        table, comments = _being_filled_in(found)
        sections = progress(table, explanations_of(found), found.opened_sections)
        context |= {
            "table": mark_safe(render_editor(table, pages.marks([c.comment for c in comments]))),
            "sections": sections,
            "comments": comments,
            "side_open": bool(comments) or any(s.hints for s in sections),
            "last_year": declared_last_year(found),
        }
        return render(request, "declarations/editor.html", context | _panel(request, found, table))
    if permissions.can_see_draft(person(request), found) and found.state in workflow.EDITABLE:
        return _draft_page(request, found, context)
    current = revisions.shown_to(person(request), found)
    if current is None:
        return render(request, "declarations/nothing_yet.html", context)
    return _revision_page(request, found, current, context)


@require_GET
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A revision that this person may see, to read."""
    found = reach(request, pk)
    shown = revisions.revision_for(person(request), found, number)
    if shown is None:
        raise Http404
    return _revision_page(request, found, shown, context_of(request, found))


@require_GET
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The side panel for one cell (``?cell=``): help, comments, history."""
    found = reach(request, pk)
    context = context_of(request, found)
    if permissions.can_see_draft(person(request), found) and found.state in workflow.EDITABLE:
        table, context["comments"] = _being_filled_in(found)
    else:
        current = revisions.shown_to(person(request), found)
        if current is None:
            raise Http404
        table, review = _reviewed(request, found, current)
        context |= review
    return render(request, "declarations/panel.html", context | _panel(request, found, table))


def context_of(request: HttpRequest, found: Declaration) -> dict[str, Any]:
    """What every page of a declaration needs."""
    user = person(request)
    now = timezone.now()
    return {
        "declaration": found,
        "standing": standing(user, found, now),
        "editable": permissions.can_fill_in(user, found)
        and not workflow.why_not_editable(found, now),
        "reviewable": permissions.can_review(user, found) and found.state == State.SUBMITTED,
        "editions": documents.editions_for(user, found),
        "helps_with_uploads": permissions.can_help_with_uploads(user, found),
        "hints": [],
    }


def _being_filled_in(found: Declaration) -> tuple[Table, list[pages.CommentView]]:
    """The table to fill in, and the comments to heed with whether they were."""
    table = pages.editor_table(found)
    comments = pages.comments_for_department(found)
    changes = pages.changes_since(comments[0].revision if comments else None, table)
    return table, pages.describe_comments(comments, table, changes)


def _draft_page(request: HttpRequest, found: Declaration, context: dict[str, Any]) -> HttpResponse:
    """What the department has filled in, when the window is closed: to read."""
    table = pages.draft_table(found)
    comments = pages.comments_for_department(found)
    context |= {
        "table": mark_safe(render_review(table, pages.marks(comments))),
        "comments": pages.describe_comments(comments, table, None),
    }
    return render(request, "declarations/read.html", context | _panel(request, found, table))


def _revision_page(
    request: HttpRequest, found: Declaration, shown: Revision, context: dict[str, Any]
) -> HttpResponse:
    table, review = _reviewed(request, found, shown)
    context |= review
    context |= {
        "table": mark_safe(render_review(table, context["marks"])),
        "shown": shown,
        "outdated": shown != revisions.shown_to(person(request), found),
        "decision_form": DecisionForm(),
    }
    if context["outdated"]:
        context["reviewable"] = False
        context["editions"] = [documents.edition_of(shown)]
    return render(request, "declarations/read.html", context | _panel(request, found, table))


def _reviewed(
    request: HttpRequest, found: Declaration, shown: Revision
) -> tuple[Table, dict[str, Any]]:
    """A revision's table with its comments and hints, beside those on the one before and what
    changed since.

    The department sees a reviewer's comments only once they are decided on. What
    changed is drawn while it is under review, later only on request (``?changes``).
    """
    wanted = found.state == State.SUBMITTED or "changes" in request.GET
    known = revisions.revisions_for(person(request), found)
    number = next((k.previous for k in known if k.revision == shown), None)
    previous = found.revisions.filter(number=number).first() if wanted and number else None
    table = pages.revision_table(shown, found, compared=previous is not None)
    changes = pages.changes_since(previous, table)
    undecided = found.state == State.SUBMITTED and shown.pk == found.revision_id
    hidden = undecided and permissions.can_fill_in(person(request), found)
    comments = [] if hidden else pages.comments_on(shown)
    earlier = pages.comments_on(previous) if previous else []
    hints = revision_findings(shown, table, previous)
    return table, {
        "revisions": known,
        "hints": hints,
        "changes": changes,
        "previous": previous,
        "comments": pages.describe_comments(comments, table, None),
        "earlier_comments": pages.describe_comments(earlier, table, changes),
        "marks": pages.marks([*comments, *earlier], changes, hints),
    }


def _panel(request: HttpRequest, found: Declaration, table: Table) -> dict[str, Any]:
    """The cell that the address names, if any, with its history.

    What was changed since the last submission only the department sees.
    """
    anchor = request.GET.get("cell", "")
    try:
        entry = table.entry(anchor)
    except KeyError:
        return {"cell": None, "comment_form": CommentForm()}
    until = None
    if not permissions.can_see_draft(person(request), found) and found.revision:
        until = found.revision.submitted_at
    return {
        "cell": entry,
        "cell_history": history.cell_history(found, anchor, entry.field, until),
        "comment_form": CommentForm(initial={"anchor": anchor}),
    }
