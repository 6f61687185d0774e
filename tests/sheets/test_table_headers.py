"""The headings of cells in a PDF: those that a person who sees the table would take for them."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from declarations.sheets.archival import lay_out, write_archival
from declarations.sheets.pdf import render_pdf
from tests.contract.forms import FORMS
from tests.sheets.making import sample_table

Told = dict[str, list[str]]
"""The text of each cell, and of its headings in their order."""


def told(pdf: bytes) -> Told:
    """What assistive technology finds for every cell with data, as the standard says it shall."""
    reader = PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    names = root["/IDTree"]["/Names"] if "/IDTree" in root else []
    index = dict(zip(names[::2], (n.get_object() for n in names[1::2]), strict=True))
    assert list(names[::2]) == sorted(names[::2])
    words = words_of(reader)
    found: Told = {}
    for element in elements(root):
        if element.get("/S") == "/TH":
            assert element["/A"]["/Scope"] in {"/Row", "/Column"}
            assert index[element["/ID"]]["/S"] == "/TH"
        if element.get("/S") == "/TD":
            headings = [index[key] for key in element["/A"].get("/Headers", [])]
            found[text(element, words)] = [text(heading, words) for heading in headings]
    return found


def words_of(reader: PdfReader) -> dict[tuple[int, int], str]:
    """What each piece of marked content says, by page and number."""
    found: dict[tuple[int, int], str] = {}
    for page in reader.pages:
        stack: list[int] = []
        reference = page.indirect_reference
        assert reference is not None

        def before(operator: bytes, operands: Any, *_: Any, stack: list[int] = stack) -> None:
            if operator in (b"BDC", b"BMC"):
                properties = operands[1] if len(operands) > 1 else {}
                stack.append(properties.get("/MCID", -1))
            elif operator == b"EMC":
                stack.pop()

        def said(text: str, *_: Any, stack: list[int] = stack, page: int = reference.idnum) -> None:
            if stack and text.strip():
                key = (page, stack[-1])
                found[key] = found.get(key, "") + "".join(text.split())

        page.extract_text(visitor_operand_before=before, visitor_text=said)
    return found


def elements(element: Any) -> Any:
    yield element
    for kid in kids(element):
        if hasattr(kid, "get"):
            yield from elements(kid)


def kids(element: Any) -> list[Any]:
    found = element.get("/K", [])
    return [kid.get_object() for kid in (found if isinstance(found, list) else [found])]


def text(element: Any, words: dict[tuple[int, int], str]) -> str:
    if "/Pg" not in element:
        return ""
    page = element.raw_get("/Pg").idnum
    return "".join(
        text(kid, words) if hasattr(kid, "get") else words.get((page, int(kid)), "")
        for kid in kids(element)
    )


def of_html(rows: str) -> Told:
    html = f'<html lang="zh-CN"><title>题</title><table>{rows}</table>'
    return told(write_archival(lay_out(html)))


def test_headings_above_and_to_the_left() -> None:
    found = of_html(
        '<tr><th></th><th scope="col">甲</th><th scope="col">乙</th></tr>'
        '<tr><th scope="row">一</th><td>11</td><td>12</td></tr>'
        '<tr><th scope="row">二</th><td>21</td><td>22</td></tr>'
    )
    assert found == {"11": ["一", "甲"], "12": ["一", "乙"], "21": ["二", "甲"], "22": ["二", "乙"]}


def test_a_label_over_several_rows_shifts_no_column() -> None:
    """What WeasyPrint gets wrong, here with two such labels side by side."""
    found = of_html(
        '<tr><th scope="row" rowspan="3">总</th><th scope="row" rowspan="3">分</th>'
        '<th scope="col">甲</th><th scope="col">乙</th></tr>'
        "<tr><td>11</td><td>12</td></tr><tr><td>21</td><td>22</td></tr>"
    )
    assert found["12"] == ["总", "分", "乙"]
    assert found["21"] == ["总", "分", "甲"]


def test_of_two_pairs_in_a_row_each_has_its_own_label() -> None:
    found = of_html(
        '<tr><th scope="row" rowspan="2">组</th><th scope="row">姓名</th><td>张</td>'
        '<th scope="row">电话</th><td>138</td></tr>'
        '<tr><th scope="row">职务</th><td>长</td><th scope="row">邮箱</th><td>at</td></tr>'
    )
    assert found["138"] == ["组", "电话"]
    assert found["at"] == ["组", "邮箱"]


def test_two_levels_of_headings_are_both_said_and_other_parts_not() -> None:
    found = of_html(
        '<tr><th scope="col" rowspan="2">甲</th><th scope="col" colspan="2">乙</th></tr>'
        '<tr><th scope="col">前</th><th scope="col">后</th></tr>'
        "<tr><td>1</td><td>2</td><td>3</td></tr>"
        '<tr><th scope="row">说明</th><td colspan="2">话</td></tr>'
        '<tr><th scope="col">丙</th><th scope="col" colspan="2">丁</th></tr>'
        '<tr><td>4</td><td colspan="2">5</td></tr>'
    )
    assert found["1"] == ["甲"]
    assert found["3"] == ["乙", "后"]
    assert found["话"] == ["说明"]
    assert found["5"] == ["丁"]


def test_a_table_without_headings_has_none() -> None:
    assert of_html("<tr><td>1</td><td>2</td></tr>") == {"1": [], "2": []}


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if not form.report])
def test_headings_stand_over_or_beside_their_cells(name: str) -> None:
    assert told(render_pdf(sample_table(name), title="题"))


def test_panyus_cells_have_their_headings() -> None:
    found = told(render_pdf(sample_table("panyu-target"), title="题"))
    assert found["998.25"] == ["预算整体情况", "财政拨款", "预算金额（万元）"]
    assert found["990.25"] == ["年度重点工作任务", "拟投入的资金（万元）"]
    assert found["示例三级指标2"] == ["绩效指标", "三级指标"]
    assert all(found.values()), "every cell has a heading"


def test_caidians_cells_have_their_headings() -> None:
    found = told(render_pdf(sample_table("caidian-target"), title="题"))
    assert found["995.25"] == ["部门总体收支情况", "其他资金", "近两年收支金额", "2022年"]
    assert found["示例上年指标值4"] == ["指标值", "近两年指标值", "上年"]
    assert found["示例联系电话"] == ["联系电话"]
