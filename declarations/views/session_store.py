"""Django's sessions in the database, in rows that say whose they are (SESSION_ENGINE).

A session ends so long after the login (SESSION_COOKIE_AGE), however much it is used.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from declarations.domain import origin
from declarations.models import Session


class SessionStore(DatabaseStore):
    """row: as it was loaded or stored last; None where there is none (yet)."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        if self.row is not None and self.row.pk == session.pk:
            known = self.row
            session.begun_at, session.expire_date = known.begun_at, known.expire_date
            session.ip, session.agent = known.ip, known.agent
            session.seen_at = timezone.now()
        else:
            session.ip, session.agent = origin.current().ip, origin.current().agent
        session.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        self.row = session
        return session

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row
