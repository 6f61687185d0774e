"""Changing a round that is there: dates, reminders, stages; departments added or taken out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.rounds import (
    StagePlan,
    require_callable,
    require_criteria,
    require_sound,
    set_reviewers,
    set_stages,
    start_in_queue,
)
from declarations.models import Assignment, Declaration, Department, EventKind, Round, Stage, User
from declarations.queries.rounds import COLUMNS, digest_of, removable, stages_of
from declarations.workflow import moment
from declarations.workflow.rounds import DATES, has_submissions, why_not_changeable


class ChangedMeanwhileError(RefusedError):
    """Somebody else has changed the settings since they were read."""


@dataclass(slots=True)
class Changes:
    """told: what is different now, by what it is called: from what, to what. released: how
    many declarations removed reviewers had in hand; unassigned: how many they were to get."""

    told: dict[str, list[str]] = field(default_factory=dict)
    released: int = 0
    unassigned: int = 0


def change_round(
    actor: User,
    *,
    round_id: int,
    seen: str,
    columns: Mapping[str, Any],
    stages: Sequence[StagePlan] | None = None,
) -> Changes:
    """Writes what is different of a round's columns (`COLUMNS`) and stages; None: as they are.

    seen: `digest_of` the settings that were looked at. Raises ChangedMeanwhileError where they
    are others now, ValidationError by column for what may not be set so (any more),
    NotPermittedError. What is there already is nothing, whatever was seen: a second click.
    """
    with transaction.atomic():
        round_ = _locked(actor, round_id)
        if _is_there(round_, columns, stages):
            return Changes()
        if digest_of(round_) != seen:
            raise ChangedMeanwhileError("您打开页面后，批次设置已被他人修改")
        _require_changeable(round_, columns)
        changes = Changes()
        for name in COLUMNS:
            if name in columns and columns[name] != getattr(round_, name):
                before, after = getattr(round_, name), columns[name]
                changes.told[LABELS[name]] = [_shown(before), _shown(after)]
                setattr(round_, name, after)
        require_sound(round_)
        if stages is not None:
            _change_stages(round_, stages, changes)
        require_criteria(round_)
        if changes.told:
            round_.full_clean()
            round_.save(update_fields=COLUMNS)
            _record(EventKind.ROUND_CHANGED, actor, round_, changes=changes.told)
        return changes


def add_departments(actor: User, *, round_id: int, departments: Collection[int]) -> int:
    """Calls on further departments; the queue starts their declarations. Returns how many.

    Those that are called on already are passed over. Raises RefusedError where the deadline
    has passed, or one is not in use.
    """
    with transaction.atomic():
        round_ = _locked(actor, round_id)
        if timezone.now() >= round_.deadline:
            raise WrongStateError("填报已经截止；要增加部门，请先延长截止时间")
        there = set(round_.declarations.values_list("department", flat=True)) | {*round_.waiting}
        wanted = Department.objects.filter(pk__in=set(departments) - there).order_by("code")
        new = list(wanted)
        require_callable(round_.bureau_id, new)
        if new:
            round_.waiting = [*round_.waiting, *(d.pk for d in new)]
            round_.save(update_fields=["waiting"])
            codes = [d.code for d in new]
            _record(EventKind.DEPARTMENTS_ADDED, actor, round_, departments=codes)
            start_in_queue(round_)
        return len(new)


def take_out(actor: User, *, declaration_id: int) -> Department:
    """Takes a department out of its round, with the declaration that nobody has touched yet.

    Raises RefusedError where somebody has: what was done stays on the record.
    """
    with transaction.atomic():
        found = Declaration.objects.values("round").get(pk=declaration_id)
        round_ = _locked(actor, found["round"])
        declaration = Declaration.objects.select_for_update(of=("self",)).get(pk=declaration_id)
        department = declaration.department
        if not removable(round_).filter(pk=declaration_id).exists():
            raise WrongStateError(f"{department}已经填写、下载或延期过，不能移出批次")
        declaration.delete()
        _record(EventKind.ROUND_CHANGED, actor, round_, removed=department.code)
        return department


LABELS = {
    "name": "名称",
    "opens_at": "开始填报",
    "deadline": "填报截止",
    "correction_deadline": "补正截止",
    "adjustments_until": "调整截止",
    "remind_before": "截止前提醒",
    "remind_after": "逾期后提醒",
    "review_sheet": "审核评分表",
}


def _locked(actor: User, round_id: int) -> Round:
    """The round, locked against other changes; not against what refers to it, as notices do."""
    locked = Round.objects.select_for_update(of=("self",), no_key=True)
    round_ = locked.select_related("bureau").get(pk=round_id)
    if not permissions.can_open_rounds(actor, round_.bureau):
        raise NotPermittedError("只有本财政局的系统管理员可以修改批次")
    return round_


def _is_there(
    round_: Round, columns: Mapping[str, Any], stages: Sequence[StagePlan] | None
) -> bool:
    if any(columns[name] != getattr(round_, name) for name in COLUMNS if name in columns):
        return False
    there = [_describe(_plan_of(stage)) for stage in stages_of(round_)]
    return stages is None or there == [_describe(plan) for plan in stages]


def _require_changeable(round_: Round, columns: Mapping[str, Any]) -> None:
    dates = {name: columns.get(name, getattr(round_, name)) for name in DATES}
    wrong = why_not_changeable(round_, dates, timezone.now())
    sheet = columns.get("review_sheet", round_.review_sheet)
    if sheet != round_.review_sheet and has_submissions(round_):
        wrong["review_sheet"] = "已有部门提交，审核评分表不能再改"
    if wrong:
        raise ValidationError(wrong)


def _change_stages(round_: Round, plans: Sequence[StagePlan], changes: Changes) -> None:
    before = stages_of(round_)
    told = [_describe(_plan_of(stage)) for stage in before], [_describe(plan) for plan in plans]
    if told[0] == told[1]:
        return
    changes.told["审核环节"] = ["→".join(said) for said in told]
    if [_shape(_plan_of(stage)) for stage in before] == [_shape(plan) for plan in plans]:
        for stage, plan in zip(before, plans, strict=True):
            _adopt(stage, plan, changes)
        return
    # Whoever is just handing in waits, and then finds the new stages.
    list(round_.declarations.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if has_submissions(round_):
        raise ValidationError(
            "已有部门提交，审核环节的名称、次序和办法不能再改；审核人和期限可以改"
        )
    changes.unassigned = Assignment.objects.filter(stage__in=before).count()
    set_stages(round_, plans)


def _adopt(stage: Stage, plan: StagePlan, changes: Changes) -> None:
    """Other reviewers or another time limit; what the removed had in hand is anybody's again."""
    if stage.days != plan.days:
        stage.days = plan.days
        stage.full_clean()
        stage.save(update_fields=["days"])
    set_reviewers(stage, plan.reviewers)
    if not plan.reviewers:
        return
    gone, _ = stage.assignments.exclude(reviewer__in=plan.reviewers).delete()
    held = stage.declarations.filter(reviewer__isnull=False).exclude(reviewer__in=plan.reviewers)
    locked = list(held.select_for_update(of=("self",)).order_by("pk"))
    Declaration.objects.filter(pk__in=[d.pk for d in locked]).update(reviewer=None)
    changes.unassigned += gone
    changes.released += len(locked)


