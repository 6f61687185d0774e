"""Fixtures for all tests; makes Django stricter first."""

from typing import Any

import pytest
from django.conf import settings

from declarations.models import Declaration, Department, Role, User
from tests import factories, strictness

strictness.require_of_in_select_for_update()


def pytest_configure(config: pytest.Config) -> None:
    settings.MIDDLEWARE = ["tests.strictness.ReadOnlyGets", *settings.MIDDLEWARE]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _undefined_variables_fail_in_our_templates(_fail_for_invalid_template_variable: None) -> None:
    options = settings.TEMPLATES[0]["OPTIONS"]
    options["string_if_invalid"] = strictness.UndefinedVariable(options["string_if_invalid"])


@pytest.fixture
def department(db: None) -> Department:
    return factories.DepartmentFactory.create(code="panyu-dpf", name="广州市番禺区残疾人联合会")


@pytest.fixture
def filer(department: Department) -> User:
    return factories.filer_of(department, username="filer", name="填报人甲")


@pytest.fixture
def colleague(department: Department) -> User:
    return factories.filer_of(department, username="colleague", name="填报人乙")


@pytest.fixture
def stranger(department: Department) -> User:
    """A filer of another department of the same bureau."""
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    return factories.filer_of(other, username="stranger")


@pytest.fixture
def reviewer(department: Department) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, username="reviewer", name="审核人甲", role=Role.REVIEWER
    )


@pytest.fixture
def administrator(department: Department) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, username="administrator", role=Role.SYSTEM
    )


@pytest.fixture
def outsider(db: None) -> User:
    """A reviewer of another bureau."""
    return factories.UserFactory.create(username="outsider")


@pytest.fixture
def declaration(department: Department) -> Declaration:
    """A blank declaration on Panyu's form, open for filling in."""
    return factories.declaration_for(department)


@pytest.fixture
def as_user(client: Any) -> Any:
    """Logs the test client in as somebody."""

    def log_in(user: User) -> Any:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
