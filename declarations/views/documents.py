"""Downloads of a declaration."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from declarations import permissions
from declarations.queries import documents
from declarations.views.reaching import person, reach


@require_GET
def download(request: HttpRequest, pk: int, format: str) -> HttpResponse:  # noqa: A002
    """The declaration as PDF, XLSX, HTML or JSON: what was approved, or the department's own draft."""
    declaration = reach(request, pk)
    allowed = permissions.can_download(person(request), declaration)
    if format not in documents.CONTENT_TYPES or not allowed:
        raise Http404
    return HttpResponse(
        documents.document_of(declaration, format),
        content_type=documents.CONTENT_TYPES[format],
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=documents.file_name(declaration, format)
            )
            or ""
        },
    )