def _plan_of(stage: Stage) -> StagePlan:
    return StagePlan(
        stage.name, stage.by_head, stage.days, stage.with_sheet, list(stage.reviewers.all())
    )


def _shape(plan: StagePlan) -> tuple[str, bool, bool]:
    """What a stage is, apart from who decides and how long it may take."""
    return plan.name, plan.by_head, plan.with_sheet


def _describe(plan: StagePlan) -> str:
    names = "、".join(sorted(f"{person}（{person.username}）" for person in plan.reviewers))
    who = "部门负责人" if plan.by_head else names or "全部审核人"
    days = f"，{plan.days} 天" if plan.days else ""
    return f"{plan.name}（{who}{days}{'，填评分表' if plan.with_sheet else ''}）"


def _shown(value: Any) -> str:
    """A setting as the record tells it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list):
        return "、".join(f"{days} 天" for days in value)
    if isinstance(value, dict):
        criteria = (f"{c['name']} {c['points']}" for c in value.get("criteria", ()))
        grades = (f"{g['name']} {g['from']}" for g in value.get("grades", ()))
        return "、".join([*criteria, *grades])
    return "" if value is None else str(value)


def _record(kind: EventKind, actor: User, round_: Round, **data: Any) -> None:
    record(kind, actor=actor, bureau_id=round_.bureau_id, round=round_.pk, name=round_.name, **data)
