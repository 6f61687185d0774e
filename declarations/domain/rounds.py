"""Opening a round: every department gets its declaration, ready to fill in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError, TemplateInUseError
from declarations.domain.queueing import enqueue
from declarations.domain.starting import start_declarations
from declarations.domain.telling import tell_opened
from declarations.domain.templates import choose, one_at_a_time, require_in_use
from declarations.models import (
    MOST_STAGES,
    Activation,
    Department,
    EventKind,
    FormTemplate,
    Role,
    Round,
    Stage,
    User,
)
from declarations.queries.forms import form_for, form_of
from declarations.workflow.rounds import why_not_reminders, why_not_sheet

DAYS_TO_FILE, DAYS_TO_CORRECT = 30, 15
AT_ONCE = 100
"""Declarations started in one transaction."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage of review as it is to be set up; the columns of `Stage`."""

    name: str
    by_head: bool = False
    days: int | None = None
    with_sheet: bool = False
    reviewers: Sequence[User] = ()


BUREAU_ALONE = (StagePlan("财政局审核"),)
"""The stages of a round unless they are said."""


def open_round(
    actor: User | None,
    *,
    template: FormTemplate,
    year: int,
    opens_at: datetime,
    deadline: datetime,
    correction_deadline: datetime,
    departments: Iterable[Department],
    name: str = "",
    stages: Sequence[StagePlan] = BUREAU_ALONE,
    settings: Mapping[str, Any] | None = None,
    in_queue: bool = False,
) -> Round:
    """Opens a round of the template's bureau for the departments, and starts their declarations.

    actor: None where the shell does it. name: "" names it after the year and the form.
    settings: other columns of `Round`. in_queue: the departments wait for the queue, which
    starts their declarations some at a time. The version becomes the one that is activated
    for the year, if none is. Raises ValidationError for dates in the wrong order, a second round of
    the form in a year or stages that cannot be, RefusedError where the person may not, or the
    version is retired or not the year's.
    """
    if actor is not None and not permissions.can_open_rounds(actor, template.bureau):
        raise NotPermittedError("只有本财政局的管理员可以开启批次")
    form_of(template)
    departments = list(departments)
    with transaction.atomic():
        one_at_a_time(template.bureau_id)
        require_callable(template.bureau_id, departments)
        _choose_for_year(actor, template, year)
        round_ = Round(
            bureau=template.bureau,
            template=template,
            year=year,
            name=name or f"{year}年{template.name}",
            opens_at=opens_at,
            deadline=deadline,
            correction_deadline=correction_deadline,
            waiting=[department.pk for department in departments],
            **(settings or {}),
        )
        require_sound(round_)
        round_.full_clean()
        round_.save()
        set_stages(round_, stages)
        record(
            EventKind.ROUND_OPENED,
            actor=actor,
            bureau_id=template.bureau_id,
            round=round_.pk,
            name=round_.name,
        )
        if in_queue:
            start_in_queue(round_)
    if not in_queue:
        start_all_waiting(round_.pk)
        round_.refresh_from_db()
    return round_


def start_in_queue(round_: Round) -> None:
    """Asks the queue to start the declarations of the departments that wait."""
    enqueue("declarations.start_round", round_id=round_.pk)


def go_on(actor: User, *, round_id: int) -> None:
    """Starts all that still waits for the queue, here and now. Twice is once."""
    round_ = Round.objects.select_related("bureau").get(pk=round_id)
    if not permissions.can_open_rounds(actor, round_.bureau):
        raise NotPermittedError("只有本财政局的管理员可以开启批次")
    start_all_waiting(round_id)


def start_all_waiting(round_id: int) -> None:
    """Gives every department that waits its declaration."""
    while start_waiting(round_id):
        pass


