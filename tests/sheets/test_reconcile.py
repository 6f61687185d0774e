"""Aligning what a workbook says with what is stored: rows keep their anchors."""

import time
from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.sheets.alignment import is_blank_row
from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from declarations.sheets.reconcile import Plan, RowOfList, plan
from declarations.sheets.records import Item, Records, Value
from tests.sheets.workbooks import form, indicator, task
from tests.small_forms import EVERY_KIND, NESTED

TASKS = form(
    {
        "A1": "任务",
        "B1": "内容",
        "C1": "金额（万元）",
        "A2": "{{tasks.name}}",
        "B2": "{{tasks.content}}",
        "C2": "{{tasks.amount}}",
        "A3": "目标",
        "B3": "{{text.goal}}",
        "A4": "基本支出（万元）",
        "B4": "{{funding.basic.budget}}",
    },
    formats={"C2": "0.00", "B4": "0.00"},
)
INDICATORS = form(
    {
        "A1": "一级指标",
        "B1": "二级指标",
        "C1": "三级指标",
        "D1": "目标值",
        "A2": "{{indicators.level1|merge}}",
        "B2": "{{indicators.level2|merge}}",
        "C2": "{{indicators.level3}}",
        "D2": "{{indicators.target}}",
    }
)
NESTED_FORM = parse_form(NESTED)


def tasks(*items: Item) -> Records:
    return Records(lists={"tasks": list(items)})


def planned(current: Records, incoming: Records, form_: Form = TASKS, *absent: str) -> Plan:
    return plan(form_, current, incoming, frozenset(absent))


def changes(found: Plan) -> dict[str, tuple[Value, Value]]:
    return {c.anchor: (c.before, c.after) for c in found.changed}


def added(found: Plan) -> list[tuple[str, int, Value]]:
    return [(r.list_anchor, r.number, r.item.values.get("name")) for r in found.added]


def removed(found: Plan) -> list[str]:
    return [row.item.anchor() for row in found.removed]


# Cells outside lists


def test_a_text_and_an_amount_that_differ() -> None:
    current = Records(funding={"basic": {"budget": Decimal(100)}}, texts={"goal": "旧"})
    incoming = Records(funding={"basic": {"budget": Decimal(200)}}, texts={"goal": "新"})
    found = planned(current, incoming)
    assert changes(found) == {
        "text/goal": ("旧", "新"),
        "funding/basic/budget": (Decimal(100), Decimal(200)),
    }
    assert found


def test_nothing_differs() -> None:
    current = Records(
        funding={"basic": {"budget": Decimal("1.10")}},
        texts={"goal": "同"},
        lists={"tasks": [task(45, name="一", amount=Decimal("5.00"))]},
    )
    incoming = Records(
        funding={"basic": {"budget": Decimal("1.1")}},
        texts={"goal": "同"},
        lists={"tasks": [task(1, name="一", amount=Decimal(5))]},
    )
    found = planned(current, incoming)
    assert not found
    assert found == Plan()


def test_blank_is_blank_however_it_is_written() -> None:
    current = Records(funding={"basic": {"budget": None}}, texts={})
    assert not planned(current, Records(funding={}, texts={"goal": ""}))


def test_clearing_is_a_change() -> None:
    current = Records(funding={"basic": {"budget": Decimal(1)}}, texts={"goal": "旧"})
    found = planned(current, Records())
    assert [(c.before, c.after) for c in found.changed] == [("旧", None), (Decimal(1), None)]


def test_a_figure_taken_from_the_print_does_not_lose_what_the_print_leaves_out() -> None:
    current = Records(funding={"basic": {"budget": Decimal("4830912.34")}})  # printed 483.09
    found = planned(current, Records(funding={"basic": {"budget": Decimal(4830900)}}))
    assert not found
    assert [c.anchor for c in found.rounded] == ["funding/basic/budget"]


@pytest.mark.parametrize("amount", ["4830912.30", "4830000", "4831000"])
def test_another_figure_is_a_change_however_near(amount: str) -> None:
    current = Records(funding={"basic": {"budget": Decimal("4830912.34")}})
    incoming = Records(funding={"basic": {"budget": Decimal(amount)}})
    assert list(changes(planned(current, incoming))) == ["funding/basic/budget"]


