"""Opening a round: every department gets its declaration, blank and ready to fill in."""

import pytest
from django.core.exceptions import ValidationError

from declarations.models import Declaration, Event, EventKind, Round, State
from tests import factories
from tests.factories import anchors, entries
from tests.small_forms import NESTED


def template_of(department, workbook: bytes | None = None):
    content = workbook or factories.PANYU_FORM.read_bytes()
    return factories.template_for(department.bureau, content)


def test_every_department_gets_a_blank_declaration(department) -> None:
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    round_ = factories.round_for(template_of(department), department, other)
    assert round_.name == "2023年部门整体预算绩效目标申报表"
    assert round_.bureau == department.bureau
    declarations = list(round_.declarations.order_by("pk"))
    assert [d.department for d in declarations] == [department, other]
    assert {d.state for d in declarations} == {State.DRAFT}
    for declaration in declarations:
        assert all(e.is_blank for e in entries(declaration))


def test_a_blank_declaration_has_a_cell_for_every_field(declaration) -> None:
    form = factories.editor_table(declaration).form
    fillable = {tag for tag in form.fields if not tag.startswith("computed.")}
    assert {e.field.tag for e in entries(declaration)} == fillable


def test_lists_nested_in_lists_begin_with_one_row_each(department) -> None:
    declaration = factories.declaration_for(department, NESTED)
    assert len(anchors(declaration, "tasks.name")) == 1
    assert len(anchors(declaration, "tasks.indicators.level3")) == 1


def test_opening_is_an_event(department) -> None:
    round_ = factories.round_for(template_of(department), department)
    event = Event.objects.get(kind=EventKind.ROUND_OPENED)
    assert (event.bureau, event.data) == (
        department.bureau,
        {"round": round_.pk, "name": round_.name},
    )


def test_a_form_is_called_for_once_a_year(department) -> None:
    template = template_of(department)
    factories.round_for(template, department)
    with pytest.raises(ValidationError, match="这个年度已经有使用该表样的批次"):
        factories.round_for(template, department)
    assert Round.objects.count() == 1


def test_a_round_that_ends_before_it_opens_leaves_nothing_behind(department) -> None:
    from datetime import timedelta

    from django.utils import timezone

    past = timezone.now() - timedelta(days=20)
    with pytest.raises(ValidationError, match="截止时间必须晚于开始时间"):
        factories.round_for(template_of(department), department, deadline=past)
    assert not Declaration.objects.exists()
