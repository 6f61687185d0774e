"""Pasting blocks copied from Excel or WPS."""

from decimal import Decimal
from typing import Any

import pytest

from declarations.domain.cells import MOST_CHANGES, Status
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.pasting import Pasted, paste
from declarations.domain.rows import TooManyRowsError, add_row
from declarations.models import Declaration, EventKind, User
from tests import factories
from tests.factories import anchors, entries, reread, text_of, type_into, value_of
from tests.sheets.workbooks import workbook
from tests.small_forms import EVERY_KIND, NESTED

MERGED = workbook(
    {
        "A1:E1": "有合并单元格的表",
        "A2": "名称",
        "B2:C2": "内容",
        "D2": "金额（元）",
        "E2": "目标",
        "A3": "{{tasks.name}}",
        "B3:C3": "{{tasks.content}}",
        "D3": "{{tasks.amount}}",
        "E3": "{{tasks.expected}}",
    },
    lines=[1],
)
"""The second column spans two of Excel's."""


def first(declaration: Declaration, tag: str) -> str:
    return anchors(declaration, tag)[0]


def paste_at(actor: User, declaration: Declaration, anchor: str, *block: list[str]) -> Pasted:
    return paste(actor, declaration_id=declaration.pk, anchor=anchor, block=block)


def listed(declaration: Declaration, *tags: str) -> list[list[str]]:
    """What the form shows of a list: one row per row, these fields."""
    columns = [[text_of(declaration, a) for a in anchors(declaration, tag)] for tag in tags]
    return [list(row) for row in zip(*columns, strict=True)]


TASK = ("tasks.name", "tasks.content", "tasks.amount", "tasks.expected")


# Into a list


def test_a_block_fills_the_list_and_adds_the_rows_that_are_missing(filer, declaration) -> None:
    block = [
        ["康复资助", "为1920人办理", "833.08", "完成"],
        ["精神康复", "运营6个中心", "371.52", "提高"],
        ["工疗机构", "20个站点", "279.36", "稳定"],
    ]
    pasted = paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert listed(declaration, *TASK) == block
    assert (pasted.added_rows, pasted.left_over) == (2, 0)
    assert {o.status for o in pasted.outcomes} == {Status.SAVED}


def test_a_block_that_begins_in_the_middle_of_a_row_stays_in_its_columns(
    filer, declaration
) -> None:
    paste_at(
        filer, declaration, first(declaration, "tasks.amount"), ["1", "目标一"], ["2", "目标二"]
    )
    assert listed(declaration, *TASK) == [["", "", "1.00", "目标一"], ["", "", "2.00", "目标二"]]


def test_pasting_at_the_last_row_adds_rows_behind_it(filer, declaration) -> None:
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    type_into(filer, declaration, **{"tasks.name": "一"})
    last = anchors(declaration, "tasks.name")[-1]
    pasted = paste_at(filer, declaration, last, ["二"], ["三"])
    assert pasted.added_rows == 1
    assert listed(declaration, "tasks.name") == [["一"], ["二"], ["三"]]


def test_a_block_that_fits_adds_no_row(filer, declaration) -> None:
    for _ in range(2):
        add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    pasted = paste_at(filer, declaration, first(declaration, "tasks.name"), ["一"], ["二"])
    assert pasted.added_rows == 0
    assert listed(declaration, "tasks.name") == [["一"], ["二"], [""]]


def test_a_list_does_not_run_over_into_the_next(filer, declaration) -> None:
    paste_at(filer, declaration, first(declaration, "tasks.name"), *[[str(n)] for n in range(5)])
    assert listed(declaration, "other_tasks.name") == [[""]]
    assert listed(declaration, "indicators.level3") == [[""]]


def test_blank_texts_make_cells_blank(filer, declaration) -> None:
    type_into(filer, declaration, **{"tasks.name": "一", "tasks.content": "内容"})
    paste_at(filer, declaration, first(declaration, "tasks.name"), ["二", ""])
    assert listed(declaration, "tasks.name", "tasks.content") == [["二", ""]]


