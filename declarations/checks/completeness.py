"""Whether everything that must be filled in is."""

from collections.abc import Iterator

from declarations.checks.content import Content, ListRow
from declarations.checks.registry import Found, Level, check
from declarations.sheets.table import Access, Entry

SOURCE = "表样“字段”工作表的“必填”一栏"


@check(
    "required",
    Level.MUST,
    "必填的没有填",
    about="设为必填的格子空着。整行空着的只报一次，请填写或删除这一行。",
    source=SOURCE,
)
def check_required(content: Content) -> Iterator[Found]:
    """Required and unfilled; a row left wholly blank is one finding, not one per cell."""
    table = content.table
    lines = [(cell.entries, "") for cell in (*table.head, *table.foot)]
    rows = [(list(r.entries()), content.form.section_label(r.template_row)) for r in table.rows]
    for entries, section in (*lines, *rows):
        for entry in entries:
            if not _is_unfilled(entry):
                continue
            row = content.row_of.get(entry.anchor.rpartition("/")[0])
            if row is None:
                place = f"{section}：" if section else ""
                yield Found(f"{place}请填写“{entry.field.label}”", (entry.anchor,))
            elif content.is_unwritten(row):
                continue
            elif not row.is_blank:
                yield Found(f"{row.where}：请填写“{entry.field.label}”", (entry.anchor,))
            elif entry.field.column == _first_required(row) and not (
                row.outer and row.outer.is_blank
            ):
                yield Found(f"{row.where}是空行，请填写或删除", (entry.anchor,))


@check(
    "list_empty",
    Level.MUST,
    "清单没有填",
    about="有必填列的清单一行也没有。任务、目标下面的指标也是，但来自已批准目标的任务以目标为准，"
    "目标中没有指标的不必另设。",
    source=SOURCE,
)
def check_list_not_empty(content: Content) -> Iterator[Found]:
    """A list with required columns needs at least one row, in each row that it is nested in."""
    for block in content.form.root.children:
        rows = [row for row in content.rows if row.list_path == block.list_path]
        section = content.section_of_list[block.name]
        if not rows and _has_required(content, block.list_path):
            yield Found(f"{section}至少要有一行", (block.name,))
        for inner in block.children:
            if not _has_required(content, inner.list_path):
                continue
            for row in rows:
                empty = not row.item.lists.get(inner.name) and row.item.source is None
                if empty and row.filled and not content.is_unwritten(row):
                    yield Found(
                        f"{row.where}至少要有一条指标", (f"{row.item.anchor()}/{inner.name}",)
                    )


def _is_unfilled(entry: Entry) -> bool:
    return entry.field.required and entry.access is Access.FILLABLE and entry.is_blank


def _first_required(row: ListRow) -> str:
    return next(column for column, field in row.fields.items() if field.required)


def _has_required(content: Content, list_path: tuple[str, ...]) -> bool:
    return any(field.required for field in content.form.fields_of(list_path))
