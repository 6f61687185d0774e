"""A declaration goes its way stage by stage, whatever an update query or SQL asks for."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from declarations.models import (
    Declaration,
    Revision,
    RevisionKind,
    Stage,
    State,
    User,
)
from tests import factories
from tests.models.raw import refused, run

NO_WAY = "Invalid transition|review begins at the first stage"
LEGAL = {
    (State.DRAFT, State.SUBMITTED),
    (State.SUBMITTED, State.RETURNED),
    (State.SUBMITTED, State.APPROVED),
    (State.SUBMITTED, State.DRAFT),
    (State.SUBMITTED, State.ADJUSTING),
    (State.RETURNED, State.SUBMITTED),
    (State.RETURNED, State.APPROVED),
    (State.APPROVED, State.ADJUSTING),
    (State.ADJUSTING, State.SUBMITTED),
    (State.ADJUSTING, State.APPROVED),
}
JUMPS = [(a, b) for a in State for b in State if a != b and (a, b) not in LEGAL]

AWAY: dict[str, Any] = {
    "stage": None,
    "arrived_at": None,
    "reviewer": None,
    "review_begun_at": None,
}
"""The columns of a declaration that is not under review."""


def approved(revision: Revision) -> dict[str, Any]:
    """The columns of a declaration whose revision has come into force."""
    return {"state": State.APPROVED, "approved": revision, "approved_at": timezone.now(), **AWAY}


class Way:
    """A declaration in a round of two stages, and the legal steps."""

    def __init__(self, declaration: Declaration, filer: User) -> None:
        self.declaration, self.filer = declaration, filer
        self.first = declaration.round.stages.get()
        self.second = Stage.objects.create(round=declaration.round, position=2, name="审定")
        self.revision = self.revise(1)

    def revise(self, number: int, kind: RevisionKind = RevisionKind.SUBMISSION) -> Revision:
        return Revision.objects.create(
            declaration=self.declaration,
            number=number,
            kind=kind,
            reason="" if kind is RevisionKind.SUBMISSION else "情况变化",
            content={},
            sha256=str(number) * 64,
            submitted_at=timezone.now(),
            submitted_by=self.filer,
        )

    def set(self, **columns: Any) -> None:
        Declaration.objects.filter(pk=self.declaration.pk).update(**columns)

    def submit(self) -> None:
        self.set(state=State.SUBMITTED, stage=self.first, revision=self.revision)

    def to(self, state: State) -> "Way":
        """Takes it to a state the only way there is."""
        match state:
            case State.SUBMITTED:
                self.submit()
            case State.RETURNED:
                self.submit()
                self.set(state=State.RETURNED, **AWAY)
            case State.APPROVED:
                self.submit()
                self.set(stage=self.second)
                self.set(**approved(self.revision))
            case State.ADJUSTING:
                self.to(State.APPROVED)
                self.set(state=State.ADJUSTING, adjustment_reason="情况变化")
        return self

    @property
    def state(self) -> str:
        return str(factories.reread(self.declaration).state)


@pytest.fixture
def way(declaration: Declaration, filer: User) -> Way:
    return Way(declaration, filer)


@pytest.mark.parametrize(("start", "end"), JUMPS)
def test_states_do_not_jump(way: Way, start: State, end: State) -> None:
    way.to(start)
    with refused(NO_WAY):
        way.set(state=end)
    with refused(NO_WAY):
        run("UPDATE declarations_declaration SET state = %s WHERE id = %s", end, way.declaration.pk)
    declaration = factories.reread(way.declaration)
    declaration.state = end
    with refused(NO_WAY):
        declaration.save()
    assert way.state == start


def test_a_state_that_does_not_exist_is_refused(way: Way) -> None:
    with refused("Invalid transition"):
        way.set(state="published", revision=way.revision)


@pytest.mark.parametrize("state", State)
def test_a_declaration_can_be_touched_in_every_state(way: Way, state: State) -> None:
    way.to(state).set(state=state, edited_at=timezone.now())
    assert factories.reread(way.declaration).edited_at is not None
    assert way.state == state


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
def test_a_declaration_starts_as_draft(way: Way, state: State) -> None:
    other = factories.DepartmentFactory.create(bureau=way.declaration.department.bureau)
    with refused("Cannot insert"):
        Declaration.objects.create(
            round=way.declaration.round, department=other, state=state, revision=way.revision
        )
    # A column left out takes the database's default, or NULL.
    statement = (
        "INSERT INTO declarations_declaration"
        " (round_id, department_id, state, revision_id, adjustment_reason)"
        " VALUES (%s, %s, %s, %s, '')"
    )
    with refused("Cannot insert"):
        run(statement, way.declaration.round_id, other.pk, state, way.revision.pk)


def test_nothing_is_submitted_without_a_revision(way: Way) -> None:
    with refused("declaration_submitted_has_revision", IntegrityError):
        way.set(state=State.SUBMITTED, stage=way.first)


def test_a_submitted_declaration_does_not_lose_its_revision(way: Way) -> None:
    way.to(State.SUBMITTED)
    with refused("declaration_submitted_has_revision", IntegrityError):
        way.set(revision=None)


# Stage by stage


def test_review_begins_at_the_first_stage(way: Way) -> None:
    with refused("review begins at the first stage"):
        way.set(state=State.SUBMITTED, stage=way.second, revision=way.revision)
    with refused("review begins at the first stage"):
        way.set(state=State.SUBMITTED, revision=way.revision)


def test_no_stage_is_passed_over(way: Way) -> None:
    third = Stage.objects.create(round=way.declaration.round, position=3, name="公示")
    way.to(State.SUBMITTED)
    with refused("stage by stage"):
        way.set(stage=third)
    way.set(stage=way.second)
    with refused("stage by stage"):
        way.set(stage=way.first)
    with refused("approved only at the last stage"):
        way.set(**approved(way.revision))
    way.set(stage=third)
    way.set(**approved(way.revision))
    assert way.state == State.APPROVED


def test_only_what_is_under_review_is_at_a_stage(way: Way) -> None:
    way.to(State.SUBMITTED)
    with refused("declaration_under_review_has_stage", IntegrityError):
        way.set(state=State.RETURNED)
    way.to(State.RETURNED)
    with refused("declaration_under_review_has_stage", IntegrityError):
        way.set(reviewer=factories.UserFactory.create(bureau=way.declaration.round.bureau))


def test_a_stage_is_one_of_the_round(way: Way) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    way.to(State.SUBMITTED)
    with refused("different owners|stage by stage"):
        way.set(stage=other.round.stages.get())


@pytest.mark.parametrize("end", [State.DRAFT, State.ADJUSTING])
def test_nothing_begun_is_recalled(way: Way, end: State) -> None:
    way.to(State.ADJUSTING if end is State.ADJUSTING else State.DRAFT)
    way.revision = way.revise(2)
    way.submit()
    way.set(review_begun_at=timezone.now())
    with refused("recalled only before review has begun"):
        way.set(state=end, **AWAY)
    way.set(review_begun_at=None)
    way.set(state=end, **AWAY)
    assert way.state == end


def test_what_is_under_review_is_not_exchanged(way: Way) -> None:
    way.to(State.SUBMITTED)
    way.set(review_begun_at=timezone.now())
    with refused("not exchanged"):
        way.set(revision=way.revise(2))


# In force


def test_only_what_was_approved_is_in_force(way: Way) -> None:
    way.to(State.RETURNED)
    with refused("in force is what was approved"):
        way.set(state=State.APPROVED, approved=way.revision)
    with refused("declaration_approved_is_in_force", IntegrityError):
        way.set(state=State.APPROVED)
    way.submit()
    way.set(stage=way.second)
    another = way.revise(2)
    with refused("in force is what was approved"):
        way.set(**approved(another), revision=another)


def test_an_approved_revision_is_exchanged_only_for_a_correction(way: Way) -> None:
    way.to(State.APPROVED)
    another = way.revise(2)
    with refused("in force is what was approved"):
        way.set(approved=another, revision=another)
    correction = way.revise(3, RevisionKind.CORRECTION)
    way.set(approved=correction, revision=correction)
    assert factories.reread(way.declaration).approved_id == correction.pk


def test_an_adjustment_that_is_given_up_leaves_in_force_what_was(way: Way) -> None:
    way.to(State.ADJUSTING)
    old, way.revision = way.revision, way.revise(2)
    way.submit()
    way.set(state=State.RETURNED, **AWAY)
    with refused("in force is what was approved"):
        way.set(state=State.APPROVED, approved=way.revision)
    way.set(state=State.APPROVED, revision=old, adjustment_reason="")
    assert factories.reread(way.declaration).approved_id == old.pk


def test_an_adjustment_has_a_reason(way: Way) -> None:
    way.to(State.APPROVED)
    with refused("declaration_adjusted_for_a_reason", IntegrityError):
        way.set(state=State.ADJUSTING)


def test_revisions_in_force_and_handed_in_are_its_own(way: Way) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    with refused("different owners"):
        Declaration.objects.filter(pk=other.pk).update(handed_in=way.revision)
    with refused("different owners|in force is what was approved"):
        Declaration.objects.filter(pk=other.pk).update(approved=way.revision)


def test_the_test_knows_every_legal_change() -> None:
    from declarations.models.declarations import TRANSITIONS

    assert set(TRANSITIONS) == LEGAL
