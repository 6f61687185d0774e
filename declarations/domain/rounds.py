"""Opening a round: every department gets its declaration, ready to fill in."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.domain.errors import NotPermittedError, TemplateInUseError
from declarations.domain.starting import start_declarations
from declarations.domain.templates import choose, one_at_a_time, require_in_use
from declarations.models import (
    Activation,
    Department,
    Event,
    EventKind,
    FormTemplate,
    Round,
    User,
)
from declarations.queries.forms import form_of

DAYS_TO_FILE, DAYS_TO_CORRECT = 30, 15


def open_round(
    actor: User | None,
    *,
    template: FormTemplate,
    year: int,
    opens_at: datetime,
    deadline: datetime,
    correction_deadline: datetime,
    departments: Iterable[Department],
    name: str = "",
) -> Round:
    """Opens a round of the template's bureau for the departments.

    actor: None where the shell does it. name: "" names it after the year and the form. The
    version becomes the one that is activated for the year, if none is. Raises
    ValidationError for dates in the wrong order or a second round of the form in a year,
    RefusedError where the person may not, or the version is retired or not the year's.
    """
    if actor is not None and not permissions.can_open_rounds(actor, template.bureau):
        raise NotPermittedError("只有本财政局的管理员可以开启批次")
    form = form_of(template)
    with transaction.atomic():
        one_at_a_time(template.bureau_id)
        _choose_for_year(actor, template, year)
        round_ = Round(
            bureau=template.bureau,
            template=template,
            year=year,
            name=name or f"{year}年{template.name}",
            opens_at=opens_at,
            deadline=deadline,
            correction_deadline=correction_deadline,
        )
        round_.full_clean()
        round_.save()
        start_declarations(form, round_, list(departments))
        Event.objects.create(
            bureau=template.bureau,
            actor=actor,
            kind=EventKind.ROUND_OPENED,
            data={"round": round_.pk, "name": round_.name},
        )
        return round_


def closing_dates(opens_at: datetime) -> tuple[datetime, datetime]:
    """The deadline and the end of corrections unless they are said: at six in the evening."""
    evening = timezone.localtime(opens_at).replace(hour=18, minute=0, second=0, microsecond=0)
    deadline = evening + timedelta(days=DAYS_TO_FILE)
    return deadline, deadline + timedelta(days=DAYS_TO_CORRECT)


def _choose_for_year(actor: User | None, template: FormTemplate, year: int) -> None:
    """The version must be the year's, or becomes it where the year has none yet."""
    template.refresh_from_db(fields=["retired_at"])
    require_in_use(template)
    chosen = (
        Activation.objects.filter(bureau=template.bureau_id, code=template.code, year=year)
        .select_related("template")
        .defer("template__workbook")
        .first()
    )
    if chosen is not None and chosen.template_id != template.pk:
        raise TemplateInUseError(
            f"{year}年启用的是第{chosen.template.version}版，不能用第{template.version}版开启批次；"
            "要用这一版，请先为这一年启用它"
        )
    choose(actor, template, year)
