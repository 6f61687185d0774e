"""Rounds: a year's call for one form."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from declarations.models.guards import agree, bureau_of
from declarations.models.organisations import Bureau, User
from declarations.models.templates import FormTemplate

MOST_STAGES = 4


def _days_before() -> list[int]:
    return [7, 3, 1]


def _days_after() -> list[int]:
    return [1, 3, 7]


class Round(models.Model):
    """填报批次: departments file into one form template between opening and deadline.

    adjustments_until: until when an approved declaration can be adjusted (调整), None: not
    at all. waiting: ids of departments that still get their declaration, while it is being
    opened. remind_before, remind_after: days from the deadline on which who has not filed is
    reminded. review_sheet: the bureau's review sheet (审核评分表), {} where it uses none:
    ``{"criteria": [{"key", "aspect", "name", "points"}], "grades": [{"name", "from"}]}``.
    disclosed: whether what is approved is published; publish_days: within so many days of the
    approval (预算法 §14: 20). masking: what is masked in it, `sheets.masking.Masking.to_json()`,
    {} for what the form's headings suggest.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="rounds")
    template = models.ForeignKey(FormTemplate, models.PROTECT, related_name="rounds")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=100)
    opens_at = models.DateTimeField("开始时间")
    deadline = models.DateTimeField("截止时间")
    correction_deadline = models.DateTimeField("退回后补正截止时间")
    adjustments_until = models.DateTimeField("调整截止时间", null=True, blank=True)
    waiting = models.JSONField(default=list, blank=True)
    remind_before = models.JSONField("截止前提醒（天）", default=_days_before, blank=True)
    remind_after = models.JSONField("逾期后提醒（天）", default=_days_after, blank=True)
    review_sheet = models.JSONField(default=dict, blank=True)
    disclosed = models.BooleanField("向社会公开", default=True)
    publish_days = models.PositiveSmallIntegerField("公开期限（天）", default=20)
    masking = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["template", "year"],
                name="round_once_per_form_and_year",
                violation_error_message="这个年度已经有使用该表样的批次",
            ),
            CheckConstraint(
                condition=Q(deadline__gt=F("opens_at")),
                name="round_ends_after_it_opens",
                violation_error_message="截止时间必须晚于开始时间",
            ),
            CheckConstraint(
                condition=Q(correction_deadline__gte=F("deadline")),
                name="round_corrections_end_after_deadline",
                violation_error_message="补正截止时间不能早于截止时间",
            ),
            CheckConstraint(
                condition=Q(adjustments_until__isnull=True)
                | Q(adjustments_until__gt=F("opens_at")),
                name="round_adjustments_end_after_it_opens",
                violation_error_message="调整截止时间必须晚于开始时间",
            ),
        ]
        triggers: ClassVar = [
            agree(
                "round_and_template",
                "bureau_id",
                "template_id",
                one="NEW.bureau_id",
                other=bureau_of("formtemplate", "template_id"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """审核环节: one of the one to four steps a submission passes, in the order of `position`.

    by_head: the department's own heads decide, no reviewer of the bureau. reviewers: who of
    the bureau may decide; nobody named: all its reviewers. days: how long it should take at
    most, None: not said. with_sheet: the round's review sheet is filled in here.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    name = models.CharField("名称", max_length=50)
    by_head = models.BooleanField("由部门负责人审核", default=False)
    days = models.PositiveSmallIntegerField("审核期限（天）", null=True, blank=True)
    with_sheet = models.BooleanField("填写审核评分表", default=False)
    reviewers = models.ManyToManyField(User, blank=True, related_name="stages")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["round", "position"],
                name="stage_position_once",
                violation_error_message="审核环节的次序重复",
            ),
            CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_STAGES),
                name="stage_one_to_four",
                violation_error_message="审核环节为一至四个",
            ),
            CheckConstraint(
                condition=Q(by_head=False) | Q(position=1, with_sheet=False),
                name="stage_of_heads_comes_first",
                violation_error_message="部门负责人审核只能是第一个环节，且不填写审核评分表",
            ),
        ]

    def __str__(self) -> str:
        return self.name
