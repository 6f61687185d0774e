"""调整: what was approved is changed for a reason, through the same review, or left as it was."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.domain.adjusting import (
    LONGEST_REASON,
    begin_adjustment,
    give_up_adjustment,
)
from declarations.domain.commenting import add_comment
from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.pasting import paste
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.domain.rows import add_row, move_row, remove_row
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import Comment, Declaration, EventKind, RevisionKind, State, User
from declarations.queries.forms import form_for
from declarations.queries.history import cell_history
from declarations.queries.records import load_records
from declarations.queries.revisions import revisions_for
from declarations.sheets.records import content_hash
from tests import factories
from tests.factories import anchors, entries, reread, type_into, value_of
from tests.races import at_once
from tests.small_forms import EVERY_KIND, NESTED
from tests.test_queries import counted

GOAL = "text/overall_goal"
REASON = "预算追加，目标需要调整"


@pytest.fixture
def approved(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """Approved, and open to be adjusted."""
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    return reread(declaration)


@pytest.fixture
def adjusting(filer: User, approved: Declaration) -> Declaration:
    begin_adjustment(filer, declaration_id=approved.pk, reason=REASON)
    return reread(approved)


def live(declaration: Declaration) -> str:
    """What the live records are, as their hash."""
    found = reread(declaration)
    return content_hash(load_records(found, form_for(found.round)).to_json())


def numbers(declaration: Declaration) -> tuple[str, int, int, int]:
    """State, and the numbers of the current, the bureau's and the revision in force."""
    now = reread(declaration)
    assert now.revision is not None
    assert now.handed_in is not None
    assert now.approved is not None
    return now.state, now.revision.number, now.handed_in.number, now.approved.number


# Beginning


def test_it_begins_with_a_reason_and_what_is_in_force_stays(filer, approved) -> None:
    begin_adjustment(filer, declaration_id=approved.pk, reason=f"  {REASON}\r\n")
    assert numbers(approved) == (State.ADJUSTING, 1, 1, 1)
    assert reread(approved).adjustment_reason == REASON
    event = approved.events.get(kind=EventKind.ADJUSTMENT_BEGUN)
    assert (event.actor, event.revision, event.data) == (
        filer,
        approved.approved,
        {"reason": REASON},
    )


@pytest.mark.parametrize("reason", ["", " \n\u3000", "追加"])
def test_a_reason_says_something(filer, approved, reason: str) -> None:
    with pytest.raises(RefusedError, match="请写明调整理由，至少 5 个字"):
        begin_adjustment(filer, declaration_id=approved.pk, reason=reason)
    assert reread(approved).state == State.APPROVED


def test_a_reason_is_not_endless(filer, approved) -> None:
    with pytest.raises(RefusedError, match="调整理由最多 1000 字，现有 1001 字"):
        begin_adjustment(filer, declaration_id=approved.pk, reason="字" * (LONGEST_REASON + 1))
    begin_adjustment(filer, declaration_id=approved.pk, reason="字" * LONGEST_REASON)


def test_twice_is_once_but_anothers_is_refused(filer, colleague, approved) -> None:
    for _ in range(2):
        begin_adjustment(filer, declaration_id=approved.pk, reason=REASON)
    assert approved.events.filter(kind=EventKind.ADJUSTMENT_BEGUN).count() == 1
    with pytest.raises(WrongStateError, match="只有已通过的申报可以调整"):
        begin_adjustment(colleague, declaration_id=approved.pk, reason=REASON)


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_only_its_filers_adjust(request, approved, who: str) -> None:
    user = request.getfixturevalue(who)
    with pytest.raises(NotPermittedError, match="只有本部门的填报人可以申请调整"):
        begin_adjustment(user, declaration_id=approved.pk, reason=REASON)
    with pytest.raises(NotPermittedError, match="只有本部门的填报人可以放弃调整"):
        give_up_adjustment(user, declaration_id=approved.pk)


