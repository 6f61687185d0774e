"""Huadu's scored self-evaluation of 2021: its rubric as a 评分 sheet, and the published figures.

Names, points, thresholds and figures are those of 花都区部门整体支出绩效自评表; the statements are
said in short.
"""

from datetime import UTC, datetime
from decimal import Decimal

from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records, Value
from scoring.rubric import Facts
from tests.sheets.workbooks import form, indicator, task

HEADING = (
    "编码",
    "一级指标",
    "二级指标",
    "名称",
    "分值",
    "评分标准",
    "方法",
    "数据",
    "参数",
    "可不适用",
)

RUBRIC: tuple[tuple[str | int, ...], ...] = (
    HEADING,
    (
        "clarity", "管理效率", "绩效管理", "绩效指标明确性", 2, "四项要点各占0.5分", "要点得分", "",
        ("1. 有体现履职效果的社会经济效益指标 = 0.5分\n"
        "2. 指标值清晰、可衡量 = 0.5分\n"
        "3. 有可量化的指标 = 0.5分，有量化指标\n"
        "4. 指标值有依据或符合实际 = 0.5分\n"
        "酌情：是"),
    ),
    (
        "rules", "", "", "绩效管理制度建设", 3, "三项分别占30%、30%和40%", "要点得分", "",
        ("1. 本级资金管理制度明确绩效要求 = 30%\n"
        "2. 专项资金管理办法体现绩效要求 = 30%\n"
        "3. 制度明确各处室和下属单位的绩效职责 = 40%\n"
        "酌情：是"),
    ),
    (
        "goals_met", "", "", "绩效目标完成率", 2, "完成率×分值", "比率得分",
        "numerator：已实现目标数（个）\ndenominator：申报目标数（个）\nrate：绩效目标完成率（%）",
        "超过100%：不应超过",
    ),
    (
        "monitoring_used", "", "", "监控结果应用", 2, "两项要点各1分", "要点得分", "",
        "1. 及时处理监控预警 = 1分\n2. 分析原因并提出整改措施 = 1分\n酌情：是",
    ),
    (
        "evaluating", "", "", "监控与自评开展", 4, "四项要点各1分", "要点得分", "",
        ("1. 按要求开展绩效监控 = 1分\n2. 及时报送监控材料 = 1分\n"
        "3. 按要求开展绩效自评 = 1分\n4. 及时报送自评材料 = 1分，按时提交"),
    ),
    (
        "goals_fit", "", "", "绩效目标合理性", 2, "四项要点各0.5分", "要点得分", "",
        ("1. 体现部门职能 = 0.5分\n2. 体现中长期规划和年度计划 = 0.5分\n"
        "3. 能分解成具体任务 = 0.5分\n4. 与预算资金相匹配 = 0.5分\n酌情：是"),
    ),
    (
        "budgeting", "", "资金管理", "预算编制", 3, "三项要点各1分", "要点得分", "",
        "1. 基础信息准确完整 = 1分\n2. 在规定时间报审 = 1分\n3. 按规定开展立项预算评估 = 1分",
    ),
    (
        "execution", "", "", "预算完成率", 4, "90%至100%之间按公式计算，低于90%不得分", "区间得分",
        ("numerator：全年执行数（元） = funding.fiscal.executed + funding.other_income.executed\n"
        "denominator：全年预算数（元） = funding.fiscal.budget + funding.other_income.budget"),
        "下限：90%\n上限：100%",
    ),
    (
        "income", "", "", "财政拨款收入预算差异", 2, "每增加5%（含）扣减0.5分", "递减扣分",
        ("numerator：收入决算数（元）\ndenominator：收入调整预算数（元）\n"
        "rate：财政拨款收入预算差异率（%）"),
        "算法：差异率\n每满：5%\n扣：0.5分",
    ),
    (
        "carried_over", "", "", "结转结余率", 2, "≤10%得2分，≤20%得1分，≤30%得0.5分，以上0分",
        "分档得分", "numerator：年末结转和结余（元）\ndenominator：预算总额（元）\nrate：结转结余率（%）",
        "≤10%：2分\n≤20%：1分\n≤30%：0.5分\n其余：0分",
    ),
    (
        "pace", "", "", "一般公共预算支出年度平均执行率", 2, "达到100%得满分，否则执行率×分值",
        "比率得分", "rate：一般公共预算支出年度平均执行率（%）", "",
    ),
    (
        "finance", "", "", "部门预算及财务管理制度健全性", 3, "全部符合得满分，不符合酌情扣分",
        "要点得分", "", "1. 已制定管理制度\n2. 制度合法、合规、完整\n3. 制度得到有效执行\n酌情：是",
    ),
    (
        "procurement", "", "采购管理", "政府采购执行率", 2, "执行率×分值，超过计划不得分", "比率得分",
        "numerator：实际采购金额（元）\ndenominator：采购计划金额（元）\nrate：政府采购执行率（%）",
        "超过100%：不得分", "是",
    ),
    (
        "published", "", "信息公开管理", "绩效信息公开情况", 2, "在规定时间公开得满分，否则不得分",
        "按时得分", "", "事实：按时公开",
    ),
    (
        "budgets_published", "", "", "预决算信息公开合规性", 2, "预算、决算公开各1分", "选项得分", "",
        "\n".join(
            f"【部门{what}公开】{option}"
            for what in ("预算", "决算")
            for option in (
                "按规定内容、时限和范围公开 = 1分",
                "公开了，但未达到时限、内容或范围要求 = 0.5分",
                "没有公开 = 0分",
                "涉密，经批准不公开 = 0.5分",
            )
        ),
    ),
    (
        "assets_agree", "", "资产管理", "资产账务核对情况", 1, "相符得1分，不相符不得分", "是否得分",
        "", "要点：资产账与财务账相符",
    ),
    (
        "asset_rules", "", "", "资产管理制度健全性", 1, "两项要点各0.5分", "要点得分", "",
        "1. 制度合法、合规、完整 = 0.5分\n2. 制度得到有效执行 = 0.5分",
    ),
    (
        "assets_used", "", "", "固定资产利用率", 2, "≥90%得2分，≥75%得1.5分，≥60%得1分", "分档得分",
        "numerator：实际在用固定资产总额（元）\ndenominator：所有固定资产总额（元）",
        "≥90%：2分\n≥75%：1.5分\n≥60%：1分\n其余：0分",
    ),
    (
        "running_cost", "", "成本管理", "公用经费控制率", 2, "≤100%得满分，否则不得分", "达标得分",
        "numerator：实际支出公用经费总额（元）\ndenominator：预算安排公用经费总额（元）", "≤100%",
    ),
    (
        "three_publics", "", "", "“三公”经费控制率", 2, "≤100%得满分，否则不得分", "达标得分",
        "numerator：“三公”经费实际支出数（元）\ndenominator：“三公”经费预算安排数（元）", "≤100%", "是",
    ),
    ("tasks.indicators", "履职效能", "", "", "", "达到指标值得满分，未达到按比例", "指标完成", "", ""),
    (
        "commended", "加减分项", "工作表现加减分", "工作受表彰或批评", 5, "每项加或扣2.5分，最多5分",
        "加减分", "added：受财政部门表扬（项）\ntaken：发现的违规行为（项）",
        "每项加：2.5分\n最多加：5分\n每项扣：2.5分\n最多扣：5分",
    ),
)  # fmt: skip

