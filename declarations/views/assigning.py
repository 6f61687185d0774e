"""Assignment (分派): who reviews what at a stage of a round, looked at before it is made."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from declarations.domain.assigning import assign
from declarations.domain.errors import RefusedError
from declarations.models import Round, Stage, User
from declarations.queries.assignment import plan_of
from declarations.views.reaching import administrators_only, person
from declarations.views.review_forms import AssignmentForm


@require_http_methods(["GET", "POST"])
@administrators_only
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for stage, departments and reviewers; shows who gets how many; assigns."""
    round_ = get_object_or_404(
        Round.objects.select_related("bureau"), pk=pk, bureau=person(request).bureau_id
    )
    stages = list(round_.stages.filter(by_head=False))
    stage = _stage(request, stages)
    context: dict[str, Any] = {"round": round_, "stages": stages, "stage": stage}
    if stage is None:
        return render(request, "review/assignment.html", context)
    form = AssignmentForm(stage, request.POST or None)
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        if "digest" in request.POST and _assign(request, stage, form):
            return redirect("assignment", pk=pk)
        chosen = set(form.chosen())
        data = form.cleaned_data
        reviewers = list(User.objects.filter(pk__in=data["reviewers"]).order_by("name", "pk"))
        context["plan"] = plan_of(
            stage, [d for d in form.candidates if d.pk in chosen], reviewers, redo=data["redo"]
        )
    return render(request, "review/assignment.html", context)


def _stage(request: HttpRequest, stages: list[Stage]) -> Stage | None:
    """The stage that the request names, else the first of the bureau's."""
    wanted = request.POST.get("stage") or request.GET.get("stage", "")
    return next((s for s in stages if str(s.pk) == wanted), next(iter(stages), None))


def _assign(request: HttpRequest, stage: Stage, form: AssignmentForm) -> bool:
    try:
        plan = assign(
            person(request),
            stage_id=stage.pk,
            declaration_ids=form.chosen(),
            reviewer_ids=form.cleaned_data["reviewers"],
            redo=form.cleaned_data["redo"],
            digest=request.POST["digest"],
        )
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, f"已分派 {plan.new} 份申报。")
    return True
