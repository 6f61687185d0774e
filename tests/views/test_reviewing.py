"""POST decision/ of a declaration: the reviewer's acts."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.review import pass_on
from declarations.models import Comment, Declaration, Role, State, User
from tests import factories
from tests.factories import reread


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, name="审核人乙", role=Role.REVIEWER
    )


def send(client: Any, name: str, declaration: Declaration, **fields: str) -> Any:
    return client.post(reverse(name, args=[declaration.pk]), fields)


def messages(answer: Any) -> list[str]:
    return [str(m) for m in answer.wsgi_request._messages]


NOT_REVIEWERS = ["filer", "colleague", "administrator", "stranger", "outsider"]


# The decision


def test_a_reviewer_returns_with_an_opinion(as_user, reviewer, submitted) -> None:
    answer = send(
        as_user(reviewer), "decision", submitted, decision="return", opinion="请补充依据。"
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert messages(answer) == ["已退回，部门会看到您的全部批注。"]
    assert reread(submitted).state == State.RETURNED
    assert Comment.objects.get().text == "请补充依据。"


def test_a_reviewer_approves(as_user, reviewer, submitted) -> None:
    answer = send(as_user(reviewer), "decision", submitted, decision="approve")
    assert messages(answer) == ["已审核通过。"]
    assert reread(submitted).state == State.APPROVED


def test_a_return_without_a_reason_is_refused(as_user, reviewer, submitted) -> None:
    answer = send(as_user(reviewer), "decision", submitted, decision="return", opinion=" ")
    assert answer["Location"] == reverse("declaration", args=[submitted.pk])
    assert messages(answer) == ["退回前请写明原因：填写退回意见，或在单元格上批注"]
    assert reread(submitted).state == State.SUBMITTED


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"decision": ""},
        {"decision": "destroy"},
        {"decision": "return", "opinion": "字" * 2_001},
    ],
    ids=lambda fields: repr(fields)[:40],
)
def test_a_decision_that_is_none_changes_nothing(
    as_user, reviewer, submitted, fields: dict[str, str]
) -> None:
    answer = send(as_user(reviewer), "decision", submitted, **fields)
    assert answer.status_code == 302
    assert len(messages(answer)) == 1
    assert reread(submitted).state == State.SUBMITTED


def test_the_second_reviewer_is_told_who_decided(
    as_user, reviewer, second_reviewer, submitted
) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    answer = send(
        as_user(second_reviewer), "decision", submitted, decision="return", opinion="我不同意"
    )
    (message,) = messages(answer)
    assert message.startswith("审核人甲 已于 ")
    assert message.endswith(" 审核通过，不能重复处理")
    assert reread(submitted).state == State.APPROVED


@pytest.mark.parametrize("who", NOT_REVIEWERS)
def test_decisions_are_404_for_everybody_else(as_user, request, submitted, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert send(client, "decision", submitted, decision="approve").status_code == 404
    assert reread(submitted).state == State.SUBMITTED


# Methods and sessions


def test_a_get_is_refused(as_user, reviewer, submitted) -> None:
    assert as_user(reviewer).get(reverse("decision", args=[submitted.pk])).status_code == 405


def test_who_is_not_logged_in_decides_nothing(client, submitted) -> None:
    answer = send(client, "decision", submitted, decision="approve")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    assert reread(submitted).state == State.SUBMITTED
