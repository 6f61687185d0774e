"""What an administrator fills in to bring a form, and to choose it for a year."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadedfile import UploadedFile

from declarations.models import DeclarationKind
from declarations.models.organisations import CODE
from declarations.queries.templates import FormView
from declarations.sheets.incoming.archive import MOST_BYTES


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


def _helper() -> FormHelper:
    """The fields alone: the page has the form's tag and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    return helper
