"""Changing a round that is there, calling on further departments, giving some more time."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations.domain.errors import RefusedError
from declarations.domain.extending import extend_many
from declarations.domain.round_settings import (
    ChangedMeanwhileError,
    Changes,
    add_departments,
    change_round,
    take_out,
)
from declarations.domain.rounds import StagePlan
from declarations.models import Declaration, Round
from declarations.queries import rounds as queries
from declarations.views.lists import AT_ONCE
from declarations.views.reaching import administrators_only, person
from declarations.views.round_forms import ChosenDepartmentsForm, ExtensionForm
from declarations.views.round_setup import RoundSetup
from declarations.views.rounds import reach_own
from declarations.workflow.rounds import DATES
from scoring.review_sheet import STANDARD, Sheet


@require_http_methods(["GET", "POST"])
@administrators_only
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """What may still be changed of a round. Who saves later sees what changed meanwhile."""
    round_ = reach_own(request, pk)
    data = request.POST if request.method == "POST" else None
    setup = _setup(round_, data)
    now = queries.digest_of(round_)
    seen = now if data is None else data.get("seen", "")
    context = {"round": round_, "setup": setup, "seen": seen}
    if data is None or data.get("step", "save") != "save":
        return render(request, "rounds/settings.html", context)
    if not setup.is_valid():
        context |= {"problems": setup.problems()}
        return render(request, "rounds/settings.html", context)
    try:
        changes = change_round(
            person(request),
            round_id=pk,
            seen=seen,
            columns=setup.columns(),
            stages=setup.plans(),
        )
    except ChangedMeanwhileError as refusal:
        change = queries.last_change(round_)
        context |= {"meanwhile": str(refusal), "change": change, "seen": now}
    except ValidationError as refusal:
        context |= {"refused": refusal.messages}
    except RefusedError as refusal:
        context |= {"refused": [str(refusal)]}
    else:
        messages.success(request, _told(changes))
        return redirect("round-settings", pk=pk)
    return render(request, "rounds/settings.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def departments(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is called on: further ones are added, and who has done nothing is taken out."""
    round_ = reach_own(request, pk)
    there = queries.departments_in(round_).values("pk")
    others = queries.callable_departments(round_.bureau).exclude(pk__in=there)
    adding = request.method == "POST" and "declaration" not in request.POST
    form = ChosenDepartmentsForm(others, request.POST if adding else None)
    refused = ""
    try:
        if adding and form.is_valid():
            ids = [department.pk for department in form.cleaned_data["departments"]]
            count = add_departments(person(request), round_id=pk, departments=ids)
            messages.success(request, f"已增加 {count} 个部门。")
            return redirect("round-opening", pk=pk)
        if request.method == "POST" and not adding:
            gone = take_out(person(request), declaration_id=_named(request, round_).get().pk)
            messages.success(request, f"已将{gone}移出批次。")
            return redirect("round-departments", pk=pk)
    except RefusedError as refusal:
        refused = str(refusal)
    except Declaration.DoesNotExist:
        refused = "这个部门已不在批次中"
    page = Paginator(queries.removable(round_), AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "form": form,
        "others": others,
        "page": page,
        "refused": [refused] if refused else [],
    }
    return render(request, "rounds/departments.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """More time, with a reason, for the departments that were chosen in a list before, or are
    named in the address (``?declaration=…``)."""
    round_ = reach_own(request, pk)
    declarations = list(_named(request, round_))
    chosen_only = request.method == "GET" or request.POST.get("step") == "choose"
    form = ExtensionForm(None if chosen_only else request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            extended = extend_many(
                person(request),
                declarations=[declaration.pk for declaration in declarations],
                until=data["until"],
                reason=data["reason"],
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            for declaration, why in extended.skipped:
                messages.warning(request, f"{declaration.department}没有延期：{why}。")
            if extended.done:
                messages.success(request, f"已给 {len(extended.done)} 个部门延期，并通知了部门。")
            return redirect("round", pk=pk)
    context = {"round": round_, "declarations": declarations, "form": form}
    return render(request, "rounds/extension.html", context)


def _setup(round_: Round, data: QueryDict | None) -> RoundSetup:
    stages = [
        StagePlan(s.name, s.by_head, s.days, s.with_sheet, list(s.reviewers.all()))
        for s in queries.stages_of(round_)
    ]
    kept = round_.review_sheet
    return RoundSetup(
        round_.bureau,
        data,
        initial={name: getattr(round_, name) for name in (*DATES, *REST)},
        stages=stages,
        sheet=Sheet.from_json(kept) if kept else STANDARD,
        round_=round_,
    )


REST = ("name", "remind_before", "remind_after")


def _told(changes: Changes) -> str:
    if not changes.told:
        return "没有改动。"
    said = f"已修改：{'、'.join(changes.told)}。"
    if changes.released:
        said += f"移除的审核人手上的 {changes.released} 份申报已放回队列。"
    if changes.unassigned:
        said += f"有 {changes.unassigned} 份分派失效，请重新分派。"
    return said


def _named(request: HttpRequest, round_: Round) -> QuerySet[Declaration]:
    """The round's declarations that the form or the address names."""
    sent = request.POST if request.method == "POST" else request.GET
    ids = [int(t) for t in sent.getlist("declaration") if t.isascii() and t.isdigit()]
    found = round_.declarations.filter(pk__in=ids).select_related("department", "round")
    return found.order_by("department__code")
