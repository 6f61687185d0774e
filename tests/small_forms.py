"""Small forms beside Panyu's: nested lists, every kind of value, a district's own columns, hints."""

from tests.sheets.workbooks import workbook

NESTED = workbook(
    {
        "A1:D1": "任务和指标",
        "A2": "任务",
        "B2": "金额（元）",
        "C2": "指标",
        "D2": "目标值",
        "A3": "{{tasks.name}}",
        "B3": "{{tasks.amount}}",
        "C3": "{{tasks.indicators.level3}}",
        "D3": "{{tasks.indicators.target}}",
        "A4:D4": "合计 {{= sum(tasks.amount)}} 元",
    },
    lines=[1, 4],
)
"""Tasks with indicators nested in each, and the sum of the tasks' amounts."""

EVERY_KIND = workbook(
    {
        "A1:G1": "各种格子",
        "A2": "单行",
        "B2:G2": "{{text.line}}",
        "A3": "多行",
        "B3:G3": "{{text.long}}",
        "A4": "日期",
        "B4:G4": "{{text.day}}",
        "A5": "选项",
        "B5:G5": "{{text.choice}}",
        "A6": "预算（万元）",
        "B6:G6": "{{funding.general.budget}}",
        "A7": "调整（万元）",
        "B7:G7": "{{funding.general.adjustment}}",
        "A8": "合计（万元）",
        "B8:G8": "{{= funding.general.budget + funding.general.adjustment}}",
        "A9": "名称",
        "B9": "权重",
        "C9": "经办科室",
        "D9": "人数",
        "E9": "完成率",
        "F9": "补助（元）",
        "G9": "完成值",
        "A10": "{{tasks.name}}",
        "B10": "{{tasks.weight}}",
        "C10": "{{tasks.extra.office}}",
        "D10": "{{tasks.extra.people}}",
        "E10": "{{tasks.extra.rate}}",
        "F10": "{{tasks.extra.subsidy}}",
        "G10": "{{tasks.actual}}",
        "A11": "人数合计",
        "B11:G11": "{{= sum(tasks.extra.people)}}",
    },
    lines=[1],
    fields=[
        ["标签", "名称", "类型", "选项", "单位", "字数"],
        ["text.line", "单行", "单行文字", "", "", 20],
        ["text.day", "日期", "日期", "", "", ""],
        ["text.choice", "选项", "选项", "甲、乙、丙 类", "", ""],
        ["tasks.extra.people", "人数", "数值", "", "", ""],
        ["tasks.extra.rate", "完成率", "百分比", "", "", ""],
        ["tasks.extra.subsidy", "补助", "金额", "", "元", ""],
        ["tasks.actual", "完成值", "数值", "", "", ""],
    ],
)
"""Every kind of value; four columns that only one district has; a number in a column of text."""


HINTED = workbook(
    {
        "A1:B1": "支出情况",
        "A2": "公用经费（元）",
        "B2": "{{funding.office.budget}}",
        "A3": "人员经费（元）",
        "B3": "{{funding.staff.budget}}",
        "A4": "差旅费（元）",
        "B4": "{{funding.travel.budget}}",
        "A5": "简要说明",
        "B5": "{{text.summary}}",
        "A6": "合计（元）",
        "B6": "{{= funding.office.budget + funding.staff.budget}}",
    },
    lines=[1],
    fields=[["标签", "必填"], ["funding.office.budget", "是"]],
    rules=[
        ["编码", "级别", "条件", "说明"],
        ["staff", "提示", "funding.staff.budget <= funding.office.budget", "人员经费大于公用经费"],
        ["travel", "提示", "funding.travel.budget <= funding.staff.budget", "差旅费大于人员经费"],
    ],
)
"""One required amount, and two hints: staff against office, travel against staff."""
