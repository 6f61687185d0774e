"""A department takes a submission back, adjusts what was approved, or gives that up."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from declarations import permissions, workflow
from declarations.domain.adjusting import begin_adjustment, give_up_adjustment
from declarations.domain.errors import RefusedError
from declarations.domain.recalling import recall as recall_declaration
from declarations.models import Declaration, State
from declarations.queries.pages import changes_since, draft_table
from declarations.views.adjusting_forms import AdjustForm
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach


@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes the submission back."""
    _own(request, pk)
    done = "已撤回，可以继续修改。改好后请重新提交。"
    return _act(request, pk, lambda: recall_declaration(person(request), declaration_id=pk), done)


@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why what was approved is to be adjusted, and opens it."""
    found = _own(request, pk)
    if found.state == State.ADJUSTING:  # a second click
        return redirect("declaration", pk=pk)
    closed = workflow.why_not_adjustable(found, timezone.now())
    if closed and (request.method == "GET" or found.state != State.APPROVED):
        messages.error(request, closed)
        return redirect("declaration", pk=pk)
    form = AdjustForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            begin_adjustment(person(request), declaration_id=pk, reason=form.cleaned_data["reason"])
        except RefusedError as refusal:  # with the reason that was typed
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已开始调整，请修改后提交审核。审核通过前，现行版本不变。")
            return redirect("declaration", pk=pk)
    stages = found.round.stages.all()
    context = {"form": form, "stages": stages, "until": workflow.adjusting_time(found)}
    return render(request, "adjusting/adjust.html", context_of(request, found) | context)


@require_http_methods(["GET", "POST"])
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks whether the adjustment is really to be given up, and what goes with it."""
    found = _own(request, pk)
    if request.method == "POST":
        done = "已放弃调整，内容恢复为现行版本。"
        return _act(
            request, pk, lambda: give_up_adjustment(person(request), declaration_id=pk), done
        )
    if refusal := workflow.why_not_given_up(found):
        messages.error(request, refusal)
        return redirect("declaration", pk=pk)
    changes = changes_since(found.approved, draft_table(found))
    return render(
        request, "adjusting/give_up.html", context_of(request, found) | {"changes": changes}
    )


def _own(request: HttpRequest, pk: int) -> Declaration:
    found = reach(request, pk)
    if not permissions.can_fill_in(person(request), found):
        raise Http404
    return found


def _act(request: HttpRequest, pk: int, act: Callable[[], None], done: str) -> HttpResponse:
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("declaration", pk=pk)
