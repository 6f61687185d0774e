"""A database that is there only while the benchmarks run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases


@contextmanager
def own_database() -> Iterator[None]:
    """Creates and migrates ``bench_…`` beside the configured database, and drops it at the end.

    One that a killed run left behind is dropped first. It belongs to the owner of the
    configured one, who must be allowed to create databases, and is used as the owner too.
    """
    owner = connections["owner"].settings_dict
    connection.settings_dict |= {name: owner[name] for name in ("USER", "PASSWORD")}
    connection.settings_dict["TEST"]["NAME"] = f"bench_{connection.settings_dict['NAME']}"
    before = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(before, verbosity=0)


@contextmanager
def copy_of_database(name: str) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a copy of our own database, which is dropped at the end; see `using`."""
    connection.close()  # nobody may be connected to what is copied
    connection.creation.clone_test_db(name, verbosity=0)
    copy = connection.copy(alias="default")
    copy.settings_dict = connection.creation.get_test_db_clone_settings(name)
    try:
        yield copy
    finally:
        copy.close()
        connection.creation.destroy_test_db(suffix=name, verbosity=0)


@contextmanager
def using(copy: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything inside works with this connection's database."""
    before = connections["default"]
    connections["default"] = copy
    try:
        yield
    finally:
        connections["default"] = before