def test_more_digits_than_are_stored_are_a_change() -> None:
    current = Records(funding={"basic": {"budget": Decimal(4830900)}})
    incoming = Records(funding={"basic": {"budget": Decimal("4830912.34")}})
    assert list(changes(planned(current, incoming))) == ["funding/basic/budget"]


def test_a_districts_own_numbers_are_compared_as_numbers() -> None:
    every_kind = parse_form(EVERY_KIND)
    current = tasks(task(45, name="一", **{"extra.people": "1200", "extra.rate": "0.85"}))
    incoming = tasks(
        task(1, name="一", **{"extra.people": Decimal("1200.000000"), "extra.rate": Decimal("0.9")})
    )
    found = planned(current, incoming, every_kind)
    assert changes(found) == {"task/45/extra.rate": ("0.85", Decimal("0.9"))}


def test_what_the_workbook_has_no_place_for_stays() -> None:
    current = Records(
        funding={"basic": {"budget": Decimal(1)}},
        texts={"goal": "旧"},
        lists={"tasks": [task(45, name="一", content="内容", amount=Decimal(5))]},
    )
    incoming = tasks(task(1, name="一"))
    found = planned(
        current,
        incoming,
        TASKS,
        "text.goal",
        "funding.basic.budget",
        "tasks.content",
        "tasks.amount",
    )
    assert found == Plan()
    assert (
        planned(current, Records(), TASKS, "text.goal", "funding.basic.budget", "tasks") == Plan()
    )


def test_a_nested_list_that_the_workbook_lacks_stays() -> None:
    current = tasks(task(45, indicator(7, level3="指标"), name="一"))
    assert not planned(current, tasks(task(1, name="一")), NESTED_FORM, "tasks.indicators")


def test_a_changed_cell_names_the_cell_it_was_read_from() -> None:
    (change,) = planned(tasks(task(45, name="一", content="旧")), tasks(task(3, name="一"))).changed
    assert (change.anchor, change.source) == ("task/45/content", "task/3/content")


# Rows


def test_a_row_in_the_middle_is_added_and_the_others_keep_their_anchors() -> None:
    found = planned(
        tasks(task(45, name="一"), task(46, name="二")),
        tasks(task(1, name="一"), task(2, name="新来的"), task(3, name="二")),
    )
    assert (changes(found), removed(found), found.moved) == ({}, [], [])
    assert added(found) == [("tasks", 2, "新来的")]
    (order,) = found.orders.values()
    assert [r if isinstance(r, str) else r.number for r in order] == ["task/45", 2, "task/46"]


def test_a_row_that_is_missing_is_removed() -> None:
    found = planned(
        tasks(task(45, name="一"), task(46, name="二"), task(47, name="三")),
        tasks(task(1, name="一"), task(2, name="三")),
    )
    assert (removed(found), found.removed[0].number) == (["task/46"], 2)
    assert not found.changed
    assert found.orders == {"tasks": ["task/45", "task/47"]}


def test_rows_in_another_order_move_and_nothing_else() -> None:
    found = planned(
        tasks(task(45, name="一"), task(46, name="二"), task(47, name="三")),
        tasks(task(1, name="三"), task(2, name="一"), task(3, name="二")),
    )
    assert found.moved == ["task/47"]
    assert (found.changed, found.added, found.removed) == ([], [], [])
    assert found.orders == {"tasks": ["task/47", "task/45", "task/46"]}


def test_a_row_of_the_same_name_is_the_same_row() -> None:
    found = planned(
        tasks(task(45, name="康复 资助", content="旧", amount=Decimal(1))),
        tasks(task(1, name="春节慰问"), task(2, name="康复资助", content="新", amount=Decimal(9))),
    )
    assert changes(found) == {
        "task/45/name": ("康复 资助", "康复资助"),
        "task/45/content": ("旧", "新"),
        "task/45/amount": (Decimal(1), Decimal(9)),
    }
    assert added(found) == [("tasks", 1, "春节慰问")]


