"""First passwords and invitations: made once, used once, in clear nowhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, identify_hasher
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.first_passwords import first_password, issue_first_passwords
from declarations.domain.inviting import accept_invitation, invite, invited_person, token_of
from declarations.domain.mailing import send_notices
from declarations.domain.people import add_person, stop_person
from declarations.models import EventKind, Notice, Role, Session, User
from tests import factories
from tests.keeping import everything_recorded, keeper, told
from tests.races import at_once

GOOD = "Green-Tea-2023"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"


@pytest.fixture
def newcomer(administrator: User) -> User:
    return add_person(
        administrator,
        bureau=administrator.bureau,
        username="newcomer",
        name="新人",
        role=Role.REVIEWER,
        email="newcomer@example.com",
    )


def issued(actor: User | None, *people: User, **how: bool) -> list[str]:
    slips = issue_first_passwords(
        actor, bureau=people[0].bureau, user_ids=[user.pk for user in people], **how
    )
    return [slip.password for slip in slips]


# First passwords


def test_first_passwords_are_typed_without_mistakes() -> None:
    passwords = {first_password() for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        assert re.fullmatch(r"(\w{4}-){2}\w{4}", password)
        assert not set(password) & set("0O1lIo")
        assert any(map(str.islower, password))
        assert any(map(str.isupper, password))
        assert any(map(str.isdigit, password))


def test_a_first_password_must_be_changed(administrator: User, newcomer: User) -> None:
    (password,) = issued(administrator, newcomer)
    newcomer.refresh_from_db()
    assert newcomer.check_password(password)
    assert newcomer.password_changed_at is None
    assert told(EventKind.PASSWORD_RESET) == [{"username": "newcomer"}]
    assert password not in everything_recorded()
    assert newcomer.password not in everything_recorded()


def test_a_slip_does_not_show_its_password_in_logs(administrator: User, newcomer: User) -> None:
    (slip,) = issue_first_passwords(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
    assert slip.password not in repr(slip)


def test_a_later_one_takes_the_place_of_an_earlier(administrator: User, newcomer: User) -> None:
    (first,), (second,) = issued(administrator, newcomer), issued(administrator, newcomer)
    newcomer.refresh_from_db()
    assert not newcomer.check_password(first)
    assert newcomer.check_password(second)


def test_who_has_a_password_of_their_own_keeps_it_unless_they_are_meant(
    as_user: Any, administrator: User, newcomer: User, reviewer: User
) -> None:
    as_user(reviewer)
    assert len(issued(administrator, newcomer, reviewer)) == 1
    reviewer.refresh_from_db()
    assert reviewer.check_password(factories.PASSWORD)
    assert Session.objects.filter(user=reviewer).exists()
    with pytest.raises(RefusedError, match="没有选中"):
        issued(administrator, reviewer)
    (password,) = issued(administrator, reviewer, also_settled=True)
    reviewer.refresh_from_db()
    assert reviewer.check_password(password)
    assert reviewer.password_changed_at is None
    assert not Session.objects.filter(user=reviewer).exists()


def test_who_is_stopped_gets_none(administrator: User, newcomer: User) -> None:
    stop_person(administrator, user_id=newcomer.pk)
    with pytest.raises(RefusedError):
        issued(administrator, newcomer, also_settled=True)


def test_only_those_who_keep_a_person_give_passwords(
    administrator: User, newcomer: User, outsider: User
) -> None:
    security = keeper(newcomer.bureau, Role.SECURITY)
    with pytest.raises(NotPermittedError):
        issued(security, newcomer)
    with pytest.raises(NotPermittedError):
        issued(administrator, newcomer, security, also_settled=True)
    # Another bureau's are not found, whoever asks.
    stranger = keeper(outsider.bureau, Role.SYSTEM)
    with pytest.raises(RefusedError):
        issue_first_passwords(stranger, bureau=stranger.bureau, user_ids=[newcomer.pk])
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_no_more_than_a_thousand_at_once(administrator: User) -> None:
    with pytest.raises(RefusedError, match="1000"):
        issue_first_passwords(administrator, bureau=administrator.bureau, user_ids=range(1, 1002))


def test_first_passwords_are_hashed_quickly_and_anew_at_the_first_login(
    settings: Any, administrator: User, newcomer: User
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    (password,) = issued(administrator, newcomer)
    newcomer.refresh_from_db()
    hasher = identify_hasher(newcomer.password)
    assert hasher.decode(newcomer.password)["iterations"] == 20_000
    assert newcomer.check_password(password)
    newcomer.refresh_from_db()
    assert hasher.decode(newcomer.password)["iterations"] == PBKDF2PasswordHasher.iterations
    assert check_password(password, newcomer.password)


# Invitations


def test_an_invitation_leads_to_a_password_of_ones_own(
    administrator: User, newcomer: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk]) == [newcomer]
    newcomer.refresh_from_db()
    assert newcomer.invited_at is not None
    assert told(EventKind.USER_INVITED) == [{"username": "newcomer"}]
    notice = Notice.objects.get()
    send_notices([notice.pk])
    (sent,) = mail.outbox
    assert sent.to == ["newcomer@example.com"]
    token = re.search(r"/invitations/([^/]+)/", sent.body)
    assert token
    assert invited_person(token[1]) == newcomer
    # Administrators read notices and the record: the link is in neither.
    assert "/invitations/" not in notice.text + everything_recorded()
    accept_invitation(token[1], password=GOOD)
    newcomer.refresh_from_db()
    assert newcomer.check_password(GOOD)
    assert newcomer.password_changed_at is not None
    assert told(EventKind.PASSWORD_CHANGED) == [{"username": "newcomer", "invitation": True}]


def test_it_works_once(administrator: User, newcomer: User) -> None:
    invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
    newcomer.refresh_from_db()
    token = token_of(newcomer)
    accept_invitation(token, password=GOOD)
    assert invited_person(token) is None
    with pytest.raises(RefusedError, match="失效"):
        accept_invitation(token, password="Other-Tea-2024")
    newcomer.refresh_from_db()
    assert newcomer.check_password(GOOD)


@pytest.mark.django_db(transaction=True)
def test_it_works_once_also_at_the_same_moment(newcomer: User) -> None:
    token = token_of(newcomer)
    results = at_once(
        *(lambda n=n: accept_invitation(token, password=f"{GOOD}-{n}") for n in range(2))
    )
    assert sorted(type(r).__name__ for r in results) == ["RefusedError", "User"]


def test_a_week_later_it_is_over(newcomer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(newcomer)
    now = timezone.now()
    for days, works in ((6.9, True), (7.1, False)):
        later = (now + timedelta(days=days)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda later=later: later)
        assert (invited_person(token) == newcomer) is works


def test_what_makes_a_link_stop_working(administrator: User, newcomer: User) -> None:
    def invited() -> str:
        invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
        newcomer.refresh_from_db()
        return token_of(newcomer)

    earlier, later = invited(), invited()
    assert invited_person(earlier) is None
    assert invited_person(later) == newcomer
    issued(administrator, newcomer)
    assert invited_person(later) is None
    misdirected = invited()
    User.objects.filter(pk=newcomer.pk).update(email="right@example.com")
    assert invited_person(misdirected) is None
    last = invited()
    stop_person(administrator, user_id=newcomer.pk)
    assert invited_person(last) is None
    assert invited_person("no-token") is None
    assert invited_person(last[:-1] + ("a" if last[-1] != "a" else "b")) is None


@pytest.mark.parametrize("password", ["short", "alllowercaseletters", "newcomer1A"])
def test_a_weak_password_is_refused_and_the_link_still_works(newcomer: User, password: str) -> None:
    token = token_of(newcomer)
    with pytest.raises(ValidationError):
        accept_invitation(token, password=password)
    assert invited_person(token) == newcomer


def test_who_is_not_invited(administrator: User, newcomer: User, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(email="reviewer@example.com")
    plain = add_person(
        administrator,
        bureau=newcomer.bureau,
        username="plain",
        name="无邮箱",
        role=Role.REVIEWER,
    )
    ids = [newcomer.pk, reviewer.pk, plain.pk]
    assert invite(administrator, bureau=newcomer.bureau, user_ids=ids) == [newcomer]
    with pytest.raises(NotPermittedError):
        invite(
            keeper(newcomer.bureau, Role.SECURITY), bureau=newcomer.bureau, user_ids=[newcomer.pk]
        )


def test_without_a_mail_server_nobody_is_invited(
    settings: Any, administrator: User, newcomer: User
) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(RefusedError, match="邮件服务器"):
        invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
    assert not Notice.objects.exists()


def test_an_invitation_sent_late_has_no_link_for_who_has_a_password(
    administrator: User, newcomer: User
) -> None:
    invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
    newcomer.refresh_from_db()
    accept_invitation(token_of(newcomer), password=GOOD)
    send_notices([Notice.objects.get().pk])
    assert "/invitations/" not in mail.outbox[0].body


def test_an_invitation_that_waits_sends_no_link_to_an_address_that_was_wrong(
    administrator: User, newcomer: User
) -> None:
    invite(administrator, bureau=newcomer.bureau, user_ids=[newcomer.pk])
    User.objects.filter(pk=newcomer.pk).update(email="right@example.com")
    send_notices([Notice.objects.get().pk])
    (sent,) = mail.outbox
    assert sent.to == ["newcomer@example.com"]
    assert "/invitations/" not in sent.body
