"""GET review/: the queue; review/pass/: several at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.domain.assigning import assign
from declarations.domain.commenting import add_comment
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.review_sheets import save_sheet
from declarations.domain.submission import submit
from declarations.models import (
    Declaration,
    DepartmentGroup,
    EventKind,
    State,
    User,
)
from declarations.queries.review_queue import Tab, counts, in_tab, queue_of
from tests import factories
from tests.factories import reread
from tests.reviewing import FIRST, FULL, HEAD, LAST, head_of, many, reviewer_of, stage_of, staged
from tests.test_queries import assert_count, queries_of


@pytest.fixture
def second(department: Any) -> User:
    return reviewer_of(department, "审核人乙")


def queue(client: Any, **query: Any) -> Any:
    answer = client.get(reverse("review"), query)
    assert answer.status_code == 200
    return answer


def shown(answer: Any) -> list[int]:
    return [row.declaration.pk for row in answer.context["rows"]]


def keys(*found: Declaration) -> list[int]:
    return [declaration.pk for declaration in found]


def again(filer: User, reviewer: User, declaration: Declaration) -> None:
    """Returned, changed and submitted again."""
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请修改。")
    factories.type_into(filer, declaration, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=declaration.pk)


# What is in it


def test_every_tab_has_what_belongs_there(as_user, filer, reviewer, second, department) -> None:
    resubmitted = factories.submitted(filer, staged(department, FIRST))
    again(filer, reviewer, resubmitted)
    new, mine, others, late = many(department, 4, FIRST, year=2024)
    claim(reviewer, declaration_id=mine.pk)
    claim(second, declaration_id=others.pk)
    long_ago = timezone.now() - timedelta(days=6)
    Declaration.objects.filter(pk=late.pk).update(arrived_at=long_ago)
    client = as_user(reviewer)
    found = {tab: set(shown(queue(client, tab=tab.value))) for tab in Tab}
    assert found == {
        Tab.ALL: {resubmitted.pk, new.pk, mine.pk, late.pk},
        Tab.NEW: {new.pk, mine.pk, late.pk},
        Tab.AGAIN: {resubmitted.pk},
        Tab.OVERDUE: {late.pk},
        Tab.MINE: {mine.pk},
        Tab.OTHERS: {others.pk},
    }
    assert dict(queue(client).context["tabs"]) == {tab: len(pks) for tab, pks in found.items()}


def test_counts_agree_with_what_the_tabs_show(reviewer, department) -> None:
    many(department, 3, FIRST)
    waiting = queue_of(reviewer, timezone.now())
    for tab, count in counts(waiting, reviewer).items():
        assert waiting.filter(in_tab(tab, reviewer)).count() == count


def test_what_was_recalled_and_submitted_again_is_new(as_user, filer, reviewer, department) -> None:
    from declarations.domain.recalling import recall

    declaration = factories.submitted(filer, staged(department, FIRST))
    recall(filer, declaration_id=declaration.pk)
    factories.type_into(filer, declaration, **{"text/overall_goal": "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    assert shown(queue(as_user(reviewer), tab="new")) == [declaration.pk]


def test_what_the_head_returned_is_new_to_the_bureau_and_again_to_the_head(
    as_user, filer, reviewer, department
) -> None:
    head = head_of(department)
    declaration = factories.submitted(filer, staged(department, HEAD, FIRST))
    again(filer, head, declaration)
    assert shown(queue(as_user(head), tab="again")) == [declaration.pk]
    assert shown(queue(as_user(reviewer))) == []
    pass_on(head, declaration_id=declaration.pk)
    assert shown(queue(as_user(reviewer), tab="new")) == [declaration.pk]
    assert shown(queue(as_user(head))) == []


def test_only_what_stands_at_a_stage_of_theirs(as_user, reviewer, second, department) -> None:
    mine, theirs = (
        many(department, 1, FIRST.__class__("初审", reviewers=[person]), year=year)[0]
        for person, year in ((reviewer, 2024), (second, 2025))
    )
    assert shown(queue(as_user(reviewer))) == [mine.pk]
    assert shown(queue(as_user(second))) == [theirs.pk]


def test_another_bureaus_is_not_there(as_user, outsider, department) -> None:
    many(department, 1, FIRST)
    assert shown(queue(as_user(outsider))) == []


def test_it_is_searched_filtered_and_sorted(as_user, reviewer, department) -> None:
    first, second = many(department, 2, FIRST, year=2024)
    third = many(department, 1, FIRST, year=2025)[0]
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="残联系统")
    second.department.group = group
    second.department.save()
    client = as_user(reviewer)
    assert shown(queue(client)) == keys(first, second, third)
    assert shown(queue(client, sort="latest")) == keys(third, second, first)
    assert shown(queue(client, round=third.round_id)) == [third.pk]
    assert shown(queue(client, group=group.pk)) == [second.pk]
    assert shown(queue(client, department=first.department.name)) == [first.pk]
    assert shown(queue(client, department="没有这个部门")) == []
    assert shown(queue(client, round="x", group="99999", sort="?", tab="?")) == keys(
        first, second, third
    )


def test_the_one_button_of_each_row(as_user, reviewer, second, department) -> None:
    free, mine, others = many(department, 3, FIRST)
    claim(reviewer, declaration_id=mine.pk)
    claim(second, declaration_id=others.pk)
    text = queue(as_user(reviewer)).content.decode()
    assert "认领<span" in text
    assert "继续审核<span" in text
    assert "接手<span" not in text
    text = queue(as_user(reviewer), tab="others").content.decode()
    assert "审核人乙正在审核这份申报。确定由您接手吗？" in text
    assert free.department.name not in text


def test_what_was_assigned_to_me_comes_first_as_the_next(
    as_user, administrator, reviewer, second, department
) -> None:
    first, later = many(department, 2, FIRST)
    client = as_user(reviewer)
    assert queue(client).context["next"] == first
    assign(
        administrator,
        stage_id=stage_of(later, FIRST.name).pk,
        declaration_ids=[later.pk],
        reviewer_ids=[reviewer.pk],
    )
    answer = queue(client)
    assert answer.context["next"] == later
    assert "（分派，未开始）" in answer.content.decode()


@pytest.mark.parametrize("who", ["filer", "administrator"])
def test_it_is_404_for_who_does_not_review(as_user, request, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert client.get(reverse("review")).status_code == 404
    assert client.get(reverse("review-pass")).status_code == 404
    assert client.post(reverse("review-pass")).status_code == 404


@pytest.mark.parametrize("count", [1, 12])
def test_it_takes_the_same_queries_however_much_waits(
    as_user, reviewer, department, count: int
) -> None:
    many(department, count, FIRST)
    assert_count(queries_of(as_user(reviewer), reverse("review")), 9)


# Several at once


def summary(client: Any, *found: Declaration) -> Any:
    return client.get(reverse("review-pass"), {"declaration": keys(*found)})


def named(declaration: Declaration) -> str:
    return f"{declaration.pk}/{declaration.revision_id}/{declaration.stage_id}"


def test_the_summary_tells_what_there_is_to_know(
    as_user, filer, reviewer, second, department
) -> None:
    first = factories.submitted(filer, staged(department, FIRST))
    again(filer, reviewer, first)
    add_comment(reviewer, declaration_id=first.pk, anchor="", text="请看。")
    taken, unscored, free = many(department, 3, LAST, year=2024)
    claim(second, declaration_id=taken.pk)
    save_sheet(reviewer, declaration_id=free.pk, points=FULL)
    answer = summary(as_user(reviewer), first, taken, unscored, free)
    passable = {one.declaration.pk: one for one in answer.context["passable"]}
    assert set(passable) == {first.pk, free.pk}
    assert passable[first.pk].open_comments == 1
    assert passable[first.pk].changes == "修改 1 格"
    assert passable[free.pk].changes is None
    assert [e.field.tag for e in passable[free.pk].totals]
    why = {one.declaration.pk: one.why_not for one in answer.context["left_out"]}
    assert why == {taken.pk: "审核人乙 正在审核", unscored.pk: "没有填写审核评分表"}


def test_they_are_passed_each_by_itself(as_user, reviewer, second, department) -> None:
    found = many(department, 3, FIRST, LAST)
    names = [named(d) for d in found]
    claim(second, declaration_id=found[1].pk)
    answer = as_user(reviewer).post(reverse("review-pass"), {"passing": names})
    problems = [one.problem for one in answer.context["passed"]]
    assert problems == ["", "审核人乙 正在审核这份申报；如需由您处理，请先接手", ""]
    stages = [reread(d).stage.name for d in found]  # type: ignore[union-attr]
    assert stages == [LAST.name, FIRST.name, LAST.name]


def test_a_second_click_passes_nothing_twice(as_user, reviewer, department) -> None:
    found = many(department, 2, FIRST, FIRST.__class__("复审"), LAST)
    names = [named(d) for d in found]
    client = as_user(reviewer)
    for _ in range(2):
        answer = client.post(reverse("review-pass"), {"passing": names})
        assert [one.problem for one in answer.context["passed"]] == ["", ""]
    for declaration in found:
        assert reread(declaration).stage.name == "复审"  # type: ignore[union-attr]
        assert declaration.events.filter(kind=EventKind.PASSED).count() == 1


def test_the_last_stage_approves(as_user, reviewer, department) -> None:
    (declaration,) = many(department, 1, FIRST)
    answer = as_user(reviewer).post(reverse("review-pass"), {"passing": [named(declaration)]})
    assert "已审核通过" in answer.content.decode()
    assert reread(declaration).state == State.APPROVED


def test_nothing_chosen_is_told(as_user, reviewer, department) -> None:
    answer = as_user(reviewer).get(reverse("review-pass"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("review"))
    answer = as_user(reviewer).post(reverse("review-pass"))
    assert "没有勾选任何申报" in answer.content.decode()


@pytest.mark.parametrize("name", ["x", "1", "1/2", "1/2/x", f"{10**30}/1/1", "1/2/3/4", "²/1/1"])
def test_nonsense_is_404(as_user, reviewer, name: str) -> None:
    assert as_user(reviewer).post(reverse("review-pass"), {"passing": [name]}).status_code == 404


def test_another_bureaus_is_neither_listed_nor_passed(as_user, outsider, department) -> None:
    (declaration,) = many(department, 1, FIRST)
    client = as_user(outsider)
    assert summary(client, declaration).status_code == 302
    answer = client.post(reverse("review-pass"), {"passing": [named(declaration)]})
    assert answer.status_code == 404
    assert reread(declaration).state == State.SUBMITTED


@pytest.mark.parametrize("count", [1, 8])
def test_the_summary_takes_the_same_queries_for_one_and_many(
    as_user, reviewer, department, count: int
) -> None:
    found = many(department, count, FIRST)
    address = reverse("review-pass") + "?" + "&".join(f"declaration={d.pk}" for d in found)
    assert_count(queries_of(as_user(reviewer), address), 9)