def test_a_reworded_name_in_its_place_is_the_same_row() -> None:
    found = planned(
        tasks(task(45, name="残疾人康复资助", content="旧"), task(46, name="二")),
        tasks(task(1, name="重度残疾人康复资助", content="新"), task(2, name="二")),
    )
    assert list(changes(found)) == ["task/45/name", "task/45/content"]


def test_another_name_over_the_same_cells_is_the_same_row() -> None:
    found = planned(
        tasks(task(45, name="甲", content="内容", amount=Decimal(5))),
        tasks(task(1, name="乙丙丁", content="内容", amount=Decimal(5))),
    )
    assert list(changes(found)) == ["task/45/name"]


def test_a_row_that_has_nothing_in_common_is_another_row() -> None:
    found = planned(
        tasks(task(45, name="康复资助", content="旧", amount=Decimal(5))),
        tasks(task(1, name="春节慰问", content="新", amount=Decimal(6))),
    )
    assert (removed(found), added(found)) == (["task/45"], [("tasks", 1, "春节慰问")])
    assert not found.changed


def test_equal_rows_are_told_apart_by_their_order() -> None:
    same = {"name": "同", "content": "同"}
    found = planned(
        tasks(task(45, **same), task(46, **same)),
        tasks(task(1, **same), task(2, **same), task(3, **same)),
    )
    assert added(found) == [("tasks", 3, "同")]
    assert not found.moved


def test_indicators_are_known_by_their_third_level() -> None:
    current = Records(
        lists={
            "indicators": [
                indicator(7, level1="产出", level2="数量", level3="人次", target="1"),
                indicator(8, level1="产出", level2="数量", level3="次数", target="2"),
            ]
        }
    )
    incoming = Records(
        lists={
            "indicators": [
                indicator(1, level1="产出", level2="质量", level3="合格率", target="9"),
                indicator(2, level1="产出", level2="数量", level3="次数", target="3"),
            ]
        }
    )
    found = planned(current, incoming, INDICATORS)
    assert changes(found) == {"indicator/8/target": ("2", "3")}
    assert removed(found) == ["indicator/7"]
    assert [r.item.id for r in found.added] == [1]


def test_the_same_indicator_under_two_groups_stays_in_its_own() -> None:
    def listed(start: int, *rows: tuple[str, str]) -> Records:
        items = [
            indicator(start + i, level1=one, level2="数量", level3="人次", target=target)
            for i, (one, target) in enumerate(rows)
        ]
        return Records(lists={"indicators": items})

    found = planned(
        listed(7, ("甲", "1"), ("乙", "2")), listed(1, ("乙", "3"), ("甲", "4")), INDICATORS
    )
    assert changes(found) == {"indicator/8/target": ("2", "3"), "indicator/7/target": ("1", "4")}


def test_blank_rows_go_without_a_word_where_rows_come() -> None:
    found = planned(tasks(task(45, name=""), task(46, name="一")), tasks(task(1, name="一")))
    assert not found
    found = planned(tasks(task(45, name="", amount=None)), tasks(task(1, name="一")))
    assert (removed(found), [r.item.id for r in found.blank]) == ([], [45])


def test_a_blank_row_stays_where_nothing_is_brought() -> None:
    assert planned(tasks(task(45, name="")), tasks()) == Plan()
    assert planned(tasks(task(45, name="")), tasks(task(1, name=""))) == Plan()


def test_a_row_is_not_blank_whose_only_value_the_workbook_has_no_column_for() -> None:
    current = tasks(task(45, name="", amount=Decimal(5)))
    found = planned(current, tasks(task(1, name="一")), TASKS, "tasks.amount")
    assert removed(found) == ["task/45"]


# Nested rows


def test_nested_rows_are_aligned_within_their_outer_row() -> None:
    current = tasks(
        task(45, indicator(7, level3="甲", target="1"), indicator(8, level3="乙"), name="一"),
        task(46, indicator(9, level3="甲", target="1"), name="二"),
    )
    incoming = tasks(
        task(1, indicator(1, level3="甲", target="1"), name="二"),
        task(2, indicator(2, level3="乙"), indicator(3, level3="甲", target="2"), name="一"),
    )
    found = planned(current, incoming, NESTED_FORM)
    assert changes(found) == {"indicator/7/target": ("1", "2")}
    assert found.orders == {
        "tasks": ["task/46", "task/45"],
        "task/45/indicators": ["indicator/8", "indicator/7"],
    }


