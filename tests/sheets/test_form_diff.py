"""What an administrator is told of the difference between two versions of a form."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from declarations.sheets.form import Form
from declarations.sheets.form_diff import FormChanges, compare_forms, formula_of
from declarations.sheets.parse import parse_form
from tests import factories
from tests.sheets.workbooks import form, saved, workbook

CELLS = {
    "A1:C1": "绩效目标表",
    "A2": "总体目标",
    "B2:C2": "{{text.goal}}",
    "A3": "任务",
    "B3": "金额（万元）",
    "C3": "备注",
    "A4": "{{tasks.name}}",
    "B4": "{{tasks.amount}}",
    "C4": "{{tasks.extra.note}}",
    "A5": "合计",
    "B5:C5": "{{= sum(tasks.amount)}}",
}
FIELDS = [["标签", "名称", "说明", "必填", "类型", "选项", "单位", "字数", "可为负数"]]


def made(cells: dict[str, str] | None = None, **about: dict[str, Any]) -> Form:
    """The form with the rows of 字段 by tag (``__`` for the dot)."""
    rows = [
        [tag.replace("__", "."), *(said.get(name, "") for name in FIELDS[0][1:])]
        for tag, said in about.items()
    ]
    return form(
        CELLS if cells is None else cells, lines=[1], fields=[*FIELDS, *rows] if rows else ()
    )


def details(before: Form, after: Form) -> list[tuple[str, ...]]:
    return [change.details for change in compare_forms(before, after).changed]


def test_the_same_form_has_no_changes() -> None:
    panyu = parse_form(factories.PANYU_FORM.read_bytes())
    assert compare_forms(panyu, panyu) == FormChanges()
    assert not compare_forms(panyu, panyu)


def test_what_comes_and_what_goes() -> None:
    after = {k: v for k, v in CELLS.items() if k not in ("C3", "C4")}
    after |= {"C3": "预期目标", "C4": "{{tasks.expected}}"}
    changes = compare_forms(made(), made(after))
    assert [f.tag for f in changes.added] == ["tasks.expected"]
    assert [f.tag for f in changes.removed] == ["tasks.extra.note"]
    assert (changes.added_texts, changes.removed_texts) == (["预期目标"], ["备注"])
    assert changes.changed == []
    assert changes


def test_the_title() -> None:
    changes = compare_forms(made(), made(CELLS | {"A1:C1": "绩效目标申报表"}))
    assert changes.title == ("绩效目标表", "绩效目标申报表")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"名称": "甲"}, {"名称": "乙"}, "名称由“甲”改为“乙”"),
        ({}, {"说明": "写明年度"}, "说明由（无）改为“写明年度”"),
        ({"必填": "是"}, {"必填": "否"}, "不再必填"),
        ({"必填": "否"}, {"必填": "是"}, "改为必填"),
        ({"类型": "单行文字"}, {"类型": "日期"}, "类型由“单行文字”改为“日期”"),
        (
            {"类型": "选项", "选项": "高、低"},
            {"类型": "选项", "选项": "高、中、低"},
            "选项由“高、低”改为“高、中、低”",
        ),
        ({"字数": 20}, {"字数": 50}, "字数由“20”改为“50”"),
        ({"类型": "金额", "单位": "元"}, {"类型": "金额", "单位": "万元"}, "单位由“元”改为“万元”"),
        (
            {"类型": "金额", "可为负数": "否"},
            {"类型": "金额", "可为负数": "是"},
            "可以填负数",
        ),
    ],
)
def test_every_part_of_a_field(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    same = {"名称": "备注"}
    found = details(made(tasks__extra__note=same | before), made(tasks__extra__note=same | after))
    assert found == [(said,)]


def test_a_formula_is_told_from_another_by_its_label() -> None:
    after = CELLS | {"B5:C5": "{{= sum(tasks.amount) / 2}}"}
    assert details(made(), made(after)) == [
        ("算式由“sum(tasks.amount)”改为“sum(tasks.amount) / 2”",)
    ]


def test_a_formula_that_only_moved_is_the_same() -> None:
    after = {k: v for k, v in CELLS.items() if not k.startswith(("A5", "B5"))}
    after |= {"A5": "说明", "B5:C5": "{{text.about}}", "A6": CELLS["A5"], "B6:C6": CELLS["B5:C5"]}
    changes = compare_forms(made(), made(after))
    assert [f.tag for f in changes.added] == ["text.about"]
    assert (changes.removed, changes.changed) == ([], [])


def test_only_what_is_computed_has_a_formula() -> None:
    parsed = made()
    assert formula_of(parsed, parsed.fields["computed.B5"]) == "sum(tasks.amount)"
    assert formula_of(parsed, parsed.fields["tasks.amount"]) == ""


def test_checks_that_come_go_and_change() -> None:
    def with_rules(*rules: tuple[str, str, str]) -> Form:
        book = load_workbook(BytesIO(workbook(CELLS, lines=[1])))
        sheet = book.create_sheet("校验")
        for line in [("条件", "级别", "说明"), *rules]:
            sheet.append(line)
        return parse_form(saved(book))

    least, most = "sum(tasks.amount) > 0", "sum(tasks.amount) <= 100"
    before = with_rules((least, "必须修正", "要有金额"), (most, "提示", ""))
    after = with_rules((least, "提示", "要有金额"), (most, "提示", ""))
    changes = compare_forms(before, after)
    assert changes.added_rules == [f"提示：{least}（要有金额）"]
    assert changes.removed_rules == [f"必须修正：{least}（要有金额）"]
    assert changes
    assert not compare_forms(before, before)


def test_what_is_scored_otherwise() -> None:
    heading = ("编码", "名称", "分值", "方法", "数据", "参数", "可不适用")
    cells = {"A1": "{{score.pace.self_score}}", "A2": "{{score.assets.self_score}}"}

    def scored(*rows: tuple[str | int, ...], far: str = "130%") -> Form:
        return form(cells, rubric=(("超额说明线", far), heading, *rows))

    pace = ("pace", "执行率", 2, "比率得分", "rate：执行率（%）", "", "否")
    before = scored(pace, ("assets", "资产", 1, "是否得分", "", "", ""))
    assert compare_forms(before, before).scoring == []
    after = scored(
        ("pace", "执行率", 3, "达标得分", "rate：执行率（%）", "≥95%", "是"),
        ("assets", "资产", 1, "是否得分", "", "", ""),
        far="150%",
    )
    assert compare_forms(before, after).scoring == [
        "超额说明线由“130%”改为“150%”",
        (
            "执行率：分值由“2”改为“3”；方法由“比率得分”改为“达标得分”；参数由（无）改为“≥95%”；"
            "可不适用由“否”改为“是”"
        ),
    ]
    none = form({"A1": "{{text.note}}"})
    assert compare_forms(none, before).scoring == ["新增评分项“执行率”", "新增评分项“资产”"]
    assert compare_forms(before, none).scoring == ["删除评分项“执行率”", "删除评分项“资产”"]
