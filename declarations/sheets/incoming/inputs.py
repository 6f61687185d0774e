"""Reads the sheet 评分数据, ours or somebody's own: by the item's name and what is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from declarations.sheets.form import Form
from declarations.sheets.incoming.amounts import read_cell
from declarations.sheets.incoming.building import Built
from declarations.sheets.incoming.grid import Grid, SheetCell, coordinate
from declarations.sheets.incoming.labels import in_any_unit, key_of
from declarations.sheets.incoming.shape import fitting
from declarations.sheets.inputs_sheet import (
    FILLED_IN,
    INPUTS_SHEET,
    ITEM,
    LABEL,
    InputOf,
    inputs_beside,
)
from declarations.sheets.kinds import Kind
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import anchor_of_path
from declarations.sheets.tags import parse_path
from declarations.sheets.written_units import unit_in

_HEADINGS = (ITEM, LABEL, FILLED_IN)
_DEEPEST_HEAD = 30
"""Rows among which the headings are looked for."""
_MOST_UNREAD = 30
"""Rows that are named one by one."""
_LONGEST = 500
"""Characters of a name that are compared."""

_Key = tuple[str, str]
"""An item and what is asked for, as they are compared."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands in a row. name: of the item, also where it stands in a row above."""

    number: int
    name: str
    label: str
    cell: SheetCell | None

    @property
    def keys(self) -> _Key:
        return _key(self.name), _key(self.label)


def inputs_grid(form: Form, grids: list[Grid]) -> Grid | None:
    """The sheet with the data of the rules, if the form asks for any; never the only one."""
    if not form.beside or len(grids) < 2:
        return None
    return next((g for g in grids if g.name.strip() == INPUTS_SHEET), None)


def read_inputs(form: Form, grid: Grid, built: Built) -> None:
    """Adds what the sheet says to what was read of the form."""
    reader = _Reader(form, grid, built)
    columns = reader.columns()
    if columns is None:
        said = f"找不到表头“{ITEM}”“{LABEL}”“{FILLED_IN}”，这张工作表没有读入"
        built.warnings.append(CellProblem(grid.name, "", said))
        return
    reader.read(*columns)


class _Reader:
    def __init__(self, form: Form, grid: Grid, built: Built) -> None:
        self.form, self.grid, self.built = form, grid, built
        self.wanted: dict[_Key, list[InputOf]] = {}
        for given in inputs_beside(form):
            names = {_key(given.field.label), _key(given.field.label_with_unit)}
            for name in names:
                self.wanted.setdefault((_key(given.item.name), name), []).append(given)

    def columns(self) -> tuple[int, list[int]] | None:
        """The row of the headings and the columns they are in; None where they are not there."""
        wanted = [key_of(heading) for heading in _HEADINGS]
        for number, cells in islice(self.grid.rows.items(), _DEEPEST_HEAD):
            at = {key_of(c.text[:_LONGEST]): c.column for c in reversed(cells)}
            if all(heading in at for heading in wanted):
                return number, [at[heading] for heading in wanted]
        return None

    def read(self, head: int, columns: list[int]) -> None:
        """Every row below the headings; of what is asked for alike, the rows are in its order."""
        rows: dict[tuple[str, ...], list[_Row]] = {}
        unread: list[CellProblem] = []
        for row in self._rows(head, columns):
            if given := self.wanted.get(row.keys):
                rows.setdefault(tuple(g.field.tag for g in given), []).append(row)
            elif row.cell:
                said = f"没有读入：评分标准没有要填的“{_shown(row.name)} {_shown(row.label)}”"
                unread.append(CellProblem(self.grid.name, row.cell.coordinate, said))
        inputs = {given.field.tag: given for given in inputs_beside(self.form)}
        for tags, found in rows.items():
            if len(found) == len(tags):
                for tag, row in zip(tags, found, strict=True):
                    self._take(inputs[tag], row, columns[-1])
            else:
                self._refuse(found, columns[-1])
        self.built.warnings += unread[:_MOST_UNREAD]
        if len(unread) > _MOST_UNREAD:
            said = f"另有 {len(unread) - _MOST_UNREAD} 行没有读入"
            self.built.warnings.append(CellProblem(self.grid.name, "", said))

    def _rows(self, head: int, columns: list[int]) -> Iterator[_Row]:
        name = ""
        for number in self.grid.rows:
            if number <= head:
                continue
            item, label, cell = (self.grid.at(number, column) for column in columns)
            name = item.text[:_LONGEST] if item else name
            if label:
                yield _Row(number, name, label.text[:_LONGEST], cell)

    def _take(self, given: InputOf, row: _Row, column: int) -> None:
        field, place = given.field, coordinate((row.number, column))
        unit = ""
        if field.kind is Kind.MONEY:
            unit = unit_in("".join(row.label.split())) or field.unit
        reading = read_cell(field, row.cell, unit)
        said = f"{given.item.name} · {field.label}："
        if unit and unit != field.unit and row.cell:
            self._warn(place, f"{said}这里写的金额单位是{unit}，已换算为{field.unit}，请核对")
        if reading.problem:
            self._problem(place, f"{said}{reading.problem}")
        if reading.warning:
            self._warn(place, f"{said}{reading.warning}")
        self.built.seen.add(field.tag)
        self.built.places[anchor_of_path(field.tag)] = f"{self.grid.name}!{place}"
        self.built.records.set_cell(field.tag, fitting(parse_path(field.tag), reading.value))

    def _refuse(self, rows: list[_Row], column: int) -> None:
        for row in rows:
            what = f"“{_shown(row.name)} {_shown(row.label)}”"
            said = f"有 {len(rows)} 行都是{what}，无法分清，请只留一行" if len(rows) > 1 else ""
            self._problem(
                coordinate((row.number, column)),
                said or f"无法分清这是哪一个{what}，请下载填报表填写后再上传",
            )

    def _problem(self, place: str, message: str) -> None:
        self.built.problems.append(CellProblem(self.grid.name, place, message))

    def _warn(self, place: str, message: str) -> None:
        self.built.warnings.append(CellProblem(self.grid.name, place, message))


def _key(text: str) -> str:
    """A name as it is compared; what is only punctuation as it stands."""
    return in_any_unit(key_of(text[:_LONGEST])) or "".join(text.split())


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 20 else line[:20] + "…"
