"""The 校验 sheet: what is read from it, and every error by its cell."""

import pytest

from declarations.sheets.rules import HINT, LEVELS, MUST, split_condition
from tests.sheets.workbooks import form, problems

CELLS = {
    "A1": "收入（万元）",
    "B1": "{{funding.fiscal.budget}}",
    "A2": "支出（万元）",
    "B2": "{{funding.project.budget}}",
    "A3": "目标",
    "B3": "{{text.goal}}",
    "A4": "{{tasks.name}}",
    "B4": "{{tasks.amount}}",
    "C4": "{{tasks.indicators.weight}}",
    "D4": "{{tasks.indicators.level3}}",
    "A5": "{{projects.name}}",
    "B5": "{{projects.amount}}",
    "C5": "{{projects.indicators.weight}}",
}
GOOD = "funding.fiscal.budget = funding.project.budget"


def read(*rules: list[str], heading: tuple[str, ...] = ("条件",)):
    return form(CELLS, rules=[list(heading), *rules]).rules


def wrong(
    *rules: list[str], heading: tuple[str, ...] = ("编码", "级别", "条件", "说明")
) -> list[str]:
    return problems(CELLS, rules=[list(heading), *rules])


def test_only_the_condition_is_needed() -> None:
    (rule,) = read([GOOD])
    assert (rule.code, rule.level, rule.message, rule.source, rule.cell) == (
        "row_2",
        MUST,
        "",
        "",
        "A2",
    )
    assert (rule.left.source, rule.comparator, rule.right.source) == (
        "funding.fiscal.budget",
        "=",
        "funding.project.budget",
    )
    assert rule.list_path == ()
    assert rule.allowance is None


def test_columns_go_by_their_headings() -> None:
    heading = ("备注", "依据", "说明", "条件", "级别", "编码")
    (rule,) = read(["随便", "预算法", "收支应平衡。", GOOD, "提示", "收支平衡"], heading=heading)
    assert (rule.code, rule.level, rule.message, rule.source) == (
        "收支平衡",
        HINT,
        "收支应平衡",
        "预算法",
    )


def test_words_above_the_heading_and_blank_lines_do_no_harm() -> None:
    rules = form(
        CELLS, rules=[["本表的校验"], [""], ["条件", "说明"], [GOOD], ["", ""], [GOOD]]
    ).rules
    assert [r.code for r in rules] == ["row_4", "row_6"]


def test_a_form_without_the_sheet_has_no_rules() -> None:
    assert form(CELLS).rules == ()
    assert read() == ()


@pytest.mark.parametrize(
    ("written", "comparator"),
    [
        ("=", "="),
        ("==", "="),
        ("＝", "="),
        ("≥", "≥"),
        (">=", "≥"),
        ("＞＝", "≥"),
        ("=>", "≥"),
        ("≤", "≤"),
        ("<=", "≤"),
        ("≦", "≤"),
        ("≠", "≠"),
        ("!=", "≠"),
        ("<>", "≠"),
        ("＜", "<"),
        (">", ">"),
    ],
)
def test_signs_as_keyboards_give_them(written: str, comparator: str) -> None:
    left, sign, right = split_condition(f"sum（tasks.amount） {written} funding.a.budget＋1")
    assert sign == comparator
    assert (left.lists, right.names) == ({"tasks.amount"}, {"funding.a.budget"})


def test_a_comparison_inside_brackets_is_no_side() -> None:
    left, sign, right = split_condition("(1 if tasks.weight = 5 else 2) <= tasks.amount")
    assert (sign, left.names, right.names) == ("≤", {"tasks.weight"}, {"tasks.amount"})


@pytest.mark.parametrize(
    ("condition", "lists"),
    [
        (GOOD, ()),
        ("sum(tasks.amount) = funding.fiscal.budget", ()),
        ("sum(tasks.indicators.weight) = 100", ()),
        ("tasks.amount <= funding.fiscal.budget", ("tasks",)),
        ("tasks.amount <= sum(projects.amount)", ("tasks",)),
        ("sum(tasks.indicators.weight) <= tasks.amount", ("tasks",)),
        ("tasks.indicators.weight <= tasks.amount", ("tasks", "indicators")),
    ],
)
def test_the_rows_that_it_is_about(condition: str, lists: tuple[str, ...]) -> None:
    (rule,) = read([condition])
    assert rule.list_path == lists


