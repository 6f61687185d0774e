"""One-time codes: each works once, in its time, and not after many wrong ones."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from declarations.domain import second_factor
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.second_factor import WrongCodeError
from declarations.models import Event, EventKind, Role, SecondFactor, Session, User
from declarations.permissions.accounts import needs_second_factor
from tests import factories
from tests.codes import KEY, code, equip
from tests.factories import PASSWORD
from tests.races import at_once


def set_up(user: User, text: str, password: str = "", session_key: str | None = None) -> list[str]:
    return second_factor.set_up(
        user, key=KEY, code=text, password=password, session_key=session_key
    )[1]


def time_passes(user: User, **by: int) -> None:
    """Since the last wrong code."""
    then = timezone.now() - timedelta(**by)
    for model in (TOTPDevice, StaticDevice):
        devices = model.objects.filter(user=user, throttling_failure_timestamp__isnull=False)
        devices.update(throttling_failure_timestamp=then)


def other_code() -> str:
    """Six digits that no phone shows near now."""
    near = {code(steps=n) for n in range(-3, 4)}
    return next(text for text in map("{:06d}".format, range(10)) if text not in near)


# Setting up


def test_a_right_code_sets_it_up(filer) -> None:
    codes = set_up(filer, code())
    assert second_factor.is_set_up(filer)
    assert len(set(codes)) == second_factor.recovery_codes_left(filer) == 10
    event = Event.objects.get(kind=EventKind.SECOND_FACTOR_ADDED)
    assert event.actor == filer
    assert not any(c in str(event.data) for c in [*codes, KEY])


def test_a_wrong_one_leaves_no_trace(filer) -> None:
    with pytest.raises(WrongCodeError, match="核对手机时间"):
        set_up(filer, other_code())
    assert not second_factor.is_set_up(filer)
    assert not Event.objects.filter(kind=EventKind.SECOND_FACTOR_ADDED).exists()


def test_other_sessions_end_because_they_have_shown_no_code(filer, client) -> None:
    client.force_login(filer)
    here = client.session.session_key
    client.cookies.clear()
    client.force_login(filer)
    set_up(filer, code(), session_key=here)
    assert [s.pk for s in Session.objects.filter(user=filer)] == [here]


def test_another_phone_takes_the_place_of_the_first_for_the_password(filer) -> None:
    old = equip(filer)
    with pytest.raises(RefusedError, match="密码不正确"):
        set_up(filer, code())
    assert second_factor.recovery_codes_left(filer) == 10
    new = set_up(filer, code(), PASSWORD)
    assert TOTPDevice.objects.filter(user=filer).count() == 1
    with pytest.raises(WrongCodeError):
        second_factor.verify(filer, old[0])
    time_passes(filer, seconds=2)
    second_factor.verify(filer, new[0])


# Codes


def test_a_code_works_once(filer) -> None:
    equip(filer)
    second_factor.verify(filer, code())
    with pytest.raises(WrongCodeError, match="已经用过"):
        second_factor.verify(filer, code())


def test_the_code_that_set_it_up_is_used(filer) -> None:
    set_up(filer, code())
    with pytest.raises(WrongCodeError, match="已经用过"):
        second_factor.verify(filer, code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(filer, steps: int) -> None:
    equip(filer)
    second_factor.verify(filer, code(steps=steps))


@pytest.mark.parametrize("steps", [-3, 3])
def test_but_not_more(filer, steps: int) -> None:
    equip(filer)
    with pytest.raises(WrongCodeError):
        second_factor.verify(filer, code(steps=steps))


def test_a_clock_that_is_always_off_is_followed(filer) -> None:
    equip(filer)
    second_factor.verify(filer, code(steps=1))
    TOTPDevice.objects.filter(user=filer).update(last_t=-1)
    second_factor.verify(filer, code(steps=2))


def test_spaces_do_not_matter(filer) -> None:
    equip(filer)
    text = code()
    second_factor.verify(filer, f" {text[:3]} {text[3:]} ")


def test_full_width_digits_are_digits(filer) -> None:
    equip(filer)
    second_factor.verify(filer, code().translate({ord("0") + n: ord("０") + n for n in range(10)}))


def test_a_recovery_code_works_once(filer) -> None:
    codes = equip(filer)
    second_factor.verify(filer, codes[0].upper())
    assert second_factor.recovery_codes_left(filer) == 9
    with pytest.raises(WrongCodeError, match="恢复码不正确或已经用过"):
        second_factor.verify(filer, codes[0])
    time_passes(filer, seconds=2)
    second_factor.verify(filer, codes[1])


def test_somebody_elses_codes_do_not_work(filer, colleague) -> None:
    codes = equip(filer)
    equip(colleague)
    with pytest.raises(WrongCodeError):
        second_factor.verify(colleague, codes[0])


@pytest.mark.parametrize("text", ["", "abcdef", "1" * 20, "'; --", "\x00", "-1"])
def test_whatever_is_typed_is_only_wrong(filer, text: str) -> None:
    equip(filer)
    with pytest.raises(WrongCodeError):
        second_factor.verify(filer, text)


def test_after_wrong_codes_even_the_right_one_has_to_wait(filer) -> None:
    equip(filer)
    for wait in (1, 2, 4):
        with pytest.raises(WrongCodeError, match="不正确"):
            second_factor.verify(filer, other_code())
        with pytest.raises(WrongCodeError, match=r"请等 [1-4] 秒"):
            second_factor.verify(filer, code())
        time_passes(filer, seconds=wait)
    second_factor.verify(filer, code())
    failed = Event.objects.filter(kind=EventKind.LOGIN_FAILED, succeeded=False)
    assert [e.data for e in failed] == [{"reason": "code"}] * 6


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_code_at_once_one_comes_in(filer) -> None:
    equip(filer)
    text = code()
    results = at_once(*[lambda: second_factor.verify(filer, text)] * 2)
    assert sorted(isinstance(r, WrongCodeError) for r in results) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_phone_set_up_twice_at_once_is_one(filer) -> None:
    text = code()
    results = at_once(*[lambda: set_up(filer, text)] * 2)
    assert sorted(isinstance(r, RefusedError) for r in results) == [False, True]
    assert TOTPDevice.objects.filter(user=filer).count() == 1
    assert second_factor.recovery_codes_left(filer) == 10


@pytest.mark.django_db(transaction=True)
def test_who_logs_in_while_it_is_set_up_is_asked_or_logged_out(filer) -> None:
    """Whichever comes first, no session is left that has shown no code."""

    def log_in() -> None:
        Client().post("/login/", {"username": filer.username, "password": PASSWORD})

    for _ in range(5):
        text = code()
        at_once(log_in, lambda text=text: set_up(filer, text))
        assert second_factor.is_set_up(filer)
        assert not Session.objects.filter(user=filer).exists()
        second_factor.reset(None, user_id=filer.pk)


# Taking it away


def test_it_is_removed_for_the_password(filer) -> None:
    equip(filer)
    with pytest.raises(RefusedError, match="密码不正确"):
        second_factor.remove(filer, password="wrong")
    second_factor.remove(filer, password=PASSWORD)
    second_factor.remove(filer, password=PASSWORD)
    assert not second_factor.is_set_up(filer)
    assert second_factor.recovery_codes_left(filer) == 0
    assert Event.objects.filter(kind=EventKind.SECOND_FACTOR_REMOVED).count() == 1


@pytest.mark.parametrize(
    ("wanted", "of"),
    [
        (SecondFactor.OPTIONAL, set()),
        (
            SecondFactor.ADMINISTRATORS,
            {Role.SYSTEM, Role.SECURITY, Role.AUDITOR, Role.PUBLISHER},
        ),
        (SecondFactor.BUREAU, set(Role) - {Role.FILER, Role.HEAD}),
        (SecondFactor.EVERYBODY, set(Role)),
    ],
)
def test_of_whom_a_bureau_wants_it(filer, wanted: SecondFactor, of: set[Role]) -> None:
    filer.bureau.second_factor = wanted
    found = set()
    for role in Role:
        filer.role = role
        if needs_second_factor(filer):
            found.add(role)
    assert found == of


def test_who_must_have_it_cannot_remove_it(filer) -> None:
    equip(filer)
    filer.bureau.second_factor = SecondFactor.EVERYBODY
    filer.bureau.save()
    with pytest.raises(NotPermittedError, match="换手机"):
        second_factor.remove(filer, password=PASSWORD)
    assert second_factor.is_set_up(filer)


def test_a_security_administrator_resets_what_was_lost(keeper, filer, client) -> None:
    equip(filer)
    client.force_login(filer)
    second_factor.reset(keeper, user_id=filer.pk)
    second_factor.reset(keeper, user_id=filer.pk)
    assert not second_factor.is_set_up(filer)
    assert not Session.objects.filter(user=filer).exists()
    event = Event.objects.get(kind=EventKind.SECOND_FACTOR_REMOVED)
    assert (event.actor, event.data["user"]) == (keeper, filer.pk)


def test_nobody_else_does_nor_for_themselves(keeper, administrator, filer) -> None:
    stranger = factories.UserFactory.create(role=Role.SECURITY)
    for somebody in (keeper, filer):
        equip(somebody)
    for actor, of in ((administrator, filer), (stranger, filer), (filer, filer), (keeper, keeper)):
        with pytest.raises(NotPermittedError):
            second_factor.reset(actor, user_id=of.pk)
        assert second_factor.is_set_up(of)


def test_the_shell_may(filer, capsys) -> None:
    equip(filer)
    for action in ("reset-second-factor", "unlock"):
        call_command("account", action, "filer")
        assert "filer（填报人甲）" in capsys.readouterr().out
    assert not second_factor.is_set_up(filer)
    with pytest.raises(CommandError, match="没有用户名为 nobody 的账号"):
        call_command("account", "unlock", "nobody")
