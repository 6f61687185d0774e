"""The least that Django does for the same thing: no permissions, history, checks or conflicts."""

import json

from django.db import transaction
from django.forms import inlineformset_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.views.decorators.http import require_GET, require_POST

from declarations.models import Declaration, Department, Indicator

COLUMNS = ("level1", "level2", "level3", "period_target", "target")

FormSet = inlineformset_factory(Declaration, Indicator, fields=COLUMNS, extra=0)

PAGE = engines["django"].from_string("""
{% extends "base.html" %}
{% block main %}
<form method="post">{% csrf_token %}{{ formset }}<button class="btn btn-primary">保存</button></form>
{% endblock %}
""")


@require_POST
def save_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Locks one row and updates it: ``{text}``. The row is of a table without triggers."""
    text = json.loads(request.body)["text"]
    with transaction.atomic():
        row = Department.objects.select_for_update(of=("self",)).get(pk=pk)
        row.name = text
        row.save(update_fields=["name"])
    return JsonResponse({"text": row.name})


@require_GET
def formset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The indicators of a declaration in a formset, with Django's own widgets and templates."""
    declaration = get_object_or_404(Declaration, pk=pk)
    return HttpResponse(PAGE.render({"formset": FormSet(instance=declaration)}, request))
