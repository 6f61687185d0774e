"""Finds which rows repeat for which list, and how deep each cell repeats with them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from openpyxl.utils import get_column_letter

from declarations.sheets.form import Block, TemplateCell
from declarations.sheets.tags import Tag, misplaced_sums, parse_path

BlockProblem = tuple[str, str]
"""A cell such as ``B12`` and what is wrong there."""


def coordinate(cell: TemplateCell) -> str:
    """``B12``."""
    return f"{get_column_letter(cell.column)}{cell.row}"


def build_blocks(cells: list[TemplateCell]) -> tuple[Block, list[BlockProblem]]:
    """The tree of repeating blocks, and every reason why it cannot be one.

    A block reaches from the first to the last row with a tag of its list; what
    stands between repeats with it.
    """
    problems: list[BlockProblem] = []
    paths = sorted(
        {t.list_path[: i + 1] for c in cells for t in c.tags for i in range(len(t.list_path))}
    )
    blocks = {path: _block(path, cells) for path in paths}
    top = sorted((b for p, b in blocks.items() if len(p) == 1), key=lambda b: b.first_row)
    for above, below in pairwise(top):
        if below.first_row <= above.last_row:
            message = (
                f"清单 {below.name}（{_rows(below)}）与 {above.name}（{_rows(above)}）的行重叠，"
                "同一行只能属于一个清单"
            )
            problems.append((coordinate(_first_tagged(cells, below)), message))
    for block in blocks.values():
        for cell in cells:
            inside = block.first_row <= cell.row and cell.last_row <= block.last_row
            outside = cell.last_row < block.first_row or cell.row > block.last_row
            around = cell.row <= block.first_row and cell.last_row >= block.last_row
            if not (inside or outside or around):
                message = (
                    f"合并单元格跨出了清单 {block.name} 重复的行（{_rows(block)}，"
                    "从它的第一个标签到最后一个标签），请调整合并范围"
                )
                problems.append((coordinate(cell), message))
    for cell in cells:
        problems += [(coordinate(cell), message) for message in _misplaced(cell, blocks)]
    nested = {
        path: replace(block, children=tuple(b for p, b in blocks.items() if p[:-1] == path))
        for path, block in blocks.items()
        if len(path) == 1
    }
    first, last = min(c.row for c in cells), max(c.last_row for c in cells)
    children = sorted(nested.values(), key=lambda b: b.first_row)
    root = Block((), first, last, min(c.column for c in cells), tuple(children))
    return root, problems or [(coordinate(c), m) for c in cells for m in _not_beside(c, root)]


def with_depths(cells: list[TemplateCell], root: Block) -> list[TemplateCell]:
    """The cells with `depth` set: with how many lists each repeats.

    A tag repeats with its list. A label repeats with the innermost block that
    holds it, unless it stands left of all the block's tags and covers the
    block's whole height: then it grows beside the block instead.
    """
    return [replace(cell, depth=_depth(cell, root)) for cell in cells]


def _block(path: tuple[str, ...], cells: list[TemplateCell]) -> Block:
    own = [c for c in cells if any(t.list_path[: len(path)] == path for t in c.tags)]
    return Block(
        list_path=path,
        first_row=min(c.row for c in own),
        last_row=max(c.last_row for c in own),
        first_column=min(c.column for c in own),
    )


def _first_tagged(cells: list[TemplateCell], block: Block) -> TemplateCell:
    return next(c for c in cells if any(t.list_path[:1] == block.list_path for t in c.tags))


def _misplaced(cell: TemplateCell, blocks: dict[tuple[str, ...], Block]) -> Iterator[str]:
    """Tags that cannot stand together, and formulas that name a row they are not in."""
    filled = {t.list_path for t in cell.tags if not (t.is_context or t.is_number or t.is_computed)}
    if len(filled) > 1:
        names = "、".join(".".join(path) or "清单外的标签" for path in sorted(filled))
        yield f"一个单元格中的标签要属于同一清单，现有 {names}，请分到不同的单元格"
    for tag in cell.tags:
        for name in sorted(tag.expression.names) if tag.expression else ():
            block = blocks.get(parse_path(name).list_path)
            if block and not block.first_row <= cell.row <= cell.last_row <= block.last_row:
                yield f"公式不在清单 {'.'.join(block.list_path)} 的行内，请写成 sum({name}) 这样的汇总"
        if tag.expression:
            named = (parse_path(name).list_path for name in sorted(tag.expression.names))
            yield from misplaced_sums(tag.expression.lists, next(filter(None, named), ()))


def _not_beside(cell: TemplateCell, root: Block) -> Iterator[str]:
    """A tag in the rows of a list that does not repeat with it has to stand beside all of them."""
    if not cell.tags or cell.is_heading:
        return
    for block in _enclosing(cell, root)[_depth(cell, root) + 1 :]:
        if cell.row > block.first_row or cell.last_row < block.last_row:
            yield (
                f"这一格在清单 {block.name} 重复的行（{_rows(block)}）中间，却不随它重复，"
                "请移到清单的上面或下面，或合并成跨这几行的一格"
            )
            return


def _rows(block: Block) -> str:
    """``第 6 行``, ``第 6 至 8 行``."""
    if block.first_row == block.last_row:
        return f"第 {block.first_row} 行"
    return f"第 {block.first_row} 至 {block.last_row} 行"


def _depth(cell: TemplateCell, root: Block) -> int:
    enclosing = _enclosing(cell, root)
    if cell.tags and not cell.is_heading:
        around = {b.list_path for b in enclosing}
        return max(_depth_of_tag(tag, around) for tag in cell.tags)
    depth = len(enclosing) - 1
    while depth > 0:
        block = enclosing[depth]
        covers = cell.row <= block.first_row and cell.last_row >= block.last_row
        if not covers or cell.column > block.first_column:
            break
        depth -= 1
    return depth


def _depth_of_tag(tag: Tag, around: set[tuple[str, ...]]) -> int:
    """A formula repeats with the rows it names; a sum over nested rows with the outer ones."""
    if tag.expression is None:
        return len(tag.list_path)
    named = [parse_path(name).list_path for name in tag.expression.names]
    summed = [parse_path(name).list_path[:-1] for name in tag.expression.lists]
    return max((len(path) for path in (*named, *summed) if path in around), default=0)


def _enclosing(cell: TemplateCell, root: Block) -> list[Block]:
    """The blocks that hold all of the cell's rows, root first."""
    found = [root]
    while True:
        inner = [
            b for b in found[-1].children if b.first_row <= cell.row and cell.last_row <= b.last_row
        ]
        if not inner:
            return found
        found.append(inner[0])
