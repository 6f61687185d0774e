"""The pages of a declaration, as this person may see it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from declarations import permissions, workflow
from declarations.models import Declaration, Revision, State, User
from declarations.queries import comments, documents, history, pages, revisions, scores
from declarations.queries.asides import aside_for
from declarations.queries.evidence import sees_evidence
from declarations.queries.findings import progress_of, revision_findings
from declarations.queries.prior_years import declared_last_year
from declarations.queries.target_notes import mark_rows, target_note
from declarations.sheets.diff import Changes
from declarations.sheets.html import Mark, render_editor, render_review
from declarations.sheets.table import Table
from declarations.views import evidence, scoring
from declarations.views.deciding import review_context
from declarations.views.input_forms import CommentForm
from declarations.views.reaching import person, reach
from declarations.workflow.standing import standing

MOST_MOMENTS = 10
"""Changes and submissions shown of one cell beside the table."""


@require_GET
def declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """The declaration: to fill in, to review or to read, as person and state allow."""
    found = reach(request, pk)
    context = context_of(request, found)
    if context["editable"]:
        table, said = _being_filled_in(request, found)
        scored = scores.scored_draft(found, table.form, table.records)
        sections = progress_of(found, table, scored.scoring if scored else None)
        strips = scores.strips_to_fill(found, table, scored)
        strips = evidence.with_links(person(request), found, strips)
        context |= _of_target(request, found, table, said["marks"], editable=True)
        context |= {
            "table": mark_safe(render_editor(table, said["marks"], strips)),
            "scored": scored,
            "sections": sections,
            "opened": pages.opened_names(found),
            "side_open": bool(said["comments"]) or any(s.hints for s in sections),
            "last_year": declared_last_year(found),
            "is_report": table.form.report is not None,
        }
        context |= said | _panel(request, found, table)
        return render(request, "declarations/editor.html", context)
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
        table, said = _being_filled_in(request, found)
        context |= said
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
    stands = standing(user, found, now)
    return {
        "declaration": found,
        "standing": stands,
        "aside": aside_for(user, found, now),
        "editable": permissions.can_fill_in(user, found)
        and not workflow.why_not_editable(found, now),
        "reviewable": stands.action == "review",
        "editions": documents.editions_for(user, found),
        "formats": documents.formats_of(found),
        "sees_evidence": sees_evidence(user, found),
        "helps_with_uploads": permissions.can_help_with_uploads(user, found),
        "hints": [],
        "scored": None,
        "deciding": None,
        "own_sheet": None,
        "sheets": [],
    }


def _being_filled_in(request: HttpRequest, found: Declaration) -> tuple[Table, dict[str, Any]]:
    """The table to fill in, and the comments to heed with whether they were."""
    table = pages.editor_table(found)
    return table, _said(comments.threads_of(person(request), found), table, None, {})


def _of_target(
    request: HttpRequest,
    found: Declaration,
    table: Table,
    marks: dict[str, Mark],
    *,
    editable: bool = False,
) -> dict[str, Any]:
    """What is said of the target that a self-evaluation is held against; it marks its rows, too."""
    note = target_note(person(request), found, table, editable=editable)
    mark_rows(marks, table, note)
    return {"target_note": note}


def _said(
    threads: list[comments.Thread],
    table: Table,
    shown: Revision | None,
    known: dict[int, Changes],
) -> dict[str, Any]:
    """What was said, in three parts: of the revision shown, of those before, and settled."""
    since = comments.changes_since(threads, table, shown, known)
    threads = comments.situate(threads, table, since)
    waiting = [t for t in threads if not t.resolved]
    earlier = [t for t in waiting if shown and t.comment.revision_id != shown.pk]
    return {
        "comments": [t for t in waiting if t not in earlier],
        "earlier_comments": earlier,
        "settled": [t for t in threads if t.resolved],
        "marks": pages.marks(threads),
    }


def _draft_page(request: HttpRequest, found: Declaration, context: dict[str, Any]) -> HttpResponse:
    """What the department has filled in, when the window is closed: to read."""
    threads = comments.threads_of(person(request), found)
    table = pages.draft_table(found, compared=bool(threads))
    context |= _said(threads, table, None, {})
    context |= _of_target(request, found, table, context["marks"])
    scored = context["scored"] = scores.scored_draft(found, table.form, table.records)
    strips = scored.strips(table.records) if scored else {}
    strips = evidence.with_links(person(request), found, strips)
    context["table"] = mark_safe(render_review(table, context["marks"], strips))
    return render(request, "declarations/read.html", context | _panel(request, found, table))


def _revision_page(
    request: HttpRequest, found: Declaration, shown: Revision, context: dict[str, Any]
) -> HttpResponse:
    table, review = _reviewed(request, found, shown)
    context |= review | _of_target(request, found, table, review["marks"])
    context |= {
        "shown": shown,
        "outdated": shown != revisions.shown_to(person(request), found),
    }
    said = [thread.comment for thread in review["comments"]]
    context |= review_context(person(request), found, shown, table, said)
    scored = context["scored"] = scores.scored_revision(person(request), found, shown)
    strips = scored.strips(table.records) if scored else {}
    if scored and scoring.may_score(context["deciding"]):
        strips |= scoring.with_forms(request, found, scored)
    strips = evidence.with_links(person(request), found, strips, shown)
    context["table"] = mark_safe(render_review(table, context["marks"], strips))
    if context["outdated"]:
        context["reviewable"] = False
        edition = documents.edition_for(person(request), found, str(shown.number))
        context["editions"] = [edition] if edition else []
    return render(request, "declarations/read.html", context | _panel(request, found, table))


def _reviewed(
    request: HttpRequest, found: Declaration, shown: Revision
) -> tuple[Table, dict[str, Any]]:
    """A revision's table with its hints, with what was said of it and of those before it, and
    with what changed since the last one.

    What changed is drawn while it is under review, later only on request (``?changes``).
    """
    user = person(request)
    if deferred := shown.get_deferred_fields():
        shown.refresh_from_db(fields=deferred)
    wanted = found.state == State.SUBMITTED or "changes" in request.GET
    known = revisions.revisions_for(user, found)
    number = next((k.previous for k in known if k.revision == shown), None)
    previous = found.revisions.filter(number=number).first() if wanted and number else None
    threads = comments.threads_of(user, found, until=shown)
    table = pages.revision_table(shown, found, compared=bool(previous or threads), user=user)
    changes = pages.changes_since(previous, table)
    hints = revision_findings(shown, table, previous)
    said = _said(threads, table, shown, {previous.pk: changes} if previous else {})
    return table, said | {
        "revisions": known,
        "hints": hints,
        "changes": changes,
        "previous": previous,
        "marks": pages.marks(threads, changes, hints),
    }


def history_until(user: User, found: Declaration) -> datetime | None:
    """Up to when this person sees what was changed: all of it, or what came to the bureau."""
    shown = revisions.shown_to(user, found)
    own = permissions.can_see_draft(user, found)
    return None if own or shown is None else shown.submitted_at


def _panel(request: HttpRequest, found: Declaration, table: Table) -> dict[str, Any]:
    """The cell that the address names, if any, with its history.

    Of the history only the latest; the rest is on a page of its own.
    """
    anchor = request.GET.get("cell", "")
    entry = next((e for e in table.entries() if anchor and e.anchor == anchor), None)
    if entry is None:
        return {"cell": None, "comment_form": CommentForm(places=comments.places(table))}
    cell_history = history.cell_history(
        found, anchor, entry.field, history_until(person(request), found)
    )
    known = revisions.revisions_for(person(request), found) if cell_history else []
    around = comments.places_around(table, anchor)
    return {
        "cell": entry,
        "around": {place for place, _ in around},
        "cell_history": cell_history,
        "timeline": history.timeline(cell_history, known)[:MOST_MOMENTS],
        "comment_form": CommentForm(places=around, initial={"anchor": anchor}),
    }
