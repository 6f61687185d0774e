"""Huadu's scored self-evaluation for 2021 as it was published; its prose is our own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from declarations.management.demo.filling import Content
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.scores import Scoring, score
from scoring.rubric import Facts
from tests.sheets.contents import records_of

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
