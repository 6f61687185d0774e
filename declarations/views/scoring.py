"""Scoring a declaration as its reviewer, item by item."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import get_template
from django.urls import reverse
from django.views.decorators.http import require_POST

from declarations import permissions
from declarations.domain import scoring as domain
from declarations.domain.errors import RefusedError
from declarations.models import Declaration
from declarations.queries.deciding import Deciding, stage_after
from declarations.queries.scores import Scored, live_scores, scored_revision
from declarations.sheets.html import element_id
from declarations.sheets.scores import Line
from declarations.sheets.strip_html import Strip, verdict_html
from declarations.views.reaching import person, reach
from scoring.wording import plain


def may_score(deciding: Deciding | None) -> bool:
    """Whether who decides on a declaration also scores it: heads do not."""
    return bool(deciding and not deciding.stage.by_head and deciding.held_by is None)


def with_forms(request: HttpRequest, found: Declaration, scored: Scored) -> dict[str, Strip]:
    """What is shown below each item to who scores it, by their anchors."""
    forms = _Forms(request, found)
    return {line.anchor: forms.strip(scored, line) for line in scored.lines}


@require_POST
def review_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an item a score, or takes it back (``withdraw``); the item's strip and the totals
    for a script, or the page."""
    found, user = reach(request, pk), person(request)
    if not permissions.reviews_for_bureau(user, found):
        raise Http404
    anchor = request.POST.get("anchor", "")
    version = request.POST.get("version", "")
    typed = {name: request.POST.get(name, "") for name in ("score", "reason")}
    problem = ""
    try:
        if "withdraw" in request.POST:
            domain.withdraw_review_score(user, declaration_id=pk, anchor=anchor, version=version)
        else:
            domain.set_review_score(
                user,
                declaration_id=pk,
                anchor=anchor,
                score=typed["score"],
                reason=typed["reason"],
                version=version,
            )
    except RefusedError as refusal:
        problem = str(refusal)
    if getattr(request, "htmx", False):
        return _fragment(request, pk, anchor, problem, typed)
    if problem:
        messages.error(request, problem)
    return redirect(reverse("declaration", args=[pk]) + f"#{_form_id(anchor)}")


def _fragment(
    request: HttpRequest, pk: int, anchor: str, problem: str, typed: dict[str, str]
) -> HttpResponse:
    found, user = reach(request, pk), person(request)
    shown = found.handed_in
    scored = scored_revision(user, found, shown) if shown is not None else None
    line = next((n for n in scored.lines if n.anchor == anchor), None) if scored else None
    if scored is None or line is None:
        raise Http404
    said = {"problem": problem, **(typed if problem else {}), "answering": True}
    strip = _Forms(request, found).strip(scored, line, **said)
    stage = found.stage
    final = stage is not None and stage_after(found, stage) is None
    context = {"scored": scored, "final": final, "apart": True}
    apart = (f"scoring/{name}.html" for name in ("totals", "outcome"))
    changed = "".join(get_template(name).render(context) for name in apart)
    return HttpResponse(verdict_html(strip) + changed)


class _Forms:
    """Draws the form of each item; what they share is read once."""

    def __init__(self, request: HttpRequest, found: Declaration) -> None:
        self.kept = {kept.anchor: kept for kept in live_scores(found)}
        self.template = get_template("scoring/review_form.html")
        self.shared = {
            "address": reverse("review-score", args=[found.pk]),
            "token": get_token(request),
            "longest": domain.LONGEST_REASON,
        }

    def strip(self, scored: Scored, line: Line, **said: Any) -> Strip:
        """An item with its form. said: what was typed and why it was not kept."""
        kept = self.kept.get(line.anchor)
        context = {
            **self.shared,
            "line": line,
            "id": _form_id(line.anchor),
            "least": plain(line.least),
            "most": plain(line.points),
            "kept": kept,
            "version": domain.version_of_review(kept),
            "score": plain(kept.score) if kept else "",
            "reason": kept.reason if kept else "",
            **said,
        }
        form = "" if line.is_inapplicable else self.template.render(context)
        return replace(scored.strip(line), extra=form)


def _form_id(anchor: str) -> str:
    return element_id(anchor).replace("cell-", "scoring-", 1)
