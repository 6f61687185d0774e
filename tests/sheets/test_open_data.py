"""Tables of open data are written so that everybody reads the same in every format."""

import csv
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from declarations.models import DeclarationKind
from declarations.sheets.open_data import (
    TYPES,
    Column,
    Dataset,
    csv_of,
    json_of,
    unguarded,
    xlsx_of,
)
from declarations.sheets.open_datasets import DATASETS, KINDS, indicator_rows
from declarations.sheets.records import Item, Records

AT = datetime(2023, 5, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
TABLE = Dataset(
    "things",
    "事物",
    "各种事物",
    (
        Column("name", "名称", required=True),
        Column("money", "金额", type="number", unit="元"),
        Column("count", "数量", type="integer"),
        Column("at", "时间", type="datetime"),
        Column("state", "状态", choices={"open": "开", "closed": "关"}),
    ),
    ("name",),
)
ROWS = [
    {"name": '甲，"乙"\n丙', "money": Decimal("1234.50"), "count": 3, "at": AT, "state": "open"},
    {"name": "丁", "money": None, "count": None, "at": None, "state": ""},
]


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_has_a_bom_ends_lines_as_rfc_4180_says_and_quotes_what_must_be() -> None:
    content = b"".join(csv_of(TABLE, ROWS))
    assert content.startswith(b"\xef\xbb\xbfname,money,count,at,state\r\n")
    assert content.endswith(b"\r\n")
    assert '"甲，""乙""\n丙",1234.5,3,2023-05-01T09:30:00+08:00,open\r\n'.encode() in content
    assert csv_rows(content)[2] == ["丁", "", "", "", ""]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-按时完成", "'-按时完成"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("\t=1", "'\t=1"),
        ("-3.5%", "-3.5%"),
        ("+1,200", "+1,200"),
        ("≥95%", "≥95%"),
        ("'引号", "'引号"),
    ],
)
def test_text_is_never_a_formula_and_can_be_had_back(text: str, written: str) -> None:
    rows = [{**ROWS[1], "name": text}]
    (found,) = csv_rows(b"".join(csv_of(TABLE, rows)))[1:]
    assert found[0] == written
    assert unguarded(found[0]) == text


def test_large_tables_come_in_pieces() -> None:
    many = [{**ROWS[0], "name": str(n)} for n in range(1000)]
    pieces = list(csv_of(TABLE, many))
    assert len(pieces) > 4
    assert len(csv_rows(b"".join(pieces))) == 1001
    assert len(json.loads(b"".join(json_of(TABLE, many)))["rows"]) == 1000


def test_json_has_numbers_as_numbers_and_blanks_as_null() -> None:
    found = json.loads(b"".join(json_of(TABLE, ROWS, {"title": "事物"})))
    assert found["title"] == "事物"
    assert found["rows"][0] | {"name": ""} == {
        "name": "",
        "money": 1234.5,
        "count": 3,
        "at": "2023-05-01T09:30:00+08:00",
        "state": "open",
    }
    assert set(found["rows"][1].values()) == {"丁", None}
    assert json.loads(b"".join(json_of(TABLE, [], {"title": "空"}))) == {"title": "空", "rows": []}


def test_a_workbook_has_titles_types_and_what_they_mean() -> None:
    book = load_workbook(BytesIO(xlsx_of(TABLE, ROWS, "可以使用")))
    sheet, meaning = book.worksheets
    assert [c.value for c in sheet[1]] == ["名称", "金额（元）", "数量", "时间", "状态"]
    assert [c.value for c in sheet[2]][1:] == [1234.5, 3, AT.replace(tzinfo=None), "开"]
    assert [c.value for c in meaning["B"]][1:6] == ["name", "money", "count", "at", "state"]
    assert meaning.cell(meaning.max_row, 4).value == "可以使用"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_every_table_describes_itself(dataset: Dataset) -> None:
    schema = dataset.table_schema()
    names = [field["name"] for field in schema["fields"]]
    assert len(names) == len(set(names))
    assert set(schema["primaryKey"]) <= set(names)
    assert {field["type"] for field in schema["fields"]} <= set(TYPES)
    assert all(field["title"] for field in schema["fields"])
    assert list(dataset.json_schema()["properties"]) == names


def test_kinds_are_called_as_everywhere() -> None:
    assert dict(DeclarationKind.choices) == KINDS


def indicator(target: str, actual: str | None = None, **values: object) -> dict[str, object]:
    cells = {"level3": "指标", "target": target, **values}
    if actual is not None:
        cells["actual"] = actual
    task = Item("task", 1, {"name": "任务甲"}, {"indicators": [Item("indicator", 2, cells)]})  # type: ignore[arg-type]
    (row,) = indicator_rows({"code": "X"}, Records(lists={"tasks": [task]}))
    return dict(row)


@pytest.mark.parametrize(
    ("target", "operator", "value", "upper", "unit"),
    [
        ("≥1.2万人次", "at_least", Decimal(12000), None, "人次"),
        ("95%", "", Decimal(95), None, "%"),
        ("80-90%", "between", Decimal(80), Decimal(90), "%"),
        ("无", "equal", Decimal(0), None, ""),
        ("2023年12月底前", "", None, None, ""),
        ("良好", "", None, None, ""),
        ("10 0人", "", None, None, ""),
    ],
)
def test_a_target_is_read_or_left_alone(target, operator, value, upper, unit) -> None:
    row = indicator(target)
    assert row["target"] == target
    read = [row[f"target_{part}"] for part in ("operator", "value", "value_to", "unit")]
    assert read == [operator, value, upper, unit]


def test_an_indicator_is_judged_where_the_form_has_actual_values() -> None:
    row = indicator("≥100人", "50人", self_score=Decimal(5))
    assert (row["met"], row["ratio"], row["actual_value"]) == ("partly", Decimal("0.5000"), 50)
    assert (row["task"], row["self_score"]) == ("任务甲", 5)
    assert indicator("≥100人")["met"] == ""
    assert indicator("≥100人")["ratio"] is None
