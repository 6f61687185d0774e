"""All that is asked for a round, as one: to open it, or to change it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.domain.rounds import StagePlan
from declarations.models import MOST_STAGES, Bureau, Round
from declarations.queries.rounds import reviewers_of
from declarations.views.round_forms import DepartmentsForm, RoundForm, as_typed
from declarations.views.stage_forms import SheetForm, StageForm, initial_of
from declarations.workflow.rounds import DATES, has_submissions
from scoring.review_sheet import Sheet


class RoundSetup:
    """All that is asked for a round, each part a form of its own.

    initial: by the names of `RoundForm` and `DepartmentsForm`. stages: to begin with. round_:
    the one that is changed, whose departments are not asked for here.
    """

    def __init__(
        self,
        bureau: Bureau,
        data: QueryDict | None,
        *,
        initial: Mapping[str, Any],
        stages: Sequence[StagePlan],
        sheet: Sheet,
        round_: Round | None = None,
    ) -> None:
        self.round = round_
        self.fixed = round_ is not None and has_submissions(round_)
        self.general = RoundForm(data, initial=dict(initial), round_=round_)
        self.departments = (
            DepartmentsForm(bureau, data, initial=dict(initial)) if round_ is None else None
        )
        reviewers = reviewers_of(bureau)
        self.reviewers_there = reviewers.exists()
        count = len(stages) if self.fixed else MOST_STAGES
        self.stages = [
            StageForm(
                data,
                prefix=f"stages-{number}",
                initial=initial_of(stages[number - 1]) if number <= len(stages) else {},
                number=number,
                reviewers=reviewers,
                fixed=self.fixed,
            )
            for number in range(1, count + 1)
        ]
        self.sheet = SheetForm(data, sheet, fixed=self.fixed)
        self.stages_error = ""

    def is_valid(self) -> bool:
        parts = [self.general, *self.stages, *([self.departments] if self.departments else [])]
        valid = not sum(len(part.errors) for part in parts)
        if valid and not self.plans():
            self.stages_error = "请至少填写一个审核环节"
        # Without a stage that uses it, the sheet is not looked at.
        if valid and self.wants_sheet():
            valid = self.sheet.is_valid()
        return valid and not self.stages_error

    def problems(self) -> list[tuple[str, str]]:
        """Ids of fields and what is wrong with them, from top to bottom."""
        found = []
        lines = [*self.sheet.criteria.forms, *self.sheet.grades.forms] if not self.fixed else []
        for part in [self.general, self.departments, *self.stages]:
            found += _problems(part)
        if self.stages_error:
            found.append((self.stages[0]["name"].auto_id, self.stages_error))
        for line in lines:
            found += _problems(line) if line.is_bound and self.wants_sheet() else []
        if self.sheet.error:
            found.append(("sheet", self.sheet.error))
        return found

    def wants_sheet(self) -> bool:
        return any(stage.cleaned_data.get("with_sheet") for stage in self.stages)

    def plans(self) -> list[StagePlan]:
        return [plan for stage in self.stages if (plan := stage.plan())]

    def columns(self) -> dict[str, Any]:
        """The columns of the round; the sheet in the words that are kept, where it is the same."""
        data = dict(self.general.cleaned_data)
        if self.round is not None:
            data |= as_typed(self.round, {name: data[name] for name in DATES})
        sheet = self.sheet.sheet() if self.wants_sheet() else Sheet((), ())
        kept = self.round.review_sheet if self.round else {}
        if kept and (self.fixed or Sheet.from_json(kept) == sheet):
            data["review_sheet"] = kept
        else:
            data["review_sheet"] = sheet.to_json() if sheet.criteria else {}
        return data


def _problems(form: forms.Form | None) -> list[tuple[str, str]]:
    if form is None:
        return []
    return [
        (form[name].id_for_label or form[name].auto_id, f"{form[name].label}：{message}")
        for name, messages in form.errors.items()
        if name in form.fields
        for message in messages
    ]
