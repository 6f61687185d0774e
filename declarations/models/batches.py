"""Long work on many declarations: exporting and publishing them, by the queue."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.declarations import Declaration
from declarations.models.guards import agree, declaration_of
from declarations.models.organisations import Bureau, User
from declarations.models.publications import StoredFile
from declarations.models.reviews import Revision


class BatchKind(models.TextChoices):
    EXPORT = "export", "批量导出"
    PUBLISH = "publish", "批量公开"


class BatchState(models.TextChoices):
    """Waiting until a worker takes it; packing: every item is done, the ZIP is being written."""

    WAITING = "waiting", "排队中"
    RUNNING = "running", "进行中"
    PACKING = "packing", "打包中"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"
    FAILED = "failed", "未完成"


class Batch(models.Model):
    """批量任务: what was asked for, and what came of it.

    options: of an export, ``{"filters": {…}, "formats": ["pdf"], "pattern": "…"}``. file, name
    and sha256: of the ZIP in the storage, "" until there is one; it is deleted after a while.
    error: what stopped it, for who asked for it.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=10, choices=BatchKind.choices)
    state = models.CharField(
        "状态", max_length=10, choices=BatchState.choices, default=BatchState.WAITING
    )
    title = models.CharField("名称", max_length=200)
    options = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="batches")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    file = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveBigIntegerField("字节数", default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-requested_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["bureau", "-requested_at"])]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(file="") | ~Q(sha256=""),
                name="batch_file_has_a_hash",
                violation_error_message="打包文件必须有哈希值",
            )
        ]

    def __str__(self) -> str:
        return self.title


class ItemState(models.TextChoices):
    TODO = "todo", "等待"
    DONE = "done", "完成"
    FAILED = "failed", "未完成"


class BatchItem(models.Model):
    """One declaration, in one format, of a batch.

    format: of an export's file, "" where it is being published. name: the file's path in the
    ZIP, unique in it. stored: the file, once it is made. error: why it failed.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    format = models.CharField(max_length=10, blank=True, default="")
    name = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.TODO)
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["batch", "position"],
                name="batch_item_position_once",
                violation_error_message="批量任务中的次序重复",
            ),
            UniqueConstraint(
                fields=["batch", "name"],
                condition=~Q(name=""),
                name="batch_item_name_once",
                violation_error_message="批量任务中的文件名重复",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state", "position"])]
        triggers: ClassVar = [
            agree(
                "batch_item_of_its_own_revision",
                "revision_id",
                "declaration_id",
                one="NEW.declaration_id",
                other=declaration_of("revision_id"),
            )
        ]

    def __str__(self) -> str:
        return self.name
