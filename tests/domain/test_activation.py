"""Which version of a form a year uses, and which is out of use."""

from functools import partial

import pytest

from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    TemplateInUseError,
    TemplateRetiredError,
)
from declarations.domain.templates import activate, deactivate, install_template, restore, retire
from declarations.models import (
    Activation,
    Bureau,
    DeclarationKind,
    Event,
    EventKind,
    FormTemplate,
    Round,
    User,
)
from declarations.queries.documents import document_of
from tests import factories
from tests.races import at_once
from tests.small_forms import EVERY_KIND, NESTED

PANYU = factories.PANYU_FORM.read_bytes()


@pytest.fixture
def first(administrator: User) -> FormTemplate:
    return factories.template_for(administrator.bureau, PANYU)


@pytest.fixture
def second(first: FormTemplate) -> FormTemplate:
    return factories.template_for(first.bureau, NESTED)


def chosen(bureau: Bureau) -> dict[int, int]:
    """The version of each year."""
    return dict(Activation.objects.filter(bureau=bureau).values_list("year", "template__version"))


def events(kind: EventKind) -> list[dict[str, object]]:
    return list(Event.objects.filter(kind=kind).order_by("pk").values_list("data", flat=True))


# For a year


def test_a_version_is_chosen_for_a_year(administrator, first) -> None:
    activation = activate(administrator, template_id=first.pk, year=2024)
    assert (activation.template, activation.year, activation.code) == (first, 2024, first.code)
    assert activation.activated_by == administrator
    assert events(EventKind.TEMPLATE_ACTIVATED) == [
        {"template": "panyu-target", "version": 1, "year": 2024, "instead_of": None}
    ]


def test_activating_twice_is_once(administrator, first) -> None:
    before = activate(administrator, template_id=first.pk, year=2024)
    assert activate(administrator, template_id=first.pk, year=2024) == before
    assert len(events(EventKind.TEMPLATE_ACTIVATED)) == 1


def test_another_version_takes_its_place(administrator, first, second) -> None:
    activate(administrator, template_id=first.pk, year=2024)
    activate(administrator, template_id=first.pk, year=2025)
    activate(administrator, template_id=second.pk, year=2024)
    assert chosen(first.bureau) == {2024: 2, 2025: 1}
    assert events(EventKind.TEMPLATE_ACTIVATED)[-1] == {
        "template": "panyu-target",
        "version": 2,
        "year": 2024,
        "instead_of": 1,
    }


def test_forms_of_different_codes_are_active_side_by_side(administrator, first) -> None:
    other = factories.template_for(first.bureau, NESTED, code="other")
    activate(administrator, template_id=first.pk, year=2024)
    activate(administrator, template_id=other.pk, year=2024)
    assert Activation.objects.count() == 2


def test_a_year_whose_round_runs_keeps_its_version(
    administrator, department, first, second
) -> None:
    factories.round_for(first, department, year=2024)
    with pytest.raises(
        TemplateInUseError,
        match="2024年的批次“2024年部门整体预算绩效目标申报表”正在使用第1版，这一年不能改用第2版",
    ):
        activate(administrator, template_id=second.pk, year=2024)
    activate(administrator, template_id=second.pk, year=2025)
    assert chosen(first.bureau) == {2024: 1, 2025: 2}


def test_a_choice_can_be_taken_back(administrator, first) -> None:
    activate(administrator, template_id=first.pk, year=2042)
    for _ in range(2):
        deactivate(administrator, template_id=first.pk, year=2042)
    assert chosen(first.bureau) == {}
    assert events(EventKind.TEMPLATE_DEACTIVATED) == [
        {"template": "panyu-target", "version": 1, "year": 2042}
    ]


def test_taking_back_one_version_leaves_another_ones_year(administrator, first, second) -> None:
    activate(administrator, template_id=second.pk, year=2024)
    deactivate(administrator, template_id=first.pk, year=2024)
    assert chosen(first.bureau) == {2024: 2}


def test_a_choice_that_a_round_rests_on_stays(administrator, department, first) -> None:
    factories.round_for(first, department, year=2024)
    with pytest.raises(TemplateInUseError, match="不能取消启用"):
        deactivate(administrator, template_id=first.pk, year=2024)
    assert chosen(first.bureau) == {2024: 1}


@pytest.mark.parametrize("year", [-1, 24, 1999, 2101, 99_999, 10**400])
@pytest.mark.parametrize("act", [activate, deactivate])
def test_a_year_that_is_none_is_refused(administrator, first, act, year: int) -> None:
    with pytest.raises(RefusedError, match="年度应在 2000 至 2100 之间"):
        act(administrator, template_id=first.pk, year=year)
    assert not Activation.objects.exists()


# Out of use


