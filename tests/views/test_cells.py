"""POST declarations/<pk>/cells/: saving cells over HTTP."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from declarations.models import Declaration
from tests import factories
from tests.factories import entries, reread, text_of, type_into, value_of, version
from tests.views.asking import post_json

BUDGET = "funding/basic/budget"
GOAL = "text/overall_goal"


def save(client: Any, declaration: Declaration, anchor: str, text: str) -> Any:
    changes = [{"anchor": anchor, "text": text, "version": version(declaration, anchor)}]
    return post_json(client, "cells", declaration, {"changes": changes})


def test_the_owner_saves_a_cell(as_user, filer, declaration) -> None:
    answer = save(as_user(filer), declaration, BUDGET, "483.09")
    assert answer.status_code == 200
    body = answer.json()
    (outcome,) = body["outcomes"]
    assert outcome == {
        "anchor": BUDGET,
        "status": "saved",
        "text": "483.09",
        "version": version(declaration, BUDGET),
        "message": "",
        "changed_by": "",
        "changed_at": "",
    }
    assert list(body["computed"].values()) == ["483.09"]
    assert len(body["saved_at"].split(":")) == 3
    assert value_of(declaration, BUDGET) == Decimal("4830900.00")


def test_a_colleague_may(as_user, colleague, declaration) -> None:
    assert save(as_user(colleague), declaration, GOAL, "目标").status_code == 200


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_a_stranger_gets_404(as_user, request, declaration, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert save(client, declaration, GOAL, "改").status_code == 404
    assert post_json(client, "cells", declaration, {"changes": 5}).status_code == 404
    assert value_of(declaration, GOAL) == ""


def test_a_declaration_that_is_not_there_is_404(as_user, filer, declaration) -> None:
    client = as_user(filer)
    for pk in (0, declaration.pk + 1, 10**30):
        answer = client.post(
            reverse("cells", args=[pk]), {"changes": []}, content_type="application/json"
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("who", ["reviewer", "administrator"])
def test_the_bureau_reads_and_does_not_write(as_user, request, declaration, who: str) -> None:
    answer = save(as_user(request.getfixturevalue(who)), declaration, GOAL, "改")
    assert answer.status_code == 409
    assert answer.json() == {"message": "只有本部门的填报人可以填写"}
    assert value_of(declaration, GOAL) == ""


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_other_methods_are_refused(as_user, filer, declaration, method: str) -> None:
    answer = getattr(as_user(filer), method)(reverse("cells", args=[declaration.pk]))
    assert answer.status_code == 405


MALFORMED = [
    b"",
    b"nonsense",
    b"\xff\xfe",
    b"5",
    b"null",
    b"[]",
    b'"changes"',
    b"{}",
    b'{"changes": 5}',
    b'{"changes": null}',
    b'{"changes": {"anchor": "text/overall_goal"}}',
    b'{"changes": [5]}',
    b'{"changes": ["text/overall_goal"]}',
    b'{"changes": [{"anchor": 5, "text": "x", "version": ""}]}',
    b'{"changes": [{"anchor": "text/overall_goal", "text": 5, "version": ""}]}',
    b'{"changes": [{"anchor": "text/overall_goal", "text": "x", "version": null}]}',
    b'{"changes": [{"anchor": "text/overall_goal", "text": ["x"]}]}',
    b'{"changes": [' + b"[" * 100_000,
    b'{"changes": ' + b"9" * 10_000 + b"}",
    json.dumps({"changes": [{}] * 10_001}).encode(),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:40]))
def test_a_malformed_body_is_told_so_and_writes_nothing(
    as_user, filer, declaration, body: bytes
) -> None:
    address = reverse("cells", args=[declaration.pk])
    answer = as_user(filer).post(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json() == {"message": "请求无法识别，请刷新页面后重试"}
    assert all(e.is_blank for e in entries(declaration))


def test_a_body_beyond_the_limit_is_told_so(as_user, filer, declaration) -> None:
    answer = save(as_user(filer), declaration, GOAL, "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert answer.status_code == 413
    assert answer.json() == {"message": "一次发送的内容过多，请分几次粘贴或保存"}


def test_no_changes_are_fine(as_user, filer, declaration) -> None:
    answer = post_json(as_user(filer), "cells", declaration, {"changes": []})
    assert answer.json()["outcomes"] == []


def test_a_change_without_a_version_does_not_overwrite(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{GOAL: "目标"})
    changes = [{"anchor": GOAL, "text": "别的"}]
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes})
    assert answer.json()["outcomes"][0]["status"] == "conflict"
    assert value_of(declaration, GOAL) == "目标"


def test_a_conflict_shows_the_other_value_and_who_typed_it(
    as_user, filer, colleague, declaration
) -> None:
    changes = [{"anchor": GOAL, "text": "我的", "version": version(declaration, GOAL)}]
    type_into(colleague, declaration, **{GOAL: "同事的"})
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes})
    (outcome,) = answer.json()["outcomes"]
    assert answer.status_code == 200
    assert (outcome["status"], outcome["text"], outcome["changed_by"]) == (
        "conflict",
        "同事的",
        "填报人乙",
    )


def test_what_is_refused_now_is_a_409_with_the_reason(as_user, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = save(as_user(filer), declaration, GOAL, "改")
    assert answer.status_code == 409
    assert answer.json() == {"message": "申报已提交，正在等待审核，不能修改"}


def test_after_the_deadline_it_is_a_409_with_the_date(as_user, filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    answer = save(as_user(filer), declaration, GOAL, "改")
    assert answer.status_code == 409
    assert "截止，如需延期请联系财政局" in answer.json()["message"]


def test_20000_characters_come_back_with_the_limit(as_user, filer, declaration) -> None:
    answer = save(as_user(filer), declaration, GOAL, "字" * 20_000)
    (outcome,) = answer.json()["outcomes"]
    assert answer.status_code == 200
    assert (outcome["status"], outcome["message"]) == (
        "invalid",
        "最多 2000 字，现有 20000 字，请删减后再保存",
    )
    assert value_of(declaration, GOAL) == ""


def test_script_tags_come_back_as_text(as_user, filer, declaration) -> None:
    script = '</textarea><script>alert("x")</script>'
    client = as_user(filer)
    answer = save(client, declaration, GOAL, script)
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["outcomes"][0]["text"] == script
    for name in ("declaration", "table"):
        page = client.get(reverse(name, args=[declaration.pk])).content.decode()
        assert script not in page
        assert "&lt;/textarea&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("一\x00二", "一二"),
        ("半个字符\ud83d", "半个字符?"),
        ("整个😀", "整个😀"),
        ("\u202e反", "\u202e反"),
    ],
)
def test_what_the_database_cannot_hold_never_breaks_a_save(
    as_user, filer, declaration, sent: str, stored: str
) -> None:
    answer = save(as_user(filer), declaration, GOAL, sent)
    assert answer.status_code == 200
    assert value_of(declaration, GOAL) == stored


@pytest.mark.parametrize(
    "anchor", ["task/²/name", "task/" + "9" * 5_000 + "/name", "a\x00b", "\ud83d"]
)
def test_an_address_that_can_be_none_is_gone(as_user, filer, declaration, anchor: str) -> None:
    changes = [{"anchor": anchor, "text": "x", "version": ""}]
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes})
    assert answer.status_code == 200
    assert answer.json()["outcomes"][0]["status"] == "gone"


def test_a_cell_of_another_declaration_is_gone(as_user, filer, declaration) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    anchor = factories.anchors(foreign, "tasks.name")[0]
    changes = [{"anchor": anchor, "text": "x", "version": ""}]
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes})
    assert answer.json()["outcomes"][0]["status"] == "gone"
    assert text_of(foreign, anchor) == ""
    assert reread(declaration).edited_at is None


def test_a_script_whose_session_ended_gets_a_401_with_a_message(client, declaration) -> None:
    answer = post_json(client, "cells", declaration, {"changes": []})
    assert answer.status_code == 401
    assert answer.json() == {"message": "登录已过期，请重新登录"}


def test_without_a_token_nothing_is_saved(declaration, filer) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(filer)
    answer = save(client, declaration, GOAL, "改")
    assert answer.status_code == 403
    assert answer.json() == {"message": "页面已过期", "code": "csrf"}
    assert value_of(declaration, GOAL) == ""
