"""Declarations and the states they pass through."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from declarations.models.guards import agree, bureau_of, declaration_of
from declarations.models.organisations import Department, User
from declarations.models.rounds import Round, Stage


class State(models.TextChoices):
    """Where a declaration stands. The filer's words; `REVIEWER_LABELS` has the reviewer's."""

    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交，等待审核"
    RETURNED = "returned", "已退回，请修改"
    APPROVED = "approved", "已通过"
    ADJUSTING = "adjusting", "调整中"


REVIEWER_LABELS = {
    State.DRAFT: "部门填报中",
    State.SUBMITTED: "待审核",
    State.RETURNED: "已退回部门",
    State.APPROVED: "已通过",
    State.ADJUSTING: "部门调整中",
}

TRANSITIONS = (
    (State.DRAFT, State.SUBMITTED),
    (State.SUBMITTED, State.RETURNED),
    (State.SUBMITTED, State.APPROVED),
    (State.RETURNED, State.SUBMITTED),
    # Recalled by the department before anybody began to review it:
    (State.SUBMITTED, State.DRAFT),
    (State.SUBMITTED, State.ADJUSTING),
    # An approved target is adjusted, or that is given up:
    (State.APPROVED, State.ADJUSTING),
    (State.ADJUSTING, State.SUBMITTED),
    (State.ADJUSTING, State.APPROVED),
    (State.RETURNED, State.APPROVED),
)
"""The only changes of state there are; PostgreSQL refuses all others."""


_STAGE_BY_STAGE = """
    IF NEW.state = 'submitted' AND OLD.state <> 'submitted' AND NEW.stage_id IS DISTINCT FROM
        (SELECT id FROM declarations_stage WHERE round_id = NEW.round_id
         ORDER BY position LIMIT 1) THEN
        RAISE EXCEPTION 'declaration: review begins at the first stage';
    END IF;
    IF NEW.state = 'submitted' AND OLD.state = 'submitted'
        AND NEW.stage_id IS DISTINCT FROM OLD.stage_id AND NEW.stage_id IS DISTINCT FROM
        (SELECT later.id FROM declarations_stage later
         JOIN declarations_stage now ON now.id = OLD.stage_id
            AND later.round_id = now.round_id AND later.position > now.position
         ORDER BY later.position LIMIT 1) THEN
        RAISE EXCEPTION 'declaration: review goes on stage by stage';
    END IF;
    IF NEW.state = 'approved' AND OLD.state = 'submitted' AND EXISTS
        (SELECT FROM declarations_stage later
         JOIN declarations_stage now ON now.id = OLD.stage_id
            AND later.round_id = now.round_id AND later.position > now.position) THEN
        RAISE EXCEPTION 'declaration: approved only at the last stage';
    END IF;
    IF NEW.state IN ('draft', 'adjusting') AND OLD.state = 'submitted'
        AND OLD.review_begun_at IS NOT NULL THEN
        RAISE EXCEPTION 'declaration: recalled only before review has begun';
    END IF;
    IF OLD.state = 'submitted' AND NEW.state IN ('submitted', 'returned')
        AND NEW.revision_id IS DISTINCT FROM OLD.revision_id
        AND OLD.review_begun_at IS NOT NULL THEN
        RAISE EXCEPTION 'declaration: what is under review is not exchanged';
    END IF;
    IF NEW.approved_id IS DISTINCT FROM OLD.approved_id AND NOT (
        NEW.state = 'approved' AND NEW.approved_id = NEW.revision_id AND (
            OLD.state = 'submitted' AND NEW.revision_id = OLD.revision_id
            OR OLD.state = 'approved' AND EXISTS (
                SELECT FROM declarations_revision r
                WHERE r.id = NEW.approved_id AND r.kind = 'correction'))) THEN
        RAISE EXCEPTION 'declaration: in force is what was approved or corrected';
    END IF;
    RETURN NEW;
