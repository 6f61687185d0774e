"""What a bureau publishes and how: its rounds' masking, its files' names, whom citizens ask."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations import permissions
from declarations.domain.disclosure_settings import (
    SETTINGS,
    ChangedMeanwhileError,
    change_bureau_disclosure,
    change_round_disclosure,
)
from declarations.models import Round
from declarations.queries.disclosure_settings import (
    digest_of,
    masking_of,
    preview,
    previewable,
    published_otherwise,
)
from declarations.queries.forms import form_for
from declarations.queries.progress import latest_first
from declarations.queries.records import row_id
from declarations.views.masked import masked_html
from declarations.views.masking_form import MaskingForm
from declarations.views.publishing_forms import BureauForm
from declarations.views.reaching import only_for, person
from declarations.views.rounds import reach_own

AT_ONCE = 20
"""Rounds on a page."""


@require_http_methods(["GET", "POST"])
@only_for(permissions.can_publish)
def settings(request: HttpRequest) -> HttpResponse:
    """The bureau's own settings, and the way to those of each round."""
    bureau = person(request).bureau
    now = {name: getattr(bureau, name) for name in SETTINGS}
    form = BureauForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            change_bureau_disclosure(
                person(request), bureau_id=bureau.pk, settings=form.cleaned_data
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, "公开设置已保存。")
            return redirect("disclosure-settings")
    page = Paginator(latest_first(bureau), AT_ONCE).get_page(request.GET.get("page", "1"))
    return render(request, "publishing/settings.html", {"form": form, "page": page})


@require_http_methods(["GET", "POST"])
@only_for(permissions.can_publish)
def masking(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a round is published, until when, and what is masked in it; what is not saved yet
    can be looked at (``declaration`` names at which of its declarations)."""
    round_ = reach_own(request, pk)
    now, digest = masking_of(round_), digest_of(round_)
    sent = request.POST if request.method == "POST" else None
    columns = {"disclosed": round_.disclosed, "publish_days": round_.publish_days}
    form = MaskingForm(form_for(round_), now, sent, initial=columns)
    context: dict[str, Any] = {"round": round_, "form": form, "seen": digest}
    if sent is not None and form.is_valid():
        now = form.masking
        context["seen"] = sent.get("seen", "")
        if sent.get("step") == "save":
            try:
                told = _save(request, round_, form, context["seen"])
            except ChangedMeanwhileError as refusal:
                context |= {"meanwhile": str(refusal), "seen": digest}
            else:
                said = f"已修改：{'、'.join(told)}。" if told else "没有改动。"
                messages.success(request, said)
                return redirect("round-masking", pk=pk)
    asked = sent or request.GET
    choices = previewable(round_)
    first = str(choices[0][0]) if choices else ""
    shown = preview(round_, now, row_id(asked.get("declaration", first)))
    context |= {
        "choices": choices,
        "preview": shown,
        "otherwise": published_otherwise(round_, now),
        "table": masked_html(shown.table, shown.changes, shown.suspected),
    }
    return render(request, "publishing/masking.html", context)


def _save(
    request: HttpRequest, round_: Round, form: MaskingForm, seen: str
) -> dict[str, list[str]]:
    return change_round_disclosure(
        person(request),
        round_id=round_.pk,
        seen=seen,
        disclosed=form.cleaned_data["disclosed"],
        publish_days=form.cleaned_data["publish_days"],
        masking=form.masking,
    )
