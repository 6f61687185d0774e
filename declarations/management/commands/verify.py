"""``manage.py verify``: whether everything stored is still what was stored."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from declarations.management.verifying import verify


class Command(BaseCommand):
    """Looks at every hash. Exit code 1 where one does not agree."""

    help = "核对全部存储文件、公开内容、版本、表样和佐证材料的哈希值。"

    def handle(self, **_options: Any) -> None:
        if found := verify(self.stdout.write):
            raise CommandError("\n".join(["核对发现问题：", *found]))
        self.stdout.write("核对完成，没有发现问题")