def test_a_list_can_be_named() -> None:
    heading = ("条件", "逐行")
    (rule,) = read(["sum(tasks.indicators.weight) = 100", "tasks"], heading=heading)
    assert rule.list_path == ("tasks",)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            "funding.fiscal.budget",
            "条件要比较两边，例如 sum(tasks.amount) = funding.project.budget",
        ),
        ("收入 大于 支出", "条件“收入 大于 支出”写法有误"),
        ("funding.fiscal.budget = ", "条件“funding.fiscal.budget =”写法有误"),
        ("1 = funding.fiscal.budget = 2", "一个条件只比较一次，请分成几行"),
        (f"{GOOD} and {GOOD}", "条件要比较两边，例如 sum(tasks.amount) = funding.project.budget"),
        ("funding.fiscal.budget in funding.project.budget", None),
        ("funding.fiscal.buget = 1", None),
        ("年初数 = 1", "没有标签“年初数”，请核对拼写"),
        ("1 = 1", "条件中没有标签"),
        ("funding.fiscal.executed = 1", "条件用到的 funding.fiscal.executed 不在表样中"),
        ("department.name = 1", "条件中不能使用“department.name”，它不是数字"),
        (
            "text.goal > 1",
            "条件用到的 text.goal 不是数字，请在“字段”中把它的类型设为金额、数值或百分比",
        ),
        ("tasks.number > 1", "条件用到的 tasks.number 不在表样中"),
        ("'甲' = funding.fiscal.budget", "公式中只能使用数字，不能使用文字"),
        (
            "total(tasks.amount) = 1",
            "没有函数“total”，可用：sum、count、average、rate、round、abs、min、max",
        ),
        (
            "tasks.amount = projects.amount",
            "一个条件只能比较一个清单的各行，现有 tasks、projects，其余的请写成 sum(…) 这样的汇总",
        ),
        (
            "tasks.indicators.weight = projects.amount",
            "一个条件只能比较一个清单的各行，现有 tasks.indicators、projects，其余的请写成 sum(…) 这样的汇总",
        ),
        (
            "tasks.amount = sum(projects.indicators.weight)",
            "projects.indicators.weight 不在清单 tasks 的行内，不能与它的各行一起计算",
        ),
        ("sum(funding.fiscal.budget) = 1", "funding.fiscal.budget 不在清单中，不用汇总"),
        ("1+" * 300 + "funding.fiscal.budget = 1", "条件过长，最多 500 个字符"),
        ("(" * 230 + "funding.fiscal.budget" + ")" * 230 + " = 1", None),
        ("__import__('os').system('x') = 1", None),
        ("-" * 470 + "funding.fiscal.budget = 1", None),
        ("(lambda: 1)() = funding.fiscal.budget", None),
    ],
)
def test_a_condition_that_is_none(condition: str, message: str | None) -> None:
    (problem,) = wrong(["a", "", condition, ""])
    assert problem.startswith("校验!C2：")
    if message:
        assert problem == f"校验!C2：{message}"


def test_everything_wrong_is_said_at_once_by_cell() -> None:
    assert wrong(
        ["a", "必须", GOOD, ""],
        ["a", "", GOOD, ""],
        ["b b", "", "funding.x.budget = funding.y.budget", ""],
        ["c", "", "", "没有条件"],
    ) == [
        "校验!B2：级别应是 必须修正、提示 之一，现为“必须”",
        "校验!A3：编码“a”与 C2 那一条重复",
        "校验!A4：编码“b b”不能使用：最多 40 个字，不含空格和标点",
        "校验!C4：条件用到的 funding.x.budget 不在表样中",
        "校验!C4：条件用到的 funding.y.budget 不在表样中",
        "校验!C5：请写明条件",
    ]


def test_fields_and_rules_are_reported_together() -> None:
    found = problems(CELLS, fields=[["标签"], ["tasks.nme"]], rules=[["条件"], ["x = 1"]])
    assert found == ["字段!A2：标签 tasks.nme 不在表样中", "校验!A2：没有标签“x”，请核对拼写"]


def test_a_sheet_without_conditions() -> None:
    assert problems(CELLS, rules=[["编码", "说明"]]) == ["校验：找不到写有“条件”的表头行"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("少许", "“少许”不是数字，请只填数字，例如 1234.56"),
        ("-1", "允许误差应是金额，例如 0.02万元，现为“-1”"),
        ("1%", "允许误差应是金额，例如 0.02万元，现为“1%”"),
    ],
)
def test_an_allowance_that_is_none(text: str, message: str) -> None:
    assert wrong([GOOD, text], heading=("条件", "允许误差")) == [f"校验!B2：{message}"]


def test_an_allowance_of_rates_is_one() -> None:
    heading = ("条件", "允许误差")
    for text, allowed in (("1%", "0.01"), ("0.5", "0.5")):
        (rule,) = read(
            ["rate(funding.project.budget, funding.fiscal.budget) = 1", text], heading=heading
        )
        assert str(rule.allowance) == allowed
    condition = "rate(funding.project.budget, funding.fiscal.budget) = 1"
    assert wrong([condition, "1万元"], heading=heading) == [
        "校验!B2：允许误差应是数或百分比，现为“1万元”"
    ]


def test_an_unknown_list_is_named_with_those_there_are() -> None:
    assert wrong([GOOD, "goals"], heading=("条件", "逐行")) == [
        "校验!B2：没有清单“goals”，可用：projects、projects.indicators、tasks、tasks.indicators"
    ]


def test_stray_formats_far_away_do_not_slow_it_down() -> None:
    from io import BytesIO
    from time import process_time

    from openpyxl import load_workbook

    from declarations.sheets.parse import parse_form
    from tests.sheets.workbooks import saved, workbook

    book = load_workbook(BytesIO(workbook(CELLS, fields=[["标签"]], rules=[["条件"], [GOOD]])))
    for name in ("字段", "校验"):
        book[name]["XFD1048576"].number_format = "0.00"
        book[name]["XFD1048576"].value = "远处"
    started = process_time()
    assert len(parse_form(saved(book)).rules) == 1
    assert process_time() - started < 5


def test_levels_are_two() -> None:
    assert LEVELS == ("必须修正", "提示")
