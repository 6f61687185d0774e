"""POST declarations/<pk>/undo/: taking back a removal or a paste."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.rows import remove_row
from tests.factories import anchors
from tests.views.asking import post_json


@pytest.fixture
def removal(filer, declaration) -> dict[str, int]:
    """What undoes the removal of the only task."""
    row = anchors(declaration, "tasks.name")[0].removesuffix("/name")
    return {"event": remove_row(filer, declaration_id=declaration.pk, anchor=row).pk}


def test_the_owner_takes_a_removal_back(as_user, filer, declaration, removal) -> None:
    client = as_user(filer)
    answer = post_json(client, "undo", declaration, removal)
    assert answer.status_code == 200
    assert answer.json() == {"message": "已恢复删除的行"}
    assert len(anchors(declaration, "tasks.name")) == 1
    again = post_json(client, "undo", declaration, removal)
    assert again.json() == {"message": "已经撤销过了"}


def test_a_colleague_may(as_user, colleague, declaration, removal) -> None:
    assert post_json(as_user(colleague), "undo", declaration, removal).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("outsider", 404), ("reviewer", 409), ("administrator", 409)],
)
def test_nobody_else_undoes(as_user, request, declaration, removal, who: str, status: int) -> None:
    client = as_user(request.getfixturevalue(who))
    assert post_json(client, "undo", declaration, removal).status_code == status
    assert anchors(declaration, "tasks.name") == []


@pytest.mark.parametrize(
    "payload", [5, {}, {"event": "5"}, {"event": None}, {"event": 1.5}, {"event": [1]}], ids=repr
)
def test_a_malformed_body_is_told_so(as_user, filer, declaration, payload: Any) -> None:
    answer = post_json(as_user(filer), "undo", declaration, payload)
    assert answer.status_code == 400
    assert answer.json() == {"message": "请求无法识别，请刷新页面后重试"}


@pytest.mark.parametrize("event", [0, -1, 10**30])
def test_what_cannot_be_undone_is_a_409(as_user, filer, declaration, event: int) -> None:
    answer = post_json(as_user(filer), "undo", declaration, {"event": event})
    assert answer.status_code == 409
    assert answer.json() == {"message": "这一步不能撤销"}


def test_a_get_is_refused(as_user, filer, declaration) -> None:
    assert as_user(filer).get(reverse("undo", args=[declaration.pk])).status_code == 405


def test_a_script_whose_session_ended_gets_a_401(client, declaration) -> None:
    assert post_json(client, "undo", declaration, {"event": 1}).status_code == 401
