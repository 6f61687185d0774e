"""From which totals on a self-evaluation is 优, 良 or 中: a bureau's own thresholds."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations import permissions
from declarations.domain.grading import SETTINGS, change_grades
from declarations.views.account_forms import helper
from declarations.views.reaching import only_for, person


def _least(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "请填写分数，例如 90"},
    )


class GradesForm(forms.Form):
    """The least points of 100 for each grade; the columns of `Bureau`."""

    grade_excellent = _least("“优”的最低分")
    grade_good = _least("“良”的最低分")
    grade_fair = _least("“中”的最低分")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("保存")


@require_http_methods(["GET", "POST"])
@only_for(permissions.can_manage_grades)
def settings(request: HttpRequest) -> HttpResponse:
    """Shows and changes the thresholds."""
    bureau = person(request).bureau
    now = {name: getattr(bureau, name) for name in SETTINGS}
    form = GradesForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            change_grades(person(request), bureau_id=bureau.pk, settings=form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, "自评等级标准已保存。")
            return redirect("grades")
    return render(request, "scoring/grades.html", {"form": form})