def test_an_outer_row_is_known_by_what_is_nested_in_it() -> None:
    nested = [indicator(n, level3=f"指标{n}", target="1") for n in (1, 2, 3)]
    found = planned(
        tasks(task(45, *nested, name="甲")), tasks(task(1, *nested, name="乙丙丁")), NESTED_FORM
    )
    assert changes(found) == {"task/45/name": ("甲", "乙丙丁")}


def test_a_nested_row_is_added_to_the_row_that_is_there() -> None:
    current = tasks(task(45, indicator(7, level3="甲"), name="一"))
    incoming = tasks(task(1, indicator(1, level3="甲"), indicator(2, level3="新"), name="一"))
    (row,) = planned(current, incoming, NESTED_FORM).added
    assert (row.list_anchor, row.list_path, row.number) == (
        "task/45/indicators",
        ("tasks", "indicators"),
        2,
    )


def test_a_new_row_brings_its_nested_rows_along() -> None:
    incoming = tasks(task(1, indicator(1, level3="甲"), name="一"))
    (row,) = planned(tasks(), incoming, NESTED_FORM).added
    assert row.item.lists["indicators"][0].values == {"level3": "甲"}


# Of many rows


def test_a_thousand_rows_all_reworded_take_a_moment() -> None:
    current = tasks(*(task(n, name=f"第{n}项任务", content=f"旧{n}") for n in range(1_000)))
    incoming = tasks(*(task(n, name=f"{n}号工作", content=f"新{n}") for n in range(1_000)))
    start = time.process_time()
    planned(current, incoming)
    assert time.process_time() - start < 3


WORDS = st.sampled_from(["", "甲", "乙", "康复资助", "康复 资助", "重度康复资助", "春节慰问"])
AMOUNTS = st.sampled_from([None, Decimal("0.00"), Decimal("10000.00"), Decimal("10012.34")])


@st.composite
def any_records(draw: st.DrawFn, first: int) -> Records:
    numbers = iter(range(first, first + 1_000))
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        nested = [
            indicator(next(numbers), level3=draw(WORDS), target=draw(WORDS))
            for _ in range(draw(st.integers(0, 3)))
        ]
        row = task(next(numbers), name=draw(WORDS), amount=draw(AMOUNTS))
        row.lists["indicators"] = nested
        rows.append(row)
    return tasks(*rows)


def applied(found: Plan, current: Records) -> Records:
    """The current records with the plan carried out."""
    result = deepcopy(current)
    items = {item.anchor(): item for item in result.items()}
    for change in found.changed:
        row, _, column = change.anchor.rpartition("/")
        items[row].values[column] = change.after
    for anchor, order in found.orders.items():
        owner, _, name = anchor.rpartition("/")
        lists = items[owner].lists if owner else result.lists
        lists[name] = [r.item if isinstance(r, RowOfList) else items[r] for r in order]
    return result


def said(records: Records) -> list[object]:
    """What records say, blank rows and anchors left out."""

    def row(item: Item) -> object:
        inner = [row(i) for i in item.lists.get("indicators", []) if not is_blank_row(i)]
        return item.values, inner

    return [row(item) for item in records.lists["tasks"] if not is_blank_row(item)]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(any_records(1), any_records(5_000))
def test_carrying_out_the_plan_gives_what_was_brought(current: Records, incoming: Records) -> None:
    found = planned(current, incoming, NESTED_FORM)
    result = applied(found, current)
    assert said(result) == said(incoming)
    again = planned(result, incoming, NESTED_FORM)
    assert not again
    old = {item.anchor() for item in current.items()}
    assert {c.anchor.rpartition("/")[0] for c in found.changed} <= old


@settings(max_examples=100, deadline=None)
@given(any_records(1))
def test_the_same_records_give_an_empty_plan(current: Records) -> None:
    incoming = deepcopy(current)
    for number, item in enumerate(incoming.items(), start=900):
        item.id = number
    assert not planned(current, incoming, NESTED_FORM)