def start_waiting(round_id: int) -> int:
    """Gives the next departments that wait their declarations; returns how many still wait.

    One transaction for at most AT_ONCE of them. It can be called by several at once, and
    again after one was killed: each department gets one declaration.
    """
    with transaction.atomic():
        round_ = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=round_id)
        now, later = round_.waiting[:AT_ONCE], round_.waiting[AT_ONCE:]
        if not now:
            return 0
        have = set(round_.declarations.values_list("department", flat=True))
        departments = Department.objects.filter(bureau=round_.bureau_id, pk__in=now)
        new = departments.exclude(pk__in=have).order_by("code")
        start_declarations(form_for(round_), round_, list(new))
        tell_opened(round_, list(new))
        round_.waiting = later
        round_.save(update_fields=["waiting"])
        if not later:
            record(
                EventKind.ROUND_STARTED,
                actor=None,
                bureau_id=round_.bureau_id,
                round=round_.pk,
                name=round_.name,
                departments=round_.declarations.count(),
            )
        return len(later)


def require_callable(bureau_id: int, departments: Sequence[Department]) -> None:
    """Raises RefusedError unless all are in use, and the bureau's own."""
    known = Department.objects.filter(bureau=bureau_id, is_active=True)
    there = set(known.values_list("pk", flat=True))
    if gone := [d.name for d in departments if d.pk not in there]:
        raise RefusedError(f"这些部门已停用或不是本财政局的，不能填报：{'、'.join(gone[:10])}")


def set_stages(round_: Round, stages: Sequence[StagePlan]) -> None:
    """Gives a round that nothing was handed in to yet its stages.

    Raises ValidationError for too many or too few, RefusedError for reviewers who cannot be.
    """
    if not 1 <= len(stages) <= MOST_STAGES:
        raise ValidationError(f"审核环节为 1 至 {MOST_STAGES} 个")
    round_.stages.all().delete()
    for position, plan in enumerate(stages, start=1):
        stage = Stage(
            round=round_,
            position=position,
            name=plan.name,
            by_head=plan.by_head,
            days=plan.days,
            with_sheet=plan.with_sheet,
        )
        stage.full_clean()
        stage.save()
        set_reviewers(stage, plan.reviewers)
    require_criteria(round_)


def require_criteria(round_: Round) -> None:
    """Raises ValidationError where a stage wants a review sheet and the round has none."""
    if not round_.review_sheet and round_.stages.filter(with_sheet=True).exists():
        raise ValidationError("有环节要填写审核评分表，请设置评分项和等级")


def require_sound(round_: Round) -> None:
    """Raises ValidationError by column for reminders or a review sheet that cannot be."""
    wrong = {
        "remind_before": why_not_reminders(round_.remind_before),
        "remind_after": why_not_reminders(round_.remind_after),
        "review_sheet": why_not_sheet(round_.review_sheet),
    }
    if wrong := {column: why for column, why in wrong.items() if why}:
        raise ValidationError(wrong)


def set_reviewers(stage: Stage, reviewers: Sequence[User]) -> None:
    """Names who of the bureau decides at the stage; nobody named: all its reviewers.

    Raises RefusedError for somebody who is no active reviewer of the round's bureau.
    """
    for person in reviewers:
        ours = person.bureau_id == stage.round.bureau_id and person.role == Role.REVIEWER
        if not (ours and person.is_active):
            raise RefusedError(f"{person} 不是本财政局使用中的审核人，请重新选择")
    if stage.by_head and reviewers:
        raise RefusedError("由部门负责人审核的环节不指定审核人")
    stage.reviewers.set(reviewers)


def closing_dates(opens_at: datetime) -> tuple[datetime, datetime]:
    """The deadline and the end of corrections unless they are said: at six in the evening."""
    evening = timezone.localtime(opens_at).replace(hour=18, minute=0, second=0, microsecond=0)
    deadline = evening + timedelta(days=DAYS_TO_FILE)
    return deadline, deadline + timedelta(days=DAYS_TO_CORRECT)


def _choose_for_year(actor: User | None, template: FormTemplate, year: int) -> None:
    """The version must be the year's, or becomes it where the year has none yet."""
    template.refresh_from_db(fields=["retired_at"])
    require_in_use(template)
    chosen = (
        Activation.objects.filter(bureau=template.bureau_id, code=template.code, year=year)
        .select_related("template")
        .defer("template__workbook")
        .first()
    )
    if chosen is not None and chosen.template_id != template.pk:
        raise TemplateInUseError(
            f"{year}年启用的是第{chosen.template.version}版，不能用第{template.version}版开启批次；"
            "要用这一版，请先为这一年启用它"
        )
    choose(actor, template, year)
