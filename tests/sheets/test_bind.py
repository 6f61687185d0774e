"""Binding a form to records: rows repeat, labels grow, formulas are computed."""

from decimal import Decimal

import pytest

from declarations.sheets.kinds import Kind
from declarations.sheets.records import Item, Records
from declarations.sheets.table import Access, Table
from tests.sheets.workbooks import Cells, bound, form, indicator, printed, spans, task

D = Decimal
TASKS = {"A1": "任务", "B1": "资金（万元）", "A2": "{{tasks.name}}", "B2": "{{tasks.amount}}"}
NESTED = {
    "A1": "任务",
    "B1": "指标",
    "C1": "指标值",
    "D1": "资金（元）",
    "A2": "{{tasks.name}}",
    "B2": "{{tasks.indicators.level3}}",
    "C2": "{{tasks.indicators.target}}",
    "D2": "{{tasks.amount}}",
}


def two_tasks() -> dict[str, list[Item]]:
    return {"tasks": [task(4, name="甲", amount=D(10000)), task(7, name="乙", amount=D(25000))]}


def nested_tasks() -> dict[str, list[Item]]:
    first = [indicator(1, level3="一", target="1人"), indicator(2, level3="二", target="2人")]
    return {
        "tasks": [
            task(1, *first, name="甲", amount=D(5)),
            task(2, indicator(3, level3="三"), name="乙"),
        ]
    }


def value(
    cells: Cells, tag: str, *, formats: dict[str, str] | None = None, **records: object
) -> str:
    """What the only cell with a tag shows."""
    table = bound(form(cells, formats=formats or {}), **records)
    return next(e.text for e in table.entries() if e.field.tag == tag)


# Rows


def test_a_row_repeats_for_every_row_of_its_list() -> None:
    table = bound(form(TASKS), lists=two_tasks())
    assert printed(table) == [["任务", "资金（万元）"], ["甲", "1"], ["乙", "2.5"]]


def test_an_empty_list_prints_one_blank_row() -> None:
    table = bound(form(TASKS))
    assert printed(table) == [["任务", "资金（万元）"], ["", ""]]
    assert [e.access for e in table.entries()] == [Access.LOCKED, Access.LOCKED]
    assert [e.anchor for e in table.entries()] == ["", ""]


def test_the_rows_from_a_lists_first_tag_to_its_last_repeat_together() -> None:
    table = bound(
        form(
            {
                "A1": "目标",
                "B1": "{{goals.name}}",
                "A2": "说明如下",
                "B2": "（略）",
                "A3": "内容",
                "B3": "{{goals.content}}",
            }
        ),
        lists={"goals": [task(1, name="甲", content="子"), task(2, name="乙", content="丑")]},
    )
    assert printed(table) == [
        ["目标", "甲"],
        ["说明如下", "（略）"],
        ["内容", "子"],
        ["目标", "乙"],
        ["说明如下", "（略）"],
        ["内容", "丑"],
    ]


def test_rows_know_their_number_in_their_own_list() -> None:
    table = bound(
        form(
            {
                "A1": "{{tasks.number}}、{{tasks.name}}",
                "B1": "{{tasks.number}}.{{tasks.indicators.number}} {{tasks.indicators.level3}}",
            }
        ),
        lists=nested_tasks(),
    )
    assert printed(table) == [["1、甲", "1.1 一"], ["1.2 二"], ["2、乙", "2.1 三"]]
    assert (
        bound(form({"A1": "{{tasks.number}}", "B1": "{{tasks.name}}"})).rows[0].cells[0].text == ""
    )


def test_rows_are_found_again_by_their_handles_and_anchors() -> None:
    table = bound(form(NESTED), lists=nested_tasks())
    handles = [[(h.anchor, h.number, h.count) for h in row.handles] for row in table.rows]
    assert handles == [
        [],
        [("task/1", 1, 2), ("indicator/1", 1, 2)],
        [("indicator/2", 2, 2)],
        [("task/2", 2, 2), ("indicator/3", 1, 1)],
    ]
    assert table.entry("indicator/2/target").text == "2人"
    assert table.entry("indicator/2/target").name == "第2行 指标值"
    with pytest.raises(KeyError):
        table.entry("indicator/9/target")


