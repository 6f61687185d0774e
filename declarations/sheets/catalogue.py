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
    "reason": Kind.TEXT,
    "evidence": Kind.TEXT,
}

SCORES = "score"
"""The head of the tags of scored items: ``{{score.disclosure.self_score}}``."""

SCORE_COLUMNS = {
    "self_score": Kind.NUMBER,
    "basis": Kind.TEXT,
    "evidence": Kind.TEXT,
}

RUBRIC_COLUMNS = ("name", "points", "definition", "standard")
"""What the 评分 sheet says of an item: ``{{score.disclosure.points}}`` is printed as it says."""

SHOWN_COLUMNS = {"rule_score": Kind.NUMBER, "review_score": Kind.NUMBER}
"""Of scored items and indicators: what the rule gives, and the reviewer; nobody types them."""

TOTALS = {
    "total.self": Kind.NUMBER,
    "total.rule": Kind.NUMBER,
    "total.review": Kind.NUMBER,
    "total.grade": Kind.LINE,
}
"""What all scores come to; shown, never typed."""

JSON_COLUMNS = {"extra": "extra", "input": "inputs"}
"""Columns kept in a JSON field: the first part of their name, and the field of the model."""


def columns_of(list_name: str) -> dict[str, Kind]:
    """Column name to kind for one of LISTS."""
    return INDICATOR_COLUMNS if list_name == INDICATORS else TASK_COLUMNS


def json_column(column: str) -> tuple[str, str] | None:
    """The model's JSON field and the key in it (``extra.operator``); None of other columns."""
    head, dot, key = column.partition(".")
    return (JSON_COLUMNS[head], key) if dot and head in JSON_COLUMNS else None
