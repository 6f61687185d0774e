"""The parts of the editor that are asked for anew: table, outline and panel."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.rows import add_row
from declarations.models import Declaration
from tests import factories
from tests.factories import fill_in, type_into
from tests.sheets.workbooks import workbook

GOAL = "text/overall_goal"


def part(client: Any, name: str, declaration: Declaration, **query: str) -> Any:
    return client.get(reverse(name, args=[declaration.pk]), query)


def test_the_table_shows_what_is_stored_now(as_user, filer, declaration) -> None:
    added = add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    answer = part(as_user(filer), "table", declaration)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'name="{added}/name"' in text
    assert "<html" not in text


def test_the_outline_counts_what_is_left(as_user, filer, declaration) -> None:
    client = as_user(filer)
    text = part(client, "outline", declaration).content.decode()
    assert "0/8" in text
    assert "必须修正 8" in text
    assert "预算整体情况：请填写“基本支出”" in text
    fill_in(filer, declaration)
    text = part(client, "outline", declaration).content.decode()
    assert text.count("已完成") == 5
    assert 'data-by-name="填报人甲"' in text


def test_what_is_required_above_and_below_the_table_counts(as_user, filer, department) -> None:
    form = workbook(
        {
            "A1:B1": "表名",
            "A2:B2": "填报日期：{{text.day}}",
            "A3": "内容",
            "B3": "{{text.content}}",
            "A4:B4": "联系电话：{{text.phone}}",
        },
        lines=[1, 2, 4],
        fields=[
            ["标签", "必填", "类型"],
            ["text.day", "是", "日期"],
            ["text.content", "是", ""],
            ["text.phone", "是", "单行文字"],
        ],
    )
    declaration = factories.declaration_for(department, form)
    client = as_user(filer)
    text = part(client, "outline", declaration).content.decode()
    assert "请填写“填报日期”" in text
    assert "请填写“联系电话”" in text
    assert "表格以外" in text
    assert "0/2" in text
    text = part(client, "submit", declaration).content.decode()
    assert "还有 3 处必须修正" in text
    assert "请填写“填报日期”" in text


def test_the_panel_shows_help_and_history_of_a_cell(as_user, filer, colleague, declaration) -> None:
    type_into(filer, declaration, **{GOAL: "第一稿"})
    type_into(colleague, declaration, **{GOAL: "第二稿"})
    text = part(as_user(filer), "panel", declaration, cell=GOAL).content.decode()
    assert "总体绩效目标" in text
    assert "一般不超过 50" in text
    assert "修改记录（2）" in text
    assert text.index("填报人乙") < text.index("填报人甲")
    assert "第一稿</ins>" in text


def test_the_panel_without_a_cell_shows_all_comments(as_user, filer, reviewer, declaration):
    factories.returned(filer, reviewer, declaration)
    text = part(as_user(filer), "panel", declaration).content.decode()
    assert "请补充依据。" in text
    assert "整份申报" in text


def test_the_panel_of_a_draft_is_404_for_the_bureau(as_user, reviewer, declaration) -> None:
    assert part(as_user(reviewer), "panel", declaration, cell=GOAL).status_code == 404


def test_the_panel_of_a_revision_is_the_bureaus_too(as_user, filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = part(as_user(reviewer), "panel", declaration, cell=GOAL)
    assert answer.status_code == 200
    assert "添加批注" in answer.content.decode()


@pytest.mark.parametrize("name", ["table", "outline"])
@pytest.mark.parametrize("who", ["reviewer", "administrator", "stranger", "outsider"])
def test_table_and_outline_are_the_departments_own(
    as_user, request, filer, declaration, who: str, name: str
) -> None:
    client = as_user(request.getfixturevalue(who))
    assert part(client, name, declaration).status_code == 404
    factories.submitted(filer, declaration)
    assert part(client, name, declaration).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_the_panel_is_404_for_strangers(as_user, request, filer, declaration, who: str) -> None:
    factories.submitted(filer, declaration)
    client = as_user(request.getfixturevalue(who))
    assert part(client, "panel", declaration, cell=GOAL).status_code == 404


@pytest.mark.parametrize("name", ["table", "outline", "panel"])
def test_a_colleague_may_and_posts_are_refused(as_user, colleague, declaration, name: str) -> None:
    client = as_user(colleague)
    assert part(client, name, declaration).status_code == 200
    assert client.post(reverse(name, args=[declaration.pk])).status_code == 405


@pytest.mark.parametrize("name", ["table", "outline", "panel"])
def test_a_script_whose_session_ended_gets_a_401(client, declaration, name: str) -> None:
    address = reverse(name, args=[declaration.pk])
    assert client.get(address, headers={"X-Requested-With": "fetch"}).status_code == 401
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 401
