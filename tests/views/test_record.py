"""The record of acts, as the auditor reads it."""

from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain.acting import record
from declarations.domain.commenting import add_comment
from declarations.domain.review import return_for_correction
from declarations.models import Declaration, Department, Event, EventKind, Role, User
from declarations.queries.record import AREAS, AT_ONCE
from tests import factories


@pytest.fixture
def auditor(department: Department) -> User:
    return factories.UserFactory.create(bureau=department.bureau, role=Role.AUDITOR)


@pytest.fixture
def returned(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    factories.submitted(filer, declaration)
    add_comment(reviewer, declaration_id=declaration.pk, anchor="", text="请核对金额。")
    return_for_correction(reviewer, declaration_id=declaration.pk)
    return declaration


def kinds(page: str) -> list[str]:
    """The acts on a page, in order."""
    return [part.split("</th>")[0] for part in page.split('<th scope="row">')[1:]]


def read(client: Client, **filters: Any) -> str:
    answer = client.get(reverse("record"), filters)
    assert answer.status_code == 200
    return answer.content.decode()


def test_acts_are_listed_the_latest_first(as_user, auditor, returned) -> None:
    page = read(as_user(auditor))
    assert kinds(page)[:3] == ["退回", "批注", "认领"] or kinds(page)[:2] == ["退回", "批注"]
    assert "审核人甲（reviewer，审核人）" in page
    assert f"{returned.department.name} {returned.round.name} 第1版" in page


def test_what_is_filled_in_or_said_is_not_told(as_user, auditor, returned) -> None:
    assert "请核对金额" not in read(as_user(auditor))


def test_of_rows_only_their_number_is_told(as_user, auditor, filer, declaration) -> None:
    """What an undo needs of a removed row is what was filled in."""
    kept = [{"model": "task", "values": {"content": "修缮办公楼"}}]
    record(EventKind.ROW_REMOVED, actor=filer, declaration=declaration, rows=kept)
    page = read(as_user(auditor))
    assert "行数：1 行" in page
    assert "修缮办公楼" not in page


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (EventKind.LOGGED_IN, {"code": True}, "使用动态口令：是"),
        (EventKind.LOGIN_FAILED, {"reason": "password"}, "理由：密码错误"),
        (EventKind.SECURITY_CHANGED, {"changes": {"idle_minutes": [30, 15]}}, "（分钟）：30 → 15"),
        (
            EventKind.SECURITY_CHANGED,
            {"changes": {"second_factor": ["optional", "everybody"]}},
            "动态口令：自愿启用 → 所有人员必须启用",
        ),
        (EventKind.EXTENDED, {"until": "2026-11-30T16:00:00+00:00"}, "延至：2026-12-01 00:00"),
    ],
)
def test_details_are_told_in_words(as_user, auditor, filer, kind, data, told) -> None:
    record(kind, actor=filer, bureau_id=auditor.bureau_id, **data)
    assert told in read(as_user(auditor))


def test_a_checks_code_is_not_told(as_user, auditor, filer, declaration) -> None:
    record(EventKind.EXPLAINED, actor=filer, declaration=declaration, code="indicator_kinds")
    assert "indicator_kinds" not in read(as_user(auditor))


def test_acts_of_another_bureau_are_not_listed(as_user, auditor, outsider, returned) -> None:
    record(EventKind.LOGGED_IN, actor=outsider, bureau_id=outsider.bureau_id)
    assert "outsider" not in read(as_user(auditor))


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.AUDITOR])
def test_nobody_else_reads_it(as_user, department, role) -> None:
    of = department if role in (Role.FILER, Role.HEAD) else None
    person = factories.UserFactory.create(bureau=department.bureau, department=of, role=role)
    client = as_user(person)
    assert client.get(reverse("record")).status_code == 404
    assert client.post(reverse("record-export")).status_code == 404


