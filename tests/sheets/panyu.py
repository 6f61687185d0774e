"""Panyu's declaration of 2023 filled in: its figures as published, its prose our own."""

from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path

from declarations.sheets.bind import bind
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.table import Table
from tests.sheets.workbooks import indicator, task

TEMPLATE = (Path(__file__).parents[2] / "declarations/forms/panyu-target.xlsx").read_bytes()
FORM = parse_form(TEMPLATE)

SENTENCES = (
    "为有需求的残疾人提供康复训练、辅具适配和居家照护，按季度核对服务记录与经费支出。",
    "组织各镇街入户核查，建立一人一档，情况有变化的及时更新。",
    "委托有资质的机构实施，协议中写明服务数量、质量要求和完成时限。",
    "发放生活、交通和学习三项补助，标准为每人每月320.50元，按月造册、按季公示。",
    "年中检查、年末回访，样本不少于300份，发现问题限期整改。",
)
FUNDING = {
    "basic": "483.09",
    "project": "2453.62",
    "special": "0",
    "development": "2258.41",
    "fiscal": "5195.12",
    "other_income": "0",
    "district": "5195.12",
    "transfer": "0",
}
TASKS = {
    "残疾人康复服务": "833.08",
    "残疾人就业培训与岗位补贴": "371.52",
    "残疾学生资助": "279.36",
    "社区康园中心运营": "373.80",
    "残疾人文化体育活动": "123.50",
    "困难残疾人生活与护理补贴": "322.87",
    "残疾人证办理": "16.00",
    "无障碍环境宣传": "13.19",
}
OTHER_TASKS = {"精准综合扩招": "157", "残疾人托养": "1348", "机构日常管理": "873.71"}
INDICATORS = (
    ("产出指标", "数量指标", "康复资助年服务量", "标准：控制数", "预计资助1920例。"),
    ("产出指标", "数量指标", "残疾学生资助人数", "标准：控制数", "预计资助93人"),
    ("产出指标", "数量指标", "康园学员出勤率", "标准：100%", "出勤率达90%"),
    ("产出指标", "数量指标", "精综扩招服务人数", "标准：控制数", "精综扩招服务对象预计增至430人"),
    ("产出指标", "数量指标", "康复器材使用率", "标准：100%", "使用率92%"),
    ("产出指标", "时效指标", "任务完成率", "标准：100%", "完成率达90%以上"),
    ("产出指标", "时效指标", "审批及时率", "标准：100%", "审批及时率100%"),
    ("效益指标", "服务对象满意度指标", "服务对象满意度", "标准：100%", "满意度达98%"),
)
COLUMNS = ("level1", "level2", "level3", "period_target", "target")


def yuan(ten_thousands: str) -> Decimal:
    """万元 as the 元 that records hold."""
    return Decimal(ten_thousands) * 10_000


def prose(sentences: int, start: int = 0) -> str:
    """So many sentences of about forty characters."""
    return "".join(islice(cycle(SENTENCES), start, start + sentences))


def records(*, tasks: int = 8, indicators: int = 8) -> Records:
    """The declaration with as many tasks and indicators; texts of 70 to 170 characters."""
    names = list(islice(cycle(TASKS.items()), tasks))
    rows = list(islice(cycle(INDICATORS), indicators)) if indicators > len(INDICATORS) else []
    rows = sorted(rows) if rows else list(INDICATORS[:indicators])
    return Records(
        context={"department.name": "广州市番禺区残疾人联合会", "year": "2023"},
        funding={key: {"budget": yuan(amount)} for key, amount in FUNDING.items()},
        texts={"overall_goal": prose(6)},
        lists={
            "tasks": [_task(i, name, amount) for i, (name, amount) in enumerate(names, start=1)],
            "other_tasks": [
                task(900 + i, name=name, content=prose(2, i), amount=yuan(amount))
                for i, (name, amount) in enumerate(OTHER_TASKS.items())
            ],
            "indicators": [
                indicator(i, **dict(zip(COLUMNS, row, strict=True)))
                for i, row in enumerate(rows, start=1)
            ],
        },
    )


def table(*, tasks: int = 8, indicators: int = 8, **first_task: Value) -> Table:
    """The declaration bound to its form, with other values in its first task."""
    filled = records(tasks=tasks, indicators=indicators)
    if first_task:
        filled.lists["tasks"][0].values.update(first_task)
    return bind(FORM, filled)


def _task(number: int, name: str, amount: str) -> Item:
    return task(
        number,
        name=name,
        content=prose(2 + number % 3, number),
        amount=yuan(amount),
        expected=prose(2 + number % 2, number + 2),
    )
