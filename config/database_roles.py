"""Two roles in PostgreSQL: the owner of the tables, and the one that the application uses.

The owner migrates. The application's role reads and writes rows, but can neither switch off a
trigger nor truncate or alter a table, and what is frozen (events, revisions, histories) it can
only add to. So not even SQL that somebody smuggles in rewrites the record (GB/T 22239 asks
that the audit trail be protected from unexpected deletion and change).
"""

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.sql import SQL, Composed, Identifier

NO_ROWS_OF_OURS = ("django_migrations",)
"""Tables that the application only reads."""


def owns_tables(connection: BaseDatabaseWrapper) -> bool:
    """Whether a connection's role owns any table of the database; False where none answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_tables"
                " WHERE schemaname = 'public' AND tableowner = current_user)"
            )
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False


def application_role() -> str:
    """Whom the application connects as, "" where it connects as the owner."""
    application, owner = (connections[name].settings_dict for name in ("default", "owner"))
    return "" if application["USER"] == owner["USER"] else str(application["USER"])


def grant_application() -> None:
    """Gives the application its rights as the owner; nothing where it is the owner itself."""
    if role := application_role():
        grant(connections["owner"], role)


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Gives the role what the application needs of the connection's database, and no more.

    The connection is the owner's, and the role exists. Granting again changes nothing.
    """
    with connection.cursor() as cursor:
        for statement in _statements(set(connection.introspection.table_names(cursor))):
            cursor.execute(statement(role))


class _Statement:
    """SQL with a place for the role, and perhaps for a table."""

    def __init__(self, text: str, *tables: str) -> None:
        self.text, self.tables = text, tables

    def __call__(self, role: str) -> Composed:
        names = {"role": Identifier(role), "table": SQL(", ").join(map(Identifier, self.tables))}
        return SQL(self.text).format(**names)


def _statements(existing: set[str]) -> Iterator[_Statement]:
    yield _Statement("GRANT USAGE ON SCHEMA public TO {role}")
    yield _Statement("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    yield _Statement(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    )
    yield _Statement("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    yield _Statement("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}")
    for table in existing.intersection(NO_ROWS_OF_OURS):
        yield _Statement("REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}", table)
    for table, privilege in frozen_tables():
        if table in existing:
            yield _Statement(f"REVOKE {privilege} ON {{table}} FROM {{role}}", table)


def frozen_tables() -> Iterator[tuple[str, str]]:
    """Each table with UPDATE or DELETE that a trigger forbids, whatever the row."""
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            if type(trigger) is pgtrigger.Protect and trigger.condition is None:
                for privilege in str(trigger.operation).split(" OR "):
                    yield model._meta.db_table, privilege
