"""The domain model as a form sees it: which lists and columns a tag may name.

A district's own column goes through ``extra``: ``{{indicators.extra.operator}}``.
"""

from declarations.sheets.kinds import Kind

TASK_LISTS = ("tasks", "other_tasks", "projects", "goals")
"""Lists whose rows are tasks; each is one block of the declaration."""

KEYS = r"[a-z][a-z0-9_]*"
"""What a line key, passage key or extra column may be called (a regular expression)."""

INDICATORS = "indicators"
"""The list of indicators, on its own or nested in a list of tasks."""

LISTS = (*TASK_LISTS, INDICATORS)

CONTEXT = {
    "year": "年度",
    "bureau.name": "财政局名称",
    "department.name": "部门（单位）名称",
    "department.code": "部门编码",
    "round.name": "填报批次",
}
"""What the system fills in by itself."""

FUNDING_COLUMNS = {
    "budget": Kind.MONEY,
    "adjustment": Kind.MONEY,
    "received": Kind.MONEY,
    "executed": Kind.MONEY,
    "prior1": Kind.MONEY,
    "prior2": Kind.MONEY,
}

TASK_COLUMNS = {
    "name": Kind.LINE,
    "content": Kind.TEXT,
    "expected": Kind.TEXT,
    "actual": Kind.TEXT,
    "amount": Kind.MONEY,
    "total_amount": Kind.MONEY,
    "weight": Kind.NUMBER,
}

INDICATOR_COLUMNS = {
    "level1": Kind.LINE,
    "level2": Kind.LINE,
    "level3": Kind.LINE,
    "definition": Kind.TEXT,
    "period_target": Kind.LINE,
    "target": Kind.LINE,
    "actual": Kind.LINE,
    "prior1": Kind.LINE,
    "prior2": Kind.LINE,
    "basis": Kind.LINE,
    "weight": Kind.NUMBER,
    "self_score": Kind.NUMBER,
    "review_score": Kind.NUMBER,
    "reason": Kind.TEXT,
    "evidence": Kind.TEXT,
}


def columns_of(list_name: str) -> dict[str, Kind]:
    """Column name to kind for one of LISTS."""
    return INDICATOR_COLUMNS if list_name == INDICATORS else TASK_COLUMNS
