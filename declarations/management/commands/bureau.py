"""``manage.py bureau``: how an empty server begins, and who helps a bureau without administrators."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.domain.bureaus import add_bureau, appoint
from declarations.domain.first_passwords import Slip
from declarations.management.bureaus import bureau_by_code
from declarations.models import ADMINISTRATOR_POSTS, Role

_OPTIONS = {post: f"--{post.value}" for post in ADMINISTRATOR_POSTS}


class Command(BaseCommand):
    """Adds bureaus, and administrators to bureaus that lack them."""

    help = "建立财政局和它的三位管理员；为已有的财政局补设管理员。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="建立财政局，显示三位管理员的首次密码")
        add.add_argument("code", metavar="CODE", help="编码：小写字母、数字和连字符")
        add.add_argument("--name", required=True, help="名称，例如 广州市番禺区财政局")
        more = actions.add_parser("appoint", help="为已有的财政局补设管理员，显示首次密码")
        more.add_argument("code", metavar="CODE", help="财政局的编码")
        for post, option in _OPTIONS.items():
            for action in (add, more):
                action.add_argument(
                    option,
                    required=action is add,
                    metavar="USERNAME",
                    help=f"{post.label}的用户名",
                )

    def handle(self, *_args: Any, **options: Any) -> None:
        code = options["code"]
        chosen = {post: options.get(post.value) for post in ADMINISTRATOR_POSTS}
        administrators = {post: name for post, name in chosen.items() if name is not None}
        if len(set(administrators.values())) < len(administrators):
            raise CommandError("不同的管理岗位必须由不同的账号担任")
        if options["action"] == "appoint":
            if not administrators:
                raise CommandError(f"请写明补设谁：{'、'.join(_OPTIONS.values())} 至少写一个")
            bureau = bureau_by_code(code)
            self._show(
                f"已为{bureau.name}补设管理员",
                lambda: appoint(bureau, administrators=administrators),
            )
        else:
            name = options["name"]
            self._show(
                f"已建立{name}",
                lambda: add_bureau(code=code, name=name, administrators=administrators),
            )

    def _show(self, done: str, act: Callable[[], list[Slip]]) -> None:
        try:
            slips = act()
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from None
        self.stdout.write(f"{done}。首次密码只显示这一次，首次登录后须修改：\n")
        for slip in slips:
            role = Role(slip.user.role).label
            self.stdout.write(f"  {role}  {slip.user.username}  {slip.password}")
        self.stdout.write(
            f"\n登录地址：{settings.ADDRESS}/\n请安全管理员登录后，在“人员”中填写管理员的姓名。"
        )
