"""What a password must be, and which ones may not come back."""

from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

from declarations.models import User

SHORTEST = 10
KINDS_WANTED = 3
SHORTEST_NAME = 2
"""Two characters, as in many Chinese names; one is in too many words."""

LAST = 3
"""So many passwords, the present one among them, may not be used again."""

_KINDS = {
    "大写字母": str.isupper,
    "小写字母": str.islower,
    "数字": str.isdigit,
    "其他符号": lambda character: not character.isalnum(),
}


class Complexity:
    """Long enough, and of three kinds of characters; says everything that is missing at once."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002  (Django passes it)
        missing = [kind for kind, is_one in _KINDS.items() if not any(map(is_one, password))]
        problems = []
        if len(password) < SHORTEST:
            problems.append(f"密码至少 {SHORTEST} 个字符，现在是 {len(password)} 个")
        if len(_KINDS) - len(missing) < KINDS_WANTED:
            wanted = len(missing) - (len(_KINDS) - KINDS_WANTED)
            problems.append(f"还缺少{'、'.join(missing)}中的{wanted}种")
        if problems:
            raise ValidationError("；".join(problems), code="password_too_simple")

    def get_help_text(self) -> str:
        return f"至少 {SHORTEST} 个字符，大写字母、小写字母、数字、其他符号中至少有 {KINDS_WANTED} 种。"


class NotUsedLately:
    """Not one of the person's last passwords."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and any(check_password(password, used) for used in _last(user)):
            raise ValidationError(self.get_help_text().rstrip("。"), code="password_used_lately")

    def get_help_text(self) -> str:
        return f"不能与最近 {LAST} 次用过的密码相同。"


class NotTheName(UserAttributeSimilarityValidator):
    """Without the person's user name, name, or the name in the e-mail address, nor like them."""

    def __init__(self) -> None:
        super().__init__(("username", "name", "email"))

    def validate(self, password: str, user: Any = None) -> None:
        names = (user.username, user.name, user.email.partition("@")[0]) if user else ()
        if any(len(n) >= SHORTEST_NAME and n.lower() in password.lower() for n in names):
            raise ValidationError("密码中不能有用户名、姓名或邮箱名", code="password_names")
        super().validate(password, user)

    def get_help_text(self) -> str:
        return "不能含有或近似于用户名、姓名、邮箱名。"


class NotCommon(CommonPasswordValidator):
    """None of those that are tried first everywhere."""

    def get_help_text(self) -> str:
        return "不能是常见的密码。"


def set_password(user: User, password: str) -> None:
    """Gives the person another password, and keeps the hashes of those it replaces.

    The caller saves ``password`` and ``old_passwords``.
    """
    remember(user)
    user.set_password(password)


def remember(user: User) -> None:
    """Keeps the hash of the present password, which is about to be replaced."""
    user.old_passwords = _last(user)[: LAST - 1]


def _last(user: User) -> list[str]:
    """The hashes of the last passwords, the present one first."""
    return [h for h in [user.password, *user.old_passwords] if h][:LAST]
