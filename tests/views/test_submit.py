"""GET and POST declarations/<pk>/submit/: what is missing, then handing it in."""

import re
from typing import Any

import pytest
from django.urls import reverse

from declarations.models import Declaration, State
from declarations.sheets.html import element_id
from tests import factories
from tests.factories import balanced, fill_in, reread, type_into


def address(declaration: Declaration) -> str:
    return reverse("submit", args=[declaration.pk])


def followed(client: Any, declaration: Declaration) -> str:
    return client.post(address(declaration), follow=True).content.decode()


def test_the_page_lists_what_is_missing_each_a_link_to_its_cell(
    as_user, filer, declaration
) -> None:
    client = as_user(filer)
    text = client.get(address(declaration)).content.decode()
    page = reverse("declaration", args=[declaration.pk])
    links = re.findall(rf'<a href="{page}\?cell=[^"#]*#([^"]+)"[^>]*>([^<]+)</a>', text)
    assert f"还有 {len(links)} 处必须修正，改好后才能提交。" in text
    assert (element_id("funding/basic/budget"), "预算整体情况：请填写“基本支出”") in links
    cells = client.get(page).content.decode()
    assert all(f'id="{target}"' in cells for target, _ in links)
    assert "确认提交" not in text


def test_a_complete_one_shows_the_totals_and_asks(as_user, filer, declaration) -> None:
    fill_in(filer, declaration)
    type_into(filer, declaration, **balanced("483.09"))
    text = as_user(filer).get(address(declaration)).content.decode()
    assert "必填内容已全部填写" in text
    assert "确认提交" in text
    assert re.search(r"支出合计</th><td[^>]*>483\.09 万元", text)


def test_the_owner_submits(as_user, filer, declaration) -> None:
    fill_in(filer, declaration)
    answer = as_user(filer).post(address(declaration))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("declaration", args=[declaration.pk])
    assert reread(declaration).state == State.SUBMITTED


def test_the_next_page_says_so(as_user, filer, declaration) -> None:
    fill_in(filer, declaration)
    text = followed(as_user(filer), declaration)
    assert "已提交。审核结果会显示在首页。" in text
    assert "已提交，等待审核" in text


def test_submitting_twice_is_once(as_user, filer, declaration) -> None:
    fill_in(filer, declaration)
    client = as_user(filer)
    for _ in range(2):
        assert "已提交。" in followed(client, declaration)
    assert declaration.revisions.count() == 1


def test_an_incomplete_one_comes_back_with_the_list(as_user, filer, declaration) -> None:
    text = followed(as_user(filer), declaration)
    assert re.search(r"还有 \d+ 处必须修正，改好后才能提交", text)
    assert "预算整体情况：请填写“基本支出”" in text
    assert reread(declaration).state == State.DRAFT


def test_a_late_one_is_refused_with_the_date(as_user, filer, declaration) -> None:
    fill_in(filer, declaration)
    factories.reschedule(declaration, deadline=-1)
    assert "截止，如需延期请联系财政局" in followed(as_user(filer), declaration)
    assert reread(declaration).state == State.DRAFT


@pytest.mark.parametrize("state", ["submitted", "closed"])
def test_where_nothing_can_be_submitted_the_page_is_the_declaration(
    as_user, filer, declaration, state: str
) -> None:
    if state == "submitted":
        factories.submitted(filer, declaration)
    else:
        factories.reschedule(declaration, deadline=-1)
    answer = as_user(filer).get(address(declaration))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("declaration", args=[declaration.pk])


def test_a_colleague_may(as_user, filer, colleague, declaration) -> None:
    fill_in(filer, declaration)
    client = as_user(colleague)
    assert client.get(address(declaration)).status_code == 200
    assert client.post(address(declaration)).status_code == 302
    assert reread(declaration).state == State.SUBMITTED


@pytest.mark.parametrize("who", ["stranger", "outsider", "reviewer", "administrator"])
def test_for_everybody_else_it_is_404(as_user, request, filer, declaration, who: str) -> None:
    fill_in(filer, declaration)
    client = as_user(request.getfixturevalue(who))
    assert client.get(address(declaration)).status_code == 404
    assert client.post(address(declaration)).status_code == 404
    assert reread(declaration).state == State.DRAFT


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(as_user, filer, declaration, method: str) -> None:
    assert getattr(as_user(filer), method)(address(declaration)).status_code == 405


def test_who_is_not_logged_in_submits_nothing(client, filer, declaration) -> None:
    fill_in(filer, declaration)
    assert client.post(address(declaration)).status_code == 302
    assert reread(declaration).state == State.DRAFT
