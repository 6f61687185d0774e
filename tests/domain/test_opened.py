"""A limited return: only the commented sections can be changed, in whatever way it is tried."""

from typing import Any

import pytest

from declarations.domain.carrying import carry_over
from declarations.domain.cells import Change, Status, save_cells
from declarations.domain.commenting import add_comment
from declarations.domain.errors import HasFindingsError, NotPermittedError, RefusedError
from declarations.domain.importing import apply_upload
from declarations.domain.opening import PartClosedError, open_what_must_change
from declarations.domain.pasting import paste
from declarations.domain.recalling import recall
from declarations.domain.review import return_for_correction
from declarations.domain.rows import add_row, move_row, remove_row
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import Declaration, EventKind, State, User
from declarations.queries.forms import form_for
from declarations.queries.import_preview import preview_of
from declarations.queries.pages import editor_table
from declarations.queries.uploads import base_of, what_was_read
from declarations.sheets.table import Access
from declarations.workflow.opened import closed_tags, opened_labels
from tests import factories, uploads
from tests.factories import anchors, reread, text_of, type_into
from tests.sheets.workbooks import workbook

GOAL = "text/overall_goal"
BUDGET = "funding/basic/budget"
SAID = "^本次退回只开放了“年度重点工作任务”，这一部分不能修改$"

NESTED = workbook(
    {
        "A1:E1": "有三部分的表",
        "A2:E2": "填报日期：{{text.fill_date}}",
        "A3": "职能",
        "B3:E3": "{{text.functions}}",
        "A4": "目标",
        "B4": "名称",
        "C4": "三级指标",
        "D4:E4": "指标值",
        "A5": "目标",
        "B5": "{{goals.name}}",
        "C5": "{{goals.indicators.level3}}",
        "D5:E5": "{{goals.indicators.target}}",
        "A6": "其他",
        "B6:E6": "{{text.remarks}}",
    },
    lines=[1],
)


@pytest.fixture
def limited(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """Panyu's form with two tasks and two indicators, returned with only the tasks open."""
    for name in ("tasks", "indicators"):
        add_row(filer, declaration_id=declaration.pk, list_anchor=name)
    first, second = anchors(declaration, "tasks.name")
    type_into(filer, declaration, **{first: "残疾人康复", second: "残疾人就业"})
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor=first, text="请写明名称。")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    return reread(declaration)


def snapshot(declaration: Declaration) -> Any:
    return uploads.content(declaration)


# Which parts are open


def test_only_the_section_with_a_comment_is_open(limited) -> None:
    assert limited.state == State.RETURNED
    assert opened_labels(form_for(limited.round), limited.opened_sections) == ["年度重点工作任务"]


def test_every_cell_of_the_form_is_locked_but_those_of_the_section(limited) -> None:
    table = editor_table(limited)
    found = {
        e.field.tag.split(".")[0]: e.access for e in table.entries() if e.access != Access.COMPUTED
    }
    assert found == {
        "funding": Access.LOCKED,
        "text": Access.LOCKED,
        "tasks": Access.FILLABLE,
        "other_tasks": Access.LOCKED,
        "indicators": Access.LOCKED,
    }
    assert [row.add_to for row in table.rows if row.add_to] == ["tasks"]