FILTERS = [
    ({"kind": "returned"}, {"退回"}),
    ({"area": "filing"}, {"填写说明", "提交"}),
    ({"person": "审核人"}, {"认领", "批注", "退回"}),
    ({"person": "reviewer", "kind": "submitted"}, set()),
    ({"department": "番禺区残疾人", "kind": "submitted"}, {"提交"}),
    ({"department": "海珠"}, set()),
    ({"failed": "on"}, {"登录失败"}),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_it_is_filtered_by_the_address(
    as_user, auditor, filer, returned, filters, expected
) -> None:
    record(
        EventKind.LOGIN_FAILED,
        actor=None,
        bureau_id=filer.bureau_id,
        succeeded=False,
        username="filer",
    )
    assert set(kinds(read(as_user(auditor), **filters))) <= expected | {"认领"}
    assert expected - {"认领", "填写说明"} <= set(kinds(read(as_user(auditor), **filters)))


def test_days_are_included_on_both_ends(as_user, auditor, returned) -> None:
    today = timezone.localdate()
    day = timedelta(days=1)
    client = as_user(auditor)
    assert "退回" in kinds(read(client, since=str(today), until=str(today)))
    assert kinds(read(client, since=str(today + day))) == []
    assert kinds(read(client, until=str(today - day))) == []
    assert "没有符合条件的记录" in read(client, until=str(today - day))


def test_dates_in_the_wrong_order_are_said(as_user, auditor) -> None:
    page = read(as_user(auditor), since="2026-02-01", until="2026-01-01")
    assert "结束日期不能早于开始日期" in page


@pytest.mark.parametrize("query", ["since=x", "area=x", "kind=x", "after=x", "after=99999999"])
def test_an_address_that_makes_no_sense_filters_nothing(as_user, auditor, returned, query) -> None:
    answer = as_user(auditor).get(f"{reverse('record')}?{query}")
    assert answer.status_code == 200
    assert "退回" in kinds(answer.content.decode())


def test_pages_follow_each_other_without_a_gap(as_user, auditor, filer) -> None:
    count = AT_ONCE * 2 + 7
    for number in range(count):
        record(EventKind.LOGGED_IN, actor=filer, bureau_id=filer.bureau_id, count=number + 1)
    client, seen, address = as_user(auditor), [], reverse("record")
    while address:
        page = client.get(address)
        seen += [line.details for line in page.context["lines"]]
        last = page.context["last"]
        record(EventKind.LOGGED_OUT, actor=filer, bureau_id=filer.bureau_id)  # meanwhile
        address = f"{reverse('record')}?after={last.pk}" if last else ""
    assert Counter(seen) == Counter(f"数量：{n + 1}" for n in range(count))


def test_it_costs_the_same_however_long_it_is(
    as_user, auditor, filer, django_assert_num_queries
) -> None:
    client = as_user(auditor)
    costs = []
    for number in (1, AT_ONCE):
        for _ in range(number):
            record(EventKind.LOGGED_IN, actor=filer, bureau_id=filer.bureau_id)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            read(client)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 5


def test_the_workbook_has_every_act_and_is_an_act(as_user, auditor, returned) -> None:
    client = as_user(auditor)
    events = Event.objects.filter(bureau=auditor.bureau_id)
    before = events.count()
    answer = client.post(f"{reverse('record-export')}?area=review")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    wanted = events.filter(kind__in=AREAS["review"][1])
    assert [row[3] for row in rows] == [e.get_kind_display() for e in wanted]
    assert events.count() == before + 1
    taken = events.first()
    assert (taken.kind, taken.actor) == (EventKind.RECORD_EXPORTED, auditor)
    assert taken.data == {"filters": {"area": "review"}, "rows": len(rows)}


def test_too_many_acts_for_a_workbook_are_said(as_user, auditor, returned, monkeypatch) -> None:
    monkeypatch.setattr("declarations.views.record.MOST_EXPORTED", 1)
    client = as_user(auditor)
    answer = client.post(f"{reverse('record-export')}?area=review", follow=True)
    assert "一次最多导出 1 条，请缩小日期范围" in answer.content.decode()
    assert answer.redirect_chain[0][0].endswith("/record/?area=review")


def test_every_act_is_in_one_area() -> None:
    told = Counter(kind for _, members in AREAS.values() for kind in members)
    assert set(told) == set(EventKind)
    assert set(told.values()) == {1}