@pytest.mark.parametrize("make", ["draft", "submitted", "returned"])
def test_only_what_was_approved_is_adjusted(filer, reviewer, declaration, make: str) -> None:
    factories.reschedule(declaration, adjustments_until=30)
    if make == "submitted":
        factories.submitted(filer, declaration)
    elif make == "returned":
        factories.returned(filer, reviewer, declaration)
    with pytest.raises(WrongStateError, match="只有已通过的申报可以调整"):
        begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    with pytest.raises(WrongStateError, match="没有正在进行的调整"):
        give_up_adjustment(filer, declaration_id=declaration.pk)


def test_only_while_the_round_takes_adjustments(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    with pytest.raises(WindowClosedError, match="本批次不受理调整"):
        begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    factories.reschedule(declaration, opens_at=-20, adjustments_until=-1)
    with pytest.raises(WindowClosedError, match=r"调整已于 .* 截止"):
        begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)


def test_the_database_wants_a_reason_and_something_in_force(filer, approved) -> None:
    row = Declaration.objects.filter(pk=approved.pk)
    no_reason = pytest.raises(IntegrityError, match="declaration_adjusted_for_a_reason")
    with no_reason, transaction.atomic():
        row.update(state=State.ADJUSTING)
    nothing = pytest.raises(DatabaseError, match="in force is what was approved or corrected")
    with nothing, transaction.atomic():
        row.update(state=State.ADJUSTING, adjustment_reason="理由", approved=None)


# Through the same review


def test_it_passes_the_same_stages_and_is_then_in_force(filer, reviewer, department) -> None:
    stages = (StagePlan("初审"), StagePlan("复审"))
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    for _ in stages:
        pass_on(reviewer, declaration_id=declaration.pk)
    factories.reschedule(declaration, adjustments_until=30)
    begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    type_into(filer, declaration, **{GOAL: "调整后的目标"})
    revision = submit(filer, declaration_id=declaration.pk)
    assert (revision.kind, revision.reason) == (RevisionKind.ADJUSTMENT, REASON)
    assert numbers(declaration) == (State.SUBMITTED, 2, 2, 1)
    assert reread(declaration).stage.name == "初审"
    pass_on(reviewer, declaration_id=declaration.pk)
    assert numbers(declaration) == (State.SUBMITTED, 2, 2, 1)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="理由不足。")
    type_into(filer, declaration, **{GOAL: "再调整的目标"})
    assert submit(filer, declaration_id=declaration.pk).kind == RevisionKind.ADJUSTMENT
    for _ in stages:
        pass_on(reviewer, declaration_id=declaration.pk)
    assert numbers(declaration) == (State.APPROVED, 3, 3, 3)
    assert reread(declaration).adjustment_reason == ""
    known = revisions_for(filer, reread(declaration))
    assert [(k.number, k.kind, k.fate, k.previous) for k in known] == [
        (3, "调整", "现行版本", 2),
        (2, "调整", "已退回", 1),
        (1, "", "原现行版本", None),
    ]


def test_an_adjustment_changes_something(filer, adjusting) -> None:
    with pytest.raises(RefusedError, match="与现行版本相比没有任何修改"):
        submit(filer, declaration_id=adjusting.pk)
    assert reread(adjusting).state == State.ADJUSTING


def test_it_is_handed_in_in_time(filer, adjusting) -> None:
    type_into(filer, adjusting, **{GOAL: "调整后的目标"})
    factories.reschedule(adjusting, deadline=-1, adjustments_until=-1)
    with pytest.raises(WindowClosedError, match="调整已于"):
        submit(filer, declaration_id=adjusting.pk)
    give_up_adjustment(filer, declaration_id=adjusting.pk)
    assert numbers(adjusting) == (State.APPROVED, 1, 1, 1)


def test_what_follows_the_approval_is_a_further_one(filer, reviewer, adjusting) -> None:
    type_into(filer, adjusting, **{GOAL: "调整后的目标"})
    submit(filer, declaration_id=adjusting.pk)
    pass_on(reviewer, declaration_id=adjusting.pk)
    begin_adjustment(filer, declaration_id=adjusting.pk, reason="再次追加预算")
    type_into(filer, adjusting, **{GOAL: "第二次调整"})
    give_up_adjustment(filer, declaration_id=adjusting.pk)
    assert numbers(adjusting) == (State.APPROVED, 2, 2, 2)
    assert value_of(adjusting, GOAL) == "调整后的目标"