KEYS = [str(row[0]) for row in RUBRIC[1:] if "." not in str(row[0])]


def huadu_form(rubric: tuple[tuple[str | int, ...], ...] = RUBRIC) -> Form:
    """A small form around the rubric: two funding lines, the items, the tasks' indicators."""
    cells: dict[str, str] = {
        "A1": "资金来源", "B1": "全年预算数（元）", "C1": "全年执行数（元）",
        "A2": "财政拨款", "B2": "{{funding.fiscal.budget}}", "C2": "{{funding.fiscal.executed}}",
        "A3": "其他资金", "B3": "{{funding.other_income.budget}}",
        "C3": "{{funding.other_income.executed}}",
        "A4": "名称", "B4": "分值", "C4": "评分标准", "D4": "自评分", "E4": "评分依据",
    }  # fmt: skip
    keys = [str(row[0]) for row in rubric[1:] if "." not in str(row[0])]
    for row, key in enumerate(keys, start=5):
        columns = ("name", "points", "standard", "self_score", "basis")
        cells |= {
            f"{c}{row}": f"{{{{score.{key}.{n}}}}}" for c, n in zip("ABCDE", columns, strict=True)
        }
    below = len(keys) + 5
    headings = ("任务", "指标", "分值", "年度指标值", "实际完成指标值", "得分", "未达标原因")
    columns = ("level3", "weight", "target", "actual", "self_score", "reason")
    cells |= {f"{c}{below}": text for c, text in zip("ABCDEFG", headings, strict=True)}
    cells[f"A{below + 1}"] = "{{tasks.name}}"
    for letter, column in zip("BCDEFG", columns, strict=True):
        cells[f"{letter}{below + 1}"] = f"{{{{tasks.indicators.{column}}}}}"
    return form(cells, rubric=rubric)


