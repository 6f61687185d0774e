"""What is reviewed: frozen revisions, what the department says to hints, and comments."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.declarations import Declaration
from declarations.models.guards import agree, declaration_of
from declarations.models.organisations import User
from declarations.models.rounds import Stage


class RevisionKind(models.TextChoices):
    SUBMISSION = "submission", "提交"
    ADJUSTMENT = "adjustment", "调整"
    CORRECTION = "correction", "财政局更正"


class Revision(models.Model):
    """版本: the content at one submission. Reviewed, approved and published; never changed.

    reason: why it was adjusted by the department or corrected by the bureau, else "".

    content: `sheets.records.Records.to_json()`. sha256: of its canonical JSON.
    findings: the hints that stood at submission, each with the department's explanation:
    ``{level, code, message, anchors, explanation, explained_by}``.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("版本号")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(
        max_length=20, choices=RevisionKind.choices, default=RevisionKind.SUBMISSION
    )
    reason = models.TextField("理由", blank=True, default="")
    findings = models.JSONField(default=list, blank=True)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "number"],
                name="revision_number_once",
                violation_error_message="这个版本号已经用过",
            ),
            CheckConstraint(
                condition=Q(kind=RevisionKind.SUBMISSION) | ~Q(reason=""),
                name="revision_changed_for_a_reason",
                violation_error_message="调整和更正必须写明理由",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="revision_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"第{self.number}版"


class Explanation(models.Model):
    """说明: why the department leaves a hint of a check as it is.

    key: `checks.Finding.key`, the check and its cells. message: the hint as it read when it
    was explained; what has changed since wants another explanation.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="explanations")
    key = models.CharField(max_length=32)
    code = models.CharField(max_length=50)
    message = models.TextField()
    text = models.TextField("说明")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "key"],
                name="explanation_once",
                violation_error_message="这一条提示已有说明",
            ),
            CheckConstraint(
                condition=~Q(text=""),
                name="explanation_says_something",
                violation_error_message="说明不能为空",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CommentState(models.TextChoices):
    OPEN = "open", "待回复"
    ANSWERED = "answered", "已回复"
    RESOLVED = "resolved", "已解决"


class Comment(models.Model):
    """批注: a reviewer's remark on a revision, or an answer to one (`parent`).

    anchor: a cell (``task/45/amount``), a row (``task/45``), a section of the form by its
    index (``section/2``), or "" for the whole. The department sees it once the revision is
    decided on. internal: made by the department's own head, and seen in the department alone.
    state: of the remark that began a thread; answers stay open.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="comments")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="comments")
    anchor = models.CharField("单元格", max_length=100, blank=True, default="")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answers"
    )
    internal = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=CommentState.choices, default=CommentState.OPEN)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField("批注")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=~Q(text=""),
                name="comment_says_something",
                violation_error_message="批注不能为空",
            ),
            CheckConstraint(
                condition=Q(parent__isnull=True) | Q(state=CommentState.OPEN),
                name="comment_state_is_of_the_thread",
                violation_error_message="回复没有自己的状态",
            ),
        ]
        triggers: ClassVar = [
            agree(
                "comment_and_revision",
                "declaration_id",
                "revision_id",
                one="NEW.declaration_id",
                other=declaration_of("revision_id"),
            ),
            agree(
                "comment_and_what_it_answers",
                "declaration_id",
                "parent_id",
                one="NEW.declaration_id",
                other="SELECT declaration_id FROM declarations_comment WHERE id = NEW.parent_id",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ReviewSheet(models.Model):
    """审核评分表: a reviewer's points for a revision, by the criteria of the round.

    points: by criterion key. grade: by the round's thresholds (财预〔2015〕88号: 优良中差).
    It can be changed until the stage is decided.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="review_sheets")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="review_sheets")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    points = models.JSONField()
    total = models.DecimalField(max_digits=6, decimal_places=2)
    grade = models.CharField("等级", max_length=10)
    opinion = models.TextField("审核意见", blank=True, default="")
    written_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["revision", "stage"],
                name="review_sheet_once",
                violation_error_message="这个环节已经填过审核评分表",
            )
        ]

    def __str__(self) -> str:
        return f"{self.total} {self.grade}"
