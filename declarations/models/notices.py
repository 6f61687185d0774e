"""What people are told, in the application and by e-mail."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from declarations.models.declarations import Declaration
from declarations.models.organisations import User
from declarations.models.rounds import Round


class NoticeKind(models.TextChoices):
    ROUND_OPENED = "round_opened", "开始填报"
    REMINDER = "reminder", "填报提醒"
    EXTENDED = "extended", "延期"
    SUBMITTED = "submitted", "待审核"
    ASSIGNED = "assigned", "分派审核"
    PASSED = "passed", "进入下一环节"
    RETURNED = "returned", "退回修改"
    APPROVED = "approved", "审核通过"
    RECALLED = "recalled", "部门撤回"
    ADJUSTING = "adjusting", "申请调整"
    CORRECTED = "corrected", "财政局更正"
    COMMENTED = "commented", "批注回复"
    PUBLISHED = "published", "公开"
    TO_PUBLISH = "to_publish", "待公开提醒"
    BATCH = "batch", "批量任务"
    ACCOUNT = "account", "账号"


class Notice(models.Model):
    """通知: one message to one person.

    key: names what is said only once ("round/5/before/7/declaration/12/user/3"), else None.
    internal: for the department alone; the bureau's outbox does not show what it says.
    email: where it is also sent, "" where nowhere; sent_at: when the server took it;
    attempts, error: where it did not.
    """

    recipient = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    declaration = models.ForeignKey(
        Declaration, models.CASCADE, null=True, blank=True, related_name="notices"
    )
    round = models.ForeignKey(Round, models.CASCADE, null=True, blank=True, related_name="notices")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("内容")
    key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    email = models.EmailField(blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-created_at"]),
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title
