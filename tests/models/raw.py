"""What the database itself refuses, whoever asks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, connection, transaction
from psycopg.sql import SQL, Identifier


@contextmanager
def refused(match: str | None = None, error: type[Exception] = Error) -> Iterator[None]:
    """The database refuses what is done inside; the test's transaction goes on."""
    with pytest.raises(error, match=match), transaction.atomic():
        yield


def run(statement: str, *parameters: Any, names: Sequence[str] = ()) -> None:
    """Runs raw SQL; each ``{}`` is one of the names."""
    with connection.cursor() as cursor:
        cursor.execute(SQL(statement).format(*map(Identifier, names)), parameters)
