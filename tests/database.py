"""The tests act with the application's rights in the database; only its owner empties it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase

from config.embedded_postgres import APPLICATION


def act_as_the_application(*, connection: Any, **_kwargs: Any) -> None:
    """Receives `connection_created`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")


@contextmanager
def as_the_owner() -> Iterator[None]:
    """Connections that begin inside have all rights; databases can be made and dropped."""
    connection_created.disconnect(act_as_the_application)
    try:
        yield
    finally:
        connection_created.connect(act_as_the_application)


def let_the_owner_empty_tables() -> None:
    """After a test with real transactions Django truncates all tables, which only the owner may."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        original(self)
        act_as_the_application(connection=connection)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
