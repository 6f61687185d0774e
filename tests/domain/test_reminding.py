"""Reminders: on their day, to who owes something, once."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.extending import extend
from declarations.domain.reminding import remind_due, remind_now
from declarations.models import (
    Declaration,
    Event,
    EventKind,
    Notice,
    NoticeKind,
    Role,
    Round,
    Stage,
)
from tests import factories
from tests.races import at_once

DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


DEADLINE = at("2020-05-20 18:00")


@pytest.fixture
def owed(filer, declaration) -> Declaration:
    """Not handed in; called on long before its deadline of 20 May, 18:00."""
    Round.objects.update(
        opens_at=at("2020-03-01 09:00"), deadline=DEADLINE, correction_deadline=DEADLINE + 10 * DAY
    )
    Notice.objects.update(created_at=at("2020-03-01 09:00"))
    return factories.reread(declaration)


@pytest.fixture
def head(department):
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD
    )


def reminders(user=None) -> list[Notice]:
    found = Notice.objects.filter(kind=NoticeKind.REMINDER).order_by("pk")
    return list(found.filter(recipient=user) if user else found)


# On their day


def test_a_reminder_goes_out_on_the_morning_of_its_day_and_not_before(owed, filer) -> None:
    assert remind_due(at("2020-05-13 08:59")) == 0
    assert remind_due(at("2020-05-13 09:00")) == 1
    (notice,) = reminders(filer)
    assert notice.title == f"“{owed.round}”填报还有 7 天，请及时提交"
    assert "填报截止时间为 2020年5月20日 18:00（还有 7 天）" in notice.text
    assert notice.declaration == owed


def test_every_reminder_is_sent_once(owed) -> None:
    sent = {}
    moment = at("2020-05-12 00:05")
    while moment < at("2020-06-05 00:00"):
        if count := remind_due(moment):
            sent[timezone.localtime(moment).strftime("%m-%d %H:%M")] = count
        moment += timedelta(hours=1)
    assert sent == dict.fromkeys(
        ["05-13 09:05", "05-17 09:05", "05-19 09:05", "05-21 09:05", "05-23 09:05", "05-27 09:05"],
        1,
    )


def test_on_the_last_day_it_says_so_and_after_it_that_it_is_late(owed, filer, head) -> None:
    Round.objects.update(remind_before=[1], remind_after=[1])
    remind_due(at("2020-05-20 10:00"))
    assert [n.title for n in reminders()] == [f"“{owed.round}”填报今天截止，请及时提交"]
    assert remind_due(at("2020-05-21 09:00")) == 2
    (late,) = reminders(head)
    assert late.title == f"“{owed.round}”填报已逾期，请尽快联系财政局"
    assert reminders(filer)[-1].title == late.title


def test_what_was_missed_is_sent_once_and_only_the_latest_of_it(owed) -> None:
    assert remind_due(at("2020-05-19 12:00")) == 1
    assert "还有 1 天" in reminders()[0].title


def test_what_has_lost_its_meaning_is_not_sent(owed) -> None:
    assert remind_due(at("2020-05-20 18:01")) == 0, "before the deadline, but it has passed"
    assert remind_due(at("2020-06-03 09:01")) == 0, "the last one, more than a week ago"
    assert remind_due(at("2020-06-03 08:59")) == 1


def test_who_was_called_on_after_the_day_is_not_reminded_of_it(owed) -> None:
    Notice.objects.update(created_at=at("2020-05-15 09:00"))
    assert remind_due(at("2020-05-15 12:00")) == 0
    assert remind_due(at("2020-05-17 12:00")) == 1


def test_a_round_that_has_not_opened_or_is_long_over_reminds_nobody(owed) -> None:
    Round.objects.update(opens_at=at("2020-05-18 09:00"))
    Notice.objects.all().delete()
    assert remind_due(at("2020-05-17 12:00")) == 0
    assert remind_due(at("2020-05-18 10:00")) == 0, "its day was before it opened"
    assert remind_due(at("2021-05-19 10:00")) == 0


def test_who_has_submitted_is_not_reminded(owed, filer, declaration) -> None:
    Round.objects.update(deadline=timezone.now() + DAY, correction_deadline=timezone.now() + DAY)
    factories.submitted(filer, declaration)
    assert remind_due(timezone.now() + timedelta(hours=23)) == 0
    assert remind_due(timezone.now() + 3 * DAY) == 0


def test_the_departments_own_time_limit_counts(owed, filer, administrator) -> None:
    until = timezone.now() + 30 * DAY
    extend(administrator, declaration_id=owed.pk, until=until, reason="机构改革")
    assert remind_due(DEADLINE - DAY) == 0
    morning = timezone.localtime(until - 7 * DAY).replace(hour=9, minute=0)
    assert remind_due(morning) == 1
    assert "还有 7 天" in reminders(filer)[-1].title


def test_who_corrects_is_reminded_of_the_end_of_corrections(filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    closing = timezone.localtime(factories.reread(declaration).round.correction_deadline)
    assert remind_due((closing - 3 * DAY).replace(hour=9, minute=30)) == 1
    assert "补正还有 3 天" in reminders(filer)[-1].title


def test_who_is_stopped_is_not_reminded_but_who_came_later_is(owed, filer) -> None:
    filer.is_active = False
    filer.save()
    assert remind_due(at("2020-05-13 09:05")) == 0
    factories.filer_of(owed.department)
    assert remind_due(at("2020-05-13 10:05")) == 1


def test_reminding_is_in_the_record_once_for_each_round(owed, colleague) -> None:
    remind_due(at("2020-05-13 09:05"))
    remind_due(at("2020-05-13 10:05"))
    event = Event.objects.get(kind=EventKind.REMINDED)
    assert event.actor is None
    assert event.data == {"round": owed.round_id, "name": owed.round.name, "people": 2}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_send_it_once(owed, filer, colleague) -> None:
    moment = at("2020-05-13 09:05")
    sent = at_once(*[lambda: remind_due(moment)] * 4)
    assert sum(sent) == 2
    assert len(reminders(filer)) == len(reminders(colleague)) == 1


# By hand


def test_one_click_reminds_filers_and_late_ones_heads_too(owed, filer, head, reviewer) -> None:
    Round.objects.update(deadline=timezone.now() + DAY, correction_deadline=timezone.now() + DAY)
    assert remind_now(reviewer, declarations=[owed.pk]).done == [owed]
    assert len(reminders(filer)) == 1
    assert not reminders(head)
    assert "（审核人甲 催办）" in reminders(filer)[0].text
    event = Event.objects.get(kind=EventKind.REMINDED)
    assert (event.actor, event.data["departments"]) == (reviewer, [owed.department.code])
    Notice.objects.all().delete()
    factories.reschedule(owed, deadline=-1, correction_deadline=-1)
    remind_now(reviewer, declarations=[owed.pk])
    assert reminders(head)


def test_nobody_is_reminded_by_hand_twice_within_an_hour(owed, filer, reviewer) -> None:
    remind_now(reviewer, declarations=[owed.pk])
    again = remind_now(reviewer, declarations=[owed.pk])
    assert not again.done
    assert "一小时内不重复" in again.skipped[0][1]
    assert Event.objects.filter(kind=EventKind.REMINDED).count() == 1
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert remind_now(reviewer, declarations=[owed.pk]).done


def test_who_owes_nothing_is_passed_over(owed, filer, reviewer, stranger, declaration) -> None:
    factories.reschedule(declaration, deadline=1, correction_deadline=1)
    factories.submitted(filer, declaration)
    result = remind_now(reviewer, declarations=[declaration.pk])
    assert [why for _, why in result.skipped] == ["不需要催办：部门已提交或已通过"]
    assert not reminders()


def test_a_department_without_anybody_is_named(department, declaration, reviewer) -> None:
    result = remind_now(reviewer, declarations=[declaration.pk])
    assert [why for _, why in result.skipped] == ["这个部门没有使用中的填报人账号"]


def test_before_it_opens_nobody_needs_to_be_reminded(owed, reviewer) -> None:
    Round.objects.update(
        opens_at=timezone.now() + DAY,
        deadline=timezone.now() + 2 * DAY,
        correction_deadline=timezone.now() + 2 * DAY,
    )
    (skipped,) = remind_now(reviewer, declarations=[owed.pk]).skipped
    assert "还不需要催办" in skipped[1]


def test_only_the_bureau_reminds(owed, filer, outsider, reviewer) -> None:
    for person in (filer, outsider):
        with pytest.raises(NotPermittedError):
            remind_now(person, declarations=[owed.pk])
    with pytest.raises(RefusedError, match="请先选择部门"):
        remind_now(reviewer, declarations=[])


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_remind_once(owed, filer, reviewer, administrator) -> None:
    results = at_once(
        *[lambda u=u: remind_now(u, declarations=[owed.pk]) for u in (reviewer, administrator)]
    )
    assert sorted(len(r.done) for r in results) == [0, 1]
    assert len(reminders(filer)) == 1


# What lies at a stage


@pytest.fixture
def lying(filer, declaration) -> Declaration:
    """Submitted, at a stage of three days, since 4 May, noon."""
    submitted = factories.submitted(filer, declaration)
    Stage.objects.update(days=3)
    Round.objects.update(
        opens_at=at("2020-03-01 09:00"), deadline=DEADLINE, correction_deadline=DEADLINE
    )
    Declaration.objects.update(arrived_at=at("2020-05-04 12:00"))
    return submitted


def test_reviewers_are_told_of_what_is_overdue_at_the_end_and_a_week_later(lying, reviewer) -> None:
    assert remind_due(at("2020-05-08 08:59")) == 0
    assert remind_due(at("2020-05-08 09:00")) == 1
    assert remind_due(at("2020-05-09 09:00")) == 0
    assert remind_due(at("2020-05-15 09:00")) == 1
    assert remind_due(at("2020-05-29 09:00")) == 0
    first, _ = reminders(reviewer)
    assert first.title == f"“{lying.round}”有 1 份申报超过“财政局审核”环节的审核期限"
    assert lying.department.name in first.text
    assert first.declaration == lying


def test_who_has_taken_it_on_is_told_alone(lying, reviewer) -> None:
    other = factories.UserFactory.create(bureau=reviewer.bureau)
    assert remind_due(at("2020-05-08 09:00")) == 2
    Declaration.objects.update(reviewer=other)
    assert remind_due(at("2020-05-15 09:00")) == 1
    assert len(reminders(other)) == 2


def test_a_stages_own_reviewers_are_told_and_by_e_mail(lying, reviewer) -> None:
    other = factories.UserFactory.create(bureau=reviewer.bureau, email="a@example.com")
    lying.stage.reviewers.add(other)
    assert remind_due(at("2020-05-08 09:00")) == 1
    assert reminders(other)[0].email == "a@example.com"


def test_the_departments_heads_are_told_of_their_own_stage(lying, reviewer, head) -> None:
    Stage.objects.update(by_head=True)
    assert remind_due(at("2020-05-08 09:00")) == 1
    assert reminders(head)


def test_all_that_came_due_on_a_day_is_one_message(lying, reviewer) -> None:
    other = factories.DepartmentFactory.create(bureau=reviewer.bureau)
    second = factories.declaration_for(other, year=2024)
    Declaration.objects.filter(pk=second.pk).update(round=lying.round)
    factories.reschedule(lying, deadline=1, correction_deadline=1)
    factories.submitted(factories.filer_of(other), factories.reread(second))
    Declaration.objects.update(arrived_at=at("2020-05-04 16:00"))
    assert remind_due(at("2020-05-08 09:00")) == 1
    assert "有 2 份申报" in reminders(reviewer)[0].title


def test_a_stage_without_a_time_limit_is_never_overdue(lying, reviewer) -> None:
    Stage.objects.update(days=None)
    assert remind_due(at("2020-05-15 09:00")) == 0
