"""Opening a round: every department gets its declaration, blank and ready to fill in."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from declarations.models import (
    Declaration,
    Department,
    Event,
    EventKind,
    FormTemplate,
    FundingLine,
    Indicator,
    Passage,
    Round,
    Task,
    User,
)
from declarations.queries.forms import form_of
from declarations.sheets.catalogue import INDICATORS, TASK_LISTS
from declarations.sheets.form import Form


def open_round(
    actor: User | None,
    *,
    template: FormTemplate,
    year: int,
    opens_at: datetime,
    deadline: datetime,
    correction_deadline: datetime,
    departments: Iterable[Department],
) -> Round:
    """Opens a round of the template's bureau for the departments."""
    form = form_of(template)
    with transaction.atomic():
        round_ = Round(
            bureau=template.bureau,
            template=template,
            year=year,
            name=f"{year}年{template.name}",
            opens_at=opens_at,
            deadline=deadline,
            correction_deadline=correction_deadline,
        )
        round_.full_clean()
        round_.save()
        for department in departments:
            _start_declaration(form, round_, department)
        Event.objects.create(
            bureau=template.bureau,
            actor=actor,
            kind=EventKind.ROUND_OPENED,
            data={"round": round_.pk, "name": round_.name},
        )
        return round_


def _start_declaration(form: Form, round_: Round, department: Department) -> Declaration:
    """A blank declaration: its funding lines and passages, and one blank row in each list."""
    declaration = Declaration.objects.create(round=round_, department=department)
    keys: dict[str, dict[str, None]] = {"funding": {}, "text": {}}
    for tag in form.fields:
        head, _, rest = tag.partition(".")
        if head in keys:
            keys[head][rest.split(".")[0]] = None
    FundingLine.objects.bulk_create(
        FundingLine(declaration=declaration, key=key) for key in keys["funding"]
    )
    Passage.objects.bulk_create(Passage(declaration=declaration, key=key) for key in keys["text"])
    tasks: dict[str, Task] = {}
    for block in form.blocks():
        if block.list_path[-1] in TASK_LISTS:
            tasks[block.name] = Task.objects.create(
                declaration=declaration, block=block.name, position=0
            )
        elif block.list_path[-1] == INDICATORS:
            owner = tasks.get(block.list_path[0])
            Indicator.objects.create(declaration=declaration, task=owner, position=0)
    return declaration
