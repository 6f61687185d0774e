"""A bureau that reviews in stages: rounds, people and declarations for tests of it."""

from typing import Any

from declarations.domain.rounds import StagePlan
from declarations.models import Declaration, Department, Role, Stage, User
from scoring.review_sheet import STANDARD
from tests import factories
from tests.factories import reread

HEAD = StagePlan("部门负责人审核", by_head=True)
FIRST = StagePlan("归口科室初审", days=5)
LAST = StagePlan("绩效科审定", with_sheet=True)
WITH_SHEET = {"review_sheet": STANDARD.to_json()}
FULL = {c.key: str(c.points) for c in STANDARD.criteria}
"""All the points there are."""


def staged(department: Department, *stages: StagePlan, **fields: Any) -> Declaration:
    """A blank declaration in a round with these stages and the standard review sheet."""
    return factories.declaration_for(department, stages=stages, settings=WITH_SHEET, **fields)


def stage_of(declaration: Declaration, name: str) -> Stage:
    """The stage of a declaration's round by its name."""
    return declaration.round.stages.get(name=name)


def head_of(department: Department, **fields: Any) -> User:
    return factories.UserFactory.create(
        **{
            "bureau": department.bureau,
            "department": department,
            "role": Role.HEAD,
            "name": "负责人甲",
            **fields,
        }
    )


def reviewer_of(department: Department, name: str) -> User:
    return factories.UserFactory.create(bureau=department.bureau, role=Role.REVIEWER, name=name)


def many(
    department: Department, count: int, *stages: StagePlan, **fields: Any
) -> list[Declaration]:
    """So many declarations of other departments of the bureau in one round, all submitted."""
    departments = [
        factories.DepartmentFactory.create(bureau=department.bureau) for _ in range(count)
    ]
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    plan = {"stages": stages} if stages else {}
    round_ = factories.round_for(template, *departments, settings=WITH_SHEET, **plan, **fields)
    found = []
    for each in departments:
        declaration = round_.declarations.get(department=each)
        found.append(factories.submitted(factories.filer_of(each), declaration))
    return [reread(declaration) for declaration in found]
