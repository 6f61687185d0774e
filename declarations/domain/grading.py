"""From which totals on a bureau gives its grades."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError
from declarations.models import Bureau, EventKind, User

SETTINGS = ("grade_excellent", "grade_good", "grade_fair")
"""The columns of `Bureau` that say the least points of 100 for 优, 良 and 中."""


def change_grades(actor: User, *, bureau_id: int, settings: Mapping[str, Decimal]) -> Bureau:
    """Changes the thresholds; the record says from what to what. What is decided stays decided.

    settings: by name, those of SETTINGS. Raises NotPermittedError, ValidationError.
    """
    with transaction.atomic():
        bureau = Bureau.objects.select_for_update(of=("self",), no_key=True).get(pk=bureau_id)
        if not permissions.can_manage_grades(actor, bureau):
            raise NotPermittedError("只有本财政局的系统管理员可以修改等级标准")
        changes = {
            name: [str(getattr(bureau, name)), str(settings[name])]
            for name in SETTINGS
            if name in settings and getattr(bureau, name) != settings[name]
        }
        if changes:
            for name in changes:
                setattr(bureau, name, settings[name])
            bureau.full_clean()
            bureau.save(update_fields=list(changes))
            record(EventKind.GRADES_CHANGED, actor=actor, bureau_id=bureau.pk, changes=changes)
        return bureau
