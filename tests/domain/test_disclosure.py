"""Where the disclosure of declarations stands: states, days that are due, publishers' lists."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.publishing import exempt, publish, withdraw
from declarations.domain.reminding import remind_due
from declarations.models import (
    Declaration,
    DeclarationKind,
    DepartmentGroup,
    Event,
    EventKind,
    Notice,
    NoticeKind,
    Round,
    User,
)
from declarations.queries.publishing import (
    OVERDUE,
    SORTS,
    counts,
    disclosable,
    disclosure_of,
    in_order,
    narrowed,
    rows,
    with_disclosure,
)
from declarations.queries.publishing_files import workbook_of
from declarations.workflow.publishing import Disclosure, due_date
from tests import factories
from tests.factories import reread
from tests.publishing import REASON, checked, published, publisher_of
from tests.test_queries import counted

DAY = timedelta(days=1)
WHY = "误将内部内容公开"


@pytest.fixture
def publisher(department) -> User:
    return publisher_of(department.bureau)


@pytest.fixture
def in_force(filer, reviewer, declaration) -> Declaration:
    return factories.approved(filer, reviewer, declaration)


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def approved_on(declaration: Declaration, when: datetime) -> Declaration:
    Declaration.objects.filter(pk=declaration.pk).update(approved_at=when)
    return reread(declaration)


def corrected(reviewer: User, declaration: Declaration, text: str) -> None:
    correct(
        reviewer,
        declaration_id=declaration.pk,
        changes=[Change("text/overall_goal", text, None)],
        reason=REASON,
        base=reread(declaration).approved.number,
    )


def state(declaration: Declaration) -> Disclosure | None:
    """As it is derived here, and the same in SQL."""
    found = disclosure_of(reread(declaration)).state
    in_sql = [
        row.disclosure for row in with_disclosure(Declaration.objects.filter(pk=declaration.pk))
    ]
    assert in_sql == ([found] if found else [])
    return found


# States


def test_the_way_of_a_declaration(filer, reviewer, publisher, declaration) -> None:
    pk = declaration.pk
    assert state(declaration) is None
    factories.approved(filer, reviewer, declaration)
    assert state(declaration) == Disclosure.TO_CHECK
    exempt(publisher, declaration_id=pk, note="涉及国家秘密")
    assert state(declaration) == Disclosure.EXEMPT
    checked(publisher, declaration, note="原来的理由已不成立")
    assert state(declaration) == Disclosure.CLEARED
    first = publish(publisher, declaration_id=pk)
    assert state(declaration) == Disclosure.PUBLISHED
    corrected(reviewer, declaration, "更正一")
    assert state(declaration) == Disclosure.OUTDATED
    checked(publisher, declaration)
    assert state(declaration) == Disclosure.OUTDATED
    second = publish(publisher, declaration_id=pk, reason=REASON)
    assert state(declaration) == Disclosure.PUBLISHED
    corrected(reviewer, declaration, "更正二")
    exempt(publisher, declaration_id=pk, note="更正的内容涉及国家秘密")
    assert state(declaration) == Disclosure.PUBLISHED
    withdraw(publisher, publication_id=second.pk, reason=WHY)
    assert state(declaration) == Disclosure.WITHDRAWN
    exempt(publisher, declaration_id=pk, note="不应公开的内容")
    assert state(declaration) == Disclosure.EXEMPT
    checked(publisher, declaration, note="原来的理由已不成立")
    assert state(declaration) == Disclosure.CLEARED
    third = publish(publisher, declaration_id=pk, reason=REASON)
    withdraw(publisher, publication_id=first.pk, reason=WHY)
    assert state(declaration) == Disclosure.PUBLISHED
    assert third.number == 3


def test_a_check_before_the_withdrawal_leaves_it_withdrawn(
    filer, reviewer, publisher, in_force
) -> None:
    first = published(filer, reviewer, publisher, in_force)
    corrected(reviewer, in_force, "更正")
    checked(publisher, in_force)
    withdraw(publisher, publication_id=first.pk, reason=WHY)
    assert state(in_force) == Disclosure.WITHDRAWN


def test_a_round_that_is_not_disclosed_has_no_state_until_something_was_published(
    filer, reviewer, publisher, in_force
) -> None:
    Round.objects.update(disclosed=False)
    assert state(in_force) is None
    assert due_date(reread(in_force)) is None
    Round.objects.update(disclosed=True)
    published(filer, reviewer, publisher, in_force)
    Round.objects.update(disclosed=False)
    assert state(in_force) == Disclosure.PUBLISHED
    (row,) = rows(disclosable(publisher))
    assert (row.due, row.is_overdue) == (None, False)


def test_what_can_be_done_is_said_with_it(filer, reviewer, publisher, in_force) -> None:
    found = disclosure_of(reread(in_force))
    assert (found.why_not_checkable, found.why_not_exempt, found.needs_reason) == ("", "", False)
    assert "还没有作公开审查" in found.why_not_publishable
    publication = published(filer, reviewer, publisher, in_force)
    found = disclosure_of(reread(in_force))
    assert (found.current, found.is_published_as_checked) == (publication, True)
    assert (found.needs_reason, found.why_not_publishable) == (True, "")
    assert "请先撤回" in found.why_not_exempt
    checked(publisher_of(publisher.bureau), in_force, note="再次审查")
    assert not disclosure_of(reread(in_force)).is_published_as_checked


# What is due


def test_it_is_due_twenty_days_after_the_approval_counted_in_the_bureaus_days(
    publisher, in_force
) -> None:
    approved_on(in_force, at("2024-03-01 00:30"))  # in UTC the day before
    assert due_date(reread(in_force)) == date(2024, 3, 21)
    for today, late in ((date(2024, 3, 21), False), (date(2024, 3, 22), True)):
        (row,) = rows(disclosable(publisher, today))
        assert (row.due, row.is_overdue) == (date(2024, 3, 21), late)
        assert counts(disclosable(publisher, today))[OVERDUE] == late
    Round.objects.update(publish_days=30)
    assert due_date(reread(in_force)) == date(2024, 3, 31)


def test_what_is_done_is_never_overdue(filer, reviewer, publisher, in_force) -> None:
    approved_on(in_force, at("2020-03-01 09:00"))
    assert disclosure_of(reread(in_force)).is_overdue
    publication = published(filer, reviewer, publisher, in_force)
    assert not disclosure_of(reread(in_force)).is_overdue
    assert counts(disclosable(publisher))[OVERDUE] == 0
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    assert not disclosure_of(reread(in_force)).is_overdue
    assert counts(disclosable(publisher))[OVERDUE] == 0


# Lists


@pytest.fixture
def several(filer, reviewer, publisher, department) -> list[Declaration]:
    """Published; overdue; to be checked; cleared: in this order by their departments' codes."""
    others = [
        factories.DepartmentFactory.create(bureau=department.bureau, code=f"z{n}", name=f"第{n}局")
        for n in range(3)
    ]
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="社会保障")
    others[0].group = group
    others[0].save()
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(template, department, *others)
    found = []
    for n, other in enumerate([department, *others]):
        declaration = round_.declarations.get(department=other)
        person = filer if other == department else factories.filer_of(other)
        declaration = factories.approved(person, reviewer, reread(declaration))
        declaration = approved_on(declaration, at("2024-03-10 09:00") - n * DAY)
        found.append(declaration)
    published(filer, reviewer, publisher, found[0])
    approved_on(found[1], at("2024-01-10 09:00"))
    checked(publisher, found[3])
    return found


