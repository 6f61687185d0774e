"""GET compare/ and history/ of a declaration: two versions on the table, and a cell's history."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.pasting import paste
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import Declaration, Role, User
from tests import factories
from tests.factories import type_into
from tests.test_queries import assert_count, queries_of, with_indicators

GOAL = "text/overall_goal"
BUDGET = "funding/basic/budget"


@pytest.fixture
def twice(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    """Submitted, returned, changed, submitted again."""
    type_into(filer, declaration, **{GOAL: "为残疾人提供康复服务。"})
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "为残疾儿童提供康复服务。"})
    submit(filer, declaration_id=declaration.pk)
    return factories.reread(declaration)


def compare(client: Any, declaration: Declaration, **keys: str) -> Any:
    return client.get(reverse("compare", args=[declaration.pk]), keys)


def history(client: Any, declaration: Declaration, **keys: str) -> Any:
    return client.get(reverse("history", args=[declaration.pk]), keys)


@pytest.mark.parametrize("who", ["filer", "reviewer", "administrator"])
def test_two_revisions_character_by_character(as_user, request, twice, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    for answer in (compare(client, twice), compare(client, twice, **{"from": "1", "to": "2"})):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "第2版（审核中）与第1版（已退回）相比：修改 1 格" in text
        assert "残疾<del>" in text
        assert "删除：</span>人</del>" in text
        assert "新增：</span>儿童</ins>" in text
        assert text.count('class="cell changed') == 1
    back = compare(client, twice, **{"from": "2", "to": "1"}).content.decode()
    assert "新增：</span>人</ins>" in back


def test_the_same_version_twice(as_user, filer, twice) -> None:
    text = compare(as_user(filer), twice, **{"from": "1", "to": "1"}).content.decode()
    assert "请选择两个不同的版本" in text


@pytest.mark.parametrize(
    "keys",
    [{"from": "3", "to": "1"}, {"from": "1", "to": "9" * 30}, {"from": "x", "to": "2"}],
    ids=range(3),
)
def test_a_version_that_there_is_not_is_404(as_user, filer, twice, keys: dict[str, str]) -> None:
    assert compare(as_user(filer), twice, **keys).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_others_get_404(as_user, request, twice, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert compare(client, twice).status_code == 404
    assert history(client, twice, cell=GOAL).status_code == 404


def test_the_department_compares_its_draft_and_nobody_else_does(
    as_user, filer, reviewer, declaration
) -> None:
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    text = compare(as_user(filer), declaration).content.decode()
    assert "正在填写的内容与第1版（已退回）相比" in text
    assert "现为：</span>改过的目标</ins>" in text
    assert compare(as_user(reviewer), declaration, to="draft").status_code == 404
    assert "正在填写" not in compare(as_user(reviewer), declaration).content.decode()


def test_a_first_draft_has_nothing_to_be_compared_with(
    as_user, filer, reviewer, declaration
) -> None:
    assert "还没有可以对比的其他版本" in compare(as_user(filer), declaration).content.decode()
    assert compare(as_user(reviewer), declaration).status_code == 404


def test_with_last_years(as_user, filer, reviewer, department, declaration) -> None:
    last = factories.declaration_for(department, year=2022)
    type_into(
        filer,
        last,
        **{GOAL: "上年的目标。", "indicators.level3": "服务人数", "indicators.target": "100人"},
    )
    factories.approved(filer, reviewer, last)
    type_into(
        filer,
        declaration,
        **{GOAL: "今年的目标。", "indicators.level3": "服务人数", "indicators.target": "120人"},
    )
    factories.submitted(filer, declaration)
    for user in (filer, reviewer):
        text = compare(as_user(user), declaration, **{"from": "last"}).content.decode()
        assert "上年（2022年）现行版本" in text
        assert "删除：</span>上</del>" in text
        assert "新增：</span>今</ins>" in text
        assert "删除：</span>100</del>" in text
        assert "另一张表" not in text


def test_what_the_head_sent_back_the_bureau_does_not_compare(
    as_user, filer, reviewer, department, declaration
) -> None:
    head = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD
    )
    declaration.round.stages.update(position=2)
    declaration.round.stages.create(position=1, name="部门审核", by_head=True)
    type_into(filer, declaration, **{GOAL: "不宜外传的话"})
    factories.submitted(filer, declaration)
    return_for_correction(head, declaration_id=declaration.pk, opinion="重写")
    type_into(filer, declaration, **{GOAL: "重写过的话"})
    submit(filer, declaration_id=declaration.pk)
    client = as_user(reviewer)
    assert compare(client, declaration).status_code == 404
    pass_on(head, declaration_id=declaration.pk)
    assert compare(client, declaration, **{"from": "1", "to": "2"}).status_code == 404
    assert "不宜外传的话" not in compare(client, declaration).content.decode()
    assert "不宜外传" in compare(as_user(head), declaration).content.decode()


@pytest.mark.parametrize("indicators", [1, 100])
def test_how_many_queries_a_comparison_takes(as_user, filer, twice, indicators: int) -> None:
    with_indicators(twice, indicators)
    assert_count(queries_of(as_user(filer), reverse("compare", args=[twice.pk])), 10)


# History


@pytest.mark.django_db(transaction=True)  # moments are those of transactions
def test_the_history_of_a_cell_with_the_submissions_between(as_user, filer, twice) -> None:
    answer = history(as_user(filer), twice, cell=GOAL)
    moments = [getattr(m, "milestone", "") or m.after for m in answer.context["page"]]
    assert moments == [
        "第2版提交",
        "为残疾儿童提供康复服务。",
        "第1版提交",
        "为残疾人提供康复服务。",
    ]
    assert "总体绩效目标" in answer.content.decode()


def test_it_says_how_a_cell_was_changed(as_user, filer, declaration) -> None:
    paste(filer, declaration_id=declaration.pk, anchor=BUDGET, block=[["12"]])
    assert "填报人甲（粘贴）" in history(as_user(filer), declaration, cell=BUDGET).content.decode()


def test_it_is_complete(as_user, filer, declaration) -> None:
    for number in range(55):
        type_into(filer, declaration, **{GOAL: f"第{number}稿"})
    client = as_user(filer)
    assert "共修改 55 次" in history(client, declaration, cell=GOAL).content.decode()
    assert "第0稿" in history(client, declaration, cell=GOAL, page="2").content.decode()
    panel = client.get(reverse("panel", args=[declaration.pk]), {"cell": GOAL}).content.decode()
    assert "修改记录（55）" in panel
    assert panel.count("（空）") == 0
    assert panel.count("<ins>") == 10


@pytest.mark.django_db(transaction=True)
def test_what_came_after_the_submission_the_bureau_does_not_see(
    as_user, filer, reviewer, declaration
) -> None:
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "还在斟酌"})
    assert "还在斟酌" not in history(as_user(reviewer), declaration, cell=GOAL).content.decode()
    assert "还在斟酌" in history(as_user(filer), declaration, cell=GOAL).content.decode()


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"cell": ""},
        {"cell": "nonsense"},
        {"cell": GOAL, "revision": "9"},
        {"cell": GOAL, "revision": "x"},
    ],
    ids=range(5),
)
def test_a_cell_that_there_is_not_is_404(as_user, filer, twice, keys: dict[str, str]) -> None:
    assert history(as_user(filer), twice, **keys).status_code == 404
