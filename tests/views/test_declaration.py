"""GET declarations/<pk>/: to fill in, to review or to read, as person and state allow."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.commenting import add_comment
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import Declaration
from tests import factories
from tests.factories import type_into

BUDGET = "funding/basic/budget"
GOAL = "text/overall_goal"


def page(client: Any, declaration: Declaration, **query: str) -> Any:
    return client.get(reverse("declaration", args=[declaration.pk]), query)


def templates(answer: Any) -> list[str]:
    return [t.name for t in answer.templates]


# The department


def test_the_owner_fills_in_a_draft(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{BUDGET: "483.09"})
    answer = page(as_user(filer), declaration)
    assert answer.status_code == 200
    assert "declarations/editor.html" in templates(answer)
    text = answer.content.decode()
    assert f'name="{BUDGET}"' in text
    assert 'value="483.09"' in text
    assert reverse("submit", args=[declaration.pk]) in text
    assert "填报中" in text


def test_a_colleague_may(as_user, colleague, declaration) -> None:
    assert "declarations/editor.html" in templates(page(as_user(colleague), declaration))


def test_the_owner_reads_what_is_under_review(as_user, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = page(as_user(filer), declaration)
    assert "declarations/read.html" in templates(answer)
    text = answer.content.decode()
    assert "已提交，等待审核" in text
    assert "<textarea" not in text
    assert reverse("decision", args=[declaration.pk]) not in text


def test_before_the_opening_the_owner_reads(as_user, filer, declaration) -> None:
    factories.reschedule(declaration, opens_at=1)
    answer = page(as_user(filer), declaration)
    assert "declarations/read.html" in templates(answer)
    assert "填报将于" in answer.content.decode()


def test_after_the_deadline_the_owner_reads_the_draft(as_user, filer, declaration) -> None:
    type_into(filer, declaration, **{GOAL: "没来得及提交的目标"})
    factories.reschedule(declaration, deadline=-1)
    answer = page(as_user(filer), declaration)
    assert "declarations/read.html" in templates(answer)
    text = answer.content.decode()
    assert "没来得及提交的目标" in text
    assert "截止，如需延期请联系财政局" in text


def test_a_returned_one_is_filled_in_with_the_comments_beside(
    as_user, filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor=BUDGET, text="请核对基本支出。")
    return_for_correction(reviewer, declaration_id=declaration.pk)
    answer = page(as_user(filer), declaration)
    text = answer.content.decode()
    assert "declarations/editor.html" in templates(answer)
    assert "请核对基本支出。" in text
    assert "尚未修改" in text
    assert "重新提交" in text
    type_into(filer, declaration, **{BUDGET: "484"})
    assert "部门已修改" in page(as_user(filer), declaration).content.decode()


def test_the_department_does_not_see_comments_before_the_decision(
    as_user, filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor=BUDGET, text="还在斟酌的话")
    for query in ({}, {"cell": BUDGET}):
        text = page(as_user(filer), declaration, **query).content.decode()
        assert "还在斟酌的话" not in text
        assert "批注 1" not in text
    pass_on(reviewer, declaration_id=declaration.pk)
    assert "还在斟酌的话" in page(as_user(filer), declaration).content.decode()


# The bureau


@pytest.mark.parametrize("who", ["reviewer", "administrator"])
def test_the_bureau_sees_nothing_of_a_draft(as_user, request, filer, declaration, who: str) -> None:
    type_into(filer, declaration, **{GOAL: "还没写完的目标"})
    answer = page(as_user(request.getfixturevalue(who)), declaration, cell=GOAL)
    assert "declarations/nothing_yet.html" in templates(answer)
    assert "还没写完的目标" not in answer.content.decode()


def test_the_reviewer_reviews(as_user, filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    text = page(as_user(reviewer), declaration, cell=BUDGET).content.decode()
    assert reverse("decision", args=[declaration.pk]) in text
    assert reverse("comments", args=[declaration.pk]) in text
    assert "退回部门修改" in text
    assert "审核通过" in text


def test_the_administrator_reads_and_does_not_decide(
    as_user, filer, administrator, declaration
) -> None:
    factories.submitted(filer, declaration)
    text = page(as_user(administrator), declaration, cell=BUDGET).content.decode()
    assert reverse("decision", args=[declaration.pk]) not in text
    assert reverse("comments", args=[declaration.pk]) not in text


def test_a_resubmission_shows_exactly_what_changed(as_user, filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    text = page(as_user(reviewer), declaration).content.decode()
    assert "与第1版相比：修改 1 格" in text
    assert "改过的目标</ins>" in text
    assert text.count('class="cell alone changed"') == 1
    assert "以前的批注，尚未解决" in text
    assert "请补充依据。" in text


@pytest.mark.django_db(transaction=True)  # the history's clock is the transaction's
@pytest.mark.parametrize("who", ["reviewer", "administrator"])
def test_corrections_in_the_making_are_the_departments_own(
    as_user, request, filer, reviewer, declaration, who: str
) -> None:
    factories.returned(filer, reviewer, declaration)
    type_into(filer, declaration, **{GOAL: "还没改完的目标"})
    client = as_user(request.getfixturevalue(who))
    for name in ("declaration", "panel"):
        address = reverse(name, args=[declaration.pk])
        text = client.get(address, {"cell": GOAL}).content.decode()
        assert "修改记录（1）" in text
        assert "还没改完的目标" not in text
    own = as_user(filer).get(reverse("panel", args=[declaration.pk]), {"cell": GOAL})
    assert "还没改完的目标" in own.content.decode()


def test_an_approved_one_offers_its_documents(as_user, filer, reviewer, administrator, declaration):
    factories.approved(filer, reviewer, declaration)
    for user in (filer, reviewer, administrator):
        text = page(as_user(user), declaration).content.decode()
        assert reverse("download", args=[declaration.pk, "pdf"]) in text
        assert "<textarea" not in text


# Strangers, and addresses that are none


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_a_stranger_gets_404(as_user, request, filer, declaration, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert page(client, declaration).status_code == 404
    factories.submitted(filer, declaration)
    assert page(client, declaration).status_code == 404


def test_one_that_is_not_there_is_404_like_one_that_is_not_yours(as_user, filer, declaration):
    client = as_user(filer)
    for pk in (0, declaration.pk + 1, 10**30):
        answer = client.get(reverse("declaration", args=[pk]))
        assert answer.status_code == 404
        assert "找不到这个页面" in answer.content.decode()


@pytest.mark.parametrize(
    "cell", ["nonsense", "task/²/name", "task/0/name", "\x00", "x" * 5_000, "<script>"]
)
def test_a_cell_that_is_not_there_shows_the_page_without_it(
    as_user, filer, declaration, cell: str
) -> None:
    answer = page(as_user(filer), declaration, cell=cell)
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_a_post_is_refused(as_user, filer, declaration) -> None:
    assert as_user(filer).post(reverse("declaration", args=[declaration.pk])).status_code == 405


def test_who_is_not_logged_in_is_sent_to_the_login(client, declaration) -> None:
    address = reverse("declaration", args=[declaration.pk])
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('login')}?next={address}"


def test_htmx_is_told_401_instead(client, declaration) -> None:
    address = reverse("declaration", args=[declaration.pk])
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 401
