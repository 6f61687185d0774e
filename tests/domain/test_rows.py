"""Rows of lists: added, moved and removed, each within its list."""

from typing import Any

import pytest

from declarations.domain.errors import NotPermittedError, WindowClosedError, WrongStateError
from declarations.domain.rows import (
    MOST_ROWS,
    RowGoneError,
    TooManyRowsError,
    add_row,
    move_row,
    remove_row,
)
from declarations.models import Declaration, EventKind, Indicator, Task, User
from tests import factories
from tests.factories import anchors, reread, type_into
from tests.small_forms import NESTED


@pytest.fixture
def nested(department: Any) -> Declaration:
    return factories.declaration_for(department, NESTED)


def named(actor: User, declaration: Declaration, *names: str) -> list[str]:
    """Gives the list `tasks` rows with these names; their anchors."""
    for _ in names[1:]:
        add_row(actor, declaration_id=declaration.pk, list_anchor="tasks")
    cells = anchors(declaration, "tasks.name")
    type_into(actor, declaration, **dict(zip(cells, names, strict=True)))
    return [cell.removesuffix("/name") for cell in cells]


def names(declaration: Declaration) -> list[str]:
    """The names of the tasks, as the form lists them."""
    table = factories.editor_table(reread(declaration))
    return [str(e.value) for e in table.entries() if e.field.tag == "tasks.name"]


def move(actor: User, declaration: Declaration, anchor: str, by: int) -> None:
    move_row(actor, declaration_id=declaration.pk, anchor=anchor, by=by)


# Adding


def test_a_row_is_added_at_the_end(filer, declaration) -> None:
    first, second = named(filer, declaration, "一", "二")
    added = add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    assert anchors(declaration, "tasks.name") == [f"{a}/name" for a in (first, second, added)]


def test_a_row_is_added_behind_another(filer, declaration) -> None:
    first, second = named(filer, declaration, "一", "二")
    added = add_row(filer, declaration_id=declaration.pk, list_anchor="tasks", after=first)
    assert anchors(declaration, "tasks.name") == [f"{a}/name" for a in (first, added, second)]


def test_adding_is_an_event_and_an_edit(filer, declaration) -> None:
    added = add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    event = declaration.events.first()
    assert event is not None
    assert (event.kind, event.actor, event.data) == (EventKind.ROW_ADDED, filer, {"anchor": added})
    assert reread(declaration).edited_by == filer


def test_lists_of_one_form_do_not_mix(filer, declaration) -> None:
    added = add_row(filer, declaration_id=declaration.pk, list_anchor="other_tasks")
    assert f"{added}/name" in anchors(declaration, "other_tasks.name")
    assert len(anchors(declaration, "tasks.name")) == 1


def test_a_new_task_comes_with_a_row_nested_in_it(filer, nested) -> None:
    added = add_row(filer, declaration_id=nested.pk, list_anchor="tasks")
    (indicator,) = Indicator.objects.filter(task=added.removeprefix("task/"))
    assert f"indicator/{indicator.pk}/level3" in anchors(nested, "tasks.indicators.level3")


def test_a_row_is_added_to_the_rows_nested_in_one_task(filer, nested) -> None:
    first, second = named(filer, nested, "一", "二")
    added = add_row(filer, declaration_id=nested.pk, list_anchor=f"{first}/indicators")
    cells = anchors(nested, "tasks.indicators.level3")
    assert cells.index(f"{added}/level3") == 1
    assert nested.indicators.filter(task=second.removeprefix("task/")).count() == 1


@pytest.mark.parametrize(
    "list_anchor",
    [
        "",
        "projects",
        "funding",
        "tasks.indicators",
        "tasks/indicators",
        "task/1/tasks",
        "task/²/indicators",
        "task/999999999/indicators",
        "indicator/1/indicators",
        "/indicators",
        "x" * 5_000,
    ],
)
def test_a_list_that_the_form_does_not_have_takes_no_row(
    filer, declaration, list_anchor: str
) -> None:
    before = Task.objects.count(), Indicator.objects.count()
    with pytest.raises(RowGoneError, match="请刷新页面"):
        add_row(filer, declaration_id=declaration.pk, list_anchor=list_anchor)
    assert (Task.objects.count(), Indicator.objects.count()) == before


def test_a_task_of_a_form_without_nesting_takes_no_nested_row(filer, declaration) -> None:
    (task,) = named(filer, declaration, "一")
    with pytest.raises(RowGoneError):
        add_row(filer, declaration_id=declaration.pk, list_anchor=f"{task}/indicators")


def test_a_task_of_another_declaration_takes_no_row(filer, nested) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create(), NESTED)
    task = anchors(foreign, "tasks.name")[0].removesuffix("/name")
    with pytest.raises(RowGoneError):
        add_row(filer, declaration_id=nested.pk, list_anchor=f"{task}/indicators")
    assert foreign.indicators.count() == 1


@pytest.mark.parametrize("tag", ["indicators.level3", "other_tasks.name"])
def test_a_row_cannot_be_added_behind_one_of_another_list(filer, declaration, tag: str) -> None:
    named(filer, declaration, "一", "二")
    after = anchors(declaration, tag)[0].rpartition("/")[0]
    with pytest.raises(RowGoneError):
        add_row(filer, declaration_id=declaration.pk, list_anchor="tasks", after=after)
    assert names(declaration) == ["一", "二"]


def test_a_full_list_takes_no_further_row(filer, declaration) -> None:
    Task.objects.bulk_create(
        Task(declaration=declaration, block="tasks", position=n) for n in range(1, MOST_ROWS)
    )
    with pytest.raises(TooManyRowsError, match="每个清单最多 1000 行，请减少行数"):
        add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    assert declaration.tasks.filter(block="tasks").count() == MOST_ROWS
    add_row(filer, declaration_id=declaration.pk, list_anchor="other_tasks")


