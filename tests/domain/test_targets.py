"""改按现行目标, and that no way of writing changes what was approved."""

from typing import Any

import pytest
from django.utils import timezone

from declarations.domain.adjusting import begin_adjustment, give_up_adjustment
from declarations.domain.carrying import carry_over
from declarations.domain.cells import CARRIED, Change, Status, save_cells
from declarations.domain.correcting import correct
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.importing import ChangedSinceError, apply_upload
from declarations.domain.opening import PartClosedError
from declarations.domain.pasting import paste
from declarations.domain.review import return_for_correction
from declarations.domain.rows import ApprovedRowError, add_row, move_row, remove_row
from declarations.domain.targets import follow_target
from declarations.domain.undoing import undo
from declarations.models import Declaration, Department, EventKind, Notice, Revision, User
from declarations.queries.forms import form_for
from declarations.queries.import_preview import preview_of
from declarations.queries.records import load_records
from declarations.queries.targets import Following, following, target_of
from declarations.queries.uploads import Report, base_of
from declarations.sheets.from_target import OF_NO_TASK
from declarations.sheets.records import Records
from tests import factories
from tests.evaluations import (
    add_indicator,
    adjusted,
    approved_target,
    evaluation_for,
    row_named,
)
from tests.factories import reread, type_into, value_of
from tests.uploads import brought, read_already

TASK, HELPED, PLEASED = "残疾人康复", "救助人数", "满意度"


@pytest.fixture
def target(filer: User, reviewer: User, department: Department) -> Declaration:
    """One task and two indicators on a flat form, approved."""
    return approved_target(filer, reviewer, department)


@pytest.fixture
def evaluation(department: Department, target: Declaration) -> Declaration:
    """Started from it."""
    return evaluation_for(department)


def told(filer: User) -> list[str]:
    """The titles of what the filer was told about an evaluation's target."""
    titles = Notice.objects.filter(recipient=filer).order_by("pk").values_list("title", flat=True)
    return [title for title in titles if "有了新的现行版本" in title]


def test_filers_are_told_of_another_target_in_force(
    filer: User, reviewer: User, target: Declaration, evaluation: Declaration
) -> None:
    assert told(filer) == []
    adjusted(filer, reviewer, target)
    (title,) = told(filer)
    assert str(evaluation.round) in title


def test_so_are_those_who_began_before_there_was_one(
    filer: User, reviewer: User, department: Department
) -> None:
    evaluation_for(department)
    approved_target(filer, reviewer, department)
    assert len(told(filer)) == 1


def content(declaration: Declaration) -> Records:
    declaration = reread(declaration)
    return load_records(declaration, form_for(declaration.round))


def lines(declaration: Declaration) -> list[tuple[Any, ...]]:
    """Name, target and what was reached, whether it is the target's."""
    columns = {"task": ("name",), "indicator": ("level3", "target", "actual")}
    return [
        (*(i.values[column] for column in columns[i.kind]), i.source is not None)
        for i in content(declaration).items()
    ]


def looked_at(declaration: Declaration) -> Following:
    declaration = reread(declaration)
    found = target_of(declaration)
    assert found is not None
    return following(declaration, found)


def follow(actor: User, declaration: Declaration) -> object:
    base = looked_at(declaration).base
    return follow_target(actor, declaration_id=declaration.pk, base=base)


# The target is adjusted after the evaluation started


def test_approved_cells_follow_and_what_was_filled_in_stays(
    filer, reviewer, target, evaluation
) -> None:
    type_into(filer, evaluation, **{f"{row_named(evaluation, HELPED)}/actual": "128人"})
    target = adjusted(filer, reviewer, target)
    assert reread(evaluation).based_on_id != target.approved_id
    event = follow(filer, evaluation)
    assert lines(evaluation) == [
        (TASK, True),
        (OF_NO_TASK, True),
        (HELPED, "130人", "128人", True),
        (PLEASED, "90%以上", "", True),
    ]
    assert reread(evaluation).based_on_id == target.approved_id
    assert event == evaluation.events.get(kind=EventKind.TARGET_UPDATED)


