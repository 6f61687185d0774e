"""A round's results across its departments: ranking, by item, by indicator; also as a workbook."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations.domain.exporting import record_export
from declarations.models import DepartmentGroup, ResultLine, Round
from declarations.queries import results
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.forms import form_for
from declarations.queries.result_files import workbook_of
from declarations.views.documents import attachment
from declarations.views.list_forms import Filters
from declarations.views.lists import Head
from declarations.views.progress import reach_round
from declarations.views.reaching import person

AT_ONCE = 50
"""Lines on a page."""
_HEADS = (
    ("rank", "名次"),
    ("department", "部门"),
    ("self", "自评得分"),
    ("rule", "规则得分"),
    ("rank", "得分"),
    ("cut", "核减"),
)


class ResultFilters(Filters):
    """What the ranking is filtered by."""

    department = forms.CharField(
        label="部门",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或编码"}),
    )
    group = forms.TypedChoiceField(label="部门分组", required=False, coerce=int)
    grade = forms.ChoiceField(label="等级", required=False)
    sort = forms.ChoiceField(
        required=False, choices=[(s, s) for s in results.SORTS], widget=forms.HiddenInput
    )

    def __init__(self, round_: Round, data: Any) -> None:
        super().__init__(data)
        groups = DepartmentGroup.objects.filter(bureau=round_.bureau_id)
        grades = round_.bureau.thresholds.grades
        self._choose("group", [(g.pk, g.name) for g in groups])
        self._choose("grade", [(g.name, g.name) for g in grades])


@require_GET
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did how well, in figures, in a chart and in a list."""
    round_ = _scored(request, pk)
    filters = ResultFilters(round_, request.GET)
    ranks = results.ranks(round_)
    page = Paginator(results.ranking(round_, filters.wanted), AT_ONCE).get_page(
        request.GET.get("page", "1")
    )
    context = {
        "round": round_,
        "tab": "ranking",
        "summary": results.summary(round_),
        "filters": filters,
        "heads": list(_heads(filters.wanted.get("sort", "rank"))),
        "page": page,
        "rows": [(ranks.get(result.pk), result) for result in page],
    }
    return render(request, "results/ranking.html", context)


@require_GET
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """Each item of the rubric across departments."""
    round_ = _scored(request, pk)
    context = {"round": round_, "tab": "items", "items": results.items(round_)}
    return render(request, "results/items.html", context)


@require_GET
def item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One item, department by department."""
    round_ = _scored(request, pk)
    of_rubric = form_for(round_).rubric.item(key)
    if of_rubric is None or of_rubric.is_list:
        raise Http404
    context = {"round": round_, "tab": "items", "item": of_rubric}
    return _lines(request, results.lines_of_item(round_, key), "results/item.html", context)


@require_GET
def indicators(request: HttpRequest, pk: int) -> HttpResponse:
    """Which targets are missed most, are set too low, or cannot be judged."""
    round_ = _scored(request, pk)
    far_above = form_for(round_).rubric.far_above
    kind = request.GET.get("kind", results.MISSED_KIND)
    if kind not in results.INDICATOR_KINDS:
        kind = results.MISSED_KIND
    counts = results.counts(round_, far_above)
    context = {
        "round": round_,
        "tab": "indicators",
        "kind": kind,
        "kinds": [(k, label, counts[k]) for k, label in results.INDICATOR_KINDS.items()],
        "all": counts["all"],
        "far_above": far_above * 100,
        "shared": results.shared(round_, far_above),
    }
    lines = results.indicators(round_, kind, far_above)
    return _lines(request, lines, "results/indicators.html", context, counts[kind])


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """All three as one workbook, with a record of who took it."""
    round_ = _scored(request, pk)
    title = f"{round_.name}结果"
    content, rows = workbook_of(title, round_, form_for(round_).rubric.far_above)
    record_export(person(request), title=title, filters={}, rows=rows, round=round_)
    name = f"{title}-{timezone.localdate():%Y%m%d}.xlsx"
    return attachment(content, CONTENT_TYPES["xlsx"], name)


def _lines(
    request: HttpRequest,
    lines: QuerySet[ResultLine],
    template: str,
    context: dict[str, Any],
    count: int | None = None,
) -> HttpResponse:
    """count: of all lines, where it is known already."""
    paginator = Paginator(lines, AT_ONCE)
    if count is not None:
        paginator.count = count
    page = paginator.get_page(request.GET.get("page", "1"))
    return render(request, template, context | {"page": page})


def _scored(request: HttpRequest, pk: int) -> Round:
    """A round that this person may follow, on a form with a rubric; else 404."""
    round_ = reach_round(request, pk)
    if not form_for(round_).rubric.items:
        raise Http404
    return round_


def _heads(order: str) -> Iterator[Head]:
    """Each column sorts one way: the best first, departments by their code."""
    for name, label in _HEADS:
        way = "ascending" if name == "department" else "descending"
        yield Head(label, way if name == order and label != "名次" else "", name)
