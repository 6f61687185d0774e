"""Where strips of scored items go, and what else of the table grows over them."""

from typing import Any

from declarations.sheets.bind import bind
from declarations.sheets.html import render_compared, render_editor, render_read_only
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records
from declarations.sheets.table import Cell, Row, Table
from tests.sheets.workbooks import form as make
from tests.small_forms import NESTED, SCORED

FORM = parse_form(SCORED)
RECORDS = Records(lists={"indicators": [Item("indicator", n, {}) for n in (7, 9)]})


def strips(table: Table) -> list[tuple[str, int, int]]:
    """Each strip with its first column and how many it spans."""
    return [(c.strip, c.column, c.colspan) for r in table.rows for c in r.cells if c.strip]


def cell_of(table: Table, text: str) -> Cell:
    return next(c for r in table.rows for c in r.cells if c.text == text)


def covered(table: Table) -> list[set[int]]:
    """The columns that are filled in each row, by its own cells and those from above."""
    rows: list[set[int]] = [set() for _ in table.rows]
    for number, row in enumerate(table.rows):
        for cell in row.cells:
            for below in range(number, number + cell.rowspan):
                columns = set(range(cell.column, cell.column + cell.colspan))
                assert not rows[below] & columns, (below, cell.text)
                rows[below] |= columns
    return rows


def test_each_item_and_each_row_is_followed_by_its_strip() -> None:
    table = bind(FORM, RECORDS, editing=True)
    assert strips(table) == [
        ("score/execution", 2, 5),
        ("score/rules", 2, 5),
        ("indicator/7", 2, 5),
        ("indicator/9", 2, 5),
        ("score/bonus", 2, 5),
    ]
    for above, row in zip(table.rows, table.rows[1:], strict=False):
        for cell in row.cells:
            if cell.strip:
                assert above.scored == row.scored == cell.strip


def test_cells_around_grow_and_nothing_overlaps_or_is_missing() -> None:
    table = bind(FORM, RECORDS, editing=True)
    assert cell_of(table, "管理效率").rowspan == 4  # two items with their strips
    assert cell_of(table, "加减分").rowspan == 2
    assert all(columns == {1, 2, 3, 4, 5, 6} for columns in covered(table))


def test_inputs_are_cells_of_the_table_in_their_order() -> None:
    table = bind(FORM, RECORDS, editing=True)
    anchors = [e.anchor for e in table.entries()]
    at = anchors.index("score/rules/input.s1")
    assert anchors[at : at + 2] == ["score/rules/input.s1", "score/rules/input.s2"]
    assert anchors.index("score/rules/self_score") < at
    assert not any(a.startswith("score/execution/input") for a in anchors)  # computed


def test_print_has_none_and_comparing_all() -> None:
    assert strips(bind(FORM, RECORDS)) == []
    assert not any(row.scored for row in bind(FORM, RECORDS).rows)
    assert len(strips(bind(FORM, RECORDS, merging=False))) == 5
    assert strips(bind(FORM, RECORDS, merging=False, strips=False)) == []
    assert strips(bind(parse_form(NESTED), Records(), editing=True)) == []


def test_a_list_without_rows_has_no_strip() -> None:
    table = bind(FORM, Records(), strips=True)
    assert [name for name, _, _ in strips(table)] == [
        "score/execution",
        "score/rules",
        "score/bonus",
    ]


def test_an_item_over_two_rows_is_followed_by_one_strip() -> None:
    form = make(
        {
            "A1:A2": "{{score.rules.name}}",
            "B1": "依据",
            "C1:C2": "{{score.rules.self_score}}",
            "B2": "{{score.rules.basis}}",
            "A3:C3": "{{text.other}}",
        },
        rubric=[
            ["编码", "一级指标", "名称", "分值", "方法", "参数"],
            ["rules", "管理", "制度健全性", 10, "是否得分", "要点：制度健全"],
        ],
    )
    table = bind(form, Records(), editing=True)
    assert strips(table) == [("score/rules", 1, 3)]
    assert [row.scored for row in table.rows] == ["score/rules"] * 3 + [""]
    assert all(columns == {1, 2, 3} for columns in covered(table))


def test_what_is_drawn_says_which_item_a_row_belongs_to() -> None:
    html = render_editor(bind(FORM, RECORDS, editing=True), {})
    assert html.count('data-scored="score/rules"') == 2
    assert '<tr class="strip-row" data-scored="score/rules"><td class="strip" colspan="5">' in html
    assert 'name="score/rules/input.s1"' in html
    assert "strip" not in render_read_only(bind(FORM, RECORDS))
    assert "制度完整" in render_compared(bind(FORM, RECORDS, merging=False), {})


def rows_of(table: Table, **found: Any) -> list[Row]:
    return [r for r in table.rows if all(getattr(r, k) == v for k, v in found.items())]


def test_the_row_that_offers_another_belongs_to_no_item() -> None:
    table = bind(FORM, RECORDS, editing=True)
    assert [r.scored for r in rows_of(table, add_to="indicators")] == [""]
