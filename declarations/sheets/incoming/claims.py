"""Self scores of an upload that are more than there are points: read, and said by cell."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.incoming.building import Built
from declarations.sheets.incoming.grid import Grid
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Value, anchor_of_path
from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.values import Values
from scoring.rubric import RubricItem
from scoring.wording import points as in_points

_Claim = tuple[str, str, Value, Decimal, Decimal]
"""A field's tag, an anchor, the score, and the least and most that it may be."""


def check_claims(form: Form, grid: Grid, built: Built) -> Iterator[CellProblem]:
    """Each with the range in which it should be; it may be imported, and not submitted."""
    for item in form.rubric.items:
        for tag, anchor, score, least, most in _claims(form, built, item):
            if isinstance(score, Decimal) and not least <= score <= most:
                yield CellProblem(
                    grid.name,
                    built.places.get(anchor, ""),
                    f"{form.fields[tag].label}：{in_points(score)}，应在{in_points(least)}至"
                    f"{in_points(most)}之间；可以导入，提交前须改正",
                )


def _claims(form: Form, built: Built, item: RubricItem) -> Iterator[_Claim]:
    if not item.is_list:
        tag = f"{SCORES}.{item.key}.{SELF_SCORE}"
        yield tag, anchor_of_path(tag), built.records.cell(tag), item.least, item.points
        return
    for rows in Values(form, built.records).chains(item.list_path):
        values, weight = rows[-1].values, rows[-1].values.get("weight")
        if isinstance(weight, Decimal):
            anchor = rows[-1].anchor(SELF_SCORE)
            yield f"{item.key}.{SELF_SCORE}", anchor, values.get(SELF_SCORE), Decimal(0), weight
