"""What is reviewed: frozen revisions, what the department says to hints, and comments."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.declarations import Declaration
from declarations.models.guards import agree, declaration_of
from declarations.models.organisations import User


class Revision(models.Model):
    """版本: the content at one submission. Reviewed, approved and published; never changed.

    content: `sheets.records.Records.to_json()`. sha256: of its canonical JSON.
    findings: the hints that stood at submission, each with the department's explanation:
    ``{level, code, message, anchors, explanation, explained_by}``.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("版本号")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    findings = models.JSONField(default=list, blank=True)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "number"],
                name="revision_number_once",
                violation_error_message="这个版本号已经用过",
            )
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


class Comment(models.Model):
    """批注: a reviewer's remark on one cell of a revision, or on the whole (no anchor).

    The department sees it once the revision is decided on.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="comments")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="comments")
    anchor = models.CharField("单元格", max_length=100, blank=True, default="")
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
            )
        ]
        triggers: ClassVar = [
            agree(
                "comment_and_revision",
                "declaration_id",
                "revision_id",
                one="NEW.declaration_id",
                other=declaration_of("revision_id"),
            )
        ]

    def __str__(self) -> str:
        return self.text