def test_what_was_there_is_kept_in_the_history(filer, reviewer, target, evaluation) -> None:
    adjusted(filer, reviewer, target)
    follow(filer, evaluation)
    event = evaluation.events.get(kind=EventKind.TARGET_UPDATED)
    anchor = f"{row_named(evaluation, HELPED)}/target"
    assert (event.data["before"][anchor], event.data["after"][anchor]) == ("120人", "130人")
    assert event.data["target"] == reread(target).approved_id


def test_new_rows_come_and_gone_ones_stay_if_filled_in(filer, reviewer, target, evaluation) -> None:
    row = row_named(evaluation, PLEASED)
    type_into(filer, evaluation, **{f"{row}/actual": "93%"})

    def change() -> None:
        remove_row(filer, declaration_id=target.pk, anchor=row_named(target, PLEASED))
        remove_row(filer, declaration_id=target.pk, anchor=row_named(target, HELPED))
        add_indicator(filer, target, level2="数量指标", level3="培训人数", target="30人")

    adjusted(filer, reviewer, target, change)
    follow(filer, evaluation)
    assert lines(evaluation) == [
        (TASK, True),
        (OF_NO_TASK, True),
        ("培训人数", "30人", "", True),
        (PLEASED, "90%以上", "93%", False),
    ]
    assert evaluation.events.get(kind=EventKind.TARGET_UPDATED).data["orphans"] == [row]
    type_into(filer, evaluation, **{f"{row}/target": "85%以上"})  # one's own now
    remove_row(filer, declaration_id=evaluation.pk, anchor=row)


def test_twice_is_once(filer, reviewer, target, evaluation) -> None:
    adjusted(filer, reviewer, target)
    base = looked_at(evaluation).base
    assert follow_target(filer, declaration_id=evaluation.pk, base=base) is not None
    assert follow_target(filer, declaration_id=evaluation.pk, base=base) is None
    assert evaluation.events.filter(kind=EventKind.TARGET_UPDATED).count() == 1


def test_what_is_not_what_one_looked_at_is_not_done(filer, reviewer, target, evaluation) -> None:
    adjusted(filer, reviewer, target)
    base = looked_at(evaluation).base
    type_into(filer, evaluation, **{f"{row_named(evaluation, HELPED)}/actual": "128人"})
    before = content(evaluation)
    with pytest.raises(ChangedSinceError):
        follow_target(filer, declaration_id=evaluation.pk, base=base)
    assert content(evaluation) == before


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_does_it(
    request, filer, reviewer, target, evaluation, *, who: str
) -> None:
    adjusted(filer, reviewer, target)
    with pytest.raises(NotPermittedError):
        follow(request.getfixturevalue(who), evaluation)


def test_not_while_it_is_reviewed(filer, reviewer, target, evaluation) -> None:
    adjusted(filer, reviewer, target)
    factories.submitted(filer, evaluation)
    with pytest.raises(WrongStateError):
        follow(filer, evaluation)


def test_without_a_target_there_is_nothing_to_follow(filer, department) -> None:
    evaluation = evaluation_for(department)
    assert target_of(evaluation) is None
    with pytest.raises(RefusedError, match="没有本部门本年度已批准的绩效目标"):
        follow_target(filer, declaration_id=evaluation.pk, base="")


def test_where_a_return_left_the_lists_closed_it_is_refused(
    filer, reviewer, target, evaluation
) -> None:
    adjusted(filer, reviewer, target)
    factories.submitted(filer, evaluation)
    return_for_correction(reviewer, declaration_id=evaluation.pk, opinion="请补充。")
    Declaration.objects.filter(pk=evaluation.pk).update(opened_sections=[1])
    before = content(evaluation)
    with pytest.raises(RefusedError, match="本次退回只开放了"):
        follow(filer, evaluation)
    assert content(evaluation) == before


# It started before the target was approved


def test_what_was_typed_before_joins_what_is_approved(filer, reviewer, department) -> None:
    evaluation = evaluation_for(department)
    type_into(filer, evaluation, **{"tasks.name": "残疾人 康复", "tasks.amount": "790"})
    type_into(filer, evaluation, **{"tasks.indicators.level3": HELPED})
    type_into(filer, evaluation, **{"tasks.indicators.actual": "128人"})
    type_into(filer, evaluation, **{"text.overall_goal": "自己写的"})
    target = approved_target(filer, reviewer, department)
    follow(filer, evaluation)
    assert lines(evaluation) == [
        (TASK, True),
        (HELPED, "120人", "128人", True),
        (OF_NO_TASK, True),
        (PLEASED, "90%以上", "", True),
    ]
    assert reread(evaluation).based_on_id == target.approved_id
    assert value_of(evaluation, "text/overall_goal") == "自己写的"
    assert evaluation.tasks.get(name=TASK).amount == 790


