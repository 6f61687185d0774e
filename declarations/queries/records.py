"""A declaration's records from the database, in the shape that forms are bound to."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from declarations.models import (
    Declaration,
    FundingLine,
    Indicator,
    Passage,
    Revision,
    ScoreItem,
    Task,
)
from declarations.sheets.catalogue import (
    FUNDING_COLUMNS,
    INDICATOR_COLUMNS,
    INDICATORS,
    JSON_COLUMNS,
    SCORE_COLUMNS,
    SCORES,
    TASK_COLUMNS,
    TASK_LISTS,
)
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records

_ID = re.compile(r"[0-9]{1,18}")  # ASCII, and within what a bigint holds

BASED_ON = "based_on"
"""In the context of a self-evaluation, the id of the target's revision that it is based on."""

ALL = frozenset({"funding", "text", SCORES, *TASK_LISTS, INDICATORS, "bureau", "department"})
"""The heads of all tags: the parts that records consist of."""


def load_records(declaration: Declaration, form: Form, parts: Collection[str] = ALL) -> Records:
    """What is stored now of the columns that the form has.

    One query per kind of record that the form has and `parts` asks for.
    """
    wanted = {tag.split(".")[0] for tag in form.fields} & set(parts)
    records = Records(context=context_of(declaration, parts))
    if "funding" in wanted:
        columns = _columns(form, FUNDING_COLUMNS)
        for line in declaration.funding_lines.all():
            records.funding[line.key] = {column: getattr(line, column) for column in columns}
    if "text" in wanted:
        records.texts = dict(declaration.passages.values_list("key", "text"))
    if SCORES in wanted:
        records.scores = {item.key: _score(item, form) for item in declaration.score_items.all()}
    _load_lists(records, declaration, form, wanted)
    return records


def _load_lists(
    records: Records, declaration: Declaration, form: Form, wanted: Collection[str]
) -> None:
    """Tasks and indicators, those nested in a task in its row."""
    tasks: dict[int, Item] = {}
    blocks = sorted({*wanted} & {*TASK_LISTS})
    for block in blocks:
        records.lists[block] = []
    if blocks:
        columns = _columns(form, TASK_COLUMNS)
        for row in _rows(declaration.tasks.filter(block__in=blocks), "block", columns):
            pk, block, item = row[0], row[1], _item("task", row, columns)
            tasks[pk] = item
            records.lists[block].append(item)
    if INDICATORS in wanted or any(
        f"{b}.{INDICATORS}." in tag for tag in form.fields for b in blocks
    ):
        if INDICATORS in wanted:
            records.lists[INDICATORS] = []
        columns = _columns(form, INDICATOR_COLUMNS)
        for row in _rows(declaration.indicators.all(), "task_id", columns):
            owner = tasks.get(row[1])
            lists = owner.lists if owner else records.lists
            lists.setdefault(INDICATORS, []).append(_item("indicator", row, columns))


def context_of(declaration: Declaration, parts: Collection[str] = ALL) -> dict[str, str]:
    """What the system fills in, by tag."""
    round_ = declaration.round
    context = {"year": str(round_.year), "round.name": round_.name}
    if "bureau" in parts:
        context["bureau.name"] = round_.bureau.name
    if "department" in parts:
        context["department.name"] = declaration.department.name
        context["department.code"] = declaration.department.code
    if declaration.based_on_id is not None:
        context[BASED_ON] = str(declaration.based_on_id)
    return context


def revision_records(revision: Revision) -> Records:
    """The records frozen in a revision."""
    return Records.from_json(revision.content)


def _columns(form: Form, known: Collection[str]) -> list[str]:
    return [column for column in known if column in form.columns]


def _rows(
    rows: "QuerySet[Any, Any]", owner: str, columns: Collection[str]
) -> "QuerySet[Any, tuple[Any, ...]]":
    return rows.order_by("position", "id").values_list(
        "id", owner, *columns, "approved_from", "carried", "extra"
    )


def _item(kind: str, row: tuple[Any, ...], columns: Collection[str]) -> Item:
    pk, _, *stored, source, carried, extra = row
    values = dict(zip(columns, stored, strict=True))
    if extra:
        values.update({f"extra.{key}": value for key, value in extra.items()})
    return Item(kind, pk, values, source=source, carried=tuple(carried))


def _score(item: ScoreItem, form: Form) -> dict[str, Any]:
    """What the form has of a scored item, by column."""
    values = {
        c: getattr(item, c) for c in SCORE_COLUMNS if f"{SCORES}.{item.key}.{c}" in form.fields
    }
    for prefix, field in JSON_COLUMNS.items():
        values |= {f"{prefix}.{key}": value for key, value in getattr(item, field).items()}
    return values


def row_id(key: str) -> int | None:
    """The id in the anchor of a row (``45`` in ``task/45``); None where it can be none."""
    return int(key) if _ID.fullmatch(key) else None


MODELS = {
    "funding": FundingLine,
    "text": Passage,
    SCORES: ScoreItem,
    "task": Task,
    "indicator": Indicator,
}
"""The model behind the first part of an anchor."""
SINGLE = ("funding", "text", SCORES)
"""Of these a declaration has one row by key, whose cells are outside lists."""
