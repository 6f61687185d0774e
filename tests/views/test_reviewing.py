"""A reviewer's acts on one declaration: the decision, taking on, handing over, the sheet."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.commenting import add_comment
from declarations.domain.review import claim, pass_on
from declarations.domain.review_sheets import save_sheet
from declarations.models import Comment, Declaration, ReviewSheet, State, User
from tests import factories
from tests.factories import reread
from tests.reviewing import FIRST, FULL, HEAD, LAST, head_of, reviewer_of, staged

CELL = "funding/basic/budget"


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return reviewer_of(department, "审核人乙")


@pytest.fixture
def with_sheet(filer: User, department: Any) -> Declaration:
    """At the only stage, which wants a review sheet."""
    return factories.submitted(filer, staged(department, LAST))


def send(client: Any, name: str, declaration: Declaration, **fields: Any) -> Any:
    return client.post(reverse(name, args=[declaration.pk]), fields)


def page(client: Any, declaration: Declaration) -> str:
    return str(client.get(reverse("declaration", args=[declaration.pk])).content.decode())


def messages(answer: Any) -> list[str]:
    return [str(m) for m in answer.wsgi_request._messages]


def seen(declaration: Declaration) -> dict[str, Any]:
    """What the page's form sends of what it was made for."""
    now = reread(declaration)
    return {"revision": now.revision_id, "stage": now.stage_id}


NOT_REVIEWERS = ["filer", "colleague", "administrator", "stranger", "outsider"]
ACTS = ["decision", "claim", "release", "hand-over", "review-sheet"]


# The decision


def test_a_reviewer_returns_with_an_opinion(as_user, reviewer, submitted) -> None:
    answer = send(
        as_user(reviewer), "decision", submitted, decision="return", opinion="请补充依据。"
    )
    assert (answer.status_code, answer["Location"]) == (302, reverse("review"))
    assert messages(answer) == [f"已退回：{submitted.department}“{submitted.round}”。"]
    assert reread(submitted).state == State.RETURNED
    assert Comment.objects.get().text == "请补充依据。"


def test_a_reviewer_approves(as_user, reviewer, submitted) -> None:
    answer = send(as_user(reviewer), "decision", submitted, decision="approve")
    assert messages(answer)[0].startswith("已审核通过：")
    assert reread(submitted).state == State.APPROVED


def test_a_reviewer_passes_on_to_the_stage_that_the_button_names(
    as_user, filer, reviewer, department
) -> None:
    declaration = factories.submitted(filer, staged(department, FIRST, LAST))
    client = as_user(reviewer)
    assert f"通过并转“{LAST.name}”" in page(client, declaration)
    what = seen(declaration)
    for _ in range(2):  # a second click is none
        answer = send(client, "decision", declaration, decision="approve", **what)
        assert messages(answer)[-1].startswith("已通过：")
        assert answer["Location"] == reverse("review")
    stage = reread(declaration).stage
    assert stage is not None
    assert stage.name == LAST.name


def test_only_the_commented_sections_are_opened_where_that_is_chosen(
    as_user, reviewer, submitted
) -> None:
    client = as_user(reviewer)
    assert "只开放有批注的部分" not in page(client, submitted)
    add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")
    assert "只开放有批注的部分：预算整体情况" in page(client, submitted)
    send(client, "decision", submitted, decision="return", opening="commented")
    assert reread(submitted).opened_sections == [0]


def test_the_reviewer_is_warned_that_the_time_for_corrections_has_passed(
    as_user, reviewer, submitted
) -> None:
    client = as_user(reviewer)
    assert "补正截止时间已过" not in page(client, submitted)
    factories.reschedule(submitted, opens_at=-9, deadline=-8, correction_deadline=-7)
    assert "补正截止时间已过" in page(client, submitted)


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
        {"decision": "approve", "stage": "x"},
        {"decision": "return", "opening": "some"},
    ],
    ids=repr,
)
def test_a_decision_that_is_none_changes_nothing(
    as_user, reviewer, submitted, fields: dict[str, str]
) -> None:
    answer = send(as_user(reviewer), "decision", submitted, **fields)
    assert answer.status_code == 302
    assert len(messages(answer)) == 1
    assert reread(submitted).state == State.SUBMITTED


