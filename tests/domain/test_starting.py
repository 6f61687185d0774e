"""A self-evaluation begins with what was approved as the year's target."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.models import (
    Declaration,
    DeclarationKind,
    Department,
    FormTemplate,
    Indicator,
    Revision,
    Round,
    Task,
    User,
)
from declarations.queries.forms import form_for
from declarations.sheets.from_target import MADE, OF_NO_TASK
from tests import factories
from tests.evaluations import (
    EVALUATION,
    FLAT_TARGET,
    approved_target,
    evaluation_for,
    fill_target,
)
from tests.factories import type_into
from tests.test_queries import counted


def rows(declaration: Declaration) -> list[tuple[Any, ...]]:
    """Tasks and, behind each, its indicators: name, source, carried."""
    found: list[tuple[Any, ...]] = []
    for task in declaration.tasks.all():
        found.append((task.name, task.approved_from, task.carried))
        found += [(i.level3, i.approved_from, i.carried) for i in task.indicators.all()]
    return found


@pytest.fixture
def target(filer: User, reviewer: User, department: Department) -> Declaration:
    """One task and two indicators on a flat form, approved."""
    return approved_target(filer, reviewer, department)


@pytest.fixture
def in_force(target: Declaration) -> Revision:
    assert target.approved is not None
    return target.approved


def test_it_begins_with_the_approved_target(department, target, in_force) -> None:
    declaration = evaluation_for(department)
    (task,) = target.tasks.all()
    first, second = target.indicators.all()
    assert declaration.based_on == in_force
    assert rows(declaration) == [
        ("残疾人康复", task.pk, ["name"]),
        (OF_NO_TASK, MADE, ["name"]),
        ("救助人数", first.pk, ["level3", "target"]),
        ("满意度", second.pk, ["level3", "target"]),
    ]
    assert declaration.tasks.filter(amount__isnull=False).count() == 0
    assert declaration.passages.get(key="overall_goal").text == "康复有保障"
    line = declaration.funding_lines.get(key="fiscal")
    assert (line.budget, line.executed) == (Decimal("900.00"), None)


def test_what_is_adjusted_later_does_not_reach_back(filer, department, target) -> None:
    declaration = evaluation_for(department)
    target.indicators.update(target="改过")
    assert set(declaration.indicators.values_list("target", flat=True)) == {"120人", "90%以上"}


@pytest.mark.parametrize("state", ["none", "draft", "submitted", "other year", "other department"])
def test_without_an_approved_target_of_the_year_it_begins_blank(
    filer, reviewer, stranger, department, *, state: str
) -> None:
    match state:
        case "draft" | "submitted":
            found = factories.declaration_for(department, FLAT_TARGET)
            if state == "submitted":
                factories.submitted(filer, found)
        case "other year":
            approved_target(filer, reviewer, department, year=2022)
        case "other department":
            approved_target(stranger, reviewer, stranger.department)
    declaration = evaluation_for(department)
    assert declaration.based_on is None
    assert rows(declaration) == [("", None, []), ("", None, [])]


def test_what_is_no_self_evaluation_takes_nothing_over(department, target) -> None:
    template = factories.template_for(department.bureau, EVALUATION, "another-target")
    declaration = factories.round_for(template, department).declarations.get()
    assert declaration.based_on is None
    assert rows(declaration) == [("", None, []), ("", None, [])]


def test_of_two_targets_the_one_approved_last_counts(filer, reviewer, department, target) -> None:
    template = factories.template_for(department.bureau, EVALUATION, "second")
    second = factories.round_for(template, department).declarations.get()
    type_into(filer, second, **{"tasks.name": "就业", "tasks.indicators.level3": "就业人数"})
    second = factories.approved(filer, reviewer, second)
    declaration = evaluation_for(department)
    assert declaration.based_on == second.approved
    assert [name for name, *_ in rows(declaration)] == ["就业", "就业人数"]


def test_last_years_values_come_where_the_form_asks_for_them(
    filer, reviewer, department, target
) -> None:
    last = evaluation_for(department, year=2022)
    type_into(filer, last, **{"tasks.name": "康复", "tasks.indicators.level3": "救助人数"})
    type_into(filer, last, **{"tasks.indicators.actual": "118人"})
    factories.approved(filer, reviewer, last)
    declaration = evaluation_for(department)
    values = declaration.indicators.values_list("level3", "prior1")
    assert dict(values) == {"救助人数": "118人", "满意度": ""}


def test_many_departments_take_as_many_queries_as_one(filer, reviewer, department) -> None:
    others = factories.DepartmentFactory.create_batch(12, bureau=department.bureau)
    counts = []
    for year, departments in ((2023, [department]), (2024, [department, *others])):
        template = factories.template_for(department.bureau, FLAT_TARGET)
        for declaration in factories.round_for(
            template, *departments, year=year
        ).declarations.all():
            fill_target(factories.filer_of(declaration.department), reviewer, declaration)
        kind = DeclarationKind.SELF_EVALUATION
        made = factories.template_for(department.bureau, EVALUATION, "evaluation", kind)
        evaluation = FormTemplate.objects.get(pk=made.pk)
        form_for(Round(template=evaluation))  # parsed once per process
        with counted() as queries:
            round_ = factories.round_for(evaluation, *departments, year=year)
        counts.append(len(queries))
        assert round_.declarations.filter(based_on__isnull=False).count() == len(departments)
    assert counts == [48, 48]


def test_blank_rows_stay_where_nothing_came(filer, reviewer, department) -> None:
    found = factories.declaration_for(department, FLAT_TARGET)
    type_into(filer, found, **{"text.overall_goal": "目标"})
    Indicator.objects.filter(declaration=found).delete()
    Task.objects.filter(declaration=found).delete()
    factories.approved(filer, reviewer, found)
    declaration = evaluation_for(department)
    assert declaration.based_on is not None
    assert rows(declaration) == [("", None, []), ("", None, [])]
