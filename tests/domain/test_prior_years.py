"""What was approved in the two years before is there when a round opens."""

from decimal import Decimal

import pytest

from declarations.domain.rounds import AT_ONCE
from declarations.models import Declaration, DeclarationKind, Department, Round
from declarations.queries.forms import form_for
from declarations.sheets.records import Value
from tests import factories
from tests.factories import entries, type_into, value_of
from tests.sheets.workbooks import workbook
from tests.test_queries import counted

LINES = ("basic", "project")
TARGET = workbook(
    {"A1:D1": "绩效目标申报表", "A2": "项目", "B2": "当年", "C2": "上年", "D2": "前年"}
    | {
        f"{letter}{row}": text
        for row, key in enumerate(LINES, start=3)
        for letter, text in {
            "A": key,
            "B": f"{{{{funding.{key}.budget}}}}",
            "C": f"{{{{funding.{key}.prior1}}}}",
            "D": f"{{{{funding.{key}.prior2}}}}",
        }.items()
    },
    lines=[1],
)
ADJUSTED = workbook(
    {
        "A1:D1": "绩效自评表",
        "A2": "项目",
        "B2": "年初预算",
        "C2": "调整",
        "D2": "实际支出",
        "A3": "基本支出",
        "B3": "{{funding.basic.budget}}",
        "C3": "{{funding.basic.adjustment}}",
        "D3": "{{funding.basic.executed}}",
    },
    lines=[1],
)
"""A form that knows of basic expenditure only, and of no prior years."""


def declared(
    department: Department,
    year: int,
    form: bytes = TARGET,
    kind: DeclarationKind = DeclarationKind.TARGET,
    **texts: str,
) -> Declaration:
    """The department's declaration of a year with these amounts, in 元, not yet submitted."""
    code = kind.replace("_", "-")
    template = factories.template_for(department.bureau, form, code, kind)
    declaration = factories.round_for(template, department, year=year).declarations.get()
    type_into(factories.filer_of(department), declaration, **texts)
    return declaration


def approved(department: Department, year: int, *form: object, **texts: str) -> Declaration:
    """The same, submitted and approved."""
    declaration = declared(department, year, *form, **texts)  # type: ignore[arg-type]
    reviewer = factories.UserFactory.create(bureau=department.bureau)
    return factories.approved(factories.filer_of(department), reviewer, declaration)


def prior(declaration: Declaration, key: str = "basic") -> tuple[Value, Value]:
    """What the new declaration holds of last year and of the year before."""
    return tuple(value_of(declaration, f"funding/{key}/{c}") for c in ("prior1", "prior2"))  # type: ignore[return-value]


def test_the_two_years_before_are_there(department) -> None:
    approved(department, 2021, **{"funding/basic/budget": "21", "funding/project/budget": "210"})
    approved(department, 2022, **{"funding/basic/budget": "22", "funding/project/budget": "220"})
    new = declared(department, 2023)
    assert prior(new) == (Decimal(22), Decimal(21))
    assert prior(new, "project") == (Decimal(220), Decimal(210))
    assert value_of(new, "funding/basic/budget") is None


def test_the_filer_may_change_them(department) -> None:
    approved(department, 2022, **{"funding/basic/budget": "22"})
    new = declared(department, 2023, **{"funding/basic/prior1": "23"})
    assert prior(new) == (Decimal(23), None)


def test_without_earlier_years_they_are_blank(department) -> None:
    approved(department, 2020, **{"funding/basic/budget": "20"})
    assert all(e.is_blank for e in entries(declared(department, 2023)))


def test_the_year_before_last_may_come_from_last_years_declaration(department) -> None:
    approved(department, 2022, **{"funding/basic/budget": "22", "funding/basic/prior1": "21.50"})
    assert prior(declared(department, 2023)) == (Decimal(22), Decimal("21.50"))


def test_its_own_declaration_says_more_than_last_years(department) -> None:
    approved(department, 2021, **{"funding/basic/budget": "21"})
    approved(department, 2022, **{"funding/basic/budget": "22", "funding/basic/prior1": "99"})
    assert prior(declared(department, 2023)) == (Decimal(22), Decimal(21))


