"""An administrator's rounds: those that run, and opening one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations.domain.errors import RefusedError
from declarations.domain.rounds import open_round
from declarations.queries import templates as queries
from declarations.views.bureau_forms import RoundForm
from declarations.views.reaching import administrators_only, person


@require_GET
@administrators_only
def index(request: HttpRequest) -> HttpResponse:
    """The bureau's rounds and how far each is."""
    bureau = person(request).bureau
    context = {"rounds": queries.rounds_of(bureau), "waiting": queries.not_started(bureau)}
    return render(request, "rounds/index.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def open_(request: HttpRequest) -> HttpResponse:
    """Asks for the form, the dates and the departments, and opens the round."""
    bureau = person(request).bureau
    wanted = {"activation": request.GET.get("activation")}
    form = RoundForm(bureau, request.POST or None, initial=wanted)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        activation = data.pop("activation")
        try:
            round_ = open_round(
                person(request), template=activation.template, year=activation.year, **data
            )
        except (RefusedError, ValidationError) as refusal:
            form.add_error(None, refusal if isinstance(refusal, ValidationError) else str(refusal))
        else:
            number = len(data["departments"])
            messages.success(request, f"已开启“{round_}”，{number} 个部门可以填报。")
            return redirect("rounds")
    return render(request, "rounds/open.html", {"form": form})
