"""GET declarations/<pk>/revisions/<number>/: an earlier revision, to read."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.rows import remove_row
from declarations.domain.submission import submit
from declarations.models import Declaration
from declarations.queries.history import cell_history
from tests import factories
from tests.factories import type_into

GOAL = "text/overall_goal"


@pytest.fixture
def resubmitted(filer: Any, reviewer: Any, declaration: Declaration) -> Declaration:
    """Returned once, corrected in one cell, and under review again."""
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    return declaration


def page(client: Any, declaration: Declaration, number: int, **query: str) -> Any:
    return client.get(reverse("revision", args=[declaration.pk, number]), query)


def test_an_earlier_revision_reads_as_it_was(as_user, reviewer, resubmitted) -> None:
    text = page(as_user(reviewer), resubmitted, 1).content.decode()
    assert "这是第1版，不是最新的。" in text
    assert "改过的目标" not in text
    assert "请补充依据。" in text


def test_an_earlier_revision_cannot_be_decided_on(as_user, reviewer, resubmitted) -> None:
    text = page(as_user(reviewer), resubmitted, 1, cell=GOAL).content.decode()
    assert reverse("decision", args=[resubmitted.pk]) not in text
    assert reverse("comments", args=[resubmitted.pk]) not in text


def test_the_latest_is_no_earlier_one(as_user, reviewer, resubmitted) -> None:
    text = page(as_user(reviewer), resubmitted, 2).content.decode()
    assert "不是最新的" not in text
    assert "改过的目标" in text


def test_what_changed_can_be_asked_for_later(as_user, filer, reviewer, resubmitted) -> None:
    from declarations.domain.review import pass_on

    pass_on(reviewer, declaration_id=resubmitted.pk)
    client = as_user(filer)
    assert "与第1版相比" not in page(client, resubmitted, 2).content.decode()
    text = page(client, resubmitted, 2, changes="1").content.decode()
    assert "与第1版相比：修改 1 格" in text


def test_the_department_reads_its_own(as_user, filer, colleague, resubmitted) -> None:
    for user in (filer, colleague):
        assert page(as_user(user), resubmitted, 1).status_code == 200


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_a_stranger_gets_404(as_user, request, resubmitted, who: str) -> None:
    assert page(as_user(request.getfixturevalue(who)), resubmitted, 1).status_code == 404


@pytest.mark.parametrize("number", [0, 3, 10**30])
def test_one_that_is_not_there_is_404(as_user, filer, resubmitted, number: int) -> None:
    assert page(as_user(filer), resubmitted, number).status_code == 404


def test_one_of_another_declaration_is_404(as_user, filer, resubmitted) -> None:
    template = resubmitted.round.template
    other = factories.round_for(template, resubmitted.department, year=2024).declarations.get()
    assert page(as_user(filer), other, 1).status_code == 404


def test_a_post_is_refused(as_user, filer, resubmitted) -> None:
    address = reverse("revision", args=[resubmitted.pk, 1])
    assert as_user(filer).post(address).status_code == 405


def test_a_row_removed_since_still_has_its_history(
    as_user, filer, reviewer, declaration: Declaration
) -> None:
    (name,) = factories.anchors(declaration, "tasks.name")
    for text in ("旧名称", "新名称"):
        type_into(filer, declaration, **{name: text})
    factories.returned(filer, reviewer, declaration)
    remove_row(filer, declaration_id=declaration.pk, anchor=name.removesuffix("/name"))
    for user in (filer, reviewer):
        answer = page(as_user(user), declaration, 1, cell=name)
        changes = answer.context["cell_history"]
        assert [(c.before, c.after) for c in changes] == [("旧名称", "新名称"), ("", "旧名称")]
        assert {c.person for c in changes} == {filer.name}


def test_the_history_of_another_declarations_row_is_not_shown(
    as_user, filer, department, declaration: Declaration
) -> None:
    other = factories.declaration_for(department, year=2022)
    (foreign,) = factories.anchors(other, "tasks.name")
    type_into(filer, other, **{foreign: "别处的名称"})
    field = factories.editor_table(declaration).entry(GOAL).field
    assert cell_history(declaration, foreign, field) == []
    assert [c.after for c in cell_history(other, foreign, field)] == ["别处的名称"]
