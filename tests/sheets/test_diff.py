"""What changed between two versions of a table, and between two years' declarations."""

from decimal import Decimal

import pytest

from declarations.sheets.bind import bind
from declarations.sheets.change_html import change_html
from declarations.sheets.counterpart import comparable_tags, counterpart
from declarations.sheets.diff import compare
from declarations.sheets.html import Mark, render_compared
from declarations.sheets.parse import parse_form
from declarations.sheets.places import containers, places_of
from declarations.sheets.records import Item, Records
from tests.sheets.workbooks import workbook
from tests.small_forms import EVERY_KIND, NESTED

FORM = parse_form(NESTED)


def indicator(pk: int, name: str = "", target: str = "") -> Item:
    return Item("indicator", pk, {"level3": name, "target": target})


def task(pk: int, name: str, amount: str | None = None, *indicators: Item) -> Item:
    values = {"name": name, "amount": Decimal(amount) if amount else None}
    return Item("task", pk, values, {"indicators": list(indicators)})


def records(*tasks: Item) -> Records:
    return Records(lists={"tasks": list(tasks)})


def test_cells_rows_and_what_is_computed_of_them() -> None:
    old = records(task(1, "甲", "10", indicator(5, "人数", "1")), task(2, "乙", "5"), task(3, "丙"))
    new = records(
        task(3, "丙"),
        task(1, "甲", "20", indicator(5, "人数", "2"), indicator(6, "次数")),
        task(4, "丁"),
    )
    changes = compare(old, bind(FORM, new, merging=False))
    total = next(tag.path for tag, _ in FORM.tags if tag.expression).replace(".", "/")
    assert changes.before == {
        "task/1/amount": "10",
        "indicator/5/target": "1",
        "indicator/6/level3": "",
        "task/4/name": "",
        total: "15",
    }
    assert changes.added == ["indicator/6", "task/4"]
    assert changes.moved == ["task/3"]
    assert changes.starts == {
        "task/3": "task/3/name",
        "indicator/6": "indicator/6/level3",
        "task/4": "task/4/name",
    }
    (gone,) = changes.removed
    assert (gone.anchor, gone.text, gone.number, gone.owner) == ("task/2", "乙，5", 2, "")
    assert changes.counts == "修改 3 格，新增 2 行，删除 1 行，移动 1 行"


def test_a_removed_row_says_in_which_one_it_was() -> None:
    old = records(task(1, "甲", None, indicator(5, "人数"), indicator(6, "次数")))
    new = records(task(1, "甲", None, indicator(5, "人数")))
    (gone,) = compare(old, bind(FORM, new, merging=False)).removed
    assert (gone.anchor, gone.owner, gone.number, gone.text) == ("indicator/6", "task/1", 2, "次数")


def test_nothing_changed() -> None:
    same = records(task(1, "甲", "10", indicator(5, "人数", "1")))
    changes = compare(same, bind(FORM, same, merging=False))
    assert not changes
    assert changes.counts == ""


def test_places_and_what_is_in_them() -> None:
    table = bind(FORM, records(task(1, "甲", "1", indicator(5, "人数"))), merging=False)
    spots = places_of(table)
    assert spots["task/1"].cell == "task/1/name"
    assert spots["indicator/5"].cell == "indicator/5/level3"
    inside = containers(table, spots)
    assert inside["indicator/5/target"][:2] == ["indicator/5", "task/1"]
    assert inside["task/1/amount"][0] == "task/1"
    sections = {f"section/{i}" for i in range(len(FORM.sections))}
    assert {p for p in spots if p.startswith("section/")} <= sections


# Last year's


def test_last_years_rows_stand_beside_those_that_they_are() -> None:
    last = records(task(71, "乙", "5"), task(72, "甲", "10", indicator(75, "人数", "1")))
    this = records(
        task(1, "甲", "20", indicator(5, "人数", "2")), task(2, "新"), task(3, "乙", "5")
    )
    was = counterpart(FORM, this, FORM, last)
    changes = compare(was, bind(FORM, this, merging=False), only=comparable_tags(FORM, FORM))
    assert changes.before["task/1/amount"] == "10"
    assert changes.before["indicator/5/target"] == "1"
    assert "task/3/amount" not in changes.before
    assert changes.added == ["task/2"]
    assert changes.removed == []
    assert len(changes.moved) == 1


def test_of_another_form_only_what_both_have() -> None:
    other = parse_form(
        workbook(
            {
                "A1:B1": "任务",
                "A2": "任务",
                "B2": "内容",
                "A3": "{{tasks.name}}",
                "B3": "{{tasks.content}}",
            },
            lines=[1],
        )
    )
    tags = comparable_tags(FORM, other)
    assert tags == {"tasks.name"}
    last = records(task(71, "甲", "10"), task(72, "走了"))
    this = records(task(1, "甲", "20", indicator(5, "人数")), task(2, "新"))
    was = counterpart(FORM, this, other, last)
    changes = compare(was, bind(FORM, this, merging=False), only=tags)
    assert changes.before == {"task/2/name": ""}
    assert changes.added == ["task/2"]
    assert [r.text.split("，")[0] for r in changes.removed] == ["走了"]


def test_a_field_of_another_kind_is_not_compared() -> None:
    form = parse_form(EVERY_KIND)
    assert "text.line" in comparable_tags(form, form)
    other = parse_form(workbook({"A1:B1": "表", "A2": "单行", "B2": "{{text.day}}"}, lines=[1]))
    assert "text.day" not in comparable_tags(form, other)


# As HTML


@pytest.mark.parametrize(
    ("before", "after", "prose", "expected"),
    [
        (
            "10",
            "20",
            False,
            '<del><span class="unseen">原为：</span>10</del> <ins><span class="unseen">现为：</span>20</ins>',
        ),
        (
            "",
            "新",
            True,
            '<del><span class="unseen">原为：</span>（空）</del> <ins><span class="unseen">现为：</span>新</ins>',
        ),
        (
            "服务200人",
            "服务<300人",
            True,
            (
                '<span class="runs">服务<del><span class="unseen">删除：</span>200</del>'
                '<ins><span class="unseen">新增：</span>&lt;300</ins>人</span>'
            ),
        ),
        (
            "第一行第二行",
            "第一行\n第二行",
            True,
            '<span class="runs">第一行<ins><span class="unseen">新增：</span>↵<br></ins>第二行</span>',
        ),
    ],
)
def test_a_change_is_said_aloud_and_never_by_colour_alone(
    before: str, after: str, *, prose: bool, expected: str
) -> None:
    assert change_html(before, after, prose=prose) == expected


def test_the_compared_table_marks_what_changed() -> None:
    table = bind(FORM, records(task(1, "甲", "20"), task(2, "乙")), merging=False)
    html = render_compared(
        table, {"task/1/amount": Mark(before="10"), "task/2/name": Mark(row="新增行")}
    )
    assert html.count("changed") == 2
    assert 'id="cell-task-1-amount" tabindex="-1"' in html
    assert "原为：</span>10</del>" in html
    assert '<span class="badge">新增行</span>乙' in html
    assert "<a " not in html
