"""Fixtures of the tests of publishers' pages."""

import pytest

from declarations.models import Declaration, Department, User
from tests import factories
from tests.publishing import publisher_of
from tests.publishing_pages import FORM, in_force


@pytest.fixture
def publisher(department: Department) -> User:
    return publisher_of(department.bureau)


@pytest.fixture
def approved(filer: User, reviewer: User, department: Department) -> Declaration:
    """In force, to be published, and open to be adjusted."""
    declaration = factories.declaration_for(department, FORM)
    factories.reschedule(declaration, adjustments_until=30)
    return in_force(filer, reviewer, declaration)
