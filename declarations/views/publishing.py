"""公开: what waits to be checked and published, what was, and one declaration of it."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain.errors import RefusedError
from declarations.domain.exporting import record_export
from declarations.domain.publishing import check, exempt, publish, withdraw
from declarations.models import Declaration
from declarations.queries import publishing
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.lists import Column
from declarations.queries.publishing import DisclosureOf
from declarations.queries.publishing_files import workbook_of
from declarations.queries.publishing_list import LABELS, TONES, counts, due_of, listed, of_state
from declarations.queries.publishing_page import (
    Looked,
    entry_of,
    files_of,
    look,
    next_to_do,
    offers,
    public_of,
)
from declarations.sheets.codes import shown_code
from declarations.views.documents import attachment
from declarations.views.lists import head_of
from declarations.views.masked import masked_html
from declarations.views.publishing_forms import (
    CheckForm,
    ExemptForm,
    PublishForm,
    PublishingFilters,
    WithdrawForm,
)
from declarations.views.reaching import only_for, person, reach
from declarations.workflow.publishing import Disclosure

AT_ONCE = 50
"""Declarations on a page."""
_COLUMNS = (
    Column("department", "部门", ()),
    Column("round", "批次", ()),
    Column("state", "公开状态", ()),
    Column("due", "公开期限", ()),
    Column("published", "公开时间", ()),
)
"""What the list can be sorted by: `publishing.SORTS`."""


@require_GET
@only_for(permissions.can_publish)
def index(request: HttpRequest) -> HttpResponse:
    """Everything that is or is to be published, what is most urgent first, by its state."""
    user = person(request)
    filters = PublishingFilters(user, request.GET)
    wanted = filters.wanted
    state = wanted.pop("state", "")
    narrowed = publishing.narrowed(publishing.disclosable(user), wanted)
    today = timezone.localdate()
    shown = of_state(narrowed, state, today)
    order = wanted.get("sort", "")
    pages = Paginator(publishing.in_order(shown, order), AT_ONCE)
    page = pages.get_page(request.GET.get("page", "1"))
    rows = listed(publishing.rows(cast("QuerySet[Declaration]", page.object_list)), today)
    context = {
        "filters": filters,
        "state": state,
        "tabs": _tabs(counts(narrowed, today)),
        "heads": [head_of(column, order) for column in _COLUMNS],
        "page": page,
        "rows": rows,
        "choosing": any(view.choosable for view in rows),
    }
    return render(request, "publishing/index.html", context)


@require_POST
@only_for(permissions.can_publish)
def export(request: HttpRequest) -> HttpResponse:
    """The same list, every row of it, as a workbook; with a record of who took it."""
    user = person(request)
    wanted = PublishingFilters(user, request.GET).wanted
    narrowed = publishing.narrowed(publishing.disclosable(user), wanted | {"state": ""})
    found = of_state(narrowed, wanted.get("state", ""), timezone.localdate())
    rows = publishing.rows(publishing.in_order(found, wanted.get("sort", "")))
    title = "公开清单"
    record_export(user, title=title, filters=wanted, rows=len(rows))
    name = f"{title}-{timezone.localdate():%Y%m%d}.xlsx"
    return attachment(workbook_of(title, rows), CONTENT_TYPES["xlsx"], name)


def _tabs(counted: dict[str, int]) -> list[tuple[str, str, int]]:
    """What the list can be of, what that is called, and how many it has."""
    whole = sum(counted[state] for state in Disclosure.values)
    return [("", "全部", whole), *((name, label, counted[name]) for name, label in LABELS.items())]


@dataclass(slots=True)
class _Forms:
    """The forms of a declaration's page, one of them with what was sent."""

    check: CheckForm
    exempt: ExemptForm
    publish: PublishForm
    withdraw: WithdrawForm