# Spans


def test_a_label_that_covers_heading_and_row_grows_with_the_list() -> None:
    table = bound(
        form({"A1:A2": "重点任务", "B1": "名称", "B2": "{{tasks.name}}", "C1": "备注", "C2": "无"}),
        lists=two_tasks(),
    )
    assert spans(table) == [
        [("重点任务", 3, 1), ("名称", 1, 1), ("备注", 1, 1)],
        [("甲", 1, 1), ("无", 1, 1)],
        [("乙", 1, 1), ("无", 1, 1)],
    ]


def test_a_label_left_of_the_row_grows_and_one_right_of_it_repeats() -> None:
    table = bound(form({"A1": "任务", "B1": "{{tasks.name}}", "C1": "元"}), lists=two_tasks())
    assert spans(table) == [
        [("任务", 2, 1), ("甲", 1, 1), ("元", 1, 1)],
        [("乙", 1, 1), ("元", 1, 1)],
    ]


def test_a_value_outside_the_list_grows_beside_its_rows() -> None:
    cells = {"A1": "{{text.goal}}", "B1": "{{tasks.name}}", "C1": "{{= sum(tasks.amount)}}"}
    table = bound(
        form(cells | {"D1": "{{tasks.amount}}"}), lists=two_tasks(), texts={"goal": "目标"}
    )
    assert spans(table)[0] == [
        ("目标", 2, 1),
        ("甲", 1, 1),
        ("35000", 2, 1),
        ("10000", 1, 1),
    ]


def test_a_tasks_cells_span_its_indicators() -> None:
    assert spans(bound(form(NESTED), lists=nested_tasks()))[1:] == [
        [("甲", 2, 1), ("一", 1, 1), ("1人", 1, 1), ("5", 2, 1)],
        [("二", 1, 1), ("2人", 1, 1)],
        [("乙", 1, 1), ("三", 1, 1), ("", 1, 1), ("", 1, 1)],
    ]


def test_a_task_without_indicators_still_has_its_row() -> None:
    assert spans(bound(form(NESTED), lists={"tasks": [task(1, name="甲")]}))[1:] == [
        [("甲", 1, 1), ("", 1, 1), ("", 1, 1), ("", 1, 1)]
    ]


def test_a_whole_block_repeats_with_its_own_headings_and_nested_rows() -> None:
    goals = [
        task(1, indicator(1, level3="一"), indicator(2, level3="二"), name="甲"),
        task(2, indicator(3, level3="三"), name="乙"),
    ]
    table = bound(
        form(
            {
                "A1:A3": "年度目标{{goals.number}}",
                "B1": "目标名称",
                "C1": "{{goals.name}}",
                "B2": "指标",
                "C2": "依据",
                "B3": "{{goals.indicators.level3}}",
                "C3": "{{goals.indicators.basis}}",
            }
        ),
        lists={"goals": goals},
    )
    assert spans(table) == [
        [("年度目标1", 4, 1), ("目标名称", 1, 1), ("甲", 1, 1)],
        [("指标", 1, 1), ("依据", 1, 1)],
        [("一", 1, 1), ("", 1, 1)],
        [("二", 1, 1), ("", 1, 1)],
        [("年度目标2", 3, 1), ("目标名称", 1, 1), ("乙", 1, 1)],
        [("指标", 1, 1), ("依据", 1, 1)],
        [("三", 1, 1), ("", 1, 1)],
    ]


# Merging


def indicators(*levels: tuple[str, str]) -> dict[str, list[Item]]:
    rows = enumerate(levels, start=1)
    return {"indicators": [indicator(n, level1=a, level2=b) for n, (a, b) in rows]}


MERGED = {"A1": "{{indicators.level1|merge}}", "B1": "{{indicators.level2|merge}}"}


