"""docs/roles.md says what the predicates say."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from declarations import permissions
from declarations.domain.commenting import add_comment
from declarations.models import OF_DEPARTMENTS, Bureau, Comment, Declaration, Role, User
from tests import factories
from tests.keeping import keeper

TEXT = (Path(__file__).parent.parent / "docs" / "roles.md").read_text(encoding="utf-8")
BY_LABEL = {role.label: role for role in Role}
YES = "✓"
OF_TWO_PEOPLE = {"can_manage_person"}
"""What the second table is about."""


def rows() -> list[list[str]]:
    """The cells of every line of a table."""
    lines = [line for line in TEXT.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


HEAD, *ALL = rows()
ROLES = [BY_LABEL[cell] for cell in HEAD[1:-1]]
ACTS = {
    match[1]: {role for role, cell in zip(ROLES, row[1:], strict=False) if cell == YES}
    for row in ALL
    if (match := re.fullmatch(r"`(\w+)`", row[-1]))
}
KEPT = {
    BY_LABEL[row[0].removesuffix(" keeps")]: {
        role for role, cell in zip(ROLES, row[1:], strict=True) if cell == YES
    }
    for row in ALL
    if row[0].endswith(" keeps")
}


def predicates() -> dict[str, Callable[..., bool]]:
    """Everything public in `permissions` that answers whether somebody may."""
    functions = inspect.getmembers(permissions, inspect.isfunction)
    return {name: f for name, f in functions if re.match("can_|reviews_", name)}


def test_every_predicate_is_in_the_table() -> None:
    assert ACTS.keys() | OF_TWO_PEOPLE == predicates().keys()
    assert list(Role) == ROLES


@pytest.fixture
def things(filer: User, reviewer: User, declaration: Declaration) -> dict[type, Any]:
    """What is asked about, each of the own department and bureau."""
    submitted = factories.submitted(filer, declaration)
    author = keeper(filer.bureau, Role.REVIEWER)
    comment = add_comment(author, declaration_id=submitted.pk, anchor="", text="请补充。")
    return {
        Declaration: factories.reread(declaration),
        Bureau: filer.bureau,
        Comment: comment,
    }


@pytest.mark.parametrize("name", ACTS)
def test_the_table_says_who_may(name: str, things: dict[type, Any]) -> None:
    predicate = predicates()[name]
    about = list(inspect.signature(predicate).parameters.values())[1].annotation
    at_home, elsewhere = people(things[Declaration].department), people(other_department())
    found = {role for role in Role if predicate(at_home[role], things[about])}
    assert found == ACTS[name]
    assert [role for role in Role if predicate(elsewhere[role], things[about])] == []


@pytest.mark.django_db
def test_the_table_says_who_keeps_whom() -> None:
    department = other_department()
    at_home, elsewhere = people(department), people(other_department())
    found = {
        keeping: {
            role for role in Role if permissions.can_manage_person(at_home[keeping], at_home[role])
        }
        for keeping in Role
    }
    assert {keeping: kept for keeping, kept in found.items() if kept} == KEPT
    assert not any(
        permissions.can_manage_person(one, other)
        for one in at_home.values()
        for other in elsewhere.values()
    )


def people(department: Any) -> dict[Role, User]:
    return {
        role: keeper(
            department.bureau, role, department=department if role in OF_DEPARTMENTS else None
        )
        for role in Role
    }


def other_department() -> Any:
    return factories.DepartmentFactory.create()
