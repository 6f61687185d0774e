"""Caidian's declaration for 2023 as it was published, and a copy with what is wrong put right.

The content is the demo's: its figures as published, its prose our own.
"""

from itertools import count
from pathlib import Path

from declarations.management.demo.filling import Content, Typed
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records

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
    numbers = count(1)

    def item(list_path: str, typed: Typed) -> Item:
        """A row with a blank one nested in it where nothing is typed, as the editor gives it."""
        made = Item("indicator" if list_path.endswith("indicators") else "task", next(numbers))
        for field in FORM.fields_of(tuple(list_path.split("."))):
            made.values[field.column] = field.read(str(typed.get(field.column, "")))
        if list_path == "goals":
            rows = typed.get("indicators", [{}])
            made.lists["indicators"] = [item("goals.indicators", row) for row in rows]
        return made

    records = Records(
        context={"department.name": "武汉市蔡甸区残疾人联合会", "year": "2023"},
        lists={name: [item(name, row) for row in rows] for name, rows in content.lists.items()},
    )
    for tag, field in FORM.fields.items():
        head, _, rest = tag.partition(".")
        key, _, column = rest.partition(".")
        if head == "funding":
            typed = content.funding.get(key, {}).get(column, "")
            records.funding.setdefault(key, {})[column] = field.read(typed)
        elif head == "text":
            records.texts[key] = str(field.read(content.texts.get(key, "")))
    return records
