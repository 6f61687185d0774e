"""``manage.py account``: where the security administrator is the one who cannot get in."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.domain import second_factor, security
from declarations.models import User

_ACTS = {
    "unlock": (security.unlock, "已解除锁定"),
    "reset-second-factor": (second_factor.reset, "动态口令已重置，原有登录已全部结束"),
}


class Command(BaseCommand):
    """Lifts what protects an account, as a security administrator does in the pages."""

    help = "解除账号锁定，或重置丢失的动态口令。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=_ACTS)
        parser.add_argument("username", metavar="USERNAME")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有用户名为 {options['username']} 的账号")
        act, said = _ACTS[options["action"]]
        act(None, user_id=user.pk)
        self.stdout.write(f"{user.username}（{user.name}）：{said}。")
