"""Liwan's self-evaluation for 2021 as it was published; its prose is our own."""

from pathlib import Path

from declarations.management.demo.filling import Content
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from tests.sheets.contents import records_of

TEMPLATE = (
    Path(__file__).parents[2] / "declarations/forms/liwan-self-evaluation.xlsx"
).read_bytes()
FORM = parse_form(TEMPLATE)


def published() -> Records:
    content = Content.read("liwan-self-evaluation")
    return records_of(FORM, content, department="广州市荔湾区残疾人联合会(部门)", year=2021)
