"""Where pages break, before anything is laid out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations.sheets.bind import bind
from declarations.sheets.linebreaks import break_lines, printable, text_width
from declarations.sheets.pages import Layout, PrintedRow
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.table import Table
from tests.sheets import panyu
from tests.sheets.workbooks import bound, form, indicator, task, workbook

NESTED = form(
    {
        "A1:E1": "自评表",
        "A2:A4": "年度任务",
        "B2:B3": "主要任务",
        "C2:D2": "关键指标",
        "C3": "指标",
        "D3": "目标值",
        "E2:E3": "涉及资金（元）",
        "B4": "{{tasks.name}}",
        "C4": "{{tasks.indicators.level3}}",
        "D4": "{{tasks.indicators.target}}",
        "E4": "{{tasks.amount}}",
    },
    lines=[1],
)
GOALS = form(
    {
        "A1": "年度目标",
        "B1:C1": "{{goals.name}}",
        "A2": "一级指标",
        "B2": "三级指标",
        "C2": "目标值",
        "A3": "{{goals.indicators.level1}}",
        "B3": "{{goals.indicators.level3}}",
        "C3": "{{goals.indicators.target}}",
    }
)


def pages_of(table: Table) -> list[list[PrintedRow]]:
    layout = Layout(table)
    return layout.rows(layout.plan())


def texts(row: PrintedRow) -> list[str]:
    return [c.text for c in row.cells]


def first_texts(page: list[PrintedRow], count: int) -> list[list[str]]:
    return [texts(row) for row in page[:count]]


def assert_whole(page: list[PrintedRow], columns: int) -> None:
    """Every place of the page's grid is covered by exactly one cell."""
    covered: list[tuple[int, int]] = []
    for index, row in enumerate(page):
        for cell in row.cells:
            covered += [
                (index + down, cell.column + across)
                for down in range(cell.rowspan)
                for across in range(cell.colspan)
            ]
    first = min(column for _, column in covered)
    grid = [(r, first + c) for r in range(len(page)) for c in range(columns)]
    assert sorted(covered) == grid


def nested(tasks: int, indicators: int, name: str = "康复服务") -> Table:
    rows = [
        task(
            t,
            *(indicator(t * 100 + i, level3=f"指标{t}-{i}") for i in range(indicators)),
            name=f"{name}{t}",
            amount=panyu.yuan("1"),
        )
        for t in range(1, tasks + 1)
    ]
    return bound(NESTED, lists={"tasks": rows})


def test_every_row_is_printed_once_and_in_order() -> None:
    table = panyu.table(indicators=60)
    pages = pages_of(table)
    own = [row.row for page in pages for row in page if row.strip is not None]
    assert len(pages) > 3
    assert own == table.rows


def test_every_page_is_a_whole_table() -> None:
    for page in pages_of(panyu.table(indicators=60)):
        assert_whole(page, 7)


def test_cells_that_span_a_break_are_printed_again_after_it() -> None:
    pages = pages_of(nested(tasks=2, indicators=60))
    assert len(pages) > 3
    for page in pages:
        assert_whole(page, 5)
        shown = {text for row in page for text in texts(row)}
        assert "年度任务" in shown
        assert shown & {"康复服务1", "康复服务2"}


def test_headings_of_a_list_are_printed_again_inside_it() -> None:
    for page in pages_of(nested(tasks=2, indicators=60)):
        assert first_texts(page, 2) == [
            ["年度任务", "主要任务", "关键指标", "涉及资金（元）"],
            ["指标", "目标值"],
        ]
        assert page[0].cells[0].rowspan == len(page)


def test_headings_are_not_printed_again_before_another_list() -> None:
    pages = pages_of(panyu.table(indicators=60))
    for page in pages[1:]:
        lists = {row.row.list_name for row in page if row.strip is not None}
        again = [row for row in page if row.strip is None]
        assert len(again) <= 1
        if again and "tasks" not in lists:
            assert "三级指标" in texts(again[0])


