"""元 where the form says 万元, and totals typed in, also among words."""

import re
from decimal import Decimal

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.incoming import Incoming
from tests.incoming.filings import (
    PANYU_CONTEXT,
    edited,
    find,
    panyu_filing,
    problems,
    read,
    warnings,
)
from tests.incoming.test_identity import content
from tests.sheets import panyu

D = Decimal
AMOUNT_AND_UNIT = re.compile(r"([\d,]+(?:\.\d+)?)(（?)万元")


def filing(workbook: bytes) -> Incoming:
    return read(panyu.FORM, workbook, PANYU_CONTEXT)


AS_EXPORTED = filing(panyu_filing())


def in_yuan(sheet: Worksheet) -> None:
    """The same amounts in 元, in cells of their own and among words."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, int | float):
                cell.value = float(D(str(cell.value)) * 10_000)
            elif isinstance(cell.value, str):
                said = AMOUNT_AND_UNIT.sub(
                    lambda m: f"{D(m[1].replace(',', '')) * 10_000:.2f}{m[2]}元", cell.value
                )
                cell.value = said.replace("万元", "元")


@pytest.mark.parametrize("ours", [True, False])
def test_the_whole_form_in_another_unit(*, ours: bool) -> None:
    def change(sheet: Worksheet) -> None:
        in_yuan(sheet)
        if not ours:
            sheet.parent.defined_names.clear()

    incoming = filing(edited(panyu_filing(), change))
    assert problems(incoming) == []
    assert content(incoming.records) == content(AS_EXPORTED.records)
    (warning,) = warnings(incoming)
    assert "共 12 处" in warning
    assert "写的金额单位是元，表样是万元；金额已按元换算" in warning


def with_line(start: str, said: str) -> Incoming:
    def retype(sheet: Worksheet) -> None:
        row, column = find(sheet, start)
        sheet.cell(row, column).value = said

    return filing(edited(panyu_filing(), retype))


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("任务1：甲\n乙\n拟投入资金：157（万元）", "1570000.00"),
        ("任务1：甲\n乙\n拟投入资金：1570000（元）", "1570000.00"),
        ("任务1：甲\n乙\n拟投入资金：0.0157(亿元)", "1570000.00"),
        ("任务1 :甲\n乙\n拟投入资金: 1,570,000.00 （ 元 ）", "1570000.00"),
        ("任务1：甲\n乙\n拟投入资金：1570000元（万元）", "1570000.00"),
        ("任务1：甲\n乙\n拟投入资金：（元）", None),
    ],
)
def test_the_unit_that_stands_beside_a_value_counts(said: str, amount: str | None) -> None:
    incoming = with_line("任务1：精准综合扩招", said)
    assert problems(incoming) == []
    values = incoming.records.lists["other_tasks"][0].values
    assert (values["name"], values["content"]) == ("甲", "乙")
    assert values["amount"] == (D(amount) if amount else None)
    said_so = [w for w in warnings(incoming) if "换算" in w]
    assert bool(said_so) == (amount is not None and "157（万元" not in said)


def test_a_unit_that_somebody_filled_in_says_nothing_of_the_sheet() -> None:
    incoming = with_line("康复资助年服务量", "单位：元")
    assert warnings(incoming) == []
    assert incoming.records.funding == AS_EXPORTED.records.funding


@pytest.mark.parametrize(
    ("start", "said", "warned"),
    [
        ("收入合计：", "收入合计：5,195.12 万元", ""),
        ("收入合计：", "收入合计：51,951,200元", "表样是万元"),
        (
            "收入合计：",
            "收入合计：6,000.00 万元",
            "收入合计：文件中是 6,000.00万元，按各项计算应为 5,195.12万元，以计算结果为准",
        ),
        ("核对：支出合计", "核对: 支出合计 9 万元", "支出合计：文件中是 9万元，按各项计算应为 5,195.12万元"),
        ("收入合计：", "收入合计：6000元", "收入合计：文件中是 6000元，按各项计算应为 5,195.12万元"),
        ("收入合计：", "收入合计：五千万元", "收入合计由系统计算，“五千”不是数"),
        ("收入合计：", "收入合计：万元", ""),
    ],
)  # fmt: skip
def test_a_total_typed_among_words(start: str, said: str, warned: str) -> None:
    incoming = with_line(start, said)
    assert problems(incoming) == []
    assert content(incoming.records) == content(AS_EXPORTED.records)
    found = warnings(incoming)
    assert any(warned in w for w in found) if warned else found == []