def test_an_opinion_that_is_refused_is_not_lost(as_user, reviewer, submitted) -> None:
    long = "字" * 2_001
    answer = send(as_user(reviewer), "decision", submitted, decision="return", opinion=long)
    assert answer.status_code == 409
    assert long in answer.content.decode()
    assert reread(submitted).state == State.SUBMITTED


def test_the_second_reviewer_is_told_who_decided(
    as_user, reviewer, second_reviewer, submitted
) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    client = as_user(second_reviewer)
    answer = send(client, "decision", submitted, decision="return", opinion="我不同意")
    text = answer.content.decode()
    assert "审核人甲 已于 " in text
    assert " 审核通过，不能重复处理" in text
    assert "我不同意" in text
    assert reread(submitted).state == State.APPROVED


def test_what_a_colleague_has_offers_to_take_it_over(
    as_user, reviewer, second_reviewer, submitted
) -> None:
    claim(reviewer, declaration_id=submitted.pk)
    text = page(as_user(second_reviewer), submitted)
    assert "审核人甲 正在审核这份申报。" in text
    assert reverse("decision", args=[submitted.pk]) not in text
    assert reverse("comments", args=[submitted.pk]) not in text
    send(as_user(second_reviewer), "claim", submitted, take_over="1")
    assert reread(submitted).reviewer == second_reviewer
    assert reverse("decision", args=[submitted.pk]) in page(as_user(second_reviewer), submitted)


# Taking on, putting back, handing over


