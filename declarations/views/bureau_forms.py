"""What an administrator fills in: bringing a form, choosing it for a year, opening a round."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from declarations.domain.rounds import closing_dates
from declarations.models import Activation, Bureau, DeclarationKind, Department
from declarations.models.organisations import CODE
from declarations.queries.templates import FormView, departments_of, not_started, startable
from declarations.sheets.incoming.archive import MOST_BYTES

_DATES = ("opens_at", "deadline", "correction_deadline")
_DATE_TIME = "%Y-%m-%dT%H:%M"


class TemplateForm(forms.Form):
    """A tagged workbook: a new form, or the next version of one that is there."""

    workbook = forms.FileField(
        label="工作簿",
        help_text="做好标签的 .xlsx 文件，不超过 10 MB。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件", "empty": "这个文件是空的"},
    )
    of = forms.ChoiceField(label="这是", required=False)
    code = forms.CharField(
        label="编码",
        required=False,
        max_length=50,
        validators=[CODE],
        help_text="只在新的表样时填写：小写字母、数字和连字符，例如 panyu-target。"
        "不填则用文件名。安装后不能改。",
    )
    kind = forms.ChoiceField(
        label="种类",
        required=False,
        choices=[("", "自动判断"), *DeclarationKind.choices],
        help_text="自动判断：新的表样按标题，新版与上一版相同。",
    )

    def __init__(self, forms_of_bureau: Sequence[FormView], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.existing = {form.code: form for form in forms_of_bureau}
        of = self.fields["of"]
        assert isinstance(of, forms.ChoiceField)
        of.choices = [
            ("", "新的表样"),
            *(
                (code, f"{f.latest.template.name}（{code}）的新版")
                for code, f in self.existing.items()
            ),
        ]
        self.helper = _helper()

    def clean_workbook(self) -> bytes:
        uploaded: UploadedFile[Any] = self.cleaned_data["workbook"]
        if (uploaded.size or 0) > MOST_BYTES:
            raise forms.ValidationError("文件超过 10 MB，请删除图片等多余内容后重试")
        self.file_name = uploaded.name or ""
        content: bytes = uploaded.read()
        return content

    def clean(self) -> dict[str, Any]:
        """Fills in the code and, for a further version, the kind."""
        data: dict[str, Any] = self.cleaned_data
        if of := data.get("of"):
            data["code"] = of
            data["kind"] = data.get("kind") or self.existing[of].latest.template.kind
        elif "workbook" in data and "code" in data:
            data["code"] = data["code"] or self._code_by_file_name()
            self._require_new(data["code"], data["workbook"])
        return data

    def is_known(self, template_id: int) -> bool:
        """Whether the version was there before."""
        versions = (v for form in self.existing.values() for v in form.versions)
        return any(v.template.pk == template_id for v in versions)

    def _require_new(self, code: str, workbook: bytes) -> None:
        """A form of the same code is not made a new version of by mistake; the same is itself."""
        if code not in self.existing:
            return
        form = self.existing[code]
        if sha256(workbook).hexdigest() not in {v.template.sha256 for v in form.versions}:
            self.add_error(
                "code",
                f"编码“{code}”已用于“{form.latest.template.name}”。"
                "如果这是它的新版，请在“这是”中选择；如果不是，请换一个编码",
            )

    def _code_by_file_name(self) -> str:
        code = PurePath(self.file_name).stem
        try:
            CODE(code)
        except forms.ValidationError:
            self.add_error("code", f"文件名“{code}”不能作编码，请填写小写字母、数字和连字符")
        return code


class ActivationForm(forms.Form):
    """The year that a version is to be used in."""

    year = forms.IntegerField(
        label="年度",
        error_messages={"required": "请填写年度", "invalid": "请填写四位数的年度，例如 2024"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper()


class RoundForm(forms.Form):
    """A call on departments to file into one form in one year."""

    activation = forms.ModelChoiceField(
        label="年度和表样",
        queryset=Activation.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "这个表样已不能用来开启批次，请重新选择"},
    )
    name = forms.CharField(
        label="名称", required=False, max_length=100, help_text="不填则为年度加表的名称。"
    )
    opens_at = forms.DateTimeField(label="开始填报")
    deadline = forms.DateTimeField(label="填报截止")
    correction_deadline = forms.DateTimeField(
        label="补正截止", help_text="退回修改的部门在此之前可以重新提交。"
    )
    departments = forms.ModelMultipleChoiceField(
        label="填报部门",
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个部门"},
    )

    def __init__(self, bureau: Bureau, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activation, departments = self.fields["activation"], self.fields["departments"]
        assert isinstance(activation, forms.ModelChoiceField)
        assert isinstance(departments, forms.ModelMultipleChoiceField)
        activation.queryset = startable(bureau) if self.is_bound else not_started(bureau)
        departments.queryset = departments_of(bureau)
        departments.initial = departments.queryset
        now = timezone.localtime().replace(second=0, microsecond=0)
        for name, when in zip(_DATES, (now, *closing_dates(now)), strict=True):
            date = self.fields[name]
            assert isinstance(date, forms.DateTimeField)
            date.initial = when
            date.widget = forms.DateTimeInput({"type": "datetime-local"}, format=_DATE_TIME)
            date.input_formats = [_DATE_TIME, f"{_DATE_TIME}:%S"]
            date.error_messages |= {"required": "请填写日期和时间", "invalid": "日期和时间无法识别"}
        self.helper = _helper()

    def clean(self) -> dict[str, Any]:
        """Dates in their order, and not over before the round begins."""
        data: dict[str, Any] = self.cleaned_data
        opens_at, deadline = data.get("opens_at"), data.get("deadline")
        correction = data.get("correction_deadline")
        if deadline and deadline <= timezone.now():
            self.add_error("deadline", "截止时间已经过了")
        elif opens_at and deadline and deadline <= opens_at:
            self.add_error("deadline", "截止时间必须晚于开始时间")
        if deadline and correction and correction < deadline:
            self.add_error("correction_deadline", "补正截止时间不能早于填报截止时间")
        return data


def _helper() -> FormHelper:
    """The fields alone: the page has the form's tag and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    return helper
