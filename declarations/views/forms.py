"""What belongs to a form template."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from declarations.models import FormTemplate
from declarations.queries.forms import form_of
from declarations.sheets.css import form_css
from declarations.views.reaching import person


@require_GET
@cache_control(private=True, max_age=31_536_000, immutable=True)
def style_sheet(request: HttpRequest, template: int, sha256: str) -> HttpResponse:
    """The form's own style sheet; its address changes with the workbook, so it never expires."""
    found = get_object_or_404(
        FormTemplate.objects.defer("workbook"),
        bureau=person(request).bureau_id,
        pk=template,
        sha256=sha256,
    )
    return HttpResponse(form_css(form_of(found)), content_type="text/css; charset=utf-8")
