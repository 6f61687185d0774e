"""Which connections migrate."""

from typing import Any

from django.db import connections


class OwnerMigrates:
    """Tables are made, and their history is read, by connections of their owner alone.

    So ``makemigrations`` asks the owner, too: the application may not even read the history
    before it was granted its rights.
    """

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        """Whether the connection of this name makes tables."""
        users = (connections[name].settings_dict["USER"] for name in (db, "owner"))
        return len(set(users)) == 1
