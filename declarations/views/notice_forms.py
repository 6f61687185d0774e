"""What notices and e-mails are filtered by; all of it stands in the address."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from declarations.models import NoticeKind
from declarations.queries.notices import Delivery

_ALL = [("", "全部")]


class _Filters(forms.Form):
    """What is not valid in an address filters nothing, and is said at its field."""

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that are valid and set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class NoticeFilters(_Filters):
    """Of a person's own notices."""

    kind = forms.ChoiceField(label="类别", required=False, choices=[*_ALL, *NoticeKind.choices])


class OutboxFilters(_Filters):
    """Of a bureau's e-mails."""

    words = forms.CharField(
        label="查找",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "收件人、邮箱或标题"}),
    )
    delivery = forms.ChoiceField(label="状态", required=False, choices=[*_ALL, *Delivery.choices])
    kind = forms.ChoiceField(label="类别", required=False, choices=[*_ALL, *NoticeKind.choices])