TASKS: tuple[tuple[str, tuple[tuple[str, int, str, str], ...]], ...] = (
    ("康复经费", (
        ("聘请康复资助工作人员工资", 1, "1人", "1人"),
        ("贫困精神病人住院服务满意率", 1, "≥99%", "99%"),
        ("第三方机构监管率", 1, "≥100%", "100%"),
        ("贫困精神病人住院伙食费和护理费", 2, "≥250人", "280人"),
        ("贫困精神病人住院出车费", 1, "≥70人", "8人"),
        ("贫困精神病人住院服务率", 1, "≥95%", "100%"),
    )),
    ("社区精神综合服务中心经费", (
        ("社区精神康复“一对一”完成率、社区活动和家属服务完成率", 1, "≥100%", "100%"),
        ("第三方机构监管率", 1, "≥100%", "100%"),
        ("大型社区宣传活动群众普及人数", 1, "≥300人次", "310人次"),
        ("重点人群残疾预防知识普及率、社交康乐活动服务对象普及率", 1, "≥95%", "98%"),
        ("服务对象对上门康复服务满意率、服务对象家属或监护人满意率", 1, "≥99%", "99%"),
        ("社交康乐活动人次", 1, "≥1000", "2369"),
        ("社区精神康复“一对一”服务人数", 1, "≥400人", "405人"),
        ("建立精神病人档案人数", 1, "≥1000人", "1000人"),
        ("入户探访、电话探访、小组服务人次", 1,
         "≥400人次、≥480人次、≥420人次", "450人次、698人次、556人次"),
        ("社会功能及职业技能训练服务", 1, "≥800人次", "898人次"),
        ("精神病人家属活动", 1, "≥748人次", "754人次"),
    )),
    ("工疗机构日常运营经费", (
        ("工疗站学员到站率", 2, "≥80%", "92%"),
        ("学员认可率", 2, "≥80%", "96%"),
        ("康复训练的有效率", 2, "≥80%", "100%"),
        ("服务对象（含家属）满意度", 2, "85%或以上", "100%"),
    )),
    ("扶助助学经费", (
        ("是否促进残疾学生学习", 1, "显著", "显著"),
        ("是否在当年12月31日前完成", 1, "是", "是"),
        ("残疾人扶助助学经费监管率", 1, "≥100%", "100%"),
        ("发放残疾学生教育奖励", 1, "≥12人", "16人"),
        ("发放寄宿残疾学生生活补助", 1, "≥50人", "51人"),
        ("发放贫困残疾人子女和非寄宿残疾学生教育生活补助", 1, "≥550人", "643人"),
        ("残疾人对残疾学生扶助助学工作的满意度", 1, "≥95%", "98%"),
        ("发放残疾学前儿童生活补助", 1, "≥35人", "48"),
        ("残疾学生生活是否改善", 1, "显著提高", "显著提高"),
    )),
    ("孤寡残疾人托养中心运作补助", (
        ("托养人员对服务的满意度", 1, "85%或以上", "100%"),
        ("托养人员数", 2, "≥35人", "43人"),
        ("维护社会稳定认可度", 1, "80%及以上", "100%"),
        ("服务对象认为参加托养对改善生活质量有帮助认可率", 2, "80%及以上", "100%"),
    )),
    ("康复资助经费", (
        ("残疾矫治手术", 2, "2人", "10人"),
        ("有康复需求的残疾人资助率", 1, "100%", "100%"),
        ("医疗机构康复项目", 1, "130人", "239人"),
        ("残疾辅助器具适配", 1, "200例", "448例"),
        ("精神障碍患者住院治疗资助", 1, "5人", "217人"),
        ("首次评残报销数", 1, "120人", "203人"),
        ("精神障碍患者专科门诊治疗资助", 1, "460人", "808人"),
        ("定点机构残疾人康复训练", 1, "130人", "283人"),
    )),
)  # fmt: skip
"""Task, and its indicators: name, points, target, actual. All claim their full points."""