def test_a_reviewer_takes_it_on_and_puts_it_back(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    answer = send(client, "claim", submitted)
    assert answer["Location"] == reverse("declaration", args=[submitted.pk])
    assert "由您审核" in page(client, submitted)
    answer = send(client, "release", submitted)
    assert (answer["Location"], reread(submitted).reviewer) == (reverse("review"), None)
    assert "还没有人认领" in page(client, submitted)


def test_a_colleagues_claim_is_told(as_user, reviewer, second_reviewer, submitted) -> None:
    claim(reviewer, declaration_id=submitted.pk)
    answer = send(as_user(second_reviewer), "claim", submitted)
    assert messages(answer) == ["审核人甲 正在审核这份申报；如需由您处理，请先接手"]


def test_a_reviewer_hands_it_over(as_user, reviewer, second_reviewer, submitted) -> None:
    client = as_user(reviewer)
    address = reverse("hand-over", args=[submitted.pk])
    assert "审核人乙" in client.get(address).content.decode()
    assert "请选择一位审核人" in client.post(address, {}).content.decode()
    client.post(address, {"reviewer": second_reviewer.pk})
    assert reread(submitted).reviewer == second_reviewer


def test_what_is_decided_cannot_be_handed_over(as_user, reviewer, submitted) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    answer = as_user(reviewer).get(reverse("hand-over", args=[submitted.pk]))
    assert messages(answer) == ["这份申报现在不在您审核的环节，不能转交"]


# The review sheet


def fields_of(points: dict[str, str]) -> dict[str, str]:
    return {f"points/{key}": text for key, text in points.items()}


def test_the_sheet_is_saved_as_it_is_filled_in(as_user, reviewer, with_sheet) -> None:
    client = as_user(reviewer)
    assert "审核评分表还有 8 项没有评分" in page(client, with_sheet)
    answer = client.post(
        reverse("review-sheet", args=[with_sheet.pk]),
        fields_of({"complete": "9.5"}) | {"sheet_opinion": "较好"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert "合计 9.5 分" in text
    assert "还有 7 项没有评分" in text
    text = page(client, with_sheet)
    assert 'value="9.5"' in text
    assert "较好" in text


def test_without_a_script_the_sheet_is_saved_with_its_button(as_user, reviewer, with_sheet) -> None:
    answer = send(as_user(reviewer), "review-sheet", with_sheet, **fields_of(FULL))
    assert messages(answer) == ["审核评分表已保存。"]
    assert ReviewSheet.objects.get().grade == "优"
    assert "等级：<strong>优</strong>（可以进入下一步程序）" in page(as_user(reviewer), with_sheet)


def test_points_that_cannot_be_are_told(as_user, reviewer, with_sheet) -> None:
    client = as_user(reviewer)
    wrong = fields_of({"complete": "99"})
    address = reverse("review-sheet", args=[with_sheet.pk])
    answer = client.post(address, wrong, headers={"HX-Request": "true"})
    assert "没有保存：规范完整：请填 0 至 10 分，可以有半分" in answer.content.decode()
    assert "请填 0 至 10 分" in messages(send(client, "review-sheet", with_sheet, **wrong))[0]


def test_the_sheet_is_read_by_the_department_once_it_is_decided(
    as_user, filer, reviewer, administrator, with_sheet
) -> None:
    save_sheet(reviewer, declaration_id=with_sheet.pk, points=FULL)
    address = reverse("review-sheets", args=[with_sheet.pk, 1])
    assert as_user(administrator).get(address).status_code == 200
    assert as_user(filer).get(address).status_code == 404
    pass_on(reviewer, declaration_id=with_sheet.pk)
    assert "等级：<strong>优</strong>" in as_user(filer).get(address).content.decode()
    assert "等级：<strong>优</strong>" in page(as_user(filer), with_sheet)


def test_there_is_no_sheet_to_print_where_none_is_filled_in(as_user, reviewer, with_sheet) -> None:
    for number in (1, 2):
        address = reverse("review-sheets", args=[with_sheet.pk, number])
        assert as_user(reviewer).get(address).status_code == 404


# The department's head


def test_the_head_passes_to_the_bureau(as_user, filer, reviewer, department) -> None:
    declaration = factories.submitted(filer, staged(department, HEAD, FIRST))
    head = head_of(department)
    assert "文字" not in page(as_user(reviewer), declaration)
    text = page(as_user(head), declaration)
    assert "部门负责人意见" in text
    assert f"通过并报送财政局（{FIRST.name}）" in text
    assert "退回填报人修改" in text
    send(as_user(head), "decision", declaration, decision="approve", opinion="内部意见")
    text = page(as_user(reviewer), declaration)
    assert "文字" in text
    assert "内部意见" not in text
    assert reverse("decision", args=[declaration.pk]) not in page(as_user(head), declaration)


def test_what_is_with_the_head_is_not_the_bureaus(
    as_user, filer, reviewer, administrator, department
) -> None:
    declaration = factories.submitted(filer, staged(department, HEAD, FIRST))
    addresses = [
        reverse("revision", args=[declaration.pk, 1]),
        reverse("panel", args=[declaration.pk]) + f"?cell={CELL}",
        reverse("download", args=[declaration.pk, "xlsx"]),
        reverse("download", args=[declaration.pk, "json"]),
    ]
    head = head_of(department)
    for user, status in ((head, 200), (reviewer, 404), (administrator, 404)):
        client = as_user(user)
        assert {client.get(address).status_code for address in addresses} == {status}


# Who, how


@pytest.mark.parametrize("who", NOT_REVIEWERS)
@pytest.mark.parametrize("name", ACTS)
def test_the_acts_are_404_for_everybody_else(as_user, request, submitted, who: str, name: str):
    client = as_user(request.getfixturevalue(who))
    assert send(client, name, submitted, decision="approve").status_code == 404
    assert reread(submitted).state == State.SUBMITTED
    assert reread(submitted).reviewer is None


@pytest.mark.parametrize("name", ["decision", "claim", "release", "review-sheet"])
def test_a_get_is_refused(as_user, reviewer, submitted, name: str) -> None:
    assert as_user(reviewer).get(reverse(name, args=[submitted.pk])).status_code == 405


def test_who_is_not_logged_in_decides_nothing(client, submitted) -> None:
    answer = send(client, "decision", submitted, decision="approve")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    assert reread(submitted).state == State.SUBMITTED
