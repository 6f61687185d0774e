"""What an upload has that was not read, and what it has not: said, never passed over."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.sheets.form import Form
from declarations.sheets.incoming.building import Built
from declarations.sheets.incoming.columns import Located
from declarations.sheets.incoming.grid import Grid, SheetCell
from declarations.sheets.incoming.labels import figure_of, keys_of
from declarations.sheets.incoming.plan import Plan
from declarations.sheets.problems import CellProblem

_MOST = 30
"""Rows that are named one by one."""
_MOST_CELLS = 3


def unread(plan: Plan, grid: Grid, located: Located, built: Built) -> Iterator[CellProblem]:
    """A warning for each row with content that was neither read nor is words of the form."""
    words = {key for planned in plan.words for key in planned.keys}
    words |= {c.text for c in plan.form.cells if c.is_label}  # also those without a letter: %
    used = built.read | located.words
    figures = _figures(located)
    number = 0
    for row, cells in grid.rows.items():
        left = [c for c in cells if c.place not in used and not _is_word(c, words)]
        left = [c for c in left if figure_of(c.text) not in figures.get(row, ())]
        if not left:
            continue
        number += 1
        if number <= _MOST:
            yield CellProblem(grid.name, left[0].coordinate, f"没有读入：{_named(left)}")
    if number > _MOST:
        yield CellProblem(grid.name, "", f"另有 {number - _MOST} 行的内容不在表中，没有读入")
    if grid.beyond:
        yield CellProblem(grid.name, grid.beyond, "离表太远，这一格及以后的内容没有读入")


def _is_word(cell: SheetCell, words: set[str]) -> bool:
    return bool({cell.text.strip(), *keys_of(cell.text)} & words)


def _figures(located: Located) -> dict[int, set[Decimal]]:
    """The numbers that the form itself prints, such as points, by the row of the upload."""
    of_form: dict[int, set[Decimal]] = {}
    for planned in {row.pair.row.number: row.pair.row for row in located.rows}.values():
        labels = (figure_of(c.cell.text) for c in planned.cells if c.cell.is_label)
        of_form[planned.number] = {number for number in labels if number is not None}
    return {row.pair.sheet_row: of_form[row.pair.row.number] for row in located.rows}


def _named(cells: list[SheetCell]) -> str:
    named = [f"{c.coordinate}“{_shortened(c.text)}”" for c in cells[:_MOST_CELLS]]
    more = f"等 {len(cells)} 格" if len(cells) > _MOST_CELLS else ""
    return "、".join(named) + more


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 20 else line[:20] + "…"


def missing(plan: Plan, located: Located, built: Built) -> set[str]:
    """The tags, and the lists of which no tag at all, that the upload has no place for.

    Below a heading that is there, nothing is missing, only blank.
    """
    seen = set(built.seen)
    for row in plan.rows:
        for planned in row.values:
            if not planned.cell.depth and row.label_of(planned):
                continue
            if id(plan.headings.get(id(planned))) in located.headings:
                seen |= {t.path for t in planned.cell.tags}
    tags = {t for t in plan.form.fields if not t.startswith("computed.")}
    absent = tags - seen
    for block in plan.form.blocks():
        prefix = ".".join(block.list_path) + "."
        own = {t for t in tags if t.startswith(prefix)}
        if own and own <= absent:
            absent.add(prefix.rstrip("."))
    return absent


def missing_headings(
    form: Form, grid: Grid, absent: set[str]
) -> Iterator[tuple[bool, CellProblem]]:
    """What to say of what is missing, and whether it is required. A list is named once.

    What has no cell in the form either is filled in beside it, in the editor, and stays.
    """
    for tag in sorted(absent - form.fields.keys()):
        if tag.rpartition(".")[0] in absent:
            continue
        fields = [f for f in form.fields.values() if f.tag.startswith(tag + ".")]
        names = "、".join(dict.fromkeys(f.label for f in fields))
        required = any(f.required for f in fields)
        said = "请使用本批次的表格填写" if required else "已填的内容不变"
        yield required, CellProblem(grid.name, "", f"没有找到填写{names}的行，{said}")
    for tag, form_field in form.fields.items():
        if tag not in absent - form.beside or any(tag.startswith(a + ".") for a in absent):
            continue
        said = "请补上后再上传" if form_field.required else "已填的内容不变"
        yield (
            form_field.required,
            CellProblem(grid.name, "", f"没有找到“{form_field.label}”的表头，{said}"),
        )
