"""Importing a workbook: bringing it, looking at what it would change, applying or giving up."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions, workflow
from declarations.domain import importing, undoing
from declarations.domain.errors import RefusedError
from declarations.models import Declaration, EventKind, Upload, UploadState
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.import_preview import preview_of
from declarations.queries.uploads import marked_copy, uploads_for, what_was_read
from declarations.views.documents import attachment
from declarations.views.middleware import is_from_script
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach


@require_http_methods(["GET", "POST"])
def uploads(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a workbook is brought, with those brought before; bringing one."""
    found = reach(request, pk)
    if request.method == "POST":
        return _bring(request, found)
    if not _may_see(request, found):
        raise Http404
    context = context_of(request, found)
    context |= {
        "uploads": uploads_for(person(request), found).defer("workbook", "content", "report"),
        "undone": _undone(found),
        "largest": settings.LARGEST_WORKBOOK,
        "why_not": workflow.why_not_editable(found, timezone.now()),
    }
    return render(request, "uploads/uploads.html", context)


@never_cache  # after importing, the back button must not offer it again
@require_GET
def upload(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What became of a workbook: what is wrong with it, or what it would change."""
    declaration = reach(request, pk)
    found = _find(request, declaration, number)
    context = context_of(request, declaration)
    brought, report = what_was_read(found)
    context |= {
        "upload": found,
        "report": report,
        "undone": found.event_id in _undone(declaration),
        "largest": settings.LARGEST_WORKBOOK,
        "why_not": workflow.why_not_editable(declaration, timezone.now()),
    }
    if found.state == UploadState.WAITING and brought is not None:
        context["preview"] = preview_of(declaration, brought, report)
    return render(request, _page_of(found), context)


@require_POST
def apply(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Writes what the preview showed; back to the editor, where it can be undone."""
    _only_fillers(request, pk)
    try:
        event = importing.apply_upload(
            person(request),
            declaration_id=pk,
            upload_id=number,
            base=request.POST.get("base", ""),
            confirmed="confirmed" in request.POST,
        )
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return _to_upload(request, pk, number)
    # The editor offers to undo the event that a message names.
    messages.success(request, f"已导入：{event.data['summary']}", extra_tags=str(event.pk))
    return redirect("declaration", pk=pk)


@require_POST
def set_aside(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Gives a waiting workbook up."""
    _only_fillers(request, pk)
    try:
        importing.set_aside(person(request), declaration_id=pk, upload_id=number)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return _to_upload(request, pk, number)
    messages.success(request, "已放弃这次导入，原有内容没有改动。")
    return redirect("uploads", pk=pk)


@require_POST
def undo(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Takes an import back."""
    _only_fillers(request, pk)
    found = _find(request, reach(request, pk), number)
    try:
        message = undoing.undo(person(request), declaration_id=pk, event_id=found.event_id or 0)
        messages.success(request, message)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect("uploads", pk=pk)


@require_GET
def download(request: HttpRequest, pk: int, number: int, copy: str) -> HttpResponse:
    """The workbook as it came (``original``), or with what was found marked in it (``marked``)."""
    found = _find(request, reach(request, pk), number)
    if copy == "original":
        return attachment(bytes(found.workbook), CONTENT_TYPES["xlsx"], found.file_name)
    if copy != "marked":
        raise Http404
    marked = marked_copy(found)
    if marked is None:
        messages.error(request, "这个工作簿不能标注，请按列出的问题逐项修改。")
        return _to_upload(request, pk, number)
    return attachment(marked, CONTENT_TYPES["xlsx"], f"（已标注）{found.file_name}")


def _bring(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    _only_fillers(request, declaration.pk)
    file = request.FILES.get("workbook")
    if file is None or not file.name:
        return _answer(request, declaration.pk, "请选择要上传的 Excel 工作簿")
    try:
        made = importing.upload(
            person(request),
            declaration_id=declaration.pk,
            file_name=file.name,
            workbook=file.read(),
        )
    except RefusedError as refusal:
        return _answer(request, declaration.pk, str(refusal))
    address = reverse("upload", args=[declaration.pk, made.pk])
    return JsonResponse({"location": address}) if is_from_script(request) else redirect(address)


def _answer(request: HttpRequest, pk: int, refusal: str) -> HttpResponse:
    if is_from_script(request):
        return JsonResponse({"message": refusal}, status=HTTPStatus.CONFLICT)
    messages.error(request, refusal)
    return redirect("uploads", pk=pk)


def _page_of(found: Upload) -> str:
    match UploadState(found.state):
        case UploadState.REJECTED:
            return "uploads/rejected.html"
        case UploadState.WAITING:
            return "uploads/preview.html"
        case UploadState.APPLIED | UploadState.SET_ASIDE:
            return "uploads/done.html"


def _may_see(request: HttpRequest, declaration: Declaration) -> bool:
    user = person(request)
    return permissions.can_see_draft(user, declaration) or permissions.can_help_with_uploads(
        user, declaration
    )


def _find(request: HttpRequest, declaration: Declaration, number: int) -> Upload:
    return get_object_or_404(uploads_for(person(request), declaration), pk=number)


def _undone(declaration: Declaration) -> set[int]:
    """The events that were taken back."""
    undone = declaration.events.filter(kind=EventKind.UNDONE).values_list("data", flat=True)
    return {data["event"] for data in undone}


def _only_fillers(request: HttpRequest, pk: int) -> None:
    if not permissions.can_fill_in(person(request), reach(request, pk)):
        raise Http404


def _to_upload(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Back to what is known of an upload, or to the list where there is none of that number."""
    _ = _find(request, reach(request, pk), number)
    return redirect("upload", pk=pk, number=number)