def test_equal_neighbours_become_one_within_what_stands_left_of_them() -> None:
    rows = indicators(("产出", "数量"), ("产出", "数量"), ("产出", "质量"), ("效益", "质量"))
    assert spans(bound(form(MERGED), lists=rows)) == [
        [("产出", 3, 1), ("数量", 2, 1)],
        [],
        [("质量", 1, 1)],
        [("效益", 1, 1), ("质量", 1, 1)],
    ]


def test_neighbours_that_are_not_adjacent_or_blank_stay_apart() -> None:
    rows = indicators(("产出", ""), ("效益", ""), ("产出", ""))
    assert [len(cells) for cells in spans(bound(form(MERGED), lists=rows))] == [2, 2, 2]


def test_nothing_is_merged_while_editing() -> None:
    rows = indicators(("产出", "数量"), ("产出", "数量"))
    table = bound(form(MERGED), lists=rows, editing=True)
    assert spans(table)[:2] == [[("产出", 1, 1), ("数量", 1, 1)]] * 2


def test_equal_neighbours_of_different_tasks_stay_apart() -> None:
    cells = {"A1": "{{tasks.name}}", "B1": "{{tasks.indicators.level1|merge}}"}
    rows = [task(n, indicator(n, level1="产出"), name=f"任务{n}") for n in (1, 2)]
    assert spans(bound(form(cells), lists={"tasks": rows})) == [
        [("任务1", 1, 1), ("产出", 1, 1)],
        [("任务2", 1, 1), ("产出", 1, 1)],
    ]


def test_equal_neighbours_of_the_tasks_themselves_merge_over_their_indicators() -> None:
    cells = {
        "A1": "{{tasks.extra.kind|merge}}",
        "B1": "{{tasks.name}}",
        "C1": "{{tasks.indicators.level3}}",
    }
    rows = nested_tasks()
    for row in rows["tasks"]:
        row.values["extra.kind"] = "民生"
    assert spans(bound(form(cells), lists=rows)) == [
        [("民生", 3, 1), ("甲", 2, 1), ("一", 1, 1)],
        [("二", 1, 1)],
        [("乙", 1, 1), ("三", 1, 1)],
    ]


def test_lists_that_follow_each_other_stay_apart() -> None:
    cells = {"A1": "{{projects.extra.kind|merge}}", "A2": "{{indicators.level1|merge}}"}
    rows = {"projects": [task(1, **{"extra.kind": "产出"})]} | indicators(
        ("产出", ""), ("产出", "")
    )
    assert spans(bound(form(cells), lists=rows)) == [[("产出", 1, 1)], [("产出", 2, 1)], []]


# Editing


def test_while_editing_each_list_offers_another_row() -> None:
    table = bound(
        form({"A1:A2": "重点任务"} | {"B1": "名称", "B2": "{{tasks.name}}"}),
        lists=two_tasks(),
        editing=True,
    )
    assert [row.add_to for row in table.rows] == ["", "", "", "tasks"]
    assert table.rows[-1].add_label == "重点任务"
    assert spans(table)[0][0] == ("重点任务", 4, 1)


def test_while_editing_each_task_offers_another_indicator() -> None:
    table = bound(form(NESTED), lists=nested_tasks(), editing=True)
    offers = [row.add_to for row in table.rows if row.add_to]
    assert offers == ["task/1/indicators", "task/2/indicators", "tasks"]
    assert spans(table)[1][0] == ("甲", 3, 1)


def test_the_offer_of_a_nested_row_stands_between_its_tasks_own_columns() -> None:
    cells = {"A1": "任务", "B1": "指标", "C1": "资金（元）"} | {
        "A2": "{{tasks.name}}",
        "B2": "{{tasks.indicators.level3}}",
        "C2": "{{tasks.amount}}",
    }
    lists = {"tasks": [task(1, name="甲", amount=D(5))]}
    table = bound(form(cells), lists=lists, editing=True)
    assert [(c.column, c.text, c.offers_row) for c in table.rows[1].cells] == [
        (1, "甲", False),
        (2, "", True),
        (3, "5", False),
    ]
    assert [(c.column, c.colspan, c.offers_row) for c in table.rows[-1].cells] == [(1, 3, True)]


