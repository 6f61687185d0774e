"""Scored items in a form's cells: words of the rubric, and formulas over all items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from declarations.sheets.blocks import coordinate
from declarations.sheets.catalogue import RUBRIC_COLUMNS, SCORES
from declarations.sheets.form import TemplateCell
from declarations.sheets.kinds import NumberFormat
from declarations.sheets.tags import NOT_IN_FORM, Tag
from scoring.rubric import Rubric, RubricItem

SELF_SCORE = "self_score"
_ALL = f"{SCORES}.{SELF_SCORE}"


def with_rubric(
    cells: Sequence[TemplateCell], rubric: Rubric, number_format: Callable[[TemplateCell], str]
) -> tuple[list[TemplateCell], list[tuple[str, str]]]:
    """The cells with the rubric's words as text, and formulas written out; and what is wrong.

    What stands in the 评分 sheet is a label then like any other, so that an item's points and
    the text of its rule are said once. Problems are a cell such as ``B12`` and a message.
    """
    scored = [t.path for c in cells for t in c.tags if _is_scored(t) and t.column == SELF_SCORE]
    points = {f"{SCORES}.{i.key}.points": i.points for i in rubric.items if not i.is_list}
    done: list[TemplateCell] = []
    problems: list[tuple[str, str]] = []
    for cell in cells:
        if any(t.expression or _is_scored(t) for t in cell.tags):
            missing = {_key(t): t for t in cell.tags if _is_scored(t)}.keys() - _keys(rubric)
            problems += [(coordinate(cell), _not_scored(key)) for key in sorted(missing)]
            format_ = NumberFormat.from_excel(number_format(cell))
            parts = [_part(p, rubric, scored, points, format_) for p in cell.parts]
            done.append(replace(cell, parts=tuple(_joined(parts))))
        else:
            done.append(cell)
    shown = {_key(t) for c in cells for t in c.tags if _is_scored(t) and t.column == SELF_SCORE}
    problems += [("", _not_shown(i)) for i in rubric.items if not i.is_list and i.key not in shown]
    return done, problems


def _part(
    part: str | Tag,
    rubric: Rubric,
    scored: list[str],
    points: dict[str, Decimal],
    format_: NumberFormat,
) -> str | Tag:
    if isinstance(part, str):
        return part
    if part.expression:
        return replace(part, expression=part.expression.written_out({_ALL: scored}, points))
    item = rubric.item(_key(part)) if _is_scored(part) and part.column in RUBRIC_COLUMNS else None
    if item is None:
        return part
    return format_.show(item.points) if part.column == "points" else getattr(item, part.column)


def _joined(parts: Iterable[str | Tag]) -> Iterator[str | Tag]:
    """Neighbouring texts as one."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text


def _is_scored(tag: Tag) -> bool:
    return (tag.shown or tag.path).startswith(f"{SCORES}.")


def _key(tag: Tag) -> str:
    return (tag.shown or tag.path).split(".")[1]


def _keys(rubric: Rubric) -> set[str]:
    return {item.key for item in rubric.items if not item.is_list}


def _not_scored(key: str) -> str:
    return f"“评分”工作表中没有编码为 {key} 的评分项"


def _not_shown(item: RubricItem) -> str:
    return f"“评分”工作表中的 {item.key}（{item.name}）：标签 {SCORES}.{item.key}.{SELF_SCORE} {NOT_IN_FORM}"
