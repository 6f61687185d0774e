"""Shapes that other districts' forms have: each parses, prints and comes back from Excel."""

from tests.sheets.workbooks import workbook

NARROW = workbook(
    {
        "A1:T1": "{{year}}年绩效指标明细表",
        "A2:A4": "绩效指标",
        "B2:C2": "一级",
        "D2:E2": "二级",
        "F2:H2": "三级指标",
        "I2:M2": "指标值",
        "N2:T2": "得分",
        "B3:C3": "名称",
        "D3:E3": "名称",
        "F3:H3": "名称",
        "I3": "前年",
        "J3": "上年",
        "K3": "本年",
        "L3": "运算",
        "M3": "单位",
        "N3": "分值",
        "O3": "自评",
        "P3": "复评",
        "Q3": "甲",
        "R3": "乙",
        "S3": "丙",
        "T3": "丁",
        "B4:C4": "{{indicators.level1|merge}}",
        "D4:E4": "{{indicators.level2|merge}}",
        "F4:H4": "{{indicators.level3}}",
        "I4": "{{indicators.prior2}}",
        "J4": "{{indicators.prior1}}",
        "K4": "{{indicators.target}}",
        "L4": "{{indicators.extra.operator}}",
        "M4": "{{indicators.extra.unit}}",
        "N4": "{{indicators.weight}}",
        "O4": "{{indicators.self_score}}",
        "P4": "{{indicators.review_score}}",
        "Q4": "{{indicators.extra.first}}",
        "R4": "{{indicators.extra.second}}",
        "S4": "{{indicators.extra.third}}",
        "T4": "{{indicators.extra.fourth}}",
    },
    lines=[1],
)
"""Twenty narrow columns under headings in two rows."""

SPACED = workbook(
    {
        "A1:G1": "收支与签字",
        "A2": "收入",
        "B2": "金额（万元）",
        "D2": "支出",
        "E2:G2": "金额（万元）",
        "A3": "财政拨款",
        "B3": "{{funding.fiscal.budget}}",
        "D3": "基本支出",
        "E3:G3": "{{funding.basic.budget}}",
        "A4": "其他资金",
        "B4": "{{funding.other_income.budget}}",
        "D4": "项目支出",
        "E4:G4": "{{funding.project.budget}}",
        "A6": "填报人：",
        "B6": "{{text.filer}}",
        "D6": "负责人：",
        "E6": "{{text.head}}",
        "F6": "日期：",
        "G6": "{{text.day}}",
    },
    lines=[1, 5, 6],
    fields=[
        ["标签", "类型"],
        ["text.filer", "单行文字"],
        ["text.head", "单行文字"],
        ["text.day", "日期"],
    ],
)
"""Two tables side by side with a blank column between, a blank row, and a line for signatures."""

TWO_ROWS = workbook(
    {
        "A1:D1": "项目表",
        "A2:A3": "序号",
        "B2": "项目名称",
        "C2": "金额（元）",
        "D2": "科室",
        "B3:D3": "主要内容",
        "A4:A5": "{{projects.number}}",
        "B4": "{{projects.name}}",
        "C4": "{{projects.amount}}",
        "D4": "{{projects.extra.office}}",
        "B5:D5": "{{projects.content}}",
        "A6:B6": "合计",
        "C6": "{{= sum(projects.amount)}}",
        "D6": "",
    },
    lines=[1],
)
"""A project takes two rows, and so do its headings."""

SUBTOTALS = workbook(
    {
        "A1:E1": "任务指标分值表",
        "A2": "序号",
        "B2": "任务",
        "C2": "指标",
        "D2": "目标值",
        "E2": "分值",
        "A3:A4": "{{tasks.number}}",
        "B3:B4": "{{tasks.name}}",
        "C3": "{{tasks.indicators.number}}.{{tasks.indicators.level3}}",
        "D3": "{{tasks.indicators.target}}",
        "E3": "{{tasks.indicators.weight}}",
        "C4:D4": "小计",
        "E4": "{{= sum(tasks.indicators.weight)}}",
        "A5:D5": "总计",
        "E5": "{{= sum(tasks.indicators.weight)}}",
    },
    lines=[1],
)
"""Nested rows with a subtotal for every task, and a total below."""

YEARS = workbook(
    {
        "A1:F1": "{{department.name}}项目预算表",
        "A2:A4": "项目",
        "B2:F2": "金额（万元）",
        "B3:C3": "{{year}}年",
        "D3:F3": "{{= year - 1}}年",
        "B4": "计划",
        "C4": "到位",
        "D4": "计划",
        "E4": "到位",
        "F4": "到位率",
        "A5": "{{projects.name}}",
        "B5": "{{projects.amount}}",
        "C5": "{{projects.total_amount}}",
        "D5": "{{projects.extra.plan}}",
        "E5": "{{projects.extra.received}}",
        "F5": "{{= rate(projects.extra.received, projects.extra.plan)}}",
    },
    lines=[1],
    fields=[["标签", "类型"], ["projects.extra.plan", "金额"], ["projects.extra.received", "金额"]],
    formats={"F5": "0.00%"},
)
"""Headings of three levels with years in them, the unit in the uppermost."""

ODD_FORMS = {
    "narrow": NARROW,
    "spaced": SPACED,
    "two-rows": TWO_ROWS,
    "subtotals": SUBTOTALS,
    "years": YEARS,
}
