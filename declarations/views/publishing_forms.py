"""What a publisher fills in: the check, a reason, what is published of a round and how."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from declarations.domain.adjusting import LONGEST_REASON, SHORTEST_REASON
from declarations.models import DepartmentGroup, Round, User
from declarations.queries.publishing_list import LABELS
from declarations.sheets.file_pattern import FIELDS
from declarations.views.account_forms import helper
from declarations.views.list_forms import Filters


class PublishingFilters(Filters):
    """What a publisher's list is filtered by; the state is chosen by its tabs."""

    state = forms.ChoiceField(
        required=False,
        choices=[("", "全部"), *LABELS.items()],
        widget=forms.HiddenInput,
    )
    department = forms.CharField(
        label="部门",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或编码"}),
    )
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int)
    round = forms.TypedChoiceField(label="批次", required=False, coerce=int)
    group = forms.TypedChoiceField(label="部门分组", required=False, coerce=int)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        rounds = Round.objects.filter(bureau=user.bureau_id).only("name", "year")
        rounds = rounds.order_by("-year", "deadline", "pk")
        self._choose("round", [(r.pk, r.name) for r in rounds])
        self._choose("year", [(y, f"{y}年") for y in dict.fromkeys(r.year for r in rounds)])
        groups = DepartmentGroup.objects.filter(bureau=user.bureau_id)
        self._choose("group", [(g.pk, g.name) for g in groups])

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered but the state."""
        return bool(self.wanted.keys() - {"sort", "state"})


def fields_only() -> FormHelper:
    """The fields alone: the page has the form's tag and its buttons."""
    found = FormHelper()
    found.form_tag = False
    found.disable_csrf = True
    return found


class _Form(forms.Form):
    """A form whose fields the page draws between its own tags."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__.removesuffix("Form").lower()  # several are on one page
        kwargs.setdefault("auto_id", f"{name}-%s")
        super().__init__(*args, **kwargs)
        self.helper = fields_only()


def _confirmed(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, error_messages={"required": "请确认后勾选"})


def _reason(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        min_length=SHORTEST_REASON if required else None,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": f"请写明{label}",
            "min_length": f"请写明{label}，至少 {SHORTEST_REASON} 个字",
            "max_length": f"{label}最多 {LONGEST_REASON} 字",
        },
    )


class ConfirmationsForm(_Form):
    """The three confirmations of a check, for one declaration or for several."""

    confidentiality = _confirmed("已作保密审查，不涉及国家秘密")
    personal_data = _confirmed("个人信息已按规定隐去，保留的都可以公开")
    completeness = _confirmed("内容完整，与审核通过的版本一致")


class CheckForm(ConfirmationsForm):
    """The check of one declaration. looked_at: the sha256 of what was looked at."""

    note = _reason("审查说明", "可以不填，只在系统内留存。", required=False)
    looked_at = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, overrides: bool = False, **kwargs: Any) -> None:
        """overrides: it was exempt before, so that the note has to say why it no longer is."""
        super().__init__(*args, **kwargs)
        if overrides:
            self.fields["note"] = _reason("改为公开的说明", "写明为什么可以公开，只在系统内留存。")


class ExemptForm(_Form):
    """Why something is not published."""

    note = _reason("不予公开的理由", "写明依据，例如：涉及国家秘密（定密文号）。只在系统内留存。")


class PublishForm(_Form):
    """Why what is published takes the place of what was before."""

    reason = _reason("更正理由", "会显示在公开页面上，公众可以看到。")


class WithdrawForm(_Form):
    """Why something is withdrawn, and that this is really meant."""

    reason = _reason("撤回理由", "会显示在公开页面上，公众可以看到；不要写入需要保护的内容。")
    earlier = forms.BooleanField(required=False, error_messages={"required": "请勾选"})
    sure = _confirmed("确定撤回：公开页面只保留标题、撤回时间和理由，内容和文件不能再看到")

    def __init__(self, *args: Any, earlier: int = 0, alone: bool = False, **kwargs: Any) -> None:
        """earlier: how many versions before the latest can be read; alone: the latest cannot."""
        super().__init__(*args, **kwargs)
        if not earlier:
            del self.fields["earlier"]
            return
        label = (
            f"撤回以前的 {earlier} 个公开版本" if alone else f"以前的 {earlier} 个公开版本一并撤回"
        )
        self.fields["earlier"].label = label
        self.fields["earlier"].required = alone
        self.fields[
            "sure"
        ].label = "确定撤回：撤回的版本只保留标题、撤回时间和理由，内容和文件不能再看到"


class BureauForm(forms.Form):
    """How a bureau's exported files are named, and whom citizens can ask."""

    file_pattern = forms.CharField(
        label="导出文件名",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="批量导出时文件的名称，不含扩展名；“/”分出文件夹。可用："
        + "、".join(f"{{{name}}} {label}" for name, label in FIELDS.items())
        + "。",
        error_messages={"required": "请填写文件名格式"},
    )
    public_contact = forms.CharField(
        label="公开联系方式",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="显示在公开网站的页脚，供公众咨询，例如：预算绩效科 020-12345678。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("保存")
