"""Comparing two versions of a declaration on the table itself."""

from crispy_forms.helper import FormHelper
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from declarations.queries.comparing import Versions
from declarations.queries.pages import change_marks
from declarations.sheets.html import render_compared
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach


class VersionsForm(forms.Form):
    """Which two versions to compare; named in the address ``from`` and ``to``."""

    def __init__(self, versions: Versions, old: str, new: str) -> None:
        super().__init__(initial={"from": old, "to": new}, auto_id="compare-%s")
        self.fields["from"] = forms.ChoiceField(
            label="原版本", required=False, choices=versions.olds
        )
        self.fields["to"] = forms.ChoiceField(label="新版本", required=False, choices=versions.news)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """``?from=1&to=3``; ``last`` is last year's, ``draft`` what is being filled in."""
    found = reach(request, pk)
    versions = Versions.of(person(request), found)
    if not versions.news:
        raise Http404
    default = versions.default()
    old, new = request.GET.get("from", default[0]), request.GET.get("to", default[1])
    if new not in dict(versions.news) or (old and old not in dict(versions.olds)):
        raise Http404
    context = context_of(request, found) | {
        "versions_form": VersionsForm(versions, old, new),
        "versions": versions,
        "old_name": dict(versions.olds).get(old, ""),
        "new_name": dict(versions.news)[new],
        "comparison": None,
        "same": old == new,
    }
    if old and old != new:
        comparison = versions.compare(old, new)
        marks = change_marks(comparison.changes)
        context |= {
            "comparison": comparison,
            "changes": comparison.changes,
            "table": mark_safe(render_compared(comparison.table, marks)),
        }
    return render(request, "declarations/compare.html", context)
