"""Trying a form out: what a department would stumble over is found before it does."""

from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records
from declarations.sheets.trial import different_tags, try_out
from tests.sheets.workbooks import Cells, form, indicator, task, workbook


def said(cells: Cells) -> list[str]:
    content = workbook(cells)
    return [str(p) for p in try_out(parse_form(content), content)]


def test_values_that_nothing_keeps_apart_are_named_with_their_cell() -> None:
    found = said({"A1": "说明", "B1": "{{text.one}}{{text.two}}"})
    assert len(found) == 1
    assert found[0].startswith("表样!B1：导出的 Excel 重新读入后，“说明”与原来不同。")


def test_a_form_without_any_words_cannot_come_back() -> None:
    assert said({"A1": "{{text.note}}"}) == [
        "表样：导出的 Excel 不能重新读入：工作簿是空的，没有任何内容。请检查是否选错了文件"
    ]


def test_a_form_that_is_told_apart_has_nothing_to_be_said_of() -> None:
    assert said({"A1": "甲", "B1": "{{text.one}}", "A2": "乙", "B2": "{{text.two}}"}) == []


NESTED = {"A1": "{{tasks.name}}", "B1": "{{tasks.indicators.level3}}", "C1": "{{text.note}}"}


def nested(*tasks: Item, note: str = "") -> Records:
    return Records(texts={"note": note}, lists={"tasks": list(tasks)})


def test_records_are_the_same_where_every_row_says_the_same() -> None:
    one = nested(task(1, indicator(1, level3="一"), name="甲"), note="注")
    same = nested(task(7, indicator(9, level3="一"), name="甲"), note="注")
    assert different_tags(form(NESTED), one, same) == []
    other = nested(task(1, indicator(1, level3="二"), name="甲"))
    assert different_tags(form(NESTED), one, other) == ["tasks.indicators.level3", "text.note"]


def test_a_nested_row_under_another_task_is_a_difference() -> None:
    first, second = indicator(1, level3="一"), indicator(2, level3="二")
    one = nested(task(1, first, second, name="甲"), task(2, name="乙"))
    other = nested(task(1, first, name="甲"), task(2, second, name="乙"))
    assert different_tags(form(NESTED), one, other) == ["tasks.indicators.level3"]