def test_a_share_of_a_blank_amount_is_blank() -> None:
    cells = {"A1": "任务", "B1": "占比", "A2": "{{tasks.amount}}"} | {
        "B2": "{{= tasks.amount / sum(tasks.amount)}}"
    }
    lists = {"tasks": [task(1, amount=D(5)), task(2, amount=None)]}
    table = bound(form(cells, formats={"B2": "0.0%"}), lists=lists)
    assert printed(table)[1:] == [["5", "100.0%"], ["", ""]]


def test_while_editing_an_empty_list_has_no_rows_of_its_own() -> None:
    table = bound(form(TASKS), editing=True)
    assert [row.add_to for row in table.rows] == ["", "tasks"]


# Headings


def scopes(cells: Cells) -> dict[str, str]:
    return {c.text: c.scope for c in bound(form(cells)).cells() if c.text}


def test_labels_head_the_column_below_or_the_row_beside_them() -> None:
    cells = {
        "A1:A3": "收支",
        "B1": "项目",
        "C1": "预算数",
        "D1": "执行数",
        "B2": "基本支出",
        "C2": "{{funding.basic.budget}}",
        "D2": "{{funding.basic.executed}}",
        "B3": "项目支出",
        "C3": "{{funding.project.budget}}",
        "D3": "{{funding.project.executed}}",
        "A4": "目标",
        "B4:D4": "{{text.goal}}",
    }
    assert scopes(cells) == {
        "收支": "row",
        "项目": "row",
        "预算数": "col",
        "执行数": "col",
        "基本支出": "row",
        "项目支出": "row",
        "目标": "row",
    }


def test_a_heading_in_the_first_column_heads_it_unless_it_stands_beside_something() -> None:
    cells = {"A1": "序号", "B1": "名称", "A2": "{{tasks.number}}", "B2": "{{tasks.name}}"}
    below = {
        "A3:A4": "指标",
        "B3": "三级指标",
        "B4": "{{indicators.level3}}",
        "A5": "{{text.note}}",
    }
    assert scopes(cells | below) == {"序号": "col", "名称": "col", "指标": "row", "三级指标": "col"}


def test_a_label_over_a_wider_heading_does_not_head_its_column() -> None:
    cells = {"A1": "支出", "B1": "基本支出", "C1": "备注", "D1": "{{funding.basic.budget}}"}
    below = {"A2:A3": "项目", "B2:C2": "名称", "D2": "金额", "B3:C3": "{{projects.name}}"}
    assert scopes(cells | below | {"D3": "{{projects.amount}}"})["基本支出"] == "row"


YEARS = {
    "A1:A2": "收支",
    "B1:D1": "近三年金额",
    "B2": "{{= year - 2}}年",
    "C2": "{{= year - 1}}年决算数",
    "D2": "{{year}}年度预算数",
    "A3": "基本支出",
    "B3": "{{funding.basic.prior2}}",
    "C3": "{{funding.basic.prior1}}",
    "D3": "{{funding.basic.budget}}",
}


def test_a_label_with_a_year_is_a_heading_and_names_what_is_below() -> None:
    parsed = form(YEARS)
    table = bound(parsed, context={"year": "2024"})
    assert {c.text: c.scope for c in table.cells() if c.text} == {
        "收支": "row",
        "近三年金额": "col",
        "2022年": "col",
        "2023年决算数": "col",
        "2024年度预算数": "col",
        "基本支出": "row",
    }
    assert [f.label for f in parsed.fields.values()] == [
        "基本支出 近三年金额 前年",
        "基本支出 近三年金额 上年决算数",
        "基本支出 近三年金额 本年预算数",
    ]


def test_a_year_by_itself_is_a_value_and_so_is_a_department() -> None:
    cells = {"A1": "年度", "B1": "{{year}}", "A2": "部门：{{department.name}}", "B2": "{{text.a}}"}
    table = bound(form(cells), context={"year": "2024", "department.name": "甲"})
    assert {c.text: c.scope for c in table.cells() if c.text} == {
        "年度": "row",
        "2024": "",
        "部门：甲": "",
    }


