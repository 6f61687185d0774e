"""Undoing: what was removed comes back where it was; a paste is taken back, later changes stay."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.domain.commenting import add_comment
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.pasting import paste
from declarations.domain.review import return_for_correction
from declarations.domain.rows import add_row, remove_row
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import Declaration, Event, EventKind, User
from declarations.queries.comments import situate, threads_of
from declarations.queries.forms import form_of
from declarations.queries.pages import editor_table
from declarations.queries.records import load_records
from tests import factories
from tests.factories import anchors, reread, text_of, type_into, value_of
from tests.small_forms import EVERY_KIND, NESTED


def content(declaration: Declaration) -> dict[str, Any]:
    """Everything that is stored, with its order and its anchors."""
    return load_records(reread(declaration), form_of(declaration.round.template)).to_json()


def rows(declaration: Declaration, tag: str) -> list[str]:
    return [a.rpartition("/")[0] for a in anchors(declaration, tag)]


def remove(actor: User, declaration: Declaration, anchor: str) -> Event:
    return remove_row(actor, declaration_id=declaration.pk, anchor=anchor)


def take_back(actor: User, declaration: Declaration, event: Event | None) -> str:
    assert event is not None
    return undo(actor, declaration_id=declaration.pk, event_id=event.pk)


def fill_list(actor: User, declaration: Declaration, tag: str, *texts: str) -> list[str]:
    """Gives a list rows with these texts in one column; their anchors."""
    list_anchor = tag.split(".", maxsplit=1)[0]
    for _ in texts[len(anchors(declaration, tag)) :]:
        add_row(actor, declaration_id=declaration.pk, list_anchor=list_anchor)
    cells = anchors(declaration, tag)
    type_into(actor, declaration, **dict(zip(cells, texts, strict=True)))
    return rows(declaration, tag)


# A removal


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_removed_row_comes_back_where_it_was(filer, declaration, place: int) -> None:
    tasks = fill_list(filer, declaration, "tasks.name", "一", "二", "三")
    type_into(filer, declaration, **{f"{tasks[place]}/amount": "873.71"})
    before = content(declaration)
    event = remove(filer, declaration, tasks[place])
    assert content(declaration) != before
    assert take_back(filer, declaration, event) == "已恢复删除的行"
    assert content(declaration) == before
    assert rows(declaration, "tasks.name") == tasks


def test_rows_removed_one_after_the_other_come_back_in_any_order(filer, declaration) -> None:
    tasks = fill_list(filer, declaration, "tasks.name", "一", "二", "三", "四")
    first = remove(filer, declaration, tasks[1])
    second = remove(filer, declaration, tasks[2])
    take_back(filer, declaration, first)
    take_back(filer, declaration, second)
    assert rows(declaration, "tasks.name") == tasks


def test_a_district_columns_and_numbers_come_back(filer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    type_into(
        filer,
        declaration,
        **{
            "tasks.name": "一",
            "tasks.weight": "12.5",
            "tasks.extra.people": "1200",
            "tasks.extra.rate": "85%",
        },
    )
    before = content(declaration)
    take_back(filer, declaration, remove(filer, declaration, rows(declaration, "tasks.name")[0]))
    assert content(declaration) == before


def test_what_is_nested_in_a_task_comes_back_with_it(filer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    first, second = fill_list(filer, declaration, "tasks.name", "一", "二")
    for _ in range(2):
        add_row(filer, declaration_id=declaration.pk, list_anchor=f"{first}/indicators")
    cells = anchors(declaration, "tasks.indicators.level3")
    type_into(filer, declaration, **dict(zip(cells, "甲乙丙丁", strict=True)))
    before = content(declaration)
    event = remove(filer, declaration, first)
    assert rows(declaration, "tasks.name") == [second]
    take_back(filer, declaration, event)
    assert content(declaration) == before
    assert anchors(declaration, "tasks.indicators.level3") == cells


def test_a_nested_row_comes_back_into_its_task(filer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    first, _ = fill_list(filer, declaration, "tasks.name", "一", "二")
    add_row(filer, declaration_id=declaration.pk, list_anchor=f"{first}/indicators")
    cells = anchors(declaration, "tasks.indicators.level3")
    event = remove(filer, declaration, cells[0].removesuffix("/level3"))
    take_back(filer, declaration, event)
    assert anchors(declaration, "tasks.indicators.level3") == cells


def test_a_nested_row_waits_for_its_task(filer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    (task,) = fill_list(filer, declaration, "tasks.name", "一")
    indicator = remove(filer, declaration, rows(declaration, "tasks.indicators.level3")[0])
    removal = remove(filer, declaration, task)
    with pytest.raises(RefusedError, match="这一行所属的任务已被删除，请先恢复该任务"):
        take_back(filer, declaration, indicator)
    take_back(filer, declaration, removal)
    take_back(filer, declaration, indicator)
    assert len(rows(declaration, "tasks.indicators.level3")) == 1


def test_comments_fit_the_row_that_came_back(filer, reviewer, declaration) -> None:
    factories.fill_in(filer, declaration)
    (task,) = rows(declaration, "tasks.name")
    submit(filer, declaration_id=declaration.pk)
    add_comment(reviewer, declaration_id=declaration.pk, anchor=f"{task}/content", text="请写明。")
    return_for_correction(reviewer, declaration_id=declaration.pk)
    event = remove(filer, declaration, task)
    assert place_of_the_comment(declaration) == "（该行已删除）"
    take_back(filer, declaration, event)
    assert place_of_the_comment(declaration) == "年度重点工作任务 第1行 主要实施内容"


def place_of_the_comment(declaration: Declaration) -> str:
    now = reread(declaration)
    filer = User.objects.get(username="filer")
    (thread,) = situate(threads_of(filer, now), editor_table(now))
    return thread.place


def test_undoing_twice_is_once(filer, declaration) -> None:
    tasks = fill_list(filer, declaration, "tasks.name", "一", "二")
    event = remove(filer, declaration, tasks[0])
    take_back(filer, declaration, event)
    assert take_back(filer, declaration, event) == "已经撤销过了"
    assert rows(declaration, "tasks.name") == tasks
    assert declaration.events.filter(kind=EventKind.UNDONE).count() == 1


def test_a_row_can_be_removed_again_after_it_came_back(filer, declaration) -> None:
    tasks = fill_list(filer, declaration, "tasks.name", "一", "二")
    take_back(filer, declaration, remove(filer, declaration, tasks[0]))
    again = remove(filer, declaration, tasks[0])
    assert rows(declaration, "tasks.name") == tasks[1:]
    take_back(filer, declaration, again)
    assert rows(declaration, "tasks.name") == tasks


def test_the_undoing_is_an_event_of_the_person_who_undid(filer, colleague, declaration) -> None:
    tasks = fill_list(filer, declaration, "tasks.name", "一", "二")
    removal = remove(filer, declaration, tasks[0])
    take_back(colleague, declaration, removal)
    event = declaration.events.first()
    assert event is not None
    assert (event.kind, event.actor, event.data) == (
        EventKind.UNDONE,
        colleague,
        {"event": removal.pk},
    )
    assert reread(declaration).edited_by == colleague


# A paste


def paste_block(actor: User, declaration: Declaration, tag: str, *block: list[str]) -> Event:
    anchor = anchors(declaration, tag)[0]
    event = paste(actor, declaration_id=declaration.pk, anchor=anchor, block=block).event
    assert event is not None
    return event


def test_a_paste_is_taken_back_with_the_rows_it_added(filer, declaration) -> None:
    type_into(filer, declaration, **{"tasks.name": "旧", "tasks.amount": "873.714"})
    before = content(declaration)
    event = paste_block(filer, declaration, "tasks.name", ["新", "内容", "2"], ["二", "内容", "3"])
    assert take_back(filer, declaration, event) == "已撤销粘贴"
    assert content(declaration) == before


def test_a_cell_changed_since_is_kept(filer, colleague, declaration) -> None:
    type_into(filer, declaration, **{"tasks.name": "旧", "tasks.amount": "1"})
    event = paste_block(filer, declaration, "tasks.name", ["新", "内容", "2"])
    type_into(colleague, declaration, **{"tasks.amount": "3"})
    assert take_back(filer, declaration, event) == "已撤销粘贴，其中 1 格后来又改过，予以保留"
    (task,) = rows(declaration, "tasks.name")
    assert text_of(declaration, f"{task}/name") == "旧"
    assert text_of(declaration, f"{task}/content") == ""
    assert text_of(declaration, f"{task}/amount") == "3.00"


def test_an_added_row_stays_where_a_pasted_cell_of_it_was_changed_since(filer, declaration) -> None:
    event = paste_block(filer, declaration, "tasks.name", ["一"], ["二"], ["三"])
    tasks = rows(declaration, "tasks.name")
    type_into(filer, declaration, **{f"{tasks[1]}/name": "二改"})
    take_back(filer, declaration, event)
    assert rows(declaration, "tasks.name") == tasks[:2]
    assert text_of(declaration, f"{tasks[1]}/name") == "二改"


def test_an_added_row_stays_where_another_cell_of_it_was_filled_in_since(
    filer, colleague, declaration
) -> None:
    event = paste_block(filer, declaration, "tasks.name", ["一"], ["二"], ["三"])
    tasks = rows(declaration, "tasks.name")
    type_into(colleague, declaration, **{f"{tasks[1]}/amount": "5"})
    message = take_back(filer, declaration, event)
    assert rows(declaration, "tasks.name") == tasks[:2]
    assert value_of(declaration, f"{tasks[1]}/amount") == Decimal("50000.00")
    assert message == "已撤销粘贴，其中 1 格后来又改过，予以保留"


def test_an_added_task_stays_where_something_nested_in_it_was_filled_in_since(
    filer, department
) -> None:
    declaration = factories.declaration_for(department, NESTED)
    event = paste_block(filer, declaration, "tasks.name", ["一"], ["二"], ["三"])
    tasks = rows(declaration, "tasks.name")
    indicators = anchors(declaration, "tasks.indicators.level3")
    type_into(filer, declaration, **{indicators[2]: "后来填的指标"})
    take_back(filer, declaration, event)
    assert rows(declaration, "tasks.name") == [tasks[0], tasks[2]]
    assert text_of(declaration, indicators[2]) == "后来填的指标"


def test_a_paste_into_rows_removed_since_is_taken_back_as_far_as_it_goes(
    filer, declaration
) -> None:
    event = paste_block(filer, declaration, "tasks.name", ["一"], ["二"])
    tasks = rows(declaration, "tasks.name")
    remove(filer, declaration, tasks[1])
    take_back(filer, declaration, event)
    assert rows(declaration, "tasks.name") == tasks[:1]
    assert text_of(declaration, f"{tasks[0]}/name") == ""


def test_a_paste_is_taken_back_once(filer, declaration) -> None:
    event = paste_block(filer, declaration, "tasks.name", ["一"])
    take_back(filer, declaration, event)
    type_into(filer, declaration, **{"tasks.name": "一"})
    assert take_back(filer, declaration, event) == "已经撤销过了"
    assert text_of(declaration, anchors(declaration, "tasks.name")[0]) == "一"


# What cannot be undone


def test_other_acts_cannot_be_undone(filer, declaration) -> None:
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    added = declaration.events.get(kind=EventKind.ROW_ADDED)
    with pytest.raises(RefusedError, match="这一步不能撤销"):
        take_back(filer, declaration, added)
    assert len(rows(declaration, "tasks.name")) == 2


@pytest.mark.parametrize("event_id", [0, -1, 10**30])
def test_an_event_that_is_not_there_cannot_be_undone(filer, declaration, event_id: int) -> None:
    with pytest.raises(RefusedError, match="这一步不能撤销"):
        undo(filer, declaration_id=declaration.pk, event_id=event_id)


def test_an_event_of_another_declaration_cannot_be_undone(filer, declaration) -> None:
    department = factories.DepartmentFactory.create()
    foreign = factories.declaration_for(department)
    owner = factories.filer_of(department)
    event = remove(owner, foreign, rows(foreign, "tasks.name")[0])
    with pytest.raises(RefusedError, match="这一步不能撤销"):
        take_back(filer, declaration, event)
    assert rows(foreign, "tasks.name") == []


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_undoes(request, filer, declaration, who: str) -> None:
    event = remove(filer, declaration, rows(declaration, "tasks.name")[0])
    with pytest.raises(NotPermittedError):
        take_back(request.getfixturevalue(who), declaration, event)
    assert rows(declaration, "tasks.name") == []


def test_nothing_is_undone_while_it_is_reviewed(filer, declaration) -> None:
    factories.fill_in(filer, declaration)
    event = remove(filer, declaration, rows(declaration, "other_tasks.name")[0])
    submit(filer, declaration_id=declaration.pk)
    with pytest.raises(WrongStateError):
        take_back(filer, declaration, event)
