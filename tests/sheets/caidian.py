"""Caidian's declaration for 2023 as it was published, and a copy with what is wrong put right.

The content is the demo's: its figures as published, its prose our own.
"""

from pathlib import Path

from declarations.management.demo.filling import Content
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from tests.sheets.contents import records_of

TEMPLATE = (Path(__file__).parents[2] / "declarations/forms/caidian-target.xlsx").read_bytes()
FORM = parse_form(TEMPLATE)
THIS_YEAR = ("55.66", "37.11", "34.19", "307.44", "163.41", "301.5")
"""万元: what the projects may cost in the year so that they come to 60.53 % of 1,485.73."""


def published() -> Records:
    """With its gaps: amounts, a date, two goals and a target are missing."""
    return _records(Content.read("caidian-target"))


def corrected() -> Records:
    """Complete, with the amounts that give the published shares and projects that add up to
    them; the goals that say nothing are gone."""
    content = Content.read("caidian-target")
    content.texts["fill_date"] = "2023-01-10"
    amounts = {"fiscal": "1485.73", "other_income": "0", "basic": "586.42", "project": "899.31"}
    for key, amount in amounts.items():
        content.funding.setdefault(key, {})["budget"] = amount
    for project, amount in zip(content.lists["projects"], THIS_YEAR, strict=True):
        project["amount"] = amount
    goal = content.lists["goals"][0]
    content.lists["goals"] = [goal]
    timely = next(i for i in goal["indicators"] if i["level3"] == "项目完成及时率")
    timely["target"] = "100%"
    return _records(content)


def _records(content: Content) -> Records:
    return records_of(FORM, content, department="武汉市蔡甸区残疾人联合会", year=2023)
