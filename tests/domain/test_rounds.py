"""Opening a round: every department gets its declaration, blank and ready to fill in."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from declarations.domain.errors import NotPermittedError, TemplateInUseError
from declarations.domain.rounds import open_round
from declarations.domain.templates import activate
from declarations.models import Activation, Declaration, Event, EventKind, Round, State
from tests import factories
from tests.factories import anchors, entries
from tests.small_forms import NESTED

DAY = timedelta(days=1)


def template_of(department, workbook: bytes | None = None):
    content = workbook or factories.PANYU_FORM.read_bytes()
    return factories.template_for(department.bureau, content)


def test_every_department_gets_a_blank_declaration(department) -> None:
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    round_ = factories.round_for(template_of(department), department, other)
    assert round_.name == "2023年部门整体预算绩效目标申报表"
    assert round_.bureau == department.bureau
    declarations = list(round_.declarations.all())
    assert {d.department for d in declarations} == {department, other}
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
    past = timezone.now() - 20 * DAY
    with pytest.raises(ValidationError, match="截止时间必须晚于开始时间"):
        factories.round_for(template_of(department), department, deadline=past)
    assert not Declaration.objects.exists()


# With which version, and by whom


def test_opening_activates_the_version_where_the_year_has_none(administrator, department) -> None:
    template = template_of(department)
    open_as(administrator, template, department)
    activation = Activation.objects.get()
    assert (activation.template, activation.year) == (template, 2023)
    assert activation.activated_by == administrator
    assert Event.objects.filter(kind=EventKind.TEMPLATE_ACTIVATED).count() == 1


def test_opening_with_the_years_version_activates_nothing_anew(administrator, department) -> None:
    template = template_of(department)
    activate(administrator, template_id=template.pk, year=2023)
    open_as(administrator, template, department)
    assert Event.objects.filter(kind=EventKind.TEMPLATE_ACTIVATED).count() == 1


def test_a_version_that_is_not_the_years_is_refused(administrator, department) -> None:
    first, second = template_of(department), template_of(department, NESTED)
    activate(administrator, template_id=first.pk, year=2023)
    with pytest.raises(
        TemplateInUseError, match="2023年启用的是第1版，不能用第2版开启批次；要用这一版，请先"
    ):
        open_as(administrator, second, department)
    assert not Round.objects.exists()


def test_what_fails_activates_nothing(administrator, department) -> None:
    now = timezone.now()
    with pytest.raises(ValidationError):
        open_as(administrator, template_of(department), department, deadline=now - 30 * DAY)
    assert not Activation.objects.exists()


def test_a_round_may_have_a_name_of_its_own(administrator, department) -> None:
    round_ = open_as(administrator, template_of(department), department, name="2023年第一批")
    assert str(round_) == "2023年第一批"


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_only_the_bureaus_administrator_opens(request, department, who: str) -> None:
    with pytest.raises(NotPermittedError, match="只有本财政局的管理员可以开启批次"):
        open_as(request.getfixturevalue(who), template_of(department), department)
    assert not Round.objects.exists()


def open_as(actor, template, department, **fields):
    now = timezone.now()
    dates = {
        "opens_at": now,
        "deadline": now + 10 * DAY,
        "correction_deadline": now + 20 * DAY,
    }
    return open_round(
        actor, template=template, year=2023, departments=[department], **(dates | fields)
    )