def test_a_heading_with_a_year_repeats_with_its_block() -> None:
    cells = {
        "A1:A3": "目标{{goals.number}}",
        "B1:C1": "{{goals.name}}",
        "B2": "指标",
        "C2": "{{= year - 1}}年",
        "B3": "{{goals.indicators.level3}}",
        "C3": "{{goals.indicators.prior1}}",
    }
    goals = [task(1, indicator(1, level3="一"), name="甲"), task(2, name="乙")]
    table = bound(form(cells), lists={"goals": goals}, context={"year": "2024"})
    assert [row[-1] for row in printed(table)] == ["甲", "2023年", "", "乙", "2023年", ""]


def test_a_heading_over_headings_heads_their_columns() -> None:
    cells = {"A1:A3": "表", "B1:C1": "预算", "B2": "年初", "C2": "调整"}
    cells |= {"B3": "{{funding.a.budget}}", "C3": "{{funding.a.adjustment}}"}
    assert scopes(cells) == {"表": "row", "预算": "col", "年初": "col", "调整": "col"}


# Values


def test_several_tags_in_one_cell_keep_the_words_between_them() -> None:
    cells = {"A1": "任务{{tasks.number}}：{{tasks.name}}\n拟投入：{{tasks.amount}}万元"}
    table = bound(form(cells, formats={"A1": "#,##0.00"}), lists=two_tasks())
    assert table.rows[1].cells[0].text == "任务2：乙\n拟投入：2.50万元"
    assert [e.anchor for e in table.rows[1].cells[0].entries] == ["task/7/name", "task/7/amount"]


def test_what_the_system_knows_is_plain_text() -> None:
    table = bound(
        form({"A1": "{{department.name}}{{year}}年", "B1": "{{text.goal}}"}),
        context={"department.name": "某部门", "year": "2023"},
    )
    assert table.rows[0].cells[0].text == "某部门2023年"
    assert table.rows[0].cells[0].entries == []


def test_a_districts_own_columns() -> None:
    cells = {"A1": "{{tasks.extra.operator}}", "B1": "{{tasks.extra.heads}}"}
    fields = [["标签", "类型"], ["tasks.extra.heads", "数值"]]
    rows = [task(n, **{"extra.operator": "街道", "extra.heads": str(n)}) for n in (2, 3)]
    bound_form = form(cells | {"A2": "合计", "B2": "{{= sum(tasks.extra.heads)}}"}, fields=fields)
    table = bound(bound_form, lists={"tasks": rows})
    assert printed(table) == [["街道", "2"], ["街道", "3"], ["合计", "5"]]
    assert table.rows[0].cells[0].entries[0].anchor == "task/2/extra.operator"


# Formulas

MONEY = {
    "A1": "单位：万元",
    "A2": "年初",
    "B2": "{{funding.a.budget}}",
    "A3": "调整",
    "B3": "{{funding.a.adjustment}}",
    "A4": "支出",
    "B4": "{{funding.a.executed}}",
    "A5": "结果",
}
LIWAN = {"a": {"budget": D(26_819_700), "adjustment": D(9_646_000), "executed": D(34_010_800)}}


