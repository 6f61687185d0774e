"""A narrative report and the self-evaluation beside it, in small."""

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from declarations.domain.rows import add_row
from declarations.models import Declaration, DeclarationKind, Department, FormTemplate, User
from tests import factories
from tests.factories import type_into
from tests.sheets.workbooks import BOX, saved

YEAR = 2023

Lines = Sequence[Sequence[str | int | None]]

HEADINGS = ("级别", "标题", "内容", "说明", "必填", "字数", "草稿")
LINES: Lines = (
    (0, "{{year}}年度{{department.name}}自评报告"),
    (1, "一、自评情况"),
    (2, "（一）自评结论", "{{text.conclusion}}", "写明得分。", "是", 200, "自评结论"),
    (None, None, "{{text.more}}"),
    (2, "（二）主要工作"),
    (3, "{{tasks.number}}. {{tasks.name}}", "{{tasks.content}}", "分点写。", "是", 300),
    (1, "二、存在的问题", "{{text.problems}}"),
)
FIELDS = (("标签", "名称"), ("text.more", "自评结论的补充"), ("tasks.name", "小标题"))


def workbook(
    lines: Lines = LINES, *, fields: Lines = FIELDS, rules: Lines = (), headings: Any = HEADINGS
) -> bytes:
    """A workbook with 报告, and with 字段 and 校验 where they have rows."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "报告"
    for row in (headings, *lines):
        sheet.append(list(row))
    for title, rows in (("字段", fields), ("校验", rules)):
        if rows:
            about = book.create_sheet(title)
            for row in rows:
                about.append(list(row))
    return saved(book)


def evaluation_workbook() -> bytes:
    """A self-evaluation with money, indicators and no rubric."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "表样"
    for row in (
        ("资金", "年初预算（万元）", "预算调整（万元）", "实际支出（万元）", "预算完成率"),
        (
            "一般公共预算",
            "{{funding.general.budget}}",
            "{{funding.general.adjustment}}",
            "{{funding.general.executed}}",
            "{{= rate(funding.general.executed, funding.general.budget + funding.general.adjustment)}}",
        ),
        ("绩效指标", "三级指标", "指标值", "完成值", "原因"),
        (
            None,
            "{{indicators.level3}}",
            "{{indicators.target}}",
            "{{indicators.actual}}",
            "{{indicators.reason}}",
        ),
    ):
        sheet.append(row)
    for cells in sheet["A1:E4"]:
        for cell in cells:
            cell.border = BOX
    sheet.merge_cells("A3:A4")
    sheet["E2"].number_format = "0.00%"
    return saved(book)


def report_for(department: Department, content: bytes | None = None) -> Declaration:
    """A blank report of the year."""
    template = factories.template_for(
        department.bureau, content or workbook(), code="report", kind=DeclarationKind.REPORT
    )
    return factories.round_for(template, department, year=YEAR).declarations.get()


def evaluation_template(department: Department) -> FormTemplate:
    return factories.template_for(
        department.bureau,
        evaluation_workbook(),
        code="self-evaluation",
        kind=DeclarationKind.SELF_EVALUATION,
    )


def evaluation_for(department: Department, filer: User) -> Declaration:
    """Being filled in: 3,401.08 of 3,646.57 spent, one indicator met and one far from it."""
    round_ = factories.round_for(evaluation_template(department), department, year=YEAR)
    declaration = round_.declarations.get()
    amounts = {"budget": "2681.97", "adjustment": "964.60", "executed": "3401.08"}
    type_into(filer, declaration, **{f"funding.general.{c}": t for c, t in amounts.items()})
    for row in (
        ("服务人数", "400人", "400人", ""),
        ("出车次数", "≥70次", "8次", "家属自行接送"),
    ):
        anchor = add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
        texts = zip(("level3", "target", "actual", "reason"), row, strict=True)
        type_into(filer, declaration, **{f"{anchor}/{c}": t for c, t in texts})
    return declaration
