"""Sample records fill every field of a form with what it takes."""

from decimal import Decimal
from pathlib import Path

import pytest

from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Access
from tests.sheets.workbooks import form
from tests.small_forms import EVERY_KIND, NESTED

SHIPPED = sorted((Path(__file__).parents[2] / "declarations" / "forms").glob("*.xlsx"))
FORMS = {p.stem: parse_form(p.read_bytes()) for p in SHIPPED} | {
    "nested": parse_form(NESTED),
    "every-kind": parse_form(EVERY_KIND),
}


@pytest.mark.parametrize("form_", FORMS.values(), ids=FORMS.keys())
def test_every_cell_is_filled_with_what_its_field_takes(form_: Form) -> None:
    entries = list(bind(form_, sample_records(form_), editing=True).entries())
    assert {e.field.tag for e in entries} == set(form_.fields)
    for entry in entries:
        assert not entry.is_blank, entry.anchor
        if entry.access is Access.FILLABLE:
            read = entry.field.read(entry.field.edit_text(entry.value))
            stored = Decimal(entry.value) if entry.field.numeric else entry.value
            assert read == stored
            assert entry.text == entry.field.edit_text(entry.value), "shown whole"


@pytest.mark.parametrize("form_", FORMS.values(), ids=FORMS.keys())
def test_the_same_form_has_the_same_samples(form_: Form) -> None:
    assert sample_records(form_) == sample_records(form_)
    assert Records.from_json(sample_records(form_).to_json()) == sample_records(form_)


@pytest.mark.parametrize("form_", FORMS.values(), ids=FORMS.keys())
def test_amounts_differ_and_texts_say_that_they_are_samples(form_: Form) -> None:
    entries = [
        e
        for e in bind(form_, sample_records(form_), editing=True).entries()
        if e.access is Access.FILLABLE
    ]
    amounts = [e.value for e in entries if e.field.kind is Kind.MONEY]
    assert len(set(amounts)) == len(amounts)
    texts = [e.text for e in entries if e.field.kind in (Kind.LINE, Kind.TEXT)]
    assert all(t.startswith("示例") for t in texts)


def test_every_list_has_rows_and_every_row_its_own() -> None:
    records = sample_records(FORMS["nested"])
    assert [len(t.lists["indicators"]) for t in records.lists["tasks"]] == [3, 2]
    assert len(sample_records(FORMS["panyu-target"]).lists["indicators"]) == 3


def test_a_short_text_is_no_longer_than_its_field_takes() -> None:
    short = form(
        {"A1": "很长很长的名称", "A2": "{{tasks.name}}"},
        fields=[["标签", "字数"], ["tasks.name", 4]],
    )
    names = [i.values["name"] for i in sample_records(short).lists["tasks"]]
    assert names == ["示例很1", "示例很2", "示例很3"]
