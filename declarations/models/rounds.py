"""Rounds: a year's call for one form."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from declarations.models.guards import agree, bureau_of
from declarations.models.organisations import Bureau
from declarations.models.templates import FormTemplate


class Round(models.Model):
    """填报批次: departments file into one form template between opening and deadline."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="rounds")
    template = models.ForeignKey(FormTemplate, models.PROTECT, related_name="rounds")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=100)
    opens_at = models.DateTimeField("开始时间")
    deadline = models.DateTimeField("截止时间")
    correction_deadline = models.DateTimeField("退回后补正截止时间")

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
