"""GET /: what each role has to do."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.models import Declaration, Department
from tests import factories


def home(client: Any) -> str:
    answer = client.get(reverse("home"))
    assert answer.status_code == 200
    return answer.content.decode()


def another(department: Department, year: int) -> Declaration:
    """A further declaration of the department, on the same form."""
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    return factories.round_for(template, department, year=year).declarations.get()


def test_a_filer_sees_the_departments_declarations_and_the_next_step(
    as_user, filer, declaration
) -> None:
    text = home(as_user(filer))
    assert f"<h1>{filer.department.name}</h1>" in text
    assert declaration.round.name in text
    assert "需要填报" in text
    assert "开始填写" in text
    assert "尚未开始填写。" in text
    factories.type_into(filer, declaration, **{"text.overall_goal": "目标"})
    assert "继续填写" in home(as_user(filer))


def test_a_filer_sees_no_other_department(as_user, stranger, declaration) -> None:
    text = home(as_user(stranger))
    assert declaration.department.name not in text
    assert "现在没有需要填报的表。" in text


def test_a_filer_is_told_of_a_return(as_user, filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    text = home(as_user(filer))
    assert "已退回，请修改" in text
    assert "补正截止" in text
    assert "继续修改" in text


def test_a_filer_is_told_that_it_is_too_late(as_user, filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    text = home(as_user(filer))
    assert "截止，如需延期请联系财政局" in text
    assert "开始填写" not in text


def test_what_is_late_is_not_among_what_is_to_be_filled_in(as_user, filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    other = another(filer.department, 2022)
    text = home(as_user(filer))
    to_do, late = text.index("需要填报"), text.index("不在填报时间内")
    assert to_do < text.index(f"/declarations/{other.pk}/") < late
    assert late < text.index(f"/declarations/{declaration.pk}/")


def test_several_years_stand_latest_first(as_user, filer, reviewer, declaration) -> None:
    earlier = [another(filer.department, year) for year in (2021, 2022)]
    for found in (declaration, *earlier):
        factories.approved(filer, reviewer, found)
    text = home(as_user(filer))
    places = [text.index(f"/declarations/{d.pk}/") for d in (declaration, *reversed(earlier))]
    assert places == sorted(places)


def test_a_filer_can_fetch_what_was_approved(as_user, filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    assert reverse("download", args=[declaration.pk, "pdf"]) in home(as_user(filer))


def test_a_reviewer_sees_what_waits_first(as_user, filer, reviewer, declaration) -> None:
    factories.submitted(filer, declaration)
    later = another(filer.department, 2024)
    text = home(as_user(reviewer))
    assert f"<h1>{reviewer.bureau.name}</h1>" in text
    assert "开始审核" in text
    assert text.index("等待审核") < text.index("部门填报中")
    assert text.index(f"/declarations/{declaration.pk}/") < text.index(f"/declarations/{later.pk}/")


def test_an_administrator_sees_the_bureau_and_decides_nothing(
    as_user, filer, administrator, declaration
) -> None:
    factories.submitted(filer, declaration)
    text = home(as_user(administrator))
    assert declaration.department.name in text
    assert "开始审核" not in text


def test_a_reviewer_without_work_is_told_so(as_user, reviewer) -> None:
    text = home(as_user(reviewer))
    assert "没有等待审核的申报。" in text
    assert "还没有审核通过的申报。" in text


def test_nobody_sees_another_bureau(as_user, outsider, filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    text = home(as_user(outsider))
    assert declaration.department.name not in text
    assert f"/declarations/{declaration.pk}/" not in text


@pytest.mark.parametrize(("days", "words"), [(0, "今天截止"), (1, "还有 1 天"), (5, "还有 5 天")])
def test_the_days_that_are_left_are_counted_by_the_calendar(
    as_user, filer, department, days: int, words: str
) -> None:
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59)
    factories.declaration_for(department, deadline=midnight + timedelta(days=days))
    assert words in home(as_user(filer))


def test_who_is_not_logged_in_is_sent_to_the_login(client, db) -> None:
    answer = client.get(reverse("home"))
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/")


def test_a_post_is_refused(as_user, filer) -> None:
    assert as_user(filer).post(reverse("home")).status_code == 405