def test_the_year_before_last_alone(department) -> None:
    approved(department, 2021, **{"funding/basic/budget": "21"})
    assert prior(declared(department, 2023)) == (None, Decimal(21))


EVALUATION = (ADJUSTED, DeclarationKind.SELF_EVALUATION)


@pytest.mark.parametrize("evaluated_first", [True, False])
def test_what_was_spent_says_more_than_what_was_planned(
    department, *, evaluated_first: bool
) -> None:
    spent = {"funding/basic/budget": "22", "funding/basic/executed": "20"}
    if evaluated_first:
        approved(department, 2022, *EVALUATION, **spent)
    approved(department, 2022, **{"funding/basic/budget": "22", "funding/project/budget": "220"})
    if not evaluated_first:
        approved(department, 2022, *EVALUATION, **spent)
    new = declared(department, 2023)
    assert prior(new) == (Decimal(20), None)
    assert prior(new, "project") == (Decimal(220), None)  # known of the target alone


def test_nothing_spent_is_an_amount(department) -> None:
    spent = {"funding/basic/budget": "22", "funding/basic/executed": "0"}
    approved(department, 2022, *EVALUATION, **spent)
    assert prior(declared(department, 2023)) == (Decimal(0), None)


def test_an_adjustment_counts_where_nothing_is_said_of_spending(department) -> None:
    planned = {"funding/basic/budget": "22", "funding/basic/adjustment": "-2"}
    approved(department, 2022, *EVALUATION, **planned)
    assert prior(declared(department, 2023)) == (Decimal(20), None)


def test_what_a_target_plans_to_spend_is_not_what_was_spent(department) -> None:
    planned = {"funding/basic/budget": "22", "funding/basic/executed": "5"}
    approved(department, 2022, ADJUSTED, DeclarationKind.TARGET, **planned)
    assert prior(declared(department, 2023)) == (Decimal(22), None)


def test_a_form_without_the_columns_stays_as_it_is(department) -> None:
    approved(department, 2022, **{"funding/basic/budget": "22", "funding/project/budget": "220"})
    new = declared(department, 2023, ADJUSTED)
    assert all(e.is_blank for e in entries(new))
    assert new.funding_lines.get().prior1 is None


def test_what_was_not_approved_does_not_count(department) -> None:
    filer = factories.filer_of(department)
    declared(department, 2022, **{"funding/basic/budget": "22"})
    waiting = declared(department, 2021, **{"funding/basic/budget": "21"})
    factories.submitted(filer, waiting)
    assert prior(declared(department, 2023)) == (None, None)


def test_what_was_approved_counts_whatever_is_stored_since(department) -> None:
    last = approved(department, 2022, **{"funding/basic/budget": "22"})
    last.funding_lines.update(budget=Decimal(1))
    assert prior(declared(department, 2023)) == (Decimal(22), None)


def test_each_department_gets_its_own(department) -> None:
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    without = factories.DepartmentFactory.create(bureau=department.bureau)
    reviewer = factories.UserFactory.create(bureau=department.bureau)
    template = factories.template_for(department.bureau, TARGET)
    budgets = {department: "22", other: "33"}
    for last in factories.round_for(template, *budgets, year=2022).declarations.all():
        filer = factories.filer_of(last.department)
        type_into(filer, last, **{"funding/basic/budget": budgets[last.department]})
        factories.approved(filer, reviewer, last)
    opened = factories.round_for(template, department, other, without, year=2023)
    found = {d.department: prior(d)[0] for d in opened.declarations.all()}
    assert found == {department: Decimal(22), other: Decimal(33), without: None}


def test_a_hundred_departments_take_as_many_queries_as_one(department) -> None:
    approved(department, 2022, **{"funding/basic/budget": "22"})
    more = factories.DepartmentFactory.create_batch(AT_ONCE - 1, bureau=department.bureau)
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    form_for(Round(template=template))  # parsed once per process
    counts = []
    for year, departments in ((2023, [department]), (2024, [department, *more])):
        with counted() as queries:
            factories.round_for(template, *departments, year=year)
        counts.append(len(queries))
    assert counts[0] == counts[1]
