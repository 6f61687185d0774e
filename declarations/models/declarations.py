"""Declarations and the states they pass through."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.guards import agree, bureau_of, declaration_of
from declarations.models.organisations import Department, User
from declarations.models.rounds import Round


class State(models.TextChoices):
    """Where a declaration stands. The filer's words; `REVIEWER_LABELS` has the reviewer's."""

    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交，等待审核"
    RETURNED = "returned", "已退回，请修改"
    APPROVED = "approved", "已通过"


REVIEWER_LABELS = {
    State.DRAFT: "部门填报中",
    State.SUBMITTED: "待审核",
    State.RETURNED: "已退回部门",
    State.APPROVED: "已通过",
}

TRANSITIONS = (
    (State.DRAFT, State.SUBMITTED),
    (State.SUBMITTED, State.RETURNED),
    (State.SUBMITTED, State.APPROVED),
    (State.RETURNED, State.SUBMITTED),
)
"""The only changes of state there are; PostgreSQL refuses all others."""


class Declaration(models.Model):
    """申报（自评）: one department's filled-in form in one round.

    `revision` is the current one: under review, returned, or approved.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="declarations")
    department = models.ForeignKey(Department, models.PROTECT, related_name="declarations")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.DRAFT)
    revision = models.ForeignKey(
        "declarations.Revision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField("最近修改时间", null=True, blank=True)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["round", "department"],
                name="declaration_once_per_department",
                violation_error_message="这个部门在本批次中已有一份申报",
            ),
            CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(revision__isnull=False),
                name="declaration_submitted_has_revision",
                violation_error_message="已提交的申报必须有一个版本",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(name="declaration_states", field="state", transitions=list(TRANSITIONS)),
            pgtrigger.Protect(
                name="declaration_starts_as_draft",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state=State.DRAFT),
            ),
            agree(
                "declaration_in_one_bureau",
                "department_id",
                "round_id",
                one=bureau_of("department", "department_id"),
                other=bureau_of("round", "round_id"),
            ),
            agree(
                "declaration_with_its_own_revision",
                "revision_id",
                one="NEW.id",
                other=declaration_of("revision_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.round}"

    @property
    def reviewer_label(self) -> str:
        return REVIEWER_LABELS[State(self.state)]