# Giving up


def test_giving_up_puts_everything_back_under_the_same_anchors(filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    (task,) = anchors(declaration, "tasks.name")
    paste(filer, declaration_id=declaration.pk, anchor=task, block=[["甲", "1"], ["乙", "2"]])
    targets = anchors(declaration, "tasks.indicators.target")
    type_into(filer, declaration, **dict.fromkeys(targets, "90%"))
    factories.submitted(filer, declaration)
    comment = add_comment(reviewer, declaration_id=declaration.pk, anchor=targets[0], text="好")
    pass_on(reviewer, declaration_id=declaration.pk)
    factories.reschedule(declaration, adjustments_until=30)
    before = live(declaration)
    begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    type_into(filer, declaration, **{targets[0]: "95%"})
    first, second = (a.rpartition("/")[0] for a in anchors(declaration, "tasks.name"))
    move_row(filer, declaration_id=declaration.pk, anchor=second, by=-1)
    remove_row(filer, declaration_id=declaration.pk, anchor=first)
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    draft = load_records(reread(declaration), form_for(declaration.round)).to_json()
    assert live(declaration) != before

    give_up_adjustment(filer, declaration_id=declaration.pk)
    assert live(declaration) == before == reread(declaration).approved.sha256
    assert anchors(declaration, "tasks.indicators.target") == targets
    assert Comment.objects.get().anchor == comment.anchor == targets[0]
    entry = next(e for e in entries(declaration) if e.anchor == targets[0])
    history = [c.after for c in cell_history(declaration, targets[0], entry.field)]
    assert history[0] == "90%"
    assert "95%" in history
    event = declaration.events.get(kind=EventKind.ADJUSTMENT_GIVEN_UP)
    assert (event.actor, event.data) == (filer, {"reason": REASON, "content": draft})


def test_a_returned_adjustment_can_be_given_up(filer, reviewer, adjusting) -> None:
    type_into(filer, adjusting, **{GOAL: "调整后的目标"})
    submit(filer, declaration_id=adjusting.pk)
    with pytest.raises(WrongStateError, match="调整已提交审核，不能放弃"):
        give_up_adjustment(filer, declaration_id=adjusting.pk)
    return_for_correction(reviewer, declaration_id=adjusting.pk, opinion="理由不足。")
    Declaration.objects.filter(pk=adjusting.pk).update(opened_sections=[0])
    give_up_adjustment(filer, declaration_id=adjusting.pk)
    assert numbers(adjusting) == (State.APPROVED, 1, 1, 1)
    assert live(adjusting) == reread(adjusting).approved.sha256
    now = reread(adjusting)
    assert (now.adjustment_reason, now.opened_sections) == ("", None)
    assert [(k.number, k.fate) for k in revisions_for(reviewer, now)] == [
        (2, "已退回"),
        (1, "现行版本"),
    ]
    begin_adjustment(filer, declaration_id=adjusting.pk, reason="换一个理由再调整")
    type_into(filer, adjusting, **{GOAL: "另一个目标"})
    submit(filer, declaration_id=adjusting.pk)
    assert [k.previous for k in revisions_for(reviewer, reread(adjusting))] == [1, 1, None]


def test_giving_up_twice_is_once(filer, adjusting) -> None:
    for _ in range(2):
        give_up_adjustment(filer, declaration_id=adjusting.pk)
    assert adjusting.events.filter(kind=EventKind.ADJUSTMENT_GIVEN_UP).count() == 1


def test_nothing_in_the_history_where_nothing_was_touched(filer, adjusting) -> None:
    from declarations.models import Passage

    events = Passage.pgh_event_model.objects  # type: ignore[attr-defined]
    before = events.count()
    give_up_adjustment(filer, declaration_id=adjusting.pk)
    assert events.count() == before


@pytest.mark.parametrize("rows", [2, 60])
def test_giving_up_takes_as_many_queries_for_many_rows(
    filer, reviewer, department, rows: int
) -> None:
    declaration = factories.declaration_for(department, NESTED)
    (task,) = anchors(declaration, "tasks.name")
    block = [[f"第{n}街道服务", "1"] for n in range(rows)]
    paste(filer, declaration_id=declaration.pk, anchor=task, block=block)
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
    for anchor in anchors(declaration, "tasks.name")[::2]:
        remove_row(filer, declaration_id=declaration.pk, anchor=anchor.rpartition("/")[0])
    type_into(filer, declaration, **dict.fromkeys(anchors(declaration, "tasks.amount"), "7"))
    with counted() as queries:
        give_up_adjustment(filer, declaration_id=declaration.pk)
    assert len(queries) <= 30, "\n".join(q[:100] for q in queries)


ACTS = st.tuples(
    st.sampled_from(["type", "add", "remove", "move", "undo"]),
    st.integers(0, 999),
    st.sampled_from(["", "1", "2023-02-03", "甲", "12.345", "长一些的文字\n第二行"]),
)


def do(filer: User, declaration: Declaration, act: str, pick: int, text: str) -> None:
    """One random act of a filer; what is refused changes nothing."""
    from declarations.domain.cells import Change, save_cells

    cells = entries(declaration)
    rows = sorted({e.anchor.rpartition("/")[0] for e in cells if e.anchor.count("/") == 2})
    rows = [r for r in rows if r.startswith(("task/", "indicator/"))]
    where: dict[str, Any] = {"declaration_id": declaration.pk}
    match act:
        case "type" if cells:  # where all rows are gone there is nothing to type into
            change = Change(cells[pick % len(cells)].anchor, text, None)
            save_cells(filer, **where, changes=[change])
        case "add":
            tasks = [r for r in rows if r.startswith("task/")]
            lists = ["tasks", *(f"{task}/indicators" for task in tasks)]
            form = {".".join(b.list_path) for b in form_for(declaration.round).blocks()}
            lists = lists if "tasks.indicators" in form else lists[:1]
            add_row(filer, **where, list_anchor=lists[pick % len(lists)])
        case "remove" if rows:
            remove_row(filer, **where, anchor=rows[pick % len(rows)])
        case "move" if rows:
            move_row(filer, **where, anchor=rows[pick % len(rows)], by=pick % 5 - 2)
        case "undo":
            event = declaration.events.filter(kind=EventKind.ROW_REMOVED).first()
            if event is not None:
                undo(filer, **where, event_id=event.pk)


@pytest.mark.parametrize("form", [NESTED, EVERY_KIND], ids=["nested", "every kind"])
def test_any_edits_given_up_leave_what_was_approved(
    filer, reviewer, department, form: bytes
) -> None:
    declaration = factories.declaration_for(department, form)
    (task,) = anchors(declaration, "tasks.name")
    paste(filer, declaration_id=declaration.pk, anchor=task, block=[["甲"], ["乙"], ["丙"]])
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    approved = reread(declaration).approved.sha256

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(ACTS, min_size=1, max_size=12))
    def given_up(acts: list[tuple[str, int, str]]) -> None:
        begin_adjustment(filer, declaration_id=declaration.pk, reason=REASON)
        for act, pick, text in acts:
            try:
                with transaction.atomic():
                    do(filer, declaration, act, pick, text)
            except RefusedError:
                pass
        give_up_adjustment(filer, declaration_id=declaration.pk)
        assert live(declaration) == approved

    given_up()


# At once


@pytest.mark.django_db(transaction=True)
def test_giving_up_and_submitting_at_once(filer, colleague, adjusting) -> None:
    type_into(filer, adjusting, **{GOAL: "调整后的目标"})
    results = at_once(
        lambda: give_up_adjustment(filer, declaration_id=adjusting.pk),
        lambda: submit(colleague, declaration_id=adjusting.pk),
    )
    refused = [r for r in results if isinstance(r, Exception)]
    assert [type(r) for r in refused] == [WrongStateError]
    now = reread(adjusting)
    if now.state == State.SUBMITTED:
        assert now.revision.content["texts"]["overall_goal"] == "调整后的目标"
        assert value_of(adjusting, GOAL) == "调整后的目标"
    else:
        assert numbers(adjusting) == (State.APPROVED, 1, 1, 1)
        assert live(adjusting) == now.approved.sha256
