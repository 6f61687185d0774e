"""The workbook of departments and people: the template, and what is read of one."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from declarations.sheets.incoming.report import UnreadableWorkbookError
from declarations.sheets.roster import (
    COLUMNS,
    DEPARTMENTS,
    MOST_ROWS,
    PEOPLE,
    Roster,
    read_roster,
    roster_template,
)
from tests.rosters import roster, roster_workbook


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_template_is_filled_in_and_read_back() -> None:
    template = roster_template([("dpf", "残联", "", "民生组")], ["填报人", "审核人"])
    book = load_workbook(BytesIO(template))
    book[PEOPLE].append(["zhang-san", "张三", "填报人", "dpf"])
    found = read_roster(saved(book))
    assert found.problems == []
    (department,), (person,) = found.lines[DEPARTMENTS], found.lines[PEOPLE]
    assert department.texts == {"编码": "dpf", "名称": "残联", "上级部门编码": "", "分组": "民生组"}
    assert (person.text("用户名"), person.cell("角色"), person.row) == ("zhang-san", "C2", 2)


def test_the_template_offers_roles_and_departments() -> None:
    book = load_workbook(BytesIO(roster_template([("dpf", "残联", "", "")], ["填报人", "审核人"])))
    rules = {
        str(rule.sqref).split(":")[0]: rule for rule in book[PEOPLE].data_validations.dataValidation
    }
    assert rules["C2"].formula1 == '"填报人,审核人"'
    assert rules["D2"].formula1 == f"'{DEPARTMENTS}'!$A$2:$A${MOST_ROWS}"
    for name, columns in COLUMNS.items():
        prompts = {r.prompt for r in book[name].data_validations.dataValidation}
        assert prompts == {column.note for column in columns}


def test_a_name_is_no_formula() -> None:
    book = load_workbook(BytesIO(roster_template([("dpf", "=1+1", "", "")], ["填报人"])))
    assert book[DEPARTMENTS]["B2"].data_type == "s"


def test_a_roster_survives_the_page() -> None:
    found = roster([["a", "甲"], [], ["b", "乙", "a"]], [["u", "人", "填报人", "a"]])
    assert [line.row for line in found.lines[DEPARTMENTS]] == [2, 4]
    assert Roster.from_json(found.to_json()) == found


def test_headings_may_be_lower_in_another_order_and_among_others() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = PEOPLE
    for row in (
        ["2023年名单"],
        ["序号", "姓名*", "用户名", "角色", "备注"],
        [1, " 张　三\n", 1001, "填报人", "x"],
    ):
        sheet.append(row)
    found = read_roster(saved(book))
    assert found.problems == []
    assert [line.texts for line in found.lines[PEOPLE]] == [
        {"用户名": "1001", "姓名": "张 三", "角色": "填报人"}
    ]
    assert found.lines[PEOPLE][0].cell("姓名") == "B3"
    assert DEPARTMENTS not in found.lines


def test_a_missing_heading_is_said_once() -> None:
    book = Workbook()
    book.worksheets[0].title = PEOPLE
    book.worksheets[0].append(["用户名", "部门编码"])
    book.worksheets[0].append(["a", "b"])
    (problem,) = read_roster(saved(book)).problems
    assert str(problem) == "人员：表头缺少“姓名”、“角色”一栏，请用模板的表头"


def test_formulas_without_results_are_named() -> None:
    (problem,) = roster([["a", "=B9"]]).problems
    assert (problem.sheet, problem.cell) == (DEPARTMENTS, "B2")


def test_too_many_rows_are_refused() -> None:
    (problem,) = roster([[f"d-{n}", "局"] for n in range(MOST_ROWS + 1)]).problems
    assert str(MOST_ROWS) in problem.message


@pytest.mark.parametrize("workbook", [b"", b"no workbook", roster_workbook()[:500]])
def test_what_is_no_workbook_is_refused(workbook: bytes) -> None:
    with pytest.raises(UnreadableWorkbookError):
        read_roster(workbook)


def test_a_workbook_without_our_sheets_is_refused(tmp_path: Any) -> None:
    with pytest.raises(UnreadableWorkbookError, match="下载模板"):
        read_roster(saved(Workbook()))
