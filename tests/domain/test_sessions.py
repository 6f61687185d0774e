"""Sessions know whose they are, end in time, and can be ended."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declarations.domain import sessions
from declarations.domain.errors import NotPermittedError
from declarations.domain.origin import Origin, coming_from
from declarations.models import Bureau, Event, EventKind, Role, Session, User
from declarations.queries.sessions import in_words, key_of, sessions_in, sessions_of
from declarations.tasks.accounts import clear_sessions
from declarations.views.session_store import SessionStore
from tests import factories
from tests.races import at_once

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def logged_in(user: User, *, seen: int = 0, ip: str = "10.0.0.8", agent: str = EDGE) -> Session:
    """A session of the person, last used so many minutes ago."""
    client = Client()
    with coming_from(Origin(ip, agent)):
        client.force_login(user)
    session = Session.objects.get(pk=client.session.session_key)
    then = timezone.now() - timedelta(minutes=seen)
    Session.objects.filter(pk=session.pk).update(seen_at=then)
    session.refresh_from_db()
    return session


def test_a_session_knows_whose_it_is_and_from_where(filer) -> None:
    session = logged_in(filer, agent="x" * 300)
    assert (session.user, session.ip, session.agent) == (filer, "10.0.0.8", "x" * 300)


def test_using_it_changes_neither_its_beginning_nor_its_end(filer) -> None:
    before = logged_in(filer, seen=5)
    store = SessionStore(before.pk)
    store["anything"] = 1
    with coming_from(Origin("10.9.9.9", FIREFOX)):
        store.save()
    after = Session.objects.get(pk=before.pk)
    assert (after.begun_at, after.expire_date) == (before.begun_at, before.expire_date)
    assert (after.ip, after.agent) == ("10.0.0.8", EDGE)
    assert after.seen_at > before.seen_at


def test_it_is_over_when_its_time_is_over_however_much_it_is_used(filer, client) -> None:
    client.force_login(filer)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302


# Idle


@pytest.mark.parametrize(("minutes", "idle"), [(0, False), (30, False), (31, True), (600, True)])
def test_how_long_it_may_be_idle(filer, *, minutes: int, idle: bool) -> None:
    session = logged_in(filer, seen=minutes)
    now = timezone.now() + timedelta(seconds=1)
    assert sessions.is_idle(session, filer, now) is idle
    assert not sessions_of(filer, None) if idle else sessions_of(filer, None)


def test_that_it_is_used_is_written_once_a_minute(filer) -> None:
    session = logged_in(filer)
    for seconds, queries in ((59, 0), (60, 1)):
        with CaptureQueriesContext(connection) as captured:
            sessions.touch(session, session.seen_at + timedelta(seconds=seconds))
        assert len(captured) == queries


def test_what_is_over_is_cleared_out(filer, colleague) -> None:
    Bureau.objects.filter(pk=filer.bureau_id).update(idle_minutes=10)
    used, idle, old = logged_in(filer, seen=9), logged_in(filer, seen=12), logged_in(colleague)
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now())
    nobodys = SessionStore()
    nobodys["waiting"] = 1
    nobodys.save()
    clear_sessions(0)
    assert set(Session.objects.values_list("pk", flat=True)) == {used.pk, nobodys.session_key}
    assert not Session.objects.filter(pk=idle.pk).exists()


# Ending


def test_one_ends_ones_own(filer) -> None:
    one, other = logged_in(filer), logged_in(filer)
    assert sessions.end_session(filer, of=filer, key=one.pk)
    assert not sessions.end_session(filer, of=filer, key=one.pk)
    assert [s.pk for s in Session.objects.all()] == [other.pk]
    event = Event.objects.get(kind=EventKind.SESSION_ENDED)
    assert (event.actor, event.data["sessions"]) == (filer, 1)
    assert one.pk not in str(event.data)


def test_all_others_end_at_once(filer, colleague) -> None:
    here, _, _, not_mine = (*(logged_in(filer) for _ in range(3)), logged_in(colleague))
    assert sessions.end_others(filer, key=here.pk) == 2
    assert sessions.end_others(filer, key=here.pk) == 0
    assert {s.pk for s in Session.objects.all()} == {here.pk, not_mine.pk}
    assert Event.objects.filter(kind=EventKind.SESSION_ENDED).count() == 1


def test_a_security_administrator_ends_those_of_the_bureau(
    keeper, administrator, filer, colleague
) -> None:
    session = logged_in(filer)
    stranger = factories.UserFactory.create(role=Role.SECURITY)
    for somebody in (administrator, colleague, stranger):
        with pytest.raises(NotPermittedError):
            sessions.end_session(somebody, of=filer, key=session.pk)
    assert sessions.end_session(keeper, of=filer, key=session.pk)


def test_a_key_goes_only_with_its_owner(keeper, filer, outsider) -> None:
    session = logged_in(outsider)
    assert not sessions.end_session(keeper, of=filer, key=session.pk)
    assert Session.objects.filter(pk=session.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_ending_twice_at_once_is_once(filer) -> None:
    session = logged_in(filer)
    end = lambda: sessions.end_session(filer, of=filer, key=session.pk)  # noqa: E731
    assert sorted(at_once(end, end)) == [False, True]
    assert Event.objects.filter(kind=EventKind.SESSION_ENDED).count() == 1


# As people see them


def test_ones_own_are_listed_this_one_first_without_keys(filer, colleague) -> None:
    logged_in(colleague)
    here, later = logged_in(filer, seen=20), logged_in(filer, seen=1, agent=FIREFOX)
    found = sessions_of(filer, here.pk)
    assert [(v.session, v.is_this_one) for v in found] == [(here, True), (later, False)]
    for view in found:
        assert view.session.pk not in view.name
        assert key_of(filer, view.name) == view.session.pk
        assert key_of(colleague, view.name) is None


def test_the_bureaus_are_found_by_person_department_and_address(filer, keeper, outsider) -> None:
    logged_in(outsider)
    mine = logged_in(filer, ip="10.1.2.3")
    other = logged_in(keeper)
    bureau = filer.bureau
    assert set(sessions_in(bureau)) == {mine, other}
    for words in ("填报人甲", "FILER", "残疾人 填报", "10.1.2"):
        assert list(sessions_in(bureau, words)) == [mine]
    assert not sessions_in(bureau, "没有").exists()


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (EDGE, "Edge，Windows"),
        (FIREFOX, "火狐浏览器，Linux（含麒麟、统信）"),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/109 Safari/537", "谷歌浏览器或同类，Windows 7"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Version/17 Safari/604",
            "Safari，iPhone",
        ),
        ("curl/8", "其他浏览器"),
        ("", "其他浏览器"),
    ],
)
def test_browsers_have_names(agent: str, said: str) -> None:
    assert in_words(agent) == said
