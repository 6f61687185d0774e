"""Export, then import: the same records, whatever a form holds."""

import os
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable
from declarations.sheets.form import Form
from declarations.sheets.incoming import Incoming, read_incoming
from declarations.sheets.records import Item, Records
from declarations.sheets.workbook import render_workbook
from tests.contract.forms import FORMS, WORKBOOKS
from tests.incoming.strategies import CONTEXT, records_for

EXAMPLES = int(os.environ.get("JIXIAO_EXAMPLES", "1")) * 15


def without_ids(rows: list[Item]) -> list[object]:
    """Rows as what they say, those without content left out."""
    said = [
        (i.kind, i.values, {n: inner for n, r in i.lists.items() if (inner := without_ids(r))})
        for i in rows
    ]
    return [s for s in said if s[2] or any(v not in (None, "") for v in s[1].values())]


def content(records: Records) -> object:
    lists = {name: without_ids(rows) for name, rows in records.lists.items()}
    return records.context, records.funding, records.texts, records.scores, lists


def assert_same(
    form: Form, workbook: bytes, records: Records, absent: frozenset[str] = frozenset()
) -> Incoming:
    incoming = read_incoming(form, workbook, CONTEXT)
    assert incoming.problems == []
    for tag in absent:
        records.set_cell(tag, "")
    assert content(incoming.records) == content(records)
    assert incoming.absent == absent
    return incoming


@cache
def records_of(name: str) -> st.SearchStrategy[Records]:
    """Of the form with that name."""
    return records_for(FORMS[name])


@pytest.mark.parametrize("name", FORMS)
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_a_workbook_to_fill_in_reads_back_as_the_same_records(
    name: str, data: st.DataObject
) -> None:
    form = FORMS[name]
    records = data.draw(records_of(name))
    workbook = render_fillable(form, records, WORKBOOKS[name], title="表")
    assert_same(form, workbook, records)


@pytest.mark.parametrize("name", FORMS)
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_the_filled_workbook_reads_back_as_the_same_records(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    records = data.draw(records_of(name))
    workbook = render_workbook(bind(form, records), WORKBOOKS[name], title="表")
    assert_same(form, workbook, records, form.beside)
