"""An administrator's rounds: those that run, setting one up, opening it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from declarations import permissions
from declarations.domain.errors import RefusedError
from declarations.domain.rounds import go_on, open_round
from declarations.models import Activation, Round
from declarations.queries import rounds as round_queries
from declarations.queries import templates as queries
from declarations.queries.progress import latest_first, with_progress
from declarations.views.reaching import administrators_only, only_for, person
from declarations.views.round_defaults import defaults_for
from declarations.views.round_setup import RoundSetup

CHECK, OPEN = "check", "open"
"""Steps of the form; others only show it again: ``edit``, ``more-criteria``, ``more-grades``."""


ON_A_PAGE = 50


@require_GET
@only_for(permissions.can_follow_rounds)
def index(request: HttpRequest) -> HttpResponse:
    """The bureau's rounds and how far each is; for administrators, those to be opened too."""
    user = person(request)
    page = Paginator(latest_first(user.bureau), ON_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, object] = {
        "rounds": with_progress(page.object_list, timezone.now()),
        "page": page,
        "administers": permissions.can_open_rounds(user, user.bureau),
    }
    if context["administers"]:
        context["waiting"] = queries.not_started(user.bureau)
    return render(request, "rounds/index.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def open_(request: HttpRequest) -> HttpResponse:
    """Asks for everything a round needs, shows it in a summary, and opens the round."""
    activation = _activation(request)
    if activation is None:
        waiting = queries.not_started(person(request).bureau)
        return render(request, "rounds/choose.html", {"waiting": waiting})
    defaults = defaults_for(activation)
    data = request.POST if request.method == "POST" else None
    setup = RoundSetup(
        person(request).bureau,
        data,
        initial=defaults.initial,
        stages=defaults.stages,
        sheet=defaults.sheet,
    )
    context = {"activation": activation, "setup": setup, "defaults": defaults}
    step = request.POST.get("step", CHECK)
    if data is None or step not in (CHECK, OPEN):
        return render(request, "rounds/open.html", context)
    if not setup.is_valid():
        return render(request, "rounds/open.html", context | {"problems": setup.problems()})
    if step == CHECK:
        typed = [(k, v) for k, values in data.lists() if k not in _OWN for v in values]
        return render(request, "rounds/summary.html", context | _summary(setup, typed))
    try:
        round_ = _open(request, activation, setup)
    except (RefusedError, ValidationError) as refusal:
        said = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        return render(request, "rounds/open.html", context | {"refused": said})
    return redirect("round-opening", pk=round_.pk)


_OWN = ("csrfmiddlewaretoken", "step")


@require_http_methods(["GET", "POST"])
@administrators_only
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the queue is with a round's departments; a POST does the rest here and now."""
    round_ = reach_own(request, pk)
    if request.method == "POST":
        go_on(person(request), round_id=pk)
        return redirect("round-opening", pk=pk)
    context = {
        "round": round_,
        "opening": round_queries.opening_of(round_),
        "stuck": round_queries.nobody_opens(round_),
        "now": timezone.now(),
    }
    page = "rounds/opening_progress.html" if request.headers.get("HX-Request") else ""
    return render(request, page or "rounds/opening.html", context)


def reach_own(request: HttpRequest, pk: int) -> Round:
    """A round of the administrator's bureau, or 404."""
    rounds = Round.objects.filter(bureau=person(request).bureau_id)
    found = rounds.select_related("bureau", "template").defer("template__workbook")
    round_ = found.filter(pk=pk).first()
    if round_ is None:
        raise Http404
    return round_


def _activation(request: HttpRequest) -> Activation | None:
    """The year and the version that the round is for: as the address says, or the only one."""
    bureau = person(request).bureau
    wanted = request.GET.get("activation", "")
    if wanted.isascii() and wanted.isdigit():
        return queries.startable(bureau).filter(pk=int(wanted[:18])).first()
    waiting = list(queries.not_started(bureau)[:2])
    return waiting[0] if len(waiting) == 1 else None


def _summary(setup: RoundSetup, typed: list[tuple[str, str]]) -> dict[str, object]:
    assert setup.departments is not None
    called = setup.departments.cleaned_data["called"]
    columns = setup.columns()
    plans = setup.plans()
    return {
        "typed": typed,
        "columns": columns,
        "called": called,
        "called_by": setup.departments.said(),
        "plans": plans,
        "sheet": setup.sheet.sheet() if setup.wants_sheet() else None,
        "without_people": round_queries.without_people(
            called, by_head=any(plan.by_head for plan in plans)
        ),
    }


def _open(request: HttpRequest, activation: Activation, setup: RoundSetup) -> Round:
    assert setup.departments is not None
    columns = setup.columns()
    named = ("name", "opens_at", "deadline", "correction_deadline")
    round_ = open_round(
        person(request),
        template=activation.template,
        year=activation.year,
        departments=setup.departments.cleaned_data["called"],
        stages=setup.plans(),
        settings={name: value for name, value in columns.items() if name not in named},
        in_queue=True,
        **{name: columns[name] for name in named},
    )
    messages.success(request, f"已开启“{round_}”。")
    return round_
