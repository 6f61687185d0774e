"""``manage.py bureau``: how an empty server begins."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.domain.bureaus import add_bureau
from declarations.models import ADMINISTRATOR_POSTS, Role

_OPTIONS = {post: f"--{post.value}" for post in ADMINISTRATOR_POSTS}


class Command(BaseCommand):
    """Adds bureaus."""

    help = "建立财政局和它的三位管理员。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="建立财政局，显示三位管理员的首次密码")
        add.add_argument("code", metavar="CODE", help="编码：小写字母、数字和连字符")
        add.add_argument("--name", required=True, help="名称，例如 广州市番禺区财政局")
        for post, option in _OPTIONS.items():
            add.add_argument(
                option, required=True, metavar="USERNAME", help=f"{post.label}的用户名"
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        administrators = {post: options[post.value] for post in ADMINISTRATOR_POSTS}
        if len(set(administrators.values())) < len(administrators):
            raise CommandError("三个管理岗位必须由三个不同的账号担任")
        try:
            slips = add_bureau(
                code=options["code"], name=options["name"], administrators=administrators
            )
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from None
        self.stdout.write(f"已建立{options['name']}。首次密码只显示这一次，首次登录后须修改：\n")
        for slip in slips:
            role = Role(slip.user.role).label
            self.stdout.write(f"  {role}  {slip.user.username}  {slip.password}")
        self.stdout.write(
            f"\n登录地址：{settings.ADDRESS}/\n请安全管理员登录后，在“人员”中填写三位管理员的姓名。"
        )