@require_http_methods(["GET", "POST"])
@only_for(permissions.can_publish)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What the public will see of a declaration, checking it, publishing and withdrawing it."""
    found = reach(request, pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and act not in _ACTS:
        raise Http404
    sent = request.POST if act else None
    stands = publishing.disclosure_of(found)
    forms = _Forms(
        CheckForm(sent if act == "check" else None, overrides=stands.is_exempt),
        ExemptForm(sent if act == "exempt" else None),
        PublishForm(sent if act == "publish" else None),
        WithdrawForm(
            sent if act == "withdraw" else None,
            earlier=len(stands.earlier_public),
            alone=public_of(stands) is None,
        ),
    )
    refused = ""
    if act:
        try:
            if done := _ACTS[act](request, found, stands, forms):
                messages.success(request, done)
                return redirect("publishing-check", pk=pk)
        except RefusedError as refusal:
            refused = str(refusal)
            found = reach(request, pk)
            stands = publishing.disclosure_of(found)
    return _page(request, found, stands, forms, refused=refused, act=act)


def _check(request: HttpRequest, found: Declaration, stands: DisclosureOf, forms: _Forms) -> str:
    if not forms.check.is_valid():
        return ""
    data = forms.check.cleaned_data
    check(person(request), declaration_id=found.pk, looked_at=data["looked_at"], note=data["note"])
    return "审查通过，已记录。请核对后公开。"


def _exempt(request: HttpRequest, found: Declaration, stands: DisclosureOf, forms: _Forms) -> str:
    if not forms.exempt.is_valid():
        return ""
    exempt(person(request), declaration_id=found.pk, note=forms.exempt.cleaned_data["note"])
    return "已确定不予公开，理由已记录。"


def _publish(request: HttpRequest, found: Declaration, stands: DisclosureOf, forms: _Forms) -> str:
    if stands.needs_reason and not forms.publish.is_valid():
        return ""
    reason = forms.publish.cleaned_data["reason"] if stands.needs_reason else ""
    publish(person(request), declaration_id=found.pk, reason=reason)
    return "已公开，部门会收到通知。"


def _withdraw(request: HttpRequest, found: Declaration, stands: DisclosureOf, forms: _Forms) -> str:
    if not forms.withdraw.is_valid():
        return ""
    current = stands.current
    if current is None:
        raise RefusedError("这份申报没有公开过")
    data = forms.withdraw.cleaned_data
    withdraw(
        person(request),
        publication_id=current.pk,
        reason=data["reason"],
        earlier=data.get("earlier", False),
    )
    return "已撤回，公开页面上说明撤回时间和理由。部门会收到通知。"


_ACTS = {"check": _check, "exempt": _exempt, "publish": _publish, "withdraw": _withdraw}
"""What the page's buttons do. Each says what was done, "" where its form is not valid."""


def _page(
    request: HttpRequest,
    found: Declaration,
    stands: DisclosureOf,
    forms: _Forms,
    *,
    refused: str,
    act: str,
) -> HttpResponse:
    looked = look(found, stands)
    if looked is not None and act == "check":
        forms.check = _check_again(forms.check, stands, looked, anew=bool(refused))
    elif looked is not None:
        forms.check = _check_form(stands, looked)
    public = public_of(stands)
    context: dict[str, Any] = {
        "declaration": found,
        "stands": stands,
        "tone": TONES[stands.state] if stands.state else "wait",
        "due": due_of(stands, timezone.localdate()),
        "looked": looked,
        "offers": offers(stands, looked),
        "forms": forms,
        "refused": refused,
        "act": act,
        "next": next_to_do(person(request), found),
        "public": public,
        "publications": [(p, shown_code(p.code)) for p in stands.publications],
        "files": files_of(public) if public else [],
        "entry": entry_of(found) if stands.publications else None,
    }
    if looked is not None:
        context["table"] = masked_html(
            looked.table, looked.ready.changes, looked.ready.suspected, looked.marks
        )
    return render(request, "publishing/one.html", context, status=409 if refused else 200)


def _check_form(stands: DisclosureOf, looked: Looked, note: str = "") -> CheckForm:
    initial = {"looked_at": looked.ready.sha256, "note": note}
    return CheckForm(initial=initial, overrides=stands.is_exempt)


def _check_again(form: CheckForm, stands: DisclosureOf, looked: Looked, *, anew: bool) -> CheckForm:
    """The form with what was typed, on what is looked at now.

    anew: the content is another than what was confirmed, so that nothing is ticked.
    """
    if anew or form.data.get("looked_at") != looked.ready.sha256:
        return _check_form(stands, looked, form.data.get("note", ""))
    return form
