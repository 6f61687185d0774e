"""What a reviewer sees of a declaration that comes back."""

from django.urls import reverse

from declarations.domain.rows import add_row
from declarations.domain.submission import submit
from declarations.queries.pages import changes_since, editor_table
from tests import factories


def test_a_cell_made_equal_to_its_neighbour_is_still_shown_as_changed(
    as_user, filer, reviewer, declaration
):
    """In print such cells become one; that must not hide a change from the reviewer."""
    add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    factories.fill_in(filer, declaration)
    _, second = factories.anchors(declaration, "indicators.level2")
    factories.type_into(filer, declaration, **{second: "质量指标"})
    factories.returned(filer, reviewer, declaration)
    factories.type_into(filer, declaration, **{second: "数量指标"})
    submit(filer, declaration_id=declaration.pk)
    page = as_user(reviewer).get(reverse("declaration", args=[declaration.pk])).content.decode()
    assert "与第1版相比：修改 1 格" in page
    assert f'href="?cell={second}"' in page
    assert "质量指标</del>" in page


def test_right_after_a_return_nothing_has_changed(filer, reviewer, declaration):
    """Cells that print as one with their neighbours are no changes either."""
    add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    found = factories.returned(filer, reviewer, declaration)
    assert not changes_since(found.revision, editor_table(found))
