"""The 评分 sheet: read as an official would write it, and every mistake said by its cell."""

from decimal import Decimal

import pytest

from declarations.sheets.kinds import Kind
from declarations.sheets.records import Records
from declarations.sheets.rubric_methods import METHODS
from declarations.sheets.scores import score
from scoring.methods_choices import Statements
from scoring.methods_rates import Above, Ratio, Tiers
from tests.sheets.huadu import BEFORE_THE_DEADLINE, FORM, changed
from tests.sheets.workbooks import bound, form, printed, problems

HEADING = ("编码", "一级指标", "二级指标", "名称", "分值", "方法", "数据", "参数", "可不适用")
CELLS = {
    "A1": "预算数（元）",
    "B1": "{{funding.fiscal.budget}}",
    "C1": "执行数（元）",
    "D1": "{{funding.fiscal.executed}}",
    "A2": "{{score.item.name}}",
    "B2": "{{score.item.points}}",
    "C2": "{{score.item.self_score}}",
    "A3": "指标",
    "B3": "分值",
    "C3": "指标值",
    "D3": "完成值",
    "A4": "{{indicators.level3}}",
    "B4": "{{indicators.weight}}",
    "C4": "{{indicators.target}}",
    "D4": "{{indicators.actual}}",
}
RATE = "rate：完成率（%）"


def row(
    method: str, parameters: str = "", data: str = "", **other: str | int
) -> tuple[str | int, ...]:
    """One line, of an item of 2 points."""
    usual: dict[str, str | int] = {
        "编码": "item", "名称": "本项", "分值": 2, "方法": method, "数据": data, "参数": parameters,
    }  # fmt: skip
    return tuple((usual | other).get(heading, "") for heading in HEADING)


def wrong(*rows: tuple[str | int, ...], above: tuple[tuple[str | int, ...], ...] = ()) -> list[str]:
    return problems(CELLS, rubric=(*above, HEADING, *rows))


# What is read


def test_huadus_rubric_is_read_in_full() -> None:
    rubric = FORM.rubric
    assert sum(item.points for item in rubric.items) == 50
    levels = {item.key: (item.level1, item.level2) for item in rubric.items}
    assert levels["average_execution"] == ("管理效率", "资金管理")
    assert levels["tasks.indicators"] == ("履职效能", "")
    assert levels["commendation"] == ("加减分项", "工作表现加减分")
    assert [i.key for i in rubric.items if i.is_bonus] == ["commendation"]
    assert {i.key: i.least for i in rubric.items if i.least} == {"commendation": -5}
    goals = rubric.item("goals_achieved")
    assert goals
    assert goals.parameters == Ratio(Above.ERROR)
    assert [(i.name, i.label, i.unit) for i in goals.inputs] == [
        ("numerator", "已实现目标数", "个"),
        ("denominator", "申报目标数", "个"),
        ("rate", "绩效目标完成率", ""),
    ]
    execution = rubric.item("budget_execution")
    assert execution
    assert [i.expression for i in execution.inputs] == [
        "funding.fiscal.executed + funding.other_income.executed",
        "funding.fiscal.budget + funding.other_income.budget",
    ]
    clarity = rubric.item("clarity")
    assert clarity
    assert isinstance(clarity.parameters, Statements)
    assert [s.text for s in clarity.parameters.statements][2] == "有可量化的指标"
    assert clarity.inputs[0].choices == ("符合", "部分符合", "不符合")


