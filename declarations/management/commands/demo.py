"""``manage.py demo``: loads the demo, says who can log in, and serves it."""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from config.database_roles import grant_application
from declarations.management.demo.accounts import DISTRICTS, PASSWORD
from declarations.management.demo.loading import load_demo
from declarations.management.demo.serving import HOST, port, serve
from declarations.models import Declaration, Role, State, User


class Command(BaseCommand):
    """Loads and serves the demo."""

    help = "装入演示数据，列出演示账号。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--serve", action="store_true", help="随后启动服务（端口取自 PORT，默认 8000）"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("演示账号的密码是公开的，不能装入正式环境")
        port_number = port() if options["serve"] else 0
        _migrate()
        loaded = load_demo()
        self.stdout.write("演示数据已装入。" if loaded else "演示数据已经在库中，未作改动。")
        self.stdout.write(f"\n{account_table()}\n\n密码均为 {PASSWORD}\n")
        if port_number:
            self.stdout.write(f"请用浏览器打开 http://{HOST}:{port_number}/ ，按 Ctrl-C 停止。")
            self.stdout.flush()
            serve(port_number)


def account_table() -> str:
    """The demo's accounts and what each finds, in aligned columns."""
    bureaus = [district.code for district in DISTRICTS]
    people = User.objects.filter(bureau__code__in=bureaus).select_related("department", "bureau")
    latest_last = Declaration.objects.filter(round__bureau__code__in=bureaus).order_by(
        "round__year", "pk"
    )
    states: dict[int, str] = dict(latest_last.values_list("department_id", "state"))
    rows = [("用户名", "姓名", "角色", "单位", "申报状态")]
    for person in people.order_by("pk"):
        state = states.get(person.department_id or 0)
        rows.append(
            (
                person.username,
                person.name,
                Role(person.role).label,
                str(person.department or person.bureau),
                State(state).label if state else "",
            )
        )
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _migrate() -> None:
    """Brings the database up to date; quick where it is."""
    executor = MigrationExecutor(connections["owner"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    else:
        grant_application()  # where a migration was broken off after its last step


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
