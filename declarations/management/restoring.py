"""The database from a backup: emptied, read back, and brought up to this release."""

from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.db.migrations.loader import MigrationLoader

from declarations.management import backups, postgresql
from declarations.models import Session

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IS NOT NULL AND pid <> ALL (%s)
"""


def check_version(manifest: backups.Manifest) -> None:
    """Raises CommandError where the backup is of a later release than this one."""
    known = MigrationLoader(None).graph.nodes
    if later := [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]:
        raise CommandError(f"备份来自更新的程序版本，请先升级程序。本程序没有：{'、'.join(later)}")


def database_name() -> str:
    return str(connections[postgresql.ALIAS].settings_dict["NAME"])


def check_reachable() -> None:
    """Raises CommandError where the owner or the application cannot log in: both roles must be
    there before, with their passwords, which a backup does not hold."""
    for alias in (postgresql.ALIAS, "default"):
        try:
            connections[alias].ensure_connection()
        except DatabaseError as error:
            raise CommandError(f"数据库不能连接：{error}") from None


def is_empty() -> bool:
    """Whether there is no table yet."""
    return not connections[postgresql.ALIAS].introspection.table_names()


def others_connected() -> int:
    """How many others use the database now."""
    ours = [c.connection.info.backend_pid for c in connections.all() if c.connection is not None]
    with connections[postgresql.ALIAS].cursor() as cursor:
        cursor.execute(_OTHERS, [ours])
        return int(cursor.fetchone()[0])


def empty() -> None:
    """Deletes everything that is in the database. Raises CommandError where that is not ours to do."""
    try:
        with transaction.atomic(postgresql.ALIAS), connections[postgresql.ALIAS].cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    except DatabaseError as error:
        raise CommandError(
            f"数据库不能清空：{error}\n请由数据库管理员重建空数据库后再恢复"
        ) from None


def bring_back_database(backup: Path, manifest: backups.Manifest) -> None:
    """Reads the dump, migrates it to this release and grants the application its rights.

    Sessions are deleted: one that was ended since would be open again.
    """
    postgresql.load(backup / backups.DUMP, version=manifest.dumped_by)
    call_command("migrate", verbosity=0, interactive=False)
    Session.objects.using(postgresql.ALIAS).all().delete()
