"""``manage.py migrate``: Django's, as the owner of the tables, and what the application may do."""

from typing import Any

from django.core.management import CommandParser
from django.core.management.commands import migrate

from config.database_roles import grant_application


class Command(migrate.Command):
    """Migrates as the owner, and grants the application its rights anew."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["database"] == "owner":
            grant_application()
