"""The forms of reviewing: the decision, what the queue is filtered by, and assignment."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from declarations.domain.commenting import LONGEST_COMMENT
from declarations.models import DepartmentGroup, Role, Stage, User
from declarations.queries.assignment import can_be_assigned, reviewers_for
from declarations.queries.deciding import Deciding
from declarations.queries.review_queue import SORTS, Tab, choices_for

ALL, COMMENTED = "all", "commented"


class DecisionForm(forms.Form):
    """Return or pass, with an opinion on the whole, on what was looked at.

    deciding: what to offer; without it, the form reads what was sent.
    """

    opinion = forms.CharField(
        label="审核意见",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回时必须写明原因：在这里填写，或在单元格上批注。",
    )
    opening = forms.ChoiceField(
        label="退回时",
        required=False,
        initial=ALL,
        choices=[(ALL, "开放全部内容"), (COMMENTED, "只开放有批注的部分")],
        widget=forms.RadioSelect,
    )
    decision = forms.ChoiceField(choices=[("return", "退回"), ("approve", "通过")])
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    stage = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, deciding: Deciding | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        if deciding is not None:
            self._offer(deciding)

    def _offer(self, deciding: Deciding) -> None:
        self.initial["revision"] = deciding.revision.pk
        self.initial["stage"] = deciding.stage.pk
        names = "、".join(deciding.sections)
        self.fields["opening"].choices = [  # type: ignore[attr-defined]
            (ALL, "开放全部内容"),
            (COMMENTED, f"只开放有批注的部分：{names}"),
        ]
        to = "填报人" if deciding.stage.by_head else "部门"
        self.helper.layout = Layout(
            "revision",
            "stage",
            Field("opinion"),
            *([Field("opening")] if names else []),
            Div(
                HTML(
                    _button(
                        "return",
                        f"退回{to}修改",
                        "btn-warning",
                        f"确定退回{to}修改吗？退回后{to}会看到您的全部批注。",
                    )
                ),
                HTML(_button("approve", deciding.passing, "btn-primary", deciding.asking)),
                css_class="buttons",
            ),
        )


class QueueFilters(forms.Form):
    """What the review queue is narrowed to and sorted by; what is not valid filters nothing."""

    tab = forms.ChoiceField(
        required=False, choices=[("", ""), *Tab.choices], widget=forms.HiddenInput
    )
    department = forms.CharField(
        label="部门",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或编码"}),
    )
    round = forms.TypedChoiceField(label="批次", required=False, coerce=int)
    group = forms.TypedChoiceField(label="部门分组", required=False, coerce=int)
    sort = forms.ChoiceField(
        label="排序", required=False, choices=[(key, label) for key, (label, _) in SORTS.items()]
    )

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        rounds, groups = choices_for(user)
        for name, choices in (("round", rounds), ("group", groups)):
            self.fields[name].choices = [("", "全部"), *choices]  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]
        if user.role == Role.HEAD:
            del self.fields["department"]
        self.is_valid()

    @property
    def tab_shown(self) -> Tab:
        """The tab that the address names, all of them where it names none."""
        return Tab(self.cleaned_data.get("tab") or Tab.ALL)

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered: neither tab nor order do."""
        return any(self.cleaned_data.get(name) for name in ("department", "round", "group"))


class HandOverForm(forms.Form):
    """To whom of the colleagues at the stage a declaration is handed on."""

    reviewer = forms.TypedChoiceField(
        label="转交给", coerce=int, error_messages={"required": "请选择一位审核人"}
    )

    def __init__(self, user: User, stage: Stage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = reviewers_for(stage).exclude(pk=user.pk)
        field = self.fields["reviewer"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "请选择"), *((person.pk, person.name) for person in colleagues)]
        self.helper = FormHelper()
        self.helper.form_tag = False

    @property
    def has_colleagues(self) -> bool:
        """Whether there is anybody to hand it to."""
        return len(self.fields["reviewer"].choices) > 1  # type: ignore[attr-defined]


class AssignmentForm(forms.Form):
    """What of a stage is to be shared out among whom; the stage is settled before."""

    whose = forms.ChoiceField(
        label="分派哪些部门",
        initial="all",
        choices=[("all", "全部部门"), ("group", "一个分组"), ("chosen", "选定的部门")],
        widget=forms.RadioSelect,
    )
    group = forms.ModelChoiceField(
        DepartmentGroup.objects.none(), label="分组", required=False, empty_label="请选择"
    )
    declarations = forms.TypedMultipleChoiceField(
        label="部门", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    reviewers = forms.TypedMultipleChoiceField(
        label="分派给",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="选择几位的，平均分派，已有的份数计算在内。",
        error_messages={"required": "请选择审核人"},
    )
    redo = forms.BooleanField(
        label="重新分派",
        required=False,
        help_text="已经分派、尚未开始审核的也重新分派；不选的，已有的分派不变。",
    )

    def __init__(self, stage: Stage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = list(
            can_be_assigned(stage).select_related("department").order_by("department__code")
        )
        groups = DepartmentGroup.objects.filter(bureau=stage.round.bureau_id)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
        people = [(person.pk, person.name) for person in reviewers_for(stage)]
        self.fields["reviewers"].choices = people  # type: ignore[attr-defined]
        self.fields["declarations"].choices = [  # type: ignore[attr-defined]
            (d.pk, d.department.name) for d in self.candidates
        ]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("whose", "group", "declarations", "reviewers", "redo")

    def clean(self) -> dict[str, Any]:
        """The chosen declarations must be some."""
        data = super().clean() or {}
        match data.get("whose"):
            case "group" if data.get("group") is None:
                self.add_error("group", "请选择分组")
            case "chosen" if not data.get("declarations"):
                self.add_error("declarations", "请选择部门")
        return data

    def chosen(self) -> list[int]:
        """The declarations that are meant, by their keys."""
        data = self.cleaned_data
        match data["whose"]:
            case "group":
                group = data["group"].pk
                return [d.pk for d in self.candidates if d.department.group_id == group]
            case "chosen":
                return list(data["declarations"])
        return [d.pk for d in self.candidates]


def _button(value: str, label: str, style: str, question: str) -> SafeString:
    return format_html(
        '<button class="btn {}" name="decision" value="{}" data-confirm="{}">{}</button>',
        style,
        value,
        question,
        label,
    )
