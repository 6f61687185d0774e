"""GET /: what each role has to do."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone

from declarations.domain.commenting import add_comment
from declarations.domain.review import claim, return_for_correction
from declarations.models import (
    Bureau,
    Declaration,
    Department,
    Notice,
    NoticeKind,
    Role,
    Round,
    SecondFactor,
    User,
)
from declarations.queries.bureau_home import safety
from declarations.queries.notices import MOST_ATTEMPTS
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


def test_a_department_sees_five_of_each_group_and_how_many_there_are(as_user, filer) -> None:
    for year in range(2015, 2022):
        another(filer.department, year)
    text = home(as_user(filer))
    assert text.count("开始填写<") == 5
    address = reverse("declarations")
    assert f'<a href="{address}">全部需要填报（7）</a>' in text


def test_what_was_returned_comes_first_with_its_open_comments(as_user, filer, reviewer) -> None:
    soon, returned = (another(filer.department, year) for year in (2021, 2022))
    factories.reschedule(soon, deadline=1)
    factories.submitted(filer, returned)
    for text in ("请补充依据。", "请写明口径。"):
        add_comment(reviewer, declaration_id=returned.pk, anchor="", text=text)
    return_for_correction(reviewer, declaration_id=returned.pk)
    text = home(as_user(filer))
    assert text.index(f"/declarations/{returned.pk}/") < text.index(f"/declarations/{soon.pk}/")
    assert "有 2 条批注待处理。" in text


def test_of_what_is_to_be_filled_in_what_closes_first_comes_first(as_user, filer) -> None:
    later, soon = (another(filer.department, year) for year in (2022, 2021))
    factories.reschedule(soon, deadline=1)
    text = home(as_user(filer))
    assert text.index(f"/declarations/{soon.pk}/") < text.index(f"/declarations/{later.pk}/")


def with_head(department: Department) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD, username="head"
    )


def test_a_head_sees_what_waits_for_them_first(as_user, filer, declaration) -> None:
    declaration.round.stages.update(by_head=True)
    head = with_head(filer.department)
    assert "没有等待您审核的申报。" in home(as_user(head))
    assert "本部门填报中" in home(as_user(head))
    factories.submitted(filer, declaration)
    text = home(as_user(head))
    assert "<h1>广州市番禺区残疾人联合会</h1>" in text
    place = text.index("等待您审核")
    assert place < text.index(f"/declarations/{declaration.pk}/")
    assert "没有等待您审核的申报。" not in text


def test_a_reviewer_sees_the_queue_in_numbers_and_what_waits(
    as_user, filer, reviewer, declaration
) -> None:
    factories.submitted(filer, declaration)
    text = home(as_user(reviewer))
    assert f"<h1>{reviewer.bureau.name}</h1>" in text
    assert "开始审核" in text
    queue = reverse("review")
    assert f'<a href="{queue}?tab=new"><strong>1</strong> 新提交</a>' in text
    assert f'<a href="{queue}?tab=mine"><strong>0</strong> 我的</a>' in text
    assert "批次进度" in text
    assert "共 1 个部门：已提交 1" in text
    claim(reviewer, declaration_id=declaration.pk)
    text = home(as_user(reviewer))
    assert f'<a href="{queue}?tab=mine"><strong>1</strong> 我的</a>' in text
    assert "继续审核" in text


def test_a_reviewer_does_not_see_what_another_stage_or_the_head_decides(
    as_user, filer, reviewer, declaration
) -> None:
    declaration.round.stages.update(by_head=True)
    factories.submitted(filer, declaration)
    text = home(as_user(reviewer))
    assert "没有等待您审核的申报。" in text
    assert f"/declarations/{declaration.pk}/" not in text


def test_a_reviewer_without_work_is_told_so(as_user, reviewer) -> None:
    text = home(as_user(reviewer))
    assert "没有等待您审核的申报。" in text
    assert "还没有开始的填报批次。" in text


def test_a_publisher_sees_what_is_to_be_published_and_progress(
    as_user, filer, reviewer, declaration
) -> None:
    publisher = factories.UserFactory.create(bureau=reviewer.bureau, role=Role.PUBLISHER)
    assert "没有等待公开的申报。" in home(as_user(publisher))
    factories.approved(filer, reviewer, declaration)
    text = home(as_user(publisher))
    assert declaration.department.name in text
    assert reverse("publishing-check", args=[declaration.pk]) in text
    assert "<strong>1</strong> 待审查" in text
    assert reverse("round", args=[declaration.round_id]) in text
    assert "开始审核" not in text


def test_an_administrator_sees_what_is_to_be_set_up(as_user, administrator, declaration) -> None:
    text = home(as_user(administrator))
    assert "1 个部门还没有可以填报的人员" in text
    assert "还没有审核人" in text
    assert "邮件没有发出" not in text
    factories.filer_of(declaration.department)
    factories.UserFactory.create(bureau=administrator.bureau, role=Role.REVIEWER)
    Notice.objects.create(
        recipient=administrator,
        kind=NoticeKind.ACCOUNT,
        title="账号",
        text="账号",
        email="a@example.org",
        attempts=MOST_ATTEMPTS,
        error="refused",
    )
    text = home(as_user(administrator))
    assert "还没有可以填报的人员" not in text
    assert "还没有审核人" not in text
    assert "1 封邮件多次发送失败" in text
    assert "共 1 个部门：未开始 1" in text


def test_an_administrator_sees_that_a_round_is_still_being_opened(
    as_user, administrator, declaration
) -> None:
    Round.objects.update(waiting=[declaration.department_id])
    assert "正在为部门生成申报，还有 1 个部门。" in home(as_user(administrator))


def test_late_departments_are_counted_with_a_link_to_them(
    as_user, administrator, declaration
) -> None:
    factories.reschedule(declaration, deadline=-1)
    address = reverse("round", args=[declaration.round_id])
    assert f'href="{address}?state=late#departments">逾期 1 个' in home(as_user(administrator))


def test_a_security_administrator_sees_how_accounts_stand(as_user, filer, reviewer) -> None:
    bureau = reviewer.bureau
    security = factories.UserFactory.create(bureau=bureau, role=Role.SECURITY)
    text = home(as_user(security))
    assert "<strong>0</strong> 人应启用动态口令而未启用" in text
    assert "在用账号共 3 个。" in text
    Bureau.objects.filter(pk=bureau.pk).update(second_factor=SecondFactor.BUREAU)
    User.objects.filter(pk=filer.pk).update(password_changed_at=None)
    AccessAttempt.objects.create(
        username=filer.username,
        ip_address="192.0.2.1",
        user_agent="",
        attempt_time=timezone.now(),
        failures_since_start=99,
    )
    client = as_user(reviewer)
    client.get(reverse("home"))
    found = safety(Bureau.objects.get(pk=bureau.pk))
    assert (found.locked, found.first_password, found.without_code) == (1, 1, 2)
    assert found.people == 3
    assert found.sessions >= 1


def test_an_auditor_sees_the_last_acts_and_the_way_to_the_record(
    as_user, filer, declaration
) -> None:
    factories.type_into(filer, declaration, **{"text.overall_goal": "目标"})
    factories.submitted(filer, declaration)
    auditor = factories.UserFactory.create(bureau=filer.bureau, role=Role.AUDITOR)
    text = home(as_user(auditor))
    assert '<th scope="row">提交</th>' in text
    assert filer.name in text
    assert reverse("record") in text
    assert f"/declarations/{declaration.pk}/" not in text


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
