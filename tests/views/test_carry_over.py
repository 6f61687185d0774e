"""POST declarations/<pk>/carry-over/: last year's approved content comes in."""

import pytest
from django.urls import reverse

from declarations.models import Declaration, EventKind
from tests import factories
from tests.factories import anchors, text_of, type_into
from tests.views.asking import post_json


@pytest.fixture
def last(department, filer, reviewer) -> Declaration:
    """Last year's on Panyu's form, with a task; approved."""
    found = factories.declaration_for(department, year=2022)
    type_into(filer, found, **{"tasks.name": "康复资助"})
    return factories.approved(filer, reviewer, found)


@pytest.fixture
def declaration(department, last) -> Declaration:
    return factories.declaration_for(department, year=2023)


def names(declaration: Declaration) -> list[str]:
    return [text_of(declaration, a) for a in anchors(declaration, "tasks.name")]


def test_the_owner_brings_it_and_may_undo_it(as_user, filer, declaration) -> None:
    client = as_user(filer)
    answer = post_json(client, "carry-over", declaration, {})
    assert answer.status_code == 200
    event = declaration.events.get(kind=EventKind.CARRIED_OVER)
    assert answer.json()["event"] == event.pk
    assert answer.json()["message"].startswith("已带入2022年的内容：新增 2 行，填入 1 格")
    assert names(declaration) == ["康复资助"]
    undone = post_json(client, "undo", declaration, {"event": event.pk})
    assert undone.json() == {"message": "已撤销带入上年"}
    assert names(declaration) == [""]


def test_a_colleague_may(as_user, colleague, declaration) -> None:
    assert post_json(as_user(colleague), "carry-over", declaration, {}).status_code == 200


def test_without_last_year_it_is_a_409(as_user, filer, department) -> None:
    first = factories.declaration_for(department, year=2020)
    answer = post_json(as_user(filer), "carry-over", first, {})
    assert answer.status_code == 409
    assert answer.json() == {"message": "本部门上年没有审核通过的申报，没有可带入的内容"}


def test_a_malformed_body_is_told_so(as_user, filer, declaration) -> None:
    assert post_json(as_user(filer), "carry-over", declaration, 5).status_code == 400
    assert names(declaration) == [""]


def test_a_script_whose_session_ended_gets_a_401(client, declaration) -> None:
    assert post_json(client, "carry-over", declaration, {}).status_code == 401


def page(client, declaration: Declaration) -> str:
    return client.get(reverse("declaration", args=[declaration.pk])).content.decode()


def test_the_editor_offers_it_and_shows_last_years(as_user, filer, last, declaration) -> None:
    html = page(as_user(filer), declaration)
    assert "带入上年内容" in html
    assert "带入2022年审核通过的内容" in html
    assert reverse("declaration", args=[last.pk]) in html


def test_without_last_year_it_is_not_offered(as_user, filer, department) -> None:
    first = factories.declaration_for(department, year=2020)
    assert "带入上年" not in page(as_user(filer), first)
