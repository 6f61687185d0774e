"""Importing workbooks: uploading reads one and keeps it, applying writes what it says."""

import hashlib
import json
import logging
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Length
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.reconciling import carry_out
from declarations.domain.rows import MOST_ROWS
from declarations.models import Declaration, Event, EventKind, Upload, UploadState, User
from declarations.queries.declarations import with_context
from declarations.queries.forms import form_for
from declarations.queries.records import context_of
from declarations.queries.uploads import (
    Report,
    base_of,
    plan_of,
    summary_of,
    what_was_read,
)
from declarations.sheets import incoming
from declarations.sheets.incoming import Incoming, UnreadableWorkbookError
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Records

logger = logging.getLogger(__name__)

_WITHIN = timedelta(hours=1)
_MOST_UPLOADS = 30
_MOST_BYTES = 100 * 2**20
"""What one declaration may bring within that time, because workbooks are kept."""
_LONGEST_NAME = 255
_UNNAMED = "工作簿.xlsx"


class ChangedSinceError(RefusedError):
    """The declaration is not any longer what the preview was made against."""


class NothingToImportError(RefusedError):
    """The workbook says what is stored."""


def upload(actor: User | None, *, declaration_id: int, file_name: str, workbook: bytes) -> Upload:
    """Reads a workbook and keeps it, with what was read or what is wrong with it.

    It is WAITING to be applied, in place of one that waited before, or REJECTED with a
    report; one that waits then waits on. The same workbook again gives the upload that waits. Raises RefusedError where
    the declaration cannot be edited, or too much was uploaded; nothing is kept then.
    """
    declaration = with_context(Declaration.objects.all()).get(pk=declaration_id)
    require_editable(actor, declaration)
    _require_room(declaration, len(workbook))
    records, report = read_workbook(declaration, workbook)
    content = _storable(records.to_json()) if records is not None else None
    with transaction.atomic():
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        _require_room(declaration, len(workbook))
        made = Upload(
            declaration=declaration,
            state=UploadState.WAITING if report.is_good else UploadState.REJECTED,
            file_name=safe_file_name(file_name),
            workbook=workbook,
            sha256=hashlib.sha256(workbook).hexdigest(),
            content=content,
            report=_storable(report.to_json()),
            uploaded_by=actor,
        )
        waiting = declaration.uploads.filter(state=UploadState.WAITING).defer("workbook")
        for other in waiting:
            if _says_the_same(other, made):
                return other
        if report.is_good:
            waiting.update(state=UploadState.SET_ASIDE)
        made.save()
        record(
            EventKind.UPLOADED,
            actor=actor,
            declaration=declaration,
            upload=made.pk,
            file_name=made.file_name,
            state=made.state,
            problems=len(report.problems),
        )
        return made


def read_workbook(declaration: Declaration, workbook: bytes) -> tuple[Records | None, Report]:
    """What a workbook says, None where nothing could be read, and what is wrong with it.

    Writes nothing. May take seconds.
    """
    form = form_for(declaration.round)
    try:
        read = incoming.read_incoming(form, workbook, context_of(declaration))
    except UnreadableWorkbookError as error:
        return None, Report(refusal=str(error))
    except Exception:
        # A defect of ours must leave the official with something to quote, and us the workbook.
        number = hashlib.sha256(workbook).hexdigest()[:8]
        logger.exception("upload %s of declaration %s", number, declaration.pk)
        return None, Report(refusal=f"系统读取这个工作簿时出错，请把编号 {number} 告诉系统管理员")
    read.problems += _too_long(read)
    return read.records, Report.of(read)