def test_undoing_what_was_done_before_leaves_what_is_approved(filer, reviewer, department) -> None:
    evaluation = evaluation_for(department)
    name = factories.anchors(evaluation, "tasks.indicators.level3")[0]
    done = paste(filer, declaration_id=evaluation.pk, anchor=name, block=[[HELPED], ["自己的"]])
    approved_target(filer, reviewer, department)
    follow(filer, evaluation)
    assert done.event is not None
    undo(filer, declaration_id=evaluation.pk, event_id=done.event.pk)
    assert [line[-3:] for line in lines(evaluation) if HELPED in line] == [("120人", "", True)]
    assert not any("自己的" in line for line in lines(evaluation))


# Every way of writing


def test_a_carried_cell_is_not_typed_into(filer, evaluation) -> None:
    anchor = f"{row_named(evaluation, HELPED)}/target"
    saved = save_cells(filer, declaration_id=evaluation.pk, changes=[Change(anchor, "1人", None)])
    (outcome,) = saved.outcomes
    assert (outcome.status, outcome.message, outcome.text) == (Status.CLOSED, CARRIED, "120人")


@pytest.mark.parametrize("name", [TASK, OF_NO_TASK, HELPED])
def test_a_row_of_the_target_is_not_removed(filer, evaluation, name: str) -> None:
    before = content(evaluation)
    with pytest.raises(ApprovedRowError):
        remove_row(filer, declaration_id=evaluation.pk, anchor=row_named(evaluation, name))
    assert content(evaluation) == before


def test_rows_of_ones_own_come_move_and_go(filer, evaluation) -> None:
    own = add_row(filer, declaration_id=evaluation.pk, list_anchor="tasks")
    type_into(filer, evaluation, **{f"{own}/name": "自己的任务"})
    move_row(filer, declaration_id=evaluation.pk, anchor=own, by=-1)
    names = [item.values["name"] for item in content(evaluation).lists["tasks"]]
    assert names == [TASK, "自己的任务", OF_NO_TASK]
    remove_row(filer, declaration_id=evaluation.pk, anchor=own)
    assert len(content(evaluation).lists["tasks"]) == 2


def test_a_row_of_the_target_can_be_moved(filer, evaluation) -> None:
    anchor = row_named(evaluation, OF_NO_TASK)
    move_row(filer, declaration_id=evaluation.pk, anchor=anchor, by=-1)
    first, _ = content(evaluation).lists["tasks"]
    assert first.anchor() == anchor


def test_nothing_is_pasted_over_what_is_approved(filer, evaluation) -> None:
    row = row_named(evaluation, HELPED)
    with pytest.raises(PartClosedError, match="来自已批准的绩效目标"):
        paste(filer, declaration_id=evaluation.pk, anchor=f"{row}/target", block=[["1人"]])
    pasted = paste(
        filer, declaration_id=evaluation.pk, anchor=f"{row}/actual", block=[["128人", "20"]] * 2
    )
    assert {o.status for o in pasted.outcomes} == {Status.SAVED}
    across = [["118人", "1人", "129人"]]  # 上年, the approved target, 完成值
    pasted = paste(filer, declaration_id=evaluation.pk, anchor=f"{row}/prior1", block=across)
    assert pasted.left_over == 1
    assert value_of(evaluation, f"{row}/target") == "120人"
    assert value_of(evaluation, f"{row}/actual") == "129人"


def import_(filer: User, evaluation: Declaration, records: Records) -> None:
    upload = read_already(evaluation, records)
    apply_upload(
        filer,
        declaration_id=evaluation.pk,
        upload_id=upload.pk,
        base=base_of(content(evaluation)),
        confirmed=True,
    )


