"""A filer brings a self-evaluation up to the target in force: looks at what changes, confirms."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from declarations import permissions, workflow
from declarations.domain.errors import RefusedError
from declarations.domain.targets import follow_target
from declarations.queries.forms import form_for
from declarations.queries.import_preview import labels_of, sections_of
from declarations.queries.targets import following, target_of
from declarations.queries.uploads import summary_of
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach


@require_http_methods(["GET", "POST"])
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """What would change, and the button that does it."""
    found = reach(request, pk)
    if not permissions.can_fill_in(person(request), found):
        raise Http404
    if request.method == "POST":
        return _follow(request, pk)
    target = target_of(found)
    if target is None:
        raise Http404
    refusal = workflow.why_not_editable(found, timezone.now())
    if refusal or target.approved_id == found.based_on_id:
        messages.error(request, refusal or "这份自评已经按现行目标填列。")
        return redirect("declaration", pk=pk)
    form = form_for(found.round)
    todo = following(found, target)
    labels = labels_of(todo.current)
    context = {
        "found": todo,
        "sections": sections_of(form, todo.current, todo.update.plan),
        "summary": summary_of(todo.update.plan),
        "orphans": [labels[anchor] for anchor in todo.update.orphans],
    }
    return render(request, "targets/update.html", context_of(request, found) | context)


def _follow(request: HttpRequest, pk: int) -> HttpResponse:
    base = request.POST.get("base", "")
    try:
        done = follow_target(person(request), declaration_id=pk, base=base)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("declaration", pk=pk)
    if done is None:
        messages.success(request, "这份自评已经按现行目标填列。")
    else:
        messages.success(request, f"已改按现行目标：{done.data['summary']}。")
    return redirect("declaration", pk=pk)
