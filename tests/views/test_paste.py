"""POST declarations/<pk>/paste/: a block copied from a spreadsheet."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.cells import MOST_CHANGES
from tests import factories
from tests.factories import anchors, entries, text_of, value_of
from tests.views.asking import post_json


def test_the_owner_pastes_a_block(as_user, filer, declaration) -> None:
    (name,) = anchors(declaration, "tasks.name")
    block = [["一", "内容", "很多"], ["二", "内容", "5", "", "多"]]
    answer = post_json(as_user(filer), "paste", declaration, {"anchor": name, "block": block})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["added_rows"], body["left_over"]) == (1, 1)
    assert [o["status"] for o in body["outcomes"]].count("invalid") == 1
    refused = next(o for o in body["outcomes"] if o["status"] == "invalid")
    assert body["texts"][refused["anchor"]] == "很多"
    assert declaration.events.get(pk=body["event"]).actor == filer
    assert [text_of(declaration, a) for a in anchors(declaration, "tasks.name")] == ["一", "二"]


def test_a_paste_that_changes_nothing_leaves_nothing_to_undo(as_user, filer, declaration) -> None:
    payload = {"anchor": "funding/basic/budget", "block": [[""]]}
    assert post_json(as_user(filer), "paste", declaration, payload).json()["event"] is None


def test_500_rows_are_pasted(as_user, filer, declaration) -> None:
    (name,) = anchors(declaration, "tasks.name")
    block = [[f"任务{n}", "内容", str(n), "目标"] for n in range(500)]
    answer = post_json(as_user(filer), "paste", declaration, {"anchor": name, "block": block})
    assert answer.status_code == 200
    assert answer.json()["added_rows"] == 499
    assert declaration.tasks.filter(block="tasks", content="内容").count() == 500


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ([["x"]] * 1_001, "每个清单最多 1000 行，请减少行数"),
        ([[]] * 1_001, "每个清单最多 1000 行，请减少行数"),
        ([["x"] * (MOST_CHANGES + 1)], "一次最多粘贴 10000 个单元格，请分几次粘贴"),
    ],
    ids=["rows", "empty rows", "cells"],
)
def test_too_much_is_a_409_with_the_limit(
    as_user, filer, declaration, block: Any, message: str
) -> None:
    (name,) = anchors(declaration, "tasks.name")
    answer = post_json(as_user(filer), "paste", declaration, {"anchor": name, "block": block})
    assert answer.status_code == 409
    assert answer.json() == {"message": message}
    assert len(anchors(declaration, "tasks.name")) == 1


@pytest.mark.parametrize(
    "payload",
    [
        5,
        [],
        {},
        {"anchor": "text/overall_goal"},
        {"anchor": "text/overall_goal", "block": 5},
        {"anchor": "text/overall_goal", "block": "x"},
        {"anchor": "text/overall_goal", "block": ["x"]},
        {"anchor": "text/overall_goal", "block": [[5]]},
        {"anchor": "text/overall_goal", "block": [[None]]},
        {"anchor": 5, "block": [["x"]]},
        {"anchor": ["text/overall_goal"], "block": [["x"]]},
    ],
    ids=repr,
)
def test_a_malformed_body_is_told_so(as_user, filer, declaration, payload: Any) -> None:
    answer = post_json(as_user(filer), "paste", declaration, payload)
    assert answer.status_code == 400
    assert answer.json() == {"message": "请求无法识别，请刷新页面后重试"}
    assert all(e.is_blank for e in entries(declaration))


def test_a_cell_that_is_gone_is_a_409(as_user, filer, declaration) -> None:
    payload = {"anchor": "task/0/name", "block": [["x"]]}
    answer = post_json(as_user(filer), "paste", declaration, payload)
    assert answer.status_code == 409
    assert answer.json() == {"message": "要粘贴的单元格已不存在，请刷新页面"}


def test_what_the_database_cannot_hold_never_breaks_a_paste(as_user, filer, declaration) -> None:
    payload = {"anchor": "text/overall_goal", "block": [["一\x00\ud83d"]]}
    assert post_json(as_user(filer), "paste", declaration, payload).status_code == 200
    assert value_of(declaration, "text/overall_goal") == "一?"


PAYLOAD = {"anchor": "text/overall_goal", "block": [["目标"]]}


def test_a_colleague_may(as_user, colleague, declaration) -> None:
    assert post_json(as_user(colleague), "paste", declaration, PAYLOAD).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("outsider", 404), ("reviewer", 409), ("administrator", 409)],
)
def test_nobody_else_pastes(as_user, request, declaration, who: str, status: int) -> None:
    client = as_user(request.getfixturevalue(who))
    assert post_json(client, "paste", declaration, PAYLOAD).status_code == status
    assert value_of(declaration, "text/overall_goal") == ""


def test_while_it_is_reviewed_it_is_a_409(as_user, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = post_json(as_user(filer), "paste", declaration, PAYLOAD)
    assert answer.status_code == 409
    assert answer.json() == {"message": "申报已提交，正在等待审核，不能修改"}


def test_a_get_is_refused(as_user, filer, declaration) -> None:
    assert as_user(filer).get(reverse("paste", args=[declaration.pk])).status_code == 405


def test_a_script_whose_session_ended_gets_a_401(client, declaration) -> None:
    assert post_json(client, "paste", declaration, PAYLOAD).status_code == 401