def test_what_is_filled_in_is_a_field_and_what_is_computed_is_none() -> None:
    fields = FORM.fields
    assert "score.budget_execution.input.numerator" not in fields
    reached = fields["score.goals_achieved.input.rate"]
    assert (reached.kind, reached.label, reached.read("98.5%")) == (
        Kind.PERCENT, "绩效目标完成率", Decimal("0.985"),
    )  # fmt: skip
    assert reached.show(Decimal("0.985")) == "98.5%"
    amount = fields["score.asset_use.input.numerator"]
    assert (amount.kind, amount.unit, amount.show(Decimal("3455560.23"))) == (
        Kind.MONEY, "元", "3,455,560.23",
    )  # fmt: skip
    ticked = fields["score.monitoring.input.s1"]
    assert (ticked.label, ticked.choices) == ("按要求开展绩效监控", ("符合", "不符合"))
    assert fields["score.disclosure.input.date"].kind is Kind.DATE


def test_an_item_that_may_not_apply_can_be_said_not_to() -> None:
    tag = "score.procurement.input.inapplicable"
    assert tag not in FORM.fields
    form_ = changed("procurement", 可不适用="是")
    assert [i.key for i in form_.rubric.items if i.may_be_inapplicable] == ["procurement"]
    assert form_.fields[tag].choices == ("是", "否")


def test_an_input_may_have_a_cell_in_the_form() -> None:
    cells = CELLS | {"D2": "{{score.item.input.rate}}"}
    parsed = form(cells, rubric=(HEADING, row("比率得分", "", RATE)))
    field = parsed.fields["score.item.input.rate"]
    assert (field.kind, field.label) == (Kind.PERCENT, "完成率")
    scoring = score(parsed, Records(scores={"item": {"input.rate": "0.5"}}), BEFORE_THE_DEADLINE)
    assert scoring.rule_score == 1


def test_the_form_prints_what_the_sheet_says() -> None:
    parsed = form(
        CELLS, rubric=(HEADING, row("比率得分", "", RATE, 名称="预算完成率", 分值="2.50分"))
    )
    assert printed(bound(parsed))[1][:2] == ["预算完成率", "2.5"]


@pytest.mark.parametrize(("text", "share"), [("150%", "1.5"), (1.5, "1.5"), ("２００％", "2")])
def test_the_line_of_far_above_stands_above_the_heading(text: str | int, share: str) -> None:
    rubric = (("说明：本表由财政局填写",), ("超额说明线：", text), HEADING, row("综合评定"))
    assert form(CELLS, rubric=rubric).rubric.far_above == Decimal(share)


def test_blank_lines_and_numbering_of_any_kind_are_no_matter() -> None:
    lines = "（1）甲 = 1分\n\n2、乙＝50％\n  酌情：否  "
    item = form(CELLS, rubric=(HEADING, row("要点得分", lines))).rubric.items[0]
    assert isinstance(item.parameters, Statements)
    assert [(s.text, s.worth) for s in item.parameters.statements] == [("甲", 1), ("乙", 1)]


def test_signs_of_tiers_may_be_typed_in_any_way() -> None:
    written = ("≤10%：2分\n≤20%：1分", "<=10%:2\n＜＝20％：50%", "≦10％：100％\n≦20%：1分")
    rules = [
        form(CELLS, rubric=(HEADING, row("分档得分", t, RATE))).rubric.items[0] for t in written
    ]
    assert rules[0].parameters == rules[1].parameters == rules[2].parameters


def test_a_change_may_have_bounds_below_zero() -> None:
    settings = "算法：变动率\n≤-5%：2分\n≤0%：1分"
    item = form(CELLS, rubric=(HEADING, row("分档得分", settings, RATE))).rubric.items[0]
    assert isinstance(item.parameters, Tiers)
    assert [t.condition.bound for t in item.parameters.tiers] == [Decimal("-0.05"), 0]
    assert wrong(row("比率得分", "算法：变动率", RATE)) == [
        "评分!H2：“算法”应是 比率、差异率 之一，现为“变动率”"
    ]


def test_there_may_be_no_rubric() -> None:
    assert form({"A1": "{{text.note}}"}).rubric.items == ()
    assert score(form({"A1": "{{text.note}}"}), Records(), BEFORE_THE_DEADLINE).rule_score is None


# Mistakes, each by its cell


