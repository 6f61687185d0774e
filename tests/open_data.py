"""What is published for tests of open data: a target, corrected since, and a self-evaluation."""

from dataclasses import dataclass

from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.review import pass_on
from declarations.models import Department, Publication, User
from tests import factories, scored
from tests.factories import anchors, type_into
from tests.publishing import REASON, published, publisher_of

NAME = "=康复服务人次"
"""Of an indicator; a spreadsheet takes it for a formula."""


@dataclass(frozen=True)
class Year:
    """first, second: of the target, the second in force; evaluation: of the self-evaluation."""

    first: Publication
    second: Publication
    evaluation: Publication
    publisher: User


def published_year(filer: User, reviewer: User, department: Department) -> Year:
    """Both forms of 2023, with three indicators."""
    publisher = publisher_of(department.bureau)
    target = factories.declaration_for(department)
    row = anchors(target, "indicators.level3")[0].removesuffix("/level3")
    cells = {f"{row}/level3": NAME, f"{row}/target": "≥1.2万人次", "text/overall_goal": "惠残助残"}
    type_into(filer, target, **factories.balanced("100"), **cells)
    first = published(filer, reviewer, publisher, target)
    change = Change("text/overall_goal", "惠残助残，应助尽助", None)
    correct(reviewer, declaration_id=target.pk, changes=[change], reason=REASON, base=1)
    second = published(filer, reviewer, publisher, target)
    evaluation = scored.scored_for(department)
    scored.handed_in(filer, evaluation)
    pass_on(reviewer, declaration_id=evaluation.pk)
    third = published(filer, reviewer, publisher, evaluation)
    first.refresh_from_db()
    return Year(first, second, third, publisher)