# Moving


def test_a_row_moves_up_and_down(filer, declaration) -> None:
    first, _, third = named(filer, declaration, "一", "二", "三")
    move(filer, declaration, first, 1)
    assert names(declaration) == ["二", "一", "三"]
    move(filer, declaration, third, -1)
    assert names(declaration) == ["二", "三", "一"]
    move(filer, declaration, first, -2)
    assert names(declaration) == ["一", "二", "三"]


def test_a_row_moves_past_rows_that_were_removed(filer, declaration) -> None:
    _, second, third, _ = named(filer, declaration, "一", "二", "三", "四")
    remove_row(filer, declaration_id=declaration.pk, anchor=second)
    move(filer, declaration, third, -1)
    assert names(declaration) == ["三", "一", "四"]


def test_a_row_stops_at_the_ends_and_that_is_no_event(filer, declaration) -> None:
    first, second = named(filer, declaration, "一", "二")
    events = declaration.events.count()
    move(filer, declaration, first, -1)
    move(filer, declaration, second, 1)
    assert names(declaration) == ["一", "二"]
    assert declaration.events.count() == events


def test_moving_is_an_event(filer, declaration) -> None:
    first, _ = named(filer, declaration, "一", "二")
    move(filer, declaration, first, 1)
    event = declaration.events.first()
    assert event is not None
    assert (event.kind, event.data) == (EventKind.ROW_MOVED, {"anchor": first, "by": 1})


def test_a_nested_row_moves_within_its_task(filer, nested) -> None:
    first, second = named(filer, nested, "一", "二")
    added = add_row(filer, declaration_id=nested.pk, list_anchor=f"{first}/indicators")
    move(filer, nested, added, 5)
    cells = anchors(nested, "tasks.indicators.level3")
    assert cells.index(f"{added}/level3") == 1
    move(filer, nested, added, -1)
    assert anchors(nested, "tasks.indicators.level3").index(f"{added}/level3") == 0
    assert nested.indicators.filter(task=second.removeprefix("task/")).count() == 1


# Removing


def test_a_row_is_removed_with_all_that_is_nested_in_it(filer, nested) -> None:
    first, second = named(filer, nested, "一", "二")
    add_row(filer, declaration_id=nested.pk, list_anchor=f"{first}/indicators")
    event = remove_row(filer, declaration_id=nested.pk, anchor=first)
    assert names(nested) == ["二"]
    assert [i.task_id for i in nested.indicators.all()] == [int(second.removeprefix("task/"))]
    assert (event.kind, event.actor, event.data["anchor"]) == (EventKind.ROW_REMOVED, filer, first)
    assert [row["model"] for row in event.data["rows"]] == ["Task", "Indicator", "Indicator"]


def test_even_the_last_row_can_be_removed(filer, declaration) -> None:
    (task,) = named(filer, declaration, "一")
    remove_row(filer, declaration_id=declaration.pk, anchor=task)
    assert names(declaration) == []
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    assert names(declaration) == [""]


# Rows that are not there, people who may not


@pytest.mark.parametrize(
    "anchor", ["", "task", "task/", "task/²", "task/0", "funding/basic", "task/" + "9" * 5_000]
)
def test_a_row_that_is_not_there_is_gone(filer, declaration, anchor: str) -> None:
    with pytest.raises(RowGoneError, match="这一行已被删除，请刷新页面"):
        remove_row(filer, declaration_id=declaration.pk, anchor=anchor)
    with pytest.raises(RowGoneError, match="这一行已被删除，请刷新页面"):
        move(filer, declaration, anchor, 1)


def test_removing_twice_says_that_the_row_is_gone(filer, declaration) -> None:
    first, _ = named(filer, declaration, "一", "二")
    remove_row(filer, declaration_id=declaration.pk, anchor=first)
    with pytest.raises(RowGoneError):
        remove_row(filer, declaration_id=declaration.pk, anchor=first)
    assert names(declaration) == ["二"]


def test_a_row_of_another_declaration_stays(filer, declaration) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    anchor = anchors(foreign, "tasks.name")[0].removesuffix("/name")
    with pytest.raises(RowGoneError):
        remove_row(filer, declaration_id=declaration.pk, anchor=anchor)
    assert foreign.tasks.filter(block="tasks").count() == 1


def acts(declaration: Declaration) -> list[Any]:
    row = anchors(declaration, "tasks.name")[0].removesuffix("/name")
    return [
        lambda actor: add_row(actor, declaration_id=declaration.pk, list_anchor="tasks"),
        lambda actor: move_row(actor, declaration_id=declaration.pk, anchor=row, by=1),
        lambda actor: remove_row(actor, declaration_id=declaration.pk, anchor=row),
    ]


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_changes_rows(request, declaration, who: str) -> None:
    for act in acts(declaration):
        with pytest.raises(NotPermittedError, match="只有本部门的填报人可以填写"):
            act(request.getfixturevalue(who))


def test_a_colleague_may(colleague, declaration) -> None:
    for act in acts(declaration):
        act(colleague)
    assert len(names(declaration)) == 1


def test_rows_stay_as_they_are_while_it_is_reviewed(filer, declaration) -> None:
    factories.submitted(filer, declaration)
    for act in acts(declaration):
        with pytest.raises(WrongStateError):
            act(filer)


def test_rows_stay_as_they_are_after_the_deadline(filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    for act in acts(declaration):
        with pytest.raises(WindowClosedError):
            act(filer)