def test_headings_inside_a_repeated_block_are_printed_again() -> None:
    goals = [
        task(
            g, *(indicator(g * 100 + i, level3=f"指标{g}-{i}") for i in range(70)), name=f"目标{g}"
        )
        for g in (1, 2)
    ]
    pages = pages_of(bound(GOALS, lists={"goals": goals}))
    assert len(pages) > 3
    for before, page in pairwise(pages):
        inside = texts(page[0]) == ["一级指标", "三级指标", "目标值"]
        begins = texts(page[0])[0] == "年度目标"
        assert inside or begins
        assert texts(before[-1])[0] not in ("年度目标", "一级指标")


def test_print_titles_of_the_sheet_head_every_page() -> None:
    cells = {"A1": "序号", "B1": "内容", "A2": "说明", "B2": "{{text.note}}"}
    cells |= {"A3": "{{tasks.number}}", "B3": "{{tasks.name}}"}
    layout_form = form(cells)
    titled = type(layout_form)(**{**vars(layout_form), "heading_rows": (1,)})
    rows = [task(i, name="康复服务") for i in range(120)]
    pages = pages_of(bound(titled, lists={"tasks": rows}))
    assert len(pages) > 2
    assert all(texts(page[0]) == ["序号", "内容"] for page in pages)
    assert [page[0].strip is None for page in pages] == [False] + [True] * (len(pages) - 1)


@pytest.mark.parametrize("lines", [1, 41])
def test_a_list_is_left_to_its_own_headings_by_titles_of_other_columns(lines: int) -> None:
    """With 41 lines before the list, a page begins with its headings themselves."""
    cells = {"A1": "评分标准", "B1": "得分", "A2": "说明", "B2": "{{text.note}}"}
    cells |= {"A3": "序号", "B3": "内容", "A4": "{{tasks.number}}", "B4": "{{tasks.name}}"}
    layout_form = form(cells)
    titled = type(layout_form)(**{**vars(layout_form), "heading_rows": (1,)})
    rows = [task(i, name="康复服务") for i in range(120)]
    note = "\n".join(["说明"] * lines)
    first, *others = pages_of(bound(titled, texts={"note": note}, lists={"tasks": rows}))
    assert texts(first[0]) == ["评分标准", "得分"]
    assert len(others) > 1
    for page in others:
        assert texts(page[0]) == ["序号", "内容"]
        assert ["评分标准", "得分"] not in [texts(row) for row in page]


@pytest.mark.parametrize("sentences", range(1, 12))
def test_no_page_ends_with_a_heading(sentences: int) -> None:
    table = panyu.table(content=panyu.prose(sentences))
    for page in pages_of(table)[:-1]:
        last = page[-1]
        assert not all(c.is_heading for c in last.cells)


def test_the_lines_below_the_table_are_never_alone() -> None:
    for indicators in range(8, 40, 3):
        table = panyu.table(indicators=indicators)
        layout = Layout(table)
        assert layout.foot_fits(layout.plan())


def test_a_break_is_moved_up_where_less_is_printed_again() -> None:
    """A task whose text would fill the next page again is not begun at the foot of a page."""
    rows = [task(1, *(indicator(i, level3=f"甲{i}") for i in range(30)), name="短")]
    long_name = panyu.prose(8)
    rows.append(task(2, *(indicator(100 + i, level3=f"乙{i}") for i in range(8)), name=long_name))
    first, second = pages_of(bound(NESTED, lists={"tasks": rows}))[:2]
    assert all(long_name not in texts(row) for row in first)
    assert any(long_name in texts(row) for row in second)


def test_a_row_taller_than_a_page_runs_on_with_its_other_cells() -> None:
    content = panyu.prose(120)
    pages = pages_of(panyu.table(content=content))
    parts = [
        cell.text
        for page in pages
        for row in page
        for cell in row.cells
        if cell.template_row == 12 and cell.column == 3 and "任务1：残疾人康复服务" in texts(row)
    ]
    assert len(parts) > 5
    assert "".join(parts) == content
    for page in pages:
        assert_whole(page, 7)


def test_a_spanning_cell_taller_than_a_page_loses_nothing() -> None:
    name = panyu.prose(100)
    pages = pages_of(nested(tasks=1, indicators=4, name=name))
    parts = [c.text for page in pages for row in page for c in row.cells if c.column == 2]
    assert "".join(p for p in parts if p != "主要任务") == name + "1"
    for page in pages:
        assert_whole(page, 5)


