"""The pages of a limited return: what is locked, and opening what must be corrected."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.commenting import add_comment
from declarations.domain.review import return_for_correction
from declarations.models import Declaration, State, User
from tests import factories
from tests.factories import reread
from tests.views.asking import post_json

BUDGET = "funding/basic/budget"


@pytest.fixture
def limited(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """Returned with only the tasks open."""
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor="section/2", text="？")
    return_for_correction(reviewer, declaration_id=declaration.pk, only_commented=True)
    return reread(declaration)


@pytest.fixture
def trapped(limited: Declaration) -> Declaration:
    """A required amount of a closed section is missing."""
    limited.funding_lines.filter(key="basic").update(budget=None)
    return limited


def page(client: Any, declaration: Declaration, name: str = "declaration") -> str:
    return str(client.get(reverse(name, args=[declaration.pk])).content.decode())


@pytest.mark.parametrize("name", ["declaration", "table"])
def test_closed_cells_are_no_inputs(as_user, filer, limited, name: str) -> None:
    text = page(as_user(filer), limited, name)
    assert f'name="{BUDGET}"' not in text
    assert f'data-anchor="{BUDGET}" tabindex="-1" role="group"' in text
    assert "（未开放，不能修改）" in text
    (task,) = factories.anchors(limited, "tasks.name")
    assert f'name="{task}"' in text
    assert text.count('data-action="add"') == 1
    assert text.count('data-action="remove"') == 1


@pytest.mark.parametrize("name", ["declaration", "outline"])
def test_the_outline_says_what_is_open(as_user, filer, limited, name: str) -> None:
    text = page(as_user(filer), limited, name)
    assert text.count("可以修改</span>") == 1
    assert text.count("未开放</span>") == 4


def test_nothing_is_said_of_it_where_all_is_open(as_user, filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    text = page(as_user(filer), declaration)
    assert "未开放" not in text
    assert "本次退回只开放了" not in text


def test_an_old_page_that_saves_a_closed_cell_is_told_why(as_user, filer, limited) -> None:
    changes = [{"anchor": BUDGET, "text": "5", "version": factories.version(limited, BUDGET)}]
    (outcome,) = post_json(as_user(filer), "cells", limited, {"changes": changes}).json()[
        "outcomes"
    ]
    assert outcome["status"] == "closed"
    assert outcome["message"] == "本次退回只开放了“年度重点工作任务”，这一部分不能修改"


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("rows", {"action": "add", "list": "indicators"}),
        ("paste", {"anchor": BUDGET, "block": [["5"]]}),
    ],
)
def test_other_acts_on_closed_parts_are_refused(
    as_user, filer, limited, name: str, payload: dict[str, Any]
) -> None:
    answer = post_json(as_user(filer), name, limited, payload)
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("本次退回只开放了")


def test_what_must_be_corrected_in_a_closed_part_is_offered_to_be_opened(
    as_user, filer, trapped
) -> None:
    client = as_user(filer)
    text = page(client, trapped, "submit")
    assert "开放这些部分" in text
    assert "“预算整体情况”" in text
    answer = client.post(reverse("open-sections", args=[trapped.pk]), follow=True)
    assert "已开放“预算整体情况”，可以修改。" in answer.content.decode()
    assert f'name="{BUDGET}"' in answer.content.decode()


def test_it_is_not_offered_where_nothing_is_closed(as_user, filer, declaration) -> None:
    assert "开放这些部分" not in page(as_user(filer), declaration, "submit")


def test_after_it_was_submitted_nothing_is_opened(as_user, filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = as_user(filer).post(reverse("open-sections", args=[declaration.pk]))
    (message,) = answer.wsgi_request._messages
    assert "不能修改" in str(message)
    assert reread(declaration).state == State.SUBMITTED


@pytest.mark.parametrize("who", ["reviewer", "administrator", "stranger", "outsider"])
def test_opening_is_404_for_everybody_else(as_user, request, trapped, who: str) -> None:
    address = reverse("open-sections", args=[trapped.pk])
    assert as_user(request.getfixturevalue(who)).post(address).status_code == 404
    assert reread(trapped).opened_sections == [2]


def test_a_get_opens_nothing(as_user, filer, trapped) -> None:
    assert as_user(filer).get(reverse("open-sections", args=[trapped.pk])).status_code == 405
