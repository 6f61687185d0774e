"""The declarations that a round begins with."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from declarations.domain.rows import Row, filled_row
from declarations.models import (
    Declaration,
    Department,
    FundingLine,
    Indicator,
    Passage,
    Round,
    ScoreItem,
    Task,
)
from declarations.queries.prior_years import Amounts, prior_amounts
from declarations.queries.targets import brought_for
from declarations.sheets.catalogue import INDICATORS, SCORES
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records


def start_declarations(form: Form, round_: Round, departments: Sequence[Department]) -> None:
    """Each department's declaration: its funding lines and passages, and one blank row in
    each list.

    Amounts of the years before that the form asks for are filled in from what was approved
    then; the department may change them. A self-evaluation begins with what the department's
    approved target of the year says (`from_target`). A thousand departments take as many
    queries as one.
    """
    brought = brought_for(form, round_, departments)
    declarations = Declaration.objects.bulk_create(
        Declaration(round=round_, department=department, based_on=brought[department.pk].revision)
        if department.pk in brought
        else Declaration(round=round_, department=department)
        for department in departments
    )
    prior = prior_amounts(departments, round_.year)
    starts = [
        (d, brought[d.department_id].records if d.department_id in brought else Records())
        for d in declarations
    ]
    FundingLine.objects.bulk_create(
        line
        for declaration, records in starts
        for line in _funding_lines(
            form, declaration, records, prior.get(declaration.department_id, {})
        )
    )
    Passage.objects.bulk_create(
        Passage(declaration=declaration, key=key, text=records.texts.get(key, ""))
        for declaration, records in starts
        for key in _keys(form, "text")
    )
    ScoreItem.objects.bulk_create(
        ScoreItem(declaration=declaration, key=key)
        for declaration in declarations
        for key in _keys(form, SCORES)
    )
    _start_lists(form, starts)


Start = tuple[Declaration, Records]
"""A new declaration, and what it takes over."""
_BLANK = Item("", 0)


def _start_lists(form: Form, starts: Sequence[Start]) -> None:
    """The rows that were taken over; a blank one in each list to which none came.

    A task from the target has the indicators that it has there, which may be none.
    """
    paths = {block.list_path for block in form.blocks()}
    tasks: list[tuple[Row, list[Item]]] = []  # with what is nested in them
    indicators: list[Row] = []
    for declaration, records in starts:
        for path in (path for path in paths if len(path) == 1):
            for position, item in enumerate(records.lists.get(path[0]) or [_BLANK]):
                place: dict[str, Any] = {"declaration": declaration, "position": position}
                if path[0] == INDICATORS:
                    indicators.append(filled_row(form, path, item, **place))
                    continue
                blank = [_BLANK] if item is _BLANK else []
                task = filled_row(form, path, item, block=path[0], **place)
                tasks.append((task, item.lists.get(INDICATORS, blank)))
    _create(Task, (task for task, _ in tasks))
    for task, nested in tasks:
        assert isinstance(task, Task)
        inner_path = (task.block, INDICATORS)
        for position, item in enumerate(nested if inner_path in paths else ()):
            place = {"declaration": task.declaration, "task": task, "position": position}
            indicators.append(filled_row(form, inner_path, item, **place))
    _create(Indicator, indicators)


def _create(model: type[Row], rows: Iterable[Row]) -> None:
    model._default_manager.bulk_create(rows)  # type: ignore[arg-type]


def _funding_lines(
    form: Form, declaration: Declaration, brought: Records, prior: Amounts
) -> Iterator[FundingLine]:
    """The form's lines with the target's budgets and the prior years' amounts, in the columns
    that the form has."""
    for key in _keys(form, "funding"):
        known = prior.get(key, {}) | brought.funding.get(key, {})
        columns = {c: a for c, a in known.items() if f"funding.{key}.{c}" in form.fields}
        yield FundingLine(declaration=declaration, key=key, **columns)


def _keys(form: Form, head: str) -> list[str]:
    """The line or passage keys of the form, in its order."""
    tags = (tag.split(".") for tag in form.fields)
    return list(dict.fromkeys(tag[1] for tag in tags if tag[0] == head))
