"""Fifty people save cells of one declaration at once: one outcome each, and no edit is lost."""

from functools import partial
from typing import Any

import pytest

from declarations.domain.cells import Change, Saved, Status, save_cells
from declarations.domain.errors import WrongStateError
from declarations.domain.submission import submit
from declarations.models import Declaration, Department, EventKind, Passage, State
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import anchors
from tests.races import at_once

PEOPLE = 50

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("connections")]


@pytest.fixture
def filers(department: Department) -> list[Any]:
    return [factories.filer_of(department) for _ in range(PEOPLE)]


def statuses(results: list[Any]) -> list[Status]:
    assert all(isinstance(r, Saved) for r in results), results
    return [result.outcomes[0].status for result in results]


def test_each_in_a_cell_of_their_own(filers, declaration: Declaration) -> None:
    from declarations.domain.rows import add_row

    for _ in range(PEOPLE - 1):
        add_row(filers[0], declaration_id=declaration.pk, list_anchor="tasks")
    cells = anchors(declaration, "tasks.name")
    acts = [
        partial(
            save_cells,
            filer,
            declaration_id=declaration.pk,
            changes=[Change(cell, f"第{number}项", version_of(""))],
        )
        for number, (filer, cell) in enumerate(zip(filers, cells, strict=True))
    ]
    assert statuses(at_once(*acts)) == [Status.SAVED] * PEOPLE
    for number, cell in enumerate(cells):
        assert factories.value_of(declaration, cell) == f"第{number}项"


def test_all_in_one_cell(filers, declaration: Declaration) -> None:
    """One is saved; the others learn whose it was, and keep what they typed."""
    acts = [
        partial(
            save_cells,
            filer,
            declaration_id=declaration.pk,
            changes=[Change("text/overall_goal", f"第{number}人的目标", version_of(""))],
        )
        for number, filer in enumerate(filers)
    ]
    found = statuses(results := at_once(*acts))
    assert sorted(found, key=str) == sorted(
        [Status.SAVED, *[Status.CONFLICT] * (PEOPLE - 1)], key=str
    )
    winner = found.index(Status.SAVED)
    text = f"第{winner}人的目标"
    assert factories.value_of(declaration, "text/overall_goal") == text
    for number, result in enumerate(results):
        outcome = result.outcomes[0]
        assert outcome.text == text
        if number != winner:
            assert outcome.changed_by == filers[winner].name
    history = Passage.pgh_event_model.objects.filter(declaration=declaration, text=text)
    assert [event.pgh_context["user"] for event in history] == [filers[winner].pk]


def test_while_one_submits(filers, declaration: Declaration) -> None:
    """What is saved before is in the revision; what comes after is refused, and not in it."""
    factories.fill_in(filers[0], declaration)
    before = factories.text_of(declaration, "text/overall_goal")
    version = version_of(before)
    acts: list[Any] = [partial(submit, filers[0], declaration_id=declaration.pk)] + [
        partial(
            save_cells,
            filer,
            declaration_id=declaration.pk,
            changes=[Change("text/overall_goal", f"{number}：新的目标", version)],
        )
        for number, filer in enumerate(filers[1:], start=1)
    ]
    factories.explain_hints(filers[0], declaration)
    submitted, *saved = at_once(*acts)
    assert not isinstance(submitted, Exception), submitted
    done = [r for r in saved if isinstance(r, Saved) and r.outcomes[0].status is Status.SAVED]
    refused = [r for r in saved if isinstance(r, WrongStateError)]
    conflicts = [r for r in saved if isinstance(r, Saved) and r not in done]
    assert len(done) + len(refused) + len(conflicts) == PEOPLE - 1, saved
    assert len(done) <= 1
    kept = done[0].outcomes[0].text if done else before
    assert submitted.content["texts"]["overall_goal"] == kept
    assert factories.value_of(declaration, "text/overall_goal") == kept
    assert factories.reread(declaration).state == State.SUBMITTED
    assert declaration.events.filter(kind=EventKind.SUBMITTED).count() == 1
