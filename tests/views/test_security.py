"""What a security administrator sets and lifts, and nobody else."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from declarations.domain import second_factor, security
from declarations.domain.errors import NotPermittedError
from declarations.models import Bureau, Event, EventKind, Role, SecondFactor, Session
from declarations.queries.security import locks_in
from tests import factories
from tests.codes import equip
from tests.factories import PASSWORD

SETTINGS = {"password_days": 30, "idle_minutes": 20, "second_factor": SecondFactor.BUREAU}


def lock(user: Any, client: Any = None) -> None:
    for _ in range(5):
        (client or Client()).post(
            reverse("login"), {"username": user.username, "password": "wrong"}
        )


# Settings


def test_settings_are_shown_and_changed(as_user, keeper) -> None:
    client = as_user(keeper)
    page = client.get(reverse("security")).content.decode()
    assert 'value="90"' in page
    assert client.post(reverse("security"), SETTINGS)["Location"] == reverse("security")
    bureau = Bureau.objects.get(pk=keeper.bureau_id)
    assert {name: getattr(bureau, name) for name in SETTINGS} == SETTINGS
    event = Event.objects.get(kind=EventKind.SECURITY_CHANGED)
    assert event.data["changes"] == {
        "password_days": [90, 30],
        "idle_minutes": [30, 20],
        "second_factor": ["optional", "bureau"],
    }


def test_the_same_again_is_nothing(keeper) -> None:
    for _ in range(2):
        security.change_settings(keeper, bureau_id=keeper.bureau_id, settings=SETTINGS)
    assert Event.objects.filter(kind=EventKind.SECURITY_CHANGED).count() == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("password_days", "-1", "请填写 0 至 365 的整数"),
        ("password_days", "", "请填写 0 至 365 的整数"),
        ("idle_minutes", "4", "请填写 5 至 480 的整数"),
        ("idle_minutes", "9" * 30, "请填写 5 至 480 的整数"),
        ("second_factor", "nobody", "选"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    as_user, keeper, name: str, value: str, said: str
) -> None:
    answer = as_user(keeper).post(reverse("security"), SETTINGS | {name: value})
    assert said in answer.content.decode()
    assert Bureau.objects.get(pk=keeper.bureau_id).idle_minutes == 30


def test_nor_from_the_shell(keeper) -> None:
    with pytest.raises(ValidationError, match="不能少于 5 分钟"):
        security.change_settings(keeper, bureau_id=keeper.bureau_id, settings={"idle_minutes": 1})


def test_only_ones_own_bureau_and_only_the_post(keeper, administrator, outsider) -> None:
    for actor, bureau in (
        (administrator, administrator.bureau),
        (keeper, outsider.bureau),
    ):
        with pytest.raises(NotPermittedError):
            security.change_settings(actor, bureau_id=bureau.pk, settings=SETTINGS)


def test_who_requires_it_of_themselves_sets_it_up_next(as_user, keeper) -> None:
    client = as_user(keeper)
    client.post(reverse("security"), SETTINGS)
    assert client.get(reverse("security"))["Location"] == reverse("second-factor")


# Locks


def test_a_locked_account_is_shown_and_unlocked(as_user, keeper, filer) -> None:
    lock(filer, Client(headers={"User-Agent": "one"}))
    client = as_user(keeper)
    (found,) = client.get(reverse("security")).context["locks"]
    assert (found.user, found.ip) == (filer, "127.0.0.1")
    client.post(reverse("security-unlock", args=[filer.pk]))
    client.post(reverse("security-unlock", args=[filer.pk]))
    assert locks_in(keeper.bureau) == []
    fields = {"username": "filer", "password": PASSWORD}
    assert Client().post(reverse("login"), fields).status_code == 302
    event = Event.objects.get(kind=EventKind.UNLOCKED)
    assert (event.actor, event.data["user"]) == (keeper, filer.pk)


def test_tries_with_several_browsers_count_together(keeper, filer) -> None:
    for number in range(5):
        Client(headers={"User-Agent": f"browser {number}"}).post(
            reverse("login"), {"username": "filer", "password": "wrong"}
        )
    assert [found.user for found in locks_in(keeper.bureau)] == [filer]


def test_four_tries_are_none_and_another_bureaus_are_not_ones_business(
    keeper, filer, outsider
) -> None:
    for _ in range(4):
        Client().post(reverse("login"), {"username": "filer", "password": "wrong"})
    lock(outsider)
    assert locks_in(keeper.bureau) == []


def test_trying_on_does_not_prolong_the_lock(keeper, filer) -> None:
    lock(filer)
    (before,) = locks_in(keeper.bureau)
    lock(filer)
    assert locks_in(keeper.bureau) == [before]


# Second factors and sessions


def test_a_lost_factor_is_found_and_reset(as_user, keeper, filer, colleague) -> None:
    equip(filer)
    client = as_user(keeper)
    page = client.get(reverse("security-accounts"), {"q": "填报人甲"}).context["page"]
    assert [(u, u.has_factor) for u in page] == [(filer, True)]
    client.post(reverse("security-factor-reset", args=[filer.pk]))
    assert not second_factor.is_set_up(filer)


def test_ones_own_is_not_reset_here(as_user, keeper) -> None:
    equip(keeper)
    client = as_user(keeper)
    answer = client.post(reverse("security-factor-reset", args=[keeper.pk]), follow=True)
    assert "不能重置自己的动态口令" in answer.content.decode()
    assert second_factor.is_set_up(keeper)


def test_sessions_of_the_bureau_are_found_and_ended(as_user, keeper, filer, outsider) -> None:
    theirs, stranger = Client(), Client()
    theirs.force_login(filer)
    stranger.force_login(outsider)
    client = as_user(keeper)
    assert len(client.get(reverse("security-sessions")).context["views"]) == 2
    (view,) = client.get(reverse("security-sessions"), {"q": "填报人甲"}).context["views"]
    address = reverse("security-session-end", args=[filer.pk])
    assert (
        "已结束填报人甲"
        in client.post(address, {"session": view.name}, follow=True).content.decode()
    )
    assert theirs.get("/").status_code == 302
    assert Session.objects.filter(user=outsider).exists()


def test_people_of_another_bureau_are_not_there(as_user, keeper, outsider) -> None:
    client = as_user(keeper)
    for name in ("security-unlock", "security-factor-reset", "security-session-end"):
        assert client.post(reverse(name, args=[outsider.pk])).status_code == 404


def test_the_pages_are_for_nobody_else(as_user, administrator, filer) -> None:
    auditor = factories.UserFactory.create(bureau=filer.bureau, role=Role.AUDITOR)
    for user in (administrator, filer, auditor):
        client = as_user(user)
        for name in ("security", "security-accounts", "security-sessions"):
            assert client.get(reverse(name)).status_code == 404
