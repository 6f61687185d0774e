"""A small target and a small self-evaluation, and how one comes from the other in tests."""

from collections.abc import Callable
from typing import Any

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.review import pass_on
from declarations.domain.rows import add_row
from declarations.domain.submission import submit
from declarations.models import Declaration, DeclarationKind, Department, Indicator, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from tests import factories
from tests.factories import reread, type_into
from tests.sheets.workbooks import workbook

FLAT_TARGET = workbook(
    {
        "A1:C1": "绩效目标表",
        "A2": "财政拨款（元）",
        "B2:C2": "{{funding.fiscal.budget}}",
        "A3": "总体目标",
        "B3:C3": "{{text.overall_goal}}",
        "A4": "任务",
        "B4:C4": "资金（元）",
        "A5": "{{tasks.name}}",
        "B5:C5": "{{tasks.amount}}",
        "A6": "二级",
        "B6": "三级",
        "C6": "指标值",
        "A7": "{{indicators.level2}}",
        "B7": "{{indicators.level3}}",
        "C7": "{{indicators.target}}",
    },
    lines=[1],
)
"""Tasks, and indicators that belong to none."""

EVALUATION = workbook(
    {
        "A1:G1": "自评表",
        "A2": "财政拨款（元）",
        "B2:C2": "{{funding.fiscal.budget}}",
        "D2:G2": "{{funding.fiscal.executed}}",
        "A3": "总体目标",
        "B3:G3": "{{text.overall_goal}}",
        "A4": "任务",
        "B4": "涉及资金（元）",
        "C4": "指标",
        "D4": "上年",
        "E4": "年度指标值",
        "F4": "实际完成值",
        "G4": "分值",
        "A5": "{{tasks.name}}",
        "B5": "{{tasks.amount}}",
        "C5": "{{tasks.indicators.level3}}",
        "D5": "{{tasks.indicators.prior1}}",
        "E5": "{{tasks.indicators.target}}",
        "F5": "{{tasks.indicators.actual}}",
        "G5": "{{tasks.indicators.weight}}",
    },
    lines=[1],
)
"""Tasks with indicators nested in each, and what became of them."""


def approved_target(
    filer: User,
    reviewer: User,
    department: Department | None,
    *,
    indicators: int = 0,
    **fields: Any,
) -> Declaration:
    """The department's target with one task and two indicators, or so many more, approved."""
    assert department is not None
    declaration = factories.declaration_for(department, FLAT_TARGET, **fields)
    Indicator.objects.bulk_create(
        Indicator(
            declaration=declaration, position=10 + n, level3=f"第{n}街道服务人数", target="9人"
        )
        for n in range(indicators)
    )
    return fill_target(filer, reviewer, declaration)


def fill_target(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """The same of a blank declaration on the target's form."""
    type_into(
        filer,
        declaration,
        **{"funding.fiscal.budget": "900", "text.overall_goal": "康复有保障"},
        **{"tasks.name": "残疾人康复", "tasks.amount": "800"},
        **{"indicators.level2": "数量指标", "indicators.level3": "救助人数"},
        **{"indicators.target": "120人"},
    )
    add_indicator(filer, declaration, level2="满意度指标", level3="满意度", target="90%以上")
    return factories.approved(filer, reviewer, declaration)


def add_indicator(filer: User, declaration: Declaration, **values: str) -> str:
    """A further row of the target's indicators; its anchor."""
    row = add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
    type_into(filer, declaration, **{f"{row}/{column}": text for column, text in values.items()})
    return row


def adjusted(
    filer: User,
    reviewer: User,
    target: Declaration,
    change: Callable[[], object] | None = None,
    reason: str = "上级下达的任务有变化",
) -> Declaration:
    """The target, adjusted in the year and approved again: 120人 became 130人, unless said."""
    factories.reschedule(target, adjustments_until=5)
    begin_adjustment(filer, declaration_id=target.pk, reason=reason)
    if change:
        change()
    else:
        type_into(filer, target, **{f"{row_named(target, '救助人数')}/target": "130人"})
    factories.explain_hints(filer, target)
    submit(filer, declaration_id=target.pk)
    pass_on(reviewer, declaration_id=target.pk)
    return reread(target)


def evaluation_for(*departments: Department, **fields: Any) -> Declaration:
    """The first department's self-evaluation in a new round for all of them."""
    first = departments[0]
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(first.bureau, EVALUATION, "evaluation", kind)
    round_ = factories.round_for(template, *departments, **fields)
    return reread(round_.declarations.get(department=first))


def row_named(declaration: Declaration, name: str) -> str:
    """The anchor of the row whose first cell says so: ``indicator/45``."""
    records = load_records(declaration, form_for(declaration.round))
    return next(i.anchor() for i in records.items() if name in i.values.values())