def test_a_workbook_that_says_otherwise_is_told_so(filer, evaluation) -> None:
    records = brought(evaluation)
    _, apart = records.lists["tasks"]
    first, second = apart.lists["indicators"]
    first.values |= {"target": "90人", "actual": "95人"}
    apart.lists["indicators"] = [first]  # the second is missing
    second.values["actual"] = ""
    preview = preview_of(reread(evaluation), records, Report())
    (difference,) = preview.approved
    assert (difference.before, difference.after) == ("120人", "90人")
    assert PLEASED in preview.kept[0]
    import_(filer, evaluation, records)
    assert lines(evaluation) == [
        (TASK, True),
        (OF_NO_TASK, True),
        (HELPED, "120人", "95人", True),
        (PLEASED, "90%以上", "", True),
    ]


def test_rows_of_the_target_that_a_workbook_lacks_keep_their_places(filer, evaluation) -> None:
    records = brought(evaluation)
    first, apart = records.lists["tasks"]
    own = Records.from_json(records.to_json()).lists["tasks"][0]
    own.id, own.values = -9, {"name": "自己的任务"}
    records.lists["tasks"] = [apart, own]
    import_(filer, evaluation, records)
    names = [item.values["name"] for item in content(evaluation).lists["tasks"]]
    assert names == [TASK, OF_NO_TASK, "自己的任务"]
    assert first.values["name"] == TASK


def test_last_years_rows_come_beside_the_targets(filer, reviewer, department, target) -> None:
    last = evaluation_for(department, year=2022)
    type_into(filer, last, **{"tasks.name": "上年的任务", "tasks.indicators.level3": "上年的指标"})
    factories.approved(filer, reviewer, last)
    evaluation = evaluation_for(department)
    before = lines(evaluation)
    carry_over(filer, declaration_id=evaluation.pk)
    assert [line for line in lines(evaluation) if line[-1]] == before
    assert ("上年的任务", False) in lines(evaluation)


def test_giving_an_adjustment_up_brings_the_older_target_back(
    filer, reviewer, target, evaluation
) -> None:
    based_on = evaluation.based_on_id
    evaluation = factories.approved(filer, reviewer, evaluation)
    before = content(evaluation)
    adjusted(filer, reviewer, target)
    factories.reschedule(evaluation, adjustments_until=5)
    begin_adjustment(filer, declaration_id=evaluation.pk, reason="目标有调整")
    follow(filer, evaluation)
    assert content(evaluation) != before
    give_up_adjustment(filer, declaration_id=evaluation.pk)
    assert content(evaluation) == before
    assert reread(evaluation).based_on_id == based_on


def test_a_row_of_the_target_comes_back_with_its_source(
    filer, reviewer, target, evaluation
) -> None:
    evaluation = factories.approved(filer, reviewer, evaluation)
    before = content(evaluation)
    adjusted(
        filer,
        reviewer,
        target,
        lambda: remove_row(filer, declaration_id=target.pk, anchor=row_named(target, PLEASED)),
    )
    factories.reschedule(evaluation, adjustments_until=5)
    begin_adjustment(filer, declaration_id=evaluation.pk, reason="目标有调整")
    follow(filer, evaluation)
    assert not any(PLEASED in line for line in lines(evaluation))
    give_up_adjustment(filer, declaration_id=evaluation.pk)
    assert content(evaluation) == before


def test_the_bureau_does_not_correct_what_is_the_targets(
    filer, reviewer, target, evaluation
) -> None:
    evaluation = factories.approved(filer, reviewer, evaluation)
    row = row_named(evaluation, HELPED)

    def corrected(column: str, text: str) -> Revision:
        return correct(
            reviewer,
            declaration_id=evaluation.pk,
            changes=[Change(f"{row}/{column}", text, None)],
            reason="录入错误，现予更正",
            base=reread(evaluation).approved.number,  # type: ignore[union-attr]
        )

    with pytest.raises(RefusedError, match="没有这个单元格"):
        corrected("target", "1人")
    revision = corrected("actual", "128人")
    (item,) = [
        i for i in Records.from_json(revision.content).items() if HELPED in i.values.values()
    ]
    assert (item.source, item.carried) == (
        target.indicators.get(level3=HELPED).pk,
        ("level3", "target"),
    )
    assert revision.submitted_at <= timezone.now()