TODAY = date(2024, 3, 15)


def listed(found: Any, several: list[Declaration]) -> list[int]:
    order = [d.pk for d in several]
    return [order.index(row.declaration.pk) for row in rows(found)]


def test_what_is_overdue_comes_first_and_what_is_done_last(publisher, several) -> None:
    found = in_order(disclosable(publisher, TODAY))
    assert listed(found, several) == [1, 3, 2, 0]
    assert [(r.state, r.is_overdue, r.can_publish) for r in rows(found)] == [
        (Disclosure.TO_CHECK, True, False),
        (Disclosure.CLEARED, False, True),
        (Disclosure.TO_CHECK, False, False),
        (Disclosure.PUBLISHED, False, False),
    ]
    assert counts(found) == {
        "to_check": 2,
        "cleared": 1,
        "outdated": 0,
        "withdrawn": 0,
        "published": 1,
        "exempt": 0,
        "overdue": 1,
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {0, 1, 2, 3}),
        ({"state": "to_check"}, {1, 2}),
        ({"state": "published"}, {0}),
        ({"state": "overdue"}, {1}),
        ({"year": "2023"}, {0, 1, 2, 3}),
        ({"year": "2022"}, set()),
        ({"department": "第1"}, {2}),
        ({"department": "Z 第0局"}, {1}),
        ({"kind": DeclarationKind.TARGET}, {0, 1, 2, 3}),
        ({"kind": DeclarationKind.REPORT, "state": ""}, set()),
    ],
)
def test_filters(publisher, several, wanted: dict[str, str], expected: set[int]) -> None:
    assert set(listed(narrowed(disclosable(publisher, TODAY), wanted), several)) == expected


def test_filters_by_group_and_round(publisher, several) -> None:
    found = disclosable(publisher, TODAY)
    group = DepartmentGroup.objects.get().pk
    assert listed(narrowed(found, {"group": group}), several) == [1]
    assert len(rows(narrowed(found, {"round": several[0].round_id}))) == 4
    assert rows(narrowed(found, {"round": 0, "year": ""})) != []


def test_sorting(publisher, several) -> None:
    found = disclosable(publisher, TODAY)
    assert listed(in_order(found, "department"), several) == [0, 1, 2, 3]
    assert listed(in_order(found, "-department"), several) == [3, 2, 1, 0]
    assert listed(in_order(found, "due"), several) == [1, 3, 2, 0]
    assert listed(in_order(found, "-due"), several) == [0, 2, 3, 1]
    assert listed(in_order(found, "-published"), several)[0] == 0
    for column in SORTS:
        assert sorted(listed(in_order(found, column), several)) == [0, 1, 2, 3]


