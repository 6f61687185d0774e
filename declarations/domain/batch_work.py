"""Working at a batch: any number of workers at once, each item in a transaction of its own.

An item is claimed by locking its row, past those that others have locked. A worker that is killed
loses its connection, and with it the lock and all that it had not finished. So nothing has to be
found out about the dead: the next one who looks finds the item as it was.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from declarations.domain.batch_ends import end_publishing, pack
from declarations.domain.errors import RefusedError
from declarations.domain.files import revision_file
from declarations.domain.publishing import publish
from declarations.models import (
    Batch,
    BatchItem,
    BatchKind,
    BatchState,
    Declaration,
    ItemState,
    Publication,
    StoredFile,
)
from declarations.queries.declarations import with_context
from declarations.queries.documents import edition_for
from declarations.queries.exports import Content, Wanted

_log = logging.getLogger(__name__)

SECONDS = 5.0
"""A worker works so long at a batch before it looks for what else waits."""


def run(batch_id: int, *, seconds: float = SECONDS) -> bool:
    """Works at a batch for some seconds, also where others do; whoever finds every item done
    brings it to its end. Returns whether there is more to do.

    It can be called again after a worker was killed. Raises OperationalError or InterfaceError
    where the database is gone.
    """
    Batch.objects.filter(pk=batch_id, state=BatchState.WAITING).update(
        state=BatchState.RUNNING, started_at=timezone.now()
    )
    batch = Batch.objects.select_related("bureau", "requested_by__bureau").get(pk=batch_id)
    until = time.monotonic() + seconds
    while _do_next(batch):
        if time.monotonic() >= until:
            return True
    return _end(batch)


def _do_next(batch: Batch) -> bool:
    """Makes the next item that nobody has claimed; False where there is none."""
    with transaction.atomic():
        waiting = batch.items.filter(state=ItemState.TODO, batch__state=BatchState.RUNNING)
        free = waiting.select_for_update(of=("self",), skip_locked=True)
        item = free.order_by("position").first()
        if item is None:
            return False
        try:
            with transaction.atomic():
                item.stored = _make(batch, item)
            item.state = ItemState.DONE
        except (OperationalError, InterfaceError):
            raise  # it is not the item's fault
        except RefusedError as refusal:
            item.state, item.error = ItemState.FAILED, str(refusal)
        except Exception:  # noqa: BLE001  (whatever it is, the rest goes on)
            _log.exception("batch %s, item %s", batch.pk, item.position)
            item.state = ItemState.FAILED
            item.error = f"系统出错，请重试；仍不成功请联系系统维护人员（任务 {batch.pk}，第 {item.position} 项）"
        item.save(update_fields=["state", "stored", "error"])
        return True


def _make(batch: Batch, item: BatchItem) -> StoredFile | None:
    """What the item is about. Raises RefusedError with what the person can do about it."""
    if not batch.requested_by.is_active:
        raise RefusedError("发起人的账号已停用，请由其他人员重新发起")
    if batch.kind == BatchKind.PUBLISH:
        _publish(batch, item)
        return None
    wanted = Wanted.from_json(batch.options["filters"])
    if wanted.content is Content.PUBLISHED:
        return _published(item)
    return _internal(batch, item, wanted.content)


def _publish(batch: Batch, item: BatchItem) -> None:
    """Publishes the revision that was chosen, as one does it by hand; again is nothing."""
    in_force = Declaration.objects.values_list("approved", flat=True).get(pk=item.declaration_id)
    if in_force != item.revision_id:
        raise RefusedError("发起后现行版本有变化，请重新审查后公开")
    publish(batch.requested_by, declaration_id=item.declaration_id, reason=batch.options["reason"])


def _published(item: BatchItem) -> StoredFile:
    """The file that was public when the export was asked for, if it still may be."""
    assert item.stored is not None
    of = Publication.objects.filter(declaration=item.declaration_id, files__file=item.stored)
    if not of.filter(withdrawn_at=None).exists():
        raise RefusedError("已撤回公开，没有导出")
    return item.stored


def _internal(batch: Batch, item: BatchItem, content: Content) -> StoredFile:
    """The revision as it is, for who may see it; taken if it was made before."""
    declaration = with_context(Declaration.objects.all()).get(pk=item.declaration_id)
    current = {
        Content.IN_FORCE: declaration.approved,
        Content.UNDER_REVIEW: declaration.handed_in,
    }[content]
    if current is None or current.pk != item.revision_id:
        raise RefusedError("开始导出后版本有变化，请重新导出")
    edition = edition_for(batch.requested_by, declaration, str(current.number))
    if edition is None:
        raise RefusedError("发起人不能再查看这份申报，请由其他人员重新发起")
    return revision_file(declaration, edition, item.format)


def _end(batch: Batch) -> bool:
    """Brings a batch to its end where nothing is left to make; returns whether there may be."""
    if batch.items.filter(state=ItemState.TODO).exists():
        return False  # others have them in hand, and end it; or it was cancelled
    if batch.kind == BatchKind.PUBLISH:
        end_publishing(batch.pk)
    else:
        pack(batch.pk)
    return False
