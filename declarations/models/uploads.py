"""Workbooks that departments upload, kept as they came."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import CheckConstraint, Q

from declarations.models.declarations import Declaration
from declarations.models.events import Event
from declarations.models.organisations import User


class UploadState(models.TextChoices):
    WAITING = "waiting", "待确认"
    APPLIED = "applied", "已导入"
    REJECTED = "rejected", "未能导入"
    SET_ASIDE = "set_aside", "已放弃"


class Upload(models.Model):
    """上传: a workbook brought for a declaration, and what was read from it.

    It is kept whatever became of it, so that a rejected one can be explained later.
    content: `sheets.records.Records.to_json()` of what was read; None where it could not be.
    report: what was wrong and what wants a look, by sheet and cell. event: the import,
    for `undo`.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="uploads")
    state = models.CharField("状态", max_length=20, choices=UploadState.choices)
    file_name = models.CharField("文件名", max_length=255)
    workbook = models.BinaryField("工作簿")
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-uploaded_at", "-id"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(state=UploadState.REJECTED) | Q(content__isnull=False),
                name="upload_read_unless_rejected",
                violation_error_message="没有读出内容的工作簿不能导入",
            ),
            CheckConstraint(
                condition=Q(event__isnull=True) | Q(state=UploadState.APPLIED),
                name="upload_imported_where_it_has_an_event",
                violation_error_message="只有已导入的工作簿才有导入记录",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="upload_is_frozen",
                fields=[
                    "declaration",
                    "file_name",
                    "workbook",
                    "sha256",
                    "content",
                    "report",
                    "uploaded_at",
                    "uploaded_by",
                ],
            ),
            pgtrigger.Protect(name="upload_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.file_name
