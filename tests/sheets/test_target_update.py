"""What brings an evaluation up to another version of its target."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from declarations.sheets.from_target import MADE, OF_NO_TASK, from_target
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records
from declarations.sheets.target_update import Update, bring_up
from tests.evaluations import EVALUATION, FLAT_TARGET
from tests.sheets.workbooks import indicator, task

TARGET_FORM, FORM = parse_form(FLAT_TARGET), parse_form(EVALUATION)

CARE, JOBS = task(1, name="康复", amount=Decimal(800)), task(2, name="就业")
HELPED = indicator(1, level2="数量指标", level3="救助人数", target="120人")
PLEASED = indicator(2, level2="满意度指标", level3="满意度", target="90%以上")


def target(*rows: Item, goal: str = "", budget: int | None = None) -> Records:
    lists = {
        "tasks": [r for r in rows if r.kind == "task"],
        "indicators": [r for r in rows if r.kind == "indicator"],
    }
    funding = {"fiscal": {"budget": Decimal(budget)}} if budget else {}
    return Records(lists=lists, texts={"overall_goal": goal}, funding=dict(funding))


def taken(records: Records) -> Records:
    return from_target(FORM, TARGET_FORM, records)


def started(records: Records) -> Records:
    """What an evaluation holds that starts from a target, with the ids of stored rows: those
    of tasks are 100 and more, of indicators 200 and more."""
    taken_over = taken(records)
    for number, item in enumerate(taken_over.items()):
        item.id = (100 if item.kind == "task" else 200) + number
    return taken_over


def brought_up(current: Records, now: Records, before: Records | None = None) -> Update:
    return bring_up(FORM, current, taken(now), taken(before) if before else None)


def cells(update: Update) -> dict[str, tuple[object, object]]:
    return {c.anchor: (c.before, c.after) for c in update.plan.changed}


def added(update: Update) -> list[tuple[str, object]]:
    rows = update.plan.added
    return [(r.list_anchor, r.item.values.get("name") or r.item.values["level3"]) for r in rows]


def order(update: Update, list_anchor: str) -> list[object]:
    rows = update.plan.orders[list_anchor]
    return [r if isinstance(r, str) else r.item.source for r in rows]


def other(item: Item, **values: str) -> Item:
    return replace(item, values=item.values | values)


def find(items: Iterable[Item], source: int) -> Item:
    return next(i for i in items if i.source == source)


OLD = target(CARE, JOBS, HELPED, PLEASED, goal="旧目标", budget=900)


def test_the_same_target_changes_nothing() -> None:
    update = brought_up(started(OLD), OLD, OLD)
    assert not update.plan
    assert update.plan.orders == {}
    assert update.orphans == []


def test_a_carried_cell_takes_what_is_approved_now() -> None:
    now = target(CARE, JOBS, other(HELPED, target="130人"), PLEASED)
    update = brought_up(started(OLD), now, OLD)
    (anchor,) = cells(update)
    assert cells(update) == {anchor: ("120人", "130人")}
    assert update.sources[anchor.rpartition("/")[0]] == (1, ("level3", "target"))
    assert added(update) == []


def test_a_cell_that_is_approved_no_longer_is_blank_and_free() -> None:
    now = target(CARE, JOBS, other(HELPED, target=""), PLEASED)
    update = brought_up(started(OLD), now, OLD)
    (anchor,) = cells(update)
    assert cells(update) == {anchor: ("120人", "")}
    assert update.sources[anchor.rpartition("/")[0]] == (1, ("level3",))


def test_a_new_row_comes_where_the_target_has_it() -> None:
    current = started(OLD)
    now = target(CARE, task(3, name="托养"), JOBS, HELPED, indicator(9, level3="培训率"), PLEASED)
    update = brought_up(current, now, OLD)
    care, jobs, apart = (item.anchor() for item in current.lists["tasks"])
    assert added(update) == [("tasks", "托养"), (f"{apart}/indicators", "培训率")]
    assert order(update, "tasks") == [care, 3, jobs, apart]
    assert order(update, f"{apart}/indicators")[1] == 9


def test_a_row_that_is_gone_goes_if_nothing_was_filled_in() -> None:
    current = started(OLD)
    update = brought_up(current, target(CARE, HELPED, PLEASED), OLD)
    assert [row.item.values["name"] for row in update.plan.removed] == ["就业"]
    assert update.orphans == []


def test_a_row_that_is_gone_stays_as_ones_own_if_anything_was() -> None:
    current = started(OLD)
    row = find(current.lists["tasks"], 2)
    row.values["amount"] = Decimal(5)
    update = brought_up(current, target(CARE, HELPED, PLEASED), OLD)
    assert update.plan.removed == []
    assert update.orphans == [row.anchor()]
    assert update.sources[row.anchor()] == (None, ())


def test_a_gone_task_stays_for_what_was_added_to_it() -> None:
    current = started(OLD)
    row = find(current.lists["tasks"], 2)
    row.lists["indicators"] = [indicator(300, level3="自己的指标")]
    update = brought_up(current, target(CARE, HELPED, PLEASED), OLD)
    assert update.orphans == [row.anchor()]
    assert update.plan.removed == []


def test_the_row_made_for_indicators_goes_with_the_last_of_them() -> None:
    update = brought_up(started(OLD), target(CARE, JOBS), OLD)
    assert [row.item.values["name"] for row in update.plan.removed] == [OF_NO_TASK]


def test_budgets_and_passages_follow_if_nobody_changed_them() -> None:
    now = target(CARE, JOBS, HELPED, PLEASED, goal="新目标", budget=950)
    current = started(OLD)
    assert cells(brought_up(current, now, OLD)) == {
        "funding/fiscal/budget": (Decimal(900), Decimal(950)),
        "text/overall_goal": ("旧目标", "新目标"),
    }
    current.texts["overall_goal"] = "自己写的"
    current.funding["fiscal"]["budget"] = Decimal(901)
    assert cells(brought_up(current, now, OLD)) == {}


# Started before there was an approved target


def typed() -> Records:
    """Filled in by hand: a task with two indicators, one of which the target has, too."""
    own = indicator(201, level3="救助 人数", target="100人", actual="99人")
    return Records(
        lists={"tasks": [task(101, own, indicator(202, level3="自己的"), name="康复")]},
        texts={"overall_goal": "自己写的"},
    )


def test_what_was_typed_is_found_by_its_name_and_stays_where_it_is() -> None:
    update = brought_up(typed(), OLD)
    assert cells(update) == {
        "indicator/201/level3": ("救助 人数", "救助人数"),
        "indicator/201/target": ("100人", "120人"),
        "funding/fiscal/budget": (None, Decimal(900)),
    }
    assert update.sources["task/101"] == (1, ("name",))
    assert update.sources["indicator/201"] == (1, ("level3", "target"))
    assert "indicator/202" not in update.sources
    assert added(update) == [("tasks", "就业"), ("tasks", OF_NO_TASK)]
    (apart,) = [r.item for r in update.plan.added if r.item.source == MADE]
    assert [i.values["level3"] for i in apart.lists["indicators"]] == ["满意度"]
    assert update.plan.removed == []


def test_blank_rows_make_room() -> None:
    current = Records(lists={"tasks": [task(101, indicator(201))]})
    update = brought_up(current, OLD)
    assert [row.item.anchor() for row in update.plan.blank] == ["task/101"]
    assert order(update, "tasks") == [1, 2, MADE]


def test_one_typed_row_is_not_two_of_the_targets() -> None:
    twice = target(CARE, HELPED, replace(HELPED, id=5))
    update = brought_up(typed(), twice)
    (apart,) = [r.item for r in update.plan.added if r.item.source == MADE]
    assert [i.source for i in apart.lists["indicators"]] == [5]
