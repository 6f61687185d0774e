"""Telling people: who gets a notice, once, and only if the act stands."""

import pytest

from declarations.domain.notifying import notify
from declarations.models import Declaration, Notice, NoticeKind, User
from tests import factories


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
