"""More time for single departments: for a reason, on the record, and told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from declarations import workflow
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.extending import extend, extend_many
from declarations.domain.submission import submit
from declarations.models import Declaration, Event, EventKind, Notice, NoticeKind, Role
from tests import factories
from tests.factories import fill_in, reread, reschedule

DAY = timedelta(days=1)


@pytest.fixture
def late(declaration) -> Declaration:
    reschedule(declaration, deadline=-2, correction_deadline=-1)
    return reread(declaration)


def in_days(days: int):
    return timezone.now().replace(microsecond=0) + days * DAY


def test_a_department_that_was_late_can_file_again(late, administrator, filer) -> None:
    assert workflow.why_window_closed(late, timezone.now())
    extend(administrator, declaration_id=late.pk, until=in_days(3), reason="人员变动")
    fill_in(filer, reread(late))
    assert not workflow.why_window_closed(reread(late), timezone.now())


def test_it_is_on_the_record_with_its_reason(late, administrator) -> None:
    first, second = in_days(3), in_days(2)
    for until in (first, second):
        extend(administrator, declaration_id=late.pk, until=until, reason=" 人员变动 ")
    latest, before = Event.objects.filter(kind=EventKind.EXTENDED)
    assert (latest.actor, latest.declaration) == (administrator, late)
    assert before.data == {
        "what": "填报",
        "until": first.isoformat(),
        "before": "",
        "reason": "人员变动",
    }
    assert latest.data["before"] == first.astimezone(latest.at.tzinfo).isoformat()
    assert reread(late).extended_until == second


def test_its_people_are_told(late, administrator, filer, department) -> None:
    head = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD
    )
    until = in_days(3)
    extend(administrator, declaration_id=late.pk, until=until, reason="人员变动")
    notices = Notice.objects.filter(kind=NoticeKind.EXTENDED)
    assert {n.recipient for n in notices} == {filer, head}
    assert workflow.moment(until) in notices[0].title
    assert notices[0].text.endswith("理由：人员变动")


def test_twice_is_once(late, administrator) -> None:
    until = in_days(3)
    for _ in range(2):
        extend(administrator, declaration_id=late.pk, until=until, reason="人员变动")
    assert Event.objects.filter(kind=EventKind.EXTENDED).count() == 1


@pytest.mark.parametrize(
    ("days", "reason", "said"),
    [
        (3, "  ", "请写明延期的理由"),
        (3, "长" * 501, "理由最多 500 字，现有 501 字"),
        (-1, "人员变动", "延期至的时间已经过了"),
        (5, "人员变动", "批次规定的截止时间是 .*，延期须晚于它"),
    ],
)
def test_what_is_no_extension_is_refused(
    declaration, administrator, days: int, reason: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        extend(administrator, declaration_id=declaration.pk, until=in_days(days), reason=reason)
    assert not Event.objects.filter(kind=EventKind.EXTENDED).exists()
    assert reread(declaration).extended_until is None


def test_what_is_under_review_is_not_extended(filer, administrator, declaration) -> None:
    factories.submitted(filer, declaration)
    with pytest.raises(WrongStateError, match="已提交，正在审核，不需要延期"):
        extend(administrator, declaration_id=declaration.pk, until=in_days(30), reason="无")


def test_corrections_are_given_more_time(filer, reviewer, administrator, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    reschedule(declaration, deadline=-2, correction_deadline=-1)
    extend(administrator, declaration_id=declaration.pk, until=in_days(3), reason="补正材料较多")
    assert Event.objects.get(kind=EventKind.EXTENDED).data["what"] == "补正"
    submit(filer, declaration_id=declaration.pk)


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_only_the_bureaus_administrator_extends(request, declaration, who: str) -> None:
    with pytest.raises(NotPermittedError):
        extend(
            request.getfixturevalue(who),
            declaration_id=declaration.pk,
            until=in_days(30),
            reason="人员变动",
        )


def test_several_at_once_pass_over_who_cannot_have_it(
    filer, administrator, declaration, stranger
) -> None:
    other = factories.declaration_for(stranger.department, year=2024)
    factories.submitted(filer, declaration)
    result = extend_many(
        administrator, declarations=[declaration.pk, other.pk], until=in_days(30), reason="机构改革"
    )
    assert result.done == [other]
    assert [d for d, _ in result.skipped] == [declaration]
    assert reread(other).extended_until is not None


def test_one_of_another_bureau_is_given_to_nobody(administrator, declaration) -> None:
    foreign = factories.declaration_for(factories.DepartmentFactory.create())
    with pytest.raises(NotPermittedError):
        extend_many(
            administrator,
            declarations=[declaration.pk, foreign.pk],
            until=in_days(30),
            reason="机构改革",
        )
    assert not Event.objects.filter(kind=EventKind.EXTENDED).exists()
