"""A department over the years: targets beside results, and what is told of scores."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from declarations.domain.review import pass_on
from declarations.domain.scoring import set_review_score
from declarations.models import (
    DeclarationKind,
    Department,
    User,
)
from tests import evaluations, factories
from tests.public import (
    page,
)
from tests.publishing import published, publisher_of
from tests.sheets.workbooks import workbook

pytestmark = pytest.mark.django_db


def test_targets_stand_beside_results(
    client: Client, filer: User, reviewer: User, department: Any
) -> None:
    publisher = publisher_of(department.bureau)
    target = evaluations.approved_target(filer, reviewer, department)
    published(filer, reviewer, publisher, target)
    address = reverse("public-department", args=[department.bureau.code, department.code])
    alone = page(client, address)
    assert "（自评尚未公开）" in alone
    assert "120人" in alone
    assert '<th scope="col">完成值</th>' not in alone
    evaluation = evaluations.evaluation_for(department)
    row = evaluations.row_named(evaluation, "救助人数")
    factories.type_into(
        filer, evaluation, **{f"{row}/actual": "130人", "funding.fiscal.executed": "450"}
    )
    published(filer, reviewer, publisher, evaluation)
    both = page(client, address)
    assert "（自评尚未公开）" not in both
    assert "130人" in both
    assert '<span class="met">达到</span>' in both
    assert "50.0%" in both
    assert "<desc" in both
    assert both.count('role="img"') == 2


def printing(*tags: str) -> bytes:
    """A self-evaluation of one scored item, and beneath it what the form prints of the totals."""
    cells = {"A1:B1": "自评表", "A2": "制度健全", "B2": "{{score.rules.self_score}}"}
    for row, tag in enumerate(tags, start=3):
        cells |= {f"A{row}": "合计", f"B{row}": f"{{{{{tag}}}}}"}
    headings = ("编码", "名称", "分值", "方法", "数据")
    item = ("rules", "制度健全", 5, "比率得分", "rate：健全率（%）")
    return workbook(cells, rubric=[headings, item], lines=[1])


@pytest.mark.parametrize(
    ("tags", "said"),
    [((), "自评 4分</div>"), (("total.grade",), "（优）"), (("total.review",), ">4.5分</div>")],
)
def test_of_scores_only_what_the_form_prints_is_told(
    client: Client,
    filer: User,
    reviewer: User,
    department: Department,
    *,
    tags: tuple[str, ...],
    said: str,
) -> None:
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(department.bureau, printing(*tags), "evaluation", kind)
    declaration = factories.round_for(template, department).declarations.get()
    texts = {"score.rules.self_score": "4", "score/rules/input.rate": "80"}
    factories.type_into(filer, declaration, **texts)
    factories.submitted(filer, declaration)
    set_review_score(
        reviewer,
        declaration_id=declaration.pk,
        anchor="score/rules",
        score="4.5",
        reason="制度另有一项未计",
    )
    pass_on(reviewer, declaration_id=declaration.pk)
    published(filer, reviewer, publisher_of(department.bureau), declaration)
    address = reverse("public-department", args=[department.bureau.code, department.code])
    found = page(client, address)
    assert said in found
    if "total.grade" not in tags:
        assert "（良）" not in found
        assert "（优）" not in found
    if "total.review" not in tags:
        assert ">4.5" not in found
