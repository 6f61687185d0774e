"""What checks find in small forms."""

from collections.abc import Iterable
from itertools import count

from declarations.checks import Finding, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records, Value
from tests.sheets.workbooks import form, indicator, task

LABELS = {
    "level1": "一级指标",
    "level2": "二级指标",
    "level3": "三级指标",
    "definition": "指标解释",
    "prior2": "前年",
    "prior1": "上年",
    "target": "指标值",
    "actual": "完成值",
    "reason": "未达标原因、改进措施",
    "weight": "权重",
    "extra.unit": "计量单位",
}


def indicator_form(*columns: str, nested: str = "", rules: list[list[str]] | None = None) -> Form:
    """A form with one list of indicators of these columns, nested in another list if asked."""
    cells: dict[str, str | int | float] = {"A1": "绩效指标"}
    prefix = f"{nested}.indicators" if nested else "indicators"
    tags = [f"{prefix}.{c}" for c in columns]
    labels = [LABELS[c] for c in columns]
    if nested:
        tags = [f"{nested}.name", f"{nested}.weight", *tags]
        labels = ["任务", "任务权重", *labels]
    for place, label, tag in zip("BCDEFGHIJKL", labels, tags, strict=False):
        cells[f"{place}1"] = label
        cells[f"{place}2"] = f"{{{{{tag}}}}}"
    del cells["A1"]
    cells["A1:A2"] = "绩效指标"
    heading = ["编码", "级别", "条件", "说明"]
    return form(cells, rules=[heading, *rules] if rules else ())


def rows(*values: dict[str, Value]) -> list[Item]:
    """Indicators, numbered from 1."""
    return [indicator(i, **row) for i, row in enumerate(values, start=1)]


def nested(*groups: list[Item], **values: Value) -> list[Item]:
    """A task for each group of indicators, which get numbers of their own."""
    numbers = count(1)
    for item in (i for group in groups for i in group):
        item.id = next(numbers)
    return [task(100 + n, *group, name=f"任务之{n}", **values) for n, group in enumerate(groups, 1)]


def look(form_: Form, **records: object) -> list[Finding]:
    """Everything that is found, while it is being filled in."""
    return run_checks(bind(form_, Records(**records), editing=True))  # type: ignore[arg-type]


def found(code: str, form_: Form, **records: object) -> list[Finding]:
    """What one check finds."""
    return [f for f in look(form_, **records) if f.code == code]


def codes(findings: Iterable[Finding]) -> list[str]:
    return [f.code for f in findings]


def one(code: str, form_: Form, **records: object) -> Finding:
    """The only thing that one check finds."""
    (finding,) = found(code, form_, **records)
    return finding
