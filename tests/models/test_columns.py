"""Every column a tag may name exists on its model, with a type that holds what the tag holds."""

import pytest
from django.db import models

from declarations.models import FundingLine, Indicator, Passage, ScoreItem, Task
from declarations.sheets import catalogue
from declarations.sheets.kinds import Kind

COLUMNS = [
    (model, column, kind)
    for model, columns in (
        (FundingLine, catalogue.FUNDING_COLUMNS),
        (Task, catalogue.TASK_COLUMNS),
        (Indicator, catalogue.INDICATOR_COLUMNS),
        (Passage, {"text": Kind.TEXT}),
        (ScoreItem, catalogue.SCORE_COLUMNS),
    )
    for column, kind in columns.items()
]


@pytest.mark.parametrize(("model", "column", "kind"), COLUMNS)
def test_a_column_has_a_fitting_type(model: type[models.Model], column: str, kind: Kind) -> None:
    field = model._meta.get_field(column)
    match kind:
        case Kind.MONEY:
            assert isinstance(field, models.DecimalField)
            assert (field.max_digits, field.decimal_places) == (18, 2)
            assert field.null
        case Kind.NUMBER:
            assert isinstance(field, models.DecimalField)
            assert field.decimal_places >= 4
            assert field.null
        case Kind.LINE | Kind.TEXT:
            assert isinstance(field, models.TextField)
            assert not field.null
            assert field.default == ""
        case _:
            pytest.fail(f"{kind} is not stored in a column of its own")


@pytest.mark.parametrize("model", [Task, Indicator])
def test_rows_of_lists_have_room_for_a_districts_own_columns(model: type[models.Model]) -> None:
    assert isinstance(model._meta.get_field("extra"), models.JSONField)


@pytest.mark.parametrize("model", [FundingLine, Task, Indicator, Passage, ScoreItem])
def test_no_column_of_values_is_unknown_to_the_catalogue(model: type[models.Model]) -> None:
    known = {column for owner, column, _ in COLUMNS if owner is model}
    place = {"id", "declaration", "key", "task", "block", "position"}
    structure = place | {"approved_from", "carried", *catalogue.JSON_COLUMNS.values()}
    assert {f.name for f in model._meta.concrete_fields} - structure == known


def test_every_list_of_tasks_fits_the_column_that_names_it() -> None:
    longest = Task._meta.get_field("block").max_length
    assert longest is not None
    assert max(map(len, catalogue.TASK_LISTS)) <= longest
