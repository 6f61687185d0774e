"""Results of a round, made directly: what pages compare, without a year of filing before."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from declarations.models import (
    Bureau,
    Declaration,
    DeclarationKind,
    Met,
    Result,
    ResultLine,
    Revision,
    Round,
    User,
)
from tests import factories

HUADU_FORM = (
    Path(__file__).parents[1] / "declarations/forms/huadu-self-evaluation.xlsx"
).read_bytes()


def scored_round(bureau: Bureau) -> Round:
    """A round on a form with a rubric, with one department that has handed nothing in."""
    template = factories.template_for(
        bureau, HUADU_FORM, "huadu-self-evaluation", DeclarationKind.SELF_EVALUATION
    )
    late = factories.DepartmentFactory.create(bureau=bureau, name="没有报送的部门")
    return factories.round_for(template, late)


def result_of(round_: Round, name: str, author: User, **scores: Any) -> Result:
    """A department with this name and its result; decided where `grade` is given."""
    department = factories.DepartmentFactory.create(bureau=round_.bureau, name=name)
    declaration = Declaration.objects.create(round=round_, department=department)
    revision = Revision.objects.create(
        declaration=declaration,
        number=1,
        content={},
        sha256="0" * 64,
        submitted_at=timezone.now(),
        submitted_by=author,
    )
    Declaration.objects.filter(pk=declaration.pk).update(handed_in=revision)
    decided = timezone.now() if scores.get("grade") else None
    return Result.objects.create(revision=revision, points=100, decided_at=decided, **scores)


def item_line(result: Result, key: str, **scores: Any) -> ResultLine:
    """An item of the rubric, worth 4 points unless said otherwise. The result is not decided."""
    known = {"name": key, "points": 4, "level1": "管理效率", "position": result.lines.count()}
    return ResultLine.objects.create(result=result, anchor=f"score/{key}", **(known | scores))


def indicator_line(result: Result, name: str, met: Met, ratio: str | None, **scores: Any) -> None:
    """An indicator worth a point."""
    number = result.lines.count()
    known: dict[str, Any] = {"points": 1, "self_score": 1, "target": "≥10人", "actual": "8人"}
    ResultLine.objects.create(
        result=result,
        anchor=f"indicator/{number}",
        position=number,
        name=name,
        met=met,
        ratio=Decimal(ratio) if ratio else None,
        **(known | scores),
    )