SELF = {
    "clarity": "2", "rules": "3", "goals_met": "2", "monitoring_used": "2", "evaluating": "4",
    "goals_fit": "2", "budgeting": "3", "execution": "3.58", "income": "2", "carried_over": "2",
    "pace": "2", "finance": "3", "procurement": "2", "published": "2", "budgets_published": "2",
    "assets_agree": "1", "asset_rules": "1", "assets_used": "1.5", "running_cost": "2",
    "three_publics": "2", "commended": "5",
}  # fmt: skip
"""The department's own scores."""

_ALL_MET = dict.fromkeys(("s1", "s2", "s3", "s4"), "符合")
INPUTS: dict[str, dict[str, str]] = {
    **dict.fromkeys(("clarity", "evaluating", "goals_fit"), _ALL_MET),
    **{key: dict.fromkeys(("s1", "s2", "s3"), "符合") for key in ("rules", "budgeting", "finance")},
    **{key: dict.fromkeys(("s1", "s2"), "符合") for key in ("monitoring_used", "asset_rules")},
    "goals_met": {"rate": "1"},
    "income": {"rate": "0"},
    "carried_over": {"rate": "0"},
    "pace": {"rate": "1"},
    "procurement": {"rate": "1"},
    "published": {"in_time": "是"},
    "budgets_published": dict.fromkeys(("g1", "g2"), "按规定内容、时限和范围公开"),
    "assets_agree": {"s1": "符合"},
    "assets_used": {"numerator": "3455560.23", "denominator": "4138427.79"},
    "running_cost": {"numerator": "455451.05", "denominator": "583092.57"},
    "three_publics": {"numerator": "28007.62", "denominator": "116000"},
    "commended": {"added": "0", "taken": "0"},
}
"""What the rules ask for: the published figures, and where there are none, what is claimed."""

FACTS = Facts(
    now=datetime(2022, 4, 1, tzinfo=UTC),
    handed_in=datetime(2022, 3, 20, 9, 30, tzinfo=UTC),
    deadline=datetime(2022, 3, 31, 18, tzinfo=UTC),
)


def huadu_records() -> Records:
    """Everything as it was published."""
    numbers = iter(range(1, 100))

    def row(name: str, weight: int, target: str, actual: str) -> Item:
        points = Decimal(weight)
        return indicator(
            next(numbers),
            level3=name,
            weight=points,
            target=target,
            actual=actual,
            self_score=points,
        )

    def scored(key: str) -> dict[str, Value]:
        inputs: dict[str, Value] = {f"input.{n}": v for n, v in INPUTS.get(key, {}).items()}
        return inputs | {"self_score": Decimal(SELF[key])}

    tasks = [
        task(next(numbers), *(row(*values) for values in rows), name=name) for name, rows in TASKS
    ]
    return Records(
        funding={
            "fiscal": {"budget": Decimal("37749994.89"), "executed": Decimal("33828375.60")},
            "other_income": {"budget": Decimal(0), "executed": Decimal(0)},
        },
        scores={key: scored(key) for key in KEYS},
        lists={"tasks": tasks},
    )
