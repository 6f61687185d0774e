"""What a password must be, and when it must be changed."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from declarations.domain.accounts import change_password
from declarations.domain.errors import RefusedError
from declarations.domain.first_passwords import issue_first_passwords
from declarations.models import Event, EventKind, Session, User
from declarations.permissions.accounts import must_change_password
from tests.factories import PASSWORD
from tests.races import at_once


def problems(password: str, user: User) -> str:
    with pytest.raises(ValidationError) as caught:
        validate_password(password, user)
    return "；".join(caught.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "Gongzhang-8",
        "gongzhang-88",
        "GONGZHANG_88",
        "Gongzhang88",
        "Gong zhang bao",
        "公章Aa1bcdefg",
    ],
)
def test_ten_characters_of_three_kinds_will_do(filer, password: str) -> None:
    validate_password(password, filer)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Gongzh-88", "密码至少 10 个字符，现在是 9 个"),
        ("gongzhang88", "还缺少大写字母、其他符号中的1种"),
        ("gongzhangbao", "还缺少大写字母、数字、其他符号中的2种"),
        ("公章公章公章公章公章公章", "还缺少大写字母、小写字母、数字、其他符号中的3种"),
        ("gong", "密码至少 10 个字符，现在是 4 个；还缺少大写字母、数字、其他符号中的2种"),
    ],
)
def test_everything_that_is_missing_is_said_at_once(filer, password: str, said: str) -> None:
    assert said in problems(password, filer)


@pytest.mark.parametrize("password", ["My-FILER-2024", "填报人甲Aa-12345", "Zhang.San#2024"])
def test_ones_own_names_are_not_in_it(filer, password: str) -> None:
    filer.email = "zhang.san@example.cn"
    assert problems(password, filer) == "密码中不能有用户名、姓名或邮箱名"


def test_what_resembles_a_name_is_found_too(filer) -> None:
    filer.username = "gongzhang88"
    assert "太相似" in problems("Gongzhamg88", filer)


def test_none_of_the_last_three_comes_back(filer) -> None:
    used = [PASSWORD, "Second-password", "Third-password", "Fourth-password"]
    for old, new in pairwise(used):
        change_password(filer, old=old, new=new, session_key=None)
    for again in used[1:]:
        with pytest.raises(ValidationError, match="最近 3 次"):
            change_password(filer, old=used[-1], new=again, session_key=None)
    change_password(filer, old=used[-1], new="First-password-1", session_key=None)
    filer.refresh_from_db()
    assert len(filer.old_passwords) == 2
    change_password(filer, old="First-password-1", new=used[1], session_key=None)


def test_a_wrong_old_password_changes_nothing(filer) -> None:
    with pytest.raises(RefusedError, match="旧密码不正确"):
        change_password(filer, old="wrong", new="Second-password", session_key=None)
    filer.refresh_from_db()
    assert filer.check_password(PASSWORD)
    assert not Event.objects.filter(kind=EventKind.PASSWORD_CHANGED).exists()


def test_changing_it_is_on_record_without_it(filer, client) -> None:
    client.force_login(filer)
    here = client.session.session_key
    client.cookies.clear()
    client.force_login(filer)
    change_password(filer, old=PASSWORD, new="Second-password", session_key=here)
    assert [s.pk for s in Session.objects.filter(user=filer)] == [here]
    event = Event.objects.get(kind=EventKind.PASSWORD_CHANGED)
    assert (event.actor, event.bureau, event.data) == (filer, filer.bureau, {})


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_holds(filer) -> None:
    def change(new: str) -> Callable[[], User]:
        return lambda: change_password(filer, old=PASSWORD, new=new, session_key=None)

    results = at_once(change("Second-password"), change("Third-password"))
    assert sorted(isinstance(r, RefusedError) for r in results) == [False, True]
    assert Event.objects.filter(kind=EventKind.PASSWORD_CHANGED).count() == 1


def test_a_first_password_from_an_administrator_does_not_bring_the_old_one_back(
    administrator, filer
) -> None:
    issue_first_passwords(
        administrator, bureau=filer.bureau, user_ids=[filer.pk], also_settled=True
    )
    filer.refresh_from_db()
    assert "最近 3 次" in problems(PASSWORD, filer)


# When


def test_the_first_one_must_be_changed(filer) -> None:
    filer.password_changed_at = None
    assert must_change_password(filer, timezone.now())


def test_it_is_too_old_on_the_very_day(filer) -> None:
    filer.bureau.password_days = 90
    filer.password_changed_at = timezone.now()
    end = filer.password_changed_at + timedelta(days=90)
    assert not must_change_password(filer, end - timedelta(seconds=1))
    assert must_change_password(filer, end)


def test_without_a_limit_it_grows_old(filer) -> None:
    filer.bureau.password_days = 0
    filer.password_changed_at = timezone.now() - timedelta(days=5000)
    assert not must_change_password(filer, timezone.now())
