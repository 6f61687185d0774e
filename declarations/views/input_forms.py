"""The ordinary forms: comments and decisions."""

from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout, Submit
from django import forms

from declarations.domain.commenting import LONGEST_COMMENT


class AnswerForm(forms.Form):
    """An answer to a comment; templates/declarations/comment.html draws it."""

    text = forms.CharField(
        max_length=LONGEST_COMMENT, error_messages={"required": "请填写回复内容"}
    )


MOST_RADIOS = 4
"""Places to comment on that are shown all at once."""


class CommentForm(forms.Form):
    """A comment. places: what it can be on, each an anchor and its name; "" is the whole."""

    anchor = forms.CharField(label="批注对象", required=False, max_length=100)
    text = forms.CharField(
        label="批注",
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写批注内容"},
    )

    def __init__(
        self, *args: object, places: Sequence[tuple[str, str]] = (), **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        few = len(places) <= MOST_RADIOS
        widget = forms.RadioSelect if few else forms.Select
        self.fields["anchor"].widget = widget(choices=places)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Field("anchor"), Field("text"), Submit("save", "添加批注", css_class="btn-secondary")
        )


class DecisionForm(forms.Form):
    """Return or approve, with an opinion on the whole."""

    opinion = forms.CharField(
        label="审核意见",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回时必须写明原因：在这里填写，或在单元格上批注。",
    )
    decision = forms.ChoiceField(choices=[("return", "退回"), ("approve", "通过")])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Field("opinion"),
            Div(
                HTML(
                    _button("return", "退回修改", "btn-warning", "退回后部门会看到您的全部批注。")
                ),
                HTML(_button("approve", "审核通过", "btn-primary", "通过后不能再修改。")),
                css_class="buttons",
            ),
        )


def first_error(form: forms.BaseForm) -> str:
    """What is wrong with an invalid form, in one sentence."""
    return str(next(iter(form.errors.values()))[0])


def _button(value: str, label: str, style: str, question: str) -> str:
    return (
        f'<button class="btn {style}" name="decision" value="{value}"'
        f' data-confirm="确定{label}吗？{question}">{label}</button>'
    )
