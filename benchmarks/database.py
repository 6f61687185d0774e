"""A database that is there only while the benchmarks run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import setup_databases, teardown_databases


@contextmanager
def own_database() -> Iterator[None]:
    """Creates and migrates ``bench_…`` beside the configured database, and drops it at the end.

    One that a killed run left behind is dropped first. The role must be allowed to
    create databases.
    """
    connection.settings_dict["TEST"]["NAME"] = f"bench_{connection.settings_dict['NAME']}"
    before = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(before, verbosity=0)
