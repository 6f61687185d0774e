"""Telling people: who gets a notice, once, and only if the act stands."""

from typing import Any

import pytest

from declarations.domain.notifying import AT_ONCE, Message, notify, notify_all
from declarations.domain.telling import tell_opened
from declarations.models import Declaration, Notice, NoticeKind, User
from tests import factories
from tests.test_queries import counted


def tell(*people: User, **more: object) -> list[Notice]:
    arguments = {"kind": NoticeKind.REMINDER, "title": "请尽快填报", "text": "还有三天。", **more}
    return notify(people, **arguments)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_one_notice_to_each_active_person(
    declaration: Declaration, filer: User, colleague: User
) -> None:
    User.objects.filter(pk=filer.pk).update(email="filer@example.com")
    filer.refresh_from_db()
    gone = factories.filer_of(declaration.department, is_active=False)
    told = tell(filer, colleague, gone, filer, declaration=declaration)
    assert {n.recipient for n in told} == {filer, colleague}
    stored = Notice.objects.order_by("recipient")
    assert [(n.recipient, n.email) for n in stored] == [
        (filer, "filer@example.com"),
        (colleague, ""),
    ]
    assert {(n.declaration, n.round) for n in stored} == {(declaration, declaration.round)}


@pytest.mark.django_db
def test_what_has_a_key_is_said_once_to_each(filer: User, colleague: User) -> None:
    first = tell(filer, key="round/1/opened")
    again = tell(filer, colleague, key="round/1/opened", title="又一次")
    assert [n.recipient for n in first] == [filer]
    assert [n.recipient for n in again] == [colleague]
    assert [n.title for n in filer.notices.all()] == ["请尽快填报"]
    assert not tell(filer, colleague, key="round/1/opened")


@pytest.mark.django_db
def test_a_hundred_are_told_in_as_many_queries_as_two(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    counts = []
    for number in (2, AT_ONCE):
        people = factories.UserFactory.create_batch(number, email="somebody@example.com")
        with counted() as queries:
            notify_all(
                Message([person], NoticeKind.REMINDER, "请尽快填报", "", key=f"to/{person.pk}")
                for person in people
            )
        counts.append(len(queries))
    assert counts == [3, 3], "inserting, reading back, one job"


@pytest.mark.django_db
def test_a_round_opens_in_as_many_queries_for_twenty_departments_as_for_two() -> None:
    counts = []
    for number in (2, 20):
        bureau = factories.BureauFactory.create()
        departments = factories.DepartmentFactory.create_batch(number, bureau=bureau)
        for department in departments:
            factories.filer_of(department, email="somebody@example.com")
        template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
        round_ = factories.round_for(template, *departments)
        assert Notice.objects.filter(round=round_).count() == number
        with counted() as queries:
            tell_opened(round_, departments)
        counts.append(len(queries))
    assert counts == [5, 5]
