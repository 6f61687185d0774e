"""POST comments/, comments/<id>/delete/ and decision/ of a declaration: the reviewer's acts."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.commenting import add_comment
from declarations.domain.review import pass_on
from declarations.models import Comment, Declaration, Role, State, User
from tests import factories
from tests.factories import reread

CELL = "funding/basic/budget"


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def comment(reviewer: User, submitted: Declaration) -> Comment:
    return add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, name="审核人乙", role=Role.REVIEWER
    )


def send(client: Any, name: str, declaration: Declaration, **fields: str) -> Any:
    return client.post(reverse(name, args=[declaration.pk]), fields)


def messages(answer: Any) -> list[str]:
    return [str(m) for m in answer.wsgi_request._messages]


def delete(client: Any, comment: Comment, **fields: str) -> Any:
    address = reverse("comment-delete", args=[comment.declaration_id, comment.pk])
    return client.post(address, fields)


NOT_REVIEWERS = ["filer", "colleague", "administrator", "stranger", "outsider"]


# Comments


def test_a_reviewer_comments_on_a_cell_and_is_back_at_it(as_user, reviewer, submitted) -> None:
    answer = send(as_user(reviewer), "comments", submitted, anchor=CELL, text="请核对。")
    assert answer.status_code == 302
    page = reverse("declaration", args=[submitted.pk])
    assert answer["Location"] == f"{page}?cell=funding%2Fbasic%2Fbudget"
    assert Comment.objects.get().text == "请核对。"
    assert "请核对。" in as_user(reviewer).get(answer["Location"]).content.decode()


def test_a_reviewer_comments_on_the_whole(as_user, reviewer, submitted) -> None:
    answer = send(as_user(reviewer), "comments", submitted, anchor="", text="总体清楚。")
    assert answer["Location"] == reverse("declaration", args=[submitted.pk])
    assert Comment.objects.get().anchor == ""


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "请填写批注内容"),
        ({"text": "   "}, "请填写批注内容"),
        ({"text": "字" * 2_001}, "2000"),
        ({"text": "空\x00字"}, "不允许"),
        ({"text": "这里？", "anchor": "nonsense"}, "表中没有这个单元格，请刷新页面"),
        ({"text": "这里？", "anchor": "x" * 101}, "100"),
    ],
    ids=repr,
)
def test_a_comment_that_cannot_be_is_refused_with_the_reason(
    as_user, reviewer, submitted, fields: dict[str, str], message: str
) -> None:
    answer = send(as_user(reviewer), "comments", submitted, **fields)
    assert answer.status_code == 302
    (said,) = messages(answer)
    assert message in said
    assert not Comment.objects.exists()


def test_script_tags_in_a_comment_are_text(as_user, reviewer, submitted) -> None:
    script = "<script>alert(1)</script>"
    client = as_user(reviewer)
    send(client, "comments", submitted, anchor=CELL, text=script)
    text = client.get(reverse("declaration", args=[submitted.pk])).content.decode()
    assert script not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_comment_that_comes_too_late_is_told_who_decided(
    as_user, reviewer, second_reviewer, submitted
) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    answer = send(as_user(second_reviewer), "comments", submitted, anchor=CELL, text="等等")
    assert messages(answer)[0].startswith("审核人甲 已于 ")


@pytest.mark.parametrize("who", NOT_REVIEWERS)
def test_comments_are_404_for_everybody_else(as_user, request, submitted, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert send(client, "comments", submitted, anchor=CELL, text="我也说").status_code == 404
    assert not Comment.objects.exists()


# Taking one back


def test_a_reviewer_takes_a_comment_back(as_user, reviewer, comment) -> None:
    answer = delete(as_user(reviewer), comment, anchor=CELL)
    assert answer.status_code == 302
    assert "?cell=" in answer["Location"]
    assert not Comment.objects.exists()


def test_somebody_elses_comment_stays(as_user, second_reviewer, comment) -> None:
    answer = delete(as_user(second_reviewer), comment)
    assert messages(answer) == ["只能删除自己写的批注"]
    assert Comment.objects.exists()


@pytest.mark.parametrize("who", NOT_REVIEWERS)
def test_deleting_is_404_for_everybody_else(as_user, request, comment, who: str) -> None:
    assert delete(as_user(request.getfixturevalue(who)), comment).status_code == 404
    assert Comment.objects.exists()


def test_the_comment_of_another_declaration_stays(as_user, reviewer, comment, department) -> None:
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    other = factories.round_for(template, department, year=2024).declarations.get()
    factories.submitted(factories.filer_of(department), other)
    as_user(reviewer).post(reverse("comment-delete", args=[other.pk, comment.pk]))
    assert Comment.objects.exists()


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


@pytest.mark.parametrize("name", ["comments", "decision"])
def test_a_get_is_refused(as_user, reviewer, submitted, name: str) -> None:
    assert as_user(reviewer).get(reverse(name, args=[submitted.pk])).status_code == 405


def test_a_get_does_not_delete(as_user, reviewer, comment) -> None:
    address = reverse("comment-delete", args=[comment.declaration_id, comment.pk])
    assert as_user(reviewer).get(address).status_code == 405
    assert Comment.objects.exists()


def test_who_is_not_logged_in_decides_nothing(client, submitted) -> None:
    answer = send(client, "decision", submitted, decision="approve")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    assert reread(submitted).state == State.SUBMITTED
