"""Many at once: asking for an export, following a batch, taking what came of it."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain import batches
from declarations.domain.errors import RefusedError
from declarations.models import Batch
from declarations.queries.batches import (
    KEPT_DAYS,
    batches_of,
    failures_of,
    may_handle,
    nobody_works_at,
    with_progress,
)
from declarations.sheets.file_pattern import FIELDS
from declarations.views.batch_forms import ExportForm, Summary, asked_for
from declarations.views.reaching import only_for, person

ON_A_PAGE = 30
FAILURES_SHOWN = 100

exporters_only = only_for(permissions.can_export_many)


@require_GET
@exporters_only
def index(request: HttpRequest) -> HttpResponse:
    """The bureau's batches, the latest first."""
    found = batches_of(person(request).bureau)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = with_progress(page.object_list)
    return render(
        request, "batches/index.html", {"page": page, "rows": rows, "kept_days": KEPT_DAYS}
    )


@require_http_methods(["GET", "POST"])
@exporters_only
def new(request: HttpRequest) -> HttpResponse:
    """Asks what is to be exported and says how much that is; a POST begins."""
    user = person(request)
    asked = request.POST if request.method == "POST" else request.GET
    form = ExportForm(user.bureau, asked if "content" in asked else None)
    summary = form.summary() if form.is_valid() else None
    refused = ""
    if request.method == "POST" and summary:
        begun = _begin(request, form, summary)
        if isinstance(begun, Batch):
            return redirect("batch", pk=begun.pk)
        refused = begun
    context = {
        "form": form,
        "summary": summary,
        "refused": refused,
        "tags": FIELDS.items(),
        "kept_days": KEPT_DAYS,
        "can_set_pattern": permissions.can_publish(user, user.bureau),
    }
    fragment = request.headers.get("HX-Request")
    return render(request, "batches/summary.html" if fragment else "batches/new.html", context)


def _begin(request: HttpRequest, form: ExportForm, summary: Summary) -> Batch | str:
    """The batch, or why it was not begun."""
    if request.POST.get("seen") != str(summary.files):
        return "您打开页面后，文件数有了变化，请核对后再开始"
    try:
        return batches.start_export(
            person(request),
            filters=form.wanted(),
            formats=form.cleaned_data["formats"],
            pattern=form.cleaned_data["pattern"],
        )
    except RefusedError as refusal:
        return str(refusal)


@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a batch is, or what came of it."""
    found = _reach(request, pk)
    (progress,) = with_progress([found])
    context = {
        "batch": found,
        "progress": progress,
        "minutes_left": progress.minutes_left(timezone.now()),
        "stuck": nobody_works_at(found),
        "may_handle": may_handle(person(request), found),
    }
    if request.headers.get("HX-Request"):
        answer = render(request, "batches/progress.html", context)
        if not progress.is_under_way:
            answer["HX-Refresh"] = "true"
        return answer
    context["failures"] = failures_of(found)[:FAILURES_SHOWN] if progress.failed else []
    context["again"] = asked_for(found) if progress.is_export else ""
    return render(request, "batches/batch.html", context)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a batch."""
    _reach(request, pk)
    try:
        batches.cancel(person(request), batch_id=pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("batch", pk=pk)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins again with what is not done."""
    _reach(request, pk)
    try:
        batches.retry(person(request), batch_id=pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("batch", pk=pk)


@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The archive of an export, in pieces, with a record of who took it."""
    found = _reach(request, pk)
    try:
        file = default_storage.open(found.file) if found.file else None
        taken = batches.take(person(request), batch_id=pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("batch", pk=pk)
    except FileNotFoundError:
        messages.error(request, "打包文件已不在存储中，请重新导出，并告知系统维护人员")
        return redirect("batch", pk=pk)
    assert file is not None
    return FileResponse(
        file, as_attachment=True, filename=taken.name, content_type="application/zip"
    )


def _reach(request: HttpRequest, pk: int) -> Batch:
    """A batch of the person's bureau, or 404, also for who exports nothing."""
    user = person(request)
    found = batches_of(user.bureau).filter(pk=pk).first()
    if found is None or not permissions.can_export_many(user, user.bureau):
        raise Http404
    return found
