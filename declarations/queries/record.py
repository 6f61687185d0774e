"""The record of acts, as an auditor reads it: who did what, when, from where, and whether it went.

It says which declaration or person an act was about, and not what is filled in there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from declarations.models import Bureau, Event, EventKind, Role, SecondFactor
from declarations.sheets.list_workbook import Heading, Value, list_workbook

K = EventKind
AREAS: dict[str, tuple[str, tuple[EventKind, ...]]] = {
    "accounts": (
        "登录与账号",
        (
            *(K.LOGGED_IN, K.LOGGED_OUT, K.LOGIN_FAILED, K.LOCKED_OUT, K.UNLOCKED),
            *(K.PASSWORD_CHANGED, K.PASSWORD_RESET, K.SESSION_ENDED),
            *(K.SECOND_FACTOR_ADDED, K.SECOND_FACTOR_REMOVED, K.SECURITY_CHANGED),
        ),
    ),
    "people": (
        "部门和人员",
        (
            *(K.DEPARTMENT_ADDED, K.DEPARTMENT_CHANGED, K.GROUP_CHANGED, K.PEOPLE_IMPORTED),
            *(K.USER_ADDED, K.USER_CHANGED, K.USER_INVITED, K.USER_STOPPED, K.USER_RESUMED),
        ),
    ),
    "rounds": (
        "表样和批次",
        (
            *(K.TEMPLATE_INSTALLED, K.TEMPLATE_ACTIVATED, K.TEMPLATE_DEACTIVATED),
            *(K.TEMPLATE_RETIRED, K.TEMPLATE_RESTORED, K.ROUND_OPENED, K.ROUND_CHANGED),
            *(K.ROUND_STARTED, K.DEPARTMENTS_ADDED, K.EXTENDED, K.REMINDED, K.GRADES_CHANGED),
        ),
    ),
    "filing": (
        "填报",
        (
            *(K.ROW_ADDED, K.ROW_REMOVED, K.ROW_MOVED, K.UNDONE, K.PASTED, K.UPLOADED),
            *(K.IMPORTED, K.CARRIED_OVER, K.EXPLAINED, K.SUBMITTED, K.RECALLED),
            *(K.ADJUSTMENT_BEGUN, K.ADJUSTMENT_GIVEN_UP, K.SECTIONS_OPENED),
            *(K.TARGET_UPDATED, K.DRAFTED, K.EVIDENCE_ADDED, K.EVIDENCE_REMOVED),
        ),
    ),
    "review": (
        "审核",
        (
            *(K.CLAIMED, K.RELEASED, K.ASSIGNED, K.PASSED, K.RETURNED, K.APPROVED, K.CORRECTED),
            *(K.SHEET_FILLED_IN, K.COMMENTED, K.COMMENT_DELETED, K.COMMENT_ANSWERED),
            *(K.COMMENT_RESOLVED, K.COMMENT_REOPENED, K.REVIEW_SCORED),
        ),
    ),
    "publishing": (
        "公开",
        (
            *(K.PUBLICATION_CHECKED, K.PUBLICATION_EXEMPTED, K.PUBLISHED, K.REPUBLISHED),
            *(K.WITHDRAWN, K.DISCLOSURE_CHANGED),
        ),
    ),
    "files": (
        "导出和邮件",
        (
            *(K.EXPORTED, K.RECORD_EXPORTED, K.EMAIL_RESENT),
            *(K.BATCH_STARTED, K.BATCH_CANCELLED, K.BATCH_FINISHED, K.BATCH_TAKEN),
        ),
    ),
}
"""What acts are about, by a word for the address: its name, and the acts."""

AT_ONCE = 50
"""Acts on a page."""
MOST_EXPORTED = 50_000
"""Acts in one workbook."""

_TOLD: dict[str, str] = {
    "name": "名称",
    "title": "名称",
    "username": "账号",
    "template": "表样",
    "department": "部门",
    "departments": "部门",
    "removed": "移出部门",
    "group": "分组",
    "role": "角色",
    "reviewer": "审核人",
    "taken_from": "原审核人",
    "stage": "环节",
    "item": "评分项",
    "reason": "理由",
    "what": "时限",
    "until": "延至",
    "file_name": "文件",
    "summary": "结果",
    "problems": "错误数",
    "count": "数量",
    "people": "人数",
    "sessions": "会话数",
    "year": "年度",
    "version": "版本",
    "rows": "行数",
    "changes": "改动",
    "email": "电子邮箱",
    "to": "收件地址",
    "added": "增加",
    "deleted": "删除",
    "groups": "新建分组",
    "code": "使用动态口令",
    "invitation": "通过邀请链接",
    "recovery_codes": "重新生成恢复码",
}
"""What of an event's data is told, with its name; comments and contents are not."""
_COLUMNS = _TOLD | {
    "code": "编码",
    "parent": "上级部门",
    "is_active": "状态",
    "password_days": "密码有效期（天）",
    "idle_minutes": "无操作自动退出（分钟）",
    "second_factor": "动态口令",
}
"""What was changed, where ``changes`` does not say it in words."""
_SECOND_FACTOR = dict(SecondFactor.choices)
_FAILURES = {"password": "密码错误", "code": "动态口令错误"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the record is wanted; nothing said, nothing left out.

    since, until: days, both included. person: a part of a name or username. department: a
    part of a department's name. area: one of AREAS. kind: one EventKind. failed: only what
    was refused.
    """

    since: date | None = None
    until: date | None = None
    person: str = ""
    department: str = ""
    area: str = ""
    kind: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An act to be read. about: the declaration or whatever else it was done to."""

    event: Event
    person: str
    place: str
    about: str
    details: str

    @property
    def result(self) -> str:
        return "成功" if self.event.succeeded else "失败"


def record_of(bureau: Bureau, wanted: Wanted) -> QuerySet[Event]:
    """The acts in a bureau, the latest first."""
    events = Event.objects.filter(bureau=bureau).select_related(
        "actor__department", "declaration__department", "declaration__round", "revision"
    )
    events = events.defer("revision__content", "revision__findings")
    if wanted.since:
        events = events.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        events = events.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.person:
        named = Q(actor__name__contains=wanted.person) | Q(actor__username__contains=wanted.person)
        events = events.filter(named | Q(data__username__contains=wanted.person))
    if wanted.department:
        events = events.filter(
            Q(declaration__department__name__contains=wanted.department)
            | Q(actor__department__name__contains=wanted.department)
        )
    if wanted.area:
        events = events.filter(kind__in=AREAS[wanted.area][1])
    if wanted.kind:
        events = events.filter(kind=wanted.kind)
    return events.filter(succeeded=False) if wanted.failed else events


def page_of(events: QuerySet[Event], after: Event | None) -> tuple[list[Line], Event | None]:
    """The next acts after one of them, and the last of these where more follow.

    By the place in the order and not by a number of pages: the record only grows, so that
    a page of the past stays what it is, and costs the same however long the record is.
    """
    if after is not None:
        events = events.filter(at__lte=after.at).exclude(at=after.at, pk__gte=after.pk)
    found = list(events[: AT_ONCE + 1])
    shown = found[:AT_ONCE]
    return [line_of(event) for event in shown], shown[-1] if len(found) > AT_ONCE else None


def line_of(event: Event) -> Line:
    """An act in words."""
    actor = event.actor
    of = "" if actor is None else actor.department.name if actor.department else "财政局"
    person = f"{actor.name}（{actor.username}，{Role(actor.role).label}）" if actor else "系统"
    about = ""
    if event.declaration is not None:
        about = f"{event.declaration.department.name} {event.declaration.round.name}"
        about += f" {event.revision}" if event.revision else ""
    return Line(event, person, of, about, "；".join(_details(event.data)))


def record_workbook(events: QuerySet[Event]) -> bytes:
    """The acts as XLSX, all of them."""
    headings = (
        *(Heading("时间", 20), Heading("人员", 30), Heading("单位", 30), Heading("事项", 20)),
        *(Heading("对象", 50), Heading("内容", 60), Heading("结果", 8), Heading("来源地址", 18)),
    )
    return list_workbook("审计记录", headings, (_cells(line_of(e)) for e in events))


def _cells(line: Line) -> Sequence[Value]:
    event = line.event
    at = timezone.localtime(event.at).replace(tzinfo=None)
    said = (event.get_kind_display(), line.about, line.details, line.result, event.ip)
    return (at, line.person, line.place, *said)


def _details(data: dict[str, Any]) -> Iterator[str]:
    for key, label in _TOLD.items():
        value = data.get(key)
        if key == "changes" and isinstance(value, dict):
            for name, change in value.items():
                words = _SECOND_FACTOR if name == "second_factor" else {}
                shown = [words.get(said, said) for said in change]
                yield f"{_COLUMNS.get(name, name)}：{_change(shown)}"
        elif said := _said(key, value):
            yield f"{label}：{said}"


def _said(key: str, value: Any) -> str:
    """What is told of it, if anything. Of rows that were added or removed only how many: what an
    undo needs of them is in the event, and it is what was filled in."""
    if key in ("rows", "added") and isinstance(value, list):
        return f"{len(value)} 行" if value else ""
    if isinstance(value, list):
        return "、".join(map(_word, value))
    if value in (None, "", False) or isinstance(value, dict):
        return ""
    if key == "code":  # a check's, where a hint was explained
        return _word(value) if value is True else ""
    if key == "until":
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return _FAILURES.get(value, value) if key == "reason" else _word(value)


def _change(change: list[Any]) -> str:
    """``旧 → 新``."""
    return " → ".join(map(_word, change))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（空）" if value in (None, "") else str(value)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