def test_a_sheet_without_a_heading_row() -> None:
    assert problems(CELLS, rubric=(("编码", "名称"), ("a", "b"))) == [
        "评分：找不到写有“方法”的表头行"
    ]


def test_a_sheet_without_a_column_that_it_needs() -> None:
    assert problems(CELLS, rubric=(("名称", "方法"), ("甲", "综合评定"), ("乙", "综合评定"))) == [
        "评分：表头行中没有“编码”一栏",
        "评分：表头行中没有“分值”一栏",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (row("比例得分"), [f"F2：没有方法“比例得分”，可用：{'、'.join(METHODS)}"]),
        (row(""), [f"F2：请写明方法，可用：{'、'.join(METHODS)}"]),
        (row("指标完成"), ["F2：方法“指标完成”只用于指标清单"]),
        (row("综合评定", 名称=""), ["D2：请写名称"]),
        (row("综合评定", 分值=""), ["E2：请写明分值"]),
        (row("综合评定", 分值="两分"), ["E2：分值应是数，例如 2，现为“两分”"]),
        (row("综合评定", 分值=-1), ["E2：分值应大于 0，不超过 1000分，现为“-1”"]),
        (row("综合评定", 分值=0), ["E2：分值应大于 0"]),
        (row("综合评定", 可不适用="可以"), ["I2：应填“是”或“否”，现为“可以”"]),
        (
            row("比例", 名称="", 分值="x"),
            [
                "D2：请写名称",
                f"F2：没有方法“比例”，可用：{'、'.join(METHODS)}",
                "E2：分值应是数，例如 2，现为“x”",
            ],
        ),
        # 参数
        (row("综合评定", "分数：2"), ["H2：没有参数“分数：2”，这种方法不用参数"]),
        (row("要点得分"), ["H2：请写明各项要点，每行一项，例如：指标可量化 = 0.5分"]),
        (row("要点得分", "甲 = 1分\n乙 = 0.5分"), ["H2：各项要点的分值合计 1.5分，与分值 2分 不符"]),
        (row("要点得分", "甲 = 1分\n乙"), ["H2：要点“乙”没有写分值，各项要点要么都写，要么都不写"]),
        (row("要点得分", "甲 = 3分"), ["H2：“3分”应是 0 至 2分，或分值的百分比"]),
        (row("要点得分", "甲 = 2分，准时"), ["H2：“准时”应是 按时提交、按时公开、有量化指标 之一"]),
        (row("要点得分", "甲 = 2分\n酌情：可以"), ["H2：“酌情”应是 是、否 之一，现为“可以”"]),
        (row("要点得分", "甲 = 2分\n酌情：是\n酌情：否"), ["H2：参数“酌情”写了两次"]),
        (row("要点得分", "甲" * 101 + " = 2分"), [f"H2：“{'甲' * 20}…”过长，最多 100 字；全文写在“评分标准”中"]),
        (row("选项得分"), ["H2：请写明各种情况，每行一种，例如：按时公开 = 1分"]),
        (row("选项得分", "公开"), ["H2：选项“公开”应写成：情况 = 分值"]),
        (row("选项得分", "公开 = 2分\n公开 = 1分"), ["H2：选项“公开”写了两次"]),
        (row("选项得分", "【预算】公开 = 1分\n不公开 = 0分"), ["H2：分组的选项，每一行都要以【组名】开头"]),
        (row("选项得分", "公开 = 1分\n不公开 = 0分"), ["H2：各组最高的分值合计 1分，与分值 2分 不符"]),
        (row("比率得分", "封顶：100%", RATE), ["H2：没有参数“封顶：100%”，可用：算法、超过100%"]),
        (row("比率得分", "超过100%：零分", RATE), ["H2：“零分”应是 按满分、不得分、不应超过 之一"]),
        (row("比率得分", "算法：差额", RATE), ["H2：“算法”应是 比率、差异率 之一，现为“差额”"]),
        (row("区间得分", "下限：90%", RATE), ["H2：请写明参数“上限”"]),
        (row("区间得分", "下限：100%\n上限：90%", RATE), ["H2：下限要小于上限"]),
        (row("区间得分", "下限：90\n上限：100%", RATE), ["H2：“90”应是百分比，例如 90%"]),
        (row("递减扣分", "每满：0%\n扣：0.5分", RATE), ["H2：“每满”和“扣”应大于 0"]),
        (row("分档得分", "", RATE), ["H2：请写明各档，每行一档，例如：≤10%：2分"]),
        (row("分档得分", "10%以内：2分", RATE), ["H2：“10%以内：2分”应写成：≤10%：2分"]),
        (row("分档得分", "≤20%：1分\n≤10%：2分", RATE), ["H2：各档要从最严的写起：≤10%、≤20%，或 ≥90%、≥75%"]),
        (row("分档得分", "≤10%：2分\n≥20%：1分", RATE), ["H2：各档的符号方向要一致，都用 ≤ 或都用 ≥"]),
        (row("分档得分", "≤10%：2分\n≤20：1分", RATE), ["H2：各档要么都写百分比，要么都写数"]),
        (row("分档得分", "≤10%：1分\n其余：0分", RATE), ["H2：没有一档得满分 2分"]),
        (row("达标得分", "", RATE), ["H2：请写一行要求，例如：≤100%"]),
        (row("达标得分", "≤-5%", RATE), ["H2：“-5%”不能是负数"]),
        (row("按时得分", "期限：三月底"), ["H2：期限：日期无法识别，请按 2023-01-31 的格式填写"]),
        (row("按时得分", "事实：有量化指标"), ["H2：“事实”应是 按时提交、按时公开 之一"]),
        (row("定性分档"), ["H2：请写明各等次，每行一个，例如：达成：80%～100%"]),
        (row("定性分档", "达成 80%"), ["H2：“达成 80%”应写成：达成：80%～100%"]),
        (row("定性分档", "达成：80%～120%"), ["H2：“达成：80%～120%”重复，或不在 0%～100% 之内"]),
        (row("加减分"), ["H2：请写明“每项加”和“最多加”，或“每项扣”和“最多扣”"]),
        (row("加减分", "每项加：1分"), ["H2：请写明参数“最多加”"]),
        (row("加减分", "每项加：1分\n最多加：3分"), ["H2：“最多加”不能超过分值 2分"]),
        (row("加减分", "每项加：2分\n最多加：1分"), ["H2：“每项加”应大于 0，不超过“最多加”"]),
        (row("加减分", "每项加：2%\n最多加：2分"), ["H2：“2%”应是分数，例如 2.5分"]),
        # 数据
        (row("比率得分"), ["G2：方法“比率得分”需要数据 numerator、denominator，或 rate"]),
        (row("比率得分", "", "numerator：执行数（元）"), ["G2：方法“比率得分”需要数据 numerator、denominator，或 rate"]),
        (row("达标得分", "≤3", RATE), ["G2：方法“达标得分”需要数据 value", "G2：按这里的参数用不到数据 rate"]),
        (row("比率得分", "", "比率"), ["G2：“比率”应写成：名称：标签（单位），或 名称：标签（单位） = 算式"]),
        (row("比率得分", "", "ratio：完成率"), ["G2：方法“比率得分”没有数据 ratio，可用：numerator、denominator、rate"]),
        (row("综合评定", "", RATE), ["G2：方法“综合评定”没有数据 rate，这种方法不用写数据"]),
        (row("比率得分", "", f"{RATE}\n{RATE}"), ["G2：数据 rate 写了两行"]),
        (row("比率得分", "", f"{RATE} = rate(funding.fiscal.executed,"), ["G2：公式“rate(funding.fiscal.executed,”写法有误"]),
        (row("按时得分", "", "date：公开日期 = year"), ["G2：数据 date 由部门填写，不能写算式"]),
        (row("比率得分", "", f"{RATE} = funding.general.budget"), ["G2：算式用到的 funding.general.budget 不在表样中"]),
        (row("比率得分", "", f"{RATE} = indicators.target"), ["G2：算式用到的 indicators.target 不是数字，请在“字段”中把它的类型设为金额、数值或百分比"]),
        (row("比率得分", "", f"{RATE} = department.name"), ["G2：算式中不能使用“department.name”，它不是数字"]),
        (row("比率得分", "", f"{RATE} = funding.fiscal.buget"), ["G2：收支标签应写成 funding.行.列，列为 budget、adjustment、received、executed、prior1、prior2 之一，现为“funding.fiscal.buget”"]),
        (row("比率得分", "", f"{RATE} = indicators.weight / 100"), ["G2：算式用到的 indicators.weight 有许多行，请写成 sum(indicators.weight) 这样的汇总"]),
        (row("比率得分", "", f"{RATE} = funding.fiscal.budget"), ["G2：数据 rate 的单位与算式不符：算式得出金额的，单位应是 元、千元、万元、亿元 之一，否则不是"]),
    ],
)  # fmt: skip
def test_a_mistake_is_said_by_its_cell(line: tuple[str | int, ...], found: list[str]) -> None:
    assert wrong(line) == [f"评分!{message}" for message in found]


