"""Parsing a tagged workbook: what is understood, and what every mistake is told as."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from declarations.sheets.kinds import Kind, NumberFormat
from declarations.sheets.parse import MOST_COLUMNS, MOST_ROWS, FormError, parse_form
from tests.sheets.workbooks import form, problems, saved, workbook

PANYU = Path(__file__).parents[2] / "declarations" / "forms" / "panyu-target.xlsx"
FIELDS = ["标签", "名称", "说明", "必填", "类型", "选项", "单位", "字数", "可为负数"]


def described(tag: str, **said: str) -> list[list[str]]:
    """A 字段 sheet that says something about one tag."""
    return [FIELDS, [tag, *(said.get(name, "") for name in FIELDS[1:])]]


# Mistakes in a cell of 表样


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{tasks.name", "标签的双花括号不成对，应写成 {{标签}}"),
        ("tasks.name}}", "标签的双花括号不成对，应写成 {{标签}}"),
        ("{{tasks.name}} {{", "标签的双花括号不成对，应写成 {{标签}}"),
        ("{year}", "标签要放在两个半角花括号中，写成 {{标签}}"),
        ("｛｛year｝｝", "标签要放在两个半角花括号中，写成 {{标签}}"),
        ("{{tasks.name|bold}}", "标签 tasks.name 的选项“bold”不存在，可用：merge"),
        ("{{year|merge}}", "选项 merge 只能用于清单中的标签"),
        ("{{text.goal|merge}}", "选项 merge 只能用于清单中的标签"),
        ("{{text}}", "文字标签应写成 text.名称（小写英文字母、数字和下划线），现为“text”"),
        (
            "{{text.目标}}",
            "文字标签应写成 text.名称（小写英文字母、数字和下划线），现为“text.目标”",
        ),
        (
            "{{text.总目标}}",
            "文字标签应写成 text.名称（小写英文字母、数字和下划线），现为“text.总目标”",
        ),
        ("{{}}", "没有标签“”，请核对拼写"),
        ("{{text.Goal}}", "没有标签“text.Goal”，应写成 text.goal"),
        ("{{text.go\nal\u200b}}", "没有标签“text.go al”，应写成 text.goal"),
        ("{{{text.goal}}}", "没有标签“{text.goal”，应写成 text.goal"),
        ("{{taks.name}}", "没有标签“taks.name”，应写成 tasks.name"),
        ("{{department}}", "没有标签“department”，应写成 department.name"),
        ("{{budget.name}}", "没有标签“budget.name”，请核对拼写"),
        ("{{部门名称}}", "没有标签“部门名称”，请核对拼写"),
        ("{{Tasks.name}}", "没有标签“Tasks.name”，应写成 tasks.name"),
        ("{{tasks．name}}", "没有标签“tasks．name”，应写成 tasks.name"),
        (
            "{{funding.basic}}",
            (
                "收支标签应写成 funding.行.列，列为 budget、adjustment、received、executed、prior1、prior2 之一，"
                "现为“funding.basic”"
            ),
        ),
        (
            "{{funding.basic.actual}}",
            (
                "收支标签应写成 funding.行.列，列为 budget、adjustment、received、executed、prior1、prior2 之一，"
                "现为“funding.basic.actual”"
            ),
        ),
        (
            "{{tasks.target}}",
            (
                "没有标签“tasks.target”：tasks 的列有 name、content、expected、actual、amount、"
                "total_amount、weight、number，本地区自有的列写成 tasks.extra.名称"
            ),
        ),
        (
            "{{goals.indicators.score}}",
            (
                "没有标签“goals.indicators.score”：indicators 的列有 level1、level2、level3、"
                "definition、period_target、target、actual、prior1、prior2、basis、weight、"
                "self_score、reason、evidence、rule_score、review_score、number，"
                "本地区自有的列写成 goals.indicators.extra.名称"
            ),
        ),
        ("{{= 1 +}}", "公式“1 +”写法有误"),
        ("{{= B4 + B5}}", "“B4”是单元格，公式中要写标签，例如 {{= sum(tasks.amount)}}"),
        ("{{sum(tasks.amount)}}", "公式要以等号开头，例如 {{= sum(tasks.amount)}}"),
        (
            "{{= sum({{tasks.amount}})}}",
            "公式中的标签不加花括号，例如 {{= sum(tasks.amount)}}",
        ),
        ("#REF!", "这里是 Excel 的错误值 #REF!，请改正或删除"),
        ("{{= " + "1+" * 250 + "1}}", "公式过长，最多 500 个字符"),
        ("{{= '5' * 2}}", "公式中只能使用数字，不能使用文字"),
        ("{{= True + 1}}", "公式中只能使用数字，不能使用文字"),
        ("{{= rate(funding.a.budget)}}", "函数 rate() 中的项数不对"),
        ("{{= max(funding.a.budget)}}", "函数 max() 中的项数不对"),
        ("{{= sum()}}", "函数 sum() 中的项数不对"),
        ("{{= [1, 2]}}", "公式中只能使用标签、数字、四则运算、比较和规定的函数"),
        (
            "{{= (lambda: 1)()}}",
            "没有函数“lambda: 1”，可用：sum、count、average、rate、round、abs、min、max",
        ),
        (
            "{{= total(tasks.amount)}}",
            "没有函数“total”，可用：sum、count、average、rate、round、abs、min、max",
        ),
        ("{{= sum(1, 2)}}", "sum() 中应写清单中的一列，例如 sum(tasks.amount)"),
        ("{{= average(tasks.amount * 2)}}", "average() 中应写清单中的一列，例如 sum(tasks.amount)"),
        ("{{= " + "-" * 200 + "1}}", "公式的层次过多，请改写得简单些"),
        ("{{= sum(funding.a.budget)}}", "funding.a.budget 不在清单中，不用汇总"),
        ("{{= 年初数 + 1}}", "没有标签“年初数”，请核对拼写"),
        ("{{= department.name + 1}}", "公式中不能使用“department.name”，它不是数字"),
        ("{{= computed.A1 * 2}}", "没有标签“computed.A1”，请核对拼写"),
        ("=SUM(C1:C9)", "这里是 Excel 公式，请改写成自动计算的标签，例如 {{= sum(tasks.amount)}}"),
    ],
)
def test_a_wrong_tag_is_named_with_its_cell(text: str, message: str) -> None:
    assert problems({"A1": "事项", "B2": text}) == [f"表样!B2：{message}"]


def test_all_wrong_cells_are_said_at_once() -> None:
    found = problems({"A1": "{{year", "B2": "{{tasks.foo}}", "C3": "{{= 1 +}}"})
    assert [line.partition("：")[0] for line in found] == ["表样!A1", "表样!B2", "表样!C3"]


def test_a_wrong_tag_in_a_merged_cell_is_named_with_its_first_cell() -> None:
    assert problems({"B2:D4": "{{year"})[0].startswith("表样!B2：")


# Mistakes in how the rows repeat


def test_two_lists_cannot_share_rows() -> None:
    message = "清单 indicators（第 3 行）与 tasks（第 2 至 3 行）的行重叠，同一行只能属于一个清单"
    assert problems(
        {
            "A1": "任务",
            "A2": "{{tasks.name}}",
            "B2": "x",
            "A3": "{{tasks.content}}",
            "B3": "{{indicators.level3}}",
        }
    ) == [f"表样!B3：{message}"]


def test_a_merged_cell_cannot_cross_the_edge_of_a_list() -> None:
    message = (
        "合并单元格跨出了清单 tasks 重复的行（第 1 至 2 行，从它的第一个标签到最后一个标签），"
        "请调整合并范围"
    )
    cells = {"A2:A3": "说明", "B1": "{{year}}", "B2": "{{tasks.name}}"}
    assert problems(cells | {"B3": "注"}) == []  # it covers the list's only row: it grows
    crossing = {"A2:A3": "说明", "B1": "{{tasks.name}}", "B2": "{{tasks.content}}", "B3": "注"}
    assert problems(crossing) == [f"表样!A2：{message}"]


def test_tags_of_different_lists_cannot_share_a_cell() -> None:
    message = "一个单元格中的标签要属于同一清单，现有 tasks、tasks.indicators，请分到不同的单元格"
    assert problems({"A1": "{{tasks.name}}：{{tasks.indicators.level3}}"}) == [
        f"表样!A1：{message}"
    ]
    message = "一个单元格中的标签要属于同一清单，现有 清单外的标签、tasks，请分到不同的单元格"
    assert problems({"A1": "{{tasks.name}}{{text.note}}"}) == [f"表样!A1：{message}"]


@pytest.mark.parametrize(
    "text", ["{{year}}年{{tasks.name}}", "{{tasks.number}}.{{tasks.indicators.level3}}"]
)
def test_numbers_and_what_the_system_knows_can_stand_with_any_tag(text: str) -> None:
    assert problems({"A1": text, "B1": "{{tasks.content}}"}) == []


def test_a_formula_outside_a_list_cannot_name_one_of_its_rows() -> None:
    message = "公式不在清单 tasks 的行内，请写成 sum(tasks.amount) 这样的汇总"
    cells = {"A1": "合计", "B1": "{{= tasks.amount}}", "A2": "金额", "B2": "{{tasks.amount}}"}
    assert problems(cells) == [f"表样!B1：{message}"]
    assert problems(cells | {"B1": "{{= sum(tasks.amount)}}"}) == []


def test_a_row_cannot_sum_up_what_is_nested_in_another_lists_rows() -> None:
    cells = {
        "A1": "{{tasks.name}}",
        "B1": "{{tasks.indicators.weight}}",
        "A2": "{{goals.amount}}",
        "B2": "{{= goals.amount / sum(tasks.indicators.weight)}}",
    }
    message = "tasks.indicators.weight 不在清单 goals 的行内，不能与它的各行一起计算"
    assert problems(cells) == [f"表样!B2：{message}"]
    assert problems(cells | {"B2": "{{= sum(tasks.indicators.weight)}}"}) == []


# Mistakes in the fields


def test_a_tag_stands_in_a_form_once() -> None:
    assert problems({"A1": "{{text.goal}}", "A2": "{{text.goal}}"}) == [
        "表样!A2：标签 text.goal 出现了两次，另一处在 A1"
    ]
    assert problems({"A1": "{{year}} {{text.goal}}", "A2": "{{year}}"}) == []


def test_a_formula_uses_only_tags_of_the_form() -> None:
    cells = {"A1": "{{= sum(tasks.amount) + funding.basic.budget + year}}", "A2": "{{tasks.name}}"}
    assert problems(cells) == [
        "表样!A1：公式用到的 funding.basic.budget 不在表样中",
        "表样!A1：公式用到的 tasks.amount 不在表样中",
    ]


def test_a_formula_uses_only_numbers() -> None:
    message = "不是数字，请在“字段”中把它的类型设为金额、数值或百分比"
    cells = {"A1": "{{tasks.name}}", "B1": "{{text.n}}", "A2": "{{= count(tasks.name) + text.n}}"}
    assert problems(cells) == [
        f"表样!A2：公式用到的 tasks.name {message}",
        f"表样!A2：公式用到的 text.n {message}",
    ]
    fields = [["标签", "类型"], ["tasks.name", "数值"], ["text.n", "百分比"]]
    assert problems(cells, fields=fields) == []


def test_mistakes_on_every_sheet_are_said_at_once_and_none_that_follows_from_another() -> None:
    cells = {
        "A1": "{{tasks.naem}}",
        "B1": "{{tasks.amount}}",
        "C1": "{{tasks.weight}}",
        "A2": "{{= sum(tasks.naem)}}",
        "B2": "{{= sum(tasks.total_amount)}}",
    }
    fields = [["标签", "必填"], ["tasks.naem", "是"], ["tasks.weight", "看情况"]]
    rules = [["级别", "条件"], ["严重", "sum(tasks.total_amount) = 1"], ["", "sum(tasks.amount)"]]
    found = problems(cells, fields=fields, rules=rules)
    assert [p.split("：")[0] for p in found] == [
        "表样!A1",
        "表样!A2",
        "字段!B3",
        "校验!A2",
        "校验!B3",
    ]


@pytest.mark.parametrize(
    ("tag", "said", "message"),
    [
        ("text.gaol", {"名称": "目标"}, "标签 text.gaol 不在表样中"),
        ("text.goal", {"必填": "看情况"}, "“必填”一栏：应填“是”或“否”，现为“看情况”"),
        ("tasks.amount", {"可为负数": "不"}, "“可为负数”一栏：应填“是”或“否”，现为“不”"),
        ("text.goal", {"字数": "很多"}, "“字数”一栏：应填正整数，现为“很多”"),
        ("text.goal", {"字数": "0"}, "“字数”一栏：应填正整数，现为“0”"),
        (
            "text.goal",
            {"类型": "文本"},
            "“类型”一栏：没有类型“文本”，可用：单行文字、多行文字、金额、数值、百分比、选项、日期",
        ),
        (
            "text.goal",
            {"类型": "选项"},
            "类型为“选项”时，请在“选项”一栏列出可选的内容，用顿号分开",
        ),
        (
            "tasks.amount",
            {"类型": "单行文字"},
            "标签 tasks.amount 存放的是金额，类型不能是“单行文字”",
        ),
        ("tasks.amount", {"选项": "多、少"}, "标签 tasks.amount 存放的是金额，类型不能是“选项”"),
        ("tasks.weight", {"类型": "日期"}, "标签 tasks.weight 存放的是数值，类型不能是“日期”"),
        ("tasks.amount", {"单位": "百万"}, "金额的单位“百万”无法识别，可用：元、千元、万元、亿元"),
    ],
)
def test_a_mistake_in_the_fields_sheet_is_named_with_its_row(
    tag: str, said: dict[str, str], message: str
) -> None:
    cells = {"A1": "{{text.goal}}", "A2": "{{tasks.amount}}", "B2": "{{tasks.weight}}"}
    column = FIELDS.index(next(iter(said))) if message.startswith("“") else 0
    place = f"{get_column_letter(column + 1)}2"
    assert problems(cells, fields=described(tag, **said)) == [f"字段!{place}：{message}"]


def test_a_tag_is_described_once() -> None:
    fields = [["标签", "必填"], ["text.goal", "是"], ["text.goal", "否"]]
    assert problems({"A1": "{{text.goal}}"}, fields=fields) == [
        "字段!A3：标签 text.goal 写了两行，另一行在 A2"
    ]


def test_a_fields_sheet_needs_its_heading() -> None:
    assert problems({"A1": "{{text.goal}}"}, fields=[["字段", "名称"], ["text.goal", "目标"]]) == [
        "字段：找不到写有“标签”的表头行"
    ]


# What is no form at all


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(FormError, match=r"工作簿：无法打开，请确认是 \.xlsx 格式且未加密"):
        parse_form(content)


def test_a_damaged_workbook_is_refused_whatever_part_is_damaged() -> None:
    good = ZipFile(BytesIO(workbook({"A1": "{{year}}"})))
    for damaged in good.namelist():
        content = BytesIO()
        with ZipFile(content, "w") as bad:
            for name in good.namelist():
                bad.writestr(name, "<damaged" if name == damaged else good.read(name))
        try:
            parse_form(content.getvalue())
        except FormError as error:
            assert "无法打开" in str(error)  # noqa: PT017  (some parts do not matter to openpyxl)


def test_the_sheet_is_named_or_the_only_one() -> None:
    book = Workbook()
    book.active["A1"] = "{{text.goal}}"
    assert parse_form(saved(book)).fields
    book.create_sheet("说明")
    with pytest.raises(FormError, match=r"工作簿：找不到名为“表样”的工作表.*现有：Sheet、说明"):
        parse_form(saved(book))
    book.active.title = " 表样 "
    assert parse_form(saved(book)).fields
    book.active.sheet_state = "hidden"
    with pytest.raises(FormError, match="表样：这张工作表是隐藏的，请取消隐藏"):
        parse_form(saved(book))


def test_a_sheet_must_say_something() -> None:
    assert problems({}) == ["表样：工作表是空的"]
    assert problems({"A1": "部门名称"}) == ["表样：没有任何标签，请在要填写的单元格中写入 {{标签}}"]


@pytest.mark.parametrize("place", [f"A{MOST_ROWS + 1}", "BI1"])
def test_a_sheet_has_a_sensible_size(place: str) -> None:
    message = f"表样最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，请删除多余内容"
    assert problems({"A1": "{{text.goal}}", place: "注"}) == [f"表样!{place}：{message}"]


def test_cells_with_nothing_but_blanks_do_not_count() -> None:
    parsed = form({"A1": "目标", "B1": "{{text.goal}}", f"BI{MOST_ROWS + 1}": " "})
    assert len(parsed.cells) == 2


# Title, notes, sections, page


def test_lines_without_borders_above_and_below_are_no_rows_of_the_table() -> None:
    cells = {
        "A1:B1": "{{department.name}}{{year}}年度绩效目标申报表",
        "A2": "单位：万元",
        "A3": "目标",
        "B3": "{{text.goal}}",
        "A4": "注：一",
        "A5": "填报人：{{text.filer}}",
    }
    parsed = form(cells, lines=[1, 2, 4, 5])
    assert (parsed.head_rows, parsed.foot_rows) == ((1, 2), (4, 5))
    assert parsed.title == "绩效目标申报表"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("{{year}}年部门整体支出绩效自评表", "部门整体支出绩效自评表"),
        ("{{year}}年度部门整体支出绩效自评表", "部门整体支出绩效自评表"),
        ("部门整体支出绩效自评表（{{year}}年度）", "部门整体支出绩效自评表"),
        ("年度工作计划表", "年度工作计划表"),
        ("{{bureau.name}} 绩效 目标表", "绩效目标表"),
        ("{{round.name}}", "表样"),
        ("单位：万元", "表样"),
    ],
)
def test_the_title_is_the_forms_name_without_department_and_year(line: str, title: str) -> None:
    assert form({"A1": line, "A2": "{{text.goal}}"}, lines=[1]).title == title


def test_the_title_is_the_largest_line_not_the_first() -> None:
    book = load_workbook(
        BytesIO(workbook({"A1": "附件2", "A2": "自评表", "A3": "{{text.a}}"}, lines=[1, 2]))
    )
    book["表样"]["A2"].font = Font(size=18)
    assert parse_form(saved(book)).title == "自评表"


def test_sections_are_the_labels_of_the_first_column_that_have_something_to_fill_in() -> None:
    parsed = form(
        {
            "A1": "单位名称",
            "B1:C1": "{{department.name}}",
            "A2:A3": "预算情况：",
            "B2": "基本支出",
            "C2": "{{funding.basic.budget}}",
            "B3": "项目支出",
            "C3": "{{funding.project.budget}}",
            "A4:A5": "重点任务",
            "B4:C4": "名称",
            "B5:C5": "{{tasks.name}}",
        }
    )
    assert [(s.label, s.first_row, s.last_row) for s in parsed.sections] == [
        ("预算情况", 2, 3),
        ("重点任务", 4, 5),
    ]


GOALS = {
    "A1:A2": "项目支出",
    "B1": "项目名称",
    "B2": "{{projects.name}}",
    "A3:A5": "年度目标{{goals.number}}",
    "B3": "{{goals.name}}",
    "B4": "三级指标",
    "B5": "{{goals.indicators.level3}}",
}


def test_a_block_that_repeats_as_a_whole_is_a_section() -> None:
    assert [(s.label, s.first_row, s.last_row) for s in form(GOALS).sections] == [
        ("项目支出", 1, 2),
        ("年度目标", 3, 5),
    ]


def test_a_field_is_not_called_after_the_heading_of_another_list() -> None:
    assert form(GOALS).fields["goals.name"].label == "年度目标"


def test_print_titles_are_repeated_but_not_the_lines_above_the_table() -> None:
    book = load_workbook(
        BytesIO(workbook({"A1": "标题", "A2": "任务", "A3": "{{tasks.name}}"}, lines=[1]))
    )
    book["表样"].print_title_rows = "1:2"
    assert parse_form(saved(book)).heading_rows == (2,)


def test_page_set_up_comes_from_the_sheet() -> None:
    book = load_workbook(BytesIO(workbook({"A1": "{{text.goal}}"})))
    sheet = book["表样"]
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8
    sheet.page_margins.top = 1
    sheet.page_margins.left = 0.1
    page = parse_form(saved(book)).page
    assert (page.width, page.height) == (420.0, 297.0)
    assert page.margins[0] == 25.4
    assert page.margins[3] == 8  # printers cannot do less


def test_column_widths_and_row_heights_come_from_the_sheet() -> None:
    book = load_workbook(BytesIO(workbook({"A1": "目标", "B1": "{{text.goal}}"})))
    sheet = book["表样"]
    sheet.column_dimensions["A"].width = 10
    sheet.column_dimensions["B"].width = 30
    sheet.row_dimensions[1].height = 44
    parsed = parse_form(saved(book))
    assert parsed.column_widths == (0.25, 0.75)
    assert parsed.row_heights == {1: 44}


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (5, "General", "5"),
        (2.5, "General", "2.5"),
        (0.3, "0%", "30%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (datetime(2023, 3, 1), "yyyy-mm-dd", "2023年3月1日"),  # noqa: DTZ001  (as openpyxl reads it)
        (True, "General", "True"),
    ],
)
def test_numbers_that_stand_in_the_form_read_as_excel_shows_them(
    value: object, code: str, shown: str
) -> None:
    parsed = form({"A1": value, "B1": "{{text.goal}}"}, formats={"A1": code})
    assert parsed.cells[0].text == shown


# What the fields are called, hold and mean


def labels(cells: dict[str, str], **kwargs: object) -> dict[str, str]:
    return {tag: f.label_with_unit for tag, f in form(cells, **kwargs).fields.items()}


def test_a_field_is_called_after_the_labels_left_of_and_above_it() -> None:
    assert labels(
        {
            "A1:A2": "资金来源",
            "B1:C1": "预算（万元）",
            "B2": "年初数",
            "C2": "调整数",
            "A3": "一般公共预算",
            "B3": "{{funding.general.budget}}",
            "C3": "{{funding.general.adjustment}}",
            "A4": "政府性基金",
            "B4": "{{funding.funds.budget}}",
            "C4": "{{funding.funds.adjustment}}",
        }
    ) == {
        "funding.general.budget": "一般公共预算 预算 年初数（万元）",
        "funding.general.adjustment": "一般公共预算 预算 调整数（万元）",
        "funding.funds.budget": "政府性基金 预算 年初数（万元）",
        "funding.funds.adjustment": "政府性基金 预算 调整数（万元）",
    }


def test_in_a_list_the_heading_above_names_a_field() -> None:
    assert labels(
        {
            "A1:A2": "任务",
            "B1": "名称",
            "C1": "资金(元)",
            "B2": "{{tasks.name}}",
            "C2": "{{tasks.amount}}",
        }
    ) == {
        "tasks.name": "名称",
        "tasks.amount": "资金（元）",
    }


def test_a_text_is_called_after_the_label_left_of_it() -> None:
    assert labels({"A1": "注意", "B1": "说明", "A2": "总体目标：", "B2": "{{text.goal}}"}) == {
        "text.goal": "总体目标"
    }


def test_words_before_a_tag_in_its_cell_name_it() -> None:
    assert labels({"A1": "填报人：{{text.filer}}　联系电话：{{text.phone}}"}) == {
        "text.filer": "填报人",
        "text.phone": "联系电话",
    }


def test_a_tag_without_any_label_is_called_by_itself() -> None:
    assert labels({"A1": "{{text.goal}}"}) == {"text.goal": "text.goal"}


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        ({"A1": "金额（万元）", "A2": "{{tasks.amount}}"}, "万元"),
        ({"A1": "金额（单位：万元）", "A2": "{{tasks.amount}}"}, "万元"),
        ({"A1": "金额(千元)", "A2": "{{tasks.amount}}"}, "千元"),
        ({"A1": "金额", "A2": "{{tasks.amount}}亿元"}, "亿元"),
        ({"A1": "金额", "A2": "{{tasks.amount}}（万元）"}, "万元"),
        ({"A1": "单位：万元", "A2": "金额", "A3": "{{tasks.amount}}"}, "万元"),
        ({"A1": "金额单位: 人民币万元", "A2": "金额", "A3": "{{tasks.amount}}"}, "万元"),
        ({"A1": "单位：万元", "A2": "金额（元）", "A3": "{{tasks.amount}}"}, "元"),
        ({"A1": "金额（万元）", "A2": "计划{{tasks.amount}}"}, "万元"),
        ({"A1": "金额", "A2": "{{tasks.amount}}"}, "元"),
    ],
)
def test_where_the_unit_of_money_is_found(cells: dict[str, str], unit: str) -> None:
    assert form(cells).fields["tasks.amount"].unit == unit


def test_the_fields_sheet_has_the_last_word() -> None:
    said = described(
        "{{tasks.amount}}", 名称="资金", 说明="全年的", 必填="是", 单位="千元", 可为负数="是"
    )
    field = form({"A1": "金额（万元）", "A2": "{{tasks.amount}}"}, fields=said).fields[
        "tasks.amount"
    ]
    assert (field.label, field.help, field.required) == ("资金", "全年的", True)
    assert (field.unit, field.negative_allowed) == ("千元", True)


def test_the_heading_of_the_fields_sheet_may_stand_anywhere_in_any_order() -> None:
    fields = [
        ["填写说明"],
        [],
        ["必填", "备注", "标签"],
        ["√", "随便写", "text.goal"],
        ["是", "", ""],
    ]
    assert form({"A1": "{{text.goal}}"}, fields=fields).fields["text.goal"].required


@pytest.mark.parametrize(
    "text", ["高、中、低", "高，中，低", "高;中;低", "高|中|低", "高\n中\n低、"]
)
def test_choices_are_split_and_make_a_field_one(text: str) -> None:
    parsed = form({"A1": "{{indicators.level1}}"}, fields=described("indicators.level1", 选项=text))
    field = parsed.fields["indicators.level1"]
    assert field.kind is Kind.CHOICE
    assert field.choices == ("高", "中", "低")


def test_number_formats_come_from_the_cells() -> None:
    parsed = form(
        {"A1": "{{tasks.amount}}", "B1": "{{tasks.weight}}", "C1": "{{= tasks.weight / 100}}"},
        formats={"A1": "#,##0.00", "B1": "0.0", "C1": "0.0%"},
    )
    assert parsed.fields["tasks.amount"].format == NumberFormat(2, thousands=True)
    assert parsed.fields["tasks.weight"].format == NumberFormat(1)
    assert parsed.fields["computed.C1"].format == NumberFormat(1, percent=True)
    assert parsed.fields["computed.C1"].kind is Kind.PERCENT


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("tasks.amount + tasks.total_amount", Kind.MONEY),
        ("tasks.amount * 2", Kind.MONEY),
        ("sum(tasks.amount)", Kind.MONEY),
        ("max(tasks.amount, tasks.total_amount)", Kind.MONEY),
        ("tasks.amount / tasks.total_amount", Kind.NUMBER),
        ("rate(tasks.amount, tasks.total_amount)", Kind.NUMBER),
        ("count(tasks.amount)", Kind.NUMBER),
        ("tasks.weight * 2", Kind.NUMBER),
        ("tasks.weight * tasks.amount", Kind.MONEY),
        ("tasks.amount * tasks.weight / 100", Kind.MONEY),
        ("tasks.amount > tasks.total_amount", Kind.NUMBER),
        ("1 + 1", Kind.NUMBER),
    ],
)
def test_a_formula_is_money_where_money_does_not_cancel_out(formula: str, kind: Kind) -> None:
    cells = {"A1": "{{tasks.amount}}", "B1": "{{tasks.total_amount}}", "C1": "{{tasks.weight}}"}
    assert form(cells | {"D1": f"{{{{= {formula}}}}}"}).fields["computed.D1"].kind is kind


def test_panyus_form() -> None:
    parsed = parse_form(PANYU.read_bytes())
    assert parsed.title == "部门整体预算绩效目标申报表"
    assert [b.list_path for b in parsed.blocks()] == [("tasks",), ("other_tasks",), ("indicators",)]
    assert [s.label for s in parsed.sections] == [
        "预算整体情况",
        "总体绩效目标",
        "年度重点工作任务",
        "其他需完成的任务（可选填）",
        "绩效指标",
    ]
    assert {f.unit for f in parsed.fields.values() if f.kind is Kind.MONEY} == {"万元"}
    assert parsed.fields["tasks.amount"].read("1,348") == Decimal("13480000.00")


def test_a_unit_may_stand_in_any_heading_over_a_column() -> None:
    cells = {
        "A1:A3": "项目",
        "B1:D1": "金额（万元）",
        "B2:C2": "{{year}}年",
        "D2": "以后年度",
        "B3": "计划",
        "C3": "到位",
        "D3": "计划",
        "A4": "{{projects.name}}",
        "B4": "{{projects.amount}}",
        "C4": "{{projects.extra.got}}",
        "D4": "{{projects.total_amount}}",
    }
    fields = form(cells, fields=[["标签", "类型"], ["projects.extra.got", "金额"]]).fields
    assert [(f.label, f.unit) for f in fields.values()] == [
        ("项目", ""),
        ("金额 本年 计划", "万元"),
        ("金额 本年 到位", "万元"),
        ("金额 以后年度 计划", "万元"),
    ]


@pytest.mark.parametrize(
    "heading",
    ["预算数（万元）", "预算数(万元)", "预算数（单位：万元）", "预算数（单位万元）", "预算数/万元"],
)
def test_a_heading_names_its_unit(heading: str) -> None:
    field = form({"A1": heading, "A2": "{{tasks.amount}}"}).fields["tasks.amount"]
    assert (field.label, field.unit) == ("预算数", "万元")


@pytest.mark.parametrize(
    "above",
    [
        {"A1:C1": "单位：万元"},
        {"A1:C1": "（金额单位：人民币万元）"},
        {"B1": "单位：", "C1": "万元"},
        {"A1:C1": "收入预算表（万元）"},
    ],
)
def test_a_unit_above_the_table_holds_for_all_of_it(above: dict[str, str]) -> None:
    cells = above | {"A2": "收入", "B2:C2": "{{funding.fiscal.budget}}"}
    field = form(cells, lines=[1]).fields["funding.fiscal.budget"]
    assert (field.label, field.unit) == ("收入", "万元")


def test_a_row_of_units_or_column_numbers_names_nothing() -> None:
    cells = {
        "A1": "名称",
        "B1": "预算",
        "C1": "比重",
        "A2": "",
        "B2": "万元",
        "C2": "%",
        "A3": "栏次",
        "B3": "1",
        "C3": "2",
        "A4": "{{tasks.name}}",
        "B4": "{{tasks.amount}}",
        "C4": "{{tasks.weight}}",
    }
    fields = form(cells).fields
    assert (fields["tasks.amount"].label, fields["tasks.amount"].unit) == ("预算", "万元")
    assert fields["tasks.weight"].label == "比重"


def test_a_unit_may_stand_in_the_label_beside_a_list() -> None:
    cells = {
        "A1:A2": "项目支出（万元）",
        "B1": "名称",
        "C1": "金额",
        "B2": "{{tasks.name}}",
        "C2": "{{tasks.amount}}",
    }
    field = form(cells).fields["tasks.amount"]
    assert (field.label, field.unit) == ("金额", "万元")


TWO_ROWS = {
    "A1:A2": "序号",
    "B1": "项目名称",
    "C1": "金额（万元）",
    "B2:C2": "主要内容",
    "A3:A4": "{{projects.number}}",
    "B3": "{{projects.name}}",
    "C3": "{{projects.amount}}",
    "B4:C4": "{{projects.content}}",
}


def test_an_item_of_two_rows_has_its_headings_in_two_rows() -> None:
    parsed = form(TWO_ROWS)
    assert [(f.label, f.unit) for f in parsed.fields.values()] == [
        ("项目名称", ""),
        ("金额", "万元"),
        ("主要内容", ""),
    ]
    assert set(parsed.scopes.values()) == {"col"}


def test_what_is_hidden_is_not_part_of_a_form_by_accident() -> None:
    book = load_workbook(BytesIO(workbook(TWO_ROWS)))
    book["表样"].row_dimensions[2].hidden = True
    book["表样"].column_dimensions["C"].hidden = True
    book["表样"].column_dimensions["H"].hidden = True  # right of the form: nobody's business
    with pytest.raises(FormError) as caught:
        parse_form(saved(book))
    assert [str(p) for p in caught.value.problems] == [
        "表样!A2：第 2 行是隐藏的，请取消隐藏，或删除这一行",
        "表样!C1：C 列是隐藏的，请取消隐藏，或删除这一列",
    ]
