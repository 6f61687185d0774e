"""The least that Django does for the same thing: no permissions, history, checks or conflicts."""

import json
from decimal import Decimal

from django.db import transaction
from django.db.models import Model
from django.forms import inlineformset_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.views.decorators.http import require_GET, require_POST

from declarations.models import Declaration, FundingLine, Indicator, Passage

COLUMNS = ("level1", "level2", "level3", "period_target", "target")

FormSet = inlineformset_factory(Declaration, Indicator, fields=COLUMNS, extra=0)

PAGE = engines["django"].from_string("""
{% extends "base.html" %}
{% block main %}
<form method="post">{% csrf_token %}{{ formset }}<button class="btn btn-primary">保存</button></form>
{% endblock %}
""")


@require_POST
def save_passage(request: HttpRequest, pk: int) -> HttpResponse:
    """Locks the row of a text and updates it: ``{value}``."""
    return _save(Passage, pk, "text", json.loads(request.body)["value"])


@require_POST
def save_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Locks the row of an amount and updates it: ``{value}``."""
    return _save(FundingLine, pk, "budget", Decimal(json.loads(request.body)["value"]))


def _save(model: type[Model], pk: int, column: str, value: Decimal | str) -> HttpResponse:
    with transaction.atomic():
        row = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
        setattr(row, column, value)
        row.save(update_fields=[column])
    return JsonResponse({"value": value})


@require_GET
def formset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The indicators of a declaration in a formset, with Django's own widgets and templates."""
    declaration = get_object_or_404(Declaration, pk=pk)
    return HttpResponse(PAGE.render({"formset": FormSet(instance=declaration)}, request))
