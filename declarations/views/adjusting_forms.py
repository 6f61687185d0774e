"""The forms that ask for a reason: of an adjustment, of a correction."""

from django import forms

from declarations.domain.adjusting import LONGEST_REASON, SHORTEST_REASON


def _reason(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": f"请写明{label}",
            "min_length": f"请写明{label}，至少 {SHORTEST_REASON} 个字",
            "max_length": f"{label}最多 {LONGEST_REASON} 字",
        },
    )


class AdjustForm(forms.Form):
    """Why an approved declaration is to be adjusted."""

    use_required_attribute = False
    reason = _reason(
        "调整理由",
        "写明依据和涉及的内容，审核人会看到。例如：年中追加预算 50 万元（文号），第2项任务的指标值相应提高。",
    )


class CorrectForm(forms.Form):
    """Why the bureau corrects what is in force."""

    use_required_attribute = False
    reason = _reason("更正理由", "部门会看到理由，以及每一格更正前后的内容。")
