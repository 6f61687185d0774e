"""What the application's role may not do in the database, whatever SQL it is made to send."""

import psycopg
import pytest
from django.apps import apps
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from config.database_roles import frozen_tables, grant
from config.embedded_postgres import APPLICATION
from declarations.system_checks import check_database_roles
from tests.models.raw import refused, run

FORBIDDEN = [
    "ALTER TABLE declarations_event DISABLE TRIGGER ALL",
    "ALTER TABLE declarations_declaration DISABLE TRIGGER USER",
    "TRUNCATE declarations_event CASCADE",
    "TRUNCATE declarations_revision CASCADE",
    "DROP TABLE declarations_event CASCADE",
    "CREATE TABLE public.another (id int)",
    "CREATE OR REPLACE FUNCTION public.another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "ALTER ROLE jixiao_app SUPERUSER",
    "DELETE FROM declarations_upload",
    "DELETE FROM django_migrations",
    "COPY declarations_event TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_cannot(db: None, statement: str) -> None:
    with refused("permission denied|must be owner|permission to"):
        run(statement.replace("{", "{{").replace("}", "}}"))


def test_the_application_is_neither_owner_nor_superuser(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (APPLICATION, False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", [APPLICATION])
        assert cursor.fetchone() == (0,)


def test_it_logs_in_as_that_role_and_cannot_put_it_off(transactional_db: None) -> None:
    """Not only by SET ROLE, as the tests do: as the connection that settings give."""
    given = {**connection.get_connection_params(), "user": APPLICATION}
    wanted = {k: given[k] for k in ("dbname", "user", "host") if k in given}
    with psycopg.connect(**wanted) as own:
        own.execute("RESET ROLE")
        assert own.execute("SELECT current_user").fetchone() == (APPLICATION,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("SET ROLE postgres")
        own.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("UPDATE declarations_event SET data = '{}'")


def test_what_is_frozen() -> None:
    """Revisions, events and every history only grow; uploads, evidence and results are kept."""
    frozen = set(frozen_tables())
    histories = {m._meta.db_table for m in apps.get_models() if hasattr(m, "pgh_tracked_model")}
    assert len(histories) == 6
    for table in {"declarations_event", "declarations_revision", *histories}:
        assert {(table, "UPDATE"), (table, "DELETE")} <= frozen
    for table in ("declarations_upload", "declarations_evidence", "declarations_result"):
        assert (table, "DELETE") in frozen
    assert ("declarations_formtemplate", "UPDATE") not in frozen


def test_an_owner_is_warned(db: None) -> None:
    assert check_database_roles() == []
    run("RESET ROLE")
    (warning,) = check_database_roles()
    assert "可以改写审计记录" in warning.msg
    run("SET ROLE {}", names=[APPLICATION])


def test_granting_again_changes_nothing(db: None) -> None:
    def rights() -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = %s ORDER BY 1, 2",
                [APPLICATION],
            )
            return list(cursor.fetchall())

    before = rights()
    run("RESET ROLE")
    with CaptureQueriesContext(connection):
        grant(connections["default"], APPLICATION)
    assert rights() == before
    assert before
    run("SET ROLE {}", names=[APPLICATION])
