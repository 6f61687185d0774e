"""What an evaluation's page says of the target, and the page that brings it up to date."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from declarations.models import Declaration
from tests import evaluations, factories
from tests.evaluations import approved_target, evaluation_for, row_named
from tests.factories import value_of

REASON = "上级下达的任务有变化"


@pytest.fixture
def target(filer, reviewer, department) -> Declaration:
    """One task and two indicators on a flat form, approved."""
    return approved_target(filer, reviewer, department)


@pytest.fixture
def evaluation(department, target) -> Declaration:
    """Started from it."""
    return evaluation_for(department)


@pytest.fixture
def adjusted(filer, reviewer, target) -> Declaration:
    """The target, with 130人 in place of 120人."""
    return evaluations.adjusted(filer, reviewer, target, reason=REASON)


def text_of_page(answer: Any) -> str:
    """What one reads on a page, without blanks."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode())).split())


def page_of(client: Any, declaration: Declaration, name: str = "declaration") -> str:
    answer = client.get(reverse(name, args=[declaration.pk]))
    assert answer.status_code == 200
    return text_of_page(answer)


def as_cells(page: str, badge: str) -> list[str]:
    """The ids of the cells with a badge."""
    parts = page.split('id="cell-')
    return [
        "cell-" + part.partition('"')[0] for part in parts if badge in part.partition("</td>")[0]
    ]


def test_the_department_is_told_where_its_rows_come_from(
    as_user, filer, target, evaluation
) -> None:
    page = page_of(as_user(filer), evaluation)
    assert "来自已批准的绩效目标（绩效目标表，第1版），不能修改" in page
    assert "年内调整" not in page
    assert "改按现行目标" not in page


def test_a_department_without_a_target_is_told_that_it_fills_in_itself(
    as_user, filer, department
) -> None:
    page = page_of(as_user(filer), evaluation_for(department))
    assert (
        "系统中没有本部门2023年已批准的绩效目标，任务、指标和指标值由部门填写，也可以导入Excel。"
        in page
    )


def test_what_is_no_evaluation_says_nothing_of_targets(as_user, filer, declaration) -> None:
    assert "已批准的绩效目标" not in page_of(as_user(filer), declaration)


def test_a_target_approved_later_is_offered(as_user, filer, reviewer, department) -> None:
    evaluation = evaluation_for(department)
    approved_target(filer, reviewer, department)
    page = page_of(as_user(filer), evaluation)
    assert "本部门2023年的绩效目标已批准（绩效目标表，第1版），这份自评还没有按它填列" in page
    assert "改按现行目标" in page


def test_the_page_shows_what_would_change_and_the_button_does_it(
    as_user, filer, evaluation, adjusted
) -> None:
    client = as_user(filer)
    page = page_of(client, evaluation)
    assert "绩效目标又有变动：现行的是第2版，这份自评仍按第1版填列" in page
    address = reverse("target-update", args=[evaluation.pk])
    answer = client.get(address)
    shown = text_of_page(answer)
    assert "改按现行目标后，将修改1格。" in shown
    assert "120人130人" in shown
    posted = client.post(address, {"base": answer.context["found"].base}, follow=True)
    assert "已改按现行目标：修改1格。" in text_of_page(posted)
    assert value_of(evaluation, f"{row_named(evaluation, '救助人数')}/target") == "130人"
    again = client.post(address, {"base": answer.context["found"].base}, follow=True)
    assert "这份自评已经按现行目标填列。" in text_of_page(again)
    assert client.get(address).status_code == 302


def test_what_is_another_since_is_refused_and_said(as_user, filer, evaluation, adjusted) -> None:
    address = reverse("target-update", args=[evaluation.pk])
    answer = as_user(filer).post(address, {"base": "older"}, follow=True)
    assert "自评或目标在您核对后又有变化，请重新核对" in text_of_page(answer)
    assert value_of(evaluation, f"{row_named(evaluation, '救助人数')}/target") == "120人"


@pytest.mark.parametrize("who", ["filer", "reviewer"])
def test_what_was_adjusted_in_the_year_is_shown_with_its_reason(
    as_user, request, filer, department, adjusted, *, who: str
) -> None:
    evaluation = factories.submitted(filer, evaluation_for(department))
    answer = as_user(request.getfixturevalue(who)).get(reverse("declaration", args=[evaluation.pk]))
    page = text_of_page(answer)
    assert "绩效目标批准后变动过1次" in page
    assert f"理由：{REASON}" in page
    assert "删除：120新增：130人" in page
    marked = as_cells(answer.content.decode(), '<span class="badge">年内调整</span>')
    assert marked == [f"cell-{row_named(evaluation, '救助人数')}-level3".replace("/", "-")]


def test_in_the_editor_rows_are_marked_too(as_user, filer, department, adjusted) -> None:
    evaluation = evaluation_for(department)
    for name in ("declaration", "table"):
        shown = as_user(filer).get(reverse(name, args=[evaluation.pk])).content.decode()
        assert shown.count('<span class="badge">年内调整</span>') == 1
        assert "（来自已批准的绩效目标，不能修改）" in shown


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_brings_it_up_to_date(
    as_user, request, evaluation, adjusted, *, who: str
) -> None:
    client = as_user(request.getfixturevalue(who))
    address = reverse("target-update", args=[evaluation.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"base": ""}).status_code == 404


def test_without_a_target_there_is_no_such_page(as_user, filer, declaration) -> None:
    address = reverse("target-update", args=[declaration.pk])
    assert as_user(filer).get(address).status_code == 404