@pytest.mark.parametrize(
    ("formula", "code", "shown"),
    [
        ("funding.a.budget + funding.a.adjustment", "#,##0.00", "3,646.57"),
        ("funding.a.budget - funding.a.executed", "#,##0.00", "-719.11"),
        ("funding.a.executed / (funding.a.budget + funding.a.adjustment)", "0.00%", "93.27%"),
        ("rate(funding.a.adjustment, funding.a.budget)", "0.00%", "35.97%"),
        ("funding.a.budget * 50 / 100", "#,##0.00", "1,340.99"),
        ("abs(funding.a.budget - funding.a.executed)", "0.0", "719.1"),
        ("max(funding.a.budget, funding.a.executed)", "0.00", "3401.08"),
        ("min(funding.a.budget, funding.a.executed)", "0.00", "2681.97"),
        ("（funding.a.budget＋funding.a.adjustment）÷2", "0.00", "1823.29"),
        ("funding.a.executed if funding.a.budget > 0 else 0", "0.00", "3401.08"),
        ("round(10 / 3, 2)", "General", "3.33"),
        ("round(2.5)", "General", "3"),
        ("funding.a.budget / funding.a.executed", "General", "0.788564"),
    ],
)
def test_formulas(formula: str, code: str, shown: str) -> None:
    cells = MONEY | {"B5": f"{{{{={formula}}}}}"}
    context = {"year": "2023"}
    assert (
        value(cells, "computed.B5", formats={"B5": code}, funding=LIWAN, context=context) == shown
    )


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("funding.a.budget + funding.a.adjustment", "1"),
        ("funding.a.adjustment + funding.a.executed", ""),
        ("funding.a.budget / funding.a.adjustment", ""),
        ("funding.a.adjustment / funding.a.executed", ""),
        ("rate(funding.a.budget, funding.a.adjustment)", "0"),
        ("rate(funding.a.adjustment, funding.a.executed)", ""),
        ("1 + 1", "2"),
    ],
)
def test_blanks_count_as_zero_but_only_blanks_give_a_blank(formula: str, shown: str) -> None:
    """So does a division by zero; `rate` gives zero there."""
    funding = {"a": {"budget": D(10_000), "adjustment": None, "executed": None}}
    cells = MONEY | {"B5": f"{{{{= {formula}}}}}"}
    assert value(cells, "computed.B5", funding=funding) == shown


def test_a_formula_in_a_row_is_computed_from_its_row() -> None:
    cells = TASKS | {
        "C1": "占比",
        "C2": "{{= tasks.amount / sum(tasks.amount)}}",
        "A3": "合计",
        "B3": "{{= sum(tasks.amount)}}",
        "C3": "{{= rate(sum(tasks.amount), sum(tasks.amount))}}",
    }
    formats = {"B2": "0.00", "C2": "0.0%", "B3": "0.00", "C3": "0.0%"}
    table = bound(form(cells, formats=formats), lists=two_tasks())
    assert printed(table)[1:] == [
        ["甲", "1.00", "28.6%"],
        ["乙", "2.50", "71.4%"],
        ["合计", "3.50", "100.0%"],
    ]
    assert [e.anchor for e in table.entries() if e.access is Access.COMPUTED] == [
        "task/4/computed/C2",
        "task/7/computed/C2",
        "computed/B3",
        "computed/C3",
    ]


WEIGHED = {
    "A1": "任务",
    "B1": "指标",
    "C1": "分值",
    "D1": "小计",
    "A2": "{{tasks.name}}",
    "B2": "{{tasks.indicators.level3}}",
    "C2": "{{tasks.indicators.weight}}",
    "D2": "{{= sum(tasks.indicators.weight)}}",
    "A3:B3": "合计",
    "C3": "{{= sum(tasks.indicators.weight)}}",
    "D3": "{{= count(tasks.indicators.weight)}}",
}


def weighed_tasks() -> dict[str, list[Item]]:
    first = [indicator(1, weight=D(3)), indicator(2, weight=D(5)), indicator(3, weight=None)]
    return {"tasks": [task(1, *first), task(2, indicator(4, weight=D(2))), task(3)]}


def test_a_sum_in_a_tasks_row_is_that_of_its_own_indicators() -> None:
    table = bound(form(WEIGHED), lists=weighed_tasks())
    subtotals = [e for e in table.entries() if e.field.tag == "computed.D2"]
    assert [(e.anchor, e.text) for e in subtotals] == [
        ("task/1/computed/D2", "8"),
        ("task/2/computed/D2", "2"),
        ("task/3/computed/D2", ""),
    ]
    assert spans(table)[1][3] == ("8", 3, 1)


def test_a_sum_outside_is_that_of_all_indicators() -> None:
    table = bound(form(WEIGHED), lists=weighed_tasks())
    assert printed(table)[-1] == ["合计", "10", "3"]


