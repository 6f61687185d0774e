"""Whether everything that must be filled in is."""

from collections.abc import Iterator

from declarations.checks.registry import Level, check
from declarations.sheets.form import Form
from declarations.sheets.table import Access, Cell, Entry, Row, Table


@check("required", Level.MUST, "表样“字段”工作表的“必填”一栏")
def check_required(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Required and unfilled; a row left wholly blank is one finding, not one per cell."""
    for cell in (*table.head, *table.foot):
        for entry in _unfilled(cell):
            yield f"请填写“{entry.field.label}”", (entry.anchor,)
    for row in table.rows:
        unfilled = _unfilled(row)
        if not unfilled:
            continue
        blank_rows = _blank_rows(row)
        for entry in blank_rows:
            yield (
                f"{place(table.form, row)}第{entry.row_number}行是空行，请填写或删除",
                (entry.anchor,),
            )
        skipped = {e.anchor.rsplit("/", 1)[0] for e in blank_rows}
        for entry in unfilled:
            if entry.anchor.rsplit("/", 1)[0] not in skipped:
                where = f"第{entry.row_number}行" if entry.row_number else ""
                yield (
                    f"{place(table.form, row)}{where}：请填写“{entry.field.label}”",
                    (entry.anchor,),
                )


@check("list_empty", Level.MUST, "表样“字段”工作表的“必填”一栏")
def check_list_not_empty(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A list with required columns needs at least one row."""
    for row in table.rows:
        if not row.add_to or "/" in row.add_to:
            continue
        fields = table.form.fields_of((row.add_to,))
        has_rows = any(h.list_path == (row.add_to,) for r in table.rows for h in r.handles)
        if not has_rows and any(f.required for f in fields):
            yield f"{place(table.form, row)}至少要有一行", (row.add_to,)


def place(form: Form, row: Row) -> str:
    """The section a row stands in, as a message names it."""
    return form.sections[row.section].label if row.section >= 0 else ""


def _unfilled(part: Row | Cell) -> list[Entry]:
    entries = part.entries if isinstance(part, Cell) else part.entries()
    return [e for e in entries if e.field.required and e.access is Access.FILLABLE and e.is_blank]


def _blank_rows(row: Row) -> list[Entry]:
    """The first entry of each list row that begins here with nothing filled in at all."""
    found = []
    for handle in row.handles:
        own = [
            e
            for e in row.entries()
            if e.anchor.startswith(handle.anchor + "/") and e.access is Access.FILLABLE
        ]
        if own and all(e.is_blank for e in own) and any(e.field.required for e in own):
            found.append(own[0])
    return found
