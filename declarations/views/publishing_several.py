"""Checking several at once, with one confirmation for all; the queue publishes them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from declarations import permissions
from declarations.domain.batches import start_publishing
from declarations.domain.errors import RefusedError
from declarations.domain.publishing import check
from declarations.models import Declaration
from declarations.queries import publishing
from declarations.queries.publishing_list import of_state, still_open
from declarations.queries.publishing_several import MOST, Summary, summaries
from declarations.queries.records import row_id
from declarations.views.publishing_forms import ConfirmationsForm, PublishingFilters
from declarations.views.reaching import only_for, person


@dataclass(frozen=True, slots=True)
class Refused:
    """One that was ticked and is not published, and why."""

    declaration: Declaration
    reason: str


@require_http_methods(["GET", "POST"])
@only_for(permissions.can_publish)
def several(request: HttpRequest) -> HttpResponse:
    """What there is to know of the chosen ones (``?declaration=…``, or ``?all=1`` of a filtered
    list), one check for all that are ticked, and then the batch that publishes them."""
    if request.method == "GET":
        chosen = _chosen(request)
        if not chosen:
            messages.error(request, "请先在列表中选择要审查、公开的申报。")
            return redirect("publishing")
        return _summary_page(request, chosen, ConfirmationsForm())
    ticked = dict(_ticked(request.POST.getlist("publishing")))
    shown = [pk for key in request.POST.getlist("declaration") if (pk := row_id(key))]
    form = ConfirmationsForm(request.POST)
    if not ticked:
        form.add_error(None, "请至少勾选一份")
    if not form.is_valid():
        return _summary_page(request, shown, form, ticked=ticked)
    cleared, refused = _check_each(request, ticked)
    if not cleared:
        return _summary_page(request, shown, ConfirmationsForm(), refused=refused, ticked=ticked)
    batch = start_publishing(person(request), declarations=cleared)
    for one in refused:
        department, round_ = one.declaration.department, one.declaration.round
        messages.error(request, f"{department}（{round_}）没有公开：{one.reason}。")
    messages.success(request, f"{len(cleared)} 份已审查通过，正在公开。可以离开这个页面。")
    return redirect("batch", pk=batch.pk)


def _check_each(request: HttpRequest, ticked: dict[int, str]) -> tuple[list[int], list[Refused]]:
    """Checks those of the ticked that were not; each by itself, so that one refused keeps
    nobody else."""
    cleared, refused = [], []
    for summary in summaries(person(request), ticked):
        pk = summary.declaration.pk
        if reason := _why_not(summary, ticked[pk]):
            refused.append(Refused(summary.declaration, reason))
            continue
        try:
            if not summary.is_checked:
                check(person(request), declaration_id=pk, looked_at=ticked[pk])
        except RefusedError as refusal:
            refused.append(Refused(summary.declaration, str(refusal)))
        else:
            cleared.append(pk)
    return cleared, refused


def _why_not(summary: Summary, looked_at: str) -> str:
    if summary.alone:
        return summary.alone
    if summary.ready is None or summary.ready.sha256 != looked_at:
        return "您打开后，申报内容或隐去规则有了变化，请重新核对"
    return ""


def _summary_page(
    request: HttpRequest,
    chosen: list[int],
    form: ConfirmationsForm,
    *,
    refused: Iterable[Refused] = (),
    ticked: dict[int, str] | None = None,
) -> HttpResponse:
    found = summaries(person(request), chosen[:MOST])
    context = {
        "publishable": [s for s in found if not s.alone],
        "alone": [s for s in found if s.alone],
        "over": len(chosen) > MOST,
        "gone": len(chosen[:MOST]) - len(found),
        "most": MOST,
        "form": form,
        "refused": list(refused),
        "ticked": None if ticked is None else {*ticked},
    }
    return render(request, "publishing/several.html", context)


def _chosen(request: HttpRequest) -> list[int]:
    """The declarations that the address names, each once."""
    if "all" not in request.GET:
        named = (row_id(key) for key in request.GET.getlist("declaration"))
        return list(dict.fromkeys(pk for pk in named if pk))
    wanted = PublishingFilters(person(request), request.GET).wanted
    state = wanted.pop("state", "")
    found = publishing.narrowed(publishing.disclosable(person(request)), wanted)
    found = still_open(of_state(found, state, timezone.localdate()))
    open_ones = publishing.in_order(found)
    return list(open_ones.values_list("pk", flat=True)[: MOST + 1])


def _ticked(sent: Iterable[str]) -> Iterable[tuple[int, str]]:
    """``5/ab12…``: a declaration and the hash of what was looked at."""
    for named in sent:
        key, _, sha256 = named.partition("/")
        if pk := row_id(key):
            yield pk, sha256
