"""What a publisher sets of a round's disclosure: whether, until when, and what is masked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from declarations.domain.disclosure_settings import MOST_DAYS
from declarations.sheets.form import Form
from declarations.sheets.masking import FIELD_RULES, Masking, default_masking, maskable
from declarations.sheets.personal import Rule

AS_TEXT = ""
"""The choice for a field without a rule of its own: text, in which things are found."""
_CHOICES = [(AS_TEXT, "按内容识别"), *((rule.value, rule.label) for rule in FIELD_RULES)]
_PREFIX = "rule:"
_MOST_PUBLIC = 200
_WRONG_DAYS = f"请填写 1 至 {MOST_DAYS} 的整数"


class MaskingForm(forms.Form):
    """A round's disclosure; a choice for every field of its form that holds words."""

    use_required_attribute = False
    disclosed = forms.BooleanField(label="向社会公开", required=False)
    publish_days = forms.IntegerField(
        label="公开期限（天）",
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="审核通过后多少天内公开。预算法第十四条规定二十日内。",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _WRONG_DAYS
        ),
    )
    public = forms.CharField(
        label="可以公开的姓名和号码",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一个，例如本部门对外公布的咨询电话、主要负责人姓名。在正文中识别到时保留；"
        "填报人、联系人等字段仍按上面的规则隐去。",
    )

    def __init__(self, form: Form, now: Masking, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form = form
        suggested = default_masking(form)
        self.suggested_tags = suggested.fields.keys() | now.fields.keys()
        for field in maskable(form):
            rule, proposal = now.rule(field.tag), suggested.rule(field.tag)
            self.fields[_PREFIX + field.tag] = forms.ChoiceField(
                label=field.label,
                required=False,
                choices=_CHOICES,
                initial=rule.value if rule else AS_TEXT,
                widget=forms.Select(attrs={"class": "form-select"}),
                help_text=f"按名称建议：{proposal.label}" if proposal else "",
            )
        self.initial.setdefault("public", "\n".join(now.public))

    def clean_public(self) -> list[str]:
        """The lines, each once, in their order."""
        lines = (line.strip() for line in self.cleaned_data["public"].splitlines())
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > _MOST_PUBLIC:
            raise forms.ValidationError(f"最多 {_MOST_PUBLIC} 个")
        return found

    @property
    def masking(self) -> Masking:
        """What was chosen; the form is valid."""
        data = self.cleaned_data
        rules = {
            name.removeprefix(_PREFIX): Rule(value)
            for name, value in data.items()
            if name.startswith(_PREFIX) and value != AS_TEXT
        }
        return Masking(rules, tuple(data["public"]))

    @property
    def personal(self) -> list[BoundField]:
        """The choices of fields that are, or are to be expected to be, personal."""
        return [f for f in self._rules() if f.name.removeprefix(_PREFIX) in self.suggested_tags]

    @property
    def others(self) -> list[BoundField]:
        """The choices of all other fields."""
        return [f for f in self._rules() if f.name.removeprefix(_PREFIX) not in self.suggested_tags]

    def _rules(self) -> Iterable[BoundField]:
        return (self[name] for name in self.fields if name.startswith(_PREFIX))
