"""What is asked for a round: dates and reminders, departments; more time for some."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from declarations.domain.extending import LONGEST_REASON
from declarations.models import Bureau, Department, DepartmentGroup, Round
from declarations.queries.rounds import callable_departments, groups_with_departments
from declarations.workflow.rounds import (
    DATES,
    why_not_changeable,
    why_not_in_order,
    why_not_reminders,
)

_DATE_TIME = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A day and a time, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput({"type": "datetime-local"}, format=_DATE_TIME),
            input_formats=[_DATE_TIME, f"{_DATE_TIME}:%S"],
            error_messages={"required": "请填写日期和时间", "invalid": "日期和时间无法识别"},
            **kwargs,
        )


class DaysField(forms.CharField):
    """Numbers of days, apart by whatever: ``7、3、1``."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        if re.search(r"[^\d\s、，,天]", text):
            raise forms.ValidationError("请填写天数，例如：7、3、1")
        days = [int(number) for number in re.findall(r"[0-9]{1,4}", text)]
        if why := why_not_reminders(days):
            raise forms.ValidationError(why)
        return days


class RoundForm(forms.Form):
    """Name, dates and reminders of a round. round_: the one that is changed, None for a new one."""

    name = forms.CharField(
        label="名称", required=False, max_length=100, help_text="不填则为年度加表的名称。"
    )
    opens_at = MomentField(label="开始填报")
    deadline = MomentField(label="填报截止")
    correction_deadline = MomentField(
        label="补正截止", help_text="退回修改的部门在此之前可以重新提交。"
    )
    adjustments_until = MomentField(
        label="调整截止",
        required=False,
        help_text="年中确需调整已通过的绩效目标时，部门在此之前可以写明理由申请调整，"
        "按同样的环节重新审核。不填则不受理调整。",
    )
    remind_before = DaysField(
        label="截止前提醒（天）", required=False, help_text="例如 7、3、1：截止前各提醒一次填报人。"
    )
    remind_after = DaysField(
        label="逾期后提醒（天）",
        required=False,
        help_text="逾期仍未提交的，提醒填报人和部门负责人。",
    )

    def __init__(self, *args: Any, round_: Round | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        if round_ is not None:
            self.fields["name"].required = True
            self.fields["name"].help_text = ""
            self.fields["opens_at"].disabled = timezone.now() >= round_.opens_at

    def clean(self) -> dict[str, Any]:
        """Dates in their order, and none that is over already."""
        data: dict[str, Any] = self.cleaned_data
        dates = {name: data[name] for name in DATES if name in data}
        for name, said in self._wrong(dates).items():
            self.add_error(name, said)
        return data

    def _wrong(self, dates: Mapping[str, datetime | None]) -> dict[str, str]:
        if self.round is not None:
            return why_not_changeable(self.round, as_typed(self.round, dates), timezone.now())
        deadline = dates.get("deadline")
        over = {"deadline": "截止时间已经过了"}
        return over if deadline and deadline <= timezone.now() else why_not_in_order(dates)


def as_typed(round_: Round, dates: Mapping[str, datetime | None]) -> dict[str, datetime | None]:
    """The dates, but what is stored where a field shows that: it leaves out seconds."""
    typed = dict(dates)
    for name, new in dates.items():
        stored = getattr(round_, name)
        if new and stored and _to_the_minute(new) == _to_the_minute(stored):
            typed[name] = stored
    return typed


def _to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class DepartmentsForm(forms.Form):
    """Who is called on: all, those of some groups, or chosen ones."""

    ALL, GROUPS, CHOSEN = "all", "groups", "chosen"

    which = forms.ChoiceField(label="填报部门", widget=forms.RadioSelect)
    groups = forms.ModelMultipleChoiceField(
        label="分组",
        required=False,
        queryset=DepartmentGroup.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    departments = forms.ModelMultipleChoiceField(
        label="部门",
        required=False,
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选部门中有已停用的，请重新选择"},
    )

    def __init__(self, bureau: Bureau, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bureau = bureau
        which, groups, departments = (self.fields[n] for n in ("which", "groups", "departments"))
        assert isinstance(which, forms.ChoiceField)
        assert isinstance(groups, forms.ModelMultipleChoiceField)
        assert isinstance(departments, forms.ModelMultipleChoiceField)
        departments.queryset = callable_departments(bureau)
        groups.queryset = groups_with_departments(bureau)
        total = departments.queryset.count()
        which.choices = [
            (self.ALL, f"全部使用中的部门（{total} 个）"),
            *([(self.GROUPS, "按分组")] if groups.queryset else []),
            (self.CHOSEN, "指定部门"),
        ]

    def clean(self) -> dict[str, Any]:
        """``called``: the departments meant."""
        data: dict[str, Any] = self.cleaned_data
        everybody = callable_departments(self.bureau)
        match data.get("which"):
            case self.ALL:
                data["called"] = list(everybody)
            case self.GROUPS:
                data["called"] = list(everybody.filter(group__in=data.get("groups", ())))
                if not data["called"]:
                    self.add_error("groups", "请至少选择一个分组")
            case self.CHOSEN if "departments" in data:
                data["called"] = list(data["departments"])
                if not data["called"]:
                    self.add_error("departments", "请至少选择一个部门")
        return data

    def said(self) -> str:
        """How the departments were chosen, in a few words."""
        if self.cleaned_data["which"] == self.GROUPS:
            return "分组：" + "、".join(str(group) for group in self.cleaned_data["groups"])
        return {self.ALL: "全部使用中的部门", self.CHOSEN: "指定部门"}[self.cleaned_data["which"]]


class ChosenDepartmentsForm(forms.Form):
    """Departments to call on later."""

    departments = forms.ModelMultipleChoiceField(
        label="增加部门",
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一个部门",
            "invalid_choice": "所选部门中有已停用的，请重新选择",
        },
    )

    def __init__(self, choices: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = self.fields["departments"]
        assert isinstance(departments, forms.ModelMultipleChoiceField)
        departments.queryset = choices


class ExtensionForm(forms.Form):
    """More time, and why."""

    until = MomentField(label="延期至")
    reason = forms.CharField(
        label="理由",
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="会写入记录，并通知部门的填报人和负责人。",
        error_messages={"required": "请写明延期的理由"},
    )
