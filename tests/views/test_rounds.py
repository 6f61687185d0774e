"""rounds/…: an administrator's rounds."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.domain.templates import activate, retire
from declarations.models import Activation, Declaration, Department, FormTemplate, Round, User
from tests import factories
from tests.sheets.workbooks import workbook

FORMAT = "%Y-%m-%dT%H:%M"
NOW = timezone.localtime()


@pytest.fixture
def bureau_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


@pytest.fixture
def template(administrator: User) -> FormTemplate:
    return factories.template_for(administrator.bureau, factories.PANYU_FORM.read_bytes())


@pytest.fixture
def activation(administrator: User, template: FormTemplate) -> Activation:
    return activate(administrator, template_id=template.pk, year=2024)


@pytest.fixture
def second_department(department: Department) -> Department:
    return factories.DepartmentFactory.create(bureau=department.bureau)


def filled_in(activation: Activation, /, *departments: Department, **fields: Any) -> dict[str, Any]:
    return {
        "activation": activation.pk,
        "name": "",
        "opens_at": NOW.strftime(FORMAT),
        "deadline": (NOW + timedelta(days=30)).strftime(FORMAT),
        "correction_deadline": (NOW + timedelta(days=45)).strftime(FORMAT),
        "departments": [d.pk for d in departments],
        **fields,
    }


def post(client: Any, fields: dict[str, Any]) -> Any:
    return client.post(reverse("round-open"), fields)


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return answer.context["form"].errors


def page(client: Any, name: str, query: str = "") -> str:
    answer = client.get(reverse(name) + query)
    assert answer.status_code == 200
    return answer.content.decode()


# Opening


def test_opening_a_round(
    bureau_client, administrator, department, second_department, activation
) -> None:
    answer = post(bureau_client, filled_in(activation, department, second_department))
    assert answer["Location"] == reverse("rounds")
    round_ = Round.objects.get()
    assert (round_.template, round_.year) == (activation.template, 2024)
    assert round_.name == "2024年部门整体预算绩效目标申报表"
    assert round_.opens_at == datetime.strptime(NOW.strftime(FORMAT), FORMAT).astimezone()
    assert {d.department for d in round_.declarations.all()} == {department, second_department}
    text = page(bureau_client, "rounds")
    assert "已开启“2024年部门整体预算绩效目标申报表”，2 个部门可以填报。" in text


def test_only_the_chosen_departments_file(
    bureau_client, department, second_department, activation
) -> None:
    post(bureau_client, filled_in(activation, second_department, name="补报"))
    assert Declaration.objects.get().department == second_department
    assert Round.objects.get().name == "补报"


def test_opening_twice_is_once(bureau_client, department, activation) -> None:
    fields = filled_in(activation, department)
    post(bureau_client, fields)
    found = errors(post(bureau_client, fields))
    assert found == {"__all__": ["这个年度已经有使用该表样的批次"]}
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "beside", "said"),
    [
        ({"departments": []}, "departments", "请至少选择一个部门"),
        ({"deadline": ""}, "deadline", "请填写日期和时间"),
        ({"opens_at": "明天"}, "opens_at", "日期和时间无法识别"),
        ({"deadline": "2020-01-01T18:00"}, "deadline", "截止时间已经过了"),
        ({"opens_at": "2098-01-01T18:00"}, "deadline", "截止时间必须晚于开始时间"),
        (
            {"correction_deadline": "2020-01-01T18:00"},
            "correction_deadline",
            "补正截止时间不能早于填报截止时间",
        ),
        ({"activation": "999999"}, "activation", "这个表样已不能用来开启批次，请重新选择"),
        ({"activation": "x"}, "activation", "这个表样已不能用来开启批次，请重新选择"),
        ({"name": "长" * 101}, "name", "100"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    bureau_client, department, activation, fields: dict[str, Any], beside: str, said: str
) -> None:
    answer = post(bureau_client, filled_in(activation, department, **fields))
    found = errors(answer)
    assert list(found) == [beside]
    assert said in found[beside][0]
    assert f'id="error_1_id_{beside}"' in answer.content.decode()
    assert not Round.objects.exists()


def test_a_version_retired_meanwhile_is_refused(
    bureau_client, administrator, department, activation
) -> None:
    retire(administrator, template_id=activation.template_id)
    assert list(errors(post(bureau_client, filled_in(activation, department)))) == ["activation"]


def test_another_bureaus_departments_and_forms_are_none(
    bureau_client, department, activation
) -> None:
    foreign = factories.DepartmentFactory.create()
    assert list(errors(post(bureau_client, filled_in(activation, foreign)))) == ["departments"]
    theirs = activate(
        None,
        template_id=factories.template_for(foreign.bureau, workbook({"A1": "{{text.a}}"})).pk,
        year=2024,
    )
    assert list(errors(post(bureau_client, filled_in(theirs, department)))) == ["activation"]


def test_all_departments_are_chosen_to_begin_with(
    bureau_client, department, second_department, activation
) -> None:
    text = page(bureau_client, "round-open")
    assert text.count('type="checkbox"') == text.count("checked") == 2
    assert "datetime-local" in text


def test_the_form_that_one_came_from_is_preselected(
    bureau_client, administrator, template, activation
) -> None:
    later = activate(administrator, template_id=template.pk, year=2025)
    text = page(bureau_client, "round-open", f"?activation={activation.pk}")
    assert f'<option value="{activation.pk}" selected' in text
    assert f'<option value="{later.pk}"' in text
    page(bureau_client, "round-open", "?activation=²")


def test_without_anything_to_open_it_is_said(bureau_client, department, activation) -> None:
    post(bureau_client, filled_in(activation, department))
    assert "没有可以开启的表样" in page(bureau_client, "round-open")


# The list, and where one is led


def test_the_list_counts_by_state(
    bureau_client, filer, department, second_department, template
) -> None:
    round_ = factories.round_for(template, department, second_department)
    factories.submitted(filer, round_.declarations.get(department=department))
    text = page(bureau_client, "rounds")
    assert "2 个部门" in text
    assert "部门填报中 1" in text
    assert "待审核 1" in text
    assert "已通过" not in text


def test_the_list_is_the_bureaus_own(bureau_client) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    text = page(bureau_client, "rounds")
    assert other.round.name not in text
    assert "还没有开启过批次" in text


def test_an_administrator_is_led_from_forms_to_rounds(
    bureau_client, administrator, department, template
) -> None:
    retire(administrator, template_id=template.pk)
    assert "还没有表样" in page(bureau_client, "home")
    FormTemplate.objects.update(retired_at=None)
    assert "还没有表样" not in page(bureau_client, "home")
    activation = activate(administrator, template_id=template.pk, year=2024)
    address = f"{reverse('round-open')}?activation={activation.pk}"
    for name in ("home", "rounds"):
        assert address in page(bureau_client, name)
    post(bureau_client, filled_in(activation, department))
    assert address not in page(bureau_client, "home")


def test_a_reviewer_is_not_asked_to_set_up(as_user, reviewer) -> None:
    assert "还没有表样" not in page(as_user(reviewer), "home")