def test_500_rows_are_pasted(filer, declaration) -> None:
    block = [[f"任务{n}", f"内容{n}", f"{n}.5", f"目标{n}"] for n in range(500)]
    pasted = paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert pasted.added_rows == 499
    assert len(pasted.outcomes) == 2_000
    assert {o.status for o in pasted.outcomes} == {Status.SAVED}
    rows = list(declaration.tasks.filter(block="tasks").values_list("name", "amount", "expected"))
    assert rows[0] == ("任务0", Decimal("5000.00"), "目标0")
    assert rows[499] == ("任务499", Decimal("4995000.00"), "目标499")


def test_more_than_1000_rows_are_refused_and_nothing_is_written(filer, declaration) -> None:
    block = [[f"任务{n}"] for n in range(1_001)]
    with pytest.raises(TooManyRowsError, match="每个清单最多 1000 行，请减少行数"):
        paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert listed(declaration, "tasks.name") == [[""]]
    assert reread(declaration).edited_at is None
    assert not declaration.events.exists()


def test_too_many_cells_at_once_are_refused(filer, declaration) -> None:
    block = [["x"] * 101 for _ in range(MOST_CHANGES // 100)]
    with pytest.raises(RefusedError, match="一次最多粘贴 10000 个单元格，请分几次粘贴"):
        paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert listed(declaration, "tasks.name") == [[""]]


def test_a_block_goes_into_the_rows_nested_in_one_task(filer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    cell = first(declaration, "tasks.indicators.level3")
    pasted = paste_at(filer, declaration, cell, ["一", "10"], ["二", "20"], ["三", "30"])
    assert pasted.added_rows == 2
    assert listed(declaration, "tasks.indicators.level3", "tasks.indicators.target") == [
        ["一", "10"],
        ["二", "20"],
        ["三", "30"],
        ["", ""],
    ]


def test_a_block_of_tasks_brings_the_first_indicator_of_each(filer, department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    block = [["一", "1", "指标一", "10"], ["二", "2", "指标二", "20"]]
    paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert listed(declaration, "tasks.name", "tasks.amount") == [["一", "1"], ["二", "2"]]
    assert listed(declaration, "tasks.indicators.level3", "tasks.indicators.target") == [
        ["指标一", "10"],
        ["指标二", "20"],
    ]


def test_a_column_goes_down_through_the_same_field_of_cells_with_several(
    filer, declaration
) -> None:
    """Each of Panyu's other tasks has its name, content and amount in one cell."""
    cell = first(declaration, "other_tasks.amount")
    paste_at(filer, declaration, cell, ["157"], ["1,348"], ["873.71"])
    assert listed(declaration, "other_tasks.name", "other_tasks.amount") == [
        ["", "157.00"],
        ["", "1,348.00"],
        ["", "873.71"],
    ]


# Merged cells


def merged(department: Any) -> Declaration:
    return factories.declaration_for(department, MERGED)


def test_a_copied_merged_cell_is_its_value_and_blanks(filer, department) -> None:
    declaration = merged(department)
    cell = first(declaration, "tasks.name")
    pasted = paste_at(filer, declaration, cell, ["一", "内容", "", "5", "目标"])
    assert listed(declaration, *TASK) == [["一", "内容", "5", "目标"]]
    assert pasted.left_over == 0


def test_a_plain_list_fills_the_cells_in_their_order(filer, department) -> None:
    declaration = merged(department)
    pasted = paste_at(
        filer, declaration, first(declaration, "tasks.name"), ["一", "内容", "5", "目标"]
    )
    assert listed(declaration, *TASK) == [["一", "内容", "5", "目标"]]
    assert pasted.left_over == 0


def test_rows_of_either_shape_may_stand_in_one_block(filer, department) -> None:
    declaration = merged(department)
    block = [["一", "内容", "", "5", "目标"], ["二", "内容", "6", "目标"]]
    paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    assert listed(declaration, "tasks.name", "tasks.amount") == [["一", "5"], ["二", "6"]]


# Outside lists


def test_a_column_of_amounts_goes_down_its_section(filer, declaration) -> None:
    paste_at(filer, declaration, "funding/basic/budget", ["1"], ["2"], ["3"], ["4"])
    keys = ("basic", "project", "special", "development")
    assert [text_of(declaration, f"funding/{k}/budget") for k in keys] == [
        "1.00",
        "2.00",
        "3.00",
        "4.00",
    ]


def test_labels_copied_along_stay_where_they_are(filer, declaration) -> None:
    pasted = paste_at(
        filer,
        declaration,
        "funding/basic/budget",
        ["483.09", "财政拨款", "5,195.12"],
        ["2,453.62", "其他资金", "0.00"],
    )
    keys = ("basic", "fiscal", "project", "other_income")
    assert [text_of(declaration, f"funding/{k}/budget") for k in keys] == [
        "483.09",
        "5,195.12",
        "2,453.62",
        "0.00",
    ]
    assert pasted.left_over == 0


def test_a_heading_copied_along_between_the_rows_keeps_its_place(filer, declaration) -> None:
    """The whole block of the official form, as somebody copies it from last year's workbook."""
    paste_at(
        filer,
        declaration,
        "funding/basic/budget",
        ["483.09", "财政拨款", "5,195.12"],
        ["2,453.62", "其他资金", "0.00"],
        ["预算金额（万元）", "按预算级次划分", "预算金额（万元）"],
        ["0.00", "区本级使用资金", "5,195.12"],
        ["2,258.41", "拟用于对下转移支付资金", "0.00"],
    )
    shown = {e.anchor: e.text for e in entries(declaration) if e.anchor.startswith("funding/")}
    assert shown == {
        "funding/basic/budget": "483.09",
        "funding/fiscal/budget": "5,195.12",
        "funding/project/budget": "2,453.62",
        "funding/other_income/budget": "0.00",
        "funding/special/budget": "0.00",
        "funding/district/budget": "5,195.12",
        "funding/development/budget": "2,258.41",
        "funding/transfer/budget": "0.00",
    }


def test_a_plain_column_may_hold_a_blank(filer, declaration) -> None:
    paste_at(filer, declaration, "funding/basic/budget", ["1"], ["2"], [""], ["4"])
    assert text_of(declaration, "funding/special/budget") == ""
    assert text_of(declaration, "funding/development/budget") == "4.00"


# What does not fit


def test_what_falls_outside_the_table_is_counted(filer, declaration) -> None:
    cell = first(declaration, "tasks.amount")
    pasted = paste_at(filer, declaration, cell, ["1", "目标", "多", "余"], ["2", "目标", "", "余"])
    assert pasted.left_over == 3
    assert listed(declaration, "tasks.amount", "tasks.expected") == [
        ["1.00", "目标"],
        ["2.00", "目标"],
    ]


def test_texts_that_meet_a_label_are_counted(filer, declaration) -> None:
    pasted = paste_at(filer, declaration, "funding/basic/budget", ["1", "2", "3"])
    assert pasted.left_over == 1
    assert value_of(declaration, "funding/fiscal/budget") == Decimal("30000.00")


def test_rows_below_the_section_are_counted_but_not_their_blanks(filer, declaration) -> None:
    block = [[str(n)] for n in range(6)] + [[""], ["  "]]
    pasted = paste_at(filer, declaration, "funding/basic/budget", *block)
    assert pasted.left_over == 2
    assert value_of(declaration, "text/overall_goal") == ""


def test_refused_values_are_reported_and_the_rest_is_saved(filer, declaration) -> None:
    block = [
        ["一", "内容", "很多", "目标"],
        ["二", "内容", "-5", "目标"],
        ["三", "内容", "7", "目标"],
    ]
    pasted = paste_at(filer, declaration, first(declaration, "tasks.name"), *block)
    refused = {o.anchor: o for o in pasted.outcomes if o.status is Status.INVALID}
    amounts = anchors(declaration, "tasks.amount")
    assert list(refused) == amounts[:2]
    assert "不是数字" in refused[amounts[0]].message
    assert refused[amounts[1]].message == "金额不能为负数"
    assert [pasted.texts[a] for a in amounts[:2]] == ["很多", "-5"]
    assert listed(declaration, "tasks.name", "tasks.amount") == [
        ["一", ""],
        ["二", ""],
        ["三", "7.00"],
    ]


def test_choices_take_what_they_offer_and_report_the_rest(filer, declaration) -> None:
    cell = first(declaration, "indicators.level1")
    block = [["产出指标", "数量指标", "人数"], ["产 出指标", "别的指标", "次数"]]
    pasted = paste_at(filer, declaration, cell, *block)
    (refused,) = [o for o in pasted.outcomes if o.status is Status.INVALID]
    assert refused.anchor == anchors(declaration, "indicators.level2")[1]
    assert refused.message.startswith("请从下列选项中选择：数量指标、质量指标、")
    assert listed(declaration, "indicators.level1", "indicators.level2", "indicators.level3") == [
        ["产出指标", "数量指标", "人数"],
        ["产出指标", "", "次数"],
    ]


def test_a_district_column_is_pasted_into_as_well(filer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    cell = first(declaration, "tasks.extra.office")
    paste_at(
        filer, declaration, cell, ["办公室", "12", "85%", "3万元"], ["财务科", "8", "9", "500"]
    )
    tags = ("tasks.extra.office", "tasks.extra.people", "tasks.extra.rate", "tasks.extra.subsidy")
    assert listed(declaration, *tags) == [
        ["办公室", "12", "85%", "30000"],
        ["财务科", "8", "9%", "500"],
    ]


@pytest.mark.parametrize("block", [[], [[]], [[], []]])
def test_an_empty_block_changes_nothing(filer, declaration, block: list[list[str]]) -> None:
    events = declaration.events.count()
    pasted = paste_at(filer, declaration, "funding/basic/budget", *block)
    assert (pasted.outcomes, pasted.event) == ([], None)
    assert declaration.events.count() == events
    assert reread(declaration).edited_at is None


@pytest.mark.parametrize(
    "anchor", ["", "nonsense", "task/²/name", "funding/basic/executed", "computed/A16"]
)
def test_a_cell_that_is_not_there_takes_no_block(filer, declaration, anchor: str) -> None:
    with pytest.raises(RefusedError, match="要粘贴的单元格已不存在，请刷新页面"):
        paste_at(filer, declaration, anchor, ["1"])


def test_a_cell_of_another_declaration_takes_no_block(filer, declaration) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    with pytest.raises(RefusedError, match="已不存在"):
        paste_at(filer, declaration, first(foreign, "tasks.name"), ["写错地方"])
    assert listed(foreign, "tasks.name") == [[""]]


# The record of it, and who may


def test_the_event_keeps_what_was_there_before(filer, declaration) -> None:
    type_into(filer, declaration, **{"tasks.name": "旧", "tasks.amount": "1"})
    name, amount = first(declaration, "tasks.name"), first(declaration, "tasks.amount")
    pasted = paste_at(filer, declaration, name, ["新", "内容", "2"], ["二", "内容", "多"])
    event = pasted.event
    assert event is not None
    assert (event.kind, event.actor) == (EventKind.PASTED, filer)
    assert (event.data["before"][name], event.data["before"][amount]) == ("旧", "1.00")
    assert (event.data["after"][name], event.data["after"][amount]) == ("新", "2.00")
    assert len(event.data["added"]) == 1
    assert "多" not in event.data["after"].values()
    assert reread(declaration).edited_by == filer


def test_a_colleague_may(colleague, declaration) -> None:
    paste_at(colleague, declaration, "funding/basic/budget", ["1"])
    assert value_of(declaration, "funding/basic/budget") == Decimal("10000.00")


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_pastes(request, declaration, who: str) -> None:
    with pytest.raises(NotPermittedError):
        paste_at(request.getfixturevalue(who), declaration, "funding/basic/budget", ["1"])
    assert value_of(declaration, "funding/basic/budget") is None


def test_nothing_is_pasted_while_it_is_reviewed(filer, declaration) -> None:
    factories.submitted(filer, declaration)
    with pytest.raises(WrongStateError):
        paste_at(filer, declaration, "funding/basic/budget", ["1"])
