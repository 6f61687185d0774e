"""更正: the bureau corrects cells of what is in force; everybody concerned is told."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.correcting import (
    MOST_CELLS,
    InvalidCellsError,
    correct,
    preview_correction,
)
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.review import pass_on
from declarations.domain.rounds import StagePlan
from declarations.models import (
    Declaration,
    EventKind,
    Notice,
    NoticeKind,
    Revision,
    RevisionKind,
    Role,
    State,
    User,
)
from declarations.queries.forms import form_for
from declarations.queries.history import cell_history
from declarations.queries.records import load_records
from declarations.queries.revisions import revisions_for
from declarations.sheets.records import content_hash
from tests import factories
from tests.factories import anchors, entries, reread, type_into, value_of
from tests.races import at_once
from tests.small_forms import EVERY_KIND, HINTED

GOAL = "text/overall_goal"
BUDGET = "funding/basic/budget"
REASON = "与部门预算批复不一致"


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, name="审核人乙", role=Role.REVIEWER
    )


@pytest.fixture
def head(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, name="负责人", role=Role.HEAD
    )


@pytest.fixture
def approved(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    factories.fill_in(filer, declaration)
    type_into(filer, declaration, **factories.balanced("10"))
    return factories.approved(filer, reviewer, declaration)


def do(actor: User, declaration: Declaration, *, base: int = 1, **texts: str) -> Revision:
    changes = [Change(anchor, text, None) for anchor, text in texts.items()]
    return correct(actor, declaration_id=declaration.pk, changes=changes, reason=REASON, base=base)


def untouched(declaration: Declaration) -> bool:
    """Whether nothing at all was corrected."""
    now = reread(declaration)
    live = content_hash(load_records(now, form_for(now.round)).to_json())
    events = now.events.filter(kind=EventKind.CORRECTED)
    return (
        now.approved is not None
        and live == now.approved.sha256
        and not events.exists()
        and not now.revisions.filter(kind=RevisionKind.CORRECTION).exists()
        and not Notice.objects.filter(kind=NoticeKind.CORRECTED).exists()
    )


def test_a_correction_is_a_revision_in_force(filer, reviewer, approved) -> None:
    before = approved.revision
    revision = do(reviewer, approved, **{GOAL: "更正后的目标"})
    now = reread(approved)
    assert now.state == State.APPROVED
    assert now.revision == now.approved == now.handed_in == revision
    assert (revision.number, revision.kind, revision.reason, revision.submitted_by) == (
        2,
        RevisionKind.CORRECTION,
        REASON,
        reviewer,
    )
    assert revision.content["texts"]["overall_goal"] == "更正后的目标"
    assert before.content["texts"]["overall_goal"] != "更正后的目标"
    live = load_records(now, form_for(now.round)).to_json()
    assert revision.sha256 == content_hash(live) == content_hash(revision.content)
    for user in (filer, reviewer):
        assert [(k.number, k.kind, k.fate, k.previous) for k in revisions_for(user, now)] == [
            (2, "财政局更正", "现行版本", 1),
            (1, "", "原现行版本", None),
        ]


def test_the_event_tells_each_cell_and_the_history_who(reviewer, approved) -> None:
    old = value_of(approved, GOAL)
    revision = do(reviewer, approved, **{GOAL: "更正后的目标"})
    event = approved.events.get(kind=EventKind.CORRECTED)
    assert (event.actor, event.revision) == (reviewer, revision)
    (cell,) = event.data["cells"]
    assert (cell["anchor"], cell["before"], cell["after"]) == (GOAL, old, "更正后的目标")
    assert "目标" in cell["name"]
    assert (event.data["reason"], event.data["following"]) == (REASON, [])
    entry = next(e for e in entries(approved) if e.anchor == GOAL)
    newest = cell_history(reread(approved), GOAL, entry.field)[0]
    assert (newest.person, newest.before, newest.after) == ("审核人甲", old, "更正后的目标")


def test_everybody_of_the_department_is_told_what_became_what(
    filer, colleague, head, stranger, reviewer, approved
) -> None:
    old = value_of(approved, GOAL)
    do(reviewer, approved, **{GOAL: "更正后的目标"})
    notices = Notice.objects.filter(kind=NoticeKind.CORRECTED)
    assert {n.recipient for n in notices} == {filer, colleague, head}
    notice = notices[0]
    assert notice.declaration == approved
    assert "审核人甲 更正了现行版本" in notice.text
    assert f"理由：{REASON}" in notice.text
    assert f"“{old}”改为“更正后的目标”" in notice.text


def test_computed_cells_follow_and_are_told(reviewer, approved) -> None:
    changes = {"funding/basic/budget": "12", "funding/fiscal/budget": "12"}
    changes["funding/district/budget"] = "12"
    made = preview_correction(
        reviewer,
        declaration_id=approved.pk,
        changes=[Change(a, t, None) for a, t in changes.items()],
        base=1,
    )
    assert {(c.anchor, c.before, c.after) for c in made.cells} == {
        (anchor, "10.00", "12.00") for anchor in changes
    }
    assert made.following
    assert all(c.anchor.startswith("computed/") for c in made.following)
    assert untouched(approved)
    do(reviewer, approved, **changes)
    event = approved.events.get(kind=EventKind.CORRECTED)
    assert [c["after"] for c in event.data["following"]] == [c.after for c in made.following]


def test_what_would_have_to_be_corrected_then_is_refused(reviewer, approved) -> None:
    changes = [Change(GOAL, "", None)]
    made = preview_correction(reviewer, declaration_id=approved.pk, changes=changes, base=1)
    assert [f.code for f in made.in_the_way] == ["required"]
    with pytest.raises(RefusedError, match=r"更正后会出现必须修正的问题，不能更正：.+请填写"):
        do(reviewer, approved, **{GOAL: ""})
    assert untouched(approved)


def test_hints_keep_their_explanation_and_new_ones_have_the_reason(
    filer, reviewer, department
) -> None:
    declaration = factories.declaration_for(department, HINTED)
    office, staff, travel = (f"funding/{key}/budget" for key in ("office", "staff", "travel"))
    type_into(filer, declaration, **{office: "100", staff: "120", travel: "50"})
    factories.approved(filer, reviewer, declaration)
    changes = [Change(travel, "130", None)]
    made = preview_correction(reviewer, declaration_id=declaration.pk, changes=changes, base=1)
    assert [f.code for f in made.caused] == ["rule.travel"]
    assert (made.cured, made.in_the_way) == ([], [])
    revision = do(reviewer, declaration, **{travel: "130"})
    said = {f["code"]: (f["explanation"], f["explained_by"]) for f in revision.findings}
    assert said == {
        "rule.staff": ("情况属实。", "填报人甲"),
        "rule.travel": (REASON, "审核人甲（财政局更正）"),
    }
    changes = [Change(travel, "50", None)]
    made = preview_correction(reviewer, declaration_id=declaration.pk, changes=changes, base=2)
    assert [f.code for f in made.cured] == ["rule.travel"]


def test_what_cannot_be_read_is_said_of_each_cell(filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    factories.approved(filer, reviewer, declaration)
    with pytest.raises(InvalidCellsError, match="有 2 格填写的内容有误") as refused:
        do(
            reviewer,
            declaration,
            **{"text/day": "昨天", "funding/general/budget": "很多", "text/line": "好"},
        )
    assert set(refused.value.problems) == {"text/day", "funding/general/budget"}
    assert untouched(declaration)


def test_values_are_kept_as_their_columns_keep_them(filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    factories.approved(filer, reviewer, declaration)
    (people,) = anchors(declaration, "tasks.extra.people")
    revision = do(reviewer, declaration, **{"funding/general/budget": "12.3", people: "7"})
    now = reread(declaration)
    live = load_records(now, form_for(now.round)).to_json()
    assert revision.sha256 == content_hash(live)
    assert live["funding"]["general"]["budget"] == "123000.00"


@pytest.mark.parametrize("anchor", ["nonsense", "computed/A16", "task/0/name", "text/²"])
def test_only_cells_that_one_fills_in(reviewer, approved, anchor: str) -> None:
    with pytest.raises(RefusedError, match="表中没有这个单元格"):
        do(reviewer, approved, **{anchor: "1"})
    assert untouched(approved)


def test_a_correction_changes_something(reviewer, approved) -> None:
    with pytest.raises(RefusedError, match="没有需要更正的"):
        do(reviewer, approved, **{GOAL: value_of(approved, GOAL)})
    with pytest.raises(RefusedError, match="没有需要更正的"):
        do(reviewer, approved)
    assert untouched(approved)


def test_a_correction_is_not_a_new_filing(reviewer, approved) -> None:
    many = {f"task/{n}/name": "新" for n in range(MOST_CELLS + 1)}
    with pytest.raises(RefusedError, match=f"一次最多更正 {MOST_CELLS} 格"):
        do(reviewer, approved, **many)


@pytest.mark.parametrize("reason", ["", " \n", "改了"])
def test_a_reason_says_something(reviewer, approved, reason: str) -> None:
    with pytest.raises(RefusedError, match="请写明更正理由"):
        correct(
            reviewer,
            declaration_id=approved.pk,
            changes=[Change(GOAL, "新", None)],
            reason=reason,
            base=1,
        )
    assert untouched(approved)


@pytest.mark.parametrize("who", ["filer", "head", "stranger", "administrator", "outsider"])
def test_only_reviewers_correct(request, approved, who: str) -> None:
    with pytest.raises(NotPermittedError, match="只有最后一个审核环节的审核人可以更正"):
        do(request.getfixturevalue(who), approved, **{GOAL: "新"})
    assert untouched(approved)


def test_only_reviewers_of_the_last_stage(filer, reviewer, second_reviewer, department) -> None:
    stages = (
        StagePlan("初审", reviewers=[reviewer]),
        StagePlan("复审", reviewers=[second_reviewer]),
    )
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    pass_on(reviewer, declaration_id=declaration.pk)
    pass_on(second_reviewer, declaration_id=declaration.pk)
    with pytest.raises(NotPermittedError):
        do(reviewer, declaration, **{GOAL: "新"})
    do(second_reviewer, declaration, **{GOAL: "新"})


def test_any_reviewer_where_the_head_alone_decided(filer, head, reviewer, department) -> None:
    stages = (StagePlan("部门审核", by_head=True),)
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    pass_on(head, declaration_id=declaration.pk)
    do(reviewer, declaration, **{GOAL: "新"})


def test_not_what_is_not_in_force_or_is_being_adjusted(filer, reviewer, declaration) -> None:
    with pytest.raises(WrongStateError, match="尚未审核通过，不能更正"):
        do(reviewer, declaration, **{GOAL: "新"})
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=5)
    begin_adjustment(filer, declaration_id=declaration.pk, reason="预算追加需要调整")
    with pytest.raises(WrongStateError, match="部门正在调整这份申报，不能同时更正"):
        do(reviewer, declaration, **{GOAL: "新"})
    assert untouched(declaration)


def test_not_on_what_somebody_has_corrected_since(reviewer, second_reviewer, approved) -> None:
    do(second_reviewer, approved, **{GOAL: "乙更正的"})
    with pytest.raises(WrongStateError, match="又被更正或调整过，请重新打开核对后再更正"):
        do(reviewer, approved, **{GOAL: "甲更正的"})
    assert value_of(approved, GOAL) == "乙更正的"


def test_twice_is_once(reviewer, approved) -> None:
    assert do(reviewer, approved, **{GOAL: "新"}) == do(reviewer, approved, **{GOAL: "新"})
    assert approved.events.filter(kind=EventKind.CORRECTED).count() == 1
    assert reread(approved).approved.number == 2


def test_a_correction_may_follow_another(reviewer, approved) -> None:
    do(reviewer, approved, **{GOAL: "新"})
    do(reviewer, approved, base=2, **{GOAL: "更新"})
    assert reread(approved).approved.number == 3


def test_sql_cannot_put_in_force_what_was_neither_approved_nor_corrected(
    filer, reviewer, approved
) -> None:
    made_up = Revision.objects.create(
        declaration=approved,
        number=9,
        content={},
        sha256="0" * 64,
        submitted_at=approved.revision.submitted_at,
        submitted_by=filer,
    )
    refused = pytest.raises(DatabaseError, match="in force is what was approved or corrected")
    with refused, transaction.atomic():
        Declaration.objects.filter(pk=approved.pk).update(approved=made_up, revision=made_up)


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_correct_at_once(reviewer, second_reviewer, approved) -> None:
    results = at_once(
        lambda: do(reviewer, approved, **{GOAL: "甲更正的"}),
        lambda: do(second_reviewer, approved, **{GOAL: "乙更正的"}),
    )
    assert sorted(type(r).__name__ for r in results) == ["Revision", "WrongStateError"]
    event = approved.events.get(kind=EventKind.CORRECTED)
    assert event.data["cells"][0]["after"] == value_of(approved, GOAL)
    assert reread(approved).approved.number == 2


@pytest.mark.django_db(transaction=True)
def test_a_correction_and_an_adjustment_at_once(filer, reviewer, approved) -> None:
    factories.reschedule(approved, adjustments_until=5)
    results = at_once(
        lambda: do(reviewer, approved, **{GOAL: "更正的"}),
        lambda: begin_adjustment(filer, declaration_id=approved.pk, reason="预算追加需要调整"),
    )
    now = reread(approved)
    assert now.state == State.ADJUSTING
    corrected = not isinstance(results[0], WrongStateError)
    assert now.approved.number == (2 if corrected else 1)
    live = content_hash(load_records(now, form_for(now.round)).to_json())
    assert live == now.approved.sha256
