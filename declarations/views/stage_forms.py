"""What is asked for a round's review: its stages, and its review sheet line by line."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.domain.rounds import StagePlan
from declarations.models import User
from declarations.workflow.rounds import why_not_sheet
from scoring.review_sheet import STEP, Criterion, Grade, Sheet, shown

SPARE_CRITERIA, SPARE_GRADES = 4, 2
"""Blank lines to add something in."""
MOST_CRITERIA, MOST_GRADES = 24, 8
ORDINALS = "一二三四"


class StageForm(forms.Form):
    """A stage of review; one without a name is none."""

    name = forms.CharField(label="环节名称", required=False, max_length=50)
    by_head = forms.BooleanField(
        label="由部门负责人审核",
        required=False,
        help_text="部门提交后，先由本部门的负责人审核，通过后财政局才看到。",
    )
    days = forms.IntegerField(
        label="审核期限（天）",
        required=False,
        min_value=1,
        max_value=365,
        help_text="超过期限会提醒审核人。不填则不限。",
    )
    with_sheet = forms.BooleanField(label="填写审核评分表", required=False)
    reviewers = forms.ModelMultipleChoiceField(
        label="审核人",
        required=False,
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选审核人中有已停用的，请重新选择"},
    )

    def __init__(self, *args: Any, number: int, reviewers: Any, fixed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        people = self.fields["reviewers"]
        assert isinstance(people, forms.ModelMultipleChoiceField)
        people.queryset = reviewers
        if number > 1:
            del self.fields["by_head"]
        for name in ("name", "by_head", "with_sheet"):
            if fixed and name in self.fields:
                self.fields[name].disabled = True

    @property
    def ordinal(self) -> str:
        return f"第{ORDINALS[self.number - 1]}环节"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        used = any(data.get(name) for name in ("by_head", "days", "with_sheet", "reviewers"))
        if used and not data.get("name"):
            self.add_error("name", "请填写环节名称")
        if data.get("by_head") and data.get("with_sheet"):
            self.add_error("with_sheet", "由部门负责人审核的环节不填写审核评分表")
        if data.get("by_head") and data.get("reviewers"):
            self.add_error("reviewers", "由部门负责人审核的环节不指定审核人")
        return data

    def plan(self) -> StagePlan | None:
        data = self.cleaned_data
        if not data.get("name"):
            return None
        return StagePlan(
            data["name"],
            by_head=data.get("by_head", False),
            days=data["days"],
            with_sheet=data["with_sheet"],
            reviewers=list(data["reviewers"]),
        )


def initial_of(plan: StagePlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "by_head": plan.by_head,
        "days": plan.days,
        "with_sheet": plan.with_sheet,
        "reviewers": [person.pk for person in plan.reviewers],
    }


class CriterionForm(forms.Form):
    """A line of the review sheet; one without a name is none."""

    key = forms.RegexField(r"^[a-z0-9]{1,20}$", required=False, widget=forms.HiddenInput)
    aspect = forms.CharField(label="方面", required=False, max_length=20)
    name = forms.CharField(label="评分项", required=False, max_length=50)
    points = forms.DecimalField(
        label="分值",
        required=False,
        min_value=STEP,
        max_value=1000,
        widget=forms.NumberInput({"step": str(STEP)}),
        error_messages={"min_value": "分值应大于 0"},
    )

    def clean_points(self) -> Decimal | None:
        points: Decimal | None = self.cleaned_data["points"]
        if points is not None and points % STEP:
            raise forms.ValidationError("分值可以有半分，不能更细")
        return points

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("name") and "points" in data and data["points"] is None:
            self.add_error("points", "请填写分值")
        if not data.get("name") and (data.get("aspect") or data.get("points")):
            self.add_error("name", "请填写评分项，或清空这一行")
        return data


class GradeForm(forms.Form):
    """A grade of the review sheet; one without a name is none."""

    name = forms.CharField(label="等级", required=False, max_length=10)
    at_least = forms.DecimalField(
        label="起始分", required=False, min_value=Decimal(0), max_value=10_000, decimal_places=2
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("name") and "at_least" in data and data["at_least"] is None:
            self.add_error("at_least", "请填写起始分")
        if not data.get("name") and data.get("at_least") is not None:
            self.add_error("name", "请填写等级，或清空这一行")
        return data


class Lines:
    """Forms in numbered lines of one table: ``criteria-0-name``, with how many in a hidden field.

    More blank lines are asked for with a button, so that nothing needs a script.
    """

    def __init__(
        self,
        form: type[forms.Form],
        prefix: str,
        data: QueryDict | None,
        initial: Sequence[dict[str, Any]],
        *,
        spare: int,
        most: int,
        fixed: bool = False,
    ) -> None:
        self.prefix, self.most = prefix, most
        count = len(initial) + (0 if fixed else spare)
        if data is not None and not fixed:
            typed = data.get(f"{prefix}-lines", "")
            count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else count
            if data.get("step") == f"more-{prefix}":
                count += spare
        self.forms = [
            form(
                None if fixed else data,
                prefix=f"{prefix}-{index}",
                initial=initial[index] if index < len(initial) else {},
            )
            for index in range(min(count, most))
        ]
        if fixed:
            for line in self.forms:
                for field in line.fields.values():
                    field.disabled = True
        for number, line in enumerate(self.forms, start=1):
            for field in line.fields.values():
                field.widget.attrs["aria-label"] = f"第{number}行{field.label or ''}"

    @property
    def count(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        return not sum(len(form.errors) for form in self.forms)

    def rows(self) -> list[dict[str, Any]]:
        """What was typed, without lines that have no name."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]


class SheetForm:
    """The review sheet: criteria and grades in two tables."""

    def __init__(self, data: QueryDict | None, kept: Sheet, *, fixed: bool = False) -> None:
        self.kept, self.fixed = kept, fixed
        self.error = ""
        self.criteria = Lines(
            CriterionForm,
            "criteria",
            data,
            [
                {"key": c.key, "aspect": c.aspect, "name": c.name, "points": shown(c.points)}
                for c in kept.criteria
            ],
            spare=SPARE_CRITERIA,
            most=MOST_CRITERIA,
            fixed=fixed,
        )
        self.grades = Lines(
            GradeForm,
            "grades",
            data,
            [{"name": g.name, "at_least": shown(g.at_least)} for g in kept.grades],
            spare=SPARE_GRADES,
            most=MOST_GRADES,
            fixed=fixed,
        )

    def is_valid(self) -> bool:
        if self.fixed:
            return True
        if not all([self.criteria.is_valid(), self.grades.is_valid()]):
            return False
        self.error = why_not_sheet(self.sheet().to_json())
        return not self.error

    def sheet(self) -> Sheet:
        """The sheet as it was typed; the one that is kept, where it cannot be changed."""
        if self.fixed:
            return self.kept
        rows = self.criteria.rows()
        taken = {row["key"] for row in rows}
        free = (str(number) for number in range(1, 1000) if str(number) not in taken)
        criteria = []
        used: set[str] = set()
        for row in rows:
            key = row["key"] if row["key"] and row["key"] not in used else next(free)
            used.add(key)
            criteria.append(Criterion(key, row["aspect"], row["name"], row["points"]))
        grades = [Grade(row["name"], row["at_least"]) for row in self.grades.rows()]
        return Sheet(tuple(criteria), tuple(sorted(grades, key=lambda g: -g.at_least)))
