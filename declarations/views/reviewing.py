"""The reviewer's acts: the decision."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from declarations import permissions
from declarations.domain import review
from declarations.domain.errors import RefusedError
from declarations.views.input_forms import DecisionForm, first_error
from declarations.views.reaching import person, reach


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns or approves."""
    _only_reviewers(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return _back(pk)
    decision = form.cleaned_data["decision"]
    act = review.return_for_correction if decision == "return" else review.pass_on
    try:
        act(person(request), declaration_id=pk, opinion=form.cleaned_data["opinion"])
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return _back(pk)
    done = "已退回，部门会看到您的全部批注。" if decision == "return" else "已审核通过。"
    messages.success(request, done)
    return redirect("home")


def _only_reviewers(request: HttpRequest, pk: int) -> None:
    if not permissions.can_review(person(request), reach(request, pk)):
        raise Http404


def _back(pk: int, anchor: str = "") -> HttpResponse:
    address = reverse("declaration", kwargs={"pk": pk})
    return redirect(f"{address}?{urlencode({'cell': anchor})}" if anchor else address)
