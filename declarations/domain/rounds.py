"""Opening a round: every department gets its declaration, ready to fill in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from declarations import permissions
from declarations.domain.errors import NotPermittedError, TemplateInUseError
from declarations.domain.templates import choose, one_at_a_time, require_in_use
from declarations.models import (
    Activation,
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
from declarations.queries.prior_years import Amounts, prior_amounts
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
        _start_declarations(form, round_, list(departments))
        Event.objects.create(
            bureau=template.bureau,
            actor=actor,
            kind=EventKind.ROUND_OPENED,
            data={"round": round_.pk, "name": round_.name},
        )
        return round_


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


def _start_declarations(form: Form, round_: Round, departments: Sequence[Department]) -> None:
    """Each department's declaration: its funding lines and passages, and one blank row in
    each list."""
    declarations = Declaration.objects.bulk_create(
        Declaration(round=round_, department=department) for department in departments
    )
    prior = prior_amounts(departments, round_.year)
    FundingLine.objects.bulk_create(
        line
        for declaration in declarations
        for line in _funding_lines(form, declaration, prior.get(declaration.department_id, {}))
    )
    Passage.objects.bulk_create(
        Passage(declaration=declaration, key=key)
        for declaration in declarations
        for key in _keys(form, "text")
    )
    tasks: dict[str, Sequence[Task]] = {}
    for block in form.blocks():
        if block.name in TASK_LISTS:
            tasks[block.name] = Task.objects.bulk_create(
                Task(declaration=declaration, block=block.name, position=0)
                for declaration in declarations
            )
        elif block.name == INDICATORS:
            owners = tasks.get(block.list_path[0], [None] * len(declarations))
            Indicator.objects.bulk_create(
                Indicator(declaration=declaration, task=owner, position=0)
                for declaration, owner in zip(declarations, owners, strict=True)
            )


def _funding_lines(form: Form, declaration: Declaration, prior: Amounts) -> Iterator[FundingLine]:
    """The form's lines with the prior years' amounts, in the columns that the form has."""
    for key in _keys(form, "funding"):
        known = prior.get(key, {})
        columns = {c: a for c, a in known.items() if f"funding.{key}.{c}" in form.fields}
        yield FundingLine(declaration=declaration, key=key, **columns)


def _keys(form: Form, head: str) -> list[str]:
    """The line or passage keys of the form, in its order."""
    tags = (tag.split(".") for tag in form.fields)
    return list(dict.fromkeys(tag[1] for tag in tags if tag[0] == head))
