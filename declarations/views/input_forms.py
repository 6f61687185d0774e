"""The ordinary forms: comments, and what is wrong with one."""

from collections.abc import Sequence

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
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


def first_error(form: forms.BaseForm) -> str:
    """What is wrong with an invalid form, in one sentence."""
    return str(next(iter(form.errors.values()))[0])
