"""Declarations to be published, and the pages of publishers, in tests."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.review import pass_on
from declarations.domain.starting import start_declarations
from declarations.domain.submission import submit
from declarations.models import Declaration, User
from declarations.queries.forms import form_for
from declarations.queries.publishing import prepared
from tests import factories
from tests.sheets.workbooks import workbook

FORM = workbook(
    {
        "A1": "支出目标表",
        "A2": "填报人",
        "B2": "{{text.filer}}",
        "A3": "联系电话",
        "B3": "{{text.phone}}",
        "A4": "总体目标",
        "B4": "{{text.overall_goal}}",
    }
)
FILLED = {"text.filer": "张小明", "text.phone": "020-81234567", "text.overall_goal": "做好服务"}
CONFIRMED = {"confidentiality": "on", "personal_data": "on", "completeness": "on"}
WHY = "不应公开的内容被公开了"


def in_force(filer: User, reviewer: User, declaration: Declaration, **texts: str) -> Declaration:
    factories.type_into(filer, declaration, **FILLED | texts)
    factories.explain_hints(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    pass_on(reviewer, declaration_id=declaration.pk)
    return factories.reread(declaration)


def another(filer_like: User, reviewer: User, like: Declaration, **texts: str) -> Declaration:
    """In force, of another department in the same round."""
    department = factories.DepartmentFactory.create(bureau=filer_like.bureau)
    filer = factories.filer_of(department)
    start_declarations(form_for(like.round), like.round, [department])
    declaration = Declaration.objects.get(department=department)
    return in_force(filer, reviewer, declaration, **texts)


def adjusted(filer: User, reviewer: User, declaration: Declaration, **texts: str) -> Declaration:
    begin_adjustment(filer, declaration_id=declaration.pk, reason="年中追加了预算")
    return in_force(filer, reviewer, declaration, **texts)


def days_ago(declaration: Declaration, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    Declaration.objects.filter(pk=declaration.pk).update(approved_at=then)


def listing(client: Any, **query: Any) -> Any:
    answer = client.get(reverse("publishing"), query)
    assert answer.status_code == 200
    return answer


def listed(answer: Any) -> list[int]:
    return [view.row.declaration.pk for view in answer.context["rows"]]


def page(client: Any, declaration: Declaration) -> Any:
    answer = client.get(reverse("publishing-check", args=[declaration.pk]))
    assert answer.status_code == 200
    return answer


def act(client: Any, declaration: Declaration, name: str, **fields: str) -> Any:
    address = reverse("publishing-check", args=[declaration.pk])
    return client.post(address, {"act": name, **fields})


def looked_at(declaration: Declaration) -> str:
    return prepared(factories.reread(declaration)).sha256


def check_by_page(client: Any, declaration: Declaration, note: str = "已核对") -> Any:
    seen = page(client, declaration).context["forms"].check["looked_at"].value()
    return act(client, declaration, "check", looked_at=seen, note=note, **CONFIRMED)
