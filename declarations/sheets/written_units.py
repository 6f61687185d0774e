"""The unit of money that a form's own words say: 预算金额（万元）, 预算数/万元, 单位：万元."""

import re
from collections.abc import Collection, Iterable, Mapping

from declarations.sheets.form import TemplateCell

_UNIT = r"(?:人民币)?(?P<unit>亿元|万元|千元|元)"
_IN_HEADING = (
    re.compile(rf"[（(](?:金额)?(?:单位[:：]?)?{_UNIT}[）)]"),
    re.compile(rf"[/／]{_UNIT}$"),
    re.compile(rf"^(?:单位[:：]?)?{_UNIT}$"),
)
_OF_SHEET = re.compile(rf"单位[:：]{_UNIT}")
_UNIT_BESIDE = re.compile(r"单位[:：]?$")


def unit_in(heading: str) -> str:
    """The unit that a heading names, "" where it names none."""
    matches = (pattern.search(heading) for pattern in _IN_HEADING)
    return next((m["unit"] for m in matches if m), "")


def states_unit(text: str) -> bool:
    """Whether a text without spaces names a unit, of a column or of the whole sheet."""
    return bool(unit_in(text) or _OF_SHEET.search(text))


def without_unit(heading: str) -> str:
    """A heading without its unit; "" where it is nothing else."""
    for pattern in _IN_HEADING:
        heading = pattern.sub("", heading)
    return heading


def unit_of_sheet(
    cells: Iterable[TemplateCell],
    at: Mapping[tuple[int, int], TemplateCell],
    apart: Collection[int],
) -> str:
    """The unit that holds for the whole form, "" where none is said.

    Said as 单位：万元, in one cell or in two side by side, or in brackets in a line above
    the table. at: the cells by every place that they cover. apart: rows above the table.
    """
    for cell in cells:
        if match := _OF_SHEET.search(cell.text):
            return match["unit"]
        beside = at.get((cell.row, cell.last_column + 1))
        if not beside or not beside.is_label or not _UNIT_BESIDE.search(cell.text):
            continue
        if unit := unit_in(beside.text):
            return unit
    return next((unit for c in cells if c.row in apart if (unit := unit_in(c.text))), "")