def test_a_formula_of_an_indicators_row_may_use_its_task() -> None:
    cells = NESTED | {"E1": "折算", "E2": "{{= tasks.amount * tasks.indicators.weight}}"}
    rows = [task(1, indicator(1, weight=D(2)), indicator(2, weight=D(3)), amount=D(10))]
    cells |= {"C2": "{{tasks.indicators.weight}}"}
    table = bound(form(cells), lists={"tasks": rows})
    assert [e.text for e in table.entries() if e.field.tag == "computed.E2"] == ["20", "30"]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("average(tasks.amount)", "17500"),
        ("count(tasks.amount)", "2"),
        ("sum(tasks.amount, tasks.total_amount)", "35000"),
    ],
)
def test_aggregates_leave_blanks_out(formula: str, shown: str) -> None:
    cells = {"A1": "{{tasks.amount}}", "B1": "{{tasks.total_amount}}", "A2": f"{{{{= {formula}}}}}"}
    rows = [*two_tasks()["tasks"], task(9)]
    assert value(cells, "computed.A2", lists={"tasks": rows}) == shown


@pytest.mark.parametrize(
    "formula", ["average(tasks.amount)", "sum(tasks.amount)", "count(tasks.amount)"]
)
def test_aggregates_of_nothing_are_blank(formula: str) -> None:
    cells = {"A1": "{{tasks.amount}}", "A2": f"{{{{= {formula}}}}}"}
    assert value(cells, "computed.A2") == ""


def test_what_is_too_large_for_any_amount_is_blank() -> None:
    cells = {"A1": "{{funding.a.budget}}", "A2": "{{= funding.a.budget * funding.a.budget}}"}
    largest = Decimal("9999999999999999.99")
    table = bound(form(cells, formats={"A2": "0.00"}), funding={"a": {"budget": largest}})
    assert printed(table)[1] == [""]


def test_figures_kept_as_text_are_computed_with_where_their_kind_is_a_number() -> None:
    cells = {"A1": "{{indicators.target}}", "A2": "{{= sum(indicators.target)}}"}
    rows = {"indicators": [indicator(1, target="12.5"), indicator(2, target="")]}
    fields = [["标签", "类型"], ["indicators.target", "数值"]]
    assert bound(form(cells, fields=fields), lists=rows).entry("computed/A2").text == "12.5"


# The table as a whole


def test_lines_above_and_below_the_table_are_apart_from_its_rows() -> None:
    cells = {
        "A1": "{{year}}年表",
        "A2": "目标",
        "B2": "{{text.goal}}",
        "A3": "填报人：{{text.filer}}",
    }
    table = bound(form(cells, lines=[1, 3]), context={"year": "2023"}, texts={"filer": "甲"})
    assert (table.title, [c.text for c in table.head]) == ("2023年表", ["2023年表"])
    assert [c.text for c in table.foot] == ["填报人：甲"]
    assert printed(table) == [["目标", ""]]
    assert [e.anchor for e in table.entries()] == ["text/goal", "text/filer"]


def test_rows_know_their_section() -> None:
    cells = {"A1": "目标", "B1": "{{text.goal}}", "A2": "任务", "B2": "{{tasks.name}}"}
    table = bound(form(cells), lists=two_tasks())
    assert [row.section for row in table.rows] == [0, 1, 1]


def test_live_and_frozen_records_give_the_same_table() -> None:
    records = Records(context={"year": "2023"}, texts={"goal": "目标"}, lists=nested_tasks())
    parsed = form(NESTED | {"A3": "{{text.goal}}"})
    frozen = Records.from_json(records.to_json())

    def texts(source: Records) -> list[tuple[str, str]]:
        table: Table = bound(parsed, **{f: getattr(source, f) for f in ("texts", "lists")})
        return [(e.anchor, e.text) for e in table.entries()]

    assert texts(records) == texts(frozen)


def test_the_kind_of_a_computed_rate_is_a_percentage() -> None:
    parsed = form(
        MONEY | {"B5": "{{= funding.a.executed / funding.a.budget}}"}, formats={"B5": "0%"}
    )
    assert parsed.fields["computed.B5"].kind is Kind.PERCENT