def test_nobody_else_sees_the_list(reviewer, administrator, filer, outsider, several) -> None:
    elsewhere = publisher_of(outsider.bureau)
    for person in (reviewer, administrator, filer, outsider, elsewhere):
        assert rows(disclosable(person)) == []


def test_the_workbook_has_every_row(publisher, several) -> None:
    book = load_workbook(
        BytesIO(workbook_of("公开", rows(in_order(disclosable(publisher, TODAY)))))
    )
    head, *lines = book.worksheets[0].iter_rows(values_only=True)
    assert [line[1] for line in lines] == ["第0局", "第2局", "第1局", "广州市番禺区残疾人联合会"]
    first = dict(zip(head, lines[0], strict=True))
    assert (first["公开状态"], first["是否逾期"], first["公开期限"]) == (
        "待审查",
        "逾期",
        "2024-01-30",
    )
    assert first["部门分组"] == "社会保障"
    last = dict(zip(head, lines[3], strict=True))
    assert last["核验码"] == several[0].publications.get().code


def test_a_list_takes_one_query_however_long_it_is(publisher, several) -> None:
    with counted() as queries:
        rows(in_order(disclosable(publisher)))
    assert len(queries) == 1
    with counted() as queries:
        counts(disclosable(publisher))
    assert len(queries) == 1
    declaration = reread(several[0])
    with counted() as queries:
        disclosure_of(declaration)
    assert len(queries) == 2


# Reminders


@pytest.fixture
def owed(publisher, in_force) -> Declaration:
    """Approved on 1 March, so that it should be published by the 21st; its round is long over."""
    Round.objects.update(
        opens_at=at("2023-01-01 09:00"),
        deadline=at("2023-02-01 09:00"),
        correction_deadline=at("2023-03-01 09:00"),
    )
    return approved_on(in_force, at("2024-03-01 15:00"))


def to_publish() -> list[Notice]:
    return list(Notice.objects.filter(kind=NoticeKind.TO_PUBLISH).order_by("pk"))


def test_publishers_are_reminded_on_three_days_each_once(publisher, owed) -> None:
    sent = {}
    moment = at("2024-03-02 00:05")
    while moment < at("2024-04-05 00:00"):
        if count := remind_due(moment):
            sent[timezone.localtime(moment).strftime("%m-%d %H:%M")] = count
        moment += timedelta(hours=1)
    assert sent == dict.fromkeys(["03-16 09:05", "03-20 09:05", "03-22 09:05"], 1)
    assert [n.title for n in to_publish()] == [
        f"“{owed.round}”有 1 份申报应在 2024年3月21日 前公开，还有 5 天",
        f"“{owed.round}”有 1 份申报应在 2024年3月21日 前公开，还有 1 天",
        f"“{owed.round}”有 1 份申报已超过公开期限，请尽快公开",
    ]
    assert {(n.recipient, n.declaration) for n in to_publish()} == {(publisher, owed)}
    assert "目前待审查 1 份：广州市番禺区残疾人联合会。" in to_publish()[0].text
    assert Event.objects.filter(kind=EventKind.REMINDED).count() == 3


def test_a_worker_that_was_down_sends_the_latest_and_not_what_is_long_past(owed) -> None:
    assert remind_due(at("2024-03-21 08:00")) == 1
    assert to_publish()[0].title.endswith("今天到期")
    assert remind_due(at("2024-03-30 10:00")) == 0


def test_what_is_done_needs_no_reminder(filer, reviewer, publisher, owed) -> None:
    published(filer, reviewer, publisher, owed)
    assert remind_due(at("2024-03-16 10:00")) == 0
    approved_on(owed, at("2024-03-01 15:00"))
    corrected(reviewer, owed, "更正")
    approved_on(owed, at("2024-03-01 15:00"))
    assert remind_due(at("2024-03-16 10:00")) == 1
    assert "目前有更新未公开 1 份" in to_publish()[0].text
    exempt(publisher, declaration_id=owed.pk, note="更正的内容涉及国家秘密")
    assert remind_due(at("2024-03-20 10:00")) == 0


def test_a_reminder_from_before_the_approval_is_none(owed) -> None:
    Round.objects.update(publish_days=5)  # five days before is the morning of the approval
    assert remind_due(at("2024-03-01 16:00")) == 0
    assert remind_due(at("2024-03-05 09:00")) == 1


def test_several_that_are_due_on_a_day_are_one_notice(publisher, several) -> None:
    for declaration in several:
        approved_on(declaration, at("2024-03-01 15:00"))
    assert remind_due(at("2024-03-16 10:00")) == 1
    (notice,) = to_publish()
    assert notice.title.startswith(f"“{several[0].round}”有 3 份申报应在")
    assert "目前待审查 2 份，待公开 1 份：第0局、第1局、第2局。" in notice.text
    assert (notice.declaration, notice.round) == (None, several[0].round)


def test_a_round_that_is_not_disclosed_reminds_nobody(owed) -> None:
    Round.objects.update(disclosed=False)
    assert remind_due(at("2024-03-16 10:00")) == 0