def test_paragraphs_survive_in_a_row_taller_than_a_page() -> None:
    content = "\n\n".join(f"（{n}）{panyu.prose(3, n)}" for n in range(60))
    pages = pages_of(panyu.table(content=content))
    parts = [
        c.text
        for page in pages
        for row in page
        for c in row.cells
        if (c.template_row, c.column) == (12, 3) and row.cells[0].text != "任务2：残疾人就业培训"
    ]
    joined = "".join(parts).replace("\n", "")
    assert joined.startswith(content.replace("\n", ""))


def test_an_empty_declaration_is_one_page() -> None:
    assert len(pages_of(bind(panyu.FORM, Records()))) == 1


def test_a_landscape_page_holds_fewer_rows() -> None:
    upright = pages_of(nested(tasks=1, indicators=60))
    page = NESTED.page
    turned = type(NESTED)(
        **{**vars(NESTED), "page": type(page)(page.height, page.width, page.margins)}
    )
    rows = [task(1, *(indicator(i, level3=f"指标{i}") for i in range(60)), name="康复")]
    assert len(pages_of(bound(turned, lists={"tasks": rows}))) > len(upright)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 25), st.integers(0, 12), st.integers(1, 6)),
        min_size=0,
        max_size=6,
    )
)
def test_whatever_is_filled_in_pages_are_whole_and_complete(
    shape: list[tuple[int, int, int]],
) -> None:
    rows = [
        task(
            t,
            *(
                indicator(t * 100 + i, level3=panyu.prose(length, i), target=f"{i}")
                for i in range(count)
            ),
            name=panyu.prose(sentences, t),
        )
        for t, (sentences, count, length) in enumerate(shape)
    ]
    table = bound(NESTED, lists={"tasks": rows})
    pages = pages_of(table)
    own = [row.row for page in pages for row in page if row.strip is not None]
    assert list(dict.fromkeys(map(id, own))) == [id(row) for row in table.rows]
    for page in pages:
        assert_whole(page, 5)


def test_merged_neighbours_are_split_at_a_break() -> None:
    pages = pages_of(panyu.table(indicators=60))
    with_indicators = [
        page for page in pages if any(row.row.list_name == "indicators" for row in page)
    ]
    assert len(with_indicators) > 1
    for page in with_indicators:
        levels = [
            c.text for row in page for c in row.cells if (c.template_row, c.column) == (15, 2)
        ]
        assert levels
        assert len(levels) == len(set(levels))


def test_a_template_may_have_no_title_or_notes() -> None:
    template = workbook(
        {"A1": "名称", "B1": "内容", "A2": "{{tasks.name}}", "B2": "{{tasks.content}}"}
    )
    rows = [task(i, name="康复服务") for i in range(100)]
    pages = pages_of(bind(parse_form(template), Records(lists={"tasks": rows})))
    assert [texts(page[0]) for page in pages] == [["名称", "内容"]] * len(pages)


def test_lines_break_where_chinese_does() -> None:
    assert break_lines("一二三四五六", 3.1) == ["一二三", "四五六"]
    assert break_lines("一二三，四五六", 3.1) == ["一二", "三，四", "五六"]
    assert break_lines("一二（三四", 3.1) == ["一二", "（三四"]
    assert break_lines("一\n\n二", 3.1) == ["一\n", "\n", "二"]
    assert break_lines("", 3.1) == [""]


def test_a_word_longer_than_its_column_is_broken() -> None:
    lines = break_lines("x" * 50, 5)
    assert len(lines) > 5
    assert all(text_width(line) <= 5 for line in lines)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.floats(1, 40))
def test_breaking_loses_nothing(text: str, width: float) -> None:
    assert "".join(break_lines(text, width)) == text


@given(st.text())
def test_what_is_printable_is_kept(text: str) -> None:
    kept = printable(text)
    assert printable(kept) == kept
    assert kept.isprintable() or all(c not in kept for c in "\x00\x0b\x1b\x7f\ufffe")
