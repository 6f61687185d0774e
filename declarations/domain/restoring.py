"""Putting what is filled in back to what a revision says, row by row under the same anchors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declarations.domain.rows import Row, anchor_of, line_up, rows_of, save_positions, take_rows
from declarations.models import (
    Declaration,
    FundingLine,
    Indicator,
    Passage,
    Revision,
    ScoreItem,
    Task,
)
from declarations.queries.records import BASED_ON, revision_records
from declarations.sheets.catalogue import JSON_COLUMNS, json_column
from declarations.sheets.records import Item, Records, Value

_MODELS: Mapping[str, type[Row]] = {"task": Task, "indicator": Indicator}


def restore(declaration: Declaration, revision: Revision) -> None:
    """Makes the live records of a locked declaration equal to the content of its revision.

    Rows that came since go, and rows that went come back under their anchors, so that
    comments and history fit; what is equal is not written. A self-evaluation is then based on
    the target that it was. The number of queries does not depend on that of the rows.
    """
    records = revision_records(revision)
    based_on = records.context.get(BASED_ON)
    if str(declaration.based_on_id or "") != (based_on or ""):
        declaration.based_on_id = int(based_on) if based_on else None
        declaration.save(update_fields=["based_on"])
    wanted = {item.anchor(): item for item in records.items()}
    stored = _stored(declaration)
    take_rows(declaration, stored.keys() - wanted.keys())
    _bring_back(declaration, [item for anchor, item in wanted.items() if anchor not in stored])
    rows = _stored(declaration)
    _write([(row, _columns(wanted[anchor])) for anchor, row in rows.items()])
    _write([*_single_cells(declaration, records)])
    moved = [
        row
        for order in _orders(records)
        for row in line_up([rows[item.anchor()] for item in order])
    ]
    save_positions(moved)


def _columns(item: Item) -> Mapping[str, Any]:
    """A row's values, and what it has from the approved target."""
    return item.values | {"approved_from": item.source, "carried": list(item.carried)}


def _stored(declaration: Declaration) -> dict[str, Row]:
    return {anchor_of(row): row for rows in rows_of(declaration).values() for row in rows}


def _orders(records: Records) -> Iterator[list[Item]]:
    """Every list, those nested in rows too."""
    for rows in records.lists.values():
        yield rows
        for item in rows:
            yield from item.lists.values()


def _bring_back(declaration: Declaration, gone: list[Item]) -> None:
    """Rows as their history last knew them: also what the form has no column for."""
    for kind, model in _MODELS.items():
        ids = [item.id for item in gone if item.kind == kind]
        if not ids:
            continue
        columns = [field.attname for field in model._meta.concrete_fields]
        last = (
            model.pgh_event_model.objects.filter(pgh_obj_id__in=ids, declaration=declaration)  # type: ignore[union-attr]
            .order_by("pgh_obj_id", "-pgh_id")
            .distinct("pgh_obj_id")
        )
        model._default_manager.bulk_create(model(**known) for known in last.values(*columns))  # type: ignore[misc]


def _single_cells(
    declaration: Declaration, records: Records
) -> Iterator[tuple[FundingLine | Passage | ScoreItem, Mapping[str, Value]]]:
    for line in declaration.funding_lines.all():
        yield line, records.funding.get(line.key, {})
    for passage in declaration.passages.all():
        if passage.key in records.texts:
            yield passage, {"text": records.texts[passage.key]}
    for item in declaration.score_items.all():
        yield item, records.scores.get(item.key, {})


@dataclass(slots=True)
class _Changed:
    rows: list[Any]
    columns: set[str]


def _write(rows: list[tuple[Any, Mapping[str, Any]]]) -> None:
    """Sets the rows' columns; one query per kind of row that differs anywhere."""
    changed: dict[type[Any], _Changed] = {}
    for row, values in rows:
        columns: dict[str, Any] = {c: v for c, v in values.items() if json_column(c) is None}
        for prefix, field in JSON_COLUMNS.items():
            if hasattr(row, field):
                columns[field] = {
                    c.removeprefix(f"{prefix}."): v
                    for c, v in values.items()
                    if c.startswith(f"{prefix}.")
                }
        different = {c for c, value in columns.items() if getattr(row, c) != value}
        if not different:
            continue
        for column in different:
            setattr(row, column, columns[column])
        of_kind = changed.setdefault(type(row), _Changed([], set()))
        of_kind.rows.append(row)
        of_kind.columns |= different
    for model, of_kind in changed.items():
        model._default_manager.bulk_update(of_kind.rows, sorted(of_kind.columns))