def apply_upload(
    actor: User | None, *, declaration_id: int, upload_id: int, base: str, confirmed: bool = False
) -> Event:
    """Writes what a waiting upload says; the event can be given to `undo`. Twice is once.

    base: what the preview was made against (`queries.uploads.base_of`). confirmed: that a
    person has looked at the warnings, where there are any. Raises RefusedError, with
    ChangedSinceError where somebody has changed the content since the preview, and
    NothingToImportError where nothing would change.
    """
    with transaction.atomic(), acting(actor, EventKind.IMPORTED):
        declaration = lock(declaration_id)
        found = _find(actor, declaration, upload_id)
        if found.state == UploadState.APPLIED and found.event is not None:
            return found.event
        require_editable(actor, declaration)
        brought, report = what_was_read(found)
        if found.state != UploadState.WAITING or brought is None:
            raise WrongStateError("这次上传已不能导入，请重新上传工作簿")
        plan, current = plan_of(declaration, brought, report)
        if base_of(current, declaration.opened_sections) != base:
            raise ChangedSinceError("内容在预览后又被修改过，请重新核对")
        if report.warnings and not confirmed:
            raise RefusedError("请先核对列出的提示，并勾选“我已核对”")
        if not plan:
            raise NothingToImportError("工作簿与现有内容相同，没有变化")
        done = carry_out(declaration, plan)
        touch(actor, declaration)
        found.event = record(
            EventKind.IMPORTED,
            actor=actor,
            declaration=declaration,
            upload=found.pk,
            file_name=found.file_name,
            summary=summary_of(plan),
            **done,
        )
        found.state = UploadState.APPLIED
        found.save(update_fields=["state", "event"])
        return found.event


def set_aside(actor: User, *, declaration_id: int, upload_id: int) -> None:
    """Gives up an upload that waits. Twice is once."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        found = _find(actor, declaration, upload_id)
        if found.state == UploadState.APPLIED:
            raise WrongStateError("这次上传已经导入；如需恢复原来的内容，请撤销导入")
        if found.state == UploadState.WAITING:
            found.state = UploadState.SET_ASIDE
            found.save(update_fields=["state"])


def safe_file_name(name: str, unnamed: str = _UNNAMED, longest: int = _LONGEST_NAME) -> str:
    """A file's own name, without the path to it and what cannot be seen; its ending is kept."""
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(c for c in name if not unicodedata.category(c).startswith("C")).strip()
    if len(name) > longest:
        ending = PurePosixPath(name).suffix[:10]
        name = name[: longest - len(ending)] + ending
    return name or unnamed


def _find(actor: User | None, declaration: Declaration, upload_id: int) -> Upload:
    if actor and not permissions.can_fill_in(actor, declaration):
        raise NotPermittedError("只有本部门的填报人可以导入")
    found = declaration.uploads.filter(pk=upload_id).defer("workbook").first()
    if found is None:
        raise WrongStateError("没有这次上传，请重新上传工作簿")
    return found


def _require_room(declaration: Declaration, size: int) -> None:
    if size > settings.LARGEST_WORKBOOK:
        raise RefusedError(
            f"文件超过 {settings.LARGEST_WORKBOOK // 2**20} MB，请删去其中的图片等无关内容后再上传"
        )
    recent = declaration.uploads.filter(uploaded_at__gt=timezone.now() - _WITHIN)
    sums = recent.aggregate(count=Count("pk"), size=Sum(Length("workbook")))
    if sums["count"] >= _MOST_UPLOADS or (sums["size"] or 0) + size > _MOST_BYTES:
        raise RefusedError("这份申报一小时内上传的工作簿过多，请稍后再上传")


def _too_long(read: Incoming) -> Iterator[CellProblem]:
    """Lists with more rows than are stored."""
    outer = read.records.lists.values()
    nested = (rows for items in outer for item in items for rows in item.lists.values())
    for rows in (*outer, *nested):
        if len(rows) > MOST_ROWS:
            message = f"有一个清单共 {len(rows)} 行，每个清单最多 {MOST_ROWS} 行，请减少行数"
            yield CellProblem(read.sheet, "", message)


def _says_the_same(one: Upload, other: Upload) -> bool:
    """Whether two uploads would do the same, for the same person."""
    return (one.sha256, one.content, one.report, one.uploaded_by_id) == (
        other.sha256,
        other.content,
        other.report,
        other.uploaded_by_id,
    )


def _storable(value: Any) -> Any:
    """JSON without what PostgreSQL cannot hold: NUL, and halves of characters (then “?”)."""
    text = json.dumps(value, ensure_ascii=False).replace("\\u0000", "")
    return json.loads(text.encode(errors="replace").decode())