def test_codes_and_lists_that_do_not_fit() -> None:
    fine = row("综合评定")
    assert wrong(fine, fine) == ["评分!A3：编码“item”写了两行，请改成不同的编码"]
    assert wrong(fine, row("综合评定", 编码="甲")) == [
        "评分!A3：编码“甲”应是小写英文字母、数字和下划线，或指标清单，例如 tasks.indicators"
    ]
    assert wrong(fine, row("综合评定", 编码="")) == ["评分!A3：请写编码，例如 disclosure"]
    rows = {"名称": "", "分值": ""}
    assert wrong(fine, row("指标完成", 编码="indicators", **rows)) == []
    assert wrong(fine, row("指标完成", 编码="tasks.indicators", **rows)) == [
        "评分!A3：清单 tasks.indicators 不在表样中"
    ]
    assert wrong(fine, row("综合评定", 编码="indicators", **rows)) == [
        "评分!F3：方法“综合评定”不能用于指标清单，指标清单用“指标完成”"
    ]
    assert wrong(fine, row("指标完成", 编码="indicators", 名称="", 分值=5)) == [
        "评分!E3：指标清单的分值取自各行的“分值”，这里请留空"
    ]
    assert wrong(fine, row("指标完成", 编码="indicators", 可不适用="是", **rows)) == [
        "评分!I3：指标清单的各行都计分，这里请留空或填“否”"
    ]
    without = {k: v for k, v in CELLS.items() if "actual" not in v}
    assert problems(
        without, rubric=(HEADING, fine, row("指标完成", 编码="indicators", **rows))
    ) == ["评分!A3：按指标评分要用到 indicators.actual，它不在表样中"]


def test_a_line_of_far_above_that_is_none() -> None:
    for text in ("很多", "30%", "130", ""):
        assert wrong(row("综合评定"), above=(("超额说明线", text),)) == [
            f"评分!B1：“超额说明线”应是大于 100% 的百分比，例如 130%，现为“{text}”"
        ]


def test_a_mistake_in_one_rule_does_not_make_its_tags_unknown() -> None:
    found = wrong(row("比率得分"))
    assert len(found) == 1
    assert "表样!" not in found[0]


def test_items_of_the_sheet_and_of_the_form_are_the_same() -> None:
    assert any("没有编码为 item 的评分项" in p for p in wrong(row("综合评定", 编码="other")))
    assert any(
        "score.other.self_score" in p for p in wrong(row("综合评定"), row("综合评定", 编码="other"))
    )
