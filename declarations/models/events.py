"""The record of acts: who did what, when. Nothing in it can be changed."""

from typing import ClassVar

import pgtrigger
from django.db import models

from declarations.models.declarations import Declaration
from declarations.models.organisations import Bureau, User
from declarations.models.reviews import Revision


class EventKind(models.TextChoices):
    ROUND_OPENED = "round_opened", "开启批次"
    TEMPLATE_INSTALLED = "template_installed", "安装表样"
    TEMPLATE_ACTIVATED = "template_activated", "启用表样"
    TEMPLATE_RETIRED = "template_retired", "停用表样"
    TEMPLATE_RESTORED = "template_restored", "恢复表样"
    ROW_ADDED = "row_added", "增加行"
    ROW_REMOVED = "row_removed", "删除行"
    UNDONE = "undone", "撤销"
    ROW_MOVED = "row_moved", "移动行"
    PASTED = "pasted", "粘贴"
    UPLOADED = "uploaded", "上传工作簿"
    IMPORTED = "imported", "导入工作簿"
    CARRIED_OVER = "carried_over", "带入上年内容"
    EXPLAINED = "explained", "填写说明"
    SUBMITTED = "submitted", "提交"
    COMMENTED = "commented", "批注"
    COMMENT_DELETED = "comment_deleted", "删除批注"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "通过"


class Event(models.Model):
    """事件: one act. `data` holds what is needed to understand it, or to undo it."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="events")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, blank=True, related_name="events"
    )
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30, choices=EventKind.choices)
    at = models.DateTimeField(auto_now_add=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["declaration", "-at"])]
        triggers: ClassVar = [
            pgtrigger.Protect(name="event_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
