"""分派: who reviews what at a stage; and handing on (转交) what one reviews to a colleague."""

from collections.abc import Collection

from django.db import transaction

from declarations import permissions
from declarations.domain.acting import lock, record, require_reviewable
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.telling import tell_assigned
from declarations.models import Assignment, Declaration, EventKind, Stage, User
from declarations.queries.assignment import Plan, can_be_assigned, plan_of, reviewers_for


def assign(
    actor: User,
    *,
    stage_id: int,
    declaration_ids: Collection[int],
    reviewer_ids: Collection[int],
    redo: bool = False,
    digest: str = "",
) -> Plan:
    """Shares declarations of a round out among reviewers of a stage, as `plan_of` says.

    What stands at the stage already goes to its reviewer at once. digest: of the plan that a
    person has looked at; where it would be another now, WrongStateError. Raises RefusedError
    where the person may not, or the stage has no such reviewers. Twice is once: what is
    assigned stays.
    """
    with transaction.atomic():
        stage = Stage.objects.select_related("round__bureau").get(pk=stage_id)
        if not permissions.can_open_rounds(actor, stage.round.bureau):
            raise NotPermittedError("只有本财政局的系统管理员可以分派")
        if stage.by_head:
            raise RefusedError("部门负责人审核的环节不需要分派")
        reviewers = list(reviewers_for(stage).filter(pk__in=reviewer_ids))
        if not reviewers or len(reviewers) < len(set(reviewer_ids)):
            raise RefusedError("请选择这个环节的审核人")
        wanted = can_be_assigned(stage).filter(pk__in=declaration_ids)
        locked = wanted.select_for_update(of=("self",)).select_related("department", "round")
        plan = plan_of(stage, list(locked.order_by("pk")), reviewers, redo=redo)
        if digest and plan.digest != digest:
            raise WrongStateError("核对之后情况有了变化，请按现在的结果重新核对")
        for share in plan.shares:
            _give(actor, stage, share.reviewer, share.new)
        tell_assigned(actor, stage, {share.reviewer: share.new for share in plan.shares})
        return plan


def hand_over(actor: User, *, declaration_id: int, reviewer_id: int) -> None:
    """转交: a reviewer gives what they review, or nobody has begun with, to a colleague.

    Raises RefusedError where it is not theirs to give, or the colleague does not review at
    this stage. Twice is once.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        if declaration.reviewer_id == reviewer_id and permissions.can_decide(actor, declaration):
            return
        require_reviewable(actor, declaration)
        stage = declaration.stage
        assert stage is not None
        if stage.by_head:
            raise RefusedError("部门负责人审核的环节不能转交")
        colleague = reviewers_for(stage).filter(pk=reviewer_id).first()
        if colleague is None:
            raise RefusedError("请选择这个环节的审核人")
        _give(actor, stage, colleague, [declaration])
        tell_assigned(actor, stage, {colleague: [declaration]})


def _give(actor: User, stage: Stage, reviewer: User, declarations: Collection[Declaration]) -> None:
    Assignment.objects.bulk_create(
        [Assignment(declaration=d, stage=stage, reviewer=reviewer) for d in declarations],
        update_conflicts=True,
        unique_fields=["declaration", "stage"],
        update_fields=["reviewer"],
    )
    there = [d.pk for d in declarations if d.stage_id == stage.pk]
    Declaration.objects.filter(pk__in=there).update(reviewer=reviewer)
    for declaration in declarations:
        record(
            EventKind.ASSIGNED,
            actor=actor,
            declaration=declaration,
            revision=declaration.revision if declaration.stage_id == stage.pk else None,
            stage=stage.name,
            reviewer=reviewer.name,
        )
