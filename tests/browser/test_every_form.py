"""axe finds nothing in any form's editor, nor in the page on which it is read."""

import pytest

from tests import factories
from tests.browser.conftest import check_accessible
from tests.contract.filling import filled_with_samples
from tests.contract.forms import WORKBOOKS


@pytest.mark.parametrize("name", sorted(WORKBOOKS))
def test_axe_finds_nothing_on_a_forms_pages(person, filer, department, name: str) -> None:
    declaration = filled_with_samples(filer, department, name)
    page = person(filer).go(f"/declarations/{declaration.pk}/")
    assert page.locator("#sheet [data-version]").count()
    check_accessible(page)
    factories.reschedule(declaration, deadline=-1)
    page.reload()
    assert page.locator("#sheet").count()
    assert not page.locator("#sheet [data-version]").count()
    check_accessible(page)
