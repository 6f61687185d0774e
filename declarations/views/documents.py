"""Downloads of a declaration."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from declarations import permissions, workflow
from declarations.queries import documents
from declarations.views.reaching import person, reach


@require_GET
def download(request: HttpRequest, pk: int, format: str) -> HttpResponse:  # noqa: A002
    """The declaration as PDF, XLSX, HTML, JSON, a report as DOCX, too: what counts, or what ``?revision=`` names."""
    declaration = reach(request, pk)
    wanted = request.GET.get("revision", "")
    edition = documents.edition_for(person(request), declaration, wanted)
    if format not in documents.formats_of(declaration) or edition is None:
        raise Http404
    return attachment(
        documents.document_of(declaration, format, edition),
        documents.CONTENT_TYPES[format],
        documents.file_name(declaration, format, edition),
    )


@require_GET
def fillable(request: HttpRequest, pk: int, content: str) -> HttpResponse:
    """The workbook to fill in, blank or with what is filled in, for who can fill in now."""
    declaration = reach(request, pk)
    allowed = permissions.can_fill_in(
        person(request), declaration
    ) and not workflow.why_not_editable(declaration, timezone.now())
    if content not in documents.FILLABLE or not allowed:
        raise Http404
    return attachment(
        documents.fillable_of(declaration, content),
        documents.CONTENT_TYPES["xlsx"],
        documents.fillable_name(declaration, content),
    )


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to be saved under a name, whatever characters are in that."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition or ""}
    )
