"""The declarations that a round begins with."""

from collections.abc import Iterator, Sequence

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
from declarations.sheets.catalogue import INDICATORS, SCORES, TASK_LISTS
from declarations.sheets.form import Form


def start_declarations(form: Form, round_: Round, departments: Sequence[Department]) -> None:
    """Each department's declaration: its funding lines and passages, and one blank row in
    each list.

    Amounts of the years before that the form asks for are filled in from what was approved
    then; the department may change them. A thousand departments take as many queries as one.
    """
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
    ScoreItem.objects.bulk_create(
        ScoreItem(declaration=declaration, key=key)
        for declaration in declarations
        for key in _keys(form, SCORES)
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
