"""Submitting: what is still in the way, with room to explain hints, and handing it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from declarations import permissions
from declarations.domain.cells import Change, Outcome, Status
from declarations.domain.errors import HasFindingsError, RefusedError
from declarations.domain.opening import open_what_must_change
from declarations.domain.submission import submit as submit_declaration
from declarations.queries import comments
from declarations.queries.findings import (
    FindingView,
    closed_in_the_way,
    explanation_anchor,
    progress_of,
)
from declarations.queries.pages import editor_table
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach

_VERSION = "version/"
"""Before the name of a field: what it was when the page was made."""


@dataclass(frozen=True, slots=True)
class HintField:
    """A hint with the explanation as it is to stand in its field, and what is wrong with it."""

    view: FindingView
    text: str
    version: str
    problem: str = ""


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """The question whether to hand it in; handing it in. What was typed is never lost."""
    found = reach(request, pk)
    if not permissions.can_fill_in(person(request), found):
        raise Http404
    typed, problems = _typed(request), list[Outcome]()
    if request.method == "POST":
        try:
            submit_declaration(
                person(request), declaration_id=pk, explanations=list(typed.values())
            )
        except RefusedError as error:
            messages.error(request, str(error))
            if isinstance(error, HasFindingsError):
                problems = error.problems
            elif not any(change.text for change in typed.values()):
                return redirect("declaration", pk=pk)
        else:
            messages.success(request, "已提交。审核结果会显示在首页。")
            return redirect("declaration", pk=pk)
    context = context_of(request, found)
    if request.method == "GET" and not context["editable"]:
        return redirect("declaration", pk=pk)
    table = editor_table(found)
    sections = progress_of(found, table)
    musts = [f for s in sections for f in s.musts]
    threads = comments.unresolved(person(request), found, table)
    context |= {
        "threads": threads,
        "untouched": sum(thread.untouched for thread in threads),
        "sections": sections,
        "musts": musts,
        "closed": closed_in_the_way(table, [f.finding for f in musts], found.opened_sections),
        "hint_fields": [
            _field(f, typed.get(f.anchor), problems) for s in sections for f in s.hints
        ],
        "computed": [e for e in table.entries() if e.field.tag.startswith("computed.")],
        "title": table.title,
        "asking": bool(typed) or not musts,
    }
    return render(request, "declarations/submit.html", context)


@require_POST
def open_sections(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens closed sections in which something must be corrected; to the editor."""
    if not permissions.can_fill_in(person(request), reach(request, pk)):
        raise Http404
    try:
        opened = open_what_must_change(person(request), declaration_id=pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        if opened:
            names = "、".join(f"“{name}”" for name in opened)
            messages.success(request, f"已开放{names}，可以修改。审核人会看到您在其中的修改。")
    return redirect("declaration", pk=pk)


def _typed(request: HttpRequest) -> Mapping[str, Change]:
    """The explanations in the form, by anchor."""
    names = [name for name in request.POST if name.startswith(explanation_anchor(""))]
    return {
        name: Change(name, request.POST[name], request.POST.get(_VERSION + name, ""))
        for name in names
    }


def _field(view: FindingView, typed: Change | None, problems: Iterable[Outcome]) -> HintField:
    if typed is None:
        return HintField(view, view.text, view.version)
    problem = next((_say(o) for o in problems if o.anchor == view.anchor), "")
    if not problem and not typed.text.strip():
        problem = "请填写说明"
    return HintField(view, typed.text, view.version, problem)


def _say(outcome: Outcome) -> str:
    if outcome.status is Status.INVALID:
        return outcome.message
    who = f"{outcome.changed_by} 于 {outcome.changed_at}" if outcome.changed_by else "刚刚有人"
    theirs = f"改为“{outcome.text}”" if outcome.text else "删去了说明"
    return f"{who} {theirs}。再次提交将以您填写的为准。"
