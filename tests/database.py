"""The tests act with the application's rights in the database; only its owner empties it."""

from typing import Any

from django.db import connection
from django.test import TransactionTestCase

from config.embedded_postgres import APPLICATION


def act_as_the_application(*, connection: Any, **_kwargs: Any) -> None:
    """Receives `connection_created`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")


def let_the_owner_empty_tables() -> None:
    """After a test with real transactions Django truncates all tables, which only the owner may."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        original(self)
        act_as_the_application(connection=connection)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
