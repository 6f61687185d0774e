"""rounds/<pk>/assignment/: who reviews what, looked at before it is made."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.review import claim
from declarations.models import Assignment, DepartmentGroup, User
from tests import factories
from tests.reviewing import FIRST, HEAD, LAST, many, reviewer_of, stage_of


@pytest.fixture
def second(department: Any) -> User:
    return reviewer_of(department, "审核人乙")


def address(declaration: Any) -> str:
    return reverse("assignment", args=[declaration.round_id])


def fields(declaration: Any, *reviewers: User, **more: Any) -> dict[str, Any]:
    return {
        "stage": stage_of(declaration, FIRST.name).pk,
        "whose": "all",
        "reviewers": [r.pk for r in reviewers],
        **more,
    }


def test_it_is_looked_at_before_it_is_made(
    as_user, administrator, reviewer, second, department
) -> None:
    found = many(department, 3, FIRST, LAST)
    client = as_user(administrator)
    assert client.get(address(found[0])).status_code == 200
    asked = fields(found[0], reviewer, second)
    plan = client.post(address(found[0]), asked).context["plan"]
    assert sorted(len(share.new) for share in plan.shares) == [1, 2]
    assert not Assignment.objects.exists()
    answer = client.post(address(found[0]), asked | {"digest": plan.digest})
    assert answer.status_code == 302
    assert Assignment.objects.count() == 3


def test_the_preview_sends_what_was_asked(as_user, administrator, reviewer, department) -> None:
    found = many(department, 2, FIRST)
    chosen = fields(found[0], reviewer, whose="chosen", declarations=[found[1].pk])
    text = as_user(administrator).post(address(found[0]), chosen).content.decode()
    for name, value in (
        ("whose", "chosen"),
        ("declarations", found[1].pk),
        ("reviewers", reviewer.pk),
    ):
        assert f'<input type="hidden" name="{name}" value="{value}"' in text


def test_a_group_or_chosen_ones(as_user, administrator, reviewer, department) -> None:
    found = many(department, 3, FIRST)
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="残联系统")
    found[0].department.group = group
    found[0].department.save()
    client = as_user(administrator)
    for more, expected in (
        ({"whose": "group", "group": group.pk}, [found[0]]),
        ({"whose": "chosen", "declarations": [found[2].pk]}, [found[2]]),
    ):
        plan = client.post(address(found[0]), fields(found[0], reviewer, **more)).context["plan"]
        assert plan.shares[0].new == expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"whose": "group"}, "请选择分组"),
        ({"whose": "chosen"}, "请选择部门"),
        ({"reviewers": []}, "请选择审核人"),
    ],
    ids=repr,
)
def test_what_is_missing_is_said(
    as_user, administrator, reviewer, department, more: dict[str, Any], message: str
) -> None:
    (declaration,) = many(department, 1, FIRST)
    answer = as_user(administrator).post(address(declaration), fields(declaration, reviewer) | more)
    assert message in answer.content.decode()
    assert "plan" not in answer.context


def test_a_plan_that_is_another_now_is_shown_again(
    as_user, administrator, reviewer, second, department
) -> None:
    found = many(department, 2, FIRST)
    client = as_user(administrator)
    asked = fields(found[0], reviewer, second)
    digest = client.post(address(found[0]), asked).context["plan"].digest
    claim(second, declaration_id=found[0].pk)
    answer = client.post(address(found[0]), asked | {"digest": digest})
    assert "请按现在的结果重新核对" in answer.content.decode()
    assert answer.context["plan"].begun == 1
    assert not Assignment.objects.exists()


def test_a_round_of_the_head_alone_needs_none(as_user, administrator, department) -> None:
    (declaration,) = many(department, 1, HEAD)
    text = as_user(administrator).get(address(declaration)).content.decode()
    assert "不需要分派" in text


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_it_is_404_for_everybody_else(as_user, request, department, who: str) -> None:
    (declaration,) = many(department, 1, FIRST)
    client = as_user(request.getfixturevalue(who))
    assert client.get(address(declaration)).status_code == 404
    assert client.post(address(declaration)).status_code == 404


def test_another_bureaus_round_is_404(as_user, administrator) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    assert as_user(administrator).get(address(other)).status_code == 404