def test_a_retired_version_is_not_activated_until_it_is_restored(administrator, first) -> None:
    retire(administrator, template_id=first.pk)
    with pytest.raises(TemplateRetiredError, match=r"（第1版）”已停用，请先恢复，或改用其他版本"):
        activate(administrator, template_id=first.pk, year=2024)
    restore(administrator, template_id=first.pk)
    activate(administrator, template_id=first.pk, year=2024)
    assert chosen(first.bureau) == {2024: 1}


def test_no_round_is_opened_with_a_retired_version(administrator, department, first) -> None:
    activate(administrator, template_id=first.pk, year=2024)
    retire(administrator, template_id=first.pk)
    with pytest.raises(TemplateRetiredError):
        factories.round_for(first, department, year=2024)
    assert not Round.objects.exists()


def test_what_runs_goes_on_with_a_retired_version(
    administrator, filer, reviewer, declaration
) -> None:
    retire(administrator, template_id=declaration.round.template_id)
    done = factories.approved(filer, reviewer, declaration)
    assert document_of(done, "html")


def test_retiring_and_restoring_twice_is_once(administrator, first) -> None:
    for act in (retire, retire, restore, restore):
        act(administrator, template_id=first.pk)
    assert FormTemplate.objects.get().retired_at is None
    version = {"template": "panyu-target", "version": 1}
    assert events(EventKind.TEMPLATE_RETIRED) == [version]
    assert events(EventKind.TEMPLATE_RESTORED) == [version]


def test_one_version_is_retired_and_not_the_others(administrator, first, second) -> None:
    retire(administrator, template_id=first.pk)
    second.refresh_from_db()
    assert second.retired_at is None


# Who


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
@pytest.mark.parametrize(
    "act",
    [partial(activate, year=2024), partial(deactivate, year=2024), retire, restore],
    ids=["activate", "deactivate", "retire", "restore"],
)
def test_only_the_bureaus_administrator(request, first, who: str, act) -> None:
    with pytest.raises(NotPermittedError, match="只有本财政局的管理员"):
        act(request.getfixturevalue(who), template_id=first.pk)
    assert not Event.objects.exists()


def test_another_bureaus_administrator_may_not(administrator) -> None:
    elsewhere = factories.template_for(factories.BureauFactory.create(), PANYU)
    with pytest.raises(NotPermittedError):
        activate(administrator, template_id=elsewhere.pk, year=2024)


# Under a declaration


def test_a_new_version_leaves_what_is_being_filled_in_as_it_was(
    administrator, filer, declaration
) -> None:
    factories.type_into(filer, declaration, **{"text/overall_goal": "原来的目标"})
    before = document_of(factories.reread(declaration), "html")
    new = install_template(
        administrator,
        bureau=administrator.bureau,
        code=declaration.round.template.code,
        kind=DeclarationKind.TARGET,
        workbook=EVERY_KIND,
    )
    activate(administrator, template_id=new.pk, year=declaration.round.year + 1)
    after = factories.reread(declaration)
    assert after.round.template.version == 1
    assert document_of(after, "html") == before
    factories.fill_in(filer, after)


# At once


@pytest.mark.django_db(transaction=True)
def test_two_versions_activated_at_once_leave_one(administrator, first, second) -> None:
    results = at_once(
        partial(activate, administrator, template_id=first.pk, year=2024),
        partial(activate, administrator, template_id=second.pk, year=2024),
    )
    assert [type(r) for r in results] == [Activation, Activation]
    last = events(EventKind.TEMPLATE_ACTIVATED)[-1]
    assert chosen(first.bureau) == {2024: last["version"]}
    assert last["instead_of"] == 3 - last["version"]


@pytest.mark.django_db(transaction=True)
def test_a_round_and_another_version_at_once_agree(
    administrator, department, first, second
) -> None:
    activate(administrator, template_id=first.pk, year=2024)
    at_once(
        partial(factories.round_for, first, department, year=2024),
        partial(activate, administrator, template_id=second.pk, year=2024),
    )
    used = list(Round.objects.values_list("template__version", flat=True))
    assert used in ([], [chosen(first.bureau)[2024]])


@pytest.mark.django_db(transaction=True)
def test_a_round_and_a_retirement_at_once_have_an_order(administrator, department, first) -> None:
    opened, _ = at_once(
        partial(factories.round_for, first, department, year=2024),
        partial(retire, administrator, template_id=first.pk),
    )
    kinds = list(
        Event.objects.filter(kind__in=[EventKind.ROUND_OPENED, EventKind.TEMPLATE_RETIRED])
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    if isinstance(opened, Round):
        assert kinds == [EventKind.ROUND_OPENED, EventKind.TEMPLATE_RETIRED]
    else:
        assert isinstance(opened, TemplateRetiredError)
        assert kinds == [EventKind.TEMPLATE_RETIRED]
