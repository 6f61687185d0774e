"""What the form for a new round begins with: last year's round, or what is usual."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from declarations.domain.rounds import BUREAU_ALONE, StagePlan, closing_dates
from declarations.models import Activation, Round
from declarations.queries.rounds import (
    callable_departments,
    departments_in,
    round_before,
    stages_of,
)
from declarations.views.round_forms import DepartmentsForm
from declarations.workflow.rounds import DATES
from scoring.review_sheet import STANDARD, Sheet


@dataclass(slots=True)
class Defaults:
    """initial: of the forms. copied: the round they were taken from. left_out: what of it
    could not be taken, in sentences."""

    initial: dict[str, Any]
    stages: list[StagePlan] = field(default_factory=lambda: list(BUREAU_ALONE))
    sheet: Sheet = STANDARD
    copied: Round | None = None
    left_out: list[str] = field(default_factory=list)


def defaults_for(activation: Activation) -> Defaults:
    """Last year's round of the same form with its dates a year later; the usual where there is
    none, or where those dates are over."""
    before = round_before(activation)
    usual = _usual()
    if before is None:
        return usual
    copy = Defaults(
        {
            "name": before.name.replace(str(before.year), str(activation.year)),
            "remind_before": before.remind_before,
            "remind_after": before.remind_after,
        },
        copied=before,
    )
    _copy_dates(copy, before, activation.year - before.year, usual)
    _copy_departments(copy, before)
    _copy_stages(copy, before)
    if before.review_sheet:
        copy.sheet = Sheet.from_json(before.review_sheet)
    return copy


def _usual() -> Defaults:
    now = timezone.localtime().replace(second=0, microsecond=0)
    deadline, correction = closing_dates(now)
    new = Round()
    return Defaults(
        {
            "opens_at": now,
            "deadline": deadline,
            "correction_deadline": correction,
            "remind_before": new.remind_before,
            "remind_after": new.remind_after,
            "which": DepartmentsForm.ALL,
        }
    )


def _copy_dates(copy: Defaults, before: Round, years: int, usual: Defaults) -> None:
    dates = {name: _later(getattr(before, name), years) for name in DATES}
    deadline = dates["deadline"]
    assert deadline is not None
    if deadline <= timezone.now():
        copy.initial |= {name: usual.initial.get(name) for name in DATES}
        copy.left_out.append("按上年推算的截止时间已经过了，各时间改用默认值。")
    else:
        copy.initial |= dates


def _copy_departments(copy: Defaults, before: Round) -> None:
    called = set(departments_in(before).values_list("pk", flat=True))
    there = set(callable_departments(before.bureau).values_list("pk", flat=True))
    copy.initial["which"] = DepartmentsForm.CHOSEN if there - called else DepartmentsForm.ALL
    copy.initial["departments"] = sorted(called & there)
    if gone := len(called - there):
        copy.left_out.append(f"上年的填报部门中有 {gone} 个已停用，没有带入。")


def _copy_stages(copy: Defaults, before: Round) -> None:
    copy.stages, gone = [], []
    for stage in stages_of(before):
        named = list(stage.reviewers.all())
        reviewers = [person for person in named if person.is_active]
        gone += [person.name for person in named if not person.is_active]
        copy.stages.append(
            StagePlan(stage.name, stage.by_head, stage.days, stage.with_sheet, reviewers)
        )
    if gone:
        names = "、".join(dict.fromkeys(gone))
        copy.left_out.append(
            f"审核人{names}已停用，没有带入；没有指定审核人的环节，全部审核人都可以审核。"
        )


def _later(moment: datetime | None, years: int) -> datetime | None:
    """The same day and time years later, in the bureau's time zone; 28 February for the 29th."""
    if moment is None:
        return None
    local = timezone.localtime(moment)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, day=28)
