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
    SECTIONS_OPENED = "sections_opened", "开放更多部分"
    APPROVED = "approved", "通过"
    # Review
    CLAIMED = "claimed", "认领"
    RELEASED = "released", "放回队列"
    ASSIGNED = "assigned", "分派"
    PASSED = "passed", "通过，转下一环节"
    RECALLED = "recalled", "撤回"
    SHEET_FILLED_IN = "sheet_filled_in", "填写审核评分表"
    COMMENT_ANSWERED = "comment_answered", "回复批注"
    COMMENT_RESOLVED = "comment_resolved", "批注标为已解决"
    COMMENT_REOPENED = "comment_reopened", "重新打开批注"
    ADJUSTMENT_BEGUN = "adjustment_begun", "开始调整"
    ADJUSTMENT_GIVEN_UP = "adjustment_given_up", "放弃调整"
    CORRECTED = "corrected", "财政局更正"
    # Scoring
    TARGET_UPDATED = "target_updated", "改按现行目标"
    DRAFTED = "drafted", "生成草稿"
    EVIDENCE_ADDED = "evidence_added", "上传佐证材料"
    EVIDENCE_REMOVED = "evidence_removed", "删除佐证材料"
    REVIEW_SCORED = "review_scored", "复核评分"
    GRADES_CHANGED = "grades_changed", "修改等级标准"
    # Rounds
    ROUND_CHANGED = "round_changed", "修改批次"
    ROUND_STARTED = "round_started", "生成申报"
    DEPARTMENTS_ADDED = "departments_added", "批次增加部门"
    EXTENDED = "extended", "延期"
    REMINDED = "reminded", "提醒"
    TEMPLATE_DEACTIVATED = "template_deactivated", "取消启用表样"
    # Departments and people
    DEPARTMENT_ADDED = "department_added", "增加部门"
    DEPARTMENT_CHANGED = "department_changed", "修改部门"
    GROUP_CHANGED = "group_changed", "修改部门分组"
    USER_ADDED = "user_added", "增加人员"
    USER_CHANGED = "user_changed", "修改人员"
    USER_INVITED = "user_invited", "邀请人员"
    USER_STOPPED = "user_stopped", "停用账号"
    USER_RESUMED = "user_resumed", "恢复账号"
    PEOPLE_IMPORTED = "people_imported", "导入部门和人员"
    # Accounts
    LOGGED_IN = "logged_in", "登录"
    LOGGED_OUT = "logged_out", "退出"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOCKED_OUT = "locked_out", "锁定账号"
    UNLOCKED = "unlocked", "解除锁定"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    PASSWORD_RESET = "password_reset", "重置密码"
    SESSION_ENDED = "session_ended", "结束会话"
    SECOND_FACTOR_ADDED = "second_factor_added", "启用动态口令"
    SECOND_FACTOR_REMOVED = "second_factor_removed", "停用动态口令"
    SECURITY_CHANGED = "security_changed", "修改安全设置"
    # Notices
    EMAIL_RESENT = "email_resent", "重新发送邮件"
    # Publishing
    PUBLICATION_CHECKED = "publication_checked", "公开审查"
    PUBLICATION_EXEMPTED = "publication_exempted", "确定不予公开"
    PUBLISHED = "published", "公开"
    REPUBLISHED = "republished", "更正公开"
    WITHDRAWN = "withdrawn", "撤回公开"
    DISCLOSURE_CHANGED = "disclosure_changed", "修改公开设置"
    # Many at once
    BATCH_STARTED = "batch_started", "开始批量任务"
    BATCH_CANCELLED = "batch_cancelled", "取消批量任务"
    BATCH_FINISHED = "batch_finished", "完成批量任务"
    BATCH_TAKEN = "batch_taken", "下载批量导出"
    # Files
    EXPORTED = "exported", "导出清单"
    RECORD_EXPORTED = "record_exported", "导出审计记录"


class Event(models.Model):
    """事件: one act. `data` holds what is needed to understand it, or to undo it.

    succeeded: False where the act was tried and refused, as a login with a wrong password.
    ip: where the request came from, None for the shell and the queue.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="events")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, blank=True, related_name="events"
    )
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30, choices=EventKind.choices)
    at = models.DateTimeField(auto_now_add=True)
    succeeded = models.BooleanField(default=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["declaration", "-at"]),
            models.Index(fields=["bureau", "-at", "-id"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="event_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
