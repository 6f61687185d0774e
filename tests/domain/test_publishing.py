"""公开: checked, published as it was checked, corrected, withdrawn; each once, and consistent."""

import pytest

from declarations.models import Declaration, Publication, User
from declarations.queries.published import records_of
from tests import factories
from tests.publishing import checked, published, publisher_of


@pytest.fixture
def publisher(department) -> User:
    return publisher_of(department.bureau)


def test_what_is_in_force_is_published_with_its_files(filer, reviewer, publisher, declaration):
    publication = published(filer, reviewer, publisher, declaration)
    now = factories.reread(declaration)
    assert publication.revision == now.approved
    assert {f.format for f in publication.files.all()} == {"pdf", "xlsx", "json"}