"""
"""What may be written into a declaration, beyond the changes of state: no stage is passed
over, nothing begun is recalled, and nothing comes into force that was not approved."""


class Declaration(models.Model):
    """申报（自评）: one department's filled-in form in one round.

    revision: the current one, under review, returned, or approved. handed_in: the latest that
    came to the bureau, which sees no other. approved: the one that is in force, also while an
    adjustment of it is on its way; approved_at: since when. stage: where a submission is
    being reviewed; arrived_at: since when; reviewer: who has taken it on, or was given it;
    review_begun_at: when a reviewer began with it, after which it cannot be recalled.
    extended_until: this department's own time limit, where it was given more.
    opened_sections: indices into the form's sections that may be changed after a return,
    None: all. adjustment_reason: why it is being adjusted, "" where it is not. based_on: of a
    self-evaluation, the approved target that it started from, or was brought up to.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="declarations")
    department = models.ForeignKey(Department, models.PROTECT, related_name="declarations")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.DRAFT)
    revision = models.ForeignKey(
        "declarations.Revision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    handed_in = models.ForeignKey(
        "declarations.Revision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved = models.ForeignKey(
        "declarations.Revision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField("通过时间", null=True, blank=True)
    stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="declarations"
    )
    arrived_at = models.DateTimeField("到达本环节时间", null=True, blank=True)
    reviewer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="reviewing"
    )
    review_begun_at = models.DateTimeField("开始审核时间", null=True, blank=True)
    extended_until = models.DateTimeField("延期至", null=True, blank=True)
    opened_sections = models.JSONField(null=True, blank=True)
    adjustment_reason = models.TextField("调整理由", blank=True, default="")
    based_on = models.ForeignKey(
        "declarations.Revision", models.PROTECT, null=True, blank=True, related_name="evaluations"
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
            CheckConstraint(
                condition=Q(state=State.SUBMITTED, stage__isnull=False)
                | (
                    ~Q(state=State.SUBMITTED)
                    & Q(
                        stage__isnull=True,
                        arrived_at__isnull=True,
                        reviewer__isnull=True,
                        review_begun_at__isnull=True,
                    )
                ),
                name="declaration_under_review_has_stage",
                violation_error_message="只有审核中的申报才有审核环节",
            ),
            CheckConstraint(
                condition=(
                    Q(state=State.APPROVED, approved__isnull=False, revision=F("approved"))
                    | Q(state=State.ADJUSTING, approved__isnull=False)
                    | Q(state__in=[State.SUBMITTED, State.RETURNED])
                    | Q(state=State.DRAFT, approved__isnull=True)
                ),
                name="declaration_approved_is_in_force",
                violation_error_message="已通过的版本就是现行版本",
            ),
            CheckConstraint(
                condition=Q(approved__isnull=True, approved_at__isnull=True)
                | Q(approved__isnull=False, approved_at__isnull=False),
                name="declaration_approved_at_some_time",
                violation_error_message="已通过的申报要记下通过时间",
            ),
            CheckConstraint(
                condition=Q(state=State.ADJUSTING) & ~Q(adjustment_reason="")
                | ~Q(state=State.ADJUSTING),
                name="declaration_adjusted_for_a_reason",
                violation_error_message="调整必须写明理由",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["round", "state"]),
            models.Index(fields=["stage", "reviewer"]),
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
            pgtrigger.Trigger(
                name="declaration_stage_by_stage",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state", "stage_id", "revision_id", "approved_id"),  # type: ignore[no-untyped-call]
                func=_STAGE_BY_STAGE,
            ),
            agree(
                "declaration_and_stage",
                "stage_id",
                "round_id",
                one="NEW.round_id",
                other="SELECT round_id FROM declarations_stage WHERE id = NEW.stage_id",
            ),
            agree(
                "declaration_with_its_own_revision_handed_in",
                "handed_in_id",
                one="NEW.id",
                other=declaration_of("handed_in_id"),
            ),
            agree(
                "declaration_with_its_own_approved_revision",
                "approved_id",
                one="NEW.id",
                other=declaration_of("approved_id"),
            ),
            agree(
                "declaration_based_on_its_departments_target",
                "based_on_id",
                "department_id",
                one="NEW.department_id",
                other="SELECT d.department_id FROM declarations_revision r"
                " JOIN declarations_declaration d ON d.id = r.declaration_id"
                " WHERE r.id = NEW.based_on_id",
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


class Assignment(models.Model):
    """分派: the reviewer to whom a declaration goes when it comes to a stage."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="assignments")
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="assignments")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "stage"],
                name="assignment_once",
                violation_error_message="这个环节已经分派给一位审核人",
            )
        ]
        triggers: ClassVar = [
            agree(
                "assignment_in_one_round",
                "declaration_id",
                "stage_id",
                one="SELECT round_id FROM declarations_declaration WHERE id = NEW.declaration_id",
                other="SELECT round_id FROM declarations_stage WHERE id = NEW.stage_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.declaration} {self.stage}：{self.reviewer}"
