"""POST declarations/<pk>/rows/: adding, moving and removing rows."""

from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.factories import anchors
from tests.views.asking import post_json

ADD = {"action": "add", "list": "tasks"}


def rows(declaration) -> list[str]:
    return [a.removesuffix("/name") for a in anchors(declaration, "tasks.name")]


def test_the_owner_adds_a_row(as_user, filer, declaration) -> None:
    answer = post_json(as_user(filer), "rows", declaration, ADD)
    assert answer.status_code == 200
    assert answer.json() == {"row": rows(declaration)[1]}


def test_a_row_is_added_behind_another(as_user, filer, declaration) -> None:
    client = as_user(filer)
    post_json(client, "rows", declaration, ADD)
    added = post_json(client, "rows", declaration, ADD | {"anchor": rows(declaration)[0]}).json()
    assert rows(declaration)[1] == added["row"]


def test_the_owner_moves_a_row(as_user, filer, declaration) -> None:
    client = as_user(filer)
    post_json(client, "rows", declaration, ADD)
    first, second = rows(declaration)
    answer = post_json(client, "rows", declaration, {"action": "down", "anchor": first})
    assert answer.json() == {"row": first}
    assert rows(declaration) == [second, first]
    post_json(client, "rows", declaration, {"action": "up", "anchor": first})
    assert rows(declaration) == [first, second]


def test_the_owner_removes_a_row_and_may_undo_it(as_user, filer, declaration) -> None:
    client = as_user(filer)
    (row,) = rows(declaration)
    answer = post_json(client, "rows", declaration, {"action": "remove", "anchor": row})
    assert answer.json() == {"row": "", "event": declaration.events.get().pk}
    assert rows(declaration) == []
    post_json(client, "undo", declaration, {"event": answer.json()["event"]})
    assert rows(declaration) == [row]


def test_a_colleague_may(as_user, colleague, declaration) -> None:
    assert post_json(as_user(colleague), "rows", declaration, ADD).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("outsider", 404), ("reviewer", 409), ("administrator", 409)],
)
def test_nobody_else_changes_rows(as_user, request, declaration, who: str, status: int) -> None:
    client = as_user(request.getfixturevalue(who))
    assert post_json(client, "rows", declaration, ADD).status_code == status
    assert len(rows(declaration)) == 1


@pytest.mark.parametrize(
    "payload",
    [
        5,
        {},
        {"action": 5},
        {"action": None},
        {"action": ["add"]},
        {"action": "destroy", "anchor": "task/1"},
        {"action": "add", "list": 5},
        {"action": "add", "list": "tasks", "anchor": 5},
        {"action": "remove", "anchor": {"task": 1}},
    ],
    ids=repr,
)
def test_a_malformed_body_is_told_so(as_user, filer, declaration, payload: Any) -> None:
    answer = post_json(as_user(filer), "rows", declaration, payload)
    assert answer.status_code == 400
    assert answer.json() == {"message": "请求无法识别，请刷新页面后重试"}
    assert len(rows(declaration)) == 1


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"action": "remove", "anchor": "task/²"}, "这一行已被删除，请刷新页面"),
        ({"action": "remove"}, "这一行已被删除，请刷新页面"),
        ({"action": "up", "anchor": "funding/basic"}, "这一行已被删除，请刷新页面"),
        ({"action": "add", "list": "nonsense"}, "表中没有这个清单，请刷新页面"),
        ({"action": "add"}, "表中没有这个清单，请刷新页面"),
    ],
)
def test_a_row_or_list_that_is_not_there_is_a_409(
    as_user, filer, declaration, payload: Any, message: str
) -> None:
    answer = post_json(as_user(filer), "rows", declaration, payload)
    assert answer.status_code == 409
    assert answer.json() == {"message": message}


def test_while_it_is_reviewed_it_is_a_409(as_user, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    assert post_json(as_user(filer), "rows", declaration, ADD).status_code == 409
    assert len(rows(declaration)) == 1


def test_a_get_is_refused(as_user, filer, declaration) -> None:
    assert as_user(filer).get(reverse("rows", args=[declaration.pk])).status_code == 405


def test_a_script_whose_session_ended_gets_a_401(client, declaration) -> None:
    assert post_json(client, "rows", declaration, ADD).status_code == 401