def test_what_stands_outside_all_sections_stays_open(department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    form = form_for(declaration.round)
    assert "text.fill_date" not in closed_tags(form, [])
    assert closed_tags(form, []) == {
        "text.functions",
        "text.remarks",
        "goals",
        "goals.name",
        "goals.indicators",
        "goals.indicators.level3",
        "goals.indicators.target",
    }


def test_nothing_is_closed_where_all_was_opened(declaration) -> None:
    assert closed_tags(form_for(declaration.round), None) == frozenset()


def test_a_comment_on_a_row_opens_its_section(filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    (name,) = anchors(declaration, "indicators.level1")
    row = name.rpartition("/")[0]
    add_comment(reviewer, declaration_id=declaration.pk, anchor=row, text="这一行？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    form = form_for(declaration.round)
    assert opened_labels(form, reread(declaration).opened_sections) == ["绩效指标"]


def test_a_comment_on_a_section_opens_it(filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor="section/1", text="目标太笼统。")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    assert reread(declaration).opened_sections == [1]


def test_a_comment_on_a_cell_that_prints_as_one_with_its_neighbour_opens_its_section(
    filer, reviewer, declaration
) -> None:
    add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    factories.submitted(filer, declaration)
    _, second = anchors(declaration, "indicators.level1")
    add_comment(reviewer, declaration_id=declaration.pk, anchor=second, text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    form = form_for(declaration.round)
    assert opened_labels(form, reread(declaration).opened_sections) == ["绩效指标"]


def test_with_a_comment_on_the_whole_alone_no_section_can_be_opened(
    filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    with pytest.raises(RefusedError, match="不能只开放有批注的部分；请选择开放全部内容"):
        return_for_correction(
            reviewer, declaration_id=declaration.pk, opinion="请修改。", only_commented=True
        )
    assert reread(declaration).state == State.SUBMITTED
    assert not declaration.comments.exists()


def test_the_next_return_opens_what_it_says(filer, reviewer, limited) -> None:
    submit(filer, declaration_id=limited.pk)
    return_for_correction(reviewer, declaration_id=limited.pk, opinion="请全面核对。")
    assert reread(limited).opened_sections is None
    type_into(filer, limited, **{GOAL: "现在可以"})


def test_a_recall_leaves_closed_what_was(filer, limited) -> None:
    submit(filer, declaration_id=limited.pk)
    recall(filer, declaration_id=limited.pk)
    assert reread(limited).opened_sections == limited.opened_sections
    with pytest.raises(PartClosedError, match=SAID):
        add_row(filer, declaration_id=limited.pk, list_anchor="indicators")


# Every way of writing


def test_cells_of_other_parts_are_refused_each_by_itself(filer, limited) -> None:
    (task, _) = anchors(limited, "tasks.name")
    changes = [
        Change(anchor, "新的内容", None)
        for anchor in (GOAL, task, BUDGET, first_locked(limited, "indicators.target"))
    ]
    saved = save_cells(filer, declaration_id=limited.pk, changes=changes)
    closed = Status.CLOSED
    assert [o.status for o in saved.outcomes] == [closed, Status.SAVED, closed, closed]
    message = "本次退回只开放了“年度重点工作任务”，这一部分不能修改"
    assert {o.message for o in saved.outcomes if o.status is closed} == {message}
    assert saved.outcomes[0].text == text_of(limited, GOAL) == "文字"


def test_pasting_into_another_part_is_refused(filer, limited) -> None:
    before = snapshot(limited)
    for anchor in (GOAL, first_locked(limited, "indicators.target")):
        with pytest.raises(PartClosedError, match=SAID):
            paste(filer, declaration_id=limited.pk, anchor=anchor, block=[["甲"], ["乙"], ["丙"]])
    assert snapshot(limited) == before


def test_pasting_into_the_open_list_adds_rows_and_goes_no_further(filer, limited) -> None:
    before = snapshot(limited)
    pasted = paste(
        filer,
        declaration_id=limited.pk,
        anchor=anchors(limited, "tasks.name")[0],
        block=[[f"任务{n}"] for n in range(5)],
    )
    assert pasted.added_rows == 3
    assert closed_part(snapshot(limited)) == closed_part(before)


def test_rows_of_other_parts_can_be_neither_added_moved_nor_removed(filer, limited) -> None:
    before = snapshot(limited)
    row = first_locked(limited, "indicators.level1").rpartition("/")[0]
    for act in (
        lambda: add_row(filer, declaration_id=limited.pk, list_anchor="indicators"),
        lambda: add_row(filer, declaration_id=limited.pk, list_anchor="indicators", after=row),
        lambda: move_row(filer, declaration_id=limited.pk, anchor=row, by=1),
        lambda: remove_row(filer, declaration_id=limited.pk, anchor=row),
    ):
        with pytest.raises(PartClosedError, match=SAID):
            act()
    assert snapshot(limited) == before


def test_rows_of_the_open_part_can(filer, limited) -> None:
    added = add_row(filer, declaration_id=limited.pk, list_anchor="tasks")
    move_row(filer, declaration_id=limited.pk, anchor=added, by=-1)
    event = remove_row(filer, declaration_id=limited.pk, anchor=added)
    undo(filer, declaration_id=limited.pk, event_id=event.pk)
    assert added in {a.rpartition("/")[0] for a in anchors(limited, "tasks.name")}


def test_what_was_done_before_is_not_undone_in_another_part(filer, reviewer, declaration) -> None:
    add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    factories.fill_in(filer, declaration)
    row = anchors(declaration, "indicators.level1")[1].rpartition("/")[0]
    removed = remove_row(filer, declaration_id=declaration.pk, anchor=row)
    pasted = paste(filer, declaration_id=declaration.pk, anchor=GOAL, block=[["粘贴的目标"]])
    factories.submitted(filer, declaration)
    (task,) = anchors(declaration, "tasks.name")
    add_comment(reviewer, declaration_id=declaration.pk, anchor=task, text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    before = snapshot(declaration)
    assert pasted.event is not None
    for event in (removed, pasted.event):
        with pytest.raises(PartClosedError, match=SAID):
            undo(filer, declaration_id=declaration.pk, event_id=event.pk)
    assert snapshot(declaration) == before


def test_a_workbook_changes_the_open_part_and_the_preview_tells_what_it_leaves(
    filer, limited
) -> None:
    before = snapshot(limited)
    records = uploads.brought(limited)
    records.texts["overall_goal"] = "改过的目标"
    records.lists["tasks"][0].values["content"] = "改过的内容"
    del records.lists["indicators"][1]
    upload = uploads.read_already(limited, records)
    read, report = what_was_read(upload)
    assert read is not None
    preview = preview_of(reread(limited), read, report)
    assert preview.summary == "修改 1 格"
    assert [s.label for s in preview.sections] == ["年度重点工作任务"]
    assert preview.left_out == ["总体绩效目标", "绩效指标"]
    apply_upload(filer, declaration_id=limited.pk, upload_id=upload.pk, base=preview.base)
    assert text_of(limited, anchors(limited, "tasks.content")[0]) == "改过的内容"
    assert closed_part(snapshot(limited)) == closed_part(before)


def test_a_preview_made_when_more_was_closed_does_not_count(filer, limited) -> None:
    records = uploads.brought(limited)
    records.lists["tasks"][0].values["content"] = "改过的内容"
    upload = uploads.read_already(limited, records)
    base = base_of(uploads.stored(limited), limited.opened_sections)
    Declaration.objects.filter(pk=limited.pk).update(opened_sections=[1, 2])
    with pytest.raises(RefusedError, match="请重新核对"):
        apply_upload(filer, declaration_id=limited.pk, upload_id=upload.pk, base=base)


def test_last_year_is_carried_into_the_open_part_alone(
    filer, reviewer, department, declaration
) -> None:
    last = factories.declaration_for(department, year=2022)
    factories.fill_in(filer, last)
    type_into(
        filer,
        last,
        **{"tasks.name": "上年任务", "indicators.level3": "上年指标的数量、质量、时效、满意度"},
    )
    factories.approved(filer, reviewer, last)
    factories.submitted(filer, declaration)
    (task,) = anchors(declaration, "tasks.name")
    add_comment(reviewer, declaration_id=declaration.pk, anchor=task, text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    before = snapshot(declaration)
    carry_over(filer, declaration_id=declaration.pk)
    after = snapshot(declaration)
    assert len(after["lists"]["tasks"]) == 2
    assert closed_part(after) == closed_part(before)


def test_where_only_closed_parts_would_take_last_years_it_is_said(
    filer, reviewer, department, declaration
) -> None:
    last = factories.declaration_for(department, year=2022)
    factories.fill_in(filer, last)
    type_into(filer, last, **{"indicators.level3": "上年指标的数量、质量、时效、满意度"})
    factories.approved(filer, reviewer, last)
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor=BUDGET, text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    with pytest.raises(PartClosedError, match=r"^本次退回只开放了“预算整体情况”，"):
        carry_over(filer, declaration_id=declaration.pk)


# Not trapped


@pytest.fixture
def trapped(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """Only the budget is open, and corrected so that a sum in the tasks does not agree."""
    factories.submitted(filer, declaration)
    (task,) = anchors(declaration, "tasks.name")
    add_comment(reviewer, declaration_id=declaration.pk, anchor=task, text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    budget = Change(BUDGET, "", None)
    Declaration.objects.filter(pk=declaration.pk).update(opened_sections=None)
    save_cells(filer, declaration_id=declaration.pk, changes=[budget])
    Declaration.objects.filter(pk=declaration.pk).update(opened_sections=[2])
    return reread(declaration)


def test_what_must_be_corrected_in_a_closed_part_refuses_and_can_be_opened(filer, trapped) -> None:
    with pytest.raises(HasFindingsError):
        submit(filer, declaration_id=trapped.pk)
    assert open_what_must_change(filer, declaration_id=trapped.pk) == ["预算整体情况"]
    assert reread(trapped).opened_sections == [0, 2]
    event = trapped.events.get(kind=EventKind.SECTIONS_OPENED)
    assert (event.actor, event.data["sections"]) == (filer, [0])
    assert event.data["findings"]
    type_into(filer, trapped, **{BUDGET: "0"})
    submit(filer, declaration_id=trapped.pk)


def test_opening_it_twice_is_once(filer, trapped) -> None:
    open_what_must_change(filer, declaration_id=trapped.pk)
    assert open_what_must_change(filer, declaration_id=trapped.pk) == []
    assert trapped.events.filter(kind=EventKind.SECTIONS_OPENED).count() == 1


def test_nothing_is_opened_where_nothing_must_be_corrected(filer, limited) -> None:
    assert open_what_must_change(filer, declaration_id=limited.pk) == []
    assert reread(limited).opened_sections == limited.opened_sections


def test_only_the_departments_filers_open_more(reviewer, stranger, trapped) -> None:
    for somebody in (reviewer, stranger):
        with pytest.raises(NotPermittedError):
            open_what_must_change(somebody, declaration_id=trapped.pk)


def first_locked(declaration: Declaration, tag: str) -> str:
    return next(e.anchor for e in editor_table(reread(declaration)).entries() if e.field.tag == tag)


def closed_part(content: dict[str, Any]) -> Any:
    """All but the tasks."""
    lists = {name: rows for name, rows in content["lists"].items() if name != "tasks"}
    return content["funding"], content["texts"], lists
