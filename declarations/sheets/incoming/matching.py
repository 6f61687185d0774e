"""Recognises the form among an upload's sheets and reads it."""

import re
from collections.abc import Iterator

from declarations.sheets.catalogue import CONTEXT
from declarations.sheets.form import Form
from declarations.sheets.incoming.alignment import Alignment, align
from declarations.sheets.incoming.building import build
from declarations.sheets.incoming.claims import check_claims
from declarations.sheets.incoming.columns import Located, locate
from declarations.sheets.incoming.computed import check_computed
from declarations.sheets.incoming.grid import Grid, SheetCell
from declarations.sheets.incoming.inputs import inputs_grid, read_inputs
from declarations.sheets.incoming.labels import key_of
from declarations.sheets.incoming.leftovers import missing, missing_headings, unread
from declarations.sheets.incoming.mapped import align_by_map
from declarations.sheets.incoming.opening import open_upload
from declarations.sheets.incoming.plan import Plan, PlanCell
from declarations.sheets.incoming.report import Incoming, UnreadableWorkbookError
from declarations.sheets.incoming.together import take_apart
from declarations.sheets.problems import CellProblem

_LEAST_RECALL = 0.4
"""The share of a form's words that a sheet must have to be that form."""
_TAG = re.compile(r"\{\{([^{}]{1,200})\}\}")


def read_incoming(
    form: Form, workbook: bytes, context: dict[str, str], *, by_words: bool = False
) -> Incoming:
    """A filled-in workbook of a form, whoever made it, as records.

    context: what the system knows of the declaration, by tag (``department.name``, ``year``).
    by_words: not to follow what a workbook of ours says of its own rows, which one that
    somebody draws up does not say.
    Raises UnreadableWorkbookError where the file cannot be read or no sheet is the form;
    all else that is wrong is in the result, by cell.
    """
    grids = [g for g in open_upload(workbook) if g.cells]
    if not grids:
        raise UnreadableWorkbookError("工作簿是空的，没有任何内容。请检查是否选错了文件")
    inputs = inputs_grid(form, grids)
    grids = [g for g in grids if g is not inputs]
    plan = Plan.of(form)
    if by_words:
        for grid in grids:
            grid.row_map = ""
    best, others = _best(plan, grids)
    grid = best.grid
    located = locate(plan, best)
    built = build(form, grid, located, context)
    if inputs:
        read_inputs(form, inputs, built)
    absent = missing(plan, located, built)
    incoming = Incoming(
        built.records, grid.name, built.places, built.problems, built.warnings, frozenset(absent)
    )
    for required, said in missing_headings(form, grid, absent):
        (incoming.problems if required else incoming.warnings).append(said)
    incoming.warnings += _several(grid, others)
    incoming.warnings += _other_context(form, grid, located, context)
    incoming.warnings += _other_headings(grid, located)
    incoming.warnings += check_computed(form, grid, built)
    incoming.warnings += check_claims(form, grid, built)
    built.read |= {
        s.cell.place for r in located.rows for s in r.spots if s.cell and s.planned.cell.tags
    }
    incoming.warnings += unread(plan, grid, located, built)
    return incoming


def _best(plan: Plan, grids: list[Grid]) -> tuple[Alignment, list[Grid]]:
    """The sheet with most of the form's words, and others that have as many."""
    found = [align_by_map(plan, grid) or align(plan, grid) for grid in grids]
    best = max(found, key=lambda a: (a.recall, not a.grid.hidden))
    if _is_template(plan, best.grid):
        raise UnreadableWorkbookError(
            "这是表样（格中还有 {{标签}}），不是填好的表。请下载空白表填写后再上传"
        )
    if best.recall < _LEAST_RECALL:
        raise UnreadableWorkbookError(
            f"工作簿中没有《{plan.form.title}》：各工作表的表头与表样相差太大。"
            "请核对是否选错了文件，或下载空白表填写后再上传"
        )
    others = [
        a.grid for a in found if a is not best and a.recall == best.recall and not a.grid.hidden
    ]
    return best, others


def _is_template(plan: Plan, grid: Grid) -> bool:
    """Whether most of what is to be filled in still is a tag."""
    tagged = set(_TAG.findall("\n".join(c.raw for c in grid.cells.values() if "{{" in c.raw)))
    tags = {t.path for c in plan.form.cells for t in c.tags}
    return len({t.partition("|")[0].strip() for t in tagged} & tags) > len(tags) / 2


def _several(grid: Grid, others: list[Grid]) -> Iterator[CellProblem]:
    if others:
        names = "、".join(f"“{g.name}”" for g in others)
        yield CellProblem(
            grid.name, "", f"工作表{names}也是这张表；读入的是“{grid.name}”，其他的没有读入"
        )


def _other_headings(grid: Grid, located: Located) -> Iterator[CellProblem]:
    for substitute in located.substitutes:
        words = substitute.planned.cell.text
        yield CellProblem(
            grid.name,
            substitute.cell.coordinate,
            f"表头“{substitute.cell.text[:20]}”与表样不同，按位置读作“{words}”，请核对",
        )


def _other_context(
    form: Form, grid: Grid, located: Located, context: dict[str, str]
) -> Iterator[CellProblem]:
    """Another department or year than the declaration's."""
    said: set[str] = set()
    for planned, cell in _with_context(located):
        texts = take_apart(form, planned.cell.parts, cell.text) or {}
        for tag in planned.cell.tags:
            text, ours = texts.get(tag.path, "").strip(), context.get(tag.path, "")
            same = key_of(ours) in key_of(cell.text[:500])
            if not tag.is_context or not ours or not text or same or tag.path in said:
                continue
            said.add(tag.path)
            yield CellProblem(
                grid.name,
                cell.coordinate,
                f"{CONTEXT[tag.path]}：文件中是“{text[:50]}”，本申报是“{ours}”，请核对是否选错了文件",
            )


def _with_context(located: Located) -> Iterator[tuple[PlanCell, SheetCell]]:
    """The cells in which the form says what the system knows."""
    for row in located.rows:
        found = [(f.planned, f.cell) for f in row.pair.found]
        found += [(s.planned, s.cell) for s in row.spots if s.cell]
        for planned, cell in found:
            if any(t.is_context for t in planned.cell.tags):
                yield planned, cell
