"""The record of acts: for the auditor, who reads it and does nothing else."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.domain.exporting import record_taken
from declarations.models import EventKind, User
from declarations.queries import documents
from declarations.queries.record import (
    AREAS,
    MOST_EXPORTED,
    Wanted,
    page_of,
    record_of,
    record_workbook,
)
from declarations.views.documents import attachment
from declarations.views.reaching import person

_ALL = [("", "全部")]


class RecordFilters(forms.Form):
    """What the record is filtered by; all of it stands in the address."""

    since = forms.DateField(
        label="从", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="到", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    person = forms.CharField(
        label="人员",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名或用户名"}),
    )
    department = forms.CharField(
        label="部门",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    area = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[*_ALL, *((key, label) for key, (label, _) in AREAS.items())],
    )
    kind = forms.ChoiceField(label="事项", required=False, choices=[*_ALL, *EventKind.choices])
    failed = forms.BooleanField(label="只看失败的", required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "结束日期不能早于开始日期")
        return cleaned

    @property
    def wanted(self) -> Wanted:
        """The filters that are valid and set."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})

    @property
    def narrows(self) -> bool:
        return self.wanted != Wanted()


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The acts in the bureau, the latest first; ``?after=``: those before that one."""
    user = _auditor(request)
    filters = RecordFilters(request.GET)
    events = record_of(user.bureau, filters.wanted)
    key = request.GET.get("after", "")
    after = events.filter(pk=int(key)).first() if key.isdecimal() else None
    lines, last = page_of(events, after)
    context = {"filters": filters, "lines": lines, "last": last, "begun": after is not None}
    return render(request, "record/index.html", context)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The same acts as a workbook; that it was taken is an act itself."""
    user = _auditor(request)
    filters = RecordFilters(request.GET)
    events = record_of(user.bureau, filters.wanted)
    count = events.count()
    if count > MOST_EXPORTED:
        messages.error(
            request, f"共 {count:,} 条，一次最多导出 {MOST_EXPORTED:,} 条，请缩小日期范围"
        )
        return redirect(f"{reverse('record')}?{request.GET.urlencode()}")
    content = record_workbook(events)
    record_taken(user, filters=request.GET.dict(), rows=count)
    name = f"审计记录-{timezone.localdate():%Y%m%d}.xlsx"
    return attachment(content, documents.CONTENT_TYPES["xlsx"], name)


def _auditor(request: HttpRequest) -> User:
    """The person, where it is an auditor; 404 for everybody else."""
    user = person(request)
    if not permissions.can_see_record(user, user.bureau):
        raise Http404
    return user
