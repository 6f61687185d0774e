"""Huadu's scored self-evaluation for 2021 as it was published; its prose is our own."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from declarations.management.demo.filling import Content
from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.scores import Scoring, score
from scoring.rubric import Facts
from tests.sheets.contents import records_of
from tests.sheets.workbooks import saved

TEMPLATE = (
    Path(__file__).parents[2] / "declarations/forms/huadu-self-evaluation.xlsx"
).read_bytes()
FORM = parse_form(TEMPLATE)
NOW = datetime(2022, 3, 1, 9, tzinfo=UTC)
BEFORE_THE_DEADLINE = Facts(now=NOW, deadline=NOW + timedelta(days=30))


def published() -> Records:
    content = Content.read("huadu-self-evaluation")
    return records_of(FORM, content, department="广州市花都区残疾人联合会", year=2021)


def scored(records: Records) -> Scoring:
    return score(FORM, records, BEFORE_THE_DEADLINE)


def changed(key: str, **columns: str | int) -> Form:
    """The form brought again, with other columns in one row of its 评分 sheet."""
    book = load_workbook(BytesIO(TEMPLATE))
    sheet = book["评分"]
    heading = next(row for row in sheet.iter_rows() if row[0].value == "编码")
    places = {str(cell.value): cell.column for cell in heading}
    line = next(row[0].row for row in sheet.iter_rows() if row[0].value == key)
    for name, value in columns.items():
        place = places.setdefault(name, len(places) + 1)
        sheet.cell(heading[0].row, place).value = name
        sheet.cell(line, place).value = value
    return parse_form(saved(book))
