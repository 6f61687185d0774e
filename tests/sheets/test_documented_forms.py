"""docs/form-templates.md says what is so: its examples are built, parsed, bound and compared."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from declarations.checks import run_checks
from declarations.sheets import (
    expressions,
    fields_sheet,
    fillable,
    report,
    rubric_methods,
    rubric_sheet,
    rules,
)
from declarations.sheets.bind import bind
from declarations.sheets.catalogue import (
    CONTEXT,
    FUNDING_COLUMNS,
    INDICATOR_COLUMNS,
    SHOWN_COLUMNS,
    TASK_COLUMNS,
    TASK_LISTS,
)
from declarations.sheets.form import Form
from declarations.sheets.kinds import DEFAULT_LENGTH, Kind
from declarations.sheets.parse import MOST_COLUMNS, MOST_ROWS, parse_form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.scores import score
from declarations.sheets.table import Cell, Table
from declarations.sheets.tags import MERGE, NUMBER, parse_tag
from scoring.methods_facts import Fact
from scoring.methods_indicators import Lower, Unmet
from scoring.methods_rates import Above, How
from scoring.numbers import MONEY_UNITS
from scoring.rubric import FAR_ABOVE, Facts
from tests.sheets.workbooks import indicator, task, workbook

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "form-templates.md").read_text(encoding="utf-8")
SHEETS = ROOT / "declarations" / "sheets"
LEFT, UP = "←", "↑"

Grid = list[list[str]]


# Reading the document


def section(title: str) -> str:
    """What stands under a heading, up to the next of its level."""
    start = re.search(rf"^(#+) {re.escape(title)}.*$", DOCUMENT, re.MULTILINE)
    assert start, title
    rest = DOCUMENT[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> list[Grid]:
    """Every table in a piece of the document: rows of cells, heading first, without code marks."""
    found: list[Grid] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
        inside = True
        cells = [c.replace("\\|", "|").strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not all(re.fullmatch("-+", c) for c in cells):
            found[-1].append([c.strip("`") for c in cells])
    return found


def sheet_cells(grid: Grid) -> dict[str, str]:
    """A table of the document that shows a worksheet, as ranges and texts."""
    columns = grid[0][1:]
    texts = {
        (int(row[0]), column): text
        for row in grid[1:]
        for column, text in enumerate(row[1:], start=1)
        if len(row) == len(columns) + 1
    }
    cells: dict[str, str] = {}
    for (row, column), text in texts.items():
        if text in (LEFT, UP):
            continue
        right, bottom = column, row
        while texts.get((row, right + 1)) == LEFT:
            right += 1
        while texts.get((bottom + 1, column)) == UP:
            bottom += 1
        first = f"{get_column_letter(column)}{row}"
        last = f"{get_column_letter(right)}{bottom}"
        cells[first if first == last else f"{first}:{last}"] = text
    return cells


def formats(text: str) -> dict[str, str]:
    """``B4`` 至 ``D6`` 和 ``B9`` 的数字格式设为 ``0.00``."""
    found: dict[str, str] = {}
    for places, code in re.findall(r"((?:`[A-Z]+\d+`[ 至和、]*)+)的数字格式设为 `([^`]+)`", text):
        for first, last in re.findall(r"`([A-Z]+\d+)`(?: 至 `([A-Z]+\d+)`)?", places):
            left, top, right, bottom = range_boundaries(f"{first}:{last or first}")
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    found[f"{get_column_letter(column)}{row}"] = code
    return found


def lines(text: str) -> list[int]:
    """第 1、2 行不加边框."""
    match = re.search(r"第 ([\d、]+) 行不加边框", text)
    return [int(n) for n in match[1].split("、")] if match else []


def example(title: str) -> tuple[Form, Grid]:
    """The form of an example, and the filled-in table that the document shows."""
    text = section(title)
    sheet, *fields, result = tables(text)
    content = workbook(
        sheet_cells(sheet),
        fields=fields[0] if fields else (),
        formats=formats(text),
        lines=lines(text),
    )
    return parse_form(content), result


def as_grid(table: Table) -> Grid:
    """A bound table the way the document shows one."""
    width = len(table.form.column_widths)
    grid = [[""] * width for _ in table.rows]
    for index, row in enumerate(table.rows):
        for cell in row.cells:
            draw(grid, cell, index, cell.column - table.form.first_column)

    def line(cell: Cell) -> list[str]:
        return [cell.text] + [""] * (width - 1)

    return [*map(line, table.head), *grid, *map(line, table.foot)]


def draw(grid: Grid, cell: Cell, row: int, column: int) -> None:
    for y in range(cell.rowspan):
        for x in range(cell.colspan):
            grid[row + y][column + x] = UP if y else LEFT
    grid[row][column] = cell.text


# The three examples


def filled_plain() -> Records:
    return Records(
        context={"department.name": "某区残疾人联合会", "year": "2023"},
        texts={
            "overall_goal": "让残疾人得到更及时的康复服务。",
            "filer": "填报人甲",
            "phone": "020-00000000",
        },
        lists={
            "tasks": [
                task(
                    1, name="康复资助", content="资助康复训练和辅助器具适配。", amount=wan("833.08")
                ),
                task(2, name="春节慰问", content="向持证残疾人发放慰问金。", amount=wan("1322.87")),
            ]
        },
    )


def filled_nested() -> Records:
    def row(number: int, level2: str, level3: str, target: str) -> Item:
        return indicator(number, level2=level2, level3=level3, target=target)

    first = [
        row(1, "数量指标", "精神康复服务总人数", "400人"),
        row(2, "数量指标", "寄宿托养人数完成率", "85%以上"),
        row(3, "质量指标", "第三方服务质量评估", "80分以上"),
    ]
    second = row(4, "质量指标", "职业技能培训合格率", "80%以上")
    return Records(
        context={"department.name": "某区残疾人联合会", "year": "2021"},
        texts={"note": "无"},
        lists={
            "tasks": [
                task(1, *first, name="社区康复", expected="服务覆盖全区。", amount=wan("2293.49")),
                task(2, second, name="就业培训", expected="培训质量提高。", amount=wan("276.68")),
            ]
        },
    )


def filled_rates() -> Records:
    def line(budget: str, adjustment: str, executed: str) -> dict[str, Decimal]:
        return {"budget": wan(budget), "adjustment": wan(adjustment), "executed": wan(executed)}

    return Records(
        context={"year": "2021"},
        funding={
            "general": line("2681.97", "784.60", "3221.08"),
            "funds": line("0", "180", "180"),
        },
        lists={
            "projects": [
                task(1, name="康复经费", amount=wan("662.8"), content="康复训练和辅助器具。"),
                task(2, name="其他助残项目经费", amount=wan("352.3"), content="扶助和慰问。"),
            ]
        },
    )


def wan(text: str) -> Decimal:
    return Decimal(text) * 10_000


@pytest.mark.parametrize(
    ("title", "records"),
    [
        ("例一：最简单的表", filled_plain()),
        ("例二：任务里面还有指标", filled_nested()),
        ("例三：完成率和合计", filled_rates()),
    ],
)
def test_an_example_prints_what_the_document_shows(title: str, records: Records) -> None:
    form, shown = example(title)
    assert as_grid(bind(form, records)) == shown[1:]


def test_the_fields_of_the_examples_are_as_the_document_says() -> None:
    plain, _ = example("例一：最简单的表")
    assert plain.title == "部门预算绩效目标表"
    assert plain.fields["text.overall_goal"].length == 500
    assert plain.fields["text.overall_goal"].help == "概括全年要达到的目标。"
    assert {t for t, f in plain.fields.items() if f.required} == {
        "text.overall_goal",
        "tasks.name",
        "tasks.amount",
        "text.filer",
    }
    assert {f.unit for f in plain.fields.values() if f.kind is Kind.MONEY} == {"万元"}
    nested, _ = example("例二：任务里面还有指标")
    assert nested.fields["tasks.indicators.level2"].choices == ("数量指标", "质量指标", "时效指标")
    assert nested.title == "部门整体支出绩效自评表"
    rates, _ = example("例三：完成率和合计")
    assert [s.label for s in rates.sections] == [
        "合计",
        "一般公共预算",
        "政府性基金",
        "项目支出情况",
    ]


# The smaller pieces


def test_the_pieces_of_panyus_form_are_those_of_the_workbook() -> None:
    sheet = load_workbook(SHEETS.parent / "forms" / "panyu-target.xlsx")["表样"]
    pieces = [*tables(section("一、五步做成一张表样"))[:1], *tables(section("哪些行重复"))]
    for piece in pieces:
        for place, text in sheet_cells(piece).items():
            assert sheet[place.partition(":")[0]].value == text
    cell = sheet["B13"].value
    assert f"```\n{cell}\n```" in DOCUMENT


def test_the_nested_pieces_bind_as_described() -> None:
    one_row, block = tables(section("任务里面还有指标"))[:2]
    rows = [indicator(1, level3="一", target="1"), indicator(2, level3="二", target="2")]
    parsed = parse_form(workbook(sheet_cells(one_row)))
    table = bind(parsed, Records(lists={"tasks": [task(1, *rows, name="甲")]}))
    assert as_grid(table)[1:] == [["甲", "一", "1", ""], [UP, "二", "2", UP]]
    parsed = parse_form(workbook(sheet_cells(block)))
    goals = [task(1, *rows, name="甲"), task(2, name="乙")]
    assert [row[:2] for row in as_grid(bind(parsed, Records(lists={"goals": goals})))] == [
        ["年度目标1", "目标名称"],
        [UP, "三级指标"],
        [UP, "一"],
        [UP, "二"],
        ["年度目标2", "目标名称"],
        [UP, "三级指标"],
        [UP, ""],
    ]


def test_items_of_two_rows_and_subtotals_bind_as_described() -> None:
    (two_rows,) = tables(section("一条占几行"))
    parsed = parse_form(workbook(sheet_cells(two_rows)))
    assert [f.label for f in parsed.fields.values()] == ["项目名称", "金额", "主要内容"]
    projects = [task(1, name="甲", amount=wan("1"), content="内容"), task(2, name="乙")]
    shown = as_grid(bind(parsed, Records(lists={"projects": projects})))
    assert shown[2:] == [["1", "甲", "1"], [UP, "内容", LEFT], ["2", "乙", ""], [UP, "", LEFT]]
    (subtotals,) = tables(section("每个任务的小计"))
    parsed = parse_form(workbook(sheet_cells(subtotals)))
    rows = [
        indicator(n, level3=name, weight=Decimal(n)) for n, name in enumerate("一二三", start=1)
    ]
    tasks = [task(1, *rows[:2], name="甲"), task(2, rows[2], name="乙")]
    assert as_grid(bind(parsed, Records(lists={"tasks": tasks})))[1:] == [
        ["甲", "一", "1"],
        [UP, "二", "2"],
        [UP, "小计", "3"],
        ["乙", "三", "3"],
        [UP, "小计", "3"],
        ["总计", LEFT, "6"],
    ]


def test_rows_to_spare_are_as_many_as_the_document_says() -> None:
    text = section("十四、Excel 填报表")
    assert f"至少留 {fillable.FEWEST_ROWS} 行，已填的后面另留 {fillable.SPARE_ROWS} 行" in text
    blocks, inner = fillable.FEWEST_BLOCKS, fillable.FEWEST_INNER
    assert f"至少留 {blocks} 个任务，每个任务至少留 {inner} 条指标" in text


def test_every_formula_of_the_document_is_one() -> None:
    formulas = [
        f for f in re.findall(r"\{\{=(.+?)\}\}", DOCUMENT) if f.strip() not in ("算式", "标签")
    ]
    assert len(formulas) > 20
    for formula in formulas:
        expressions.Expression.parse(formula)


def test_every_tag_of_the_document_is_one() -> None:
    written = set(re.findall(r"\{\{([a-z][^{}]*?)\}\}", DOCUMENT.replace("\\|", "|")))
    examples = [t for t in written if not re.search(r"[\u4e00-\u9fff]", t)]
    assert len(examples) > 30
    for tag in examples:
        parse_tag(tag)


# The facts


def first_columns(title: str, number: int = 0) -> list[str]:
    return [row[0] for row in tables(section(title))[number][1:]]


def test_every_tag_there_is_stands_in_the_document() -> None:
    assert set(first_columns("系统自动填的")) == {f"{{{{{tag}}}}}" for tag in CONTEXT}
    assert first_columns("收支金额") == list(FUNDING_COLUMNS)
    assert all(f"`{name}`（" in section("任务类清单") for name in TASK_LISTS)
    of_indicators = INDICATOR_COLUMNS | SHOWN_COLUMNS
    for title, columns in (("任务类清单", TASK_COLUMNS), ("指标清单", of_indicators)):
        rows = tables(section(title))[0][1:]
        assert [(row[0], row[2]) for row in rows] == [(c, k.value) for c, k in columns.items()]
    assert f"### 序号：`{NUMBER}`" in DOCUMENT
    assert f"`|{MERGE}`" in DOCUMENT


def test_every_function_there_is_stands_in_the_document() -> None:
    described = " ".join(first_columns("四、自动计算"))
    assert set(re.findall(r"(\w+)\(", described)) == set(expressions._FUNCTIONS)


def test_the_fields_sheet_is_described_as_it_is_read() -> None:
    columns, kinds, _ = tables(section("七、“字段”工作表"))
    assert tuple(row[0] for row in columns[1:]) == fields_sheet.COLUMNS
    assert [row[0] for row in kinds[1:]] == [k.value for k in Kind]
    for kind in (Kind.LINE, Kind.TEXT):
        assert f"{kind.value} {DEFAULT_LENGTH[kind]}" in section("七、“字段”工作表")


# The 校验 sheet


def test_the_rules_sheet_is_described_as_it_is_read() -> None:
    columns, *_ = tables(section("十三、“校验”工作表"))
    assert {row[0] for row in columns[1:]} == set(rules.COLUMNS)
    assert all(level in columns[2][1] for level in rules.LEVELS)


def test_every_condition_of_the_document_is_one() -> None:
    _, conditions, line, _ = tables(section("十三、“校验”工作表"))
    written = [row[0] for row in conditions[1:]] + [row[2] for row in line[1:]]
    assert len(written) > 5
    for condition in written:
        rules.split_condition(condition)


def test_caidians_rule_reads_as_the_document_shows() -> None:
    *_, line, _ = tables(section("十三、“校验”工作表"))
    sheet = load_workbook(SHEETS.parent / "forms" / "caidian-target.xlsx")["校验"]
    assert line[1] in [[str(c or "") for c in row] for row in sheet.values]
    records = Records(
        funding={"fiscal": {"budget": wan("1485.73")}},
        lists={"projects": [task(1, name="康复", amount=wan("1938.8"))]},
    )
    form = parse_form((SHEETS.parent / "forms" / "caidian-target.xlsx").read_bytes())
    messages = [f.message for f in run_checks(bind(form, records, editing=True))]
    shown = re.search(r"填报人看到：\n\n```\n(.+)\n```", section("十三、“校验”工作表"))
    assert shown
    assert shown[1] in messages


# The 评分 sheet


def lines_of(cell: str) -> str:
    """What a cell of the document shows in several lines."""
    return "\n".join(part.strip(" `") for part in cell.split("<br>"))


def test_the_rubric_sheet_is_described_as_it_is_read() -> None:
    columns, *_ = tables(section("十五、“评分”工作表"))
    assert tuple(row[0] for row in columns[1:]) == rubric_sheet.COLUMNS
    assert first_columns("方法") == list(rubric_methods.METHODS)
    named = {name for m in rubric_methods.METHODS.values() for name in m.data}
    assert set(first_columns("数据")) == named
    for choices in (Fact, Above, How, Lower, Unmet):
        assert all(f"`{choice}`" in DOCUMENT or f"：{choice}" in DOCUMENT for choice in choices)
    assert f"例如 {FAR_ABOVE * 100:.0f}%；不写是 {FAR_ABOVE * 100:.0f}%" in DOCUMENT


def test_every_example_of_a_method_is_a_line_of_the_sheet() -> None:
    heading = ("编码", "名称", "分值", "方法", "数据", "参数")
    rows = tables(section("方法"))[0][1:]
    cells = {
        "A1": "预算数（元）",
        "B1": "{{funding.fiscal.budget}}",
        "C1": "执行数（元）",
        "D1": "{{funding.fiscal.executed}}",
    }
    lines: list[list[str]] = []
    for number, (method, _, points, parameters, data) in enumerate(rows, start=2):
        key = f"item{number}" if points else "indicators"
        lines.append(
            [key, method if points else "", points, method, lines_of(data), lines_of(parameters)]
        )
        if points:
            cells[f"A{number}"] = f"{{{{score.{key}.self_score}}}}"
    below = len(rows) + 2
    columns = ("level3", "weight", "target", "actual")
    cells |= {
        f"{c}{below}": f"{{{{indicators.{n}}}}}" for c, n in zip("ABCD", columns, strict=True)
    }
    rubric = parse_form(workbook(cells, rubric=(heading, *lines))).rubric
    assert [item.method for item in rubric.items] == list(rubric_methods.METHODS)


def test_huadus_item_is_scored_as_the_document_shows() -> None:
    text = section("表样中的标签")
    heading, shown = tables(text)[1]
    form = parse_form((SHEETS.parent / "forms" / "huadu-self-evaluation.xlsx").read_bytes())
    sheet = load_workbook(SHEETS.parent / "forms" / "huadu-self-evaluation.xlsx")["评分"]
    rows = [["" if c is None else str(c) for c in row] for row in sheet.values]
    titles = next(row for row in rows if "方法" in row)
    line = next(row for row in rows if row[0] == shown[0])
    assert [lines_of(cell) for cell in shown] == [line[titles.index(h)] for h in heading]
    inputs: dict[str, Value] = {
        "input.numerator": "3455560.23",
        "input.denominator": "4138427.79",
    }
    facts = Facts(datetime(2022, 4, 1, tzinfo=UTC))
    found = score(form, Records(scores={shown[0]: inputs}), facts)
    explanations = {scored.key: scored.rule.explanation for scored in found.lines}
    assert f"```\n{explanations[shown[0]]}\n```" in text


# The 报告 sheet


def test_the_report_sheet_is_described_as_it_is_read() -> None:
    columns, example, errors = tables(section("十六、“报告”工作表"))
    assert tuple(row[0] for row in columns[1:]) == report.COLUMNS
    assert "、".join(report.DRAFTS) in columns[-1][1]
    assert report.DRAFT_MARK in section("十六、“报告”工作表")
    sheet = load_workbook(SHEETS.parent / "forms" / "liwan-report.xlsx")["报告"]
    names, *rows = [[str(c or "") for c in row] for row in sheet.values]
    wanted = [[row[names.index(name)] for name in example[0]] for row in rows]
    assert all(row in wanted for row in example[1:])
    source = (SHEETS / "report.py").read_text(encoding="utf-8")
    for name, value in (("TITLE_LEVEL", report.TITLE_LEVEL), ("DEEPEST", report.DEEPEST)):
        source = source.replace(f"{{{name}}}", str(value))
    for message in (row[0] for row in errors[1:]):
        for piece in message.split("…"):
            assert piece.strip("”，：") in source, (message, piece)


def test_limits_and_units_are_those_of_the_code() -> None:
    assert f"表样最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列" in DOCUMENT
    assert f"单位有四种：{'、'.join(MONEY_UNITS)}。" in DOCUMENT


def test_every_message_of_the_document_is_one_of_the_program() -> None:
    modules = (
        "tags",
        "expressions",
        "headings",
        "fields_sheet",
        "blocks",
        "parse",
        "rules",
        "rubric_sheet",
        "rubric_methods",
        "rubric_lines",
        "scored",
    )
    source = "".join((SHEETS / f"{m}.py").read_text(encoding="utf-8") for m in modules)
    source = re.sub(r'"\s+f?"', "", source).replace("{MERGE}", MERGE)
    source = source.replace("{'、'.join(LEVELS)}", "、".join(rules.LEVELS))
    for name in ("_NEEDED", "FAR_ABOVE_SETTING", "NOT_IN_FORM"):
        source = source.replace(f"{{{name}}}", getattr(rubric_sheet, name))
    for message in (
        *first_columns("十、检查与错误"),
        *first_columns("十三、“校验”工作表", -1),
        *first_columns("十五、“评分”工作表", -1),
    ):
        for piece in re.split(r"…| 的列有 | 存放的是", message):
            text = piece.strip(" ，；：（）").replace("{{", "{").replace("}}", "}")
            known = source.replace("{{", "{").replace("}}", "}")
            assert text in known, (message, text)


def test_every_link_of_the_document_leads_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", t).replace(" ", "-").lower() for t in titles}
    links = set(re.findall(r"\]\(#([^)]+)\)", DOCUMENT))
    assert links - anchors == set()
