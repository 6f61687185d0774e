"""POST recall/, GET and POST adjustment/ and adjustment/give-up/; what pages say meanwhile."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.review import claim, pass_on
from declarations.domain.submission import submit
from declarations.models import Declaration, EventKind, State, User
from tests import factories
from tests.factories import reread, type_into

GOAL = "text/overall_goal"
REASON = "预算追加，目标需要调整"


@pytest.fixture
def approved(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    return reread(declaration)


@pytest.fixture
def adjusting(filer: User, approved: Declaration) -> Declaration:
    begin_adjustment(filer, declaration_id=approved.pk, reason=REASON)
    type_into(filer, approved, **{GOAL: "调整后的目标"})
    return reread(approved)


def url(name: str, declaration: Declaration, *more: Any) -> str:
    return reverse(name, args=[declaration.pk, *more])


def page(client: Any, declaration: Declaration, name: str = "declaration", *more: Any) -> str:
    answer = client.get(url(name, declaration, *more))
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer: Any) -> str:
    return " ".join(str(m) for m in get_messages(answer.wsgi_request))


# Recall


def test_the_filer_recalls(as_user, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    client = as_user(filer)
    assert url("recall", declaration) in page(client, declaration)
    answer = client.post(url("recall", declaration))
    assert (answer.status_code, answer.url) == (302, url("declaration", declaration))
    assert "已撤回" in said(answer)
    assert reread(declaration).state == State.DRAFT


def test_once_it_is_under_review_there_is_no_button_and_a_reason(
    as_user, filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    claim(reviewer, declaration_id=declaration.pk)
    client = as_user(filer)
    assert url("recall", declaration) not in page(client, declaration)
    answer = client.post(url("recall", declaration))
    assert said(answer) == "审核已经开始，不能撤回；如需修改，请联系审核人退回"
    assert reread(declaration).state == State.SUBMITTED


def test_what_was_recalled_is_listed_for_the_department_only(
    as_user, filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    client = as_user(filer)
    client.post(url("recall", declaration))
    assert client.get(url("revision", declaration, 1)).status_code == 200
    submit(filer, declaration_id=declaration.pk)
    assert "已撤回" in page(as_user(filer), declaration)
    client = as_user(reviewer)
    assert "已撤回" not in page(client, declaration)
    assert client.get(url("revision", declaration, 1)).status_code == 404
    assert client.get(url("download", declaration, "json") + "?revision=1").status_code == 404


@pytest.mark.parametrize("name", ["recall", "adjustment", "adjustment-give-up"])
@pytest.mark.parametrize("who", ["reviewer", "administrator", "stranger", "outsider"])
def test_it_is_the_filers_alone(as_user, request, approved, name: str, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert client.post(url(name, approved), {"reason": REASON}).status_code == 404
    if name != "recall":
        assert client.get(url(name, approved)).status_code == 404
    assert reread(approved).state == State.APPROVED


# Adjusting


def test_the_filer_begins_with_a_reason(as_user, filer, approved) -> None:
    client = as_user(filer)
    assert url("adjustment", approved) in page(client, approved)
    text = page(client, approved, "adjustment")
    assert "原则上不作调整" in text
    assert "现行版本（第1版）仍然有效" in text
    answer = client.post(url("adjustment", approved), {"reason": f" {REASON}"})
    assert (answer.status_code, answer.url) == (302, url("declaration", approved))
    assert reread(approved).adjustment_reason == REASON
    text = page(client, approved)
    assert "现行版本是第1版" in text
    assert "本页是调整稿，尚未生效" in text
    assert f"调整理由：{REASON}" in text


@pytest.mark.parametrize(
    ("reason", "problem"),
    [("", "请写明调整理由"), ("追加", "至少 5 个字"), ("字" * 1001, "调整理由最多 1000 字")],
)
def test_a_reason_is_asked_for_and_nothing_typed_is_lost(
    as_user, filer, approved, reason: str, problem: str
) -> None:
    answer = as_user(filer).post(url("adjustment", approved), {"reason": reason})
    assert answer.status_code == 200
    assert problem in answer.content.decode()
    assert reason in answer.content.decode()
    assert reread(approved).state == State.APPROVED


def test_where_it_cannot_be_adjusted_the_page_says_why(as_user, filer, approved) -> None:
    factories.reschedule(approved, opens_at=-20, adjustments_until=-1)
    client = as_user(filer)
    assert url("adjustment", approved) not in page(client, approved)
    answer = client.get(url("adjustment", approved))
    assert answer.status_code == 302
    assert "调整已于" in said(answer)
    answer = client.post(url("adjustment", approved), {"reason": REASON})
    assert "调整已于" in answer.content.decode()
    assert REASON in answer.content.decode()


def test_the_bureau_sees_what_is_in_force_meanwhile(as_user, filer, reviewer, adjusting) -> None:
    client = as_user(reviewer)
    text = page(client, adjusting)
    assert "本页即现行版本" in text
    assert "调整后的目标" not in text
    assert client.get(url("revision", adjusting, 2)).status_code == 404
    submit(filer, declaration_id=adjusting.pk)
    text = page(client, adjusting)
    assert f"调整理由：{REASON}" in text
    assert "与第1版相比：修改 1 格" in text
    assert "调整后的目标" in text
    pass_on(reviewer, declaration_id=adjusting.pk)
    text = page(client, adjusting)
    assert "现行版本为调整后的第2版" in text
    assert "调整理由" not in text
    assert "原现行版本" in text
    assert client.get(url("revision", adjusting, 1)).status_code == 200


def test_giving_up_says_what_goes_and_asks(as_user, filer, adjusting) -> None:
    client = as_user(filer)
    assert url("adjustment-give-up", adjusting) in page(client, adjusting)
    assert "修改 1 格" in page(client, adjusting, "adjustment-give-up")
    assert reread(adjusting).state == State.ADJUSTING
    answer = client.post(url("adjustment-give-up", adjusting))
    assert "已放弃调整，内容恢复为现行版本。" in said(answer)
    assert reread(adjusting).state == State.APPROVED
    answer = client.post(url("adjustment-give-up", adjusting))
    assert adjusting.events.filter(kind=EventKind.ADJUSTMENT_GIVEN_UP).count() == 1
    answer = client.get(url("adjustment-give-up", adjusting))
    assert "没有正在进行的调整" in said(answer)


def test_recall_and_the_others_are_not_got(as_user, filer, declaration) -> None:
    assert as_user(filer).get(url("recall", declaration)).status_code == 405
