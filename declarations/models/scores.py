"""What becomes of self scores: the reviewer's, the results, and the files that prove them.

Scores are in points, kept with two places.
"""

from typing import TYPE_CHECKING, ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.declarations import Declaration
from declarations.models.guards import agree, declaration_of
from declarations.models.organisations import User
from declarations.models.reviews import Revision

if TYPE_CHECKING:
    from decimal import Decimal


def _points(label: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(label, max_digits=8, decimal_places=2, null=True, blank=True)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ReviewScore(models.Model):
    """复核得分: what a reviewer gives for a scored item (``score/KEY``) or an indicator
    (``indicator/45``), and why.

    revision: the one it was last given on. The department sees it with the decision.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="review_scores")
    anchor = models.CharField(max_length=80)
    score = models.DecimalField("复核得分", max_digits=8, decimal_places=2)
    reason = models.TextField("复核理由")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "anchor"],
                name="review_score_once",
                violation_error_message="这一项已有复核得分",
            ),
            CheckConstraint(
                condition=~Q(reason=""),
                name="review_score_has_a_reason",
                violation_error_message="复核得分必须写明理由",
            ),
        ]
        triggers: ClassVar = [
            agree(
                "review_score_on_its_own_revision",
                "revision_id",
                one="NEW.declaration_id",
                other=declaration_of("revision_id"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.anchor}：{self.score}"


class Result(models.Model):
    """评分结果: the scores of one revision, for comparing departments.

    Made at submission, with what the department claims and what the rules give; completed at
    approval with the reviewer's scores and the grade, and frozen then.
    total: what counts, the reviewer's score of each item or else the self score.
    """

    revision = models.OneToOneField(Revision, models.PROTECT, related_name="result")
    points = models.DecimalField("满分", max_digits=8, decimal_places=2)
    self_score = _points("自评得分")
    rule_score = _points("规则得分")
    total = _points("得分")
    grade = models.CharField("等级", max_length=10, blank=True, default="")
    decided_at = models.DateTimeField("确定时间", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(decided_at__isnull=True, grade="", total__isnull=True)
                | (Q(decided_at__isnull=False, total__isnull=False) & ~Q(grade="")),
                name="result_graded_where_decided",
                violation_error_message="确定的结果才有得分和等级",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="result_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False),
            ),
            pgtrigger.Protect(name="result_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.revision} {self.grade}"


class Met(models.TextChoices):
    """Whether an indicator reached its target, as far as it can be told."""

    MET = "met", "完成"
    PARTLY = "partly", "部分完成"
    NOT_MET = "not_met", "未完成"
    UNKNOWN = "unknown", "无法判断"


class ResultLine(models.Model):
    """One scored item or indicator of a result.

    met, ratio (actual ÷ target; 1.3 is 130%), target and actual: of indicators only.
    rule_score: None where the rule cannot be computed; explanation says why, or how it was.
    """

    result = models.ForeignKey(Result, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    anchor = models.CharField(max_length=80)
    level1 = models.TextField(blank=True, default="")
    level2 = models.TextField(blank=True, default="")
    name = models.TextField()
    points = _points("分值")
    self_score = _points("自评得分")
    rule_score = _points("规则得分")
    review_score = _points("复核得分")
    review_reason = models.TextField(blank=True, default="")
    explanation = models.TextField(blank=True, default="")
    met = models.CharField(max_length=10, choices=Met.choices, blank=True, default="")
    ratio = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    target = models.TextField(blank=True, default="")
    actual = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["result", "anchor"],
                name="result_line_once",
                violation_error_message="这一项已在结果中",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="result_line_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'DELETE' OR EXISTS (SELECT FROM declarations_result r
                        WHERE r.id = OLD.result_id AND r.decided_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'result line: what was decided is not changed';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> "Decimal | None":
        """The ratio in per cent."""
        return None if self.ratio is None else self.ratio * 100


class Evidence(models.Model):
    """佐证材料: a file that proves a scored item or an indicator; never published.

    It may hold personal data on disability. What is removed stays on record, with its file, as
    long as a submitted revision may have referred to it.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="evidence_files")
    anchor = models.CharField(max_length=80)
    name = models.CharField("文件名", max_length=255)
    content = models.BinaryField("内容")
    size = models.PositiveIntegerField("字节数")
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField("上传时间", auto_now_add=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["added_at", "id"]
        indexes: ClassVar = [models.Index(fields=["declaration", "anchor"])]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="evidence_removed_by_somebody",
                violation_error_message="删除的佐证材料要记下由谁删除",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="evidence_is_frozen",
                fields=[
                    "declaration",
                    "anchor",
                    "name",
                    "content",
                    "size",
                    "media_type",
                    "sha256",
                    "added_at",
                    "added_by",
                ],
            ),
            pgtrigger.Protect(name="evidence_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name
