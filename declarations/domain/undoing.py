"""Undoing: an act on rows or a paste is taken back by the event it left."""

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.errors import RefusedError
from declarations.domain.pasting import unpaste
from declarations.domain.rows import restore_rows
from declarations.models import EventKind, User


def undo(actor: User, *, declaration_id: int, event_id: int) -> str:
    """Takes back a removal or a paste; returns what to say of it. Raises RefusedError."""
    with transaction.atomic(), acting(actor):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        event = declaration.events.filter(
            pk=event_id, kind__in=[EventKind.ROW_REMOVED, EventKind.PASTED]
        ).first()
        if event is None:
            raise RefusedError("这一步不能撤销")
        if declaration.events.filter(kind=EventKind.UNDONE, data__event=event.pk).exists():
            return "已经撤销过了"
        message = "已恢复删除的行"
        if event.kind == EventKind.ROW_REMOVED:
            restore_rows(declaration, event)
        else:
            kept = unpaste(declaration, event)
            message = "已撤销粘贴" + (f"，其中 {kept} 格后来又改过，予以保留" if kept else "")
        touch(actor, declaration)
        record(EventKind.UNDONE, actor=actor, declaration=declaration, event=event.pk)
        return message
