"""A department's scored self-evaluation, for tests of it."""

from typing import Any

from declarations.domain.rows import add_row
from declarations.models import Declaration, DeclarationKind, Department, User
from tests import factories
from tests.factories import anchors, type_into
from tests.small_forms import SCORED

FIGURES = {
    "funding.all.budget": "1000",
    "funding.all.executed": "950",
    "score/rules/input.s1": "符合",
    "score/rules/input.s2": "部分符合",
    "score/bonus/input.added": "1",
    "score/bonus/input.taken": "0",
}
"""By the rules: 10 of 20 points, 6 to 10 of 10, and a bonus of 2.5."""
NAMES = ("培训残疾人数量", "帮扶困难家庭数量", "开展康复服务数量")
CLAIMED = {
    "score.execution.self_score": "19",
    "score.rules.self_score": "8",
    "score.bonus.self_score": "2.5",
}


def scored_for(department: Department, **fields: Any) -> Declaration:
    """A blank one."""
    template = factories.template_for(
        department.bureau, SCORED, "self-evaluation", DeclarationKind.SELF_EVALUATION
    )
    return factories.round_for(template, department, **fields).declarations.get()


def add_indicators(filer: User, declaration: Declaration, *rows: tuple[str, str, str, str]) -> None:
    """Rows of target, actual value, points and self score, with a reason."""
    for number, texts in enumerate(rows):
        there = anchors(declaration, "indicators.target")
        if len(there) <= number:
            add_row(filer, declaration_id=declaration.pk, list_anchor="indicators")
        row = anchors(declaration, "indicators.target")[number].rpartition("/")[0]
        columns = ("target", "actual", "weight", "self_score")
        cells = {f"{row}/{c}": t for c, t in zip(columns, texts, strict=True)}
        named = {f"{row}/level3": NAMES[number], f"{row}/reason": "因项目延期，下年加快实施"}
        type_into(filer, declaration, **cells, **named)


def filled_in(filer: User, declaration: Declaration) -> None:
    """19 + 8 + 2.5 and, of the indicators, 40 + 25 claimed; 10 + 8 + 2.5 and 40 + 15 by rule."""
    add_indicators(
        filer, declaration, ("≥100人", "120人", "40", "40"), ("≥100人", "50人", "30", "25")
    )
    type_into(filer, declaration, **FIGURES, **CLAIMED)


def handed_in(filer: User, declaration: Declaration) -> Declaration:
    """The same, with its hints explained, and submitted."""
    filled_in(filer, declaration)
    return factories.submitted(filer, declaration)
