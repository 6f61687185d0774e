"""Who keeps departments and people, and what was written down about it."""

from typing import Any

from declarations.models import Bureau, Event, EventKind, Role, User
from tests import factories


def keeper(bureau: Bureau, role: Role, **fields: Any) -> User:
    """Somebody of the bureau in this role."""
    return factories.UserFactory.create(bureau=bureau, role=role, **fields)


def told(kind: EventKind) -> list[dict[str, Any]]:
    """What the record says of the acts of a kind, the latest first."""
    return list(Event.objects.filter(kind=kind).values_list("data", flat=True))


def everything_recorded() -> str:
    """The whole record as text, to look for what must not be in it."""
    return str(list(Event.objects.values()))
